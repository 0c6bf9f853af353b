package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Delete asks for deletion and waits until the object is gone. What is gone already is a success.
func (r *Resource[M, A, S, O]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer Recovered(ctx, r.def.Noun, &resp.Diagnostics)
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	s, ok := r.open(ctx, r.def.base(&state), &resp.Diagnostics)
	if !ok {
		return
	}
	limit, diags := r.def.Timeouts(&state).Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	deadline := time.Now().Add(limit)
	s.loader.wrote(s.id.Object)
	_, err := persist(ctx, limit, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.collection.Delete(ctx, s.id.Object)
	})
	if err == nil || errors.Is(err, cloud.ErrUnknownOutcome) {
		err = gone(ctx, s, time.Until(deadline))
	}
	switch {
	case err == nil || errors.Is(err, cloud.ErrNotFound):
	case errors.Is(err, errGaveUp):
		resp.Diagnostics.Append(stillThere(ctx, r.def.Noun, r.def.name(&state), s.operator.Name))
	default:
		r.refused(deleteVerb, s.operator, r.def.name(&state), err, &resp.Diagnostics)
	}
}

// gone waits until the object answers "not found".
func gone[S any, O cloud.Object](ctx context.Context, s session[S, O], limit time.Duration) error {
	started := time.Now()
	for {
		left := limit - time.Since(started)
		if left <= 0 || ctx.Err() != nil {
			return errGaveUp
		}
		obj, err := s.collection.Get(context.WithoutCancel(ctx), s.id.Object)
		if err != nil && !transient(err) {
			return err
		}
		if err == nil {
			obj, err = waiter[S, O]{s.collection, left, false, s.polls}.settled(ctx, obj)
		}
		switch {
		case err != nil && !transient(err):
			return err
		case err == nil && obj.Metadata().State == cloud.StateFailed:
			return &cloud.Error{Reason: cloud.ErrFailed, Operator: s.operator.Name,
				Text: obj.Metadata().StateMessage, RequestID: obj.Metadata().RequestID}
		case err == nil:
			// The answer to the deletion was lost, and so was the deletion.
			if err := s.collection.Delete(context.WithoutCancel(ctx), s.id.Object); err != nil && !transient(err) {
				return err
			}
		}
		if !sleep(ctx, ctx, pollPause(time.Since(started), 0)) {
			return errGaveUp
		}
	}
}
