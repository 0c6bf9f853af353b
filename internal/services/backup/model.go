package backup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	PlanID         types.String `tfsdk:"plan_id"`
	RecoveryPoints types.List   `tfsdk:"recovery_points"`
}

type resourceModel struct {
	attributes
	Keepers         types.Map      `tfsdk:"keepers"`
	EncryptionKeyWO types.String   `tfsdk:"encryption_key_wo"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func spec(ctx context.Context, m, config *resourceModel, diags *diag.Diagnostics) cloud.BackupSpec {
	return cloud.BackupSpec{
		SpecMeta: m.SpecMeta(ctx, diags), PlanID: lifecycle.ObjectID(m.PlanID), Key: lifecycle.BackupKey(config.EncryptionKeyWO),
	}
}

func read(ctx context.Context, operator string, b cloud.Backup, a *attributes, diags *diag.Diagnostics) {
	a.PlanID = lifecycle.Reference(operator, b.PlanID)
	if !b.State.Settled() {
		a.RecoveryPoints = types.ListNull(lifecycle.RecoveryPointType) // Those that are there are not all.
		return
	}
	points := make([]lifecycle.RecoveryPoint, len(b.RecoveryPoints))
	for i, p := range b.RecoveryPoints {
		points[i] = lifecycle.NewRecoveryPoint(operator, p)
	}
	var d diag.Diagnostics
	a.RecoveryPoints, d = types.ListValueFrom(ctx, lifecycle.RecoveryPointType, points)
	diags.Append(d...)
}
