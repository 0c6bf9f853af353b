package rt

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// tickets is a list of tickets as RT sorts and pages it.
type tickets struct {
	// updated has the second of the last change by id.
	updated map[int]int
	// between is called between two pages.
	between func(number int)
	// uncounted says that RT does not tell how many there are.
	uncounted bool
}

func (l *tickets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number, _ := strconv.Atoi(query.Get("page"))
	number = max(number, 1)
	if l.between != nil {
		l.between(number)
	}
	var ids []int
	for clause := range strings.SplitSeq(query.Get("query"), " OR ") {
		id, err := strconv.Atoi(strings.TrimPrefix(clause, "id="))
		if err != nil {
			panic("a query of another form: " + query.Get("query"))
		}
		if _, ok := l.updated[id]; ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if query.Get("orderby") == "LastUpdated" {
		slices.SortStableFunc(ids, func(a, b int) int { return l.updated[b] - l.updated[a] })
	}
	total := strconv.Itoa(len(ids))
	if l.uncounted {
		total = "null"
	}
	var items []string
	for _, id := range ids[min(len(ids), (number-1)*perPage):min(len(ids), number*perPage)] {
		items = append(items, fmt.Sprintf(`{"id":"%d","type":"ticket","Status":"s%d","LastUpdated":%q}`, id, l.updated[id],
			epoch.Add(time.Duration(l.updated[id])*time.Second).Format(time.RFC3339)))
	}
	reply(200, fmt.Sprintf(`{"items":[%s],"total":%s,"pages":0.0}`, strings.Join(items, ","), total))(w, r)
}

var epoch = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func numbered(n int) (map[int]int, []servicedesk.ID) {
	updated, ids := make(map[int]int, n), make([]servicedesk.ID, n)
	for i := range n {
		updated[i+1], ids[i] = i, servicedesk.ID(strconv.Itoa(i+1))
	}
	return updated, ids
}

func (f *fakeRT) glance(t *testing.T, l *tickets, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, int) {
	t.Helper()
	d := f.open()
	f.on("GET /tickets", l.ServeHTTP)
	g, err := d.Glance(t.Context(), ids, since)
	must(t, err)
	return g, len(f.sent("GET /tickets"))
}

// TestGlanceQuiet: of two hundred tickets of which none has changed, one request tells just that.
func TestGlanceQuiet(t *testing.T) {
	updated, ids := numbered(200)
	f := newFake(t)
	g, requests := f.glance(t, &tickets{updated: updated}, ids, epoch.Add(199*time.Second))
	wantEqual(t, "requests", requests, 1)
	wantEqual(t, "missing", len(g.Missing), 0)
	if !slices.ContainsFunc(g.Briefs, func(b servicedesk.Brief) bool { return b.ID == "200" && b.NativeStatus == "s199" }) {
		t.Error("the last changed is not shown")
	}
	if s := f.one("GET /tickets"); s.query["fields"][0] != "Status,LastUpdated" {
		t.Errorf("the list has %s, which costs", s.query["fields"])
	}
}

// moving does something to the list before a page of it is answered for the first time.
func moving(number int, change func(updated map[int]int)) func(*tickets) {
	return func(l *tickets) {
		done := false
		l.between = func(n int) {
			if n == number && !done {
				done = true
				change(l.updated)
			}
		}
	}
}

func TestGlance(t *testing.T) {
	goneTwo := func(updated map[int]int) { delete(updated, 2) }
	for name, c := range map[string]struct {
		number, requests int
		since            time.Time
		change           func(*tickets)
		missing          []servicedesk.ID
	}{
		"few":               {number: 3, requests: 1},
		"many, all wanted":  {number: 250, requests: 3},
		"many, half wanted": {number: 250, requests: 2, since: epoch.Add(150 * time.Second)},
		"more than fit":     {number: 1100, requests: 5 + 5 + 1},
		"one of few gone":   {number: 3, requests: 1, change: moving(1, goneTwo), missing: []servicedesk.ID{"2"}},
		"one of many gone":  {number: 250, requests: 1 + 3, change: moving(1, goneTwo), missing: []servicedesk.ID{"2"}},
		"all gone": {number: 3, requests: 1, change: moving(1, func(u map[int]int) { clear(u) }),
			missing: []servicedesk.ID{"1", "2", "3"}},
		"uncounted": {number: 250, requests: 1 + 3, change: func(l *tickets) { l.uncounted = true }},
		// From a page that was not read yet to one that was, so that nobody has seen it.
		"one changed meanwhile": {number: 250, requests: 3 + 3, change: moving(2, func(u map[int]int) { u[1] = 1000 })},
		"one gone meanwhile":    {number: 250, requests: 2 + 3, change: moving(2, goneTwo), missing: []servicedesk.ID{"2"}},
	} {
		t.Run(name, func(t *testing.T) {
			updated, ids := numbered(c.number)
			l := &tickets{updated: updated}
			if c.change != nil {
				c.change(l)
			}
			g, requests := newFake(t).glance(t, l, ids, c.since)
			wantEqual(t, "requests", requests, c.requests)
			if !slices.Equal(g.Missing, c.missing) {
				t.Errorf("missing are %v; want %v", g.Missing, c.missing)
			}
			if c.since.IsZero() && len(g.Briefs)+len(g.Missing) != c.number {
				t.Errorf("%d tickets are shown and %d missing", len(g.Briefs), len(g.Missing))
			}
		})
	}
}

// TestGlanceAddresses: what stands before RT takes 8 KiB for the first line of a request.
func TestGlanceAddresses(t *testing.T) {
	var ids []string
	for i := range 1200 {
		ids = append(ids, strconv.Itoa(1000000000+i))
	}
	var all []string
	for _, part := range parts(ids) {
		all = append(all, part...)
		if line := len(url.QueryEscape("id=" + strings.Join(part, orID))); line > maxQuery+100 || len(part) > maxIDs {
			t.Errorf("one request has %d ids in %d bytes", len(part), line)
		}
	}
	if !slices.Equal(all, ids) {
		t.Errorf("of %d ids, the parts have %d", len(ids), len(all))
	}
}

func TestGlanceAtNoTickets(t *testing.T) {
	f := newFake(t)
	g, err := f.open().Glance(t.Context(), []servicedesk.ID{"", "x", "7 OR id > 0", "x"}, time.Time{})
	must(t, err)
	wantJSON(t, "missing", g.Missing, `["","7 OR id \u003e 0","x"]`)
	wantEqual(t, "requests", len(f.seen), 0)
}
