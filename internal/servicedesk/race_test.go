package servicedesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// stepping is a desk as one of several runs has it: each of its calls is let through by the test. A hook could not do
// that, for it does not see whose call it is.
type stepping struct {
	servicedesk.Desk
	step func(method string)
}

func (s stepping) Create(ctx context.Context, n servicedesk.NewTicket) (servicedesk.ID, error) {
	s.step("Create")
	return s.Desk.Create(ctx, n)
}

func (s stepping) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	s.step("FindByKey")
	return s.Desk.FindByKey(ctx, key)
}

func (s stepping) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	s.step("Claim")
	return s.Desk.Claim(ctx, id, key)
}

func (s stepping) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	s.step("Get")
	return s.Desk.Get(ctx, id)
}

func (s stepping) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	s.step("Transition")
	return s.Desk.Transition(ctx, t, to, m)
}

// race is one order in which several runs take their steps.
type race struct {
	// choices say which of those that could go on does, at each moment at which there are several; widths, how many
	// there were.
	choices, widths []int
	mu              sync.Mutex // Runs that have waited take their steps together.
	trace           []string
	filed           []servicedesk.Filed
	errs            []error
}

// choose takes the next choice, the first where none is left.
func (r *race) choose(width int) int {
	at := len(r.widths)
	r.widths = append(r.widths, width)
	if at == len(r.choices) {
		r.choices = append(r.choices, 0)
	}
	return r.choices[at]
}

// next is the order after this one, nil after the last.
func (r *race) next() []int {
	for at := len(r.widths) - 1; at >= 0; at-- {
		if r.choices[at]+1 < r.widths[at] {
			return append(slices.Clone(r.choices[:at]), r.choices[at]+1)
		}
	}
	return nil
}

// run files the same order in several runs. One step is taken at a time; time passes only when all runs wait for it.
func (r *race) run(m *servicedesktest.Memory, runs int) {
	r.filed, r.errs = make([]servicedesk.Filed, runs), make([]error, runs)
	waiting, going := make([]chan struct{}, runs), runs
	for n := range runs {
		step := func(method string) {
			gate := make(chan struct{})
			r.mu.Lock()
			r.trace = append(r.trace, fmt.Sprintf("%d:%s", n, method))
			waiting[n] = gate
			r.mu.Unlock()
			<-gate
		}
		go func() {
			r.filed[n], r.errs[n] = servicedesk.Filing{Desk: stepping{m.Desk(us), step}, New: order(key)}.Run(context.Background())
			r.mu.Lock()
			defer r.mu.Unlock()
			going--
		}()
		synctest.Wait()
	}
	for {
		r.mu.Lock()
		var ready []int
		for n, gate := range waiting {
			if gate != nil {
				ready = append(ready, n)
			}
		}
		done := going == 0
		if len(ready) > 0 {
			n := ready[0]
			if len(ready) > 1 {
				n = ready[r.choose(len(ready))%len(ready)]
			}
			close(waiting[n])
			waiting[n] = nil
		}
		r.mu.Unlock()
		switch {
		case done:
			return
		case len(ready) == 0:
			time.Sleep(time.Second)
		}
		synctest.Wait()
	}
}

// settled wants one open ticket in the end, and all runs to answer it. One may still have seen another that was withdrawn
// a moment later.
func (r *race) settled(m *servicedesktest.Memory) error {
	left := open(m)
	if len(left) != 1 {
		return fmt.Errorf("tickets %v are open", left)
	}
	for n, f := range r.filed {
		if r.errs[n] != nil || f.Ticket.ID != left[0] || len(f.Troubles) > 0 {
			return fmt.Errorf("run %d answers ticket %s, troubles %v: %w", n, f.Ticket.ID, f.Troubles, r.errs[n])
		}
	}
	return nil
}

// TestTwoRunsAtATime tries each order in which two runs that file the same can take their steps.
func TestTwoRunsAtATime(t *testing.T) {
	for name, o := range map[string]servicedesktest.MemoryOptions{"usual": {}, "atomic": {AtomicKeys: true}} {
		t.Run(name, func(t *testing.T) {
			orders, withdrawn := 0, 0
			for choices := []int{}; choices != nil; orders++ {
				r := &race{choices: choices}
				synctest.Test(t, func(t *testing.T) {
					m, _ := newDesk(o)
					r.run(m, 2)
					err := r.settled(m)
					if err != nil || len(r.filed[0].Others)+len(r.filed[1].Others) > 0 {
						t.Fatalf("%v, others %v and %v: %s", err, r.filed[0].Others, r.filed[1].Others, strings.Join(r.trace, " "))
					}
					withdrawn += len(m.Tickets()) - 1
				})
				choices = r.next()
			}
			t.Logf("%d orders, in %d of which a ticket was withdrawn", orders, withdrawn)
			if orders < 20 || (withdrawn > 0) == o.AtomicKeys {
				t.Error("that is not all of them")
			}
		})
	}
}

// TestManyRunsAtATime tries some of the many orders of more runs.
func TestManyRunsAtATime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		runs := rapid.IntRange(3, 4).Draw(rt, "runs")
		r := &race{choices: rapid.SliceOfN(rapid.IntRange(0, 11), 60, 60).Draw(rt, "choices")}
		var err error
		synctest.Test(t, func(*testing.T) {
			m, _ := newDesk(servicedesktest.MemoryOptions{})
			r.run(m, runs)
			err = r.settled(m)
		})
		if err != nil {
			rt.Fatalf("%v: %s", err, strings.Join(r.trace, " "))
		}
	})
}

// TestRunsAtALaggingDesk lets runs race at a desk that is slow to answer, and slower to find what it has.
func TestRunsAtALaggingDesk(t *testing.T) {
	seconds := func(most int) *rapid.Generator[time.Duration] {
		return rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(0, 1000*most).Draw(t, "ms")) * time.Millisecond
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		lag := seconds(100).Draw(rt, "lag")
		later := rapid.SliceOfN(seconds(30+int(lag.Seconds())), 1, 2).Draw(rt, "later")
		slow := rapid.SliceOfN(seconds(2), 50, 50).Draw(rt, "slow")
		r := &race{filed: make([]servicedesk.Filed, 1+len(later)), errs: make([]error, 1+len(later))}
		var err error
		synctest.Test(t, func(*testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{ServerTimeout: 2 * time.Minute})
			m.Lag(lag)
			var calls atomic.Int64
			m.Hook(func(servicedesktest.Call) { time.Sleep(slow[calls.Add(1)%50]) })
			var all sync.WaitGroup
			for n := range r.filed {
				all.Go(func() {
					if n > 0 {
						time.Sleep(later[n-1])
					}
					r.filed[n], r.errs[n] = servicedesk.Filing{Desk: d, New: order(key)}.Run(context.Background())
				})
			}
			all.Wait()
			err = r.settled(m)
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}
