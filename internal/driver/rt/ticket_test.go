package rt

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// ticketJSON is a ticket as RT writes it, with a number for an id, references by name, and fields with null values.
func ticketJSON(id, status string, more ...string) string {
	return fmt.Sprintf(`{"id":%s,"type":"ticket","Type":"ticket","Subject":"Kvota","Status":%q,"Priority":"50",
		"Queue":{"id":"3","type":"queue","Name":"Change Requests"},"Owner":{"id":"Nobody","type":"user"},
		"Creator":{"id":"Terraform","type":"user"},"Requestor":[{"id":"terraform","type":"user"}],
		"Cc":[{"id":"bob","type":"user"},{"id":"77","type":"group"},{"id":"alice@agency.test","type":"user"},{"id":"4711","type":"user"}],
		"Created":"2026-11-25T14:19:44Z","LastUpdated":"2026-11-25T14:20:00Z","Due":"1970-01-01T00:00:00Z","Resolved":"1970-01-01T00:00:00Z",
		"CustomFields":[{"name":"Severity","values":["minor"]},{"name":"Project","values":[null]},{"name":"Cost Centre","values":["4711"]},
			{"name":"Many","values":["b","a"]},{"name":"Picture","values":[{"filename":"x.png"}]},
			{"name":"Affected Resources","values":["lvrtc/vm-2",null,"lvrtc/vm-1"]},{"name":"External Key","values":["vdam-0123"]}],
		"_hyperlinks":[{"ref":"self","type":"ticket","id":%s,"_url":"x"},{"ref":"customfield","type":"customfield","id":"3","_url":"y"},
			{"ref":"refers-to","type":"external","_url":"vdam://ticket/vdam-0123"},{"ref":"parent","type":"ticket","id":"5","_url":"z"},
			{"ref":"refers-to","type":"external","_url":"https://git.example/"},{"ref":"depends-on","type":"ticket","id":6,"_url":"z"},
			{"ref":"depended-on-by","type":"ticket","id":"8","_url":"z"}%s]}`, id, status, id, strings.Join(append([]string{""}, more...), ","))
}

const unclaimed = `{"ref":"refers-to","type":"external","_url":"vdam://unclaimed/vdam-0123"}`

func TestGet(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "approved", unclaimed), "ETag", `"63"`))
	f.on("GET /user/bob", reply(200, `{"Name":"bob","EmailAddress":"bob@agency.test","RealName":"Bob"}`))
	d := f.open()
	got, err := d.Get(t.Context(), "91")
	must(t, err)
	wantJSON(t, "content", got.Content, `{"Subject":"Kvota","Description":"","Severity":"minor","Requester":"terraform@agency.test",`+
		`"Watchers":["4711","alice@agency.test","bob@agency.test"],"RequestedResolutionAt":"0001-01-01T00:00:00Z","Project":"",`+
		`"AffectedResources":["lvrtc/vm-1","lvrtc/vm-2"],"Fields":{"Cost Centre":"4711","Many":"b\na"},`+
		`"Links":[{"Type":"depends_on","Target":"6"},{"Type":"parent","Target":"5"},{"Type":"refers_to","Target":"https://git.example/"}]}`)
	got.Content = servicedesk.Content{}
	wantJSON(t, "the rest", got, `{"ID":"91","Key":"vdam-0123","Claimed":false,"Own":true,"Type":"change",`+
		`"Subject":"","Description":"","Severity":"","Requester":"","Watchers":null,"RequestedResolutionAt":"0001-01-01T00:00:00Z","Project":"",`+
		`"AffectedResources":null,"Fields":null,"Links":null,`+
		`"Number":"91","URL":"`+f.URL+`/Ticket/Display.html?id=91","Version":"\"63\"","Queue":"Change Requests",`+
		`"Status":"in_progress","NativeStatus":"approved","StatusReason":"","Approval":"approved","Awaiting":"desk","Priority":"50",`+
		`"Assignee":"","Resolution":"","CreatedAt":"2026-11-25T14:19:44Z","UpdatedAt":"2026-11-25T14:20:00Z",`+
		`"ExpectedResolutionAt":"0001-01-01T00:00:00Z","ResolvedAt":"0001-01-01T00:00:00Z"}`)
	if _, err = d.Get(t.Context(), "91"); err != nil || len(f.sent("GET /user/bob")) != 1 {
		t.Errorf("an address was asked for %d times: %v", len(f.sent("GET /user/bob")), err)
	}
	if encoding := f.sent("GET /ticket/91")[0].header.Get("Accept-Encoding"); encoding != "identity" {
		t.Errorf("RT was asked for the encoding %q, which costs the ETag", encoding)
	}
}

