package servicedesk_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// recording is a desk that keeps what it was sent.
type recording struct {
	servicedesk.Desk
	sent *[]change
}

func (r recording) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	*r.sent = append(*r.sent, c)
	return r.Desk.Update(ctx, from, c)
}

type (
	parts  = servicedesk.Content
	change = servicedesk.Change
)

// content is that of an order, changed.
func content(edit func(*parts)) parts {
	c := order(key).Content
	edit(&c)
	return c
}

func same(*parts) {}

// revise has a ticket changed from one content to another, and answers what was sent.
func revise(t *testing.T, d servicedesk.Desk, from, to parts) (servicedesk.Revised, []change) {
	t.Helper()
	var sent []change
	got, err := servicedesk.Revision{Desk: recording{d, &sent}, ID: "1", From: from, To: to}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got, sent
}

// TestOnlyDifferencesAreSent, and what somebody else has added stays: the desk's people know why.
func TestOnlyDifferencesAreSent(t *testing.T) {
	at := time.Date(2027, 1, 15, 10, 30, 0, 0, time.UTC)
	later := at.AddDate(0, 0, 1)
	git := order(key).Links[0]
	link := servicedesk.Link{Type: servicedesk.LinkDependsOn, Target: "7"}
	for name, c := range map[string]struct {
		from, to func(*parts)
		want     change
	}{
		"nothing":        {same, same, change{}},
		"subject":        {same, func(c *parts) { c.Subject = "Open 5433" }, change{Subject: new("Open 5433")}},
		"description":    {same, func(c *parts) { c.Description = "Of all." }, change{Description: new("Of all.")}},
		"severity":       {same, func(c *parts) { c.Severity = "minor" }, change{Severity: new(servicedesk.SeverityMinor)}},
		"severity unset": {same, func(c *parts) { c.Severity = "" }, change{}},
		"project":        {same, func(c *parts) { c.Project = "land" }, change{Project: new("land")}},
		"project unset":  {same, func(c *parts) { c.Project = "" }, change{Project: new("")}},
		"no project":     {func(c *parts) { c.Project = "" }, func(c *parts) { c.Project = "" }, change{}},
		"resources": {same, func(c *parts) { c.AffectedResources = []string{"b", "a"} },
			change{AffectedResources: &[]string{"b", "a"}}},
		"resources unset": {same, func(c *parts) { c.AffectedResources = nil }, change{AffectedResources: &[]string{}}},
		"time":            {same, func(c *parts) { c.RequestedResolutionAt = later }, change{RequestedResolutionAt: &later}},
		"time unset":      {func(c *parts) { c.RequestedResolutionAt = at }, same, change{RequestedResolutionAt: new(time.Time)}},
		"watcher":         {same, func(c *parts) { c.Watchers = append(c.Watchers, "jānis") }, change{AddWatchers: []string{"jānis"}}},
		"watcher, spelt":  {same, func(c *parts) { c.Watchers = []string{"Ilze@Example.org"} }, change{}},
		"watchers unset":  {same, func(c *parts) { c.Watchers = nil }, change{RemoveWatchers: []string{"ilze@example.org"}}},
		"foreign watcher": {func(c *parts) { c.Watchers = nil }, func(c *parts) { c.Watchers = nil }, change{}},
		"gone watcher":    {func(c *parts) { c.Watchers = []string{"x", "ilze@example.org"} }, same, change{}},
		"link":            {same, func(c *parts) { c.Links = append(c.Links, link) }, change{AddLinks: []servicedesk.Link{link}}},
		"links unset":     {same, func(c *parts) { c.Links = nil }, change{RemoveLinks: []servicedesk.Link{git}}},
		"gone link":       {func(c *parts) { c.Links = []servicedesk.Link{git, link} }, same, change{}},
		"field": {same, func(c *parts) { c.Fields = map[string]string{"Impact": "all of us"} },
			change{Fields: map[string]string{"Impact": "all of us"}}},
		"fields unset":  {same, func(c *parts) { c.Fields = nil }, change{Fields: map[string]string{"Impact": ""}}},
		"foreign field": {func(c *parts) { c.Fields = nil }, func(c *parts) { c.Fields = nil }, change{}},
		"foreign parts": {func(c *parts) { c.AffectedResources = nil }, func(c *parts) { c.AffectedResources = nil }, change{}},
	} {
		t.Run(name, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			created(t, d, key)
			foreign := servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: "8"}
			m.Edit("1", func(e *servicedesk.Ticket) {
				e.RequestedResolutionAt = at
				e.Watchers, e.Links = append(e.Watchers, "anna@example.org"), append(e.Links, foreign)
			})
			got, sent := revise(t, d, content(c.from), content(c.to))
			var want []change
			if !c.want.Empty() {
				want = []change{c.want}
			}
			if !reflect.DeepEqual(sent, want) {
				t.Errorf("it was sent %+v; want %+v", sent, want)
			}
			if len(got.Dropped) > 0 || !slices.Contains(got.Ticket.Watchers, "anna@example.org") || !slices.Contains(got.Ticket.Links, foreign) {
				t.Errorf("it dropped %v and has %+v", got.Dropped, got.Ticket)
			}
			wantCalls(t, m, "Say", 0)
			if _, again := revise(t, d, content(c.from), content(c.to)); len(again) > 0 {
				t.Errorf("the second time, it was sent %+v", again)
			}
		})
	}
}

