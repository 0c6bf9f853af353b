package storagevolume

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type restoreModel struct {
	VaultID         types.String `tfsdk:"vault_id"`
	EncryptionKeyWO types.String `tfsdk:"encryption_key_wo"`
	RecoveryPointID types.String `tfsdk:"recovery_point_id"`
	SourceID        types.String `tfsdk:"source_id"`
}

type restoredModel struct {
	RecoveryPointID types.String      `tfsdk:"recovery_point_id"`
	SourceVolumeID  types.String      `tfsdk:"source_volume_id"`
	TakenAt         timetypes.RFC3339 `tfsdk:"taken_at"`
	TreeSHA256      types.String      `tfsdk:"tree_sha256"`
	VaultID         types.String      `tfsdk:"vault_id"`
}

var restoreTypes = map[string]attr.Type{
	"vault_id": types.StringType, "encryption_key_wo": types.StringType, "recovery_point_id": types.StringType, "source_id": types.StringType,
}

var restoredTypes = map[string]attr.Type{
	"recovery_point_id": types.StringType, "source_volume_id": types.StringType, "taken_at": timetypes.RFC3339Type{},
	"tree_sha256": types.StringType, "vault_id": types.StringType,
}

// restoreFrom decodes what a volume is to be filled with; ok is false if that is nothing, or not known yet.
func restoreFrom(ctx context.Context, o types.Object, diags *diag.Diagnostics) (m restoreModel, ok bool) {
	if o.IsNull() || o.IsUnknown() {
		return m, false
	}
	diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
	return m, true
}

// timeout leaves a restore the time that bytes take.
func timeout(m *resourceModel) time.Duration {
	if m.RestoreFrom.IsNull() {
		return 0
	}
	return lifecycle.BytesTimeout
}

func restoreSpec(ctx context.Context, m, config *resourceModel, diags *diag.Diagnostics) *cloud.RestoreFrom {
	from, ok := restoreFrom(ctx, m.RestoreFrom, diags)
	if !ok {
		return nil
	}
	secret, _ := restoreFrom(ctx, config.RestoreFrom, diags)
	return &cloud.RestoreFrom{
		VaultID: lifecycle.ObjectID(from.VaultID), Key: lifecycle.BackupKey(secret.EncryptionKeyWO).Value,
		RecoveryPointID: from.RecoveryPointID.ValueString(), VolumeID: lifecycle.ObjectID(from.SourceID),
	}
}

func readRestored(ctx context.Context, operator string, r *cloud.Restored, a *attributes, diags *diag.Diagnostics) {
	a.Restored = types.ObjectNull(restoredTypes)
	if r == nil {
		return
	}
	var d diag.Diagnostics
	a.Restored, d = types.ObjectValueFrom(ctx, restoredTypes, restoredModel{
		RecoveryPointID: types.StringValue(r.RecoveryPointID), SourceVolumeID: lifecycle.OptionalString(r.VolumeID),
		TakenAt: lifecycle.Timestamp(r.TakenAt), TreeSHA256: lifecycle.OptionalString(r.TreeSHA256),
		VaultID: lifecycle.Reference(operator, r.VaultID),
	})
	diags.Append(d...)
}

// restoresAnother reports whether a volume would have to be made anew to hold what restore_from asks for. What it holds
// already may be written down later, or in other words, and need not be written down for ever.
func restoresAnother(ctx context.Context, state, plan *resourceModel) bool {
	if plan.RestoreFrom.IsNull() {
		return false
	}
	var diags diag.Diagnostics
	wanted, ok := restoreFrom(ctx, plan.RestoreFrom, &diags)
	if !ok || state.Restored.IsNull() || state.Restored.IsUnknown() {
		return true
	}
	var is restoredModel
	diags.Append(state.Restored.As(ctx, &is, basetypes.ObjectAsOptions{})...)
	source := lifecycle.ObjectID(wanted.SourceID)
	same := wanted.RecoveryPointID.Equal(is.RecoveryPointID) || source != "" && source == is.SourceVolumeID.ValueString()
	return diags.HasError() || !same || !wanted.VaultID.Equal(is.VaultID)
}

