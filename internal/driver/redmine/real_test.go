package redmine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestDeskOpening tells what is wrong with a configuration.
func TestDeskOpening(t *testing.T) {
	b := testbed.Require(t, testbed.Redmine)
	for name, c := range map[string]struct {
		user, token, project string
		reason               error
		words                string
	}{
		"wrong key":            {"", "no-such-key", "desk", cloud.ErrUnauthenticated, "My account"},
		"misspelt project":     {"terraform", "", "dest", cloud.ErrInvalid, `no project "dest"`},
		"project out of sight": {"outsider", "", "desk", cloud.ErrForbidden, "member"},
		"closed project":       {"terraform", "", hiddenProject, cloud.ErrForbidden, "member"},
	} {
		t.Run(name, func(t *testing.T) {
			token := c.token
			if token == "" {
				token = b.Users[c.user].Token
			}
			_, err := tryOpen(t, b.Endpoint, token, c.project, servicedesk.Mapping{})
			wantError(t, err, c.reason, c.words)
		})
	}
	_, err := tryOpen(t, b.Endpoint+"/redmine", b.Users["terraform"].Token, "desk", servicedesk.Mapping{})
	wantError(t, err, cloud.ErrUnavailable, "endpoint")
	_, err = tryOpen(t, b.Endpoint, b.Users["terraform"].Token, "desk", servicedesk.Mapping{
		Types: map[servicedesk.Type]servicedesk.TypeMapping{servicedesk.TypeChange: {Queue: "Change"}},
	})
	wantError(t, err, cloud.ErrInvalid, `"Bug", "Feature", "Support"`)
}

// tapped is the desk of the testbed's requester through a tap.
func tapped(t *testing.T) (*tap.Tap, *desk) { t.Helper(); return tappedAs(t, "terraform") }

func tappedAs(t *testing.T, user string) (*tap.Tap, *desk) {
	t.Helper()
	b := testbed.Require(t, testbed.Redmine)
	p := tap.Start(t)
	client, err := transport.New(transport.Config{
		Operator: "helpdesk", UserAgent: "servicedesktest", ProxyURL: p.URL(), MaxRetries: 2,
		Tokens: transport.StaticToken(b.Users[user].Token), TokenHeader: TokenHeader,
	})
	must(t, err)
	d, err := Open(t.Context(), Options{Name: "helpdesk", Endpoint: b.Endpoint, Project: "desk", HTTP: client})
	must(t, err)
	return p, d.(*desk)
}

// fileReal files a ticket and withdraws it at the end.
func fileReal(t *testing.T, d *desk, key string) servicedesk.Ticket {
	t.Helper()
	n := newTicket()
	n.Key, n.RequestedResolutionAt = key, time.Now().AddDate(0, 0, 3)
	id, err := d.Create(t.Context(), n)
	must(t, err)
	got, err := d.Get(t.Context(), id)
	must(t, err)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := d.Transition(ctx, got, servicedesk.StatusCancelled, servicedesk.Message{Text: "The test is over."}); err != nil {
			t.Logf("ticket %s stays open: %v", id, err)
		}
	})
	return got
}

// TestDeskIgnoredFilter asks for a field that is no filter: Redmine answers with everything, of which nothing is adopted
// but what has the key.
func TestDeskIgnoredFilter(t *testing.T) {
	_, d := tapped(t)
	key := fmt.Sprintf("ignored-filter/%d", time.Now().UnixNano())
	filed := fileReal(t, d, key)
	fileReal(t, d, key+"-2")
	field := d.fields.find("External Key")
	d.fields.add(field+990, "External Key")
	query := map[string][]string{param(field + 990): {key}}
	p, err := d.issues(t.Context(), query, 0, 1)
	if err != nil || p.Total < 2 {
		t.Fatalf("a filter that Redmine does not know finds %d: %v", p.Total, err)
	}
	found, err := d.FindByKey(t.Context(), key)
	if err != nil || idsOf(found) != string(filed.ID) {
		t.Errorf("found %q, %v; want %s", idsOf(found), err, filed.ID)
	}
	d.fields.add(field, "External Key")
	found, err = d.FindByKey(t.Context(), key)
	if err != nil || idsOf(found) != string(filed.ID) {
		t.Errorf("with the filter, found %q, %v; want %s", idsOf(found), err, filed.ID)
	}
}

