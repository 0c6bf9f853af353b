package redmine

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// wantError fails the test unless an error has a reason, names the desk, and has some words in it.
func wantError(t *testing.T, err, reason error, words ...string) {
	t.Helper()
	var e *cloud.Error
	if !errors.Is(err, reason) || !errors.As(err, &e) {
		t.Fatalf("got %v; want %v", err, reason)
	}
	if e.Operator != "helpdesk" || e.Text == "" {
		t.Errorf("the error is of %q and says %q", e.Operator, e.Text)
	}
	for _, w := range words {
		if !strings.Contains(e.Text+" "+e.Advice, w) {
			t.Errorf("the error says %q and advises %q; want %q in it", e.Text, e.Advice, w)
		}
	}
}

// wantAbout fails the test unless an error is about one part of the content, or about none.
func wantAbout(t *testing.T, err error, pointer string) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if pointer == "" && len(e.Fields) > 0 || pointer != "" && (len(e.Fields) != 1 || e.Fields[0].Pointer != pointer) {
		t.Errorf("the error is about %+v; want %q", e.Fields, pointer)
	}
}

func TestDescribe(t *testing.T) {
	f := newFake(t)
	d := f.open(t).Describe()
	if d.Name != "helpdesk" || d.Kind != "redmine" || d.Endpoint != f.URL || d.Product != "Redmine" || d.Account != "terraform" {
		t.Errorf("the desk is %+v", d)
	}
	if c := d.Capabilities; !c.EditsDescription || !c.History || c.InternalMessages || !c.Attachments || !c.DatesOnly ||
		c.AtomicKeys || c.MaxSubject != 255 {
		t.Errorf("it can %+v", c)
	}
	if len(d.Queues) != 3 || d.Queues[2].Name != "Support" || !slices.Contains(d.Queues[2].Fields, "Cost Centre") {
		t.Errorf("it has %+v", d.Queues)
	}
	if m := d.Mapping.Types[servicedesk.TypeChange]; m.Queue != "Feature" || m.CancelStatus != "Rejected" {
		t.Errorf("a change is %+v", m)
	}
	if !d.Mapping.Meaning(servicedesk.TypeIncident, "Resolved").Status.Terminal() {
		t.Error("what is resolved is open")
	}
}

// TestCapabilities follow the account's permissions: to promise what Redmine drops would be a plan that never ends.
func TestCapabilities(t *testing.T) {
	f := newFake(t)
	f.on("GET /roles/4.json", says(`{"role":{"permissions":["view_issues","set_notes_private"]}}`))
	if c := f.open(t).Describe().Capabilities; c.EditsDescription || !c.InternalMessages {
		t.Errorf("without edit_own_issues and with set_notes_private, it can %+v", c)
	}
	f.on("GET /roles/4.json", refuses(http.StatusForbidden, ""))
	d := f.open(t)
	if c := d.Describe().Capabilities; c.EditsDescription || c.InternalMessages || !d.permissions.may(manageRelations) {
		t.Errorf("without knowing, it can %+v", c)
	}
	f.on("GET /users/current.json", says(`{"user":{"id":5,"login":"admin","admin":true}}`))
	d = f.open(t)
	if c := d.Describe().Capabilities; !c.EditsDescription || !c.InternalMessages {
		t.Errorf("an administrator can %+v", c)
	}
}

func TestOpenRefused(t *testing.T) {
	page := "<!DOCTYPE html><html><title>Log in</title></html>"
	for name, c := range map[string]struct {
		route  string
		answer http.HandlerFunc
		reason error
		words  string
	}{
		"wrong key":                  {"GET /users/current.json", refuses(401, ""), cloud.ErrUnauthenticated, "API key"},
		"API switched off":           {"GET /users/current.json", refuses(403, ""), cloud.ErrForbidden, "REST web service"},
		"wrong address":              {"GET /users/current.json", refuses(404, ""), cloud.ErrUnavailable, "endpoint"},
		"another server":             {"GET /users/current.json", refuses(404, page), cloud.ErrUnavailable, "web page"},
		"login page":                 {"GET /users/current.json", refuses(200, page), cloud.ErrUnavailable, "web page"},
		"no account":                 {"GET /users/current.json", says(`{}`), cloud.ErrUnavailable, "no account"},
		"misspelt project":           {"GET /projects/desk.json", refuses(404, ""), cloud.ErrInvalid, "identifier"},
		"gateway instead of project": {"GET /projects/desk.json", refuses(404, page), cloud.ErrUnavailable, "web page"},
		"project out of sight":       {"GET /projects/desk.json", refuses(403, ""), cloud.ErrForbidden, "member"},
		"no project":                 {"GET /projects/desk.json", says(`{}`), cloud.ErrUnavailable, "no project"},
		"statuses of the wrong form": {"GET /issue_statuses.json", says(`{"issue_statuses":7}`), cloud.ErrUnavailable, "wrong type"},
		"list out of order":          {"GET /issues.json", says(`{"issues":[{}]}`), cloud.ErrUnavailable, "without an id"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on(c.route, c.answer)
			_, err := f.tryOpen(t, servicedesk.Mapping{})
			wantError(t, err, c.reason, c.words)
		})
	}
}

func TestOpenEndpoint(t *testing.T) {
	for _, endpoint := range []string{
		"", "desk.example.org", "ftp://desk.example.org", "https://desk.example.org?x=1", "http://u:secret@%zz",
	} {
		_, err := Open(t.Context(), Options{Name: "helpdesk", Endpoint: endpoint, Project: "desk", HTTP: http.DefaultClient})
		wantError(t, err, cloud.ErrInvalid, "endpoint")
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats %q", endpoint)
		}
	}
	f := newFake(t)
	for _, project := range []string{"", "..", "a/b", "a?b", "ā"} {
		_, err := Open(t.Context(), Options{Name: "helpdesk", Endpoint: f.URL, Project: project, HTTP: http.DefaultClient})
		wantError(t, err, cloud.ErrInvalid, "identifier")
	}
}

