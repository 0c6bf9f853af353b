package servicedesk_test

import (
	"errors"
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

func end(t *testing.T, d servicedesk.Desk, how servicedesk.Ending, comment string) servicedesk.Ended {
	t.Helper()
	got, err := servicedesk.End(t.Context(), d, "1", how, comment)
	if err != nil {
		t.Fatalf("%s ended with %v", how, err)
	}
	return got
}

// TestEndings: what the desk's people read is for them alone, for an answer in public would move the ticket. Ending twice
// is ending once.
func TestEndings(t *testing.T) {
	for how, want := range map[servicedesk.Ending]servicedesk.Status{
		servicedesk.EndCancel: servicedesk.StatusCancelled, servicedesk.EndClose: servicedesk.StatusClosed,
		servicedesk.EndComment: servicedesk.StatusAcknowledged, servicedesk.EndDetach: servicedesk.StatusAcknowledged,
	} {
		for _, comment := range []string{"", "We have moved."} {
			t.Run(fmt.Sprint(how, comment), func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				got := end(t, d, how, comment)
				if how == servicedesk.EndDetach {
					wantCalls(t, m, "Get", 0)
				} else if got.Ticket.ID != "1" || got.Ticket.Status != servicedesk.StatusAcknowledged {
					t.Errorf("it answers %+v", got)
				}
				end(t, d, how, comment)
				now := ticket(t, d, "1")
				if now.Status != want || got.Refused != nil || got.Unsaid != nil || got.Unseen != nil || got.MergedInto != "" {
					t.Errorf("it is %s, and %+v", now.Status, got)
				}
				events, err := d.History(t.Context(), now)
				if err != nil {
					t.Fatal(err)
				}
				events = slices.DeleteFunc(events, func(e servicedesk.Event) bool { return e.Message.Text == "" })
				switch {
				case how == servicedesk.EndDetach && len(events) == 0:
				case len(events) != 1 || events[0].Message.Public:
					t.Errorf("in the ticket, it says %+v", events)
				case comment != "" && events[0].Message.Text != comment, !strings.HasSuffix(events[0].Message.Text, "."):
					t.Errorf("in the ticket, it says %q", events[0].Message.Text)
				}
			})
		}
	}
	if len(servicedesk.Endings) != 4 {
		t.Errorf("there are the endings %v", servicedesk.Endings)
	}
}

// TestLeftAlone: a ticket that has ended, or become part of another, is a record of what has been.
func TestLeftAlone(t *testing.T) {
	for _, how := range servicedesk.Endings {
		for _, native := range []string{"resolved", "closed", "cancelled", "rejected", "merged"} {
			t.Run(fmt.Sprint(how, " ", native), func(t *testing.T) {
				if how == servicedesk.EndClose && native == "resolved" {
					return // That is not the end here: TestCloseResolved.
				}
				m, d := newDesk(servicedesktest.MemoryOptions{})
				created(t, d, key)
				created(t, d, "cadastre-other")
				if native == "merged" {
					m.Agent().Merge(t, "1", "2")
				} else {
					m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = native })
				}
				before := m.Tickets()
				got := end(t, d, how, "We have moved.")
				if merged := native == "merged" && how != servicedesk.EndDetach; (got.MergedInto == "2") != merged || got.Refused != nil {
					t.Errorf("it answers %+v", got)
				}
				if after := m.Tickets(); after[0].Version != before[0].Version || after[1].Version != before[1].Version {
					t.Errorf("there are %+v", after)
				}
				wantCalls(t, m, "Transition", 0)
				wantCalls(t, m, "Say", 0)
			})
		}
	}
}

// TestCloseResolved: closing is what a requester does with what is resolved, and no more once there is nothing to.
func TestCloseResolved(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "resolved" })
	if got := end(t, d, servicedesk.EndClose, ""); got.Refused != nil || m.Tickets()[0].Status != servicedesk.StatusClosed {
		t.Errorf("it answers %+v, and the ticket is %s", got, m.Tickets()[0].Status)
	}
	m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "resolved" })
	m.Forbid("closed")
	if got := end(t, d, servicedesk.EndClose, ""); !errors.Is(got.Refused, servicedesk.ErrTransition) {
		t.Errorf("a refusal passes for an ending: %+v", got)
	}
}

