package redmine

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func newTicket() servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "some-key", Content: servicedesk.Content{
		Subject: "A machine", Description: "Please.", Severity: servicedesk.SeverityMajor,
		RequestedResolutionAt: time.Date(2026, 12, 1, 0, 30, 0, 0, time.FixedZone("EET", 2*3600)),
		Project:               "cadastre", AffectedResources: []string{"b/2", "a/1"}, Fields: map[string]string{"Cost Centre": "4711"},
	}}
}

// sent is the issue that a request has in its body.
func sent(t *testing.T, c call) map[string]any {
	t.Helper()
	var body struct{ Issue map[string]any }
	must(t, json.Unmarshal([]byte(c.body), &body))
	return body.Issue
}

// fieldsSent are the custom fields of an issue that was sent.
func fieldsSent(t *testing.T, c call) map[float64]any {
	t.Helper()
	out := make(map[float64]any)
	list, _ := sent(t, c)["custom_fields"].([]any)
	for _, f := range list {
		out[f.(map[string]any)["id"].(float64)] = f.(map[string]any)["value"]
	}
	return out
}

func TestCreate(t *testing.T) {
	f := newFake(t)
	f.on("POST /issues.json", refuses(http.StatusCreated, `{"issue":{"id":77}}`))
	d := f.open(t)
	id, err := d.Create(t.Context(), newTicket())
	if err != nil || id != "77" {
		t.Fatalf("got %q, %v", id, err)
	}
	calls := f.writes()
	if len(calls) != 1 {
		t.Fatalf("it sent %+v; want one request", calls)
	}
	i := sent(t, calls[0])
	if i["tracker_id"] != 1.0 || i["project_id"] != 1.0 || i["subject"] != "A machine" || i["due_date"] != "2026-11-30" {
		t.Errorf("it sent %+v", i)
	}
	got := fieldsSent(t, calls[0])
	if got[11] != "some-key?" || got[12] != "major" || got[13] != "cadastre" || got[14] != "a/1, b/2" || got[15] != "4711" {
		t.Errorf("it sent the fields %+v", got)
	}
	for _, private := range []string{"status_id", "priority_id", "watcher_user_ids", "parent_issue_id"} {
		if _, ok := i[private]; ok {
			t.Errorf("it sent %s", private)
		}
	}
}

// TestCreateRefused refuses before anything is sent what Redmine would drop or file elsewhere.
func TestCreateRefused(t *testing.T) {
	for pointer, spoil := range map[string]func(*servicedesk.NewTicket){
		"/queue":               func(n *servicedesk.NewTicket) { n.Queue = "Bugs" },
		"/type":                func(n *servicedesk.NewTicket) { n.Type = "wish" },
		"/fields/Cost~1Centre": func(n *servicedesk.NewTicket) { n.Fields = map[string]string{"Cost/Centre": "1"} },
		"/fields/External Key": func(n *servicedesk.NewTicket) { n.Fields = map[string]string{"External Key": "another"} },
	} {
		f := newFake(t)
		d := f.open(t)
		n := newTicket()
		spoil(&n)
		_, err := d.Create(t.Context(), n)
		wantError(t, err, cloud.ErrInvalid)
		wantAbout(t, err, pointer)
		if calls := f.calls(); len(calls) > 0 {
			t.Errorf("%s: it asked %+v", pointer, calls)
		}
	}
}

