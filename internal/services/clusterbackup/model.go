package clusterbackup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	PlanID     types.String      `tfsdk:"plan_id"`
	BackupName types.String      `tfsdk:"backup_name"`
	TakenAt    timetypes.RFC3339 `tfsdk:"taken_at"`
	Items      types.Int64       `tfsdk:"items"`
	Warnings   types.Int64       `tfsdk:"warnings"`
}

type resourceModel struct {
	attributes
	Keepers  types.Map      `tfsdk:"keepers"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.ClusterBackupSpec {
	return cloud.ClusterBackupSpec{SpecMeta: m.SpecMeta(ctx, diags), PlanID: lifecycle.ObjectID(m.PlanID)}
}

func read(_ context.Context, operator string, b cloud.ClusterBackup, a *attributes, _ *diag.Diagnostics) {
	a.PlanID = lifecycle.Reference(operator, b.PlanID)
	a.BackupName, a.TakenAt, a.Items, a.Warnings = types.StringNull(), timetypes.NewRFC3339Null(), types.Int64Null(), types.Int64Null()
	if p := b.RecoveryPoint; p != nil {
		a.BackupName, a.TakenAt, a.Items = types.StringValue(p.Name), lifecycle.Timestamp(p.TakenAt), types.Int64Value(p.Items)
		a.Warnings = types.Int64Value(b.Warnings)
	}
}
