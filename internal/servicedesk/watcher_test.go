package servicedesk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestManyWaits: how many tickets are waited for does not matter to the desk, and when none is, it is left alone.
func TestManyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 200
		m, d := newDesk(servicedesktest.MemoryOptions{})
		watcher := servicedesk.NewWatcher(d)
		var ends []func() waited
		for n := range many {
			created(t, d, fmt.Sprint(key, n))
			w := waitFor(d, servicedesk.GoalResolved)
			w.Watcher, w.ID, w.Pause = watcher, servicedesk.ID(fmt.Sprint(n+1)), 15*time.Second
			ends = append(ends, start(t.Context(), w))
		}
		time.Sleep(time.Hour + time.Second)
		wantCalls(t, m, "Glance", 240)
		wantCalls(t, m, "Get", many)
		wantCalls(t, m, "History", many)
		m.Agent().Start(t, "7")
		time.Sleep(15 * time.Second)
		wantCalls(t, m, "Get", many+1)
		for n, end := range ends {
			id := servicedesk.ID(fmt.Sprint(n + 1))
			if n != 6 {
				m.Agent().Start(t, id)
			}
			m.Agent().Resolve(t, id, "Done.")
			if got := end(); !got.Reached || got.ticket.ID != id || got.err != nil {
				t.Errorf("the wait for ticket %s ended with %+v: %v", id, got.Outcome, got.err)
			}
		}
		before := m.Calls("Glance")
		time.Sleep(24 * time.Hour)
		wantCalls(t, m, "Glance", before)

		created(t, d, key)
		w := waitFor(d, servicedesk.GoalResolved)
		w.Watcher, w.ID = watcher, servicedesk.ID(fmt.Sprint(many+1))
		end := start(t.Context(), w)
		time.Sleep(time.Second)
		m.Agent().Start(t, w.ID)
		m.Agent().Resolve(t, w.ID, "Done.")
		if got := end(); !got.Reached || got.took != 15*time.Second {
			t.Errorf("after %v, a later wait ended with %+v: %v", got.took, got.Outcome, got.err)
		}
	})
}

// TestPauses: people decide, so the longer it has taken, the less do seconds matter; unless the user says so.
func TestPauses(t *testing.T) {
	for _, c := range []struct {
		pause        time.Duration
		first, hours int // Looks in the first five minutes, and in eight hours.
	}{{0, 20, 155}, {10 * time.Second, 30, 2880}, {10 * time.Minute, 0, 48}} {
		t.Run(c.pause.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				w := waitFor(d, servicedesk.GoalResolved)
				w.Pause, w.Limit = c.pause, 8*time.Hour+time.Second
				end := start(t.Context(), w)
				time.Sleep(5*time.Minute + time.Second)
				wantCalls(t, m, "Glance", c.first)
				if got := end(); got.took != w.Limit {
					t.Errorf("it ended after %v: %v", got.took, got.err)
				}
				if got := m.Calls("Glance"); got < c.hours-5 || got > c.hours+5 {
					t.Errorf("there were %d looks in %v", got, w.Limit)
				}
			})
		})
	}
}

// TestImpatientWait: a wait that has just begun is not made to wait by one that has long been at it.
func TestImpatientWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		created(t, d, "cadastre-other")
		slow := waitFor(d, servicedesk.GoalResolved)
		slow.Pause = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		endOfSlow := start(ctx, slow)
		time.Sleep(20 * time.Minute)
		fast := waitFor(d, servicedesk.GoalInProgress)
		fast.Watcher, fast.ID = slow.Watcher, "2"
		end := start(t.Context(), fast)
		time.Sleep(time.Second)
		wantCalls(t, m, "Glance", 0) // Its own look has just been.
		m.Agent().Start(t, "2")
		if got := end(); !got.Reached || got.took != 15*time.Second {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
		time.Sleep(50 * time.Minute)
		wantCalls(t, m, "Glance", 1)
		cancel()
		if got := endOfSlow(); got.took != 70*time.Minute+15*time.Second {
			t.Errorf("it was interrupted after 70 minutes, and ended after %v", got.took)
		}
	})
}

// looks is a desk at whose Glance the test has a hand in.
type looks struct {
	servicedesk.Desk
	glance func(look func(...servicedesk.ID) servicedesk.Glance, ids []servicedesk.ID) servicedesk.Glance
}