// TestDeskProbe finds by filters what there would be to learn from tickets.
func TestDeskProbe(t *testing.T) {
	p, d := tapped(t)
	fileReal(t, d, fmt.Sprintf("probe/%d", time.Now().UnixNano()))
	learnt := d.fields
	d.fields = newFields()
	names := []string{"External Key", "Severity", "Project", "Affected Resources", "Cost Centre", "Nothing"}
	p.Reset()
	must(t, d.probe(t.Context(), names))
	t.Logf("it took %d requests", len(p.Requests()))
	for _, name := range names {
		if d.fields.find(name) != learnt.find(name) {
			t.Errorf("%q is field %d, and the probe finds %d", name, learnt.find(name), d.fields.find(name))
		}
	}
}

// TestDeskRequests counts: a desk is people's, and one process must not be its load.
func TestDeskRequests(t *testing.T) {
	p, d := tapped(t)
	t.Logf("opening took %d requests", len(p.Requests()))
	var ids []servicedesk.ID
	for i := range 5 {
		ids = append(ids, fileReal(t, d, fmt.Sprintf("requests/%d/%d", i, time.Now().UnixNano())).ID)
	}
	p.Reset()
	g, err := d.Glance(t.Context(), ids, time.Now())
	if n := len(p.Requests()); err != nil || n != 1 || len(g.Missing) > 0 {
		t.Errorf("a look at quiet tickets took %d requests: %+v, %v", n, g, err)
	}
	p.Reset()
	g, err = d.Glance(t.Context(), append(ids, "2147483600"), time.Now())
	if n := len(p.Requests()); err != nil || n != 2 || !slices.Equal(g.Missing, []servicedesk.ID{"2147483600"}) {
		t.Errorf("with a missing one it took %d requests: %+v, %v", n, g, err)
	}
	// A message whose answer was lost is not sent again.
	p.Reset()
	p.LoseAnswer(func(method, _ string) bool { return method == "PATCH" })
	_, err = d.Say(t.Context(), ids[0], servicedesk.Message{Text: "Once."})
	wantError(t, err, cloud.ErrUnknownOutcome)
	said, err := servicedesk.Say(t.Context(), d, ids[0], servicedesk.Message{Text: "Once."})
	must(t, err)
	events, err := d.History(t.Context(), servicedesk.Ticket{ID: ids[0]})
	must(t, err)
	n := 0
	for _, e := range events {
		if e.Message.Text == "Once." {
			n++
		}
	}
	if n != 1 || said == "" {
		t.Errorf("a message whose answer was lost was said %d times, as %q", n, said)
	}
	for _, r := range p.Requests() {
		if r.Method == "DELETE" || strings.Contains(r.Address, "key=") {
			t.Errorf("it sent %s %s", r.Method, r.Address)
		}
	}
}

// TestDeskRefusedStatus asks for a status that the workflow does not have for a requester. Redmine would say the goodbye and
// leave the ticket open.
func TestDeskRefusedStatus(t *testing.T) {
	_, d := tapped(t)
	filed := fileReal(t, d, fmt.Sprintf("refused-status/%d", time.Now().UnixNano()))
	m := d.mapping.Types[servicedesk.TypeIncident]
	m.CancelStatus = "Resolved"
	d.mapping.Types = map[servicedesk.Type]servicedesk.TypeMapping{servicedesk.TypeIncident: m}
	err := d.Transition(t.Context(), filed, servicedesk.StatusCancelled, servicedesk.Message{Text: "Farewell."})
	wantError(t, err, servicedesk.ErrTransition, `"New" to "Resolved"`, `"Rejected"`)
	events, err := d.History(t.Context(), filed)
	must(t, err)
	if len(events) != 1 {
		t.Errorf("the history is %+v; want the filing alone", events)
	}
	// Without asking before, it answers 204, says the words, and changes nothing.
	must(t, d.patch(t.Context(), mustNumber(t, filed.ID), attributes{"status_id": d.statusID("Resolved"), "notes": "Farewell."}))
	got, err := d.Get(t.Context(), filed.ID)
	must(t, err)
	events, err = d.History(t.Context(), filed)
	if err != nil || got.NativeStatus != "New" || len(events) != 2 {
		t.Errorf("Redmine is not as it was: %q, %+v, %v", got.NativeStatus, events, err)
	}
	m.CancelStatus = "Rejected"
	d.mapping.Types[servicedesk.TypeIncident] = m
}

