package virtualmachine

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func TestSizeTexts(t *testing.T) {
	stepped := []cloud.MachineSize{{Name: "general",
		VCPUs: cloud.Range{Min: 1, Max: 32, Step: 1}, MemoryMiB: cloud.Range{Min: 1024, Max: 131072, Step: 1024}}}
	op := testOperator(nil)
	for _, c := range []struct {
		name             string
		families         []cloud.MachineSize
		vcpus, memoryMiB int64
		at, summary      string
		detail           string
	}{
		{"between two fixed ones", op.Catalogue.MachineSizes, 3, 6144, "vcpus",
			`Operator "lnb" has no size for 3 vCPU and 6144 MiB`,
			"lnb offers fixed sizes. The nearest are m1.medium (2 vCPU, 4096 MiB) and m1.large (4 vCPU, 8192 MiB).\n" +
				"Set vcpus and memory_mib to one of them; data.vdam_machine_sizes lists all of them."},
		{"memory alone", op.Catalogue.MachineSizes, 2, 5000, "memory_mib",
			`Operator "lnb" has no size for 2 vCPU and 5000 MiB`,
			"lnb offers fixed sizes. The nearest are m1.medium (2 vCPU, 4096 MiB) and m1.large (4 vCPU, 8192 MiB).\n" +
				"Set vcpus and memory_mib to one of them; data.vdam_machine_sizes lists all of them."},
		{"too large", op.Catalogue.MachineSizes, 64, 262144, "vcpus",
			`Operator "lnb" has no size for 64 vCPU and 262144 MiB`,
			"lnb offers fixed sizes. The nearest are m1.medium (2 vCPU, 4096 MiB) and m1.large (4 vCPU, 8192 MiB).\n" +
				"Set vcpus and memory_mib to one of them; data.vdam_machine_sizes lists all of them."},
		{"off a step", stepped, 3, 6000, "memory_mib",
			`Operator "lnb" has no size for 3 vCPU and 6000 MiB`,
			"lnb offers sizes in steps. The nearest are general (3 vCPU, 5120 MiB) and general (3 vCPU, 6144 MiB).\n" +
				"Set vcpus and memory_mib to one of them; data.vdam_machine_sizes lists all of them."},
		{"beyond a range", stepped, 64, 131072, "vcpus",
			`Operator "lnb" has no size for 64 vCPU and 131072 MiB`,
			"lnb offers sizes in steps. The nearest is general (32 vCPU, 131072 MiB).\n" +
				"Set vcpus and memory_mib to it; data.vdam_machine_sizes lists all of them."},
	} {
		t.Run(c.name, func(t *testing.T) {
			op.Catalogue.MachineSizes = c.families
			var diags diag.Diagnostics
			checkSize(op, c.vcpus, c.memoryMiB, &diags)
			wantOne(t, diags, c.at, c.summary, c.detail)
		})
	}
	for name, families := range map[string][]cloud.MachineSize{"offered": stepped, "nothing listed": nil} {
		op.Catalogue.MachineSizes = families
		var diags diag.Diagnostics
		if checkSize(op, 4, 8192, &diags); len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
	}
}
