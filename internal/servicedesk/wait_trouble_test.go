package servicedesk_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestMergedMeanwhile: the wait goes on at the ticket that it has become part of.
func TestMergedMeanwhile(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
			created(t, d, key)
			created(t, d, "cadastre-other")
			if before {
				m.Agent().Merge(t, "1", "2")
			}
			end := start(t.Context(), waitFor(d, servicedesk.GoalApproved))
			time.Sleep(61 * time.Second)
			if !before {
				m.Agent().Merge(t, "1", "2")
			}
			time.Sleep(61 * time.Second)
			m.Agent().Approve(t, "2")
			if got := end(); !got.Reached || got.ticket.ID != "2" || got.took != 135*time.Second || got.err != nil {
				t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
			}
		})
	}
}

// TestOutOfSight: nobody can wait for what he does not see any more.
func TestOutOfSight(t *testing.T) {
	for name, c := range map[string]struct {
		lose func(servicedesktest.Agent, *testing.T, servicedesk.ID)
		want error
	}{"hidden": {servicedesktest.Agent.Hide, cloud.ErrForbidden}, "deleted": {servicedesktest.Agent.Delete, cloud.ErrNotFound}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				end := start(t.Context(), waitFor(d, servicedesk.GoalResolved))
				time.Sleep(20 * time.Second)
				c.lose(m.Agent(), t, "1")
				got := end()
				wantError(t, got.err, c.want)
				if got.took != 30*time.Second || got.Reached || got.Failed || got.ticket.ID != "1" {
					t.Errorf("after %v, it ended with %+v at %+v", got.took, got.Outcome, got.ticket)
				}
				if again := start(t.Context(), waitFor(d, servicedesk.GoalResolved))(); again.took != 0 || !errors.Is(again.err, c.want) {
					t.Errorf("after %v, the next wait ended with %v", again.took, again.err)
				}
			})
		})
	}
}

// reason makes the error of a desk.
func reason(err error) error {
	return &cloud.Error{Reason: err, Operator: "memory", Text: "It was ordered to fail."}
}

// TestDeskDown: people need not be at it when a desk comes back. Whichever call finds it down, the wait goes on.
func TestDeskDown(t *testing.T) {
	for _, err := range []error{cloud.ErrUnavailable, cloud.ErrBusy} {
		for _, method := range []string{"", "Get", "Glance", "History"} {
			for _, from := range []time.Duration{0, time.Minute} {
				synctest.Test(t, func(t *testing.T) {
					m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
					created(t, d, key)
					began := time.Now()
					d = looks{d, func(look func(...servicedesk.ID) servicedesk.Glance, ids []servicedesk.ID) servicedesk.Glance {
						if !slices.Equal(ids, []servicedesk.ID{"1"}) {
							t.Errorf("the desk was asked for %q", ids)
						}
						return look(ids...)
					}}
					through := faulty{d, func(_ context.Context, called string) error {
						if at := time.Since(began); at >= from && at < time.Hour && (method == "" || called == method) {
							return reason(err)
						}
						return nil
					}}
					w := waitFor(through, servicedesk.GoalApproved)
					w.Pause = 15 * time.Second
					end := start(t.Context(), w)
					time.Sleep(5*time.Minute + time.Second)
					m.Agent().Approve(t, "1")
					if got := end(); !got.Reached || got.err != nil || got.took > time.Hour+15*time.Second || got.took < time.Hour && method != "Glance" {
						t.Errorf("%q was down from %v on; after %v, it ended with %+v: %v", method, from, got.took, got.Outcome, got.err)
					}
				})
			}
		}
	}
}

// TestWrongTokenMeanwhile: no later look would do better.
func TestWrongTokenMeanwhile(t *testing.T) {
	for _, method := range []string{"", "Get", "Glance", "History"} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			created(t, d, key)
			began := time.Now()
			through := faulty{d, func(_ context.Context, called string) error {
				if time.Since(began) > time.Minute && (method == "" || called == method) {
					return reason(cloud.ErrUnauthenticated)
				}
				return nil
			}}
			end := start(t.Context(), waitFor(through, servicedesk.GoalResolved))
			time.Sleep(time.Minute + time.Second)
			m.Agent().Start(t, "1")
			got := end()
			wantError(t, got.err, cloud.ErrUnauthenticated)
			if got.took != 75*time.Second || got.ticket.ID != "1" || got.Reached || got.Failed {
				t.Errorf("%q: after %v, it ended with %+v at %+v", method, got.took, got.Outcome, got.ticket)
			}
		})
	}
}

// TestGivenUp: what was seen last is told when a wait is over, or the user does not want to wait any more.
func TestGivenUp(t *testing.T) {
	for _, interrupted := range []bool{false, true} {
		for _, dead := range []string{"", "Glance", "Get", "History"} { // A call of which the wait knows not when it ends.
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				began := time.Now()
				through := faulty{d, func(ctx context.Context, called string) error {
					if time.Since(began) < time.Hour || called != dead {
						return nil
					}
					if err := hung(ctx); dead != "History" {
						return err
					}
					return ctx.Err() // As a careless driver would.
				}}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w := waitFor(through, servicedesk.GoalResolved)
				want := 2 * time.Hour
				if w.Limit = want; interrupted {
					w.Limit = 8 * time.Hour
					time.AfterFunc(want, cancel)
				}
				end := start(ctx, w)
				time.Sleep(20 * time.Second)
				m.Agent().Ask(t, "1", "Which port?")
				time.Sleep(time.Hour)
				m.Agent().Say(t, "1", servicedesk.Message{Text: "Still there?", Public: true})
				got := end()
				words := map[bool]string{true: "Still there?", false: "Which port?"}[dead == ""]
				if !errors.Is(got.err, servicedesk.ErrGaveUp) || got.took != want || got.Words != words || got.Reached || got.Failed {
					t.Errorf("dead %q: after %v, it ended with %+v: %v", dead, got.took, got.Outcome, got.err)
				}
				if got.ticket.Status != servicedesk.StatusPending || got.ticket.Awaiting != servicedesk.AwaitingRequester {
					t.Errorf("dead %q: the ticket is %+v", dead, got.ticket)
				}
				time.Sleep(5 * time.Minute) // A look may be on its way still.
			})
		}
	}
}

// TestStumble: an answer that the driver trips over ends neither the process nor a wait that can do without it.
func TestStumble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		through := faulty{d, func(_ context.Context, called string) error {
			if called == "Glance" {
				panic("an answer without a body")
			}
			return nil
		}}
		end := start(t.Context(), waitFor(through, servicedesk.GoalResolved))
		time.Sleep(time.Hour)
		m.Agent().Start(t, "1")
		m.Agent().Resolve(t, "1", "Done.")
		if got := end(); !got.Reached || got.err != nil || got.took > time.Hour+5*time.Minute || m.Calls("Get") > 200 {
			t.Errorf("after %v and %d looks, it ended with %+v: %v", got.took, m.Calls("Get"), got.Outcome, got.err)
		}
	})
}