func mustNumber(t *testing.T, id servicedesk.ID) int64 {
	t.Helper()
	n, ok := numberOf(id)
	if !ok {
		t.Fatalf("%q is no number", id)
	}
	return n
}

// TestDeskTrusted uses what an account with more rights may do: links, watchers, and words for the desk's people.
func TestDeskTrusted(t *testing.T) {
	_, d := tappedAs(t, "agent")
	if c := d.Describe().Capabilities; !c.InternalMessages || !c.EditsDescription {
		t.Errorf("a manager can %+v", c)
	}
	nano := time.Now().UnixNano()
	target, parent := fileReal(t, d, fmt.Sprintf("trusted/target/%d", nano)), fileReal(t, d, fmt.Sprintf("trusted/parent/%d", nano))
	n := newTicket()
	n.Key, n.RequestedResolutionAt = fmt.Sprintf("trusted/%d", nano), time.Now().AddDate(0, 0, 3)
	n.Watchers = []string{"agent", "Terraform", "nobody@example.org"}
	n.Links = []servicedesk.Link{
		{Type: servicedesk.LinkDependsOn, Target: string(target.ID)}, {Type: servicedesk.LinkParent, Target: string(parent.ID)},
		{Type: servicedesk.LinkRefersTo, Target: "https://git.example.org/x"},
	}
	id, err := d.Create(t.Context(), n)
	must(t, err)
	got, err := d.Get(t.Context(), id)
	must(t, err)
	if !slices.Equal(got.Watchers, []string{"agent", "terraform"}) || !slices.Equal(got.Links, n.Links[:2]) {
		t.Errorf("watchers are %q, links %+v", got.Watchers, got.Links)
	}
	refers := servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: string(parent.ID)}
	for range 2 { // Redmine refuses a relation that there is.
		must(t, d.Update(t.Context(), got, servicedesk.Change{
			AddWatchers: []string{"terraform2"}, AddLinks: []servicedesk.Link{refers, n.Links[0]}, RemoveLinks: n.Links[1:2],
		}))
		got, err = d.Get(t.Context(), id)
		must(t, err)
	}
	if links := []servicedesk.Link{n.Links[0], refers}; !slices.Equal(got.Links, links) ||
		!slices.Equal(got.Watchers, []string{"agent", "terraform", "terraform2"}) {
		t.Errorf("watchers are %q, links %+v", got.Watchers, got.Links)
	}
	said, err := d.Say(t.Context(), id, servicedesk.Message{Text: "Among ourselves."})
	must(t, err)
	must(t, d.Transition(t.Context(), target, servicedesk.StatusCancelled, servicedesk.Message{Text: "Not needed."}))
	must(t, d.Transition(t.Context(), got, servicedesk.StatusCancelled, servicedesk.Message{Text: "Not needed either."}))
	events, err := d.History(t.Context(), got)
	must(t, err)
	private := 0
	for _, e := range events {
		if e.Message.Text != "" && !e.Message.Public {
			private++
		}
		if e.ID == said && e.Message.Text != "Among ourselves." {
			t.Errorf("said was %+v", e)
		}
	}
	if private != 2 {
		t.Errorf("of two internal messages the history has %d: %+v", private, events)
	}
}