// refuseUnknown keeps a volume that was restored from giving way to something that nobody knows yet. It may be the only copy
// that is left, and what is unknown the very volume whose loss it was restored after.
func refuseUnknown(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	if p.State == nil || p.State.Restored.IsNull() || !p.State.Operator.Equal(p.Plan.Operator) {
		return
	}
	at, unknown := path.Root("restore_from"), p.Plan.RestoreFrom.IsUnknown()
	from, _ := restoreFrom(ctx, p.Plan.RestoreFrom, &p.Diagnostics)
	switch {
	case from.VaultID.IsUnknown():
		at, unknown = at.AtName("vault_id"), true
	case from.SourceID.IsUnknown():
		at, unknown = at.AtName("source_id"), true
	case from.RecoveryPointID.IsUnknown():
		at, unknown = at.AtName("recovery_point_id"), true
	}
	if unknown {
		p.Diagnostics.AddAttributeError(at,
			fmt.Sprintf("%s is not known yet, and storage volume %q holds what was restored", at, p.State.Name.ValueString()),
			"Another content would be another volume, and what this one holds be lost. Apply first what it refers to, write its id down, or "+
				"take restore_from away: then the volume stays as it is.")
	}
}

// planRestore refuses a restore that cannot be, as far as it can be seen.
func planRestore(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	if refuseUnknown(ctx, p); p.Diagnostics.HasError() {
		return
	}
	fresh := p.State == nil || !p.State.Operator.Equal(p.Plan.Operator) || restoresAnother(ctx, p.State, p.Plan)
	if p.State == nil && p.Plan.RestoreFrom.IsNull() {
		p.Plan.Restored = types.ObjectNull(restoredTypes)
	}
	from, ok := restoreFrom(ctx, p.Plan.RestoreFrom, &p.Diagnostics)
	if !ok || !fresh {
		return
	}
	at := path.Root("restore_from")
	if op := p.Operator; op != nil && !op.Capabilities.Offers(cloud.KindBackupVault) {
		p.Diagnostics.AddAttributeError(at, op.Name+" keeps no backup vaults, so no volume can be restored there",
			lifecycle.OfferedBy(ctx, p.Federation, cloud.KindBackupVault))
		return
	}
	lifecycle.CheckReference(&p.Diagnostics, at.AtName("vault_id"), p.Plan.Operator.ValueString(), "backup vault", from.VaultID)
	if lifecycle.CheckReference(&p.Diagnostics, at.AtName("source_id"), "", "storage volume", from.SourceID) {
		checkRestoredSize(ctx, p, from)
	}
}

// checkRestoredSize asks the plans of the volume's operator how large its newest recovery point is. If that operator is
// down, the size is found to be too small only when the vault is read.
func checkRestoredSize(ctx context.Context, p *lifecycle.Planning[resourceModel], from restoreModel) {
	source, _ := cloud.ParseID(from.SourceID.ValueString())
	if p.Plan.SizeGiB.IsUnknown() || !p.Federation.Has(source.Operator) || from.VaultID.IsUnknown() {
		return
	}
	lifecycle.Glance(ctx, p.Federation, source.Operator, func(ctx context.Context, op *cloud.Operator) {
		if op.BackupPlans == nil {
			return
		}
		for plan, err := range op.BackupPlans.List(ctx, cloud.ListOptions{}) {
			if err != nil {
				return
			}
			if plan.Vault.ID != lifecycle.ObjectID(from.VaultID) {
				continue
			}
			for _, v := range plan.Protected {
				if v.VolumeID == source.Object && v.Newest != nil {
					refuseSmaller(p, v.Newest)
				}
			}
		}
	})
}

func refuseSmaller(p *lifecycle.Planning[resourceModel], newest *cloud.RecoveryPoint) {
	const gib = 1 << 30
	needed := (newest.SizeBytes + gib - 1) / gib
	if p.Plan.SizeGiB.ValueInt64() >= needed {
		return
	}
	p.Diagnostics.AddAttributeError(path.Root("size_gib"),
		fmt.Sprintf("What is to be restored has %d GiB, and the volume %d", needed, p.Plan.SizeGiB.ValueInt64()),
		fmt.Sprintf("Set size_gib to %d or more. The recovery point stays as it is.", needed))
}
