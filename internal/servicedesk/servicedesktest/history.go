package servicedesktest

import (
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// history reads what has happened to a ticket and checks what holds for every history.
func (h Harness) history(t *testing.T, id servicedesk.ID) []servicedesk.Event {
	t.Helper()
	ticket := h.get(t, id)
	events, err := h.Desk.History(t.Context(), ticket)
	if err != nil {
		t.Fatalf("the history of ticket %s could not be read: %v", id, err)
	}
	seen := make(map[string]bool, len(events))
	for i, e := range events {
		if e.ID == "" || seen[e.ID] {
			t.Errorf("an event has the id %q, like another one", e.ID)
		}
		seen[e.ID] = true
		if i > 0 && e.At.Before(events[i-1].At) {
			t.Errorf("the history goes back in time from %v to %v", events[i-1].At, e.At)
		}
		if e.Kind != servicedesk.EventStatus {
			continue
		}
		// An approval may be told apart from the status.
		if want := h.Desk.Describe().Mapping.Meaning(ticket.Type, e.ToNative).Status; e.ToNative == "" || e.To.Status != want {
			t.Errorf("the history says that status %q means %s; the mapping says %s", e.ToNative, e.To.Status, want)
		}
	}
	return events
}

// happened waits until the history has an event, and answers the first such.
func (h Harness) happened(t *testing.T, id servicedesk.ID, what string, is func(servicedesk.Event) bool) servicedesk.Event {
	t.Helper()
	var events []servicedesk.Event
	i := -1
	h.eventually(t, func() bool {
		events = h.history(t, id)
		i = slices.IndexFunc(events, is)
		return i >= 0
	})
	if i < 0 {
		t.Errorf("the history of ticket %s does not tell %s; it has %+v", id, what, events)
		return servicedesk.Event{}
	}
	return events[i]
}

// quiet makes sure that nobody is shown to have said anything or moved the ticket.
func (h Harness) quiet(t *testing.T, id servicedesk.ID, after string) {
	t.Helper()
	for _, e := range h.history(t, id) {
		if e.Kind == servicedesk.EventMessage || e.Kind == servicedesk.EventStatus {
			t.Errorf("after %s, the history shows what nobody has said or done: %+v", after, e)
		}
	}
}
