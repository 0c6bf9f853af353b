package tmf621

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func TestSearch(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	s := &server{tickets: many(250)}
	s.tickets[3]["status"] = "closed"
	s.serve(f)
	search := func(q servicedesk.Query) (string, int) {
		var found []servicedesk.Ticket
		for one, err := range d.Search(t.Context(), q) {
			must(t, err)
			found = append(found, one)
		}
		return idsOf(found), len(lists(f.calls()))
	}
	if found, n := search(servicedesk.Query{CreatedFrom: noon.Add(-2 * time.Minute)}); found != "248 249 250" || n != 1 {
		t.Errorf("found %s by %d requests", found, n)
	}
	first := servicedesk.Query{CreatedBefore: noon.Add(-245 * time.Minute)}
	if found, n := search(first); found != "1 2 3 4" || n != 3 {
		t.Errorf("found %s by %d requests", found, n)
	}
	first.Open = true
	s.refusesSort = true
	if found, n := search(first); found != "1 2 3" || n != 5 {
		t.Errorf("found %s by %d requests", found, n)
	}
	f.on(http.MethodGet, "", says(http.StatusNotFound, `{"code":"1","reason":"No tickets"}`))
	if found, _ := search(first); found != "" {
		t.Errorf("found %s", found)
	}
	f.on(http.MethodGet, "", says(http.StatusForbidden, ""))
	for _, err := range d.Search(t.Context(), first) {
		wantError(t, err, cloud.ErrForbidden)
	}
	for _, err := range d.Search(t.Context(), servicedesk.Query{Type: "x"}) {
		wantError(t, err, cloud.ErrInvalid)
	}
}

// TestGlance asks once for all, and one by one only for what a list does not show.
func TestGlance(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	all := many(120)
	for _, one := range all {
		f.ticket(one)
	}
	f.on(http.MethodGet, "", func(w http.ResponseWriter, r *http.Request) {
		var rows []object
		for _, one := range all {
			if strings.Contains(","+r.URL.Query().Get("id")+",", ","+one["id"].(string)+",") && one["id"] != "77" {
				rows = append(rows, one)
			}
		}
		_ = json.NewEncoder(w).Encode(rows)
	})
	f.on(http.MethodGet, "/88", says(http.StatusForbidden, ""))
	f.on(http.MethodGet, "/99", says(http.StatusOK, `{"id":"100","status":"held"}`))
	all = append(all[:87:87], all[88:]...)
	all = append(all[:97:97], all[98:]...)
	ids := []servicedesk.ID{"../1", "404"}
	for i := range 120 {
		ids = append(ids, servicedesk.ID(fmt.Sprint(i+1)))
	}
	g, err := d.Glance(t.Context(), ids, time.Time{})
	must(t, err)
	same(t, "the list of those missing", g.Missing, []string{"../1", "404", "88", "99"})
	if calls := f.calls(); len(g.Briefs) != 118 || len(lists(calls)) != 5 || len(calls) != 9 {
		t.Errorf("it shows %d by %d lists of %d requests", len(g.Briefs), len(lists(calls)), len(calls))
	}
	(&server{tickets: many(120)}).serve(f)
	for range 2 {
		g, err = d.Glance(t.Context(), []servicedesk.ID{"3", "5"}, time.Time{})
		must(t, err)
		if len(g.Briefs) != 2 || g.Briefs[1].ID != "5" || len(g.Missing) > 0 {
			t.Errorf("a desk that shows everything shows %+v", g)
		}
	}
	if calls := f.calls(); len(calls) != 3 {
		t.Errorf("it asked for the list again: %+v", calls)
	}
	f.on(http.MethodGet, "/3", breaks)
	_, err = d.Glance(t.Context(), []servicedesk.ID{"3", "5"}, time.Time{})
	wantError(t, err, cloud.ErrUnavailable)
}
