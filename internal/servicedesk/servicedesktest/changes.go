package servicedesktest

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// changes are the scenarios of a requester who wants something else.
var changes = []scenario{
	{"nothing to change", testNoChange},
	{"each part changed", testEachPart},
	{"everything changed at once", testAllParts},
	{"parts taken off", testTakenOff},
	{"description changed", testDescriptionChanged},
	{"changed by somebody else meanwhile", testStale},
	{"watchers", testWatchers},
	{"links", testLinks},
	{"link to an address", testURILink},
}

// change updates a ticket and reads it again.
func (h Harness) change(t *testing.T, from servicedesk.Ticket, c servicedesk.Change) servicedesk.Ticket {
	t.Helper()
	if err := h.Desk.Update(t.Context(), from, c); err != nil {
		t.Fatalf("ticket %s could not be changed: %v", from.ID, err)
	}
	return h.get(t, from.ID)
}

func testNoChange(t *testing.T, h Harness) {
	n := h.full(h.plain(), "nothing to change")
	from := h.file(t, n)
	h.sameContent(t, h.change(t, from, servicedesk.Change{}).Content, n.Content)
}

// parts are changes of one part each, with what the ticket is to be then.
func (h Harness) parts() []func(*servicedesk.Content) servicedesk.Change {
	return []func(*servicedesk.Content) servicedesk.Change{
		func(c *servicedesk.Content) servicedesk.Change {
			c.Subject = newSubject("renamed")
			return servicedesk.Change{Subject: &c.Subject}
		},
		func(c *servicedesk.Content) servicedesk.Change {
			c.Severity = servicedesk.SeverityCritical
			return servicedesk.Change{Severity: &c.Severity}
		},
		func(c *servicedesk.Content) servicedesk.Change {
			c.RequestedResolutionAt = someDay(20)
			return servicedesk.Change{RequestedResolutionAt: &c.RequestedResolutionAt}
		},
		func(c *servicedesk.Content) servicedesk.Change {
			c.Project = newSubject("another project")
			return servicedesk.Change{Project: &c.Project}
		},
		func(c *servicedesk.Content) servicedesk.Change {
			c.AffectedResources = []string{"beta/vdam-suite-2", "gamma/vdam-suite-3", "gamma/vdam-suite-4"}
			return servicedesk.Change{AffectedResources: &c.AffectedResources}
		},
	}
}

// testEachPart changes one part after the other; the others stay.
func testEachPart(t *testing.T, h Harness) {
	n := h.full(h.plain(), "each part")
	got := h.file(t, n)
	for _, part := range h.parts() {
		got = h.change(t, got, part(&n.Content))
		h.sameContent(t, got.Content, n.Content)
	}
	if got.Key != n.Key || got.Status != servicedesk.StatusAcknowledged {
		t.Errorf("after changes of its content, it is %s and has the key %q", got.Status, got.Key)
	}
	if got.UpdatedAt.Before(got.CreatedAt.Truncate(time.Second)) {
		t.Errorf("it was changed at %v and created at %v", got.UpdatedAt, got.CreatedAt)
	}
	h.quiet(t, got.ID, "changes of its content")
}

func testAllParts(t *testing.T, h Harness) {
	n := h.full(h.plain(), "all parts")
	from := h.file(t, n)
	var all servicedesk.Change
	for _, part := range h.parts() {
		c := part(&n.Content)
		all = servicedesk.Change{
			Subject: either(c.Subject, all.Subject), Severity: either(c.Severity, all.Severity), Project: either(c.Project, all.Project),
			RequestedResolutionAt: either(c.RequestedResolutionAt, all.RequestedResolutionAt),
			AffectedResources:     either(c.AffectedResources, all.AffectedResources),
		}
	}
	h.sameContent(t, h.change(t, from, all).Content, n.Content)
}