// TestPlaces: what a desk has no place for is no difference, nor is what it keeps less exactly.
func TestPlaces(t *testing.T) {
	n := order(key)
	n.RequestedResolutionAt = time.Date(2027, 1, 15, 23, 30, 0, 0, time.FixedZone("", -7200))
	got := servicedesk.Ticket{Content: n.Content}
	got.Severity, got.Project, got.AffectedResources = "", "", nil
	got.RequestedResolutionAt = time.Date(2027, 1, 16, 0, 0, 0, 0, time.UTC)
	poor := servicedesk.Description{Capabilities: servicedesk.Capabilities{DatesOnly: true}}
	if c := servicedesk.Difference(poor, n.Content, got); !c.Empty() {
		t.Errorf("a poor desk differs in %v", c.Names())
	}
	rich := servicedesk.Description{Mapping: servicedesk.Mapping{Fields: servicedesk.FieldNames{
		Severity: "Severity", Project: "Project", AffectedResources: "Resources",
	}}}
	want := []string{"affected_resources", "project", "requested_resolution_at", "severity"}
	if names := servicedesk.Difference(rich, n.Content, got).Names(); !slices.Equal(names, want) {
		t.Errorf("a rich desk differs in %v; want %v", names, want)
	}
	got.Content = n.Content
	got.RequestedResolutionAt = n.RequestedResolutionAt.UTC().Add(300 * time.Millisecond)
	if c := servicedesk.Difference(rich, n.Content, got); !c.Empty() {
		t.Errorf("a desk of whole seconds differs in %v", c.Names())
	}
}

func TestDroppedByARevision(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	m.Drop("subject", "links", "fields.Impact", "watchers")
	got, _ := revise(t, d, content(same), content(func(c *parts) {
		c.Subject, c.Links, c.Watchers, c.Severity = "Open 5433", nil, []string{"jānis"}, servicedesk.SeverityMinor
		c.Fields = map[string]string{"Impact": "all of us"}
	}))
	if want := []string{"fields.Impact", "links", "subject", "watchers"}; !slices.Equal(got.Dropped, want) {
		t.Errorf("it dropped %v; want %v", got.Dropped, want)
	}
	if got.Ticket.Severity != servicedesk.SeverityMinor {
		t.Errorf("it has %+v", got.Ticket)
	}
}

func renamed(c *parts) { c.Subject = "Open 5433" }

// TestStaleRevision: people change tickets while we do. Once is tried again, with what they have made of it.
func TestStaleRevision(t *testing.T) {
	for times, want := range map[int]error{0: nil, 1: nil, 2: cloud.ErrConflict} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		left := times
		m.Hook(func(c servicedesktest.Call) {
			if c.Method == "Update" && !c.Done && left > 0 {
				left--
				m.Edit("1", func(e *servicedesk.Ticket) { e.Severity, e.Watchers = "critical", append(e.Watchers, "anna") })
			}
		})
		got, err := servicedesk.Revision{Desk: d, ID: "1", From: content(same), To: content(renamed)}.Run(t.Context())
		wantError(t, err, want)
		wantCalls(t, m, "Update", min(times, 1)+1)
		if want == nil && (got.Ticket.Subject != "Open 5433" || got.Ticket.Severity != servicedesk.SeverityMajor || len(got.Dropped) > 0) {
			t.Errorf("changed %d times meanwhile, it has %+v", times, got.Ticket)
		}
		if now := ticket(t, d, "1"); slices.Contains(now.Watchers, "anna") != (times > 0) || (now.Subject != "Open 5433") != (want != nil) {
			t.Errorf("changed %d times meanwhile, it is %+v", times, now)
		}
	}
}

