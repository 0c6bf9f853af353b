package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const defaultTimeout = 20 * time.Minute

// BytesTimeout is the Timeout of what is ready only when all the bytes of volumes have moved.
const BytesTimeout = 6 * time.Hour

// Create orders an object or adopts the one that an earlier, cut-off apply ordered, and waits until it is ready.
//
// From the moment that the operator has accepted the order, nothing but the operator's own "failed" is an error: an
// error would taint a healthy object, and the next apply would destroy it.
func (r *Resource[M, A, S, O]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	var plan, config M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, ok := r.open(ctx, r.def.base(&plan), &resp.Diagnostics)
	if !ok {
		return
	}
	r.completeLabels(&plan, &resp.Diagnostics)
	limit, diags := r.def.Timeouts(&plan).Create(ctx, r.def.timeout(&plan))
	resp.Diagnostics.Append(diags...)
	spec := r.wanted(ctx, &plan, &config, &resp.Diagnostics)
	key := ownerKey(r.federation.DeploymentID, s.operator, r.def.Kind, r.def.name(&plan), r.fingerprint(ctx, req.Plan, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	end, ok := beginOrder(key)
	if !ok {
		resp.Diagnostics.Append(orderedTwice(r.def.Noun, r.def.name(&plan), s.operator.Name))
		return
	}
	ordered := false
	defer func() {
		if !ordered { // Refused, or a panic.
			end()
		}
	}()
	deadline := time.Now().Add(limit)
	obj, adopted, err := r.order(ctx, s, spec, cloud.CreateOptions{
		OwnerKey: key, Deployment: r.federation.DeploymentID, Abandoned: r.federation.Abandoned,
	}, deadline)
	if err != nil {
		r.refused(orderVerb, s.operator, r.def.name(&plan), err, &resp.Diagnostics)
		return
	}
	ordered = true
	s.id, s.fresh = cloud.ID{Operator: s.operator.Name, Object: obj.Metadata().ID}, true
	defer s.loader.wrote(s.id.Object)
	setIdentity(ctx, resp.Identity, s.id, &resp.Diagnostics)
	noteProject(ctx, s.operator, resp.Private, &resp.Diagnostics)
	r.record(ctx, s, obj, &plan, &resp.State, &resp.Diagnostics)

	obj, err = waiter[S, O]{s.collection, time.Until(deadline), true, s.polls}.settled(ctx, obj)
	if err == nil && adopted && obj.Metadata().State == cloud.StateReady {
		obj, err = r.reconcile(ctx, s, obj, &plan, spec, time.Until(deadline))
	}
	r.claim(ctx, s, end, &resp.Diagnostics)
	if errors.Is(err, cloud.ErrNotFound) {
		end()
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(vanished(r.def.Noun, r.def.name(&plan), s.operator.Name, err))
		return
	}
	r.conclude(ctx, s, obj, err, &plan, &resp.State, &resp.Diagnostics)
	if err != nil && adopted {
		// What was ordered earlier may differ from what is declared now. Terraform would call that inconsistent, and taint;
		// the next refresh shows it as a change to be made.
		overlay(req.Plan, &resp.State)
	}
}

// wanted is the specification of an object that is to be made.
func (r *Resource[M, A, S, O]) wanted(ctx context.Context, plan, config *M, diags *diag.Diagnostics) S {
	spec := r.def.Spec(ctx, plan, config, diags)
	if r.def.Complete != nil && !diags.HasError() {
		r.def.Complete(ctx, r.federation, &spec, diags)
	}
	return spec
}

// record puts an object into the state over what was planned. What the object does not show keeps the plan's value.
func (r *Resource[M, A, S, O]) record(
	ctx context.Context, s session[S, O], obj O, model *M, state *tfsdk.State, diags *diag.Diagnostics,
) {
	diags.Append(r.def.read(ctx, r.federation, s.operator.Name, obj, r.def.Attributes(model))...)
	diags.Append(state.Set(ctx, model)...)
}

// conclude records the outcome of a wait after Create or Update.
func (r *Resource[M, A, S, O]) conclude(
	ctx context.Context, s session[S, O], obj O, err error, model *M, state *tfsdk.State, diags *diag.Diagnostics,
) {
	r.record(ctx, s, obj, model, state, diags)
	meta := obj.Metadata()
	switch {
	case err == nil && meta.State == cloud.StateFailed:
		diags.Append(failed(r.def.Noun, s.operator.Name, meta, s.fresh))
	case err == nil:
	case errors.Is(err, errGaveUp) || transient(err):
		diags.Append(pending(ctx, r.def.Noun, s.operator.Name, meta))
	default:
		diags.Append(unwatched(r.def.Noun, s.operator.Name, meta, err))
	}
}