func either[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// testTakenOff empties what can be empty.
func testTakenOff(t *testing.T, h Harness) {
	n := h.full(h.plain(), "taken off")
	got := h.file(t, n)
	n.RequestedResolutionAt = time.Time{}
	got = h.change(t, got, servicedesk.Change{RequestedResolutionAt: &n.RequestedResolutionAt})
	h.sameContent(t, got.Content, n.Content)
	n.Project, n.AffectedResources = "", nil
	empty := servicedesk.Change{Project: new(string), AffectedResources: new([]string)}
	for name := range n.Fields {
		empty.Fields = map[string]string{name: ""}
	}
	got = h.change(t, got, empty)
	for name := range n.Fields {
		if got.Fields[name] == n.Fields[name] {
			t.Errorf("the field %q was emptied, and is %q still", name, got.Fields[name])
		}
	}
	n.Fields = nil
	h.sameContent(t, got.Content, n.Content)
}

func testDescriptionChanged(t *testing.T, h Harness) {
	if !h.Desk.Describe().EditsDescription {
		t.Skip("this desk keeps descriptions as they were")
	}
	n := h.full(h.plain(), "description")
	from := h.file(t, n)
	n.Description = "Another description.\n\nOf two paragraphs: " + awkward
	got := h.change(t, from, servicedesk.Change{Description: &n.Description})
	if got.Description == "" {
		t.Error("the desk says that it changes descriptions, and shows none")
	}
	h.sameContent(t, got.Content, n.Content)
}

// testStale changes a ticket from what was read before somebody else has changed it.
func testStale(t *testing.T, h Harness) {
	n := h.full(h.plain(), "stale")
	from := h.file(t, n)
	renamed := newSubject("renamed by the desk")
	h.Agent.Rename(t, from.ID, renamed)
	h.eventually(t, func() bool { return h.get(t, from.ID).Subject == renamed })
	n.Subject = renamed
	h.sameContent(t, h.get(t, from.ID).Content, n.Content)

	before := n.Content
	n.RequestedResolutionAt = someDay(30)
	c := servicedesk.Change{RequestedResolutionAt: &n.RequestedResolutionAt}
	err := h.Desk.Update(t.Context(), from, c)
	if from.Version == "" {
		if err != nil {
			t.Fatalf("a desk that knows no versions has refused a change: %v", err)
		}
		h.sameContent(t, h.get(t, from.ID).Content, n.Content)
		return
	}
	h.wantError(t, "change from what is no longer so", err, cloud.ErrConflict)
	got := h.get(t, from.ID)
	h.sameContent(t, got.Content, before)
	h.sameContent(t, h.change(t, got, c).Content, n.Content)
}

func testWatchers(t *testing.T, h Harness) {
	people := h.watchers()
	n := h.draft(h.plain(), "watchers")
	n.Watchers = people[:1]
	got := h.file(t, n)
	h.sameContent(t, got.Content, n.Content)
	n.Watchers = people
	got = h.change(t, got, servicedesk.Change{AddWatchers: people[1:]})
	h.sameContent(t, got.Content, n.Content)
	n.Watchers = people[1:]
	got = h.change(t, got, servicedesk.Change{RemoveWatchers: people[:1]})
	h.sameContent(t, got.Content, n.Content)
	n.Watchers = nil
	h.sameContent(t, h.change(t, got, servicedesk.Change{RemoveWatchers: people[1:]}).Content, n.Content)
}

// testLinks links tickets in all ways, from filing on and later; the other ends show nothing of it.
func testLinks(t *testing.T, h Harness) {
	first, second := h.fileOne(t, h.plain(), "first target"), h.fileOne(t, h.plain(), "second target")
	n := h.draft(h.plain(), "links")
	n.Links = []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: string(first.ID)}}
	got := h.file(t, n)
	h.sameContent(t, got.Content, n.Content)
	if !h.Can.Link {
		t.Skip("this desk keeps no links between tickets, and files one that has some")
	}
	for _, typ := range []servicedesk.LinkType{servicedesk.LinkDependsOn, servicedesk.LinkParent} {
		l := servicedesk.Link{Type: typ, Target: string(second.ID)}
		n.Links = append(n.Links, l)
		got = h.change(t, got, servicedesk.Change{AddLinks: []servicedesk.Link{l}})
		h.sameContent(t, got.Content, n.Content)
		// There is one such link, however often it is made.
		got = h.change(t, got, servicedesk.Change{AddLinks: []servicedesk.Link{l}})
		h.sameContent(t, got.Content, n.Content)
	}
	back := servicedesk.Link{Type: servicedesk.LinkDependsOn, Target: string(got.ID)}
	for _, l := range h.get(t, second.ID).Links {
		if l == back {
			t.Errorf("ticket %s is shown as one that depends on %s; it is the other way round", second.ID, got.ID)
		}
	}
	for len(n.Links) > 0 {
		l := n.Links[0]
		n.Links = n.Links[1:]
		got = h.change(t, got, servicedesk.Change{RemoveLinks: []servicedesk.Link{l}})
		h.sameContent(t, got.Content, n.Content)
	}
}

// testURILink: not every desk links to what is no ticket, but none may break on it.
func testURILink(t *testing.T, h Harness) {
	l := servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: "https://git.example.org/vdam-suite?path=a%20b&x=1#top"}
	n := h.draft(h.plain(), "link to an address")
	n.Links = []servicedesk.Link{l}
	got := h.file(t, n)
	h.sameContent(t, got.Content, n.Content)
	n.Links = nil
	got = h.change(t, got, servicedesk.Change{RemoveLinks: []servicedesk.Link{l}})
	h.sameContent(t, got.Content, n.Content)
	n.Links = []servicedesk.Link{l}
	got = h.change(t, got, servicedesk.Change{AddLinks: n.Links})
	h.sameContent(t, got.Content, n.Content)
	if len(got.Links) == 0 {
		t.Log("this desk links to tickets alone")
	}
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != got.ID {
		t.Errorf("after links came and went, its key finds %v", ids(found))
	}
}
