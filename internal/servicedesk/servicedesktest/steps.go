package servicedesktest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// newKey is unique, so that tickets of earlier runs do no harm.
func newKey() string { return "vdam-suite/" + strings.ToLower(rand.Text()) }

func newWord() string { return strings.ToLower(rand.Text()[:8]) }

func newSubject(what string) string { return "vdam-suite " + what + " " + newWord() }

func (h Harness) patience() time.Duration {
	if h.Patience == 0 {
		return 10 * time.Second
	}
	return h.Patience
}

// mapping is what a type is at the desk.
func (h Harness) mapping(typ servicedesk.Type) servicedesk.TypeMapping {
	return h.Desk.Describe().Mapping.Types[typ]
}

// plain is a type of tickets that needs no approval, if the desk has one.
func (h Harness) plain() servicedesk.Type {
	types := h.Desk.Describe().Mapping.Types
	for _, typ := range []servicedesk.Type{servicedesk.TypeIncident, servicedesk.TypeServiceRequest, servicedesk.TypeChange} {
		if _, ok := types[typ]; ok {
			return typ
		}
	}
	return servicedesk.TypeIncident
}

// draft is a small ticket to be filed.
func (h Harness) draft(typ servicedesk.Type, what string) servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: typ, Key: newKey(), Content: servicedesk.Content{
		Subject: newSubject(what), Description: "Filed by a test of the desk: " + what + ".", Severity: servicedesk.SeverityMinor,
	}}
}

// create files a ticket and withdraws it at the end of the test.
func (h Harness) create(t *testing.T, n servicedesk.NewTicket) servicedesk.ID {
	t.Helper()
	id, err := h.Desk.Create(t.Context(), n)
	if err != nil {
		t.Fatalf("a %s could not be filed: %v", n.Type, err)
	}
	if id == "" {
		t.Fatalf("a %s was filed, and the desk did not say as what", n.Type)
	}
	withdrawAtEnd(t, h, h.Desk, id)
	return id
}

// file files a ticket and reads it.
func (h Harness) file(t *testing.T, n servicedesk.NewTicket) servicedesk.Ticket {
	t.Helper()
	return h.get(t, h.create(t, n))
}

// fileOne files a small ticket and reads it.
func (h Harness) fileOne(t *testing.T, typ servicedesk.Type, what string) servicedesk.Ticket {
	t.Helper()
	return h.file(t, h.draft(typ, what))
}

// get reads a ticket as the engine does.
func (h Harness) get(t *testing.T, id servicedesk.ID) servicedesk.Ticket {
	t.Helper()
	seen, err := servicedesk.Look(t.Context(), h.Desk, id)
	if err != nil {
		t.Fatalf("ticket %s could not be read: %v", id, err)
	}
	return seen.Ticket
}

// withdrawAtEnd leaves no open ticket behind. What the desk does not let go stays.
func withdrawAtEnd(t *testing.T, h Harness, desk servicedesk.Desk, id servicedesk.ID) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 6*h.patience())
		defer cancel()
		got, err := desk.Get(ctx, id)
		if err != nil || got.ID != id || got.Status.Terminal() {
			return
		}
		to := servicedesk.StatusCancelled
		if desk.Describe().Mapping.Types[got.Type].CancelStatus == "" {
			to = servicedesk.StatusClosed
		}
		if err := desk.Transition(ctx, got, to, servicedesk.Message{Text: "The test is over."}); err != nil {
			t.Logf("ticket %s stays open: %v", id, err)
		}
	})
}

// eventually asks until the answer is yes or the desk's time is up.
func (h Harness) eventually(t *testing.T, yes func() bool) bool {
	t.Helper()
	deadline := time.Now().Add(h.patience())
	tick := time.NewTicker(min(max(h.patience()/50, 10*time.Millisecond), time.Second))
	defer tick.Stop()
	for !yes() {
		if time.Now().After(deadline) {
			return false
		}
		<-tick.C
	}
	return true
}

// becomes waits until people's deeds are seen on a ticket.
func (h Harness) becomes(t *testing.T, id servicedesk.ID, status servicedesk.Status) servicedesk.Ticket {
	t.Helper()
	var got servicedesk.Ticket
	if !h.eventually(t, func() bool { got = h.get(t, id); return got.Status == status }) {
		t.Fatalf("ticket %s is shown as %s (%s, approval %s), and the desk's people have made it %s",
			id, got.Status, got.NativeStatus, got.Approval, status)
	}
	return got
}

// find answers the tickets of a key, as soon as there are so many.
func (h Harness) find(t *testing.T, key string, number int) []servicedesk.Ticket {
	t.Helper()
	var found []servicedesk.Ticket
	h.eventually(t, func() bool {
		var err error
		if found, err = h.Desk.FindByKey(t.Context(), key); err != nil {
			t.Fatalf("the search for key %s failed: %v", key, err)
		}
		return len(found) >= number
	})
	return found
}

// wantNone makes sure that nothing was filed.
func (h Harness) wantNone(t *testing.T, what, key string) {
	t.Helper()
	if found := h.find(t, key, 0); len(found) > 0 {
		t.Errorf("%s: the desk has %v", what, ids(found))
		for _, f := range found {
			withdrawAtEnd(t, h, h.Desk, f.ID)
		}
	}
}

func ids(tickets []servicedesk.Ticket) []servicedesk.ID {
	out := make([]servicedesk.ID, len(tickets))
	for i, t := range tickets {
		out[i] = t.ID
	}
	return out
}

// wantError fails the test unless an error has one of the reasons.
func (h Harness) wantError(t *testing.T, doing string, err error, reasons ...error) {
	t.Helper()
	if e := h.refusal(t, doing, err, reasons...); e.Reason != nil && e.Text == "" && e.Cause == nil {
		t.Errorf("%s: the error %q has no words for people", doing, e)
	}
}

// refusal fails the test unless an error has one of the reasons and says at which desk. It answers the error.
func (h Harness) refusal(t *testing.T, doing string, err error, reasons ...error) *cloud.Error {
	t.Helper()
	if !slices.ContainsFunc(reasons, func(r error) bool { return errors.Is(err, r) }) {
		t.Errorf("%s: got %v; want %q", doing, err, reasons)
		return &cloud.Error{}
	}
	var e *cloud.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: the error is a %T, which no message is made of", doing, err)
		return &cloud.Error{}
	}
	if e.Operator != h.Desk.Describe().Name {
		t.Errorf("%s: the error names %q as the desk; want %q", doing, e.Operator, h.Desk.Describe().Name)
	}
	return e
}
