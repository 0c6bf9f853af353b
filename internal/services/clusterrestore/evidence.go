package clusterrestore

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// evidence is what came of a restore, as the state keeps it.
type evidence struct {
	Operator      types.String      `tfsdk:"operator"`
	StartedAt     timetypes.RFC3339 `tfsdk:"started_at"`
	BackupTakenAt timetypes.RFC3339 `tfsdk:"backup_taken_at"`
	RTOSeconds    types.Int64       `tfsdk:"rto_seconds"`
	RestoredItems types.Int64       `tfsdk:"restored_items"`
	AgentPhase    types.String      `tfsdk:"agent_phase"`
	Warnings      types.Int64       `tfsdk:"warnings"`
	Errors        types.Int64       `tfsdk:"errors"`
	Namespaces    types.Map         `tfsdk:"namespaces"`
	Kinds         types.List        `tfsdk:"kinds"`
	NotReady      types.List        `tfsdk:"not_ready"`
	Notes         types.List        `tfsdk:"notes"`
}

var kindTypes = map[string]attr.Type{"kind": types.StringType, "in_backup": types.Int64Type, "restored": types.Int64Type}

// record writes down what came of a restore.
func (e *evidence) record(ctx context.Context, operator string, started time.Time, r cloud.ClusterRestored) (diags diag.Diagnostics) {
	e.Operator, e.StartedAt = types.StringValue(operator), lifecycle.Timestamp(started)
	e.RTOSeconds = types.Int64Value(int64((r.Took + time.Second - 1) / time.Second))
	e.RestoredItems, e.AgentPhase = types.Int64Value(r.Items()), lifecycle.OptionalString(r.Phase)
	e.Warnings, e.Errors = types.Int64Value(r.Warnings), types.Int64Value(r.Errors)
	e.BackupTakenAt = timetypes.NewRFC3339Null()
	if r.Backup != nil {
		e.BackupTakenAt = lifecycle.Timestamp(r.Backup.TakenAt)
	}
	texts := func(list []string) types.List {
		if list == nil {
			list = []string{}
		}
		out, d := types.ListValueFrom(ctx, types.StringType, list)
		diags.Append(d...)
		return out
	}
	e.NotReady, e.Notes = texts(r.NotReady), texts(r.Notes)
	if r.Namespaces == nil {
		r.Namespaces = map[string]string{}
	}
	var d diag.Diagnostics
	e.Namespaces, d = types.MapValueFrom(ctx, types.StringType, r.Namespaces)
	diags.Append(d...)
	kinds := make([]attr.Value, len(r.Kinds))
	for i, k := range r.Kinds {
		kinds[i] = types.ObjectValueMust(kindTypes, map[string]attr.Value{
			"kind": types.StringValue(k.Kind), "in_backup": types.Int64Value(k.InBackup), "restored": types.Int64Value(k.Restored),
		})
	}
	e.Kinds, d = types.ListValue(types.ObjectType{AttrTypes: kindTypes}, kinds)
	return append(diags, d...)
}

// evidenceAttributes are the schema of evidence.
func evidenceAttributes() map[string]schema.Attribute {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	keepNumber := []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}
	keepList := []planmodifier.List{listplanmodifier.UseStateForUnknown()}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true, PlanModifiers: keepNumber}
	}
	moment := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
		}
	}
	return map[string]schema.Attribute{
		"operator": schema.StringAttribute{
			MarkdownDescription: "The operator of the cluster and of the vault, where it was restored.", Computed: true, PlanModifiers: keep,
		},
		"started_at":      moment("When it began (RFC 3339, UTC)."),
		"backup_taken_at": moment("When the cluster was as it is in the backup (RFC 3339, UTC); null if there was none."),
		"rto_seconds":     number("How long it took until all of it was restored and ready, in seconds."),
		"restored_items":  number("How many objects of the restore are in the cluster."),
		"agent_phase": schema.StringAttribute{
			MarkdownDescription: "What Velero calls it. It decides nothing: `PartiallyFailed` may be all, or nothing.", Computed: true,
			PlanModifiers: keep,
		},
		"warnings": number("How many warnings Velero has counted."),
		"errors":   number("How many errors Velero has counted."),
		"namespaces": schema.MapAttribute{
			MarkdownDescription: "What was restored into, by the namespaces of the backup.", ElementType: types.StringType, Computed: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.UseStateForUnknown()},
		},
		"kinds": schema.ListNestedAttribute{
			MarkdownDescription: "How much of each kind was restored. Of some, such as events, Velero restores none; `default` service " +
				"accounts and others that Kubernetes itself makes are not counted.", Computed: true,
			PlanModifiers: keepList,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"kind":      schema.StringAttribute{MarkdownDescription: "Such as `apps/v1/Deployment`.", Computed: true},
				"in_backup": schema.Int64Attribute{MarkdownDescription: "How many are in the backup.", Computed: true},
				"restored":  schema.Int64Attribute{MarkdownDescription: "How many of the restore are in the cluster.", Computed: true},
			}},
		},
		"not_ready": schema.ListAttribute{
			MarkdownDescription: "Workloads that did not become ready, and what was missing.", ElementType: types.StringType, Computed: true,
			PlanModifiers: keepList,
		},
		"notes": schema.ListAttribute{
			MarkdownDescription: "What was odd and did no harm.", ElementType: types.StringType, Computed: true, PlanModifiers: keepList,
		},
	}
}
