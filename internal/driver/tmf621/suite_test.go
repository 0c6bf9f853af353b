package tmf621

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk/tmf621front"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestSuiteOverMemory runs the scenarios of all drivers over fronts of different versions and manners, that store their
// tickets in memory.
func TestSuiteOverMemory(t *testing.T) {
	for name, c := range map[string]struct {
		version int
		manners tmf621front.Manners
		memory  servicedesktest.MemoryOptions
	}{
		"v5": {},
		"v4": {version: 4},
		"terse": {
			manners: tmf621front.Manners{
				OmitsEmpty: true, NoTotals: true, NoETags: true, OwnOnly: true, RenamesAuthors: true, PageLimit: 7, RefusesMergePatch: true,
			},
			memory: servicedesktest.MemoryOptions{NoVersions: true, FixedDescription: true},
		},
		"heedless": {manners: tmf621front.Manners{
			IgnoresFilter: true, IgnoresIDs: true, IgnoresSort: true, RefusesJSONPatch: true, AcceptsPatch: true,
		}},
		"mistaken v4": {version: 4, manners: tmf621front.Manners{MisreadsFilter: true, PageLimit: 20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // They wait for time limits most of the time.
			m := servicedesktest.NewMemory(c.memory)
			f := newFront(t, tmf621front.Options{Version: c.version, Manners: c.manners, Accounts: map[string]tmf621front.Account{
				"one": {Name: "cadastre", Desk: m.Desk("cadastre")}, "two": {Name: "police", Desk: m.Desk("police")},
			}})
			accounts := []string{"cadastre", "police"}
			if c.manners.OwnOnly { // Then it works also if nobody says who the account is.
				accounts = []string{"", ""}
			}
			h := servicedesktest.Harness{
				Desk: f.open(t, "one", accounts[0]), Other: f.open(t, "two", accounts[1]), Agent: m.Agent(),
				ClosedQueue: "Closed", Patience: 2 * time.Second,
				Can: servicedesktest.Can{
					Hold: true, Ask: true, Reopen: true, Merge: true, Hide: true, Delete: true, Link: true, Watch: true,
					MergedKey: !c.manners.IgnoresFilter && !c.manners.MisreadsFilter,
				},
				Losing: func(t *testing.T, after time.Duration) servicedesk.Desk {
					t.Helper()
					return f.losing(t, after).open(t, "one", accounts[0])
				},
			}
			if c.version != 4 {
				h.Field.Name, h.Field.Good, h.Field.Bad = "Impact", "one office", "the world"
			}
			servicedesktest.Run(t, func(*testing.T) servicedesktest.Harness { return h })
		})
	}
}

// front is one that is started for a test.
type front struct {
	*tmf621front.Front

	url string
}

// newFront starts a front, and fails the test if it is sent anything that is not as the definition says.
func newFront(t *testing.T, o tmf621front.Options) *front {
	t.Helper()
	f := tmf621front.New(o)
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		server.Close()
		for _, v := range f.Violations() {
			t.Errorf("the front was sent what it should not have been: %s", v)
		}
	})
	return &front{f, server.URL}
}

// open opens a desk as the provider does.
func (f *front) open(t *testing.T, token, account string) servicedesk.Desk {
	t.Helper()
	d, err := tryOpen(t, f.url, token, account, servicedesk.Mapping{})
	must(t, err)
	return d
}

func tryOpen(t *testing.T, endpoint, token, account string, m servicedesk.Mapping) (servicedesk.Desk, error) {
	t.Helper()
	client, err := transport.New(transport.Config{
		Operator: "helpdesk", UserAgent: "servicedesktest", Tokens: transport.StaticToken(token),
		Limits: transport.Limits{MaxParallel: 4, PerTryTimeout: time.Minute}, MaxRetries: 2,
	})
	must(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return Open(t.Context(), Options{Name: "helpdesk", Endpoint: endpoint, Account: account, HTTP: client, Mapping: m})
}

// losing is a front through a connection that breaks some time after a ticket was ordered. The front goes on with it.
func (f *front) losing(t *testing.T, after time.Duration) *front {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // The client has gone.
		}
		again := r.Clone(context.WithoutCancel(r.Context()))
		again.Body = io.NopCloser(bytes.NewReader(body))
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, collection) {
			f.ServeHTTP(w, again)
			return
		}
		broken, done, seen := time.After(after), make(chan struct{}), httptest.NewRecorder()
		go func() {
			defer close(done)
			f.ServeHTTP(seen, again)
		}()
		select {
		case <-broken:
		case <-done: // The answer is held back until then.
			<-broken
		}
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(proxy.Close)
	return &front{f.Front, proxy.URL}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
