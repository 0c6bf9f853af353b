package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Restorable are the parts of a model that a restore concerns.
type Restorable struct {
	// Noun is the kind in messages, which has a volume, or is one.
	Noun string
	// BootDisk says that the volume is a machine's: what is restored may be named by the machine.
	BootDisk              bool
	Operator, Name        types.String
	RestoreFrom, Restored types.Object
	// SizeGiB is the volume's, and SizeAt where that is.
	SizeGiB types.Int64
	SizeAt  path.Path
}

// PlanRestore refuses a restore that cannot be, as far as it can be seen. It returns what the plan knows of the
// result.
func PlanRestore[M any](ctx context.Context, p *Planning[M], parts func(*M) Restorable) types.Object {
	plan, state := parts(p.Plan), (*Restorable)(nil)
	if p.State != nil {
		s := parts(p.State)
		state = &s
	}
	r := restorePlan[M]{p, plan, state}
	if r.refuseUnknown(ctx); p.Diagnostics.HasError() {
		return plan.Restored
	}
	if state == nil && plan.RestoreFrom.IsNull() {
		return types.ObjectNull(restoredTypes)
	}
	fresh := state == nil || !state.Operator.Equal(plan.Operator) || RestoresAnother(ctx, state.Restored, plan.RestoreFrom)
	if from, ok := restoreFrom(ctx, plan.RestoreFrom, &p.Diagnostics); ok && fresh {
		r.check(ctx, from)
	}
	return plan.Restored
}

type restorePlan[M any] struct {
	*Planning[M]

	plan Restorable
	// state is nil when the object is to be made.
	state *Restorable
}

// refuseUnknown keeps what was restored from giving way to something that nobody knows yet. It may be the only copy that is
// left, and what is unknown the very volume whose loss it was restored after.
func (r restorePlan[M]) refuseUnknown(ctx context.Context) {
	if r.state == nil || r.state.Restored.IsNull() || !r.state.Operator.Equal(r.plan.Operator) {
		return
	}
	at, unknown := path.Root("restore_from"), r.plan.RestoreFrom.IsUnknown()
	from, _ := restoreFrom(ctx, r.plan.RestoreFrom, &r.Diagnostics)
	switch {
	case from.VaultID.IsUnknown():
		at, unknown = at.AtName("vault_id"), true
	case from.SourceID.IsUnknown():
		at, unknown = at.AtName("source_id"), true
	case from.RecoveryPointID.IsUnknown():
		at, unknown = at.AtName("recovery_point_id"), true
	}
	if unknown {
		r.Diagnostics.AddAttributeError(at,
			fmt.Sprintf("%s is not known yet, and %s %q holds what was restored", at, r.plan.Noun, r.state.Name.ValueString()),
			fmt.Sprintf("Another content would be another %[1]s, and what this one holds be lost. Apply first what it refers to, write its id "+
				"down, or take restore_from away: then the %[1]s stays as it is.", lastWord(r.plan.Noun)))
	}
}

// check holds a restore against the operators.
func (r restorePlan[M]) check(ctx context.Context, from restoreModel) {
	at := path.Root("restore_from")
	switch op := r.Operator; {
	case op == nil:
	case r.plan.BootDisk && op.Capabilities.BackupsRunHere:
		r.Diagnostics.AddAttributeError(at, op.Name+" fills no boot disk from a recovery point",
			"There, the machine that runs Terraform restores, and into volumes alone. Take restore_from and boot_disk away, restore a "+
				"vdam_storage_volume with the same restore_from, and set boot_volume_id to its id.")
		return
	case !op.Capabilities.Offers(cloud.KindBackupVault):
		r.Diagnostics.AddAttributeError(at,
			fmt.Sprintf("%s keeps no backup vaults, so no %s can be restored there", op.Name, lastWord(r.plan.Noun)),
			OfferedBy(ctx, r.Federation, cloud.KindBackupVault))
		return
	case op.BackupPlans == nil && op.Capabilities.Kinds[cloud.KindBackupVault].Configured:
		r.Diagnostics.AddAttributeError(at,
			fmt.Sprintf("%s makes no backups, so no %s can be restored there", op.Name, lastWord(r.plan.Noun)),
			"What it has are buckets that the provider block configures. Have a bucket configured at an operator that makes backups, and "+
				"restore there.")
		return
	}
	CheckReference(&r.Diagnostics, at.AtName("vault_id"), r.plan.Operator.ValueString(), "backup vault", from.VaultID)
	noun := "storage volume"
	if r.plan.BootDisk {
		noun = "virtual machine or storage volume"
	}
	if CheckReference(&r.Diagnostics, at.AtName("source_id"), "", noun, from.SourceID) {
		r.checkSize(ctx, from)
	}
}

// checkSize asks the plans of the source's operator how large its newest recovery point is. If that operator is down, the
// size is found to be too small only when the vault is read.
func (r restorePlan[M]) checkSize(ctx context.Context, from restoreModel) {
	source, _ := cloud.ParseID(from.SourceID.ValueString())
	if r.plan.SizeGiB.IsUnknown() || r.plan.SizeGiB.IsNull() || !r.Federation.Has(source.Operator) || from.VaultID.IsUnknown() {
		return
	}
	Glance(ctx, r.Federation, source.Operator, func(ctx context.Context, op *cloud.Operator) {
		if op.BackupPlans == nil {
			return
		}
		volumeID := source.Object
		if r.plan.BootDisk {
			if machine, err := op.VirtualMachines.Get(ctx, volumeID); err == nil {
				volumeID = machine.BootVolumeID
			}
		}
		for plan, err := range op.BackupPlans.List(ctx, cloud.ListOptions{}) {
			if err != nil {
				return
			}
			if plan.Vault.ID != ObjectID(from.VaultID) {
				continue
			}
			for _, v := range plan.Protected {
				if v.VolumeID == volumeID && v.Newest != nil {
					r.refuseSmaller(v.Newest)
				}
			}
		}
	})
}

func (r restorePlan[M]) refuseSmaller(newest *cloud.RecoveryPoint) {
	const gib = 1 << 30
	needed := (newest.SizeBytes + gib - 1) / gib
	if r.plan.SizeGiB.ValueInt64() >= needed {
		return
	}
	has := "volume"
	if r.plan.BootDisk {
		has = "boot disk"
	}
	r.Diagnostics.AddAttributeError(r.plan.SizeAt,
		fmt.Sprintf("What is to be restored has %d GiB, and the %s %d", needed, has, r.plan.SizeGiB.ValueInt64()),
		fmt.Sprintf("Set %s to %d or more. The recovery point stays as it is.", r.plan.SizeAt, needed))
}

// lastWord is what a noun is called for short.
func lastWord(noun string) string { return noun[strings.LastIndex(noun, " ")+1:] }
