package lifecycle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const defaultTimeout = 20 * time.Minute

// Create orders an object or adopts the one that an earlier, cut-off apply ordered, and waits until it is ready.
//
// From the moment that the operator has accepted the order, nothing but the operator's own "failed" is an error: an
// error would taint a healthy object, and the next apply would destroy it.
func (r *Resource[M, A, S, O]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer recovered(ctx, r.def.Noun, &resp.Diagnostics)
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
	limit, diags := r.def.Timeouts(&plan).Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	spec := r.def.Spec(ctx, &plan, &config, &resp.Diagnostics)
	key := ownerKey(r.federation.DeploymentID, s.operator, r.def.Kind, r.def.name(&plan), r.fingerprint(ctx, req.Plan, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	end, ok := beginOrder(key)
	if !ok {
		resp.Diagnostics.Append(orderedTwice(r.def.Noun, r.def.name(&plan), s.operator.Name))
		return
	}
	defer end()

	deadline := time.Now().Add(limit)
	obj, err := r.order(ctx, s, spec, cloud.CreateOptions{OwnerKey: key, Deployment: r.federation.DeploymentID}, limit)
	if err != nil {
		r.refused(orderVerb, s.operator, r.def.name(&plan), err, &resp.Diagnostics)
		return
	}
	s.id, s.fresh = cloud.ID{Operator: s.operator.Name, Object: obj.Metadata().ID}, true
	defer s.loader.wrote(s.id.Object)
	setIdentity(ctx, resp.Identity, s.id, &resp.Diagnostics)
	r.record(ctx, s, obj, &plan, &resp.State, &resp.Diagnostics)

	obj, err = waiter[S, O]{s.collection, time.Until(deadline), true, s.polls}.settled(ctx, obj)
	if err == nil && obj.Metadata().Replayed && obj.Metadata().State == cloud.StateReady {
		obj, err = r.reconcile(ctx, s, obj, &plan, spec, time.Until(deadline))
	}
	r.claim(ctx, s, &resp.Diagnostics)
	if errors.Is(err, cloud.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(vanished(r.def.Noun, r.def.name(&plan), s.operator.Name, err))
		return
	}
	r.conclude(ctx, s, obj, err, &plan, &resp.State, &resp.Diagnostics)
}

// order asks for the object until the operator has accepted or refused. A lost answer is followed by a look-up, and by
// another order under the same key only if there is nothing to find.
func (r *Resource[M, A, S, O]) order(
	ctx context.Context, s session[S, O], spec S, opts cloud.CreateOptions, limit time.Duration,
) (O, error) {
	const attempts = 4
	for attempt := 1; ; attempt++ {
		obj, err := persist(ctx, limit, func(ctx context.Context) (O, error) {
			return s.collection.Create(ctx, spec, opts)
		})
		if !errors.Is(err, cloud.ErrUnknownOutcome) || attempt == attempts || ctx.Err() != nil {
			return obj, err
		}
		for found, lookErr := range s.collection.List(context.WithoutCancel(ctx), cloud.ListOptions{OwnerKey: opts.OwnerKey}) {
			if lookErr == nil && !found.Metadata().Ownership.Claimed && found.Metadata().State != cloud.StateDeleting {
				return found, nil
			}
		}
		if !sleep(ctx, ctx, pollPause(time.Duration(attempt)*10*time.Second, 0)) {
			return obj, err
		}
	}
}

// reconcile brings an adopted object to what is declared now, which may differ from what the cut-off apply ordered.
func (r *Resource[M, A, S, O]) reconcile(
	ctx context.Context, s session[S, O], obj O, plan *M, spec S, limit time.Duration,
) (O, error) {
	var diags diag.Diagnostics
	found, none := *plan, *new(M)
	diags.Append(r.def.read(ctx, r.federation, s.operator.Name, obj, r.def.Attributes(&found))...)
	if r.def.Forget != nil {
		r.def.Forget(&found)
	}
	from := r.def.Spec(ctx, &found, &none, &diags)
	if diags.HasError() {
		return obj, nil
	}
	updated, err := persist(ctx, limit, func(ctx context.Context) (O, error) {
		return s.collection.Update(ctx, s.id.Object, cloud.Change[S]{From: from, To: spec})
	})
	if err != nil {
		return obj, err
	}
	return waiter[S, O]{s.collection, limit, false, s.polls}.settled(ctx, updated)
}

// claim removes the unclaimed mark when the state knows the object. Where that fails, the next Read does it.
func (r *Resource[M, A, S, O]) claim(ctx context.Context, s session[S, O], diags *diag.Diagnostics) {
	if later := r.federation.WhenRecorded; later != nil {
		later(func(ctx context.Context) {
			_ = s.collection.Claim(ctx, s.id.Object) // Nobody is there to be told.
		})
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := s.collection.Claim(ctx, s.id.Object); err != nil && !errors.Is(err, cloud.ErrNotFound) {
		diags.Append(unclaimed(r.def.Noun, s.operator.Name, err))
	}
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

// fingerprint condenses the replace-only attributes of a plan. What the operator chooses is unknown and left out.
func (r *Resource[M, A, S, O]) fingerprint(ctx context.Context, plan tfsdk.Plan, diags *diag.Diagnostics) string {
	h := sha256.New()
	for _, name := range r.def.Replace {
		var v attr.Value
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &v)...)
		if v == nil || v.IsUnknown() || v.IsNull() {
			continue
		}
		_, _ = io.WriteString(h, name+"="+v.String()+"\n") // A hash never refuses a write.
	}
	return hex.EncodeToString(h.Sum(nil))
}
