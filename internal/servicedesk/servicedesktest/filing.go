package servicedesktest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// filing are the scenarios of a ticket's birth.
var filing = []scenario{
	{"description of the desk", testDescription},
	{"each type is filed", testTypes},
	{"history of a new ticket", testNewHistory},
	{"filed for somebody else", testRequester},
}

func testDescription(t *testing.T, h Harness) {
	d := h.Desk.Describe()
	for what, value := range map[string]string{
		"name": d.Name, "kind": d.Kind, "endpoint": d.Endpoint, "product": d.Product, "account": d.Account,
	} {
		if value == "" {
			t.Errorf("the desk does not say its %s", what)
		}
	}
	if d.ServerTimeout <= 0 {
		t.Error("the desk does not say how long a lost request may still come true, so that nobody would wait for it")
	}
	for typ, m := range d.Mapping.Types {
		if m.Queue == "" {
			t.Errorf("a %s goes to no queue", typ)
		}
		for _, native := range []string{m.CancelStatus, m.CloseStatus} {
			if native != "" && !d.Mapping.Meaning(typ, native).Status.Terminal() {
				t.Errorf("a %s is ended as %q, which means %s", typ, native, d.Mapping.Meaning(typ, native).Status)
			}
		}
	}
}

// testTypes files one of each type with all that a ticket can hold.
func testTypes(t *testing.T, h Harness) {
	for _, typ := range servicedesk.Types {
		t.Run(string(typ), func(t *testing.T) {
			m, ok := h.Desk.Describe().Mapping.Types[typ]
			if !ok {
				t.Skipf("this desk has no place for a %s", typ)
			}
			n := h.full(typ, "filing")
			got := h.file(t, n)
			h.sameContent(t, got.Content, n.Content)
			if got.Key != n.Key || !got.Own || got.Type != typ || got.Queue != m.Queue {
				t.Errorf("key, own, type, queue are %q, %t, %q, %q; want %q, true, %q, %q",
					got.Key, got.Own, got.Type, got.Queue, n.Key, typ, m.Queue)
			}
			if got.Claimed && !h.Desk.Describe().AtomicKeys {
				t.Error("the ticket is claimed although nobody could have made sure that it is the only one of its key")
			}
			h.checkNew(t, got)
		})
	}
}

// checkNew checks what the desk adds to a ticket.
func (h Harness) checkNew(t *testing.T, got servicedesk.Ticket) {
	t.Helper()
	if u, err := url.Parse(got.URL); got.Number == "" || err != nil || u.Scheme == "" || u.Host == "" {
		t.Errorf("people would look for number %q at %q", got.Number, got.URL)
	}
	if time.Since(got.CreatedAt).Abs() > time.Hour || got.CreatedAt.Location() != time.UTC {
		t.Errorf("it was created at %v; now it is %v", got.CreatedAt, time.Now().UTC())
	}
	if got.UpdatedAt.Before(got.CreatedAt.Truncate(time.Second)) || got.UpdatedAt.Location() != time.UTC {
		t.Errorf("it was updated at %v, and created at %v", got.UpdatedAt, got.CreatedAt)
	}
	if got.Status != servicedesk.StatusAcknowledged || got.NativeStatus == "" {
		t.Errorf("a new ticket is %s (%q); want acknowledged", got.Status, got.NativeStatus)
	}
	if !got.ResolvedAt.IsZero() || got.Resolution != "" {
		t.Errorf("a new ticket is resolved at %v: %q", got.ResolvedAt, got.Resolution)
	}
	approval, awaiting := servicedesk.ApprovalNotRequired, servicedesk.AwaitingDesk
	if h.approves(got.Type) {
		approval, awaiting = servicedesk.ApprovalRequested, servicedesk.AwaitingApprover
	}
	if got.Approval != approval {
		t.Errorf("approval of a new %s is %q; want %s", got.Type, got.Approval, approval)
	}
	if got.Awaiting != awaiting {
		t.Errorf("a new %s awaits %q; want %s", got.Type, got.Awaiting, awaiting)
	}
}

// testNewHistory has the filing, and nothing said.
func testNewHistory(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "history")
	events := h.history(t, got.ID)
	if len(events) == 0 || events[0].Kind != servicedesk.EventCreated || !events[0].Own || events[0].Staff {
		t.Fatalf("the history begins with %+v; want that we have created it", events)
	}
	h.quiet(t, got.ID, "the filing")
}

// testRequester files for somebody else, which does not make the ticket somebody else's.
func testRequester(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "for somebody else")
	n.Requester = h.watchers()[0]
	got := h.file(t, n)
	if !got.Own {
		t.Errorf("a ticket that was filed for %s is shown as not filed by us", n.Requester)
	}
	if !strings.EqualFold(got.Requester, n.Requester) {
		t.Logf("this desk keeps %q as the requester", got.Requester)
	}
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != got.ID {
		t.Errorf("the key of a ticket that was filed for %s finds %v; want %s", n.Requester, ids(found), got.ID)
	}
}
