package rt

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestDeskSuite runs the scenarios of all drivers of desks on a real RT.
func TestDeskSuite(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	own, other := byToken(t, bed, "terraform", ""), byToken(t, bed, "terraform2", "")
	agent := agent{byToken(t, bed, "agent", "")}
	servicedesktest.Run(t, func(*testing.T) servicedesktest.Harness {
		return servicedesktest.Harness{
			Desk: own, Other: other, Agent: agent,
			Can: servicedesktest.Can{
				Approve: true, Hold: true, Ask: true, Reopen: true, Merge: true, Hide: true, Delete: true,
				MergedKey: true, Link: true, Watch: true,
			},
			ClosedQueue: "Closed Shop",
			Field:       struct{ Name, Good, Bad string }{"Cost Centre", "4711", "none of your business"},
			Losing: func(t *testing.T, after time.Duration) servicedesk.Desk {
				t.Helper()
				return byToken(t, bed, "terraform", losing(t, after))
			},
			Patience: 30 * time.Second,
		}
	})
}

// byToken opens the real desk as one of its users, through a proxy if one is given.
func byToken(t *testing.T, bed testbed.Desk, login, proxy string) *desk {
	t.Helper()
	return opened(t, bed, Token(transport.StaticToken(bed.Users[login].Token)), TokenHeader, proxy)
}

func opened(t *testing.T, bed testbed.Desk, tokens transport.TokenSource, header, proxy string) *desk {
	t.Helper()
	client, err := transport.New(transport.Config{
		Operator: "rt", UserAgent: "vdam-suite", ProxyURL: proxy, Tokens: tokens, TokenHeader: header,
		Limits: transport.Limits{MaxParallel: 4, PerTryTimeout: time.Minute},
	})
	must(t, err)
	d, err := Open(t.Context(), Options{Name: "rt", Endpoint: bed.Endpoint, HTTP: client, Tokens: tokens})
	must(t, err)
	return d.(*desk)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// losing is a proxy that lets everything through, and breaks the connection some time after a request that makes a
// ticket, which goes on without its client.
func losing(t *testing.T, after time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body) // A client that has gone gets no answer either way.
		out := r.Clone(context.WithoutCancel(r.Context()))
		out.RequestURI, out.Body = "", io.NopCloser(bytes.NewReader(raw))
		done := make(chan *httptest.ResponseRecorder, 1)
		go func() { done <- recorded(out) }()
		var limit <-chan time.Time
		if r.Method == http.MethodPost && path.Base(r.URL.Path) == "ticket" {
			limit = time.After(after)
		}
		select {
		case <-limit:
			panic(http.ErrAbortHandler)
		case got := <-done:
			maps.Copy(w.Header(), got.Header())
			w.WriteHeader(got.Code)
			_, _ = w.Write(got.Body.Bytes())
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// recorded passes a request on.
func recorded(out *http.Request) *httptest.ResponseRecorder {
	got := httptest.NewRecorder()
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		got.Code = http.StatusBadGateway
		return got
	}
	defer func() { _ = resp.Body.Close() }()
	maps.Copy(got.Header(), resp.Header)
	got.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(got, resp.Body)
	return got
}

// agent plays the desk's people through their own account.
type agent struct{ *desk }

// put changes a ticket and makes sure that RT did it.
func (a agent) put(t *testing.T, id servicedesk.ID, body map[string]any, done func(record) bool) {
	t.Helper()
	a.tell(t, id, request{method: http.MethodPut, path: "/ticket/" + string(id), body: body}, done)
}

func (a agent) tell(t *testing.T, id servicedesk.ID, r request, done func(record) bool) {
	t.Helper()
	answer, err := a.send(t.Context(), r, &[]text{})
	must(t, err)
	after, _, err := a.record(t.Context(), id)
	must(t, err)
	if !done(after) {
		t.Fatalf("the agent's %s %s %v left ticket %s as %+v: %v", r.method, r.path, r.body, id, after, answer.words())
	}
}

func is(status text) func(record) bool { return func(r record) bool { return r.Status == status } }

// to brings a ticket into a status, with words if there are any.
func (a agent) to(t *testing.T, id servicedesk.ID, status text, words string) {
	t.Helper()
	if words == "" {
		a.put(t, id, map[string]any{"Status": status}, is(status))
		return
	}
	a.tell(t, id, request{method: http.MethodPost, path: messagePath(id, true), body: map[string]any{
		"Content": words, "ContentType": "text/plain", "Status": status,
	}}, is(status))
}

// inChange reports whether a ticket goes by the lifecycle with approvals.
func (a agent) inChange(t *testing.T, id servicedesk.ID) bool {
	t.Helper()
	r, _, err := a.record(t.Context(), id)
	must(t, err)
	return r.Queue.Name == "Change Requests" || r.Queue.Name == "Approvals"
}

func (a agent) Approve(t *testing.T, id servicedesk.ID) { t.Helper(); a.to(t, id, "approved", "") }

func (a agent) Reject(t *testing.T, id servicedesk.ID, reason string) {
	t.Helper()
	a.to(t, id, "rejected", reason)
}

func (a agent) Start(t *testing.T, id servicedesk.ID) {
	t.Helper()
	if a.inChange(t, id) {
		a.to(t, id, "implementing", "")
		return
	}
	a.to(t, id, "open", "")
}

func (a agent) Hold(t *testing.T, id servicedesk.ID) { t.Helper(); a.to(t, id, "onhold", "") }

func (a agent) Ask(t *testing.T, id servicedesk.ID, question string) {
	t.Helper()
	a.to(t, id, "stalled", question)
}

func (a agent) Resolve(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	a.to(t, id, "resolved", words)
}

func (a agent) Reopen(t *testing.T, id servicedesk.ID) { t.Helper(); a.Start(t, id) }

func (a agent) Say(t *testing.T, id servicedesk.ID, m servicedesk.Message) {
	t.Helper()
	_, err := a.desk.Say(t.Context(), id, m)
	must(t, err)
}

func (a agent) Rename(t *testing.T, id servicedesk.ID, subject string) {
	t.Helper()
	a.put(t, id, map[string]any{"Subject": subject}, func(r record) bool { return r.Subject == text(subject) })
}

func (a agent) Merge(t *testing.T, id, into servicedesk.ID) {
	t.Helper()
	a.put(t, id, map[string]any{"MergeInto": string(into)}, func(r record) bool { return r.ID == text(into) })
}

func (a agent) Hide(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.put(t, id, map[string]any{"Queue": "Closed Shop"}, func(r record) bool { return r.Queue.Name == "Closed Shop" })
}

func (a agent) Delete(t *testing.T, id servicedesk.ID) { t.Helper(); a.to(t, id, "deleted", "") }
