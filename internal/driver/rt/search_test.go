package rt

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func hit(id int, more string) string {
	return fmt.Sprintf(`{"id":"%d","type":"ticket","Status":"new","Subject":"s","Queue":{"id":"4","Name":"Incidents"},`+
		`"Creator":{"id":"terraform"},"Requestor":[{"id":"bob","EmailAddress":"bob@agency.test"}],"Cc":"","CustomFields":"",`+
		`"Created":"2026-11-25T14:00:%02dZ"%s}`, id, id%60, more)
}

func hits(t *testing.T, d *desk, q servicedesk.Query) (ids []servicedesk.ID, err error) {
	t.Helper()
	for got, err := range d.Search(t.Context(), q) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, got.ID)
	}
	return ids, nil
}

// TestSearchSQL: names of any letters mean themselves.
func TestSearchSQL(t *testing.T) {
	d := newFake(t).open()
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.FixedZone("", 7200))
	for want, q := range map[string]servicedesk.Query{
		"":                    {},
		"Queue = 'Incidents'": {Type: servicedesk.TypeIncident},
		`'CF.{Project}' = 'it\'s \\ "OR" id > 0 --'`:                           {Project: `it's \ "OR" id > 0 --`},
		`'CF.{Affected Resources}' = 'lvrtc/vm%_1'`:                            {AffectedResource: "lvrtc/vm%_1"},
		`'CF.{Affected Resources}' STARTSWITH 'lvrtc/'`:                        {AffectedResource: "lvrtc/"},
		"Status = '__Active__' AND Creator = '__CurrentUser__'":                {Open: true, Own: true},
		"Created >= '2026-11-24 19:00:00' AND Created < '2026-11-26 01:00:00'": {CreatedFrom: at, CreatedBefore: at},
		// RT would take it for the name of a field.
		"Status = '__Active__'": {Project: "CF.{External Key}", Open: true},
	} {
		got, err := d.sql(q)
		must(t, err)
		wantEqual(t, "query", got, want)
	}
	_, err := hits(t, d, servicedesk.Query{Type: "wish"})
	wantError(t, err, cloud.ErrInvalid)
	d.mapping.Fields = servicedesk.FieldNames{}
	for _, q := range []servicedesk.Query{{Project: "x"}, {AffectedResource: "x"}} {
		_, err = hits(t, d, q)
		wantError(t, err, cloud.ErrUnsupported)
	}
}

// TestSearchPages: each page begins behind the last ticket of the one before.
func TestSearchPages(t *testing.T) {
	f := newFake(t)
	var pages []string
	f.on("GET /tickets", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query().Get("query")
		pages = append(pages, query)
		var rows []string
		var last int
		if _, err := fmt.Sscanf(query, "id > %d", &last); err != nil {
			t.Errorf("a query of another form: %s", query)
		}
		for id := last + 2; len(rows) < perPage && id <= 250; id += 2 {
			rows = append(rows, hit(id, ""))
		}
		reply(200, fmt.Sprintf(`{"items":[%s],"total":%d,"pages":2,"page":1}`, strings.Join(rows, ","), (250-last)/2))(w, r)
	})
	ids, err := hits(t, f.open(), servicedesk.Query{})
	must(t, err)
	wantJSON(t, "pages", pages, `["id \u003e 0","id \u003e 200"]`)
	if len(ids) != 125 || ids[0] != "2" || ids[124] != "250" {
		t.Errorf("found are %v", ids)
	}
}

// TestSearchUncounted: without a count, only an empty page is the end, as RT leaves out what the account may not see.
func TestSearchUncounted(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", inTurn(reply(200, list(hit(2, ""), hit(5, ""))), reply(200, list(hit(7, ""))), reply(200, emptyPage)))
	ids, err := hits(t, f.open(), servicedesk.Query{})
	must(t, err)
	wantJSON(t, "ids", ids, `["2","5","7"]`)
}