// TestGetMerged: RT answers another ticket, with 200 and no redirect. Which key is its own, its field tells.
func TestGetMerged(t *testing.T) {
	f := newFake(t)
	f.on("GET /user/bob", reply(403, `{"message":"Forbidden"}`))
	f.on("GET /ticket/7", reply(200, ticketJSON("91", "deleted", `{"ref":"refers-to","type":"external","_url":"vdam://ticket/aaaa"}`,
		`{"ref":"refers-to","type":"external","_url":"vdam://unclaimed/aaaa"}`)))
	got, err := f.open().Get(t.Context(), "7")
	must(t, err)
	wantEqual(t, "id", got.ID, "91")
	wantEqual(t, "key", got.Key, "vdam-0123")
	wantEqual(t, "claimed", got.Claimed, true)
	wantEqual(t, "status", got.Status, servicedesk.StatusCancelled)
	wantEqual(t, "number of own links shown", len(got.Links), 3)
}

func TestGetErrors(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason error
	}{
		"gone":         {reply(404, `{"message":"Not Found"}`), cloud.ErrNotFound},
		"out of sight": {reply(403, `{"message":"Forbidden"}`), cloud.ErrForbidden},
		"a gateway":    {reply(404, `<h1>Not Found</h1>`, "Content-Type", "text/html"), cloud.ErrUnavailable},
		"an API":       {reply(404, `{"message":"no Route matched with those values"}`), cloud.ErrUnavailable},
		"a login page": {reply(200, `<html>`, "Content-Type", "text/html"), cloud.ErrUnavailable},
		"no ticket":    {reply(200, `{}`), cloud.ErrUnavailable},
		"a list":       {reply(200, `[]`), cloud.ErrUnavailable},
		"nothing":      {reply(200, ``), cloud.ErrUnavailable},
		"too many":     {reply(429, ``, "Retry-After", "3"), cloud.ErrBusy},
		"a crash":      {reply(500, ``), cloud.ErrUnavailable},
		"lost":         {broken, cloud.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET /ticket/7", c.answer)
			_, err := f.open().Get(t.Context(), "7")
			wantError(t, err, c.reason)
		})
	}
}

// TestOddIDs: an id is put into addresses and queries, so that what is none is not asked for.
func TestOddIDs(t *testing.T) {
	f := newFake(t)
	d := f.open()
	for _, id := range []servicedesk.ID{"", "0", "-1", "07", "+7", "7/", "7?x", "../7", "7 OR id > 0", "2147483648", "7\n", "٧"} {
		_, err := d.Get(t.Context(), id)
		wantError(t, err, cloud.ErrNotFound)
		_, err = d.Say(t.Context(), id, servicedesk.Message{Text: "x"})
		wantError(t, err, cloud.ErrNotFound)
	}
	if len(f.seen) > 0 {
		t.Errorf("RT was asked %+v", f.seen)
	}
}

// TestRequesters: the account is shown if it is one of several; a name that RT explains to nobody stays a name.
func TestRequesters(t *testing.T) {
	f := newFake(t)
	d := f.open()
	for who, r := range map[string]several[reference]{
		"terraform@agency.test": {{ID: "zed", Type: "user"}, {ID: "terraform", Type: "user"}},
		"zed":                   {{ID: "zed", Type: "user"}},
		"":                      nil,
	} {
		got, err := d.requester(t.Context(), record{Requestor: r})
		must(t, err)
		wantEqual(t, "requester", got, who)
	}
}
