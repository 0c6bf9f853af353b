package rt

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// done is a transaction as RT lists it, the two keys "type" in either order.
func done(id, what, from, to, who string) string {
	return `{"Type":"` + what + `","type":"transaction","id":"` + id + `","OldValue":"` + from + `","NewValue":"` + to + `","Field":"",` +
		`"Creator":{"id":"` + who + `","type":"user"},"Created":"2026-11-25T14:20:00Z","_url":"x"}`
}

func list(items ...string) string {
	return `{"items":[` + strings.Join(items, ",") + `],"total":null,"pages":null,"page":1,"per_page":100}`
}

// TestHistory: pages can be short or empty where the account may not see what would be on them.
func TestHistory(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91/history", inTurn(
		reply(200, list(done("63", "Create", "", "", "terraform"),
			`{"type":"transaction","Type":"Correspond","id":"79","Creator":{"id":"agent"}}`)),
		reply(200, list(done("81", "Status", "requested", "assessing", "RT_System"), done("82", "Comment", "", "", "agent"))),
		reply(200, list(done("84", "Status", "assessing", "approved", "agent"), done("85", "Create", "", "", "bob"))),
		reply(200, list(done("90", "Correspond", "", "", "BOB"))),
	))
	f.on("GET /ticket/91/attachments", onPage(1, list(
		`{"id":"10","TransactionId":"79","ContentType":"text/html","Content":"<p>jautājums</p>"}`,
		`{"id":"11","TransactionId":"79","ContentType":"text/plain","Content":"jautājums\n"}`,
		`{"id":"12","TransactionId":"82","ContentType":"text/html","Content":"<style>p{}</style><p>iekšēji<br>divi</p>"}`,
		`{"id":"13","TransactionId":"90","ContentType":"text/plain","Content":"re"}`,
	)))
	f.on("GET /user/agent", reply(200, `{"Name":"agent","EmailAddress":"agent@desk.test"}`))
	f.on("GET /user/bob", reply(200, `{"Name":"bob","EmailAddress":"bob@agency.test"}`))
	f.on("GET /user/BOB", reply(200, `{"Name":"bob","EmailAddress":"bob@agency.test"}`))
	ticket := someTicket()
	ticket.Version, ticket.Requester, ticket.Watchers = `"90"`, "terraform@agency.test", []string{"bob@agency.test"}
	events, err := f.open().History(t.Context(), ticket)
	must(t, err)
	var got []string
	for _, e := range events {
		line := fmt.Sprint(e.ID, " ", e.Kind, " by ", e.Author)
		for i, is := range []bool{e.Own, e.Staff, e.Message.Public} {
			if is {
				line += []string{" own", " staff", " public"}[i]
			}
		}
		got = append(got, fmt.Sprintf("%s %s>%s %s %q", line, e.FromNative, e.ToNative, e.To.Status, e.Message.Text))
	}
	wantEqual(t, "events", strings.Join(got, "\n"), strings.Join([]string{
		`63 created by terraform own >requested acknowledged ""`,
		`79 message by agent staff public >  "jautājums\n"`,
		`81 status by RT_System requested>assessing in_progress ""`,
		`82 message by agent staff >  "iekšēji\ndivi"`,
		`84 status by agent staff assessing>approved in_progress ""`,
		`85 other by bob >  ""`,
		`90 message by BOB public >  "re"`,
	}, "\n"))
	wantEqual(t, "number of pages", len(f.sent("GET /ticket/91/history")), 4)
	wantEqual(t, "number of pages of texts", len(f.sent("GET /ticket/91/attachments")), 1)
}

// TestHistoryOfNothing: RT answers an empty list for a ticket that is not there.
func TestHistoryOfNothing(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91/history", reply(200, emptyPage))
	_, err := f.open().History(t.Context(), someTicket())
	wantError(t, err, cloud.ErrNotFound)
}

// TestHistoryWithoutEnd: who ignores the number of the page would be asked for ever.
func TestHistoryWithoutEnd(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91/history", reply(200, list(done("63", "Create", "", "", "terraform"))))
	ticket := someTicket()
	ticket.Version = ""
	_, err := f.open().History(t.Context(), ticket)
	wantError(t, err, cloud.ErrUnavailable)
	wantEqual(t, "number of pages", len(f.sent("GET /ticket/91/history")), 2)
}

func TestPlainText(t *testing.T) {
	for page, want := range map[string]string{
		"<p>viens</p><p>divi &amp; &lt;trīs&gt;</p>":                                  "viens\ndivi & <trīs>",
		"<html><head><title>x</title></head><BODY>a<br/>b\n c<!-- > --></BODY>":       "a\nb c",
		"<ul><li>a</li><li>b</li></ul><script>alert('<p>')</script>c<style>x</style>": "a\nb\nc",
		"<a href=\"https://x\">y</a> z":                                               "y z", "no tags": "no tags", "a<b": "a",
		"<": "", "</": "", "<!--": "", "<script>x": "",
	} {
		wantEqual(t, page, plainText(page), want)
	}
}

