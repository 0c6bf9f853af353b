package lifecycle

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestPollsSendTheNextRequest has things that take two requests: a list shows that they wait for the second, and only
// asking for each by itself sends it.
func TestPollsSendTheNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const things = 20
		var mu sync.Mutex
		sent := map[string]bool{}
		state := func(id string) thing {
			if sent[id] {
				return thing{cloud.Meta{ID: id, State: cloud.StateReady}}
			}
			return thing{cloud.Meta{ID: id, State: cloud.StateUpdating, Unfinished: true}}
		}
		await := func(_ context.Context, id string) (thing, error) {
			mu.Lock()
			defer mu.Unlock()
			sent[id] = true
			return state(id), nil
		}
		list := func(context.Context, cloud.ListOptions) iter.Seq2[thing, error] {
			return func(yield func(thing, error) bool) {
				mu.Lock()
				defer mu.Unlock()
				for i := range things {
					if o := state(fmt.Sprint(i)); o.State == cloud.StateUpdating && !yield(o, nil) {
						return
					}
				}
			}
		}
		p := newPolls(await, list)
		var all sync.WaitGroup
		for i := range things {
			all.Go(func() {
				first := thing{cloud.Meta{ID: fmt.Sprint(i), State: cloud.StateUpdating, Unfinished: true}}
				got, err := waiter[string, thing]{nil, time.Minute, false, p}.settled(t.Context(), first)
				if err != nil || got.State != cloud.StateReady {
					t.Errorf("%d ended as %s, %v", i, got.State, err)
				}
			})
		}
		all.Wait()
	})
}
