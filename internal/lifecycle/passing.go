package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Passing makes an object that is to go again before the call is over, such as what a drill restores, and waits until it
// is settled. The key is what tells the object from all others: a call that was cut off finds it again by that, which
// replayed says. ErrUnknownOutcome means that there may be one, which nobody knows.
func Passing[S any, O cloud.Object](
	ctx context.Context, op *cloud.Operator, c cloud.Collection[S, O], spec S, key string, limit time.Duration,
) (obj O, replayed bool, err error) {
	opts := cloud.CreateOptions{OwnerKey: ownerKey("", op, "passing", key, "")}
	end, ok := beginOrder(opts.OwnerKey)
	if !ok {
		return obj, false, &cloud.Error{Reason: cloud.ErrConflict, Operator: op.Name, Text: "Another one of this run is doing the same just now."}
	}
	defer end()
	started := time.Now()
	order := func(ctx context.Context) (O, error) { return c.Create(ctx, spec, opts) }
	obj, err = persist(ctx, limit, order)
	if errors.Is(err, cloud.ErrUnknownOutcome) {
		obj, err = persist(context.WithoutCancel(ctx), time.Minute, order) // The same key answers with what there is.
	}
	if err != nil {
		return obj, false, err
	}
	replayed = obj.Metadata().Replayed
	obj, err = waiter[S, O]{collection: c, limit: limit - time.Since(started), created: true}.settled(ctx, obj)
	return obj, replayed, err
}

// PassAway removes what Passing has made, and waits until it is gone. An interrupt leaves it the time it needs: nobody
// else would remove it.
func PassAway[S any, O cloud.Object](
	ctx context.Context, op *cloud.Operator, c cloud.Collection[S, O], id string, limit time.Duration,
) error {
	ctx = context.WithoutCancel(ctx)
	_, err := persist(ctx, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, c.Delete(ctx, id) })
	if err == nil || errors.Is(err, cloud.ErrUnknownOutcome) {
		err = gone(ctx, session[S, O]{operator: op, collection: c, id: cloud.ID{Operator: op.Name, Object: id}}, limit)
	}
	if errors.Is(err, cloud.ErrNotFound) {
		return nil
	}
	return err
}

// limitLabel says how long the call may take that has made an object.
const limitLabel = "vdam-limit"

// PassingLabels are those of an object of Passing: one that tells such objects from all others, and the call's limit.
func PassingLabels(label, series string, limit time.Duration) map[string]string {
	return map[string]string{label: series, limitLabel: limit.String()}
}

// SweepPassed removes objects with a label of PassingLabels that calls have left that were cut off: nobody has claimed them, and
// they are older than the call that made them may have taken. Where that does not work, nothing is lost.
func SweepPassed[S any, O cloud.Object](
	ctx context.Context, op *cloud.Operator, c cloud.Collection[S, O], label, series string, limit time.Duration,
) {
	for obj, err := range c.List(ctx, cloud.ListOptions{Labels: map[string]string{label: series}}) {
		if err != nil {
			return
		}
		m := obj.Metadata()
		theirs, err := time.ParseDuration(m.Labels[limitLabel])
		if err == nil && !m.Ownership.Claimed && time.Since(m.CreatedAt) > 2*theirs {
			_ = PassAway(ctx, op, c, m.ID, limit)
		}
	}
}

// GaveUp reports whether a wait ended by its limit or by an interrupt, and nothing is wrong.
func GaveUp(err error) bool { return errors.Is(err, errGaveUp) }
