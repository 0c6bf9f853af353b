package redmine

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func journals(raw string) func(map[string]any) {
	return func(i map[string]any) { i["journals"] = json.RawMessage(raw) }
}

func TestHistory(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key", func(i map[string]any) { i["status"] = ref{5, "Closed"} }, journals(`[
		{"id":33,"user":{"id":5,"name":"Terra Form"},"notes":"Thanks","created_on":"2026-11-25T13:00:00Z","details":[
			{"property":"attr","name":"status_id","old_value":"99","new_value":"5"}]},
		{"id":31,"user":{"id":7,"name":"An Agent"},"notes":"Two\r\nlines","private_notes":true,"created_on":"2026-11-25T11:00:00Z","details":[]},
		{"id":30,"user":{"id":7,"name":"An Agent"},"notes":"","created_on":"2026-11-25T10:30:00Z","details":[
			{"property":"attr","name":"subject","old_value":"a","new_value":"b"},
			{"property":"cf","name":"status_id","old_value":null,"new_value":"6"}]},
		{"id":32,"user":{"id":7,"name":"An Agent"},"notes":null,"created_on":"2026-11-25T12:00:00Z","details":[
			{"property":"attr","name":"status_id","old_value":"4","new_value":"99"}]}]`)))
	events, err := d.History(t.Context(), servicedesk.Ticket{ID: "7"})
	must(t, err)
	if len(events) != 5 {
		t.Fatalf("got %+v", events)
	}
	kinds := []servicedesk.EventKind{
		servicedesk.EventCreated, servicedesk.EventOther, servicedesk.EventMessage, servicedesk.EventStatus, servicedesk.EventStatus,
	}
	for i, e := range events {
		if e.Kind != kinds[i] || e.Own == e.Staff || e.At.Location() != time.UTC {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if c := events[0]; c.ToNative != "Feedback" || c.To.Status != servicedesk.StatusPending || c.ID == "" {
		t.Errorf("it was created as %+v", c)
	}
	if m := events[2].Message; m.Public || m.Text != "Two\nlines" {
		t.Errorf("said was %+v", m)
	}
	if s := events[3]; s.FromNative != "Feedback" || s.ToNative != "status 99" || s.To.Status != servicedesk.StatusUnknown || !s.Staff {
		t.Errorf("a status that is gone is %+v", s)
	}
	if s := events[4]; s.To.Status != servicedesk.StatusClosed || !s.Own || s.Message != (servicedesk.Message{Text: "Thanks", Public: true}) {
		t.Errorf("closed was %+v", s)
	}
}

// TestSay finds the message again, as the answer tells nothing.
func TestSay(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "", journals(`[{"id":3,"user":{"id":5},"notes":"Hello\r\nyou "},{"id":4,"user":{"id":6},"notes":"Hello you"},
		{"id":2,"user":{"id":5},"notes":"Hello you"},{"id":5,"user":{"id":5},"notes":"Something else"}]`)))
	id, err := d.Say(t.Context(), "7", servicedesk.Message{Text: "Hello\nyou"})
	if err != nil || id != "3" {
		t.Errorf("got %q, %v", id, err)
	}
	if calls := f.writes(); len(calls) != 1 || calls[0].method != http.MethodPatch || strings.Contains(calls[0].body, "private_notes") {
		t.Errorf("it sent %+v", calls)
	}
	d.permissions[setNotesPrivate] = true
	_, err = d.Say(t.Context(), "7", servicedesk.Message{Text: "Not kept"})
	wantError(t, err, cloud.ErrForbidden, "add notes")
	if calls := f.writes(); len(calls) != 1 || sent(t, calls[0])["private_notes"] != true {
		t.Errorf("it sent %+v", calls)
	}
	// Redmine keeps a note for each time that it is sent.
	f.on("PATCH /issues/7.json", breaks)
	_, err = d.Say(t.Context(), "7", servicedesk.Message{Text: "Once"})
	wantError(t, err, cloud.ErrUnknownOutcome)
	if calls := f.writes(); len(calls) != 1 {
		t.Errorf("it was sent %d times", len(calls))
	}
}

func TestAttach(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	file := servicedesk.File{Name: "plāns.txt", ContentType: "text/plain", Content: []byte("x\x00y")}
	_, err := d.Attach(t.Context(), "7", file)
	wantError(t, err, cloud.ErrNotFound)
	f.on("POST /uploads.json", refuses(422, `{"errors":["This file exceeds the maximum allowed file size (5 MB)"]}`))
	_, err = d.Attach(t.Context(), "7", file)
	wantError(t, err, cloud.ErrInvalid, "5 MB")
	f.on("POST /uploads.json", refuses(201, `{"upload":{"id":9}}`))
	_, err = d.Attach(t.Context(), "7", file)
	wantError(t, err, cloud.ErrUnknownOutcome, "token")
	f.on("POST /uploads.json", refuses(201, `{"upload":{"id":9,"token":"9.abc"}}`))
	f.issue(fakeIssue(7, ""))
	_, err = d.Attach(t.Context(), "7", file)
	wantError(t, err, cloud.ErrForbidden, "did not take the file")
	f.issue(fakeIssue(7, "", func(i map[string]any) {
		i["attachments"] = []attachment{
			{ID: 9, Filename: "plāns.txt", Filesize: 3, ContentType: "text/plain"}, {ID: 8, Filename: "old"},
		}
	}))
	f.calls()
	id, err := d.Attach(t.Context(), "7", file)
	if err != nil || id != "9" {
		t.Errorf("got %q, %v", id, err)
	}
	calls := f.writes()
	if len(calls) != 2 || calls[0].body != "x\x00y" || calls[0].query.Get("filename") != "plāns.txt" ||
		!strings.Contains(calls[1].body, `"9.abc"`) {
		t.Errorf("it sent %+v", calls)
	}
	files, err := d.Attachments(t.Context(), "7")
	if err != nil || len(files) != 2 || files[0].ID != "8" || files[1].SizeBytes != 3 || files[1].SHA256 != "" {
		t.Errorf("files are %+v, %v", files, err)
	}
}

// trusted is a desk whose account may link and have others watch.
func trusted(t *testing.T) (*fake, *desk) {
	t.Helper()
	f := newFake(t)
	f.on("GET /roles/4.json", says(`{"role":{"permissions":["edit_own_issues","manage_issue_relations","manage_subtasks",
		"view_issue_watchers","add_issue_watchers"]}}`))
	f.on("GET /projects/1/memberships.json", says(`{"memberships":[{"user":{"id":5,"name":"Terra Form"}},{"user":{"id":7,"name":"An Agent"}},
		{"group":{"id":9,"name":"Operators"}},{"user":{"id":8,"name":"Hidden"}}],"total_count":4}`))
	f.on("GET /users/5.json", says(`{"user":{"id":5,"login":"terraform","mail":"tf@agency.test"}}`))
	f.on("GET /users/7.json", says(`{"user":{"id":7,"login":"agent"}}`))
	return f, f.open(t)
}

func TestWatchers(t *testing.T) {
	f, d := trusted(t)
	f.on("POST /issues.json", refuses(201, `{"issue":{"id":77}}`))
	f.on("POST /issues/77/watchers.json", refuses(204, ""))
	n := newTicket()
	n.Watchers = []string{"Agent", "nobody@agency.test", "TF@agency.test"}
	_, err := d.Create(t.Context(), n)
	must(t, err)
	calls := f.writes()
	if got := sent(t, calls[0])["watcher_user_ids"].([]any); !slices.Equal(got, []any{5.0, 7.0}) {
		t.Errorf("watchers are %v", got)
	}
	f.issue(fakeIssue(77, "some-key", func(i map[string]any) { i["watchers"] = []ref{{8, "Hidden"}, {7, "An Agent"}, {5, "Terra Form"}} }))
	got, err := d.Get(t.Context(), "77")
	if err != nil || !slices.Equal(got.Watchers, []string{"Hidden", "agent", "tf@agency.test"}) {
		t.Errorf("watchers are %q, %v", got.Watchers, err)
	}
	f.calls()
	must(t, d.Update(t.Context(), got, servicedesk.Change{AddWatchers: []string{"agent"}, RemoveWatchers: []string{"Hidden"}}))
	if calls := f.writes(); len(calls) != 1 || calls[0].body != `{"watcher":{"user_ids":[7]}}` {
		t.Errorf("it sent %+v", calls)
	}
}

func TestLinks(t *testing.T) {
	f, d := trusted(t)
	f.on("POST /issues.json", refuses(201, `{"issue":{"id":77}}`))
	f.on("POST /issues/77/relations.json", refuses(422, `{"errors":["Related task is invalid"]}`))
	n := newTicket()
	n.Links = []servicedesk.Link{
		{Type: servicedesk.LinkParent, Target: "3"}, {Type: servicedesk.LinkDependsOn, Target: "4"},
		{Type: servicedesk.LinkRefersTo, Target: "tf://x"},
	}
	id, err := d.Create(t.Context(), n)
	if err != nil || id != "77" {
		t.Fatalf("a ticket with a link that Redmine refuses is %q, %v", id, err)
	}
	calls := f.writes()
	if len(calls) != 2 || sent(t, calls[0])["parent_issue_id"] != 3.0 ||
		calls[1].body != `{"relation":{"issue_to_id":4,"relation_type":"blocked"}}` {
		t.Errorf("it sent %+v", calls)
	}
	f.issue(fakeIssue(77, "some-key", func(i map[string]any) { i["parent"] = map[string]any{"id": 3} }))
	err = d.Update(t.Context(), servicedesk.Ticket{ID: "77"}, servicedesk.Change{AddLinks: n.Links[1:2]})
	wantError(t, err, cloud.ErrInvalid)
	wantAbout(t, err, "/links")
	f.on("POST /issues/77/relations.json", refuses(403, ""))
	f.calls()
	must(t, d.Update(t.Context(), servicedesk.Ticket{ID: "77"}, servicedesk.Change{AddLinks: n.Links[1:2], RemoveLinks: n.Links[:1]}))
	if calls := f.writes(); sent(t, calls[0])["parent_issue_id"] != "" {
		t.Errorf("it sent %+v", calls)
	}
}
