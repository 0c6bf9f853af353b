package lifecycle

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type thing struct{ cloud.Meta }

// script is a collection whose Await answers what a test says.
type script struct {
	await func(ctx context.Context, asked int) (thing, error)
	asked int
}

func (s *script) Await(ctx context.Context, _ string, _ time.Duration) (thing, error) {
	s.asked++
	return s.await(ctx, s.asked)
}

func (*script) Create(context.Context, string, cloud.CreateOptions) (thing, error) {
	panic("not expected")
}
func (*script) Get(context.Context, string) (thing, error) { panic("not expected") }
func (*script) List(context.Context, cloud.ListOptions) iter.Seq2[thing, error] {
	panic("not expected")
}
func (*script) Update(context.Context, string, cloud.Change[string]) (thing, error) {
	panic("not expected")
}
func (*script) Delete(context.Context, string) error { panic("not expected") }
func (*script) Claim(context.Context, string) error  { panic("not expected") }

func in(state cloud.State) thing { return thing{cloud.Meta{ID: "1", State: state}} }

func TestWaiting(t *testing.T) {
	unavailable := &cloud.Error{Reason: cloud.ErrUnavailable}
	notFound := &cloud.Error{Reason: cloud.ErrNotFound}
	forbidden := &cloud.Error{Reason: cloud.ErrForbidden}
	for name, c := range map[string]struct {
		await   func(ctx context.Context, asked int) (thing, error)
		created bool
		state   cloud.State
		err     error
		atMost  time.Duration
	}{
		"ready at the third look": {
			await: func(_ context.Context, asked int) (thing, error) {
				if asked < 3 {
					return in(cloud.StateCreating), nil
				}
				return in(cloud.StateReady), nil
			}, state: cloud.StateReady, atMost: 2 * time.Second,
		},
		"failed": {
			await: func(context.Context, int) (thing, error) { return in(cloud.StateFailed), nil },
			state: cloud.StateFailed, atMost: time.Second,
		},
		"operator away for a while": {
			await: func(_ context.Context, asked int) (thing, error) {
				if asked < 5 {
					return thing{}, unavailable
				}
				return in(cloud.StateReady), nil
			}, state: cloud.StateReady, atMost: 5 * time.Second,
		},
		"not there yet": {
			await: func(_ context.Context, asked int) (thing, error) {
				if asked < 3 {
					return thing{}, notFound
				}
				return in(cloud.StateReady), nil
			}, created: true, state: cloud.StateReady, atMost: 2 * time.Second,
		},
		"not there ever": {
			await:   func(context.Context, int) (thing, error) { return thing{}, notFound },
			created: true, state: cloud.StateCreating, err: cloud.ErrNotFound, atMost: graceAfterCreate + 3*time.Second,
		},
		"gone while it is changed": {
			await: func(context.Context, int) (thing, error) { return thing{}, notFound },
			state: cloud.StateCreating, err: cloud.ErrNotFound, atMost: time.Second,
		},
		"right taken away": {
			await: func(context.Context, int) (thing, error) { return thing{}, forbidden },
			state: cloud.StateCreating, err: cloud.ErrForbidden, atMost: time.Second,
		},
		"never": {
			await: func(context.Context, int) (thing, error) { return in(cloud.StateCreating), nil },
			state: cloud.StateCreating, err: errGaveUp, atMost: time.Minute,
		},
		"answers held back beyond the limit": {
			await: func(ctx context.Context, _ int) (thing, error) {
				<-ctx.Done()
				return thing{}, unavailable
			}, state: cloud.StateCreating, err: errGaveUp, atMost: time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				s := &script{await: c.await}
				got, err := waiter[string, thing]{s, time.Minute, c.created, nil}.settled(t.Context(), in(cloud.StateCreating))
				if !errors.Is(err, c.err) || c.err == nil && err != nil {
					t.Errorf("got %v; want %v", err, c.err)
				}
				if got.State != c.state {
					t.Errorf("the last object seen is %s; want %s", got.State, c.state)
				}
				if took := time.Since(started); took > c.atMost {
					t.Errorf("it took %s; want at most %s", took, c.atMost)
				}
			})
		})
	}
}

// TestInterrupt ends the wait at once and hands the last object on, while the answer is still held back.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, interrupt)
		polled := make(chan struct{})
		s := &script{await: func(context.Context, int) (thing, error) {
			<-time.After(20 * time.Second)
			close(polled)
			return in(cloud.StateReady), nil
		}}
		started := time.Now()
		got, err := waiter[string, thing]{s, time.Minute, true, nil}.settled(ctx, in(cloud.StateCreating))
		if !errors.Is(err, errGaveUp) || got.ID != "1" {
			t.Errorf("got %+v, %v", got, err)
		}
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("the wait ended after %s", took)
		}
		<-polled
	})
}

// TestPatience asks an hour's wait for at most a poll every five seconds, and more often at its beginning.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{await: func(context.Context, int) (thing, error) { return in(cloud.StateCreating), nil }}
		_, _ = waiter[string, thing]{s, time.Hour, false, nil}.settled(t.Context(), in(cloud.StateCreating))
		if s.asked < 500 || s.asked > 800 {
			t.Errorf("an hour took %d polls", s.asked)
		}
	})
}

func TestPersistence(t *testing.T) {
	busy := &cloud.Error{Reason: cloud.ErrBusy, RetryAfter: 3 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		write := func(context.Context) (int, error) {
			if asked++; asked < 4 {
				return 0, busy
			}
			return 7, nil
		}
		started := time.Now()
		if got, err := persist(t.Context(), time.Minute, write); got != 7 || err != nil {
			t.Errorf("got %d, %v", got, err)
		}
		if took := time.Since(started); took < 9*time.Second || took > 12*time.Second {
			t.Errorf("three hints of 3 s took %s", took)
		}
		started, asked = time.Now(), -1_000
		if _, err := persist(t.Context(), time.Minute, write); !errors.Is(err, cloud.ErrBusy) {
			t.Errorf("at the limit: got %v", err)
		}
		if took := time.Since(started); took > time.Minute {
			t.Errorf("a limit of a minute took %s", took)
		}
	})
}

func TestOwnerKey(t *testing.T) {
	op := &cloud.Operator{Name: "lvrtc", Project: "registry"}
	key := ownerKey
	base := key("d", op, cloud.KindNetwork, "front", "f")
	if again := key("d", op, cloud.KindNetwork, "front", "f"); again != base {
		t.Errorf("the same declaration has the keys %s and %s", base, again)
	}
	other := &cloud.Operator{Name: "lvrtc", Project: "cadastre"}
	for name, k := range map[string]string{
		"deployment":  key("e", op, cloud.KindNetwork, "front", "f"),
		"project":     key("d", other, cloud.KindNetwork, "front", "f"),
		"kind":        key("d", op, cloud.KindSecurityGroup, "front", "f"),
		"name":        key("d", op, cloud.KindNetwork, "back", "f"),
		"fingerprint": key("d", op, cloud.KindNetwork, "front", "g"),
	} {
		if k == base {
			t.Errorf("another %s has the same key", name)
		}
	}
}
