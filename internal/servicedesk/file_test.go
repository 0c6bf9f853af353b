package servicedesk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

const key = "cadastre-port-5432"

func TestFiledOnce(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	got := filed(t, d, key)
	if got.Adopted || got.Known || got.Key != key || len(got.Dropped)+len(got.Others)+len(got.Withdrawn) > 0 {
		t.Errorf("the filing answers %+v", got)
	}
	if got.Ticket.ID != "1" || !got.Ticket.Claimed || got.Ticket.Key != key || got.Ticket.Number != "M1" {
		t.Errorf("the ticket is %+v", got.Ticket)
	}
	m.Agent().Rename(t, "1", "Open ports")
	again := filed(t, d, key) // Its being different now is no fault of the desk's.
	if again.Ticket.ID != "1" || !again.Adopted || !again.Known || len(again.Dropped) > 0 {
		t.Errorf("the second filing answers %+v", again)
	}
	wantOpen(t, m, "1")
	wantCalls(t, m, "Create", 1)
	wantCalls(t, m, "Claim", 1)
}

// TestLostAnswer loses the answer to the one request that creates, before or after it was carried out, at desks that
// show what they have made only after a while.
func TestLostAnswer(t *testing.T) {
	for lag := range 120 {
		for what, lose := range map[string]func(*servicedesktest.Memory){
			"before": func(m *servicedesktest.Memory) { m.FailNext("Create", cloud.ErrUnknownOutcome) },
			"after":  func(m *servicedesktest.Memory) { m.LoseNext("Create") },
		} {
			t.Run(fmt.Sprintf("%s, %d s", what, lag), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { lostAnswer(t, time.Duration(lag)*time.Second, lose, what == "after") })
			})
		}
	}
}

func lostAnswer(t *testing.T, lag time.Duration, lose func(*servicedesktest.Memory), carriedOut bool) {
	m, d := newDesk(servicedesktest.MemoryOptions{ServerTimeout: 2 * time.Minute})
	m.Lag(lag)
	lose(m)
	began := time.Now()
	if carriedOut {
		if got := filed(t, d, key); got.Ticket.ID != "1" || !got.Ticket.Claimed || got.Adopted {
			t.Errorf("the filing answers %+v", got)
		}
		if took := time.Since(began); took < lag || took > lag+6*time.Second {
			t.Errorf("what was found after %v could be found after %v", took, lag)
		}
		wantCalls(t, m, "Create", 1)
	} else {
		_, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
		wantError(t, err, cloud.ErrUnknownOutcome)
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("it was searched for %v", took)
		}
		wantCalls(t, m, "Create", 1)
		if got := filed(t, d, key); got.Ticket.ID != "1" || got.Adopted {
			t.Errorf("the second filing answers %+v", got)
		}
	}
	wantOpen(t, m, "1")
	if len(m.Tickets()) != 1 {
		t.Errorf("there are %d tickets", len(m.Tickets()))
	}
}

// TestLostAnswerAfterAnEnd: what is found by a key that the user has given before may be what has ended under it.
func TestLostAnswerAfterAnEnd(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "closed" })
	m.LoseNext("Create")
	if got := filed(t, d, key); got.Ticket.ID != "2" || got.Adopted {
		t.Errorf("the filing answers %+v", got)
	}
	wantOpen(t, m, "2")
}

// TestUnknownOutcome: a ticket that appears later than the desk said it could is found by the next run.
func TestUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{ServerTimeout: time.Minute})
		m.Lag(100 * time.Second)
		m.LoseNext("Create")
		began := time.Now()
		got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
		wantError(t, err, cloud.ErrUnknownOutcome)
		if took := time.Since(began); took != time.Minute || got.Ticket.ID != "" {
			t.Errorf("after %v, the filing answers %+v", took, got)
		}
		time.Sleep(time.Minute)
		if again := filed(t, d, key); again.Ticket.ID != "1" || !again.Adopted || again.Known || !again.Ticket.Claimed {
			t.Errorf("the next filing answers %+v", again)
		}
		wantOpen(t, m, "1")
		wantCalls(t, m, "Create", 1)
	})
}

// TestInterruptedSearch: who interrupts a run is not made to wait, also at a desk that answers nothing any more, and the
// next run finds what this one has left.
func TestInterruptedSearch(t *testing.T) {
	for _, dead := range []bool{false, true} {
		t.Run(fmt.Sprintf("dead %t", dead), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				m.Lag(30 * time.Second)
				m.LoseNext("Create")
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				began := time.Now()
				through := faulty{d, func(ctx context.Context, _ string) error {
					if dead && time.Since(began) > 5*time.Second {
						return hung(ctx)
					}
					return nil
				}}
				_, err := servicedesk.Filing{Desk: through, New: order(key)}.Run(ctx)
				wantError(t, err, cloud.ErrUnknownOutcome)
				if took := time.Since(began); took < 20*time.Second || took > 35*time.Second {
					t.Errorf("it was interrupted after 20 s and ended after %v", took)
				}
				time.Sleep(time.Minute)
				if again := filed(t, d, key); again.Ticket.ID != "1" || !again.Adopted {
					t.Errorf("the next filing answers %+v", again)
				}
				wantOpen(t, m, "1")
				wantCalls(t, m, "Create", 1)
			})
		})
	}
}

// TestInterruptedAtAnyStep interrupts a run as it takes each of its steps: nothing is half done then.
func TestInterruptedAtAnyStep(t *testing.T) {
	for step := range 12 { // Six calls make a ticket, with two moments each.
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			at := 0
			m.Hook(func(servicedesktest.Call) {
				if at == step {
					cancel()
				}
				at++
			})
			got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(ctx)
			m.Hook(nil)
			switch {
			case step >= at:
				t.Errorf("a filing has %d steps", at)
			case err != nil && m.Calls("Create") > 0: // What is under way is not cut off.
				t.Errorf("interrupted at step %d, it has no ticket: %v", step, err)
			case err == nil && (len(got.Troubles) > 0 || !got.Ticket.Claimed || got.Ticket.Subject != order(key).Subject):
				t.Errorf("interrupted at step %d, it answers %+v", step, got)
			}
			filed(t, d, key)
			wantOpen(t, m, "1")
		})
	}
}