// TestCreateAnswers tells a refusal, after which there is no ticket, from what leaves it open.
func TestCreateAnswers(t *testing.T) {
	says422 := func(words string) http.HandlerFunc { return refuses(422, `{"errors":["`+words+`"]}`) }
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		reason  error
		pointer string
	}{
		"bad value":         {says422("Cost centre is invalid"), cloud.ErrInvalid, "/fields/Cost Centre"},
		"bad key":           {says422("External key is too long (maximum is 200 characters)"), cloud.ErrInvalid, "/external_key"},
		"bad severity":      {says422("Severity is not included in the list"), cloud.ErrInvalid, "/severity"},
		"bad date":          {says422("Due date must be greater than start date"), cloud.ErrInvalid, "/requested_resolution_at"},
		"bad subject":       {says422("Subject cannot be blank"), cloud.ErrInvalid, "/subject"},
		"nothing said":      {refuses(422, `{"errors":[]}`), cloud.ErrInvalid, ""},
		"not allowed":       {refuses(403, ""), cloud.ErrForbidden, ""},
		"too large":         {refuses(413, "<html>"), cloud.ErrInvalid, ""},
		"too many":          {refuses(429, ""), cloud.ErrBusy, ""},
		"server's fault":    {refuses(500, ""), cloud.ErrUnknownOutcome, ""},
		"gateway's fault":   {refuses(502, "<html>"), cloud.ErrUnknownOutcome, ""},
		"broken connection": {breaks, cloud.ErrUnknownOutcome, ""},
		"login page":        {says("<html>"), cloud.ErrUnknownOutcome, ""},
		"cut short":         {refuses(201, `{"issue":{"id":7`), cloud.ErrUnknownOutcome, ""},
		"no ticket":         {refuses(201, `{}`), cloud.ErrUnknownOutcome, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			d := f.open(t)
			f.on("POST /issues.json", c.answer)
			id, err := d.Create(t.Context(), newTicket())
			wantError(t, err, c.reason)
			wantAbout(t, err, c.pointer)
			if id != "" {
				t.Errorf("and yet it is ticket %q", id)
			}
			want := 1
			if c.reason == cloud.ErrBusy { //nolint:errorlint // The sentinel itself.
				want = 2 // Surely not carried out, so that the transport tries again.
			}
			if n := len(f.writes()); n != want {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

// TestClaim sees that Redmine drops a field that the account may not edit.
func TestClaim(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key?"))
	wantError(t, d.Claim(t.Context(), "7", "some-key"), cloud.ErrForbidden, "did not take")
	f.issue(fakeIssue(7, "another-key"))
	wantError(t, d.Claim(t.Context(), "7", "some-key"), cloud.ErrForbidden, "did not take")
	f.issue(fakeIssue(7, "some-key"))
	f.calls()
	must(t, d.Claim(t.Context(), "7", "some-key"))
	if calls := f.writes(); len(calls) != 1 || calls[0].method != http.MethodPut || fieldsSent(t, calls[0])[11] != "some-key" {
		t.Errorf("it sent %+v", calls)
	}
	wantError(t, d.Claim(t.Context(), "8", "some-key"), cloud.ErrNotFound)
}

func TestUpdate(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key"))
	from, err := d.Get(t.Context(), "7")
	must(t, err)
	f.calls()

	must(t, d.Update(t.Context(), from, servicedesk.Change{}))
	address := servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: "https://x.test"}
	must(t, d.Update(t.Context(), from, servicedesk.Change{AddLinks: []servicedesk.Link{address}}))
	if calls := f.writes(); len(calls) > 0 {
		t.Errorf("for what there is no place it sent %+v", calls)
	}
	must(t, d.Update(t.Context(), from, servicedesk.Change{
		Subject: new("Another"), Project: new(string), AffectedResources: &[]string{}, RequestedResolutionAt: new(time.Time),
		Fields: map[string]string{"Cost Centre": ""},
	}))
	calls := f.writes()
	if len(calls) != 1 {
		t.Fatalf("it sent %+v", calls)
	}
	i, fields := sent(t, calls[0]), fieldsSent(t, calls[0])
	if i["subject"] != "Another" || i["due_date"] != "" || fields[13] != "" || fields[14] != "" || fields[15] != "" || len(fields) != 3 {
		t.Errorf("it sent %+v", i)
	}
	if _, ok := i["description"]; ok {
		t.Error("it sent what was not to change")
	}
	err = d.Update(t.Context(), from, servicedesk.Change{Fields: map[string]string{"Colour": "x"}})
	wantError(t, err, cloud.ErrInvalid, `"Cost Centre"`)
	wantAbout(t, err, "/fields/Colour")
}

// TestUpdateConflict sees changes also within the second that Redmine tells.
func TestUpdateConflict(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key"))
	from, err := d.Get(t.Context(), "7")
	must(t, err)
	for _, change := range []func(map[string]any){
		func(i map[string]any) { i["updated_on"] = "2026-11-25T10:00:01Z" },
		func(i map[string]any) { i["subject"] = "Renamed" },
		func(i map[string]any) { i["custom_fields"].([]any)[4].(map[string]any)["value"] = "1" },
	} {
		f.issue(fakeIssue(7, "some-key", change))
		f.calls()
		wantError(t, d.Update(t.Context(), from, servicedesk.Change{Subject: new("Another")}), cloud.ErrConflict)
		if calls := f.writes(); len(calls) > 0 {
			t.Errorf("it sent %+v", calls)
		}
	}
	// What is told only if it is asked for is no change.
	f.issue(fakeIssue(7, "some-key", func(i map[string]any) { i["relations"] = []relation{{From: 7, To: 8, Type: "relates"}} }))
	must(t, d.Update(t.Context(), from, servicedesk.Change{AddLinks: []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: "8"}}}))
	if calls := f.writes(); len(calls) > 0 {
		t.Errorf("a link that is there was sent: %+v", calls)
	}
}

