package servicedesktest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// watching are the scenarios of looks at many tickets.
var watching = []scenario{
	{"glance", testGlance},
	{"glance at nothing", testGlanceAtNothing},
	{"glance at odd ids", testGlanceAtOddIDs},
	{"search by what it is about", testSearch},
	{"search by time", testSearchByTime},
	{"search for open tickets", testSearchOpen},
	{"search for own tickets", testSearchOwn},
	{"search cut short", testSearchCutShort},
}

// noTime asks for everything.
var noTime time.Time

// glance looks at many tickets and checks what holds for every such look.
func (h Harness) glance(t *testing.T, of []servicedesk.ID, since time.Time) servicedesk.Glance {
	t.Helper()
	g, err := h.Desk.Glance(t.Context(), of, since)
	if err != nil {
		t.Fatalf("a look at %d tickets failed: %v", len(of), err)
	}
	seen := make(map[servicedesk.ID]bool, len(of))
	for _, b := range g.Briefs {
		if !slices.Contains(of, b.ID) || seen[b.ID] {
			t.Errorf("a look at %v shows %s, unasked or twice", of, b.ID)
		}
		seen[b.ID] = true
		if b.NativeStatus == "" || b.UpdatedAt.IsZero() || b.UpdatedAt.Location() != time.UTC {
			t.Errorf("a look at many tickets shows %+v", b)
		}
	}
	for _, id := range g.Missing {
		if !slices.Contains(of, id) || seen[id] {
			t.Errorf("a look at %v says that %s is missing, unasked or beside showing it", of, id)
		}
		seen[id] = true
	}
	return g
}

