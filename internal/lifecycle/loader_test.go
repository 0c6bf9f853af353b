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

const latency = 20 * time.Millisecond

// shelf is an operator's objects of one kind: n of ours behind so many of others.
type shelf struct {
	foreign, ours, perPage int
	// listed is what the list shows of an object; default is all of it.
	listed func(id string) (thing, bool)
	fails  atomic.Bool

	gets, pages atomic.Int64
}

func (s *shelf) get(ctx context.Context, id string) (thing, error) {
	s.gets.Add(1)
	select {
	case <-time.After(latency):
		return thing{cloud.Meta{ID: id, Name: "by get"}}, nil
	case <-ctx.Done():
		return thing{}, ctx.Err()
	}
}

func (s *shelf) list(ctx context.Context, opts cloud.ListOptions) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		for i := range s.foreign + s.ours {
			if i%s.perPage == 0 {
				opts.OnPage()
				s.pages.Add(1)
				<-time.After(latency)
				if ctx.Err() != nil || s.fails.Load() {
					yield(thing{}, &cloud.Error{Reason: cloud.ErrUnavailable})
					return
				}
			}
			id := fmt.Sprintf("foreign-%d", i)
			if i >= s.foreign {
				id = fmt.Sprintf("ours-%d", i-s.foreign)
			}
			o, ok := thing{cloud.Meta{ID: id, Name: "by list"}}, true
			if s.listed != nil {
				o, ok = s.listed(id)
			}
			if ok && !yield(o, nil) {
				return
			}
		}
	}
}

// readAll reads our objects as Terraform does, ten at a time, and returns how they were read.
func readAll(t *testing.T, l *loader[thing], n int) map[string]string {
	t.Helper()
	ids := make(chan string)
	var mu sync.Mutex
	how := make(map[string]string, n)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for id := range ids {
				o, err := l.load(t.Context(), id)
				mu.Lock()
				if err != nil || o.ID != id {
					t.Errorf("%s: got %s, %v", id, o.ID, err)
				}
				how[id] = o.Name
				mu.Unlock()
			}
		})
	}
	for i := range n {
		ids <- fmt.Sprintf("ours-%d", i)
	}
	close(ids)
	wg.Wait()
	return how
}

func TestLoaderCalls(t *testing.T) {
	for name, c := range map[string]struct {
		shelf      *shelf
		read, most int
	}{
		"a thousand of a thousand":      {&shelf{ours: 1000, perPage: 500}, 1000, 20},
		"all, on small pages":           {&shelf{ours: 1000, perPage: 50}, 1000, 30},
		"300 of 1,300":                  {&shelf{ours: 1300, perPage: 500}, 300, 6},
		"300 behind 21,300 of others":   {&shelf{foreign: 21_300, ours: 300, perPage: 500}, 300, 315},
		"1,000 behind 20,000 of others": {&shelf{foreign: 20_000, ours: 1000, perPage: 500}, 1000, 1050},
		"two":                           {&shelf{ours: 5000, perPage: 500}, 2, 2},
		"three":                         {&shelf{ours: 5000, perPage: 500}, 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.shelf
				l := newLoader(s.get, s.list)
				started := time.Now()
				readAll(t, l, c.read)
				calls := int(s.gets.Load() + s.pages.Load())
				if calls > c.most {
					t.Errorf("%d calls (%d GET, %d pages); want at most %d", calls, s.gets.Load(), s.pages.Load(), c.most)
				}
				// Ten at a time by GET alone take this long; a list must not cost more than its pages on trust.
				if alone := time.Duration(c.read/10+1) * latency; time.Since(started) > alone+4*latency {
					t.Errorf("it took %s; by GET alone %s", time.Since(started), alone)
				}
				<-time.After(2 * idleLimit) // The pager goes away when nobody waits.
			})
		})
	}
}

func TestLoaderAsksForWhatIsNotListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{ours: 100, perPage: 500, listed: func(id string) (thing, bool) {
			return thing{cloud.Meta{ID: id, Name: "by list"}}, id != "ours-50"
		}}
		how := readAll(t, newLoader(s.get, s.list), 100)
		if how["ours-50"] != "by get" {
			t.Errorf("an object that the list lacks was read %s", how["ours-50"])
		}
		if how["ours-51"] != "by list" {
			t.Errorf("an object of the list was read %s", how["ours-51"])
		}
	})
}

func TestLoaderNeverAnswersFromBeforeAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{ours: 100, perPage: 500}
		l := newLoader(s.get, s.list)
		readAll(t, l, 10) // The page is there now.
		<-time.After(time.Second)
		l.wrote("ours-60")
		for id, want := range map[string]string{"ours-60": "by get", "ours-61": "by list"} {
			if o, err := l.load(t.Context(), id); err != nil || o.Name != want {
				t.Errorf("%s was read %s (%v); want %s", id, o.Name, err, want)
			}
		}
		if o, _ := l.load(t.Context(), "ours-61"); o.Name != "by get" {
			t.Error("a listed object answered twice")
		}
		<-time.After(freshFor)
		if o, _ := l.load(t.Context(), "ours-70"); o.Name != "by get" {
			t.Error("an old list answered")
		}
	})
}

func TestLoaderListFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{ours: 100, perPage: 500}
		s.fails.Store(true)
		for id, how := range readAll(t, newLoader(s.get, s.list), 100) {
			if how != "by get" {
				t.Errorf("%s was read %s", id, how)
			}
		}
	})
}

// TestLoaderInterrupt ends one Read, whose list goes on for the others.
func TestLoaderInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{ours: 100, perPage: 500}
		l := newLoader(s.get, s.list)
		for i := range readsAlone {
			if _, err := l.load(t.Context(), fmt.Sprintf("ours-%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		ctx, interrupt := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := l.load(ctx, "ours-10"); err == nil {
				t.Error("an interrupted Read has an answer")
			}
		})
		synctest.Wait()
		wg.Go(func() {
			if o, err := l.load(t.Context(), "ours-11"); err != nil || o.Name != "by list" {
				t.Errorf("another Read: %s, %v", o.Name, err)
			}
		})
		synctest.Wait()
		interrupt()
		wg.Wait()
	})
}