// TestSearchIgnored: what does not look at its query would be read for ever, and its tickets taken for what was sought.
func TestSearchIgnored(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", reply(200, list(hit(2, ""), hit(5, `,"CustomFields":[{"name":"Project","values":["p"]}]`))))
	d := f.open()
	ids, err := hits(t, d, servicedesk.Query{})
	wantError(t, err, cloud.ErrUnavailable)
	wantJSON(t, "ids before the error", ids, `["2","5"]`)
	whole := func(body string) http.HandlerFunc { return reply(200, `{"items":[`+body+`],"total":2}`) }
	both := hit(2, "") + "," + hit(5, `,"Creator":{"id":"bob"},"Status":"resolved","CustomFields":[`+
		`{"name":"Project","values":["p"]},{"name":"Affected Resources","values":["lvrtc/vm-1"]}]`)
	f.on("GET /tickets", whole(both))
	for want, q := range map[string]servicedesk.Query{
		`["2"] open`: {Open: true}, `["2"] own`: {Own: true}, `["5"] project`: {Project: "p"}, `null project`: {Project: "P"},
		`["5"] operator`: {AffectedResource: "lvrtc/"}, `null resource`: {AffectedResource: "lvrtc/vm"},
		`["5"] resource`: {AffectedResource: "lvrtc/vm-1"},
		`null type`:      {Type: servicedesk.TypeChange}, `["2","5"] type`: {Type: servicedesk.TypeIncident},
	} {
		ids, err := hits(t, d, q)
		must(t, err)
		ids = slices.Clip(ids)
		wantJSON(t, want, ids, strings.Fields(want)[0])
	}
}

// TestSearchByTime: RT is given a margin, and only what was filed in time is read in full.
func TestSearchByTime(t *testing.T) {
	f := newFake(t)
	var queries []string
	f.on("GET /tickets", func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.Query().Get("query")+" "+r.URL.Query().Get("fields")[:7])
		if r.URL.Query().Get("fields") == "Created" {
			reply(200, `{"items":[`+hit(2, "")+","+hit(5, "")+","+hit(7, "")+`],"total":3}`)(w, r)
			return
		}
		reply(200, `{"items":[`+hit(5, "")+`],"total":1}`)(w, r)
	})
	at := time.Date(2026, 11, 25, 14, 0, 5, 0, time.UTC)
	ids, err := hits(t, f.open(), servicedesk.Query{CreatedFrom: at, CreatedBefore: at.Add(2 * time.Second)})
	must(t, err)
	wantJSON(t, "ids", ids, `["5"]`)
	wantJSON(t, "queries", queries,
		`["Created \u003e= '2026-11-24 23:00:05' AND Created \u003c '2026-11-26 05:00:07' AND id \u003e 0 Created","id=5 Subject"]`)
}

// TestSearchTicket has what a list tells, and asks for nobody's address.
func TestSearchTicket(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", reply(200, `{"items":[`+hit(2, `,"CustomFields":[{"name":"External Key","values":["vdam-0123"]}]`)+`],"total":1}`))
	for got, err := range f.open().Search(t.Context(), servicedesk.Query{}) {
		must(t, err)
		if got.Key != "vdam-0123" || got.Claimed || !got.Own || got.Requester != "bob@agency.test" || got.Links != nil ||
			got.Type != servicedesk.TypeIncident || got.Version != "" {
			t.Errorf("a list shows %+v", got)
		}
	}
	wantEqual(t, "requests", len(f.seen), 1)
}

func ofKey(id int, creator string) string {
	return fmt.Sprintf(`{"id":"%d","type":"ticket","Creator":{"id":%q,"type":"user"}}`, id, creator)
}

