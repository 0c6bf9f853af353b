package tmf621

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// object is JSON's.
type object = map[string]any

// fake answers as a desk does, as far as a test says how. What it is not told it answers by 404 in the API's form.
type fake struct {
	*httptest.Server

	api    string
	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	asked  []sent
}

// sent is a request that a fake has got.
type sent struct {
	method, path, media, body string
	query                     url.Values
}

// object is what was sent, as JSON.
func (s sent) object(t *testing.T) object {
	t.Helper()
	var out object
	must(t, json.Unmarshal([]byte(s.body), &out))
	return out
}

func newFake(t *testing.T, v version) *fake {
	t.Helper()
	f := &fake{api: apiPath + "/" + v.String(), routes: make(map[string]http.HandlerFunc)}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.list()
	return f
}

// on sets the answer to a method and what follows the API's path.
func (f *fake) on(method, path string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[method+" "+f.api+collection+path] = h
}

// list sets the tickets that every list shows, whatever it is asked to filter.
func (f *fake) list(tickets ...object) {
	f.on(http.MethodGet, "", func(w http.ResponseWriter, r *http.Request) {
		var limit, offset int
		_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		_, _ = fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		w.Header().Set("X-Total-Count", fmt.Sprint(len(tickets)))
		_ = json.NewEncoder(w).Encode(append([]object{}, tickets[min(offset, len(tickets)):min(offset+limit, len(tickets))]...))
	})
}

// ticket sets what a ticket is, and answers changes of it by 200 and nothing, without doing anything.
func (f *fake) ticket(t object) {
	path := fmt.Sprintf("/%v", t["id"])
	f.on(http.MethodGet, path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(t) })
	f.on(http.MethodPatch, path, says(http.StatusOK, ""))
}

// live sets a ticket that takes changes by merge patch, and by JSON Patch only if a test says so.
func (f *fake) live(t object, jsonPatches bool) {
	f.ticket(t)
	f.on(http.MethodPatch, fmt.Sprintf("/%v", t["id"]), func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != jsonPatch {
			var changes object
			_ = json.NewDecoder(r.Body).Decode(&changes)
			maps.Copy(t, changes)
			return
		}
		var operations []operation
		_ = json.NewDecoder(r.Body).Decode(&operations)
		if !jsonPatches {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		for _, o := range operations {
			if name, ok := strings.CutSuffix(o.Path[1:], "/-"); ok {
				list, _ := t[name].([]any)
				t[name] = append(list, o.Value)
			} else {
				t[o.Path[1:]] = o.Value
			}
		}
	})
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	f.mu.Lock()
	f.asked = append(f.asked, sent{r.Method, r.URL.Path, r.Header.Get("Content-Type"), string(body), r.URL.Query()})
	h := f.routes[r.Method+" "+r.URL.Path]
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	if h == nil {
		h = says(http.StatusNotFound, `{"code":"ERR404","reason":"Not Found","message":"There is no such ticket"}`)
	}
	h(w, r)
}

// calls are the requests since the last look, writes those of them that were to change something.
func (f *fake) calls() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.asked
	f.asked = nil
	return out
}

func (f *fake) writes() []sent {
	return slices.DeleteFunc(f.calls(), func(s sent) bool { return s.method == http.MethodGet })
}

// says answers with a body; one of HTML is a web page.
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// breaks answers nothing.
func breaks(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// open opens a fake as the provider does, and forgets the requests for that.
func (f *fake) open(t *testing.T) *desk {
	t.Helper()
	d, err := tryOpen(t, f.URL+f.api, "secret", "agency", servicedesk.Mapping{})
	must(t, err)
	f.calls()
	d.(*desk).now = func() time.Time { return noon }
	return d.(*desk)
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// plain is an own ticket of v5, new, unless it is changed.
func plain(id string, changes ...object) object {
	t := object{
		"@type": "TroubleTicket", "id": id, "href": "https://desk.test/api/troubleTicket/" + id, "name": "A machine", "description": "Two\nlines",
		"severity": "Major", "ticketType": "incident", "status": "acknowledged", "creationDate": "2026-11-25T10:00:00.5Z",
		"lastUpdate": "2026-11-25T10:00:00.5Z", "externalIdentifier": []any{keyed("vdam", "some-key")},
	}
	for _, c := range changes {
		maps.Copy(t, c)
	}
	return t
}

func keyed(typ, key string) object {
	return object{"@type": "ExternalIdentifier", "externalIdentifierType": typ, "id": key}
}

func wantError(t *testing.T, err, reason error, words ...string) {
	t.Helper()
	var e *cloud.Error
	if !errors.Is(err, reason) || !errors.As(err, &e) || e.Operator != "helpdesk" {
		t.Errorf("got %v; want %v", err, reason)
		return
	}
	for _, w := range words {
		if !strings.Contains(e.Text+" "+e.Advice, w) {
			t.Errorf("got %q (%s); want %q in it", e.Text, e.Advice, w)
		}
	}
}

// same compares what can be JSON.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	a, err := json.Marshal(got)
	must(t, err)
	b, err := json.Marshal(want)
	must(t, err)
	var x, y any
	must(t, json.Unmarshal(a, &x))
	must(t, json.Unmarshal(b, &y))
	a, _ = json.MarshalIndent(x, "", " ")
	b, _ = json.MarshalIndent(y, "", " ")
	if string(a) != string(b) {
		t.Errorf("%s is\n%s\nwant\n%s", what, a, b)
	}
}

func marshalled(t *testing.T, what any) []byte {
	t.Helper()
	raw, err := json.Marshal(what)
	must(t, err)
	return raw
}

// validText reports whether JSON keeps a text as it is.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError) }
