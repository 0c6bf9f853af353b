package redmine

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func at(when string) func(map[string]any) {
	return func(i map[string]any) { i["created_on"], i["updated_on"] = when, when }
}

func by(author int64) func(map[string]any) {
	return func(i map[string]any) { i["author"] = ref{author, "Somebody"} }
}

func idsOf(tickets []servicedesk.Ticket) string {
	var out []string
	for _, t := range tickets {
		out = append(out, string(t.ID))
	}
	return strings.Join(out, " ")
}

// TestFindByKey looks at the key of every row: a filter that Redmine does not know is ignored, and everything comes.
func TestFindByKey(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.list(t,
		fakeIssue(130, "some-key"), fakeIssue(121, "Some-Key"), fakeIssue(120, "some-key-2"), fakeIssue(110, "some-key?", by(6)),
		fakeIssue(99, "some-key?"), fakeIssue(98, "", withoutFields))
	found, err := d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if idsOf(found) != "99 130" || found[0].Claimed || !found[1].Claimed || found[0].Key != "some-key" || !found[1].Own {
		t.Errorf("found %+v; want 99, unclaimed, and 130", found)
	}
	calls := f.calls()
	if len(calls) != 1 {
		t.Fatalf("it asked %+v", calls)
	}
	q := calls[0].query
	if q.Get("cf_11") != "some-key|some-key?" || q.Get("status_id") != "*" || q.Get("author_id") != "me" {
		t.Errorf("it asked for %v", q)
	}
}

// TestLongestKey has room for the mark in a field that is as long as the longest key.
func TestLongestKey(t *testing.T) {
	key := strings.Repeat("k", maxKey)
	if form := unclaimedForm(key); len(form) != maxKey || !strings.HasSuffix(form, unclaimed) || form == unclaimedForm(key[1:]+"x") {
		t.Errorf("unclaimed, it is %q", form)
	}
	f := newFake(t)
	d := f.open(t)
	f.list(t, fakeIssue(9, unclaimedForm(key)), fakeIssue(8, key), fakeIssue(7, unclaimedForm(key[1:]+"x")), fakeIssue(6, key[1:]+unclaimed))
	found, err := d.FindByKey(t.Context(), key)
	if err != nil || idsOf(found) != "8 9" || found[1].Claimed || found[1].Key != key {
		t.Errorf("found %+v, %v", found, err)
	}
}

// TestFindByKeyScan goes back a day where the key is no filter, and no further.
func TestFindByKeyScan(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	var all []map[string]any
	for i := range 350 {
		when := "2026-11-25T11:00:00Z"
		if i >= 150 {
			when = "2026-11-24T11:59:00Z" // A day and a minute before the clock of the test.
		}
		key := "another-key"
		if i == 149 || i == 320 {
			key = "some-key"
		}
		all = append(all, fakeIssue(1000-i, key, at(when)))
	}
	f.list(t, all...)
	found, err := d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if calls := f.calls(); idsOf(found) != "851" || len(calls) != 2 {
		t.Errorf("found %q by %d requests; want 851 by 2", idsOf(found), len(calls))
	}
}

func TestGet(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	f.issue(fakeIssue(7, "some-key?", func(i map[string]any) {
		i["due_date"], i["closed_on"], i["status"] = "2026-12-01", "2026-11-25T11:00:00Z", ref{3, "Resolved"}
		i["assigned_to"], i["parent"] = ref{7, "An Agent"}, map[string]any{"id": 3}
		i["relations"] = []relation{{7, 9, "relates"}, {4, 7, "relates"}, {5, 7, "blocks"}, {7, 6, "blocks"}, {7, 8, "precedes"}}
		fields := i["custom_fields"].([]any)
		fields[3].(map[string]any)["value"] = "b/2, a/1,a/1 "
		fields[4].(map[string]any)["value"] = []string{"4711", "", "12"}
	}))
	got, err := d.Get(t.Context(), "7")
	must(t, err)
	want := servicedesk.Ticket{
		ID: "7", Key: "some-key", Own: true, Type: servicedesk.TypeIncident, Number: "#7", URL: f.URL + "/issues/7",
		Content: servicedesk.Content{
			Subject: "A machine", Description: "Two\nlines", Severity: servicedesk.SeverityMinor, Requester: "tf@agency.test",
			RequestedResolutionAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), AffectedResources: []string{"a/1", "b/2"},
			Fields: map[string]string{"Cost Centre": "4711, 12"},
			Links: []servicedesk.Link{
				{Type: servicedesk.LinkDependsOn, Target: "5"}, {Type: servicedesk.LinkParent, Target: "3"},
				{Type: servicedesk.LinkRefersTo, Target: "4"}, {Type: servicedesk.LinkRefersTo, Target: "9"},
			},
		},
		Queue: "Bug", Status: servicedesk.StatusResolved, NativeStatus: "Resolved",
		Approval: servicedesk.ApprovalNotRequired, Awaiting: servicedesk.AwaitingNobody, Priority: "Normal", Assignee: "An Agent",
		CreatedAt: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
		ResolvedAt: time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC),
	}
	if !strings.HasPrefix(got.Version, "2026-11-25T10:00:00Z/") {
		t.Errorf("the version is %q", got.Version)
	}
	want.Version = got.Version
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
	f.issue(fakeIssue(8, "", by(6), func(i map[string]any) { i["closed_on"], i["status"] = "2026-11-25T11:00:00Z", ref{9, "Reviewing"} }))
	got, err = d.Get(t.Context(), "8")
	must(t, err)
	if got.Own || got.Requester != "Somebody" || got.Status != servicedesk.StatusUnknown || !got.ResolvedAt.IsZero() || got.Claimed {
		t.Errorf("got %+v", got)
	}
}