// keyed is a ticket with a link to a key.
func keyed(id int, key, creator string) http.HandlerFunc {
	return reply(200, fmt.Sprintf(`{"id":%d,"Status":"new","Creator":{"id":%q},"_hyperlinks":[
		{"ref":"refers-to","type":"external","_url":"vdam://ticket/%s"},
		{"ref":"refers-to","type":"external","_url":"vdam://unclaimed/%s"}]}`, id, creator, key, key))
}

// TestFindByKey believes no filter: the key is seen in every ticket, and that it is an own one.
func TestFindByKey(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", reply(200, `{"items":[`+strings.Join([]string{
		ofKey(10, "terraform"), ofKey(9, "Terraform"), ofKey(8, "terraform"), ofKey(7, "bob"), ofKey(6, "agent"), ofKey(5, "terraform"),
		ofKey(4, "terraform"),
	}, ",")+`],"total":7}`))
	f.on("GET /ticket/10", keyed(10, "vdam-0123", "terraform"))
	f.on("GET /ticket/9", keyed(9, "vdam-0123", "terraform"))
	f.on("GET /ticket/8", keyed(8, "vdam-01234", "terraform"))
	f.on("GET /ticket/7/history", onPage(1, list(done("1", "Create", "", "", "bob"))))
	f.on("GET /ticket/6/history", onPage(1, list(done("1", "Create", "", "", "agent"), done("2", "Create", "", "", "terraform"))))
	f.on("GET /ticket/6", keyed(6, "vdam-0123", "agent"))
	f.on("GET /ticket/5", keyed(10, "vdam-0123", "terraform")) // Merged while we looked.
	got, err := f.open().FindByKey(t.Context(), "vdam-0123")
	must(t, err)
	var ids []servicedesk.ID
	for _, x := range got {
		ids = append(ids, x.ID)
		if x.Key != "vdam-0123" || x.Claimed || !x.Own {
			t.Errorf("found is %+v", x)
		}
	}
	wantJSON(t, "ids", ids, `["6","9","10"]`)
	wantEqual(t, "query", f.one("GET /tickets").query["query"][0],
		"(RefersTo = 'vdam://ticket/vdam-0123' OR 'CF.{External Key}' = 'vdam-0123')")
}

func TestFindByKeyIgnored(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", reply(200, `{"items":[`+ofKey(10, "terraform")+`],"total":101}`))
	_, err := f.open().FindByKey(t.Context(), "vdam-0123")
	wantError(t, err, cloud.ErrUnavailable)
}

// TestFindByKeyLikeField: RT takes a value for a field's name; the link is found nevertheless.
func TestFindByKeyLikeField(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", reply(200, emptyPage))
	got, err := f.open().FindByKey(t.Context(), "cf.owner")
	must(t, err)
	wantEqual(t, "found", len(got), 0)
	wantEqual(t, "query", f.one("GET /tickets").query["query"][0], "(RefersTo = 'vdam://ticket/cf.owner')")
}

func TestClaim(t *testing.T) {
	f := newFake(t)
	f.on("PUT /ticket/91", reply(200, `["Ticket 91 no longer refers to URI vdam://unclaimed/vdam-0123."]`))
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "requested")))
	d := f.open()
	must(t, d.Claim(t.Context(), "91", "vdam-0123"))
	wantJSON(t, "body", f.one("PUT /ticket/91").json(t), `{"DeleteRefersTo":["vdam://unclaimed/vdam-0123"]}`)
	f.on("PUT /ticket/91", reply(200, `["Piekļuve liegta"]`))
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "requested", unclaimed)))
	if e := refusal(t, d.Claim(t.Context(), "91", "vdam-0123"), cloud.ErrForbidden); !strings.Contains(e.Text, "Piekļuve liegta") {
		t.Errorf("RT's words are not in %q", e.Text)
	}
	f.on("PUT /ticket/91", reply(404, `{"message":"Resource does not exist; use POST to create"}`))
	wantError(t, d.Claim(t.Context(), "91", "vdam-0123"), cloud.ErrNotFound)
}