// TestOpenMapping refuses what was written wrongly; what the defaults say wrongly is refused when it is needed.
func TestOpenMapping(t *testing.T) {
	types := func(m servicedesk.TypeMapping) servicedesk.Mapping {
		return servicedesk.Mapping{Types: map[servicedesk.Type]servicedesk.TypeMapping{servicedesk.TypeChange: m}}
	}
	f := newFake(t)
	for words, m := range map[string]servicedesk.Mapping{
		`"Bug", "Feature", "Support"`: types(servicedesk.TypeMapping{Queue: "Change"}),
		`"Closed", "Rejected"`:        types(servicedesk.TypeMapping{CancelStatus: "Cancelled"}),
		`"Cost Centre"`:               {Fields: servicedesk.FieldNames{Severity: "How bad"}},
	} {
		_, err := f.tryOpen(t, m)
		wantError(t, err, cloud.ErrInvalid, words)
	}
	m := types(servicedesk.TypeMapping{Queue: "Support", CloseStatus: "Rejected"})
	m.Fields.Project = "Cost Centre"
	d, err := f.tryOpen(t, m)
	must(t, err)
	if got := d.Describe().Mapping; got.Types[servicedesk.TypeChange].Queue != "Support" || got.Fields.Project != "Cost Centre" {
		t.Errorf("the mapping is %+v", got)
	}
}

// withoutFields is an issue of a tracker that has no custom fields.
func withoutFields(i map[string]any) { i["custom_fields"] = nil }

// TestFieldsThatAreNot are no place for anything.
func TestFieldsThatAreNot(t *testing.T) {
	f := newFake(t)
	var issues []map[string]any
	for tracker := 1; tracker <= 3; tracker++ {
		issues = append(issues, fakeIssue(tracker, "", withoutFields, func(i map[string]any) { i["tracker"] = ref{ID: int64(tracker)} }))
	}
	f.list(t, issues...)
	d := f.open(t)
	if got := d.Describe().Mapping.Fields; got != (servicedesk.FieldNames{}) {
		t.Errorf("fields are %+v", got)
	}
	_, err := d.Create(t.Context(), newTicket())
	wantError(t, err, cloud.ErrUnsupported, "External Key", "used as a filter")
	_, err = d.FindByKey(t.Context(), "some-key")
	wantError(t, err, cloud.ErrUnsupported, "External Key")
	if sent := f.writes(); len(sent) > 0 {
		t.Errorf("it sent %+v", sent)
	}
}

// TestProbe finds fields at a desk without a ticket, by what Redmine says of filters without a value.
func TestProbe(t *testing.T) {
	// Fields in the order of their position; "Project" is no filter, and another's name begins like it.
	filters := []struct {
		param, name string
	}{
		{"tracker_id", "Tracker"}, {"author_id", "Verfasser"}, {"updated_on", "Aktualisiert"}, {"subject", "Thema"},
		{"cf_130", "External Key"}, {"cf_7", "Severity"}, {"cf_8", "Project Code"}, {"cf_9", "Affected Resources of others"},
	}
	f := newFake(t)
	f.on("GET /issues.json", func(w http.ResponseWriter, r *http.Request) {
		var said []string
		for _, one := range filters {
			if slices.Contains(r.URL.Query()["f[]"], one.param) {
				said = append(said, fmt.Sprintf("%q", one.name+" muss ausgefüllt werden"))
			}
		}
		if len(said) == 0 {
			says(`{"issues":[],"total_count":0}`)(w, r)
			return
		}
		refuses(http.StatusUnprocessableEntity, `{"errors":[`+strings.Join(said, ",")+`]}`)(w, r)
	})
	d, err := f.tryOpen(t, servicedesk.Mapping{})
	must(t, err)
	if key, severity := d.fields.find("External Key"), d.fields.find("Severity"); key != 130 || severity != 7 {
		t.Errorf("the key is in field %d, the severity in %d", key, severity)
	}
	if got := d.Describe().Mapping.Fields; got.Project != "" || got.AffectedResources != "" {
		t.Errorf("fields are taken for others: %+v", got)
	}
	if n := len(f.calls()); n > 60 {
		t.Errorf("it took %d requests", n)
	}
	a := attributes{}
	must(t, d.setOwn(t.Context(), a, 1, map[string]string{"Project Code": "7"}))
	if fmt.Sprint(a) != "map[custom_fields:[map[id:8 value:7]]]" {
		t.Errorf("one of the desk's own fields is set by %v", a)
	}
	err = d.setOwn(t.Context(), a, 1, map[string]string{"Affected Resources": "7"})
	wantError(t, err, cloud.ErrInvalid, "filter")
}

func TestCommonSuffix(t *testing.T) {
	for want, sentences := range map[string][]string{
		"":                 nil,
		" cannot be blank": {"Tracker cannot be blank", "Author cannot be blank", "Subject cannot be blank"},
		" be blank":        {"Subject cannot be blank", "Project shall be blank"},
	} {
		if got := commonSuffix(sentences); got != want {
			t.Errorf("got %q of %q; want %q", got, sentences, want)
		}
	}
	if got := commonSuffix([]string{"abc", "xyz"}); got != "" {
		t.Errorf("got %q of what has nothing in common", got)
	}
}