// TestEndedBefore: an order like one that has ended is a new one. A derived key tells them apart; what the user has
// called an order is his to say.
func TestEndedBefore(t *testing.T) {
	for _, derived := range []bool{true, false} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		f := servicedesk.Filing{Desk: d, New: order(key), Derived: derived}
		for n, generation := range []string{"", ".2", ".3"} {
			if !derived {
				generation = ""
			}
			for _, adopted := range []bool{false, true} {
				got, err := f.Run(t.Context())
				want := servicedesk.ID(fmt.Sprint(n + 1))
				if err != nil || got.Ticket.ID != want || got.Adopted != adopted || got.Key != key+generation || got.Ticket.Key != got.Key {
					t.Fatalf("derived %t: filing %d answers %+v: %v", derived, n, got, err)
				}
			}
			m.Edit(servicedesk.ID(fmt.Sprint(n+1)), func(e *servicedesk.Ticket) { e.NativeStatus = "closed" })
		}
		wantCalls(t, m, "Create", 3)
	}
}

// TestWhichIsAdopted: a ticket that somebody has is that of its key; the user hears that it is, and of the others.
func TestWhichIsAdopted(t *testing.T) {
	for _, c := range []struct {
		claimed, ended []servicedesk.ID
		want           servicedesk.ID
		known          bool
		others         []servicedesk.ID
	}{
		{want: "1", others: []servicedesk.ID{"2", "3"}},
		{claimed: []servicedesk.ID{"1"}, want: "1", known: true, others: []servicedesk.ID{"2", "3"}},
		{claimed: []servicedesk.ID{"2"}, want: "2", known: true, others: []servicedesk.ID{"1", "3"}},
		{claimed: []servicedesk.ID{"2", "3"}, want: "2", known: true, others: []servicedesk.ID{"1", "3"}},
		{claimed: []servicedesk.ID{"1"}, ended: []servicedesk.ID{"1"}, want: "2", others: []servicedesk.ID{"3"}},
		{ended: []servicedesk.ID{"1", "3"}, want: "2"},
	} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			for range 3 {
				created(t, d, key)
			}
			for _, id := range c.claimed {
				m.Edit(id, func(e *servicedesk.Ticket) { e.Claimed = true })
			}
			for _, id := range c.ended {
				m.Edit(id, func(e *servicedesk.Ticket) { e.NativeStatus = "rejected" })
			}
			got := filed(t, d, key)
			if got.Ticket.ID != c.want || got.Known != c.known || !slices.Equal(got.Others, c.others) || !got.Adopted || !got.Ticket.Claimed {
				t.Errorf("%+v: the filing answers %+v", c, got)
			}
			wantCalls(t, m, "Create", 3)
		})
	}
}

// TestMergedIsAdopted: the order has become part of another ticket, where it is still being worked on.
func TestMergedIsAdopted(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	filed(t, d, key)
	m.Agent().Merge(t, "1", filed(t, d, "cadastre-other").Ticket.ID)
	if got := filed(t, d, key); got.Ticket.ID != "2" || !got.Adopted {
		t.Errorf("the filing answers %+v", got)
	}
	wantCalls(t, m, "Create", 2)
}

// TestDropped: a desk that forgets what it was told does not say so; the user hears of each part from us.
func TestDropped(t *testing.T) {
	for _, part := range []string{
		"severity", "project", "affected_resources", "watchers", "links", "fields.Impact", "requested_resolution_at", "external_key",
		"subject", "severity project watchers",
	} {
		synctest.Test(t, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			m.Drop(strings.Fields(part)...)
			n := order(key)
			n.RequestedResolutionAt = time.Now().Add(time.Hour)
			began := time.Now()
			got, err := servicedesk.Filing{Desk: d, New: n}.Run(t.Context())
			dropped := strings.Join(slices.Sorted(slices.Values(got.Dropped)), " ")
			if want := strings.Join(slices.Sorted(slices.Values(strings.Fields(part))), " "); err != nil || dropped != want || got.Ticket.ID != "1" {
				t.Errorf("%s was dropped; the filing answers %+v: %v", part, got, err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s was dropped, and the filing took %v", part, took)
			}
		})
	}
}

// accountOnly is a desk at which every ticket is the account's own.
type accountOnly struct{ servicedesk.Desk }

func (a accountOnly) Describe() servicedesk.Description {
	d := a.Desk.Describe()
	d.Requesters = false
	return d
}

func (a accountOnly) Create(ctx context.Context, t servicedesk.NewTicket) (servicedesk.ID, error) {
	t.Requester = ""
	return a.Desk.Create(ctx, t)
}

// TestDroppedRequester tells that a ticket was not filed for whom it was meant.
func TestDroppedRequester(t *testing.T) {
	_, d := newDesk(servicedesktest.MemoryOptions{})
	for requester, want := range map[string]int{"ilze@example.org": 1, us: 0, "": 0} {
		o := order("cadastre-for-" + strings.ToLower(requester) + "-all")
		o.Requester = requester
		got, err := servicedesk.Filing{Desk: accountOnly{d}, New: o}.Run(t.Context())
		if err != nil || len(got.Dropped) != want || want == 1 && got.Dropped[0] != "requester" {
			t.Errorf("for %q, it was dropped: %q, %v", requester, got.Dropped, err)
		}
	}
}
