package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTicketList(t *testing.T) {
	s := start(t, Options{})
	c, other := at(t, s, "lvrtc"), theOther(t, s, "lvrtc")
	id := ticketKeyOf("list")
	a := c.file(id, m{
		"ticket_type": "change", "subject": "a", "project_name": "Kadastrs", "affected_resources": []string{"lvrtc/vm-1", "lnb/vm-1"},
	}).is(http.StatusCreated).ticket()
	s.MoveClock(time.Minute)
	b := other.file("", m{
		"ticket_type": "incident", "subject": "b", "project_name": "Kadastrs", "affected_resources": []string{"lvrtc/vm-11"},
	}).is(http.StatusCreated).ticket()
	s.MoveClock(time.Minute)
	d := c.filed("incident", "c")
	through(t, s, d.Id, "resolve")
	hidden := c.filed("incident", "hidden")
	through(t, s, hidden.Id, "hide")
	elsewhere := m{"ticket_type": "incident", "subject": "elsewhere"}
	c.do(http.MethodPost, "/v1/projects/cadastre/tickets", elsewhere, key, id).is(http.StatusCreated)
	s.MoveClock(time.Minute)
	through(t, s, a.Id, "approve")
	at := func(minutes int) string {
		return noon.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339Nano)
	}
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"", []string{"a", "b", "c"}},
		{query("external_key", id), []string{"a"}},
		{query("external_key", id+"x"), nil},
		{"ticket_type=incident", []string{"b", "c"}},
		{query("project_name", "Kadastrs"), []string{"a", "b"}},
		{query("project_name", "Kadastr"), nil},
		{query("affected_resource", "lvrtc/vm-1"), []string{"a"}},
		{query("affected_resource", "lvrtc/"), []string{"a", "b"}},
		{query("affected_resource", "lnb/"), []string{"a"}},
		{query("affected_resource", "lvrtc"), nil},
		{"open=true", []string{"a", "b"}},
		{"open=false", []string{"c"}},
		{"own=true", []string{"a", "c"}},
		{"own=false", []string{"b"}},
		{query("created_from", at(1)), []string{"b", "c"}},
		{query("created_before", at(1)), []string{"a"}},
		{query("created_from", at(1), "created_before", at(2)), []string{"b"}},
		{query("updated_since", at(2)), []string{"a", "c"}},
		{query("updated_since", at(4)), nil},
		{"ids=" + a.Id + "," + d.Id, []string{"a", "c"}},
		{"ticket_type=incident&own=true&open=true", nil},
	} {
		got := c.tickets(tc.query)
		if !slices.Equal(subjects(got), tc.want) || got.Total != int64(len(tc.want)) || got.NextCursor != nil {
			t.Errorf("%s: %v of %d, want %v", tc.query, subjects(got), got.Total, tc.want)
		}
	}
	got := c.tickets("ids=" + strings.Join([]string{b.Id, hidden.Id, "tkt-0", a.Id}, ",") + "&" + query("updated_since", at(3)))
	if !slices.Equal(subjects(got), []string{"a"}) || !slices.Equal(*got.Missing, []string{hidden.Id, "tkt-0"}) {
		t.Errorf("a look at some: %v, missing %v", subjects(got), *got.Missing)
	}
	if got := c.tickets(""); got.Missing != nil {
		t.Errorf("a list of no ids misses %v", *got.Missing)
	}
}

func TestTicketPages(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	var want []string
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		c.filed("incident", name)
		want = append(want, name)
	}
	first := c.tickets("limit=2")
	gone := c.filed("incident", "6")
	through(t, s, first.Items[1].Id, "delete") // The page after it stays where it is.
	var got []string
	for page := first; ; page = c.tickets("limit=2&cursor=" + *page.NextCursor) {
		if got = append(got, subjects(page)...); page.NextCursor == nil {
			if page.Total != 5 {
				t.Errorf("the last page counts %d", page.Total)
			}
			break
		}
	}
	alike(t, "by pages", got, append(want, gone.Subject))
}