func (l looks) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	var err error
	g := l.glance(func(ids ...servicedesk.ID) (g servicedesk.Glance) {
		g, err = l.Desk.Glance(ctx, ids, since)
		return g
	}, ids)
	return g, err
}

// TestOneTicketWaitedForTwice: approval and end of one ticket are waited for together.
func TestOneTicketWaitedForTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		d = looks{d, func(look func(...servicedesk.ID) servicedesk.Glance, ids []servicedesk.ID) servicedesk.Glance {
			if !slices.Equal(ids, []servicedesk.ID{"1"}) {
				t.Errorf("asked for %v", ids)
			}
			return look(ids...)
		}}
		begun, resolved := waitFor(d, servicedesk.GoalInProgress), waitFor(d, servicedesk.GoalResolved)
		resolved.Watcher = begun.Watcher
		first, second := start(t.Context(), begun), start(t.Context(), resolved)
		time.Sleep(time.Second)
		m.Agent().Start(t, "1")
		if got := first(); !got.Reached {
			t.Errorf("the first ended with %+v: %v", got.Outcome, got.err)
		}
		time.Sleep(time.Second)
		m.Agent().Resolve(t, "1", "Done.")
		if got := second(); !got.Reached || got.took != 30*time.Second {
			t.Errorf("after %v, the second ended with %+v: %v", got.took, got.Outcome, got.err)
		}
	})
}

// TestChangedAtOnce: many a desk counts seconds, in which more than one thing can happen.
func TestChangedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		end := start(t.Context(), waitFor(d, servicedesk.GoalInProgress))
		synctest.Wait()
		m.Agent().Start(t, "1")
		if got := end(); !got.Reached || got.took != 15*time.Second || got.At != got.ticket.CreatedAt {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
	})
}

// TestShownLate: a desk may show a change only after one that was made later, and the watcher asks for what is newer
// than the newest that it knows.
func TestShownLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		created(t, d, "cadastre-other")
		began := time.Now()
		d = looks{d, func(look func(...servicedesk.ID) servicedesk.Glance, ids []servicedesk.ID) servicedesk.Glance {
			if time.Since(began) < 4*time.Minute {
				return look("2")
			}
			return look(ids...)
		}}
		w, other := waitFor(d, servicedesk.GoalInProgress), waitFor(d, servicedesk.GoalResolved)
		other.Watcher, other.ID = w.Watcher, "2"
		ctx, cancel := context.WithCancel(t.Context())
		end, endOfOther := start(t.Context(), w), start(ctx, other)
		time.Sleep(time.Minute)
		m.Agent().Start(t, "1")
		time.Sleep(time.Minute)
		m.Agent().Rename(t, "2", "Open port 5433")
		if got := end(); !got.Reached || got.took != 4*time.Minute {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
		cancel()
		endOfOther()
	})
}

// TestSlowFirstLook: while a wait takes its first look, and a long time over it, others look at what is newer and newer.
// One of them is at it as the wait joins in.
func TestSlowFirstLook(t *testing.T) {
	for _, c := range []struct {
		glance time.Duration
		edits  int
	}{{0, 20}, {40 * time.Second, 20}, {40 * time.Second, 15}} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			created(t, d, key)
			created(t, d, "cadastre-other")
			began := time.Now()
			d = faulty{looks{d, func(look func(...servicedesk.ID) servicedesk.Glance, ids []servicedesk.ID) servicedesk.Glance {
				defer time.Sleep(c.glance)
				return look(ids...)
			}}, func(_ context.Context, method string) error {
				if method == "History" && time.Since(began) == time.Second {
					time.Sleep(20*time.Minute + 5*time.Second)
				}
				return nil
			}}
			other := waitFor(d, servicedesk.GoalResolved)
			other.ID, other.Pause = "2", time.Second
			ctx, cancel := context.WithCancel(t.Context())
			endOfOther := start(ctx, other)
			w := waitFor(d, servicedesk.GoalInProgress)
			w.Watcher, w.Pause = other.Watcher, time.Second
			time.Sleep(time.Second)
			end := start(t.Context(), w)
			time.Sleep(time.Second)
			m.Agent().Start(t, "1")
			for range c.edits {
				time.Sleep(time.Minute)
				m.Edit("2", func(*servicedesk.Ticket) {})
			}
			if got := end(); !got.Reached || got.took > 22*time.Minute {
				t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
			}
			cancel()
			endOfOther()
			time.Sleep(c.glance)
		})
	}
}