// TestGetNothing tells "gone" from all that only looks like it.
func TestGetNothing(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason error
	}{
		"gone":              {refuses(404, ""), cloud.ErrNotFound},
		"gateway's 404":     {refuses(404, "<html><h1>404</h1></html>"), cloud.ErrUnavailable},
		"unknown 404":       {refuses(404, `{"message":"no route"}`), cloud.ErrUnavailable},
		"out of sight":      {refuses(403, ""), cloud.ErrForbidden},
		"key withdrawn":     {refuses(401, ""), cloud.ErrUnauthenticated},
		"server's fault":    {refuses(500, "<html>"), cloud.ErrUnavailable},
		"login page":        {says("<html>"), cloud.ErrUnavailable},
		"empty":             {says(""), cloud.ErrUnavailable},
		"another ticket":    {says(`{"issue":{"id":8}}`), cloud.ErrUnavailable},
		"broken connection": {breaks, cloud.ErrUnavailable},
	} {
		f.on("GET /issues/7.json", c.answer)
		if _, err := d.Get(t.Context(), "7"); err == nil {
			t.Errorf("%s: got a ticket", name)
		} else {
			wantError(t, err, c.reason)
		}
	}
	f.calls()
	for _, id := range []servicedesk.ID{"", "x", "-7", "0", "007", "7.json", "../7", "7?x", " 7", "99999999999", "7\n"} {
		_, err := d.Get(t.Context(), id)
		wantError(t, err, cloud.ErrNotFound, "cannot be a ticket")
	}
	if calls := f.calls(); len(calls) > 0 {
		t.Errorf("for what can be no id it asked %+v", calls)
	}
}

// glanceList shows issues as they are asked for.
func (f *fake) glanceList(updated map[int]string) {
	f.on("GET /issues.json", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var issues []map[string]any
		for id := range strings.SplitSeq(q.Get("issue_id"), ",") {
			var n int
			_, _ = fmt.Sscan(id, &n)
			if when, ok := updated[n]; ok {
				issues = append(issues, fakeIssue(n, "", at(when)))
			}
		}
		slices.SortFunc(issues, func(a, b map[string]any) int {
			if q.Get("sort") == "updated_on:desc" {
				return strings.Compare(b["updated_on"].(string), a["updated_on"].(string))
			}
			return a["id"].(int) - b["id"].(int)
		})
		var offset, limit int
		_, _ = fmt.Sscan(q.Get("offset"), &offset)
		_, _ = fmt.Sscan(q.Get("limit"), &limit)
		part := issues[min(offset, len(issues)):min(offset+limit, len(issues))]
		_ = json.NewEncoder(w).Encode(map[string]any{"issues": part, "total_count": len(issues)})
	})
}

