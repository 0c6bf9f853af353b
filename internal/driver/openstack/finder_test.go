package openstack

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestFinderShares has a hundred orders look their names up at once: by a few requests, each begun after its questions.
func TestFinderShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type named struct{ name string }
		var mu sync.Mutex
		var fetches int
		f := &finder[named]{name: func(n named) string { return n.name }}
		f.fetch = func(_ context.Context, names []string) ([]named, string, error) {
			mu.Lock()
			fetches++
			mu.Unlock()
			<-time.After(time.Second) // The bubble's.
			var found []named
			for _, n := range names {
				if n[len(n)-1] == '7' {
					found = append(found, named{n})
				}
			}
			return found, "req", nil
		}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				name := fmt.Sprintf("vm-%d", i)
				found, _, err := f.find(t.Context(), name)
				if want := i%10 == 7; err != nil || (len(found) == 1) != want || want && !slices.Contains(found, named{name}) {
					t.Errorf("%s: found %v, %v", name, found, err)
				}
			})
		}
		all.Wait()
		if fetches > 4 {
			t.Errorf("it took %d requests", fetches)
		}
	})
}

// TestFinderInterrupted fails nobody else when the one who asked first gives up.
func TestFinderInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &finder[string]{name: func(s string) string { return s }}
		f.fetch = func(ctx context.Context, names []string) ([]string, string, error) {
			<-time.After(time.Second)
			return names, "", ctx.Err()
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-time.After(time.Millisecond)
			cancel()
		}()
		var all sync.WaitGroup
		all.Go(func() {
			if _, _, err := f.find(ctx, "a"); err == nil {
				t.Error("the interrupted look-up succeeded")
			}
		})
		all.Go(func() {
			if found, _, err := f.find(t.Context(), "b"); err != nil || len(found) != 1 {
				t.Errorf("the other found %v, %v", found, err)
			}
		})
		all.Wait()
		<-time.After(time.Minute) // What goes on for those who have gone ends too.
	})
}
