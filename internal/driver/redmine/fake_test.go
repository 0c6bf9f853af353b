package redmine

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// fake answers as Redmine does, as far as a test says how. What it is not told it answers by 404 without a body.
type fake struct {
	*httptest.Server

	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	asked  []call
}

// call is a request that a fake has got.
type call struct {
	method, path string
	query        url.Values
	body         string
}

// newFake is a Redmine whose fields are known from an issue of each tracker.
func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{routes: make(map[string]http.HandlerFunc)}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.on("GET /users/current.json", says(`{"user":{"id":5,"login":"terraform","mail":"tf@agency.test","admin":false,
		"memberships":[{"id":1,"project":{"id":1,"name":"Service Desk"},"roles":[{"id":4,"name":"Reporter"}]}]}}`))
	f.on("GET /projects/desk.json", says(`{"project":{"id":1,"identifier":"desk","name":"Service Desk",
		"trackers":[{"id":1,"name":"Bug"},{"id":2,"name":"Feature"},{"id":3,"name":"Support"}],"issue_custom_fields":[]}}`))
	f.on("GET /roles/4.json", says(`{"role":{"id":4,"permissions":["view_issues","add_issues","add_issue_notes","edit_own_issues"]}}`))
	f.on("GET /issue_statuses.json", says(`{"issue_statuses":[{"id":1,"name":"New"},{"id":2,"name":"In Progress"},{"id":3,"name":"Resolved"},
		{"id":4,"name":"Feedback"},{"id":5,"name":"Closed"},{"id":6,"name":"Rejected"}]}`))
	f.list(t, fakeIssue(1, "a-key-of-bug"), fakeIssue(2, "key-of-feature", func(i map[string]any) { i["tracker"] = ref{2, "Feature"} }),
		fakeIssue(3, "key-of-support", func(i map[string]any) { i["tracker"] = ref{3, "Support"} }))
	return f
}

// on sets the answer to a method and a path.
func (f *fake) on(route string, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.routes[route] = h
}

// list sets the issues that every list shows, whatever it is asked to filter.
func (f *fake) list(t *testing.T, issues ...map[string]any) {
	t.Helper()
	f.on("GET /issues.json", func(w http.ResponseWriter, r *http.Request) {
		var limit, offset int
		_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		_, _ = fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		part := issues[min(offset, len(issues)):min(offset+limit, len(issues))]
		_ = json.NewEncoder(w).Encode(map[string]any{"issues": part, "total_count": len(issues)})
	})
}

// issue sets what an issue is, and answers changes of it by 204 and nothing, without doing anything.
func (f *fake) issue(i map[string]any) {
	path := fmt.Sprintf(" /issues/%v.json", i["id"])
	f.on("GET"+path, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issue": i})
	})
	nothing := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	f.on("PUT"+path, nothing)
	f.on("PATCH"+path, nothing)
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.asked = append(f.asked, call{r.Method, r.URL.Path, r.URL.Query(), string(body)})
	h := f.routes[r.Method+" "+r.URL.Path]
	f.mu.Unlock()
	if h == nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	h(w, r)
}

// calls are the requests since the last one, forgotten then.
func (f *fake) calls() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.asked
	f.asked = nil
	return out
}

// writes are the requests that were to change something.
func (f *fake) writes() []call {
	return slices.DeleteFunc(f.calls(), func(c call) bool { return c.method == http.MethodGet })
}

// says answers 200 and a body.
func says(body string) http.HandlerFunc { return refuses(http.StatusOK, body) }

func refuses(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// breaks answers nothing.
func breaks(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// fakeIssue is an own issue, new, unless it is changed.
func fakeIssue(id int, key string, changes ...func(map[string]any)) map[string]any {
	i := map[string]any{
		"id": id, "project": ref{1, "Service Desk"}, "tracker": ref{1, "Bug"}, "status": ref{1, "New"}, "priority": ref{2, "Normal"},
		"author": ref{5, "Terra Form"}, "subject": "A machine", "description": "Two\r\nlines", "due_date": nil,
		"custom_fields": []any{
			map[string]any{"id": 11, "name": "External Key", "value": key}, map[string]any{"id": 12, "name": "Severity", "value": "Minor"},
			map[string]any{"id": 13, "name": "Project", "value": nil}, map[string]any{"id": 14, "name": "Affected Resources", "value": ""},
			map[string]any{"id": 15, "name": "Cost Centre", "value": ""},
		},
		"created_on": "2026-11-25T10:00:00Z", "updated_on": "2026-11-25T10:00:00Z", "closed_on": nil,
	}
	for _, change := range changes {
		change(i)
	}
	return i
}

// open opens a fake as the provider does, and forgets the requests for that.
func (f *fake) open(t *testing.T) *desk {
	t.Helper()
	d, err := f.tryOpen(t, servicedesk.Mapping{})
	must(t, err)
	f.calls()
	return d
}

func (f *fake) tryOpen(t *testing.T, m servicedesk.Mapping) (*desk, error) {
	t.Helper()
	client, err := transport.New(transport.Config{
		Operator: "helpdesk", Tokens: transport.StaticToken("secret"), TokenHeader: TokenHeader, MaxRetries: 1,
	})
	must(t, err)
	d, err := Open(t.Context(), Options{Name: "helpdesk", Endpoint: f.URL + "/", Project: "desk", HTTP: client, Mapping: m})
	if err != nil {
		return nil, err
	}
	d.(*desk).now = func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }
	return d.(*desk), nil
}
