package servicedesktest

import (
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// memoryAgent plays the people of a Memory.
type memoryAgent struct{ m *Memory }

var _ Agent = memoryAgent{}

// on does something with a ticket that the agent sees.
func (a memoryAgent) on(t *testing.T, id servicedesk.ID, do func(*record)) {
	t.Helper()
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	r := a.m.record(id)
	if r == nil || r.deleted || r.mergedInto != nil {
		t.Fatalf("the agent sees no ticket %q", id)
	}
	do(r)
}

// move brings a ticket from one of some statuses into another.
func (a memoryAgent) move(t *testing.T, id servicedesk.ID, to string, words servicedesk.Message, from ...string) {
	t.Helper()
	a.on(t, id, func(r *record) {
		t.Helper()
		if !slices.Contains(from, r.ticket.NativeStatus) {
			t.Fatalf("the agent cannot bring ticket %s from %q to %q", id, r.ticket.NativeStatus, to)
		}
		a.m.move(r, to, staff, words)
	})
}

// working is the status of a ticket on which people work.
func (a memoryAgent) working(t *testing.T, id servicedesk.ID) string {
	t.Helper()
	working := "open"
	a.on(t, id, func(r *record) {
		if r.ticket.Type == servicedesk.TypeChange && a.m.options.Approvals {
			working = "implementing"
		}
	})
	return working
}

func public(words string) servicedesk.Message {
	return servicedesk.Message{Text: words, Public: words != ""}
}

func (a memoryAgent) Approve(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.move(t, id, "approved", public(""), "requested")
}

func (a memoryAgent) Reject(t *testing.T, id servicedesk.ID, reason string) {
	t.Helper()
	a.move(t, id, "rejected", public(reason), "requested", "new", "open", "approved", "implementing", "waiting", "onhold")
}

func (a memoryAgent) Start(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.move(t, id, a.working(t, id), public(""), "new", "approved", "waiting", "onhold")
}

func (a memoryAgent) Hold(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.move(t, id, "onhold", public(""), "new", "requested", "approved", a.working(t, id), "waiting")
}

func (a memoryAgent) Ask(t *testing.T, id servicedesk.ID, question string) {
	t.Helper()
	a.move(t, id, "waiting", public(question), "new", "requested", "approved", a.working(t, id), "onhold")
}

func (a memoryAgent) Resolve(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	a.move(t, id, "resolved", public(words), a.working(t, id))
}

func (a memoryAgent) Reopen(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.move(t, id, a.working(t, id), public(""), "resolved", "closed", "cancelled", "rejected")
}

func (a memoryAgent) Say(t *testing.T, id servicedesk.ID, m servicedesk.Message) {
	t.Helper()
	a.on(t, id, func(r *record) {
		a.m.touch(r)
		a.m.note(r, servicedesk.Event{Kind: servicedesk.EventMessage, Author: staff, Message: m})
	})
}

func (a memoryAgent) Rename(t *testing.T, id servicedesk.ID, subject string) {
	t.Helper()
	a.on(t, id, func(r *record) {
		r.ticket.Subject = subject
		a.m.touch(r)
		a.m.note(r, servicedesk.Event{Kind: servicedesk.EventOther, Author: staff})
	})
}

func (a memoryAgent) Merge(t *testing.T, id, into servicedesk.ID) {
	t.Helper()
	var target *record
	a.on(t, into, func(r *record) { target = r })
	a.on(t, id, func(r *record) {
		if r == target {
			t.Fatalf("the agent cannot merge ticket %s into itself", id)
		}
		r.mergedInto = target
		a.m.touch(target)
	})
}

func (a memoryAgent) Hide(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.on(t, id, func(r *record) { r.hidden = true })
}

func (a memoryAgent) Delete(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.on(t, id, func(r *record) { r.deleted = true })
}
