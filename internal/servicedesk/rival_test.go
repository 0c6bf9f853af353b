package servicedesk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestCrashedRival: a run that has filed the same and ended before it could claim its ticket is waited for, and left to
// people, who hear of it.
func TestCrashedRival(t *testing.T) {
	for _, c := range []struct{ lag, interrupt, took time.Duration }{
		{0, time.Hour, 30 * time.Second}, {0, 10 * time.Second, 10 * time.Second}, {50 * time.Second, time.Hour, 80 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			m.Lag(c.lag)
			onCreate(m, func() { created(t, d, key) })
			ctx, cancel := context.WithTimeout(t.Context(), c.interrupt)
			defer cancel()
			began := time.Now()
			got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(ctx)
			if took := time.Since(began); err != nil || took < c.took || took > c.took+5*time.Second || len(got.Troubles) > 0 {
				t.Errorf("%+v: after %v, it ended with %v and the troubles %v", c, took, err, got.Troubles)
			}
			if got.Ticket.ID != "1" || !got.Ticket.Claimed || !slices.Equal(got.Others, []servicedesk.ID{"2"}) || len(got.Withdrawn) > 0 {
				t.Errorf("%+v: the filing answers %+v", c, got)
			}
			wantOpen(t, m, "1", "2")
		})
	}
}

// onCreate lets something happen right after the next ticket is made, and before its run knows.
func onCreate(m *servicedesktest.Memory, do func()) {
	m.Hook(func(c servicedesktest.Call) {
		if c.Method == "Create" && c.Done {
			m.Hook(nil)
			do()
		}
	})
}

// TestLostInARace: whose answer is lost cannot tell its ticket from a rival's, unless the rival has claimed his. Both
// runs go on with one, and tell of the other.
func TestLostInARace(t *testing.T) {
	for name, c := range map[string]struct {
		choices           []int
		others, withdrawn []servicedesk.ID
	}{
		// Both search, and both file. Then the second, whose answer is lost, searches; or the first claims its ticket before.
		"unclaimed": {choices: []int{0, 1, 0, 1, 1}, others: []servicedesk.ID{"2"}},
		"claimed":   {choices: []int{0, 1, 0, 1, 0, 0, 1}, withdrawn: []servicedesk.ID{"2"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &race{choices: c.choices}
			synctest.Test(t, func(t *testing.T) {
				m, _ := newDesk(servicedesktest.MemoryOptions{})
				m.FailNext("Create", nil)
				m.LoseNext("Create")
				r.run(m, 2)
				for n, f := range r.filed {
					if r.errs[n] != nil || f.Ticket.ID != "1" || !slices.Equal(f.Others, c.others) {
						t.Errorf("run %d answers %+v: %v", n, f, r.errs[n])
					}
				}
				if got := slices.Concat(r.filed[0].Withdrawn, r.filed[1].Withdrawn); !slices.Equal(got, c.withdrawn) {
					t.Errorf("%v were withdrawn", got)
				}
			})
			t.Log(r.trace)
		})
	}
}

// TestLoserCannotWithdraw: the desk does not let a run take its ticket back. Its people are told, and the user is.
func TestLoserCannotWithdraw(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		m.Forbid(servicedesk.StatusCancelled)
		onCreate(m, func() {
			created(t, d, key)
			m.Edit("2", func(e *servicedesk.Ticket) { e.Claimed = true })
			if hidden {
				m.Agent().Hide(t, "1")
			}
		})
		got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
		if err != nil || got.Ticket.ID != "2" || !got.Adopted || !got.Known || len(got.Withdrawn) > 0 {
			t.Errorf("the filing answers %+v: %v", got, err)
		}
		if !slices.Equal(got.Others, []servicedesk.ID{"1"}) || len(got.Troubles) != 1 {
			t.Errorf("the filing tells of %v and %v", got.Others, got.Troubles)
		}
		if hidden {
			wantError(t, errors.Join(got.Troubles...), cloud.ErrForbidden)
			continue
		}
		wantError(t, errors.Join(got.Troubles...), servicedesk.ErrTransition)
		if said := sayings(t, d, "1"); len(said) != 1 || !strings.Contains(said[0], "M2") {
			t.Errorf("in the ticket, it says %q", said)
		}
	}
}

// TestWinnerLoses: of three runs, the second has the ticket of the third, and then the first that of the second. All end
// with the first's.
func TestWinnerLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		claimed, filing := func(e *servicedesk.Ticket) { e.Claimed = true }, false
		m.Hook(func(c servicedesktest.Call) {
			switch {
			case c.Method == "Create" && !c.Done && !filing:
				filing = true
				created(t, d, key)
				created(t, d, key)
			case c.Method == "Claim" && c.Done:
				m.Edit("2", claimed)
			case c.Method == "Transition" && c.Done:
				m.Edit("1", claimed)
				time.AfterFunc(time.Second, func() { m.Edit("2", func(e *servicedesk.Ticket) { e.NativeStatus = "cancelled" }) })
			}
		})
		if got := filed(t, d, key); got.Ticket.ID != "1" || !slices.Equal(got.Withdrawn, []servicedesk.ID{"3"}) || !got.Known {
			t.Errorf("the filing answers %+v", got)
		}
	})
}

// flapping is a desk two of whose machines answer searches in turn, and know different tickets.
type flapping struct {
	servicedesk.Desk
	turn *int
}

func (f flapping) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	found, err := f.Desk.FindByKey(ctx, key)
	if *f.turn++; len(found) > 2 {
		return found[1+*f.turn%2:][:1], err
	}
	return nil, err
}

// TestFlappingDesk: a desk that never says the same twice keeps nobody for ever.
func TestFlappingDesk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		onCreate(m, func() {
			for _, id := range []servicedesk.ID{created(t, d, key), created(t, d, key)} {
				m.Edit(id, func(e *servicedesk.Ticket) { e.Claimed = true })
			}
		})
		began := time.Now()
		got, err := servicedesk.Filing{Desk: flapping{d, new(int)}, New: order(key)}.Run(t.Context())
		if took := time.Since(began); err != nil || !got.Adopted || took > 95*time.Second || !slices.Equal(got.Withdrawn, []servicedesk.ID{"1"}) {
			t.Errorf("after %v, the filing answers %+v: %v", took, got, err)
		}
	})
}

// TestMergedWhileFiled: people were faster than the run that has filed it. The ticket is the one that was filed, and what
// has become of it is there to be read.
func TestMergedWhileFiled(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	filed(t, d, "cadastre-other")
	m.Hook(func(c servicedesktest.Call) {
		if c.Method == "Get" && !c.Done {
			m.Hook(nil)
			m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "open" })
			m.Agent().Merge(t, "2", "1")
		}
	})
	if got := filed(t, d, key); got.Ticket.ID != "2" || got.Ticket.Status != servicedesk.StatusInProgress {
		t.Errorf("the filing answers %+v", got)
	}
}
