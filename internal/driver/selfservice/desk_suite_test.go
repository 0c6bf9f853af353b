package selfservice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

func TestDeskSuite(t *testing.T) {
	for _, operator := range []string{"lvrtc", "iem-ic"} { // A queue for each type, and one for all.
		t.Run(operator, func(t *testing.T) {
			servicedesktest.Run(t, func(t *testing.T) servicedesktest.Harness {
				t.Helper()
				return newDeskHarness(t, operator)
			})
		})
	}
}

// newDeskHarness gives each scenario a sandbox of its own, whose answers are checked against the contract.
func newDeskHarness(t *testing.T, operator string) servicedesktest.Harness {
	t.Helper()
	box := startBox(t, sandbox.Options{Operators: []string{operator}})
	h := servicedesktest.Harness{
		Desk:        openDesk(t, box.Endpoint(operator), account{operator: operator}),
		Other:       openDesk(t, box.Endpoint(operator), account{operator, sandbox.OtherClientID, sandbox.OtherClientSecret}),
		Agent:       boxAgent{box.Agent(operator)},
		ClosedQueue: "security",
		Can: servicedesktest.Can{
			Approve: true, Hold: true, Ask: true, Reopen: true, Merge: true, Hide: true, Delete: true, MergedKey: true, Link: true,
			Watch: true,
		},
		Losing: func(t *testing.T, after time.Duration) servicedesk.Desk {
			t.Helper()
			return openDesk(t, losing(t, box.Endpoint(operator), after), account{operator: operator})
		},
	}
	h.Field.Name, h.Field.Good, h.Field.Bad = "Cost Centre", "4711", "four"
	return h
}

func startBox(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	o.Dir, o.ValidateResponses = t.TempDir(), true
	box, err := sandbox.Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range box.Violations() {
			t.Errorf("an answer was not as the contract says: %s", v)
		}
	})
	return box
}

// account is who opens a desk; the sandbox's usual client unless another one is named.
type account struct{ operator, id, secret string }

// openDesk opens a desk as the provider does.
func openDesk(t *testing.T, endpoint string, who account) servicedesk.Desk {
	t.Helper()
	client := authorised(t, endpoint, who)
	found, err := selfservice.Discover(t.Context(), client, who.operator, endpoint)
	must(t, err)
	desk, err := selfservice.OpenDesk(t.Context(), selfservice.DeskOptions{
		Name: who.operator, Project: "cadastre", HTTP: client, Discovery: found,
	})
	must(t, err)
	return desk
}

// authorised is a client with an account's tokens.
func authorised(t *testing.T, endpoint string, who account) *http.Client {
	t.Helper()
	if who.id == "" {
		who.id, who.secret = sandbox.ClientID, sandbox.ClientSecret
	}
	client, err := transport.New(transport.Config{
		Operator: who.operator, UserAgent: "servicedesktest", Limits: transport.Limits{MaxParallel: 8},
		Tokens: &transport.ClientCredentials{TokenURL: endpoint + "/oauth/token", ID: who.id, Secret: who.secret},
	})
	must(t, err)
	return client
}

// losing is the address of an operator through a connection that breaks some time after a ticket was filed.
func losing(t *testing.T, endpoint string, after time.Duration) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	must(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/tickets") {
			proxy.ServeHTTP(w, r)
			return
		}
		timer := time.NewTimer(after)
		defer timer.Stop()
		proxy.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
		<-timer.C
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// boxAgent plays the people of the sandbox's desk.
type boxAgent struct{ agent *sandbox.Agent }

// Approve implements servicedesktest.Agent.
func (a boxAgent) Approve(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Approve(t.Context(), string(id)))
}

// Reject implements servicedesktest.Agent.
func (a boxAgent) Reject(t *testing.T, id servicedesk.ID, reason string) {
	t.Helper()
	must(t, a.agent.Reject(t.Context(), string(id), reason))
}

// Start implements servicedesktest.Agent.
func (a boxAgent) Start(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Start(t.Context(), string(id)))
}

// Hold implements servicedesktest.Agent.
func (a boxAgent) Hold(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Hold(t.Context(), string(id)))
}

// Ask implements servicedesktest.Agent.
func (a boxAgent) Ask(t *testing.T, id servicedesk.ID, question string) {
	t.Helper()
	must(t, a.agent.Ask(t.Context(), string(id), question))
}

// Resolve implements servicedesktest.Agent.
func (a boxAgent) Resolve(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	must(t, a.agent.Resolve(t.Context(), string(id), words))
}

// Reopen implements servicedesktest.Agent.
func (a boxAgent) Reopen(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Reopen(t.Context(), string(id)))
}

// Say implements servicedesktest.Agent.
func (a boxAgent) Say(t *testing.T, id servicedesk.ID, m servicedesk.Message) {
	t.Helper()
	must(t, a.agent.Say(t.Context(), string(id), m.Text, m.Public))
}

// Rename implements servicedesktest.Agent.
func (a boxAgent) Rename(t *testing.T, id servicedesk.ID, subject string) {
	t.Helper()
	must(t, a.agent.Rename(t.Context(), string(id), subject))
}

// Merge implements servicedesktest.Agent.
func (a boxAgent) Merge(t *testing.T, id, into servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Merge(t.Context(), string(id), string(into)))
}

// Hide implements servicedesktest.Agent.
func (a boxAgent) Hide(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Hide(t.Context(), string(id)))
}

// Delete implements servicedesktest.Agent.
func (a boxAgent) Delete(t *testing.T, id servicedesk.ID) {
	t.Helper()
	must(t, a.agent.Delete(t.Context(), string(id)))
}
