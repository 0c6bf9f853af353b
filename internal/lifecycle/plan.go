package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ModifyPlan completes what only the provider knows (operator, labels), refuses what can be seen to fail, and declares
// replacements.
func (r *Resource[M, A, S, O]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	if r.federation == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	if r.nothingToPlan(req) {
		return
	}
	p := &Planning[M]{Federation: r.federation, Plan: new(M), Config: new(M)}
	resp.Diagnostics.Append(req.Plan.Get(ctx, p.Plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, p.Config)...)
	if !req.State.Raw.IsNull() {
		p.State = new(M)
		resp.Diagnostics.Append(req.State.Get(ctx, p.State)...)
	}
	if resp.Diagnostics.HasError() || !r.hasBeenRead(p.State, &resp.Diagnostics) {
		return
	}
	r.planOperator(p)
	r.completeLabels(p.Plan, &p.Diagnostics)
	if resp.Diagnostics.Append(p.Diagnostics...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.Plan)...)
	pendingBefore := p.State != nil && !settledReady(r.def.base(p.State).Status)
	moves := p.State != nil && !r.def.base(p.Plan).Operator.Equal(r.def.base(p.State).Operator)
	switch {
	case moves:
		// What the old operator chose is nothing to hold against the new one.
		r.openComputed(ctx, req, resp, p, func(attr.Value) bool { return true })
	case pendingBefore:
		// An object may not have yet what it will have when it is ready, and Terraform takes a computed null for a promise.
		r.openComputed(ctx, req, resp, p, attr.Value.IsNull)
	case resp.Plan.Raw.Equal(req.State.Raw):
		return
	}
	r.planChange(ctx, req, resp, p)
}

// openComputed makes those computed values unknown that the user has left to the operator and whose prior value is as
// asked for.
func (r *Resource[M, A, S, O]) openComputed(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, p *Planning[M],
	which func(prior attr.Value) bool,
) {
	for name, a := range resp.Plan.Schema.GetAttributes() {
		var configured, prior attr.Value
		at := path.Root(name)
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, at, &configured)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, at, &prior)...)
		if name != "operator" && a.IsComputed() && configured.IsNull() && which(prior) {
			unknown := tftypes.NewValue(a.GetType().TerraformType(ctx), tftypes.UnknownValue)
			value, err := a.GetType().ValueFromTerraform(ctx, unknown)
			if err != nil {
				resp.Diagnostics.AddAttributeError(at, "The plan could not be completed", err.Error())
				return
			}
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, value)...)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Get(ctx, p.Plan)...)
	r.completeLabels(p.Plan, &resp.Diagnostics)
}

// planChange completes a plan that makes or changes an object.
func (r *Resource[M, A, S, O]) planChange(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, p *Planning[M],
) {
	// Whatever happens at the operator, the status may be seen on its way.
	r.def.base(p.Plan).Status = types.StringUnknown()
	p.Operator = r.plannedOperator(ctx, p)
	if r.def.Plan != nil && !p.Diagnostics.HasError() {
		r.def.Plan(ctx, p)
	}
	if resp.Diagnostics.Append(located(p.Diagnostics)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, p.Plan)...)
	if p.State == nil {
		return
	}
	replaced := r.replaced(ctx, req, resp, p)
	if r.def.base(p.State).Status.ValueString() == string(cloud.StateDeleting) {
		// An earlier apply asked for its deletion and did not see the end: it is waited for, and then another made.
		resp.RequiresReplace.Append(path.Root("status"))
		return
	}
	if len(replaced) == 0 {
		r.checkInPlace(ctx, req, resp, p)
		return
	}
	if r.protected(p.State) {
		resp.Diagnostics.Append(protectedReplacement(r.def.Noun, r.def.name(p.State), replaced))
		return
	}
	for _, name := range replaced {
		resp.RequiresReplace.Append(path.Root(name))
	}
}

// replaced are the changed attributes that need a new object.
func (r *Resource[M, A, S, O]) replaced(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, p *Planning[M],
) []string {
	conditional := r.changed(ctx, req, resp, slices.Sorted(maps.Keys(r.def.ReplaceIf)))
	conditional = slices.DeleteFunc(conditional, func(name string) bool { return !r.def.ReplaceIf[name](ctx, p.State, p.Plan) })
	return append(r.changed(ctx, req, resp, append([]string{"operator"}, r.def.Replace...)), conditional...)
}

func settledReady(status types.String) bool {
	return status.ValueString() == string(cloud.StateReady) || status.ValueString() == string(cloud.StateFailed)
}

// planDestroy refuses to destroy what is protected, at plan time.
func (r *Resource[M, A, S, O]) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state M
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	if r.hasBeenRead(&state, &resp.Diagnostics) && r.protected(&state) {
		resp.Diagnostics.Append(protectedDestruction(r.def.Noun, r.def.name(&state)))
	}
}

func (r *Resource[M, A, S, O]) protected(m *M) bool {
	return r.def.Protection != nil && r.def.Protection(r.def.Attributes(m)).ValueBool()
}