// TestRefusedEnding: the desk's people hear at least that nobody waits for them.
func TestRefusedEnding(t *testing.T) {
	for _, reason := range []error{servicedesk.ErrTransition, cloud.ErrUnsupported} {
		for _, unsaid := range []error{nil, cloud.ErrForbidden} {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			created(t, d, key)
			m.FailNext("Transition", reason, reason)
			if unsaid != nil {
				m.FailNext("Say", unsaid)
			}
			got := end(t, d, servicedesk.EndCancel, "We have moved.")
			wantError(t, got.Refused, reason)
			wantError(t, got.Unsaid, unsaid)
			end(t, d, servicedesk.EndCancel, "We have moved.")
			if said := sayings(t, d, "1"); !slices.Equal(said, []string{"We have moved."}) {
				t.Errorf("in the ticket, it says %q", said)
			}
			wantOpen(t, m, "1")
		}
	}
}

// TestEndedMeanwhile: somebody ends it between our look and our request, which is what we wanted.
func TestEndedMeanwhile(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.Hook(func(c servicedesktest.Call) {
		if c.Method == "Transition" && !c.Done {
			m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "resolved" })
		}
	})
	if got := end(t, d, servicedesk.EndCancel, ""); got.Refused != nil || got.Ticket.Status != servicedesk.StatusAcknowledged {
		t.Errorf("it answers %+v", got)
	}
	wantCalls(t, m, "Say", 0)
	if now := ticket(t, d, "1"); now.Status != servicedesk.StatusResolved {
		t.Errorf("it is %s", now.Status)
	}
}

// TestUnseen: what we do not see is not ours to end, and no reason to keep its declaration. A desk that is down is one.
func TestUnseen(t *testing.T) {
	for _, how := range []servicedesk.Ending{servicedesk.EndCancel, servicedesk.EndClose, servicedesk.EndComment} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.FailNext("Get", cloud.ErrUnavailable)
		_, err := servicedesk.End(t.Context(), d, "1", how, "")
		wantError(t, err, cloud.ErrUnavailable)
		m.Agent().Hide(t, "1")
		wantError(t, end(t, d, how, "").Unseen, cloud.ErrForbidden)
		m.Agent().Delete(t, "1")
		wantError(t, end(t, d, how, "").Unseen, cloud.ErrNotFound)
		wantCalls(t, m, "Transition", 0)
		wantCalls(t, m, "Say", 0)
	}
}

// TestLostEnding: it is looked whether the request was carried out. If that is not to be seen, the next run asks again.
func TestLostEnding(t *testing.T) {
	for _, how := range []servicedesk.Ending{servicedesk.EndCancel, servicedesk.EndClose} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.FailNext("Transition", cloud.ErrUnknownOutcome)
		_, err := servicedesk.End(t.Context(), d, "1", how, "")
		wantError(t, err, cloud.ErrUnknownOutcome)
		wantOpen(t, m, "1")
		m.LoseNext("Transition")
		end(t, d, how, "")
		wantOpen(t, m)
		if said := sayings(t, d, "1"); len(said) != 1 {
			t.Errorf("in the ticket, it says %q", said)
		}

		created(t, d, "cadastre-other")
		m.LoseNext("Transition")
		m.FailNext("Get", nil, cloud.ErrUnavailable)
		_, err = servicedesk.End(t.Context(), d, "2", how, "")
		wantError(t, err, cloud.ErrUnknownOutcome)
		m.FailNext("Transition", cloud.ErrBusy) // Of which there is no need.
		if _, err = servicedesk.End(t.Context(), d, "2", how, ""); err != nil {
			t.Errorf("the next run ended with %v", err)
		}
	}
}

func TestRefusedForAnotherReason(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.FailNext("Transition", cloud.ErrBusy)
	_, err := servicedesk.End(t.Context(), d, "1", servicedesk.EndCancel, "")
	wantError(t, err, cloud.ErrBusy)
	wantCalls(t, m, "Say", 0)
}

// TestLostComment: as with all that is said.
func TestLostComment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.LoseNext("Say")
		began := time.Now()
		end(t, d, servicedesk.EndComment, "We have moved.")
		if took := time.Since(began); took > 0 {
			t.Errorf("it was found after %v", took)
		}
		wantCalls(t, m, "Say", 1)
	})
}
