package lifecycle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// order asks for the object until the operator has accepted or refused. A lost answer is followed by a look-up, and by
// another order under the same key only if there is nothing to find. Adopted says that the object may come from an
// earlier order, for something else than what is declared now.
func (r *Resource[M, A, S, O]) order(
	ctx context.Context, s session[S, O], spec S, opts cloud.CreateOptions, deadline time.Time,
) (obj O, adopted bool, err error) {
	const attempts = 4
	lookCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	for attempt := 1; ; attempt++ {
		obj, err = persist(ctx, time.Until(deadline), func(ctx context.Context) (O, error) {
			return s.collection.Create(ctx, spec, opts)
		})
		if err == nil {
			return obj, obj.Metadata().Replayed, nil
		}
		if leaving(err) && sleep(ctx, lookCtx, pollPause(0, 0)) {
			attempt-- // The name is on its way to being free.
			continue
		}
		if !errors.Is(err, cloud.ErrUnknownOutcome) || attempt == attempts || ctx.Err() != nil {
			return obj, false, err
		}
		for found, lookErr := range s.collection.List(lookCtx, cloud.ListOptions{OwnerKey: opts.OwnerKey}) {
			if lookErr == nil && !found.Metadata().Ownership.Claimed && found.Metadata().State != cloud.StateDeleting {
				return found, true, nil
			}
		}
		if !sleep(ctx, lookCtx, pollPause(time.Duration(attempt)*10*time.Second, 0)) {
			return obj, false, err
		}
	}
}

// leaving reports whether the name is taken by an object that is being deleted.
func leaving(err error) bool {
	var ce *cloud.Error
	return errors.As(err, &ce) && ce.Existing != nil && ce.Existing.State == cloud.StateDeleting
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
		return obj, &cloud.Error{Reason: cloud.ErrFailed, Operator: s.operator.Name, Text: diags[0].Summary() + ": " + diags[0].Detail()}
	}
	updated, err := persist(ctx, limit, func(ctx context.Context) (O, error) {
		return s.collection.Update(ctx, s.id.Object, cloud.Change[S]{From: from, To: spec})
	})
	if err != nil {
		return obj, err
	}
	return waiter[S, O]{s.collection, limit, false, s.polls}.settled(ctx, updated)
}

// claim removes the unclaimed mark when the state knows the object. Where that fails, the next Read does it. Until it
// is done, nobody else of this process may order under the same key: end is called only then.
func (r *Resource[M, A, S, O]) claim(ctx context.Context, s session[S, O], end func(), diags *diag.Diagnostics) {
	if later := r.federation.WhenRecorded; later != nil {
		later(func(ctx context.Context) {
			if s.collection.Claim(ctx, s.id.Object) == nil { // Nobody is there to be told.
				end()
			}
		})
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err := s.collection.Claim(ctx, s.id.Object)
	switch {
	case err == nil:
		end()
	case !errors.Is(err, cloud.ErrNotFound):
		diags.Append(unclaimed(r.def.Noun, s.operator.Name, err))
	}
}

// fingerprint condenses the replace-only attributes of a plan. What the operator chooses is unknown and left out.
func (r *Resource[M, A, S, O]) fingerprint(ctx context.Context, plan tfsdk.Plan, diags *diag.Diagnostics) string {
	h := sha256.New()
	for _, name := range append(slices.Clone(r.def.Replace), slices.Sorted(maps.Keys(r.def.ReplaceIf))...) {
		var v attr.Value
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &v)...)
		if v == nil || v.IsUnknown() || v.IsNull() {
			continue
		}
		_, _ = io.WriteString(h, name+"="+v.String()+"\n") // A hash never refuses a write.
	}
	return hex.EncodeToString(h.Sum(nil))
}
