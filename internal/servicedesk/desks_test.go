package servicedesk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// opening is an opener that takes its time, and counts how often it is called.
type opening struct {
	calls  atomic.Int64
	gate   chan struct{}
	answer error
}

func newOpening(answer error) *opening { return &opening{gate: make(chan struct{}), answer: answer} }

func (o *opening) open(context.Context) (servicedesk.Desk, error) {
	o.calls.Add(1)
	<-o.gate
	_, d := newDesk(servicedesktest.MemoryOptions{})
	return d, o.answer
}

// TestOpenedOnce: many resources need a desk at a time, and one refusal does for all.
func TestOpenedOnce(t *testing.T) {
	for _, refusal := range []error{nil, reason(cloud.ErrUnauthenticated)} {
		main, other := newOpening(refusal), newOpening(nil)
		desks := servicedesk.NewDesks(true, map[string]servicedesk.Opener{"main": main.open, "other": other.open})
		var all sync.WaitGroup
		found := make([]*servicedesk.Opened, 50)
		for n := range found {
			all.Go(func() {
				var err error
				if found[n], err = desks.Open(t.Context(), "main"); !errors.Is(err, refusal) {
					t.Errorf("it ended with %v", err)
				}
			})
		}
		close(main.gate)
		all.Wait()
		if len(slices.Compact(found)) != 1 || (found[0] == nil) != (refusal != nil) || main.calls.Load() != 1 || other.calls.Load() != 0 {
			t.Errorf("%v were opened by %d calls, and %d of another", found, main.calls.Load(), other.calls.Load())
		}
		if refusal == nil && (found[0].Watcher == nil || found[0].Describe().Name != "memory") {
			t.Errorf("it is %+v", found[0])
		}
	}
}

// TestInterruptedOpening: it goes on for the others.
func TestInterruptedOpening(t *testing.T) {
	main := newOpening(nil)
	desks := servicedesk.NewDesks(true, map[string]servicedesk.Opener{"main": main.open})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := desks.Open(ctx, "main")
	wantError(t, err, context.Canceled)
	close(main.gate)
	if _, err := desks.Open(t.Context(), "main"); err != nil || main.calls.Load() != 1 {
		t.Errorf("after %d calls: %v", main.calls.Load(), err)
	}
}

func TestStumblingOpener(t *testing.T) {
	desks := servicedesk.NewDesks(true, map[string]servicedesk.Opener{
		"main": func(context.Context) (servicedesk.Desk, error) { panic("an answer without a body") },
	})
	for range 2 {
		if d, err := desks.Open(t.Context(), "main"); err == nil {
			t.Errorf("it is %+v", d)
		}
	}
}

func TestUnknownDesks(t *testing.T) {
	for _, known := range []bool{true, false} {
		desks := servicedesk.NewDesks(known, map[string]servicedesk.Opener{"main": nil, "first": nil})
		if !slices.Equal(desks.Names(), []string{"first", "main"}) || desks.Known() != known || !desks.Has("main") || desks.Has("x") == known {
			t.Errorf("known %t: %v, %t, %t, %t", known, desks.Names(), desks.Known(), desks.Has("main"), desks.Has("x"))
		}
		_, err := desks.Open(t.Context(), "x")
		wantError(t, err, map[bool]error{true: cloud.ErrInvalid, false: cloud.ErrNotConfigured}[known])
		if known && !strings.Contains(err.Error(), "first, main") {
			t.Errorf("it ended with %v", err)
		}
	}
}

// TestChosenDesk: an operator's desk comes before the default, and this before the only one. A name that is not known yet
// must not be guessed at.
func TestChosenDesk(t *testing.T) {
	one, two := map[string]servicedesk.Opener{"main": nil}, map[string]servicedesk.Opener{"main": nil, "other": nil}
	for name, c := range map[string]struct {
		known             bool
		desks             map[string]servicedesk.Opener
		byDefault         string
		unknown           bool
		ofAlpha, ofNobody string
	}{
		"the only one":           {true, one, "", false, "alpha's", "main"},
		"none":                   {true, nil, "", false, "alpha's", ""},
		"one of two":             {true, two, "", false, "alpha's", ""},
		"the default":            {true, two, "other", false, "alpha's", "other"},
		"default of one":         {true, one, "x", false, "alpha's", "x"},
		"a default to come":      {true, one, "", true, "alpha's", ""},
		"names to come":          {false, one, "", false, "alpha's", ""},
		"names to come, default": {false, one, "x", false, "alpha's", "x"},
	} {
		desks := servicedesk.NewDesks(c.known, c.desks)
		desks.Default, desks.DefaultUnknown, desks.OfOperator = c.byDefault, c.unknown, map[string]string{"alpha": "alpha's"}
		if a, n := desks.Choose("alpha"), desks.Choose("beta"); a != c.ofAlpha || n != c.ofNobody || desks.Choose("") != n {
			t.Errorf("%s: it is %q for alpha, and %q for others", name, a, n)
		}
	}
}

// TestReserved: two resources that declare the same ticket would share it without knowing.
func TestReserved(t *testing.T) {
	main := newOpening(nil)
	close(main.gate)
	o, err := servicedesk.NewDesks(true, map[string]servicedesk.Opener{"main": main.open}).Open(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	var won atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if o.Reserve(key) {
				won.Add(1)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || !o.Reserve("cadastre-other") {
		t.Errorf("%d have reserved the same", won.Load())
	}
	o.Release(key)
	if !o.Reserve(key) || o.Reserve(key) || o.Reserve("cadastre-other") {
		t.Error("what was given back cannot be had once")
	}
}
