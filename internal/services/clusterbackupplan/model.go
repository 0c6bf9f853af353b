package clusterbackupplan

import (
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
	ClusterID          types.String         `tfsdk:"cluster_id"`
	VaultID            types.String         `tfsdk:"vault_id"`
	AllowSameOperator  types.Bool           `tfsdk:"allow_same_operator"`
	Schedule           types.String         `tfsdk:"schedule"`
	Retention          timetypes.GoDuration `tfsdk:"retention"`
	RPO                timetypes.GoDuration `tfsdk:"rpo"`
	Paused             types.Bool           `tfsdk:"paused"`
	IncludedNamespaces types.Set            `tfsdk:"included_namespaces"`
	ExcludedNamespaces types.Set            `tfsdk:"excluded_namespaces"`
	LabelSelector      types.Map            `tfsdk:"label_selector"`
	ClusterObjects     types.Bool           `tfsdk:"cluster_objects"`
	Secrets            types.String         `tfsdk:"secrets"`
	VolumeData         types.String         `tfsdk:"volume_data"`
	Hooks              types.List           `tfsdk:"hooks"`
	Folder             types.String         `tfsdk:"folder"`
	KeyExpiresAt       timetypes.RFC3339    `tfsdk:"key_expires_at"`
	AgentVersion       types.String         `tfsdk:"agent_version"`
	LastSuccessAt      timetypes.RFC3339    `tfsdk:"last_success_at"`
	LastBackupName     types.String         `tfsdk:"last_backup_name"`
	LastBackupItems    types.Int64          `tfsdk:"last_backup_items"`
	LastError          types.String         `tfsdk:"last_error"`
	NextRunAt          timetypes.RFC3339    `tfsdk:"next_run_at"`
	Stale              types.Bool           `tfsdk:"stale"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type hookModel struct {
	Namespace     types.String         `tfsdk:"namespace"`
	LabelSelector types.Map            `tfsdk:"label_selector"`
	Container     types.String         `tfsdk:"container"`
	Pre           types.List           `tfsdk:"pre"`
	Post          types.List           `tfsdk:"post"`
	Timeout       timetypes.GoDuration `tfsdk:"timeout"`
}

var hookType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"namespace": types.StringType, "label_selector": types.MapType{ElemType: types.StringType}, "container": types.StringType,
	"pre": types.ListType{ElemType: types.StringType}, "post": types.ListType{ElemType: types.StringType},
	"timeout": timetypes.GoDurationType{},
}}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.ClusterBackupPlanSpec {
	vault, _ := cloud.ParseID(m.VaultID.ValueString()) // What is none was refused at plan.
	s := cloud.ClusterBackupPlanSpec{
		SpecMeta: m.SpecMeta(ctx, diags), ClusterID: lifecycle.ObjectID(m.ClusterID),
		Vault:    cloud.VaultReference{Operator: vault.Operator, ID: vault.Object},
		Schedule: m.Schedule.ValueString(), Paused: m.Paused.ValueBool(), Secrets: m.Secrets.ValueString() == secretsInclude,
		VolumeData: cloud.VolumeData(m.VolumeData.ValueString()), ClusterObjects: m.ClusterObjects.ValueBool(),
		Retention: lifecycle.Duration(m.Retention, diags), RPO: lifecycle.Duration(m.RPO, diags),
		IncludedNamespaces: texts(ctx, m.IncludedNamespaces, diags), ExcludedNamespaces: texts(ctx, m.ExcludedNamespaces, diags),
		Selector: pairs(ctx, m.LabelSelector, diags),
	}
	slices.Sort(s.IncludedNamespaces)
	slices.Sort(s.ExcludedNamespaces)
	var hooks []hookModel
	if !m.Hooks.IsNull() && !m.Hooks.IsUnknown() {
		diags.Append(m.Hooks.ElementsAs(ctx, &hooks, false)...)
	}
	for _, h := range hooks {
		s.Hooks = append(s.Hooks, cloud.ClusterHook{
			Namespace: h.Namespace.ValueString(), Selector: pairs(ctx, h.LabelSelector, diags), Container: h.Container.ValueString(),
			Pre: texts(ctx, h.Pre, diags), Post: texts(ctx, h.Post, diags), Timeout: lifecycle.Duration(h.Timeout, diags),
		})
	}
	return s
}

// texts are those of a list or a set; nil for none.
func texts(ctx context.Context, v interface {
	attr.Value
	ElementsAs(ctx context.Context, target any, allowUnhandled bool) diag.Diagnostics
}, diags *diag.Diagnostics,
) (out []string) {
	if !v.IsNull() && !v.IsUnknown() {
		diags.Append(v.ElementsAs(ctx, &out, false)...)
	}
	return out
}

// pairs are those of a map; nil for none.
func pairs(ctx context.Context, v types.Map, diags *diag.Diagnostics) (out map[string]string) {
	if !v.IsNull() && !v.IsUnknown() {
		diags.Append(v.ElementsAs(ctx, &out, false)...)
	}
	return out
}

func read(ctx context.Context, operator string, v cloud.ClusterBackupPlan, a *attributes, diags *diag.Diagnostics) {
	a.ClusterID, a.VaultID = lifecycle.Reference(operator, v.ClusterID), lifecycle.Reference(v.Vault.Operator, v.Vault.ID)
	if a.AllowSameOperator.IsNull() || a.AllowSameOperator.IsUnknown() { // After an import, it is what there is.
		a.AllowSameOperator = types.BoolValue(v.Vault.Operator == operator)
	}
	a.Schedule, a.Paused = lifecycle.OptionalString(v.Schedule), types.BoolValue(v.Paused)
	a.Retention, a.RPO = lifecycle.OptionalDuration(v.Retention), lifecycle.OptionalDuration(v.RPO)
	a.Secrets, a.VolumeData = types.StringValue(secretsExclude), types.StringValue(string(v.VolumeData))
	if v.Secrets {
		a.Secrets = types.StringValue(secretsInclude)
	}
	a.IncludedNamespaces, a.ExcludedNamespaces = set(ctx, v.IncludedNamespaces, diags), set(ctx, v.ExcludedNamespaces, diags)
	if a.ExcludedNamespaces.IsNull() {
		a.ExcludedNamespaces = types.SetValueMust(types.StringType, nil)
	}
	a.LabelSelector, a.ClusterObjects = labels(ctx, v.Selector, diags), types.BoolValue(v.ClusterObjects)
	a.Hooks = hooks(ctx, v.Hooks, diags)
	a.Folder, a.AgentVersion = types.StringValue(v.Folder), lifecycle.OptionalString(v.AgentVersion)
	a.KeyExpiresAt, a.NextRunAt = lifecycle.Timestamp(v.KeyExpiresAt), lifecycle.Timestamp(v.NextRunAt)
	a.LastError, a.Stale = lifecycle.OptionalString(v.LastError), types.BoolValue(v.Stale)
	a.LastSuccessAt, a.LastBackupName, a.LastBackupItems = timetypes.NewRFC3339Null(), types.StringNull(), types.Int64Null()
	if n := v.Newest; n != nil {
		a.LastSuccessAt, a.LastBackupName = lifecycle.Timestamp(n.TakenAt), types.StringValue(n.Name)
		a.LastBackupItems = types.Int64Value(n.Items)
	}
}

func hooks(ctx context.Context, all []cloud.ClusterHook, diags *diag.Diagnostics) types.List {
	if len(all) == 0 {
		return types.ListNull(hookType)
	}
	models := make([]hookModel, len(all))
	for i, h := range all {
		models[i] = hookModel{
			Namespace: types.StringValue(h.Namespace), LabelSelector: labels(ctx, h.Selector, diags),
			Container: lifecycle.OptionalString(h.Container), Pre: command(ctx, h.Pre, diags), Post: command(ctx, h.Post, diags),
			Timeout: lifecycle.OptionalDuration(h.Timeout),
		}
	}
	out, d := types.ListValueFrom(ctx, hookType, models)
	diags.Append(d...)
	return out
}

func set(ctx context.Context, v []string, diags *diag.Diagnostics) types.Set {
	if len(v) == 0 {
		return types.SetNull(types.StringType)
	}
	out, d := types.SetValueFrom(ctx, types.StringType, v)
	diags.Append(d...)
	return out
}

func command(ctx context.Context, v []string, diags *diag.Diagnostics) types.List {
	if len(v) == 0 {
		return types.ListNull(types.StringType)
	}
	out, d := types.ListValueFrom(ctx, types.StringType, v)
	diags.Append(d...)
	return out
}

func labels(ctx context.Context, v map[string]string, diags *diag.Diagnostics) types.Map {
	if len(v) == 0 {
		return types.MapNull(types.StringType)
	}
	out, d := types.MapValueFrom(ctx, types.StringType, v)
	diags.Append(d...)
	return out
}