// planOperator fills the operator in where the user left it to the state or to the provider block.
func (r *Resource[M, A, S, O]) planOperator(p *Planning[M]) {
	b := r.def.base(p.Plan)
	configured := r.def.base(p.Config).Operator
	switch {
	case !configured.IsNull():
	case r.def.OperatorOf != nil:
		b.Operator = r.def.OperatorOf(r.def.Attributes(p.Plan))
	case p.State != nil:
		// A changed default must never move what exists. (What is replaced has no state by then: it goes to the default.)
		b.Operator = r.def.base(p.State).Operator
	case r.federation.DefaultOperator != "":
		b.Operator = types.StringValue(r.federation.DefaultOperator)
	case r.federation.Known() && !r.federation.DefaultOperatorUnknown:
		p.Diagnostics.AddAttributeError(path.Root("operator"), "No operator says where this "+r.def.Noun+" belongs",
			"Set operator to one of "+strings.Join(r.federation.Names(), ", ")+", or default_operator in the provider block.")
		return
	}
	if !b.Operator.IsUnknown() && !r.federation.Has(b.Operator.ValueString()) {
		p.Diagnostics.Append(unknownOperator(r.federation, b.Operator.ValueString()))
	}
}

// completeLabels merges the default labels under the declared ones, visibly in the plan, as far as they are known.
func (r *Resource[M, A, S, O]) completeLabels(m *M, diagnostics *diag.Diagnostics) {
	if r.def.Named == nil {
		return
	}
	n := r.def.Named(r.def.Attributes(m))
	if n.Labels.IsUnknown() || r.federation.DefaultLabelsUnknown {
		n.EffectiveLabels = types.MapUnknown(types.StringType)
		return
	}
	merged := make(map[string]attr.Value)
	for k, v := range r.federation.DefaultLabels {
		merged[k] = types.StringValue(v)
	}
	maps.Copy(merged, n.Labels.Elements())
	if slices.ContainsFunc(slices.Collect(maps.Values(merged)), attr.Value.IsUnknown) {
		n.EffectiveLabels = types.MapUnknown(types.StringType)
		return
	}
	all, diags := types.MapValue(types.StringType, merged)
	diagnostics.Append(diags...)
	n.EffectiveLabels = all
}

// plannedOperator opens the operator, or returns nil while that is not possible for want of known values.
func (r *Resource[M, A, S, O]) plannedOperator(ctx context.Context, p *Planning[M]) *cloud.Operator {
	name := r.def.base(p.Plan).Operator
	if name.IsUnknown() || name.IsNull() {
		return nil
	}
	op, err := r.federation.Operator(ctx, name.ValueString())
	switch {
	case errors.Is(err, cloud.ErrNotConfigured):
		return nil
	case err != nil:
		p.Diagnostics.Append(describeOpening(name.ValueString(), err))
		return nil
	case !op.Capabilities.Offers(r.def.Kind):
		p.Diagnostics.AddAttributeError(path.Root("operator"), fmt.Sprintf("%s offers no %ss", op.Name, r.def.Noun),
			OfferedBy(ctx, r.federation, r.def.Kind))
		return nil
	case p.State == nil && op.Capabilities.Kinds[r.def.Kind].Configured:
		p.Diagnostics.AddAttributeError(path.Root("operator"), fmt.Sprintf("%s makes no %ss", op.Name, r.def.Noun),
			fmt.Sprintf("It has those alone that the provider block configures. Refer to one of them by its id, %s/<name>, as "+
				"data.vdam_%s lists them, or choose another operator.", op.Name, r.def.Plural))
		return nil
	}
	return op
}

// changed returns those of the attributes whose planned value differs from the state. What is left to the operator is
// no change.
func (r *Resource[M, A, S, O]) changed(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, names []string,
) []string {
	var out []string
	for _, name := range names {
		var planned, prior, configured attr.Value
		resp.Diagnostics.Append(resp.Plan.GetAttribute(ctx, path.Root(name), &planned)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(name), &prior)...)
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &configured)...)
		if resp.Diagnostics.HasError() {
			return nil
		}
		if left := planned.IsUnknown() && configured.IsNull() && prior.IsNull(); !left && !planned.Equal(prior) {
			out = append(out, name)
		}
	}
	return out
}

// checkInPlace refuses a change that this operator cannot make in place.
func (r *Resource[M, A, S, O]) checkInPlace(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, p *Planning[M],
) {
	if p.Operator == nil {
		return
	}
	for _, name := range r.changed(ctx, req, resp, r.def.InPlace) {
		if !p.Operator.Capabilities.Updates(r.def.Kind, r.def.field(name)) {
			resp.Diagnostics.AddAttributeError(path.Root(name), fmt.Sprintf("%s cannot change %s in place", p.Operator.Name, name),
				fmt.Sprintf("The %s stays as it is. Set %s back, or make a new %s beside this one and move over.", r.def.Noun, name, r.def.Noun))
		}
	}
}

// CheckQuota refuses what the project could not have if it had nothing else. What else it has, only the apply shows.
func CheckQuota(diags *diag.Diagnostics, at path.Path, operator, what string, wanted types.Int64, quota int64) {
	if quota <= 0 || wanted.IsNull() || wanted.IsUnknown() || wanted.ValueInt64() <= quota {
		return
	}
	diags.AddAttributeError(at, fmt.Sprintf("The project's quota for %s at %s is %d in all", what, operator, quota),
		fmt.Sprintf("This alone needs %d. Ask the operator for a higher quota, or choose less.", wanted.ValueInt64()))
}

// CheckOneOf refuses a known value that is not among those allowed, naming them.
func CheckOneOf(diags *diag.Diagnostics, at path.Path, operator, what string, value types.String, allowed []string) bool {
	if value.IsNull() || value.IsUnknown() || slices.Contains(allowed, value.ValueString()) {
		return true
	}
	diags.AddAttributeError(at, fmt.Sprintf("%s has no %s %q", operator, what, value.ValueString()),
		"It has: "+strings.Join(allowed, ", ")+".")
	return false
}