// testGlance looks at a dozen, and then at what has changed since.
func testGlance(t *testing.T, h Harness) {
	const number = 12
	var of []servicedesk.ID
	for range number {
		of = append(of, h.create(t, h.draft(h.plain(), "glance")))
	}
	var g servicedesk.Glance
	if !h.eventually(t, func() bool { g = h.glance(t, of, noTime); return len(g.Briefs) == number }) {
		t.Fatalf("a look at %d tickets shows %d, and says that %v are missing", number, len(g.Briefs), g.Missing)
	}
	newest := noTime
	for _, b := range g.Briefs {
		got := h.get(t, b.ID)
		if b.NativeStatus != got.NativeStatus || !b.UpdatedAt.Equal(got.UpdatedAt) {
			t.Errorf("a look at many tickets shows %+v; a look at the one shows %q and %v", b, got.NativeStatus, got.UpdatedAt)
		}
		newest = later(newest, b.UpdatedAt)
	}
	if g = h.glance(t, of, newest); len(g.Missing) > 0 {
		t.Errorf("nothing has changed, and a look says that %v are missing", g.Missing)
	}
	// Within the same second, if the desk is quick.
	changed := of[number/2]
	h.begin(t, h.get(t, changed))
	native := h.becomes(t, changed, servicedesk.StatusInProgress).NativeStatus
	if !h.eventually(t, func() bool {
		g = h.glance(t, of, newest)
		return slices.ContainsFunc(g.Briefs, func(b servicedesk.Brief) bool { return b.ID == changed && b.NativeStatus == native })
	}) {
		t.Errorf("ticket %s has changed to %q, and a look for what has changed since %v shows %+v", changed, native, newest, g.Briefs)
	}
	if len(g.Missing) > 0 {
		t.Errorf("one ticket has changed, and a look says that %v are missing", g.Missing)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func testGlanceAtNothing(t *testing.T, h Harness) {
	if g := h.glance(t, nil, noTime); len(g.Briefs) > 0 || len(g.Missing) > 0 {
		t.Errorf("a look at nothing shows %+v", g)
	}
}

// testGlanceAtOddIDs: ids come from people, too.
func testGlanceAtOddIDs(t *testing.T, h Harness) {
	ours := h.fileOne(t, h.plain(), "glance").ID
	odd := oddIDs(ours)
	of := append(slices.Clone(odd), ours)
	for _, since := range []time.Time{noTime, h.get(t, ours).UpdatedAt} {
		g := h.glance(t, of, since)
		for _, id := range odd {
			if !slices.Contains(g.Missing, id) {
				t.Errorf("a look at many tickets does not say that there is no ticket %q", id)
			}
		}
		if slices.Contains(g.Missing, ours) {
			t.Errorf("among odd ids, ticket %s is said to be missing", ours)
		}
	}
}

// search answers which of some tickets a query finds, in its order.
func (h Harness) search(t *testing.T, q servicedesk.Query, among ...servicedesk.ID) []servicedesk.ID {
	t.Helper()
	var found []servicedesk.ID
	last := noTime
	for got, err := range h.Desk.Search(t.Context(), q) {
		if err != nil {
			t.Fatalf("the search %+v failed: %v", q, err)
		}
		if got.CreatedAt.Before(last) {
			t.Errorf("the search %+v goes back in time from %v to %v", q, last, got.CreatedAt)
		}
		last = got.CreatedAt
		if slices.Contains(among, got.ID) {
			found = append(found, got.ID)
		}
	}
	return found
}

// finds waits until a query finds some tickets and no others of a set.
func (h Harness) finds(t *testing.T, what string, q servicedesk.Query, among []servicedesk.ID, want ...servicedesk.ID) {
	t.Helper()
	var found []servicedesk.ID
	if !h.eventually(t, func() bool { found = h.search(t, q, among...); return slices.Equal(found, want) }) {
		t.Errorf("a search %s finds %v of %v; want %v", what, found, among, want)
	}
}

func testSearch(t *testing.T, h Harness) {
	fields := h.Desk.Describe().Mapping.Fields
	plain := h.plain()
	project := newSubject("search")
	first, second := h.full(plain, "search"), h.full(plain, "search")
	first.Project, second.Project = project, newSubject("another")
	own := "vs" + newWord()
	first.AffectedResources = []string{"other/vdam-suite-1", own + "/machine-1"}
	second.AffectedResources = []string{own + "/machine-11", own + "x/machine-1"}
	a := h.file(t, first)
	b := h.file(t, second).ID
	among := []servicedesk.ID{a.ID, b}
	from := a.CreatedAt
	h.finds(t, "for all", servicedesk.Query{CreatedFrom: from}, among, a.ID, b)
	h.finds(t, "for a type", servicedesk.Query{Type: plain, CreatedFrom: from}, among, a.ID, b)
	for _, typ := range servicedesk.Types {
		if _, ok := h.Desk.Describe().Mapping.Types[typ]; ok && typ != plain {
			h.finds(t, "for another type", servicedesk.Query{Type: typ, CreatedFrom: from}, among)
		}
	}
	if fields.Project != "" {
		h.finds(t, "for a project", servicedesk.Query{Project: project}, among, a.ID)
		h.finds(t, "for the beginning of a project", servicedesk.Query{Project: project[:len(project)-1]}, among)
		h.finds(t, "for a project of awkward letters", servicedesk.Query{Project: awkward}, among)
	}
	if fields.AffectedResources != "" {
		h.finds(t, "for a resource", servicedesk.Query{AffectedResource: own + "/machine-1"}, among, a.ID)
		h.finds(t, "for an operator", servicedesk.Query{AffectedResource: own + "/"}, among, a.ID, b)
		h.finds(t, "for another operator", servicedesk.Query{AffectedResource: own + "x/"}, among, b)
		h.finds(t, "for an operator of which there is nothing", servicedesk.Query{AffectedResource: own[1:] + "/"}, among)
	}
	if fields.Project != "" && fields.AffectedResources != "" {
		h.finds(t, "for a project and a resource of another", servicedesk.Query{
			Project: project, AffectedResource: own + "/machine-11",
		}, among)
	}
}

// testSearchByTime: the first bound is within, the second is not.
func testSearchByTime(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "search by time")
	at := got.CreatedAt
	among := []servicedesk.ID{got.ID}
	h.finds(t, "from when it was filed", servicedesk.Query{CreatedFrom: at}, among, got.ID)
	h.finds(t, "until when it was filed", servicedesk.Query{CreatedFrom: at.Add(-time.Minute), CreatedBefore: at}, among)
	h.finds(t, "until a second later", servicedesk.Query{CreatedFrom: at.Add(-time.Minute), CreatedBefore: at.Add(time.Second)}, among, got.ID)
	h.finds(t, "from a second later", servicedesk.Query{CreatedFrom: at.Add(time.Second)}, among)
}

func testSearchOpen(t *testing.T, h Harness) {
	typ := h.plain()
	open, done := h.fileOne(t, typ, "search for open"), h.fileOne(t, typ, "search for open")
	h.begin(t, done)
	h.Agent.Resolve(t, done.ID, "Done.")
	h.becomes(t, done.ID, servicedesk.StatusResolved)
	among := []servicedesk.ID{open.ID, done.ID}
	h.finds(t, "for all", servicedesk.Query{Type: typ, CreatedFrom: open.CreatedAt}, among, open.ID, done.ID)
	h.finds(t, "for open ones", servicedesk.Query{Type: typ, CreatedFrom: open.CreatedAt, Open: true}, among, open.ID)
}

func testSearchOwn(t *testing.T, h Harness) {
	if h.Other == nil {
		t.Skip("there is no other account at this desk")
	}
	n := h.draft(h.plain(), "search for own")
	theirs, err := h.Other.Create(t.Context(), n)
	if err != nil {
		t.Fatalf("the other account could not file a ticket: %v", err)
	}
	withdrawAtEnd(t, h, h.Other, theirs)
	ours := h.fileOne(t, h.plain(), "search for own")
	from := ours.CreatedAt.Add(-time.Minute)
	h.finds(t, "for own ones", servicedesk.Query{CreatedFrom: from, Own: true}, []servicedesk.ID{theirs, ours.ID}, ours.ID)
	for got, err := range h.Desk.Search(t.Context(), servicedesk.Query{CreatedFrom: from}) {
		if err == nil && got.Own != (got.ID != theirs) && (got.ID == theirs || got.ID == ours.ID) {
			t.Errorf("ticket %s is shown as own: %t", got.ID, got.Own)
		}
	}
}

// testSearchCutShort stops after the first hit, as who looks for one does.
func testSearchCutShort(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "search cut short")
	var found []servicedesk.Ticket
	h.eventually(t, func() bool {
		for hit, err := range h.Desk.Search(t.Context(), servicedesk.Query{CreatedFrom: got.CreatedAt.Add(-time.Minute)}) {
			if err != nil && !errors.Is(err, t.Context().Err()) {
				t.Fatalf("a search failed: %v", err)
			}
			found = append(found, hit)
			break
		}
		return len(found) > 0
	})
	if len(found) != 1 || found[0].ID == "" || found[0].Subject == "" || found[0].Number == "" || found[0].Status == "" {
		t.Errorf("the first hit of a search is %+v", found)
	}
}
