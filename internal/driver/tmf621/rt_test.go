package tmf621

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/rt"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk/tmf621front"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestDeskSuiteOverRT runs the scenarios of all drivers over a front that stores its tickets in a real RT: what happens to
// them is not of our own making then.
func TestDeskSuiteOverRT(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	own, other := openRT(t, bed, "terraform", servicedesk.Mapping{}), openRT(t, bed, "terraform2", servicedesk.Mapping{})
	f := newFront(t, tmf621front.Options{
		Since: time.Now().Add(-time.Minute),
		Accounts: map[string]tmf621front.Account{
			"one": {Name: "agency", Desk: own}, "two": {Name: "another agency", Desk: other},
		},
	})
	mapping := wordsOf(own.Describe().Mapping)
	open := func(t *testing.T, f *front, token, account string) servicedesk.Desk {
		t.Helper()
		d, err := tryOpen(t, f.url, token, account, mapping)
		must(t, err)
		return limited{d, own.Describe()}
	}
	h := servicedesktest.Harness{
		Desk: open(t, f, "one", "agency"), Other: open(t, f, "two", "another agency"),
		Agent:       &rtAgent{bed: bed, desks: make(map[string]servicedesk.Desk)},
		ClosedQueue: "Closed Shop", Patience: time.Minute,
		// RT approves and holds changes alone; of approvals the API knows nothing.
		Can: servicedesktest.Can{Ask: true, Reopen: true, Merge: true, Hide: true, Delete: true, MergedKey: true, Link: true, Watch: true},
		Losing: func(t *testing.T, after time.Duration) servicedesk.Desk {
			t.Helper()
			return open(t, f.losing(t, after), "one", "agency")
		},
	}
	h.Field.Name, h.Field.Good, h.Field.Bad = "Cost Centre", "4711", "next to nothing"
	servicedesktest.Run(t, func(*testing.T) servicedesktest.Harness { return h })
}

// limited is a desk of which its operator has told what a subject may be: the API does not.
type limited struct {
	servicedesk.Desk

	of servicedesk.Description
}

func (l limited) Describe() servicedesk.Description {
	d := l.Desk.Describe()
	d.MaxSubject, d.MaxSubjectBytes = l.of.MaxSubject, l.of.MaxSubjectBytes
	return d
}

// wordsOf is what a desk's operator would tell of a front: by which of the API's statuses a requester ends a ticket.
func wordsOf(of servicedesk.Mapping) servicedesk.Mapping {
	m := servicedesk.Mapping{Types: make(map[servicedesk.Type]servicedesk.TypeMapping)}
	for typ, tm := range of.Types {
		m.Types[typ] = servicedesk.TypeMapping{
			CancelStatus: tmf621front.StatusOf(of.Meaning(typ, tm.CancelStatus).Status),
			CloseStatus:  tmf621front.StatusOf(of.Meaning(typ, tm.CloseStatus).Status),
		}
	}
	return m
}

// openRT opens the real desk as one of its users.
func openRT(t *testing.T, bed testbed.Desk, login string, m servicedesk.Mapping) servicedesk.Desk {
	t.Helper()
	tokens := rt.Token(transport.StaticToken(bed.Users[login].Token))
	client, err := transport.New(transport.Config{
		Operator: "rt", UserAgent: "servicedesktest", Tokens: tokens, TokenHeader: rt.TokenHeader,
		Limits: transport.Limits{MaxParallel: 4, PerTryTimeout: time.Minute},
	})
	must(t, err)
	d, err := rt.Open(t.Context(), rt.Options{Name: "rt", Endpoint: bed.Endpoint, HTTP: client, Tokens: tokens, Mapping: m})
	must(t, err)
	return d
}

// rtAgent plays RT's people by the driver of RT, whose mapping takes any status for the one that closes a ticket.
type rtAgent struct {
	bed   testbed.Desk
	desks map[string]servicedesk.Desk
}

// closing is the desk at which closing brings a ticket into a status.
func (a *rtAgent) closing(t *testing.T, status string) servicedesk.Desk {
	t.Helper()
	if a.desks[status] == nil {
		m := servicedesk.Mapping{Types: make(map[servicedesk.Type]servicedesk.TypeMapping)}
		for _, typ := range servicedesk.Types {
			m.Types[typ] = servicedesk.TypeMapping{CloseStatus: status}
		}
		a.desks[status] = openRT(t, a.bed, "agent", m)
	}
	return a.desks[status]
}

func (a *rtAgent) move(t *testing.T, id servicedesk.ID, status, words string) {
	t.Helper()
	d := a.closing(t, status)
	ticket, err := d.Get(t.Context(), id)
	must(t, err)
	must(t, d.Transition(t.Context(), ticket, servicedesk.StatusClosed, servicedesk.Message{Text: words, Public: true}))
}

// put changes what a driver has no words for.
func (a *rtAgent) put(t *testing.T, id servicedesk.ID, change map[string]string) {
	t.Helper()
	body, err := json.Marshal(maps.Clone(change))
	must(t, err)
	address := a.bed.Endpoint + "/REST/2.0/ticket/" + string(id)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Authorization", "token "+a.bed.Users["agent"].Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	answer, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the agent cannot change ticket %s: %s %s", id, resp.Status, answer)
	}
}

func (a *rtAgent) Approve(t *testing.T, _ servicedesk.ID) {
	t.Helper()
	t.Fatal("the API knows no approvals")
}

func (a *rtAgent) Reject(t *testing.T, id servicedesk.ID, reason string) {
	t.Helper()
	a.move(t, id, "rejected", reason)
}

func (a *rtAgent) Start(t *testing.T, id servicedesk.ID) { t.Helper(); a.move(t, id, "open", "") }

func (a *rtAgent) Hold(t *testing.T, _ servicedesk.ID) { t.Helper(); t.Fatal("RT holds no incidents") }

func (a *rtAgent) Ask(t *testing.T, id servicedesk.ID, question string) {
	t.Helper()
	a.move(t, id, "stalled", question)
}

func (a *rtAgent) Resolve(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	a.move(t, id, "resolved", words)
}

func (a *rtAgent) Reopen(t *testing.T, id servicedesk.ID) { t.Helper(); a.move(t, id, "open", "") }

func (a *rtAgent) Say(t *testing.T, id servicedesk.ID, m servicedesk.Message) {
	t.Helper()
	_, err := a.closing(t, "open").Say(t.Context(), id, m)
	must(t, err)
}

func (a *rtAgent) Rename(t *testing.T, id servicedesk.ID, subject string) {
	t.Helper()
	d := a.closing(t, "open")
	ticket, err := d.Get(t.Context(), id)
	must(t, err)
	must(t, d.Update(t.Context(), ticket, servicedesk.Change{Subject: &subject}))
}

func (a *rtAgent) Merge(t *testing.T, id, into servicedesk.ID) {
	t.Helper()
	a.put(t, id, map[string]string{"MergeInto": string(into)})
}

func (a *rtAgent) Hide(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.put(t, id, map[string]string{"Queue": "Closed Shop"})
}

func (a *rtAgent) Delete(t *testing.T, id servicedesk.ID) { t.Helper(); a.move(t, id, "deleted", "") }
