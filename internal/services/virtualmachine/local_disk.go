package virtualmachine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// checkLocalDisk holds a disk on the machine's host against the sizes: it comes with the machine's size, goes with the
// machine, and has no size of its own.
func checkLocalDisk(p *lifecycle.Planning[resourceModel], disk bootDiskModel) {
	class := disk.Class.ValueString()
	if class == "" {
		class = p.Operator.Catalogue.DefaultVolumeClass
	}
	if class != cloud.LocalDisk || !known(disk.SizeGiB) || !known(p.Plan.VCPUs) || !known(p.Plan.MemoryMiB) {
		return
	}
	at := path.Root("boot_disk")
	if disk.OnDestroy.ValueString() == onDestroyRetain {
		p.Diagnostics.AddAttributeError(at.AtName("on_destroy"), "A local disk goes with its machine",
			fmt.Sprintf("It is on the host that the machine runs on, and cannot be retained. Set on_destroy = %q, or choose another class.",
				onDestroyDelete))
	}
	var have []string
	for _, f := range p.Operator.Catalogue.MachineSizes {
		if !f.VCPUs.Contains(p.Plan.VCPUs.ValueInt64()) || !f.MemoryMiB.Contains(p.Plan.MemoryMiB.ValueInt64()) {
			continue
		}
		if f.LocalDiskGiB == disk.SizeGiB.ValueInt64() {
			return
		}
		have = append(have, fmt.Sprintf("%s (%d GiB)", f.Name, f.LocalDiskGiB))
	}
	slices.Sort(have)
	p.Diagnostics.AddAttributeError(at.AtName("size_gib"),
		fmt.Sprintf("Operator %q has no size for %d vCPU and %d MiB with a local disk of %d GiB", p.Operator.Name,
			p.Plan.VCPUs.ValueInt64(), p.Plan.MemoryMiB.ValueInt64(), disk.SizeGiB.ValueInt64()),
		fmt.Sprintf("With %d vCPU and %d MiB there is: %s. Set boot_disk.size_gib to that of one of them, or boot_disk.class to a volume class, "+
			"whose disks have any size.", p.Plan.VCPUs.ValueInt64(), p.Plan.MemoryMiB.ValueInt64(), strings.Join(have, ", ")))
}
