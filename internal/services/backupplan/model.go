package backupplan

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	Sources           types.Set            `tfsdk:"sources"`
	VaultID           types.String         `tfsdk:"vault_id"`
	AllowSameOperator types.Bool           `tfsdk:"allow_same_operator"`
	Schedule          types.String         `tfsdk:"schedule"`
	Retention         timetypes.GoDuration `tfsdk:"retention"`
	RPO               timetypes.GoDuration `tfsdk:"rpo"`
	Paused            types.Bool           `tfsdk:"paused"`
	Consistency       types.String         `tfsdk:"consistency"`
	KeyFingerprint    types.String         `tfsdk:"key_fingerprint"`
	LastSuccessAt     timetypes.RFC3339    `tfsdk:"last_success_at"`
	LastError         types.String         `tfsdk:"last_error"`
	NextRunAt         timetypes.RFC3339    `tfsdk:"next_run_at"`
	Stale             types.Bool           `tfsdk:"stale"`
	Protected         types.List           `tfsdk:"protected"`
	LastDrill         types.Object         `tfsdk:"last_drill"`
}

// resourceModel has besides what no operator answers: the key is handed over and never read back.
type resourceModel struct {
	attributes
	EncryptionKeyWO        types.String   `tfsdk:"encryption_key_wo"`
	EncryptionKeyWOVersion types.Int64    `tfsdk:"encryption_key_wo_version"`
	Timeouts               timeouts.Value `tfsdk:"timeouts"`
}

type protectedModel struct {
	VolumeID         types.String             `tfsdk:"volume_id"`
	Name             types.String             `tfsdk:"name"`
	VirtualMachineID types.String             `tfsdk:"virtual_machine_id"`
	Newest           *lifecycle.RecoveryPoint `tfsdk:"newest"`
}

var protectedType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"volume_id": types.StringType, "name": types.StringType, "virtual_machine_id": types.StringType,
	"newest": lifecycle.RecoveryPointType,
}}

func spec(ctx context.Context, m, config *resourceModel, diags *diag.Diagnostics) cloud.BackupPlanSpec {
	vault, _ := cloud.ParseID(m.VaultID.ValueString()) // What is none was refused at plan.
	s := cloud.BackupPlanSpec{
		SpecMeta: m.SpecMeta(ctx, diags),
		Vault:    cloud.VaultReference{Operator: vault.Operator, ID: vault.Object},
		Key:      lifecycle.BackupKey(config.EncryptionKeyWO),
		Schedule: m.Schedule.ValueString(), Paused: m.Paused.ValueBool(),
		Retention: lifecycle.Duration(m.Retention, diags), RPO: lifecycle.Duration(m.RPO, diags),
		Consistency: cloud.Consistency(m.Consistency.ValueString()),
	}
	// A key is another one when its version is, whatever it is: of the one that is at the operator nobody has the value.
	if !m.KeyFingerprint.IsNull() && !m.KeyFingerprint.IsUnknown() {
		s.Key.Fingerprint = m.KeyFingerprint.ValueString()
	}
	for _, v := range m.Sources.Elements() {
		if source, ok := v.(types.String); ok {
			s.Sources = append(s.Sources, lifecycle.ObjectID(source))
		}
	}
	slices.Sort(s.Sources)
	return s
}

func read(ctx context.Context, operator string, v cloud.BackupPlan, a *attributes, diags *diag.Diagnostics) {
	sources := make([]attr.Value, len(v.Sources))
	for i, id := range v.Sources {
		sources[i] = lifecycle.Reference(operator, id)
	}
	var d diag.Diagnostics
	a.Sources, d = types.SetValue(types.StringType, sources)
	diags.Append(d...)
	a.VaultID = lifecycle.Reference(v.Vault.Operator, v.Vault.ID)
	if a.AllowSameOperator.IsNull() || a.AllowSameOperator.IsUnknown() { // After an import, it is what there is.
		a.AllowSameOperator = types.BoolValue(v.Vault.Operator == operator)
	}
	a.Schedule = lifecycle.OptionalString(v.Schedule)
	a.Retention, a.RPO = lifecycle.OptionalDuration(v.Retention), lifecycle.OptionalDuration(v.RPO)
	a.Paused, a.KeyFingerprint = types.BoolValue(v.Paused), types.StringValue(v.KeyFingerprint)
	// An operator that does not tell knows no other.
	a.Consistency = types.StringValue(string(cmp.Or(v.Consistency, cloud.ConsistencyCrash)))
	a.LastSuccessAt, a.NextRunAt = lifecycle.Timestamp(v.LastSuccessAt), lifecycle.Timestamp(v.NextRunAt)
	a.LastError, a.Stale = lifecycle.OptionalString(v.LastError), types.BoolValue(v.Stale)
	protected := make([]protectedModel, len(v.Protected))
	for i, p := range v.Protected {
		protected[i] = protectedModel{
			VolumeID: lifecycle.Reference(operator, p.VolumeID), Name: types.StringValue(p.Name),
			VirtualMachineID: lifecycle.Reference(operator, p.VirtualMachineID),
		}
		if p.Newest != nil {
			newest := lifecycle.NewRecoveryPoint(operator, *p.Newest)
			protected[i].Newest = &newest
		}
	}
	a.Protected, d = types.ListValueFrom(ctx, protectedType, protected)
	diags.Append(d...)
	a.LastDrill, d = types.ObjectValueFrom(ctx, lifecycle.DrillType.AttrTypes, lifecycle.NewDrill(v.LastDrill))
	diags.Append(d...)
}
