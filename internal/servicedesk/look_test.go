package servicedesk_test

import (
	"context"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestLook: an approval is told where the status is silent about it.
func TestLook(t *testing.T) {
	rich, poor := servicedesktest.MemoryOptions{Approvals: true}, servicedesktest.MemoryOptions{Approvals: true, NoHistory: true}
	for name, c := range map[string]struct {
		options servicedesktest.MemoryOptions
		natives []string
		want    servicedesk.Approval
	}{
		"requested":                {rich, nil, "requested"},
		"approved":                 {rich, []string{"approved"}, "approved"},
		"held before":              {rich, []string{"onhold"}, "requested"},
		"held after":               {rich, []string{"approved", "onhold", "waiting"}, "approved"},
		"withdrawn, held":          {rich, []string{"approved", "requested", "onhold"}, "requested"},
		"rejected, held":           {rich, []string{"rejected", "onhold"}, "rejected"},
		"held, without history":    {poor, []string{"approved", "onhold"}, "requested"},
		"approved without history": {poor, []string{"approved"}, "approved"},
		"of no such type":          {servicedesktest.MemoryOptions{}, []string{"onhold"}, "not_required"},
	} {
		m, d := newDesk(c.options)
		created(t, d, key)
		for _, native := range c.natives {
			m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = native })
		}
		got, err := servicedesk.Look(t.Context(), d, "1")
		if err != nil || got.Ticket.Approval != c.want || got.MergedInto != "" {
			t.Errorf("%s: it answers %+v: %v", name, got, err)
		}
	}
}

func TestLookAtTheMerged(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
	created(t, d, key)
	created(t, d, "cadastre-other")
	m.Edit("2", func(e *servicedesk.Ticket) { e.NativeStatus = "approved" })
	m.Edit("2", func(e *servicedesk.Ticket) { e.NativeStatus = "onhold" })
	m.Agent().Merge(t, "1", "2")
	got, err := servicedesk.Look(t.Context(), d, "1")
	if err != nil || got.MergedInto != "2" || got.Ticket.ID != "2" || got.Ticket.Approval != servicedesk.ApprovalApproved {
		t.Errorf("it answers %+v: %v", got, err)
	}
	for _, method := range []string{"Get", "History"} {
		m.FailNext(method, cloud.ErrUnavailable)
		_, err := servicedesk.Look(t.Context(), d, "1")
		wantError(t, err, cloud.ErrUnavailable)
	}
}

// canned is a desk with one ticket whose history is what the test says: such as no Memory would tell it.
type canned struct {
	servicedesk.Desk
	ticket servicedesk.Ticket
	events []servicedesk.Event
}

func (c canned) Describe() servicedesk.Description {
	return servicedesk.Description{Capabilities: servicedesk.Capabilities{History: true}}
}

func (c canned) Get(context.Context, servicedesk.ID) (servicedesk.Ticket, error) {
	return c.ticket, nil
}

func (c canned) History(context.Context, servicedesk.Ticket) ([]servicedesk.Event, error) {
	return c.events, nil
}

// TestOddHistories: desks have statuses that say two things, and words that are none.
func TestOddHistories(t *testing.T) {
	const approved, rejected = servicedesk.ApprovalApproved, servicedesk.ApprovalRejected
	public := func(words string) servicedesk.Message { return servicedesk.Message{Text: words, Public: true} }
	for name, c := range map[string]struct {
		now             servicedesk.Meaning
		reached, failed bool
	}{
		"approved and at work":           {servicedesk.Meaning{Status: "in_progress", Approval: approved}, true, false},
		"approved, of no known status":   {servicedesk.Meaning{Status: "unknown", Approval: approved}, true, false},
		"approved and cancelled":         {servicedesk.Meaning{Status: "cancelled", Approval: approved}, false, false},
		"approved and rejected":          {servicedesk.Meaning{Status: "rejected", Approval: approved}, false, false},
		"denied, and given back":         {servicedesk.Meaning{Status: "pending", Approval: rejected}, false, true},
		"nothing is known of its status": {servicedesk.Meaning{Status: "unknown", Approval: "requested"}, false, false},
	} {
		d := canned{
			ticket: servicedesk.Ticket{ID: "1", Status: c.now.Status, Approval: c.now.Approval},
			events: []servicedesk.Event{
				{Kind: servicedesk.EventCreated, Author: "registry", Message: public("The order of somebody else.")},
				{Kind: servicedesk.EventMessage, Author: "agent", Message: public("Which port?")},
				{Kind: servicedesk.EventOther, Author: "agent", Message: public("")},
				{Kind: servicedesk.EventCreated, Author: "registry", Message: public("The order, told once more.")},
			},
		}
		w := waitFor(d, servicedesk.GoalApproved)
		w.FailOn, w.Limit = nil, time.Nanosecond // Its first look is all that it has, and that asks for no time.
		_, got, err := w.Run(t.Context())
		if got.Reached != c.reached || got.Failed != c.failed || got.Words != "Which port?" {
			t.Errorf("%s: it ended with %+v: %v", name, got, err)
		}
	}
}