// TestLostRevision: the next run finds nothing left to do.
func TestLostRevision(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{})
	created(t, d, key)
	to := content(func(c *parts) { c.Subject, c.Description = "Open 5433", "Of all." })
	m.LoseNext("Update")
	_, err := servicedesk.Revision{Desk: d, ID: "1", From: content(same), To: to}.Run(t.Context())
	wantError(t, err, cloud.ErrUnknownOutcome)
	if got, sent := revise(t, d, content(same), to); len(sent) > 0 || got.Ticket.Subject != "Open 5433" {
		t.Errorf("it was sent %+v", sent)
	}
}

// TestRevisionOfTheEnded: nobody would read it. The user decides whether that is an error.
func TestRevisionOfTheEnded(t *testing.T) {
	described := func(c *parts) { c.Description = "Of all." }
	for _, native := range []string{"resolved", "closed", "cancelled", "rejected"} {
		for _, o := range []servicedesktest.MemoryOptions{{}, {FixedDescription: true}} {
			for n, to := range []func(*parts){same, renamed, described} {
				m, d := newDesk(o)
				created(t, d, key)
				m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = native })
				r := servicedesk.Revision{Desk: d, ID: "1", From: content(same), To: content(to)}
				_, err := r.Run(t.Context())
				if want := servicedesk.ErrEnded; n > 0 {
					wantError(t, err, want)
				} else if err != nil {
					t.Errorf("%s: nothing to change ended with %v", native, err)
				}
				r.IgnoreIfEnded = true
				got, err := r.Run(t.Context())
				if err != nil || got.Ticket.NativeStatus != native || len(got.Dropped) > 0 {
					t.Errorf("%s: ignored, it answers %+v: %v", native, got, err)
				}
				wantCalls(t, m, "Update", 0)
				wantCalls(t, m, "Say", 0)
			}
		}
	}
}

// TestRevisionOfTheMerged: the other ticket has words of its own.
func TestRevisionOfTheMerged(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{FixedDescription: true})
	created(t, d, key)
	created(t, d, "cadastre-other")
	m.Agent().Merge(t, "1", "2")
	to := content(func(c *parts) { c.Subject, c.Description = "Open 5433", "Of all." })
	if got, sent := revise(t, d, content(same), to); len(sent) > 0 || got.MergedInto != "2" || len(got.Dropped) > 0 || got.Ticket.ID != "2" {
		t.Errorf("it answers %+v, and was sent %+v", got, sent)
	}
	wantCalls(t, m, "Say", 0)
}

// TestFixedDescription: a desk that keeps descriptions is told of a new one, once, and again when it is the old one anew.
func TestFixedDescription(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{FixedDescription: true})
	created(t, d, key)
	described := func(words string) parts {
		return content(func(c *parts) { c.Description = words })
	}
	for _, to := range []string{"Of all.", "Of all.", "Of none.", "Of none.", "Of all.", "Of all."} {
		if got, sent := revise(t, d, described("Of some."), described(to)); len(sent)+len(got.Dropped) > 0 {
			t.Errorf("it was sent %+v, and dropped %v", sent, got.Dropped)
		}
		m.Agent().Say(t, "1", servicedesk.Message{Text: "The description is now:\n\nOf Ilze.", Public: true})
	}
	said := slices.DeleteFunc(sayings(t, d, "1"), func(s string) bool { return strings.HasSuffix(s, "Ilze.") })
	want := []string{"The description is now:\n\nOf all.", "The description is now:\n\nOf none.", "The description is now:\n\nOf all."}
	if !slices.Equal(said, want) || ticket(t, d, "1").Description != order(key).Description {
		t.Errorf("it was told %q; want %q", said, want)
	}
	wantCalls(t, m, "Update", 0)
	events, err := d.History(t.Context(), ticket(t, d, "1"))
	for _, e := range events {
		if e.Kind == servicedesk.EventMessage && !e.Message.Public { // All who read the old one are to know.
			t.Errorf("it was told %+v", e)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
