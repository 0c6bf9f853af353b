package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Update changes an object in place, and goes on waiting for one that an earlier apply left unfinished.
func (r *Resource[M, A, S, O]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	var plan, state, config M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, ok := r.open(ctx, r.def.base(&state), &resp.Diagnostics)
	if !ok {
		return
	}
	r.completeLabels(&plan, &resp.Diagnostics)
	limit, diags := r.def.Timeouts(&plan).Update(ctx, r.def.timeout(&plan))
	resp.Diagnostics.Append(diags...)
	change := cloud.Change[S]{
		From: r.def.Spec(ctx, &state, new(M), &resp.Diagnostics),
		To:   r.def.Spec(ctx, &plan, &config, &resp.Diagnostics),
	}
	if r.def.Hand != nil && !resp.Diagnostics.HasError() {
		r.def.Hand(ctx, r.federation, &change, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	deadline := time.Now().Add(limit)
	s.loader.wrote(s.id.Object)
	defer s.loader.wrote(s.id.Object)
	obj, err := r.resume(ctx, s, r.def.base(&state), limit)
	if errors.Is(err, errGaveUp) {
		resp.Diagnostics.Append(unchanged(r.def.Noun, s.operator.Name, obj.Metadata()))
		return
	}
	if err == nil {
		obj, err = persist(ctx, time.Until(deadline), func(ctx context.Context) (O, error) {
			return s.collection.Update(ctx, s.id.Object, change)
		})
	}
	if err != nil {
		r.refused(changeVerb, s.operator, r.def.name(&state), err, &resp.Diagnostics)
		return
	}
	obj, err = waiter[S, O]{s.collection, time.Until(deadline), false, s.polls}.settled(ctx, obj)
	setIdentity(ctx, resp.Identity, s.id, &resp.Diagnostics)
	if errors.Is(err, cloud.ErrFailed) {
		r.undone(ctx, s, obj, err, &plan, &resp.State, &resp.Diagnostics)
		return
	}
	r.conclude(ctx, s, obj, err, &plan, &resp.State, &resp.Diagnostics)
	if err != nil {
		// The operator may still show the old values; Terraform insists on the planned ones. The next refresh shows
		// what is true.
		overlay(req.Plan, &resp.State)
	}
}

// undone tells that the operator did not do what it had accepted. The object is as it was, and the state says so.
func (r *Resource[M, A, S, O]) undone(
	ctx context.Context, s session[S, O], obj O, err error, model *M, state *tfsdk.State, diags *diag.Diagnostics,
) {
	r.refused(changeVerb, s.operator, r.def.name(model), err, diags)
	if now, getErr := s.collection.Get(context.WithoutCancel(ctx), s.id.Object); getErr == nil {
		obj = now
	}
	r.record(ctx, s, obj, model, state, diags)
}

// resume waits for an object that an earlier apply left in transition, unless the operator takes changes on the way.
func (r *Resource[M, A, S, O]) resume(ctx context.Context, s session[S, O], b *Base, limit time.Duration) (O, error) {
	var none O
	if b.Status.ValueString() == string(cloud.StateReady) || s.operator.Capabilities.Kinds[r.def.Kind].ChangesInFlight {
		return none, nil
	}
	obj, err := s.collection.Get(ctx, s.id.Object)
	if err != nil {
		return none, err
	}
	return waiter[S, O]{s.collection, limit, false, s.polls}.settled(ctx, obj)
}

// overlay writes every value that the plan knows over the state.
func overlay(plan tfsdk.Plan, state *tfsdk.State) {
	merged, err := tftypes.Transform(state.Raw, func(p *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if len(p.Steps()) != 1 {
			return v, nil
		}
		planned, _, err := tftypes.WalkAttributePath(plan.Raw, p)
		if pv, ok := planned.(tftypes.Value); err == nil && ok && pv.IsFullyKnown() {
			return pv, nil
		}
		return v, nil
	})
	if err == nil {
		state.Raw = merged
	}
}
