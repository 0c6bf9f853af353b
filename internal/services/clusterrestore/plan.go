package clusterrestore

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// ModifyPlan refuses what there can be no drill of.
func (r *drillResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, drillOf, &resp.Diagnostics)
	if req.Plan.Raw.IsNull() || r.federation == nil || !r.federation.Known() {
		return
	}
	var m drillModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() || !m.StartedAt.IsUnknown() {
		return
	}
	if !m.PlanID.IsUnknown() {
		r.source(ctx, m.PlanID, &resp.Diagnostics)
	}
	if !m.ClusterID.IsUnknown() {
		targetOf(ctx, r.federation, m.ClusterID, &resp.Diagnostics)
	}
}

// source is the operator of a plan.
func (r *drillResource) source(
	ctx context.Context, reference types.String, diags *diag.Diagnostics,
) (op *cloud.Operator, id cloud.ID, ok bool) {
	at, kind := path.Root("plan_id"), cloud.KindClusterBackupPlan
	if op, id, ok = lifecycle.OpenReferred(ctx, r.federation, at, reference, kind, "container cluster backup plan", diags); !ok {
		return nil, id, false
	}
	if op.ClusterBackupPlans == nil {
		diags.AddAttributeError(at, op.Name+" has no container clusters", "Choose a plan of another operator.")
		return nil, id, false
	}
	return op, id, true
}

// targetOf is the operator of the cluster that is restored into.
func targetOf(ctx context.Context, f *cloud.Federation, reference types.String, diags *diag.Diagnostics) (*cloud.Operator, bool) {
	at := path.Root("cluster_id")
	op, _, ok := lifecycle.OpenReferred(ctx, f, at, reference, cloud.KindContainerCluster, "container cluster", diags)
	if ok && op.ClusterRestores == nil {
		diags.AddAttributeError(at, op.Name+" has no container clusters", "Choose a cluster of another operator.")
		ok = false
	}
	return op, ok
}

// atVault refuses a cluster that is not where the vault is: only the vault's operator gives keys to read it.
func atVault(target *cloud.Operator, vaults string, diags *diag.Diagnostics) bool {
	if target.Name == vaults {
		return true
	}
	diags.AddAttributeError(path.Root("cluster_id"), fmt.Sprintf("The cluster is at %s, and the vault at %s", target.Name, vaults),
		"It is restored at the operator of the vault. Choose a cluster there.")
	return false
}
