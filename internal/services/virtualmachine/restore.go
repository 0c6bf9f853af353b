package virtualmachine

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// planRestore refuses a boot disk that is made of nothing, and one that cannot be restored.
func planRestore(ctx context.Context, p *lifecycle.Planning[resourceModel], disk bootDiskModel) {
	p.Plan.Restored = lifecycle.PlanRestore(ctx, p, func(m *resourceModel) lifecycle.Restorable {
		return lifecycle.Restorable{
			Noun: "virtual machine", BootDisk: true, Operator: m.Operator, Name: m.Name, RestoreFrom: m.RestoreFrom, Restored: m.Restored,
			SizeGiB: disk.SizeGiB, SizeAt: path.Root("boot_disk").AtName("size_gib"),
		}
	})
	if !known(p.Plan.BootDisk) || !p.Config.Image.IsNull() || !p.Config.RestoreFrom.IsNull() {
		return
	}
	// What a disk was restored from need not be said for ever.
	if !replaces(ctx, p) && !p.State.Restored.IsNull() {
		return
	}
	p.Diagnostics.AddAttributeError(path.Root("boot_disk"),
		fmt.Sprintf("Nothing says what the boot disk of virtual machine %q is made of", p.Plan.Name.ValueString()),
		"Set image, or restore_from to fill it from a recovery point; or boot_volume_id in the place of boot_disk to boot a volume that exists.")
}
