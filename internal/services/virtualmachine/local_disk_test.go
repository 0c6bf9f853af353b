package virtualmachine

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestLocalDisk holds disks on the machine's host against the sizes that come with one.
func TestLocalDisk(t *testing.T) {
	only := func(n int64) cloud.Range { return cloud.Range{Min: n, Max: n, Step: 1} }
	op := &cloud.Operator{Name: "lnb", Catalogue: cloud.Catalogue{MachineSizes: []cloud.MachineSize{
		{Name: "m1.nano", VCPUs: only(1), MemoryMiB: only(2048)},
		{Name: "m1.small", VCPUs: only(1), MemoryMiB: only(2048), LocalDiskGiB: 20},
		{Name: "m1.large", VCPUs: only(4), MemoryMiB: only(8192), LocalDiskGiB: 80},
	}}}
	for name, c := range map[string]struct {
		size             int64
		class, onDestroy string
		at, summary      string
	}{
		"the size's own": {size: 20, class: cloud.LocalDisk, onDestroy: onDestroyDelete},
		"a volume":       {size: 30, class: "standard", onDestroy: onDestroyRetain},
		"another size": {size: 30, class: cloud.LocalDisk, onDestroy: onDestroyDelete, at: "boot_disk.size_gib",
			summary: `Operator "lnb" has no size for 1 vCPU and 2048 MiB with a local disk of 30 GiB`},
		"one that is to stay": {size: 20, class: cloud.LocalDisk, onDestroy: onDestroyRetain, at: "boot_disk.on_destroy",
			summary: "A local disk goes with its machine"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &planned{Operator: op, Plan: &resourceModel{}}
			p.Plan.VCPUs, p.Plan.MemoryMiB = types.Int64Value(1), types.Int64Value(2048)
			checkLocalDisk(p, bootDiskModel{
				SizeGiB: types.Int64Value(c.size), Class: types.StringValue(c.class), OnDestroy: types.StringValue(c.onDestroy),
			})
			switch {
			case c.summary == "" && len(p.Diagnostics) == 0:
			case c.summary == "" || len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary() != c.summary:
				t.Errorf("got %v; want %q", p.Diagnostics, c.summary)
			case p.Diagnostics[0].(diag.DiagnosticWithPath).Path().String() != c.at:
				t.Errorf("it is at %v; want %s", p.Diagnostics[0], c.at)
			}
		})
	}
}
