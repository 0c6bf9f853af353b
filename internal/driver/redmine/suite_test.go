package redmine

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestDeskSuite runs the scenarios of all drivers at a real Redmine.
func TestDeskSuite(t *testing.T) {
	b := testbed.Require(t, testbed.Redmine)
	h := servicedesktest.Harness{
		Desk:  openAt(t, b.Endpoint, b.Users["terraform"].Token),
		Other: openAt(t, b.Endpoint, b.Users["terraform2"].Token),
		Agent: newAgent(t, b),
		Can:   servicedesktest.Can{Ask: true, Reopen: true, Hide: true, Delete: true},
		Losing: func(t *testing.T, after time.Duration) servicedesk.Desk {
			t.Helper()
			return openAt(t, breaking(t, b.Endpoint, after), b.Users["terraform"].Token)
		},
		Patience: 2 * time.Minute, // Tests of other packages use the machine at the same time.
	}
	h.Field.Name, h.Field.Good, h.Field.Bad = "Cost Centre", "4711", "next to nothing"
	servicedesktest.Run(t, func(*testing.T) servicedesktest.Harness { return h })
}

// openAt opens a desk as the provider does.
func openAt(t *testing.T, endpoint, token string) servicedesk.Desk {
	t.Helper()
	d, err := tryOpen(t, endpoint, token, "desk", servicedesk.Mapping{})
	must(t, err)
	return d
}

func tryOpen(t *testing.T, endpoint, token, project string, m servicedesk.Mapping) (servicedesk.Desk, error) {
	t.Helper()
	client, err := transport.New(transport.Config{
		Operator: "helpdesk", UserAgent: "servicedesktest", Tokens: transport.StaticToken(token), TokenHeader: TokenHeader,
		Limits: transport.Limits{MaxParallel: 4, PerTryTimeout: time.Minute}, MaxRetries: 2,
	})
	must(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return Open(t.Context(), Options{Name: "helpdesk", Endpoint: endpoint, Project: project, HTTP: client, Mapping: m})
}

// breaking is the desk behind a connection that breaks some time after a ticket was ordered. The desk goes on with it.
func breaking(t *testing.T, endpoint string, after time.Duration) string {
	t.Helper()
	address, err := url.Parse(endpoint)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(address)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/issues.json" {
			proxy.ServeHTTP(w, r)
			return
		}
		answer, done := httptest.NewRecorder(), make(chan struct{})
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return // The client has gone.
		}
		r = r.Clone(context.WithoutCancel(r.Context()))
		r.Body = io.NopCloser(bytes.NewReader(raw))
		go func() {
			defer close(done)
			proxy.ServeHTTP(answer, r)
		}()
		select {
		case <-done:
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		case <-time.After(after):
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(front.Close)
	return front.URL
}