func TestAttach(t *testing.T) {
	f := newFake(t)
	f.on("POST /ticket/91/comment", reply(201, `["x"]`, "Location", "/REST/2.0/transaction/85"))
	f.on("GET /transaction/85/attachments", onPage(1, list(`{"id":"18","Filename":""}`, `{"id":"20","Filename":"plāns.txt"}`)))
	d := f.open()
	id, err := d.Attach(t.Context(), "91", servicedesk.File{Name: "plāns.txt", ContentType: "text/plain", Content: []byte("plāns\n")})
	must(t, err)
	wantEqual(t, "id", id, "20")
	wantJSON(t, "body", f.one("POST /ticket/91/comment").json(t), `{"Attachments":[{"FileContent":"cGzEgW5zCg==",`+
		`"FileName":"=?UTF-8?B?cGzEgW5zLnR4dA==?=","FileType":"text/plain"}],"ContentType":"text/plain"}`)
	for _, file := range []servicedesk.File{
		{Name: "x"}, {Content: []byte("x")}, {Name: "0", Content: []byte("x")}, {Name: "a\nb", Content: []byte("x")},
	} {
		_, err = d.Attach(t.Context(), "91", file)
		wantError(t, err, cloud.ErrInvalid)
	}
	f.on("GET /transaction/85/attachments", reply(500, ``))
	_, err = d.Attach(t.Context(), "91", servicedesk.File{Name: "x", Content: []byte("x")})
	wantError(t, err, cloud.ErrUnknownOutcome)
}

// TestSafeType: RT writes texts anew in UTF-8 and takes messages apart; a file stays as it is.
func TestSafeType(t *testing.T) {
	for _, c := range []struct{ kind, content, want string }{
		{"text/plain", "plāns", "text/plain"}, {"text/plain; charset=utf-8", "plāns", "text/plain; charset=utf-8"},
		{"text/plain", "caf\xe9", anyType}, {"text/csv; charset=iso-8859-4", "x", anyType}, {"text/plain", "a\x00b", anyType},
		{"message/rfc822", "x", anyType}, {"multipart/mixed", "x", anyType}, {"", "x", anyType}, {"application/json", "{}", "application/json"},
	} {
		wantEqual(t, c.kind, safeType(servicedesk.File{ContentType: c.kind, Content: []byte(c.content)}), c.want)
	}
	for name, want := range map[string]string{"a b.txt": "a b.txt", "=?x": "=?UTF-8?B?PT94?=", "ā": "=?UTF-8?B?xIE=?="} {
		wantEqual(t, name, encodedName(name), want)
	}
}

// TestAttachments: RT lists the files of all tickets for one that is not there, and sends those of a ticket around by
// mail, of which it keeps copies.
func TestAttachments(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91/history", onPage(1, list(done("63", "Create", "", "", "terraform"), done("85", "Comment", "", "", "terraform"))))
	f.on("GET /ticket/91/attachments", onPage(1, list(
		`{"id":"20","TransactionId":"85","Filename":"plāns.txt","ContentType":"text/plain","ContentLength":"8","Created":"2026-11-25T14:21:04Z"}`,
		`{"id":"21","TransactionId":"86","Filename":"plāns.txt","ContentType":"text/plain","ContentLength":8}`,
	)))
	d := f.open()
	files, err := d.Attachments(t.Context(), "91")
	must(t, err)
	wantJSON(t, "files", files, `[{"ID":"20","Name":"plāns.txt","ContentType":"text/plain","SizeBytes":8,"SHA256":"",`+
		`"CreatedAt":"2026-11-25T14:21:04Z"}]`)
	f.on("GET /ticket/92/history", reply(200, emptyPage))
	f.on("GET /ticket/92/attachments", func(http.ResponseWriter, *http.Request) { t.Error("the files of all tickets were listed") })
	_, err = d.Attachments(t.Context(), "92")
	wantError(t, err, cloud.ErrNotFound)
}

func TestTextsAreBounded(t *testing.T) {
	f := newFake(t)
	var all []transaction
	for id := range 300 {
		all = append(all, transaction{ID: text(strconv.Itoa(id + 1)), Type: "Comment"})
	}
	f.on("GET /ticket/91/attachments", reply(200, emptyPage))
	_, err := f.open().texts(t.Context(), "91", all)
	must(t, err)
	if q := f.one("GET /ticket/91/attachments").query["query"][0]; !strings.Contains(q, `"value":"101"`) {
		t.Errorf("the texts of the last %d messages were asked for by %s", maxTexts, q)
	}
}
