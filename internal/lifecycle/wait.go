package lifecycle

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// holdLimit is how long one Await may be held back, well below the idle limits of proxies.
	holdLimit = 30 * time.Second
	// pollFloor and pollCeiling bound the pause between polls of an operator that does not hold answers back.
	pollFloor   = 250 * time.Millisecond
	pollCeiling = 5 * time.Second
	// graceAfterCreate is how long a 404 may follow an accepted order at an eventually consistent operator.
	graceAfterCreate = 20 * time.Second
	// graceAfterInterrupt is how long an interrupt leaves a write, whose answer may be on its way.
	graceAfterInterrupt = 10 * time.Second
)

// errGaveUp means that the wait ended by its time limit or an interrupt, and nothing is wrong.
var errGaveUp = errors.New("gave up waiting")

// waiter follows one object until it is settled or gone.
type waiter[S any, O cloud.Object] struct {
	collection cloud.Collection[S, O]
	limit      time.Duration
	// created is set when a 404 may just mean "not yet".
	created bool
	// polls is nil where the operator holds answers back.
	polls *polls[O]
}

// settled waits until the object is settled. It returns the last object seen, with errGaveUp if it was not settled
// when the limit or an interrupt came, or the operator's error that makes further waiting senseless.
//
// Polls run on their own context: an interrupt must end the wait, never fail a poll, for a failed poll in Create would
// taint a healthy object.
func (w waiter[S, O]) settled(ctx context.Context, last O) (O, error) {
	started := time.Now()
	pollCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.limit)
	defer cancel()
	for !last.Metadata().State.Settled() {
		asked := time.Now()
		obj, err := w.await(ctx, pollCtx, last.Metadata(), time.Since(started))
		switch {
		case err == nil:
			last = obj
			if last.Metadata().State.Settled() {
				return last, nil
			}
		case errors.Is(err, errGaveUp):
			return last, err
		case errors.Is(err, cloud.ErrNotFound) && w.created && time.Since(started) < graceAfterCreate:
		case transient(err):
		default:
			return last, err
		}
		pause := pollPause(time.Since(started), last.Metadata().PollAfter)
		if held := time.Since(asked); err == nil && (w.polls != nil || held > pause) {
			continue // There was a pause, or the operator held the answer back: asking again at once costs it nothing.
		}
		if !sleep(ctx, pollCtx, pause) {
			return last, errGaveUp
		}
	}
	return last, nil
}

// await asks once, giving up on an interrupt or at the limit without waiting for the answer.
func (w waiter[S, O]) await(ctx, pollCtx context.Context, last cloud.Meta, elapsed time.Duration) (O, error) {
	type answer struct {
		obj O
		err error
	}
	answered := make(chan answer, 1)
	go func() {
		obj, err := cloud.Caught(func() (O, error) {
			if w.polls != nil {
				return w.polls.next(pollCtx, last, pollPause(elapsed, last.PollAfter))
			}
			return w.collection.Await(pollCtx, last.ID, holdLimit)
		})
		answered <- answer{obj, err}
	}()
	var none O
	select {
	case a := <-answered:
		if a.err != nil && pollCtx.Err() != nil {
			return none, errGaveUp
		}
		return a.obj, a.err
	case <-ctx.Done():
		return none, errGaveUp
	}
}

// pollPause is 5 % of the time waited so far, or the operator's hint, jittered so that many waits do not march in step.
func pollPause(elapsed, hint time.Duration) time.Duration {
	pause := min(max(elapsed/20, pollFloor), pollCeiling)
	if hint > 0 {
		pause = min(hint, 2*pollCeiling)
	}
	return pause + rand.N(pause/4+1) //nolint:gosec // Jitter needs no secrecy.
}

// transient reports whether an error of a read or of a retried write may pass by itself.
func transient(err error) bool {
	return errors.Is(err, cloud.ErrUnavailable) || errors.Is(err, cloud.ErrBusy) || errors.Is(err, cloud.ErrUnknownOutcome)
}

// sleep reports false if an interrupt or the limit came first.
func sleep(ctx, limit context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	case <-limit.Done():
		return false
	}
}

// persist repeats a write while the operator says busy, until it is carried out, refused, or the limit or an interrupt
// comes. The write itself runs on its own context: once sent, its answer is worth having. But it may also be waiting to
// be sent again, for minutes if the operator says so, and for that an interrupt leaves no time.
func persist[T any](ctx context.Context, limit time.Duration, write func(context.Context) (T, error)) (T, error) {
	started := time.Now()
	writeCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(graceAfterInterrupt, cancel) })()
	for {
		out, err := write(writeCtx)
		if err == nil || !errors.Is(err, cloud.ErrBusy) {
			return out, err
		}
		var ce *cloud.Error
		var hint time.Duration
		if errors.As(err, &ce) {
			hint = ce.RetryAfter
		}
		if !sleep(ctx, writeCtx, pollPause(time.Since(started), hint)) {
			return out, err
		}
	}
}
