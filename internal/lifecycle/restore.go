package lifecycle

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type restoreModel struct {
	VaultID         types.String `tfsdk:"vault_id"`
	EncryptionKeyWO types.String `tfsdk:"encryption_key_wo"`
	RecoveryPointID types.String `tfsdk:"recovery_point_id"`
	SourceID        types.String `tfsdk:"source_id"`
}

type restoredModel struct {
	RecoveryPointID        types.String      `tfsdk:"recovery_point_id"`
	SourceVolumeID         types.String      `tfsdk:"source_volume_id"`
	SourceVirtualMachineID types.String      `tfsdk:"source_virtual_machine_id"`
	TakenAt                timetypes.RFC3339 `tfsdk:"taken_at"`
	TreeSHA256             types.String      `tfsdk:"tree_sha256"`
	VaultID                types.String      `tfsdk:"vault_id"`
}

var restoreTypes = map[string]attr.Type{
	"vault_id": types.StringType, "encryption_key_wo": types.StringType, "recovery_point_id": types.StringType, "source_id": types.StringType,
}

var restoredTypes = map[string]attr.Type{
	"recovery_point_id": types.StringType, "source_volume_id": types.StringType, "source_virtual_machine_id": types.StringType,
	"taken_at": timetypes.RFC3339Type{}, "tree_sha256": types.StringType, "vault_id": types.StringType,
}

// NoRestoreFrom is a restore_from that is not there.
func NoRestoreFrom() types.Object { return types.ObjectNull(restoreTypes) }

// restoreFrom decodes what a volume is to be filled with; ok is false if that is nothing, or not known yet.
func restoreFrom(ctx context.Context, o types.Object, diags *diag.Diagnostics) (m restoreModel, ok bool) {
	if o.IsNull() || o.IsUnknown() {
		return m, false
	}
	diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
	return m, true
}

// RestoreTimeout leaves a restore the time that bytes take, and all else the usual.
func RestoreTimeout(from types.Object) time.Duration {
	if from.IsNull() {
		return 0
	}
	return BytesTimeout
}

// RestoreSpec is the specification of a restore_from, whose key is in the configuration alone; nil for none.
func RestoreSpec(ctx context.Context, from, config types.Object, diags *diag.Diagnostics) *cloud.RestoreFrom {
	m, ok := restoreFrom(ctx, from, diags)
	if !ok {
		return nil
	}
	secret, _ := restoreFrom(ctx, config, diags)
	return &cloud.RestoreFrom{
		VaultID: ObjectID(m.VaultID), Key: BackupKey(secret.EncryptionKeyWO).Value,
		RecoveryPointID: m.RecoveryPointID.ValueString(), VolumeID: ObjectID(m.SourceID),
	}
}

// Restored is what an operator answers of a restore; null where there was none.
func Restored(ctx context.Context, operator string, r *cloud.Restored, diags *diag.Diagnostics) types.Object {
	if r == nil {
		return types.ObjectNull(restoredTypes)
	}
	o, d := types.ObjectValueFrom(ctx, restoredTypes, restoredModel{
		RecoveryPointID: types.StringValue(r.RecoveryPointID), SourceVolumeID: OptionalString(r.VolumeID),
		SourceVirtualMachineID: OptionalString(r.VirtualMachineID),
		TakenAt:                Timestamp(r.TakenAt), TreeSHA256: OptionalString(r.TreeSHA256),
		VaultID: Reference(operator, r.VaultID),
	})
	diags.Append(d...)
	return o
}

// RestoresAnother reports whether something would have to be made anew to hold what restore_from asks for. What it holds
// already may be written down later, or in other words, and need not be written down for ever.
func RestoresAnother(ctx context.Context, restored, from types.Object) bool {
	if from.IsNull() {
		return false
	}
	var diags diag.Diagnostics
	wanted, ok := restoreFrom(ctx, from, &diags)
	if !ok || restored.IsNull() || restored.IsUnknown() {
		return true
	}
	var is restoredModel
	diags.Append(restored.As(ctx, &is, basetypes.ObjectAsOptions{})...)
	source := ObjectID(wanted.SourceID)
	same := wanted.RecoveryPointID.Equal(is.RecoveryPointID) ||
		source != "" && (source == is.SourceVolumeID.ValueString() || source == is.SourceVirtualMachineID.ValueString())
	return diags.HasError() || !same || !wanted.VaultID.Equal(is.VaultID)
}
