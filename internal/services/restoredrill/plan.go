package restoredrill

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// ModifyPlan refuses what there can be no drill of.
func (r *drillResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, "restore drill", &resp.Diagnostics)
	if req.Plan.Raw.IsNull() || r.federation == nil {
		return
	}
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() || !plan.StartedAt.IsUnknown() {
		return
	}
	checkAge(plan.MaximumAge, &resp.Diagnostics)
	if !plan.PlanID.IsUnknown() && r.federation.Known() {
		sourceOf(ctx, r.federation, plan.PlanID, &resp.Diagnostics)
	}
}

// checkAge refuses an age that nothing can have.
func checkAge(maximum timetypes.GoDuration, diags *diag.Diagnostics) {
	if maximum.IsNull() || maximum.IsUnknown() {
		return
	}
	age, problems := maximum.ValueGoDuration()
	if diags.Append(problems...); !problems.HasError() && age <= 0 {
		diags.AddAttributeError(path.Root("maximum_age"), fmt.Sprintf("No recovery point is younger than %s", age),
			"Set maximum_age to how old the newest one may be, such as 26h.")
	}
}

// sourceOf is the operator of a plan.
func sourceOf(
	ctx context.Context, f *cloud.Federation, reference types.String, diags *diag.Diagnostics,
) (op *cloud.Operator, id cloud.ID, ok bool) {
	at := path.Root("plan_id")
	if op, id, ok = lifecycle.OpenReferred(ctx, f, at, reference, cloud.KindBackupPlan, "backup plan", diags); !ok {
		return nil, id, false
	}
	if op.BackupPlans == nil {
		diags.AddAttributeError(at, op.Name+" makes no backups", "Choose a plan of another operator.")
		return nil, id, false
	}
	return op, id, true
}
