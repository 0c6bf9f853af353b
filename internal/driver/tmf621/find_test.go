package tmf621

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func created(at time.Time) object { return object{"creationDate": at.Format(time.RFC3339Nano)} }

func of(ids ...object) object {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return object{"externalIdentifier": list}
}

func by(account string) object {
	return object{"relatedParty": []any{object{"role": "originator", "partyOrPartyRole": object{"id": account}}}}
}

// server shows some tickets, newest first if it is asked to, unless it filters in some way.
type server struct {
	tickets []object
	// filter answers what is filtered; nil ignores that.
	filter func(url.Values) ([]object, bool)
	// unsorted ignores what order is asked for, capped is its limit.
	unsorted, silent bool
	capped           int
	refusesSort      bool
	// refuses is the limit beyond which it refuses one; zero is none.
	refuses int
}

func (s *server) serve(f *fake) {
	f.on(http.MethodGet, "", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		rows := append([]object{}, s.tickets...)
		if q.Has("sort") && s.refusesSort {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if q.Get("sort") == "-creationDate" && !s.unsorted {
			for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
				rows[i], rows[j] = rows[j], rows[i]
			}
		}
		if s.filter != nil && (q.Has("filter") || q.Has("externalId")) {
			var ok bool
			if rows, ok = s.filter(q); !ok {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		limit, offset := 0, 0
		_, _ = fmt.Sscan(q.Get("limit"), &limit)
		_, _ = fmt.Sscan(q.Get("offset"), &offset)
		if s.refuses > 0 && limit > s.refuses {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if s.capped > 0 {
			limit = min(limit, s.capped)
		}
		if !s.silent {
			w.Header().Set("X-Total-Count", fmt.Sprint(len(rows)))
		}
		_ = json.NewEncoder(w).Encode(append([]object{}, rows[min(offset, len(rows)):min(offset+limit, len(rows))]...))
	})
	for _, t := range s.tickets {
		f.ticket(t)
	}
}

// many are tickets of a minute's distance, oldest first, of which the last is of the time of the test.
func many(n int) []object {
	out := make([]object, n)
	for i := range out {
		key := fmt.Sprintf("other-key-%d", i)
		out[i] = plain(fmt.Sprint(i+1), of(keyed("vdam", key)), created(noon.Add(time.Duration(i+1-n)*time.Minute)))
	}
	return out
}

func idsOf(tickets []servicedesk.Ticket) string {
	var out []string
	for _, t := range tickets {
		out = append(out, string(t.ID))
	}
	return strings.Join(out, " ")
}

// lists are the requests for lists.
func lists(calls []sent) (out []sent) {
	for _, c := range calls {
		if strings.HasSuffix(c.path, collection) {
			out = append(out, c)
		}
	}
	return out
}

// honest is the filter that the driver hopes for.
func honest(s *server) func(url.Values) ([]object, bool) {
	return func(q url.Values) (out []object, ok bool) {
		for _, t := range s.tickets {
			ids, _ := t["externalIdentifier"].([]any)
			for _, id := range ids {
				if q.Get("filter") == fmt.Sprintf("externalIdentifier[?(@.id=='%s')]", id.(object)["id"]) {
					out = append(out, t)
				}
			}
			if own, ok := t["externalId"]; ok && own == q.Get("externalId") {
				out = append(out, t)
			}
		}
		return out, true
	}
}

// TestFindByKey believes a filter when it has found something.
func TestFindByKey(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	s := &server{tickets: []object{
		plain("9", of(keyed("vdam-unclaimed", "some-key")), created(noon.Add(-time.Hour))), plain("10", created(noon.Add(-2*time.Hour))),
		plain("11", by("police")), plain("12", of(keyed("Incident", "some-key"))), plain("13", of(keyed("vdam", "key-of-13"))),
	}}
	s.filter = honest(s)
	s.serve(f)
	found, err := d.FindByKey(t.Context(), "no-such-key")
	must(t, err)
	if calls := lists(f.calls()); len(found) != 0 || len(calls) != 3 || d.filter.Load() != trusted {
		t.Errorf("found %v by %+v; want nothing, by the filter, a scan, and a proof of the filter", idsOf(found), calls)
	}
	found, err = d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if idsOf(found) != "10 9" || !found[0].Claimed || found[1].Claimed || found[1].Key != "some-key" || !found[0].Own {
		t.Errorf("found %+v; want 10, and 9, unclaimed", found)
	}
	found, err = d.FindByKey(t.Context(), "no-such-key")
	must(t, err)
	if calls := lists(f.calls()); len(found) != 0 || len(calls) != 2 {
		t.Errorf("found %v by %+v", idsOf(found), calls)
	}
	found, err = d.FindByKey(t.Context(), "some' || 'x")
	must(t, err)
	for _, c := range lists(f.calls()) {
		if len(found) > 0 || c.query.Has("filter") {
			t.Errorf("found %v by %+v", idsOf(found), c.query)
		}
	}
}

// TestFindByKeyInV4 asks for both forms of the key.
func TestFindByKeyInV4(t *testing.T) {
	f := newFake(t, v4)
	d := f.open(t)
	four := func(id, external string) object {
		return object{"id": id, "status": "held", "externalId": external, "creationDate": "2026-11-25T10:00:00Z"}
	}
	s := &server{tickets: []object{four("8", "vdam-unclaimed:some-key"), four("9", "vdam:some-key"), four("10", "some-key")}}
	s.filter = honest(s)
	s.serve(f)
	found, err := d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if idsOf(found) != "8 9" || found[0].Claimed || !found[1].Claimed || len(lists(f.calls())) != 2 {
		t.Errorf("found %+v", found)
	}
	// One that is claimed between two requests is neither missed nor there twice.
	s.tickets = []object{four("8", "vdam-unclaimed:some-key")}
	filter := honest(s)
	s.filter = func(q url.Values) ([]object, bool) {
		defer func() { s.tickets = []object{four("8", "vdam:some-key")} }()
		return filter(q)
	}
	found, err = d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if idsOf(found) != "8" || !found[0].Claimed {
		t.Errorf("found %+v", found)
	}
}

// TestFindByKeyWithoutFilter: whatever is wrong with the filter, the ticket is found, and no other.
func TestFindByKeyWithoutFilter(t *testing.T) {
	for name, filter := range map[string]func(url.Values) ([]object, bool){
		"ignored":          nil,
		"refused":          func(url.Values) ([]object, bool) { return nil, false },
		"misread":          func(url.Values) ([]object, bool) { return nil, true },
		"another's":        func(url.Values) ([]object, bool) { return []object{plain("5", of(keyed("vdam", "some-key-2")))}, true },
		"elements instead": func(url.Values) ([]object, bool) { return []object{keyed("vdam", "some/key")}, true },
	} {
		f := newFake(t, v5)
		d := f.open(t)
		s := &server{tickets: many(350), filter: filter}
		s.tickets[148]["externalIdentifier"] = []any{keyed("vdam-unclaimed", "some-key")}
		s.serve(f)
		for range 2 {
			found, err := d.FindByKey(t.Context(), "some-key")
			must(t, err)
			if idsOf(found) != "149" || found[0].Subject != "A machine" {
				t.Errorf("%s: found %q; want 149", name, idsOf(found))
			}
			if d.filter.Load() != useless {
				t.Errorf("%s: the filter is trusted", name)
			}
		}
		found, err := d.FindByKey(t.Context(), "no-such-key")
		must(t, err)
		if len(found) > 0 {
			t.Errorf("%s: found %q", name, idsOf(found))
		}
	}
}

// TestFindByKeyMisread: a filter that finds nothing is found out about by a ticket of another key.
func TestFindByKeyMisread(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	(&server{tickets: many(3), filter: func(url.Values) ([]object, bool) { return nil, true }}).serve(f)
	found, err := d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if len(found) > 0 || d.filter.Load() != useless {
		t.Errorf("found %q, and thinks %d of the filter", idsOf(found), d.filter.Load())
	}
}

// TestScan goes back as far as it has to, and no further.
func TestScan(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		server server
		// age is that of the ticket, spread that of the oldest.
		age, spread time.Duration
		found       bool
		requests    int
	}{
		"new":                   {server{}, time.Hour, 90 * day, true, 1},
		"of the week":           {server{}, 6 * day, 90 * day, true, 1},
		"too old":               {server{}, 40 * day, 90 * day, false, 1},
		"old, in small pages":   {server{capped: 9}, 6 * day, 90 * day, true, 3},
		"old, oldest first":     {server{unsorted: true}, 20 * day, 90 * day, true, 3},
		"without totals":        {server{unsorted: true, silent: true}, time.Hour, 90 * day, true, 4},
		"sort refused":          {server{refusesSort: true}, time.Hour, 90 * day, true, 5},
		"both refused":          {server{refusesSort: true, refuses: 10}, time.Hour, 90 * day, true, 33},
		"large pages refused":   {server{refuses: 10}, time.Hour, 90 * day, true, 4},
		"all of one moment":     {server{}, 0, 0, true, 3},
		"capped without totals": {server{capped: 50, silent: true}, time.Hour, 5 * day, true, 7},
	} {
		f := newFake(t, v5)
		d := f.open(t)
		d.filter.Store(useless)
		s := c.server
		s.tickets = many(300)
		for i := range s.tickets {
			age := c.spread * time.Duration(299-i) / 299
			if i > 0 && age <= c.age && c.spread*time.Duration(300-i)/299 > c.age {
				s.tickets[i]["externalIdentifier"] = []any{keyed("vdam", "some-key")}
			}
			s.tickets[i]["creationDate"] = noon.Add(-age).Format(time.RFC3339)
		}
		if c.spread == 0 {
			s.tickets[150]["externalIdentifier"] = []any{keyed("vdam", "some-key")}
		}
		s.serve(f)
		found, err := d.FindByKey(t.Context(), "some-key")
		must(t, err)
		if calls := lists(f.calls()); len(found) == 1 != c.found || len(calls) != c.requests {
			t.Errorf("%s: found %q by %d requests; want %t by %d", name, idsOf(found), len(calls), c.found, c.requests)
		}
	}
}

// TestScanOfMany looks at the newest where there are too many, and says so where it cannot tell which these are.
func TestScanOfMany(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	d.filter.Store(useless)
	s := &server{tickets: many(7000), unsorted: true}
	s.tickets[6990]["externalIdentifier"] = []any{keyed("vdam", "some-key")}
	s.serve(f)
	found, err := d.FindByKey(t.Context(), "some-key")
	must(t, err)
	if calls := lists(f.calls()); idsOf(found) != "6991" || len(calls) != 51 {
		t.Errorf("found %q by %d requests", idsOf(found), len(calls))
	}
	s.tickets[0], s.tickets[1] = s.tickets[1], s.tickets[0]
	s.silent = true
	s.serve(f)
	_, err = d.FindByKey(t.Context(), "some-key")
	wantError(t, err, cloud.ErrUnsupported, "cannot be found again")
}