// TestGlance asks once for 200 tickets of which none has changed, and goes on as far as those that have.
func TestGlance(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	quiet, noon := "2026-11-25T08:00:00Z", time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	updated := make(map[int]string)
	ids := []servicedesk.ID{"", "7.json", "1", "1"}
	for n := 1; n <= 200; n++ {
		updated[n] = quiet
		ids = append(ids, servicedesk.ID(fmt.Sprint(n)))
	}
	f.glanceList(updated)
	look := func(since time.Time) (servicedesk.Glance, int) {
		t.Helper()
		f.calls()
		g, err := d.Glance(t.Context(), ids, since)
		must(t, err)
		return g, len(f.calls())
	}
	if g, n := look(noon); n != 1 || len(g.Missing) != 2 {
		t.Errorf("200 quiet tickets took %d requests, and %v are missing", n, g.Missing)
	}
	if g, n := look(time.Time{}); n != 2 || len(g.Missing) != 2 || len(g.Briefs) != 200 {
		t.Errorf("for all it asked %d times, got %d, and %v are missing", n, len(g.Briefs), g.Missing)
	}
	for n := 1; n <= 150; n++ {
		updated[n] = "2026-11-25T11:59:58Z" // Within the slack.
	}
	if g, n := look(noon); n != 3 || len(g.Briefs) < 150 || len(g.Missing) != 2 {
		t.Errorf("for 150 changed ones it asked %d times, got %d, and %v are missing", n, len(g.Briefs), g.Missing)
	}
	delete(updated, 7)
	if g, n := look(noon); n != 3 || len(g.Briefs) != 199 || !slices.Contains(g.Missing, "7") || len(g.Missing) != 3 {
		t.Errorf("with one out of sight it asked %d times, got %d, and %v are missing", n, len(g.Briefs), g.Missing)
	}
	f.calls()
	if g, err := d.Glance(t.Context(), nil, noon); err != nil || len(g.Briefs)+len(g.Missing)+len(f.calls()) > 0 {
		t.Errorf("a look at nothing shows %+v, %v", g, err)
	}
}

// TestSearch pages by number and looks at every row.
func TestSearch(t *testing.T) {
	f := newFake(t)
	d := f.open(t)
	project := func(p string) func(map[string]any) {
		return func(i map[string]any) { i["custom_fields"].([]any)[2].(map[string]any)["value"] = p }
	}
	f.on("GET /issues.json", func(w http.ResponseWriter, r *http.Request) {
		from := 1
		_, _ = fmt.Sscanf(r.URL.Query().Get("issue_id"), ">=%d", &from)
		var issues []map[string]any
		for n := from; n <= 150 && len(issues) < pageSize; n++ {
			p := "cadastre"
			if n%50 != 0 {
				p = "another"
			}
			issues = append(issues, fakeIssue(n, "", project(p)))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issues": issues, "total_count": 150})
	})
	var found []servicedesk.Ticket
	q := servicedesk.Query{
		Type: servicedesk.TypeIncident, Project: "cadastre", Open: true, Own: true,
		CreatedFrom: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC), CreatedBefore: time.Date(2026, 11, 25, 10, 0, 1, 0, time.UTC),
	}
	for got, err := range d.Search(t.Context(), q) {
		must(t, err)
		if got.Description != "" || got.Claimed {
			t.Errorf("a search tells %+v", got)
		}
		found = append(found, got)
	}
	calls := f.calls()
	if idsOf(found) != "50 100 150" || len(calls) != 2 {
		t.Errorf("found %q by %d requests", idsOf(found), len(calls))
	}
	asked := calls[0].query
	for key, want := range map[string]string{
		"project_id": "desk", "tracker_id": "1", "author_id": "me", "cf_13": "cadastre", "status_id": "1|2|4", "sort": "id",
		"created_on": "><2026-11-25T10:00:00Z|2026-11-25T10:00:01Z",
	} {
		if asked.Get(key) != want {
			t.Errorf("it asked for %s=%q; want %q", key, asked.Get(key), want)
		}
	}
	for _, err := range d.Search(t.Context(), servicedesk.Query{Type: "wish"}) {
		wantError(t, err, cloud.ErrInvalid)
	}
	f.on("GET /issues.json", refuses(500, ""))
	for _, err := range d.Search(t.Context(), servicedesk.Query{CreatedBefore: time.Now()}) {
		wantError(t, err, cloud.ErrUnavailable)
	}
}

func TestMatches(t *testing.T) {
	ticket := servicedesk.Ticket{Content: servicedesk.Content{AffectedResources: []string{"lvrtc/m-11"}}}
	for resource, want := range map[string]bool{
		"lvrtc/m-11": true, "lvrtc/": true, "lvrtc/m-1": false, "lvrtc": false, "lv": false, "rtc/": false,
	} {
		if got := matches(servicedesk.Query{AffectedResource: resource}, ticket); got != want {
			t.Errorf("%q selects: %t", resource, got)
		}
	}
	// What a filter could take for something else is looked for here alone.
	for value, want := range map[string]bool{
		"cadastre-2": true, "a/b c": true, "~x": false, "a|b": false, "*": false, "": false, "ā": false,
	} {
		if got := plain.MatchString(value); got != want {
			t.Errorf("%q is plain: %t", value, got)
		}
	}
}
