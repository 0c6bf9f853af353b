package rt

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// seen is a request that arrived.
type seen struct {
	// what is method and path below REST2.
	what   string
	query  map[string][]string
	header http.Header
	body   string
}

// json is the request's body.
func (s seen) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(s.body), &out); err != nil {
		t.Fatalf("the body %q of %s: %v", s.body, s.what, err)
	}
	return out
}

// fakeRT answers as a test has it, and by default like an RT with two queues in which there are no tickets.
type fakeRT struct {
	*httptest.Server

	t      *testing.T
	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	seen   []seen
}

func newFake(t *testing.T) *fakeRT {
	t.Helper()
	f := &fakeRT{t: t, routes: make(map[string]http.HandlerFunc)}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	f.on("GET /rt", reply(200, `{"Version":"5.0.3"}`))
	f.on("GET /user/29", reply(200, `{"id":29,"Name":"terraform","EmailAddress":"terraform@agency.test","Memberships":[]}`))
	f.on("GET /queues/all", onPage(1, `{"items":[{"id":"3","type":"queue","Name":"Change Requests","Disabled":"0"},`+
		`{"id":"4","type":"queue","Name":"Incidents","Disabled":"0"},{"id":"9","Name":"Old","Disabled":"1"}],"total":null,"pages":null}`))
	f.on("GET /queue/3", reply(200, `{"id":3,"Name":"Change Requests","Disabled":"0","TicketCustomFields":[`+customFields+`]}`))
	f.on("GET /queue/4", reply(200, `{"id":4,"Name":"Incidents","Disabled":"0","TicketCustomFields":[`+customFields+`]}`))
	return f
}

const customFields = `{"id":"2","name":"External Key"},{"id":"3","name":"Project"},{"id":"4","name":"Severity"},` +
	`{"id":"5","name":"Affected Resources"},{"id":"6","name":"Cost Centre"}`

// ServeHTTP implements http.Handler.
func (f *fakeRT) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Errorf("reading a request: %v", err)
	}
	s := seen{r.Method + " " + strings.TrimPrefix(r.URL.Path, apiPath), r.URL.Query(), r.Header, string(raw)}
	f.mu.Lock()
	f.seen = append(f.seen, s)
	route := f.routes[s.what]
	f.mu.Unlock()
	switch {
	case r.Method == http.MethodDelete:
		f.t.Errorf("a DELETE was sent: %s", s.what)
	case r.Method != http.MethodGet && r.URL.RawQuery != "":
		f.t.Errorf("a write has a query: %s?%s", s.what, r.URL.RawQuery)
	case r.Header.Get("If-Unmodified-Since") != "":
		f.t.Errorf("a request has If-Unmodified-Since: %s", s.what)
	}
	if route == nil {
		route = reply(404, `{"message":"Not Found"}`)
	}
	route(w, r)
}

func (f *fakeRT) on(what string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[what] = h
}

// sent are the requests of a method and path so far.
func (f *fakeRT) sent(what string) []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(s seen) bool { return s.what != what })
}

// wrote are the requests so far that were to change something.
func (f *fakeRT) wrote() []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(s seen) bool { return strings.HasPrefix(s.what, "GET ") })
}

// one is the only request of a method and path.
func (f *fakeRT) one(what string) seen {
	f.t.Helper()
	all := f.sent(what)
	if len(all) != 1 {
		f.t.Fatalf("%s was sent %d times", what, len(all))
	}
	return all[0]
}

func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		for pair := range slices.Chunk(header, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// emptyPage is RT's answer behind the last page, with a number of pages that is no whole number in Go.
const emptyPage = `{"count":0,"items":[],"total":null,"page":2,"pages":0.0,"per_page":100}`

// onPage answers one page of a list, and the others empty.
func onPage(number int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == string(rune('0'+number)) {
			reply(200, body)(w, r)
			return
		}
		reply(200, emptyPage)(w, r)
	}
}

// inTurn answers one request after the other, the last one for ever.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mu.Unlock()
		h(w, r)
	}
}

// broken takes a request and answers nothing.
func broken(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func (f *fakeRT) client(tokens transport.TokenSource, header string) *http.Client {
	f.t.Helper()
	c, err := transport.New(transport.Config{Operator: "rt", Tokens: tokens, TokenHeader: header, MaxRetries: -1})
	must(f.t, err)
	return c
}

func (f *fakeRT) tryOpen(m servicedesk.Mapping) (*desk, error) {
	f.t.Helper()
	tokens := Token(transport.StaticToken("1-29-secret"))
	d, err := Open(f.t.Context(), Options{
		Name: "rt", Endpoint: f.URL, HTTP: f.client(tokens, TokenHeader), Tokens: tokens, Mapping: m,
	})
	if err != nil {
		return nil, err
	}
	return d.(*desk), nil
}

// open opens the desk and forgets what that took.
func (f *fakeRT) open() *desk {
	f.t.Helper()
	d, err := f.tryOpen(servicedesk.Mapping{})
	must(f.t, err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = nil
	return d
}

// wantError fails the test unless an error has a reason.
func wantError(t *testing.T, err, reason error) {
	t.Helper()
	_ = refusal(t, err, reason)
}

// refusal is the error of a reason.
func refusal(t *testing.T, err, reason error) *cloud.Error {
	t.Helper()
	var e *cloud.Error
	if !errors.Is(err, reason) || !errors.As(err, &e) {
		t.Fatalf("got %v; want %q", err, reason)
	}
	if e.Operator != "rt" || e.Text == "" {
		t.Errorf("the error has the desk %q and the text %q", e.Operator, e.Text)
	}
	return e
}

// wantFields fails the test unless an error is about some parts of an order.
func wantFields(t *testing.T, err error, pointers ...string) {
	t.Helper()
	e := refusal(t, err, cloud.ErrInvalid)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer)
		if f.Text == "" {
			t.Errorf("nothing is said of %s", f.Pointer)
		}
	}
	if !slices.Equal(got, pointers) {
		t.Errorf("the error is about %q; want %q", got, pointers)
	}
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %#v; want %#v", what, got, want)
	}
}

// wantJSON compares a value with JSON.
func wantJSON(t *testing.T, what string, got any, want string) {
	t.Helper()
	raw, err := json.Marshal(got)
	must(t, err)
	if string(raw) != want {
		t.Errorf("%s:\n got %s\nwant %s", what, raw, want)
	}
}
