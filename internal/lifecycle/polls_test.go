package lifecycle

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// kiln makes things ready after a while and holds no answers back.
type kiln struct {
	started time.Time
	takes   time.Duration
	n       int
	gets    atomic.Int64
	lists   atomic.Int64
	broken  bool
}

func (k *kiln) state() cloud.State {
	if time.Since(k.started) < k.takes {
		return cloud.StateCreating
	}
	return cloud.StateReady
}

func (k *kiln) get(_ context.Context, id string) (thing, error) {
	k.gets.Add(1)
	<-time.After(latency)
	return thing{cloud.Meta{ID: id, State: k.state()}}, nil
}

func (k *kiln) list(_ context.Context, opts cloud.ListOptions) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		k.lists.Add(1)
		<-time.After(latency)
		if k.broken {
			yield(thing{}, &cloud.Error{Reason: cloud.ErrUnavailable})
			return
		}
		for i := range k.n {
			if k.state() == opts.State && !yield(thing{cloud.Meta{ID: fmt.Sprint(i), State: k.state()}}, nil) {
				return
			}
		}
	}
}

// TestPollsTogether waits for fifty things by one list a tick, and for each of them by one GET at the end.
func TestPollsTogether(t *testing.T) {
	for name, c := range map[string]struct {
		things      int
		broken      bool
		most, least int64
	}{
		"fifty":                {things: 50, most: 50 + 75, least: 50},
		"two":                  {things: 2, most: 2 * 75, least: 2},
		"fifty without a list": {things: 50, broken: true, most: 51 * 75, least: 50},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := &kiln{started: time.Now(), takes: 20 * time.Second, n: c.things, broken: c.broken}
				p := newPolls(k.get, k.list)
				var wg sync.WaitGroup
				for i := range c.things {
					wg.Go(func() {
						first := thing{cloud.Meta{ID: fmt.Sprint(i), State: cloud.StateCreating}}
						got, err := waiter[string, thing]{nil, time.Minute, true, p}.settled(t.Context(), first)
						if err != nil || got.State != cloud.StateReady || got.ID != fmt.Sprint(i) {
							t.Errorf("%d: got %+v, %v", i, got, err)
						}
						// 5 % of 20 s, its jitter, and the calls themselves.
						if late := time.Since(k.started) - k.takes; late > 1500*time.Millisecond {
							t.Errorf("%d was noticed %s late", i, late)
						}
					})
				}
				wg.Wait()
				if calls := k.gets.Load() + k.lists.Load(); calls > c.most || calls < c.least {
					t.Errorf("%d GET and %d lists; want at most %d calls", k.gets.Load(), k.lists.Load(), c.most)
				}
			})
		})
	}
}

// TestPollsInterrupted ends one wait at once and leaves the others alone.
func TestPollsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &kiln{started: time.Now(), takes: 10 * time.Second, n: 5}
		p := newPolls(k.get, k.list)
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, interrupt)
		contexts := []context.Context{ctx, t.Context(), t.Context(), t.Context(), t.Context()}
		var wg sync.WaitGroup
		for i := range contexts {
			wg.Go(func() {
				want := cloud.StateReady
				if i == 0 {
					want = cloud.StateCreating
				}
				first := thing{cloud.Meta{ID: fmt.Sprint(i), State: cloud.StateCreating}}
				got, _ := waiter[string, thing]{nil, time.Minute, true, p}.settled(contexts[i], first)
				if got.State != want {
					t.Errorf("%d ended as %s, want %s", i, got.State, want)
				}
			})
		}
		wg.Wait()
	})
}