func allowed(names ...string) func(map[string]any) {
	list := make([]ref, 0, len(names))
	for _, name := range names {
		list = append(list, ref{ID: map[string]int64{"New": 1, "Closed": 5, "Rejected": 6}[name], Name: name})
	}
	return func(i map[string]any) { i["allowed_statuses"] = list }
}

// TestTransition does not take 204 for done, and says nothing in a ticket that it cannot move.
func TestTransition(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	ticket := servicedesk.Ticket{ID: "7", Type: servicedesk.TypeIncident}
	cancel := func() error {
		f.calls()
		return d.Transition(t.Context(), ticket, servicedesk.StatusCancelled, servicedesk.Message{Text: "Not needed."})
	}
	f.issue(fakeIssue(7, "some-key", allowed("New", "Rejected")))
	wantError(t, cancel(), servicedesk.ErrTransition, `"New" to "Rejected"`)
	calls := f.writes()
	if len(calls) != 1 || calls[0].method != http.MethodPatch {
		t.Fatalf("it sent %+v", calls)
	}
	if i := sent(t, calls[0]); i["status_id"] != 6.0 || i["notes"] != "Not needed." || i["private_notes"] != nil {
		t.Errorf("it sent %+v", i)
	}
	f.issue(fakeIssue(7, "some-key", allowed("New", "Closed")))
	wantError(t, cancel(), servicedesk.ErrTransition, `"New", "Closed"`)
	if calls := f.writes(); len(calls) > 0 {
		t.Errorf("the workflow has no way there, and it sent %+v", calls)
	}
	f.issue(fakeIssue(7, "some-key", func(i map[string]any) { i["status"] = ref{6, "Rejected"} }))
	must(t, cancel())
	if calls := f.writes(); len(calls) > 0 {
		t.Errorf("it is there already, and it sent %+v", calls)
	}
	f.issue(fakeIssue(7, "some-key", allowed("Rejected")))
	f.on("PATCH /issues/7.json", refuses(422, `{"errors":["Assignee cannot be blank"]}`))
	wantError(t, cancel(), servicedesk.ErrTransition, "Assignee cannot be blank.")
	f.on("PATCH /issues/7.json", breaks)
	wantError(t, cancel(), cloud.ErrUnknownOutcome)
	if calls := f.writes(); len(calls) != 1 {
		t.Errorf("a goodbye is said once, and it was sent %d times", len(calls))
	}
	d.permissions = permissions{}
	wantError(t, cancel(), servicedesk.ErrTransition, "edit its own issues")
	wantError(t, d.Transition(t.Context(), ticket, servicedesk.StatusHeld, servicedesk.Message{}), cloud.ErrUnsupported)
}

// TestTransitionDone changes the status, before Redmine 5 without being told whether it may.
func TestTransitionDone(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key"))
	f.on("PATCH /issues/7.json", func(w http.ResponseWriter, _ *http.Request) {
		f.issue(fakeIssue(7, "some-key", func(i map[string]any) { i["status"] = ref{5, "Closed"} }))
		w.WriteHeader(http.StatusNoContent)
	})
	must(t, d.Transition(t.Context(), servicedesk.Ticket{ID: "7"}, servicedesk.StatusClosed, servicedesk.Message{}))
	if calls := f.writes(); len(calls) != 1 || strings.Contains(calls[0].body, "notes") {
		t.Errorf("it sent %+v", calls)
	}
}
