package servicedesktest

import (
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// endings are the scenarios of a requester who takes leave.
var endings = []scenario{
	{"each type cancelled", testCancel},
	{"closed", testClose},
	{"cancelled when resolved", testCancelResolved},
	{"closed when cancelled", testCloseCancelled},
	{"cancelled when rejected", testCancelRejected},
}

// ends brings a ticket to an end that the desk knows, with words that its people read.
func (h Harness) ends(t *testing.T, from servicedesk.Ticket, to servicedesk.Status, native string, m servicedesk.Message) {
	t.Helper()
	if err := h.Desk.Transition(t.Context(), from, to, m); err != nil {
		t.Errorf("ticket %s (%s, %q) could not be %s: %v", from.ID, from.Status, from.NativeStatus, to, err)
		return
	}
	var got servicedesk.Ticket
	if !h.eventually(t, func() bool { got = h.get(t, from.ID); return got.NativeStatus == native }) {
		t.Errorf("ticket %s was %s without an error, and is %s (%q); want %q", from.ID, to, got.Status, got.NativeStatus, native)
		return
	}
	if !got.Status.Terminal() || got.Awaiting != servicedesk.AwaitingNobody {
		t.Errorf("ticket %s has ended, and is shown as %s, awaiting %s", from.ID, got.Status, got.Awaiting)
	}
	e := h.happened(t, from.ID, "why it was "+string(to), func(e servicedesk.Event) bool {
		return strings.TrimSpace(e.Message.Text) == m.Text
	})
	if e.ID != "" && (!e.Own || e.Staff) {
		t.Errorf("our own words are shown as own: %t, by staff: %t", e.Own, e.Staff)
	}
	if e.ID != "" && h.Desk.Describe().InternalMessages && e.Message.Public != m.Public {
		t.Errorf("our words are shown as public: %t; want %t", e.Message.Public, m.Public)
	}
	if !h.Desk.Describe().History {
		return
	}
	h.happened(t, from.ID, "that we have ended it", func(e servicedesk.Event) bool {
		return e.Kind == servicedesk.EventStatus && e.ToNative == native && e.Own
	})
}

func testCancel(t *testing.T, h Harness) {
	for _, typ := range servicedesk.Types {
		t.Run(string(typ), func(t *testing.T) {
			native := h.mapping(typ).CancelStatus
			if native == "" {
				t.Skipf("a requester cannot cancel a %s at this desk", typ)
			}
			h.ends(t, h.fileOne(t, typ, "cancelled"), servicedesk.StatusCancelled, native,
				servicedesk.Message{Text: "No longer needed: vairs nav vajadzīgs."})
		})
	}
}

// testClose closes what the desk has resolved, where these are two things.
func testClose(t *testing.T, h Harness) {
	typ := h.plain()
	native := h.mapping(typ).CloseStatus
	if native == "" {
		t.Skip("a requester cannot close a ticket at this desk")
	}
	from := h.fileOne(t, typ, "closed")
	h.begin(t, from)
	from = h.becomes(t, from.ID, servicedesk.StatusInProgress)
	if h.Desk.Describe().Mapping.Meaning(typ, native).Status != servicedesk.StatusResolved {
		h.Agent.Resolve(t, from.ID, "Done.")
		from = h.becomes(t, from.ID, servicedesk.StatusResolved)
	}
	h.ends(t, from, servicedesk.StatusClosed, native, servicedesk.Message{Text: "Thank you: paldies.", Public: true})
}

// refusedOrDone ends what may have ended for good. The desk may do it or refuse it; it may not say one and do the other.
func (h Harness) refusedOrDone(t *testing.T, from servicedesk.Ticket, to servicedesk.Status, native string) {
	t.Helper()
	err := h.Desk.Transition(t.Context(), from, to, servicedesk.Message{Text: "Once more."})
	got := h.get(t, from.ID)
	switch {
	case err == nil && native != "" && got.NativeStatus != native:
		t.Errorf("ticket %s was %s without an error, and is still %s (%q)", from.ID, to, got.Status, got.NativeStatus)
	case err == nil && native == "":
		t.Errorf("ticket %s was %s without an error, and the desk has no such status", from.ID, to)
	case err != nil && got.NativeStatus != from.NativeStatus:
		t.Errorf("the desk has refused to have it %s (%v), and it went from %q to %q", to, err, from.NativeStatus, got.NativeStatus)
	case err != nil:
		h.wantError(t, "a change of status that the desk does not let us make", err, servicedesk.ErrTransition)
	}
}

func testCancelResolved(t *testing.T, h Harness) {
	typ := h.plain()
	from := h.fileOne(t, typ, "cancelled when resolved")
	h.begin(t, from)
	h.Agent.Resolve(t, from.ID, "Done.")
	from = h.becomes(t, from.ID, servicedesk.StatusResolved)
	h.refusedOrDone(t, from, servicedesk.StatusCancelled, h.mapping(typ).CancelStatus)
}

func testCloseCancelled(t *testing.T, h Harness) {
	typ := h.plain()
	m := h.mapping(typ)
	if m.CancelStatus == "" {
		t.Skip("a requester cannot cancel a ticket at this desk")
	}
	from := h.fileOne(t, typ, "closed when cancelled")
	h.ends(t, from, servicedesk.StatusCancelled, m.CancelStatus, servicedesk.Message{Text: "Not needed."})
	h.refusedOrDone(t, h.get(t, from.ID), servicedesk.StatusClosed, m.CloseStatus)
}

func testCancelRejected(t *testing.T, h Harness) {
	from := h.changeForApproval(t, "cancelled when rejected")
	h.Agent.Reject(t, from.ID, "No.")
	from = h.becomes(t, from.ID, servicedesk.StatusRejected)
	h.refusedOrDone(t, from, servicedesk.StatusCancelled, h.mapping(from.Type).CancelStatus)
}
