package rt

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

func TestOpen(t *testing.T) {
	f := newFake(t)
	d := f.open().Describe()
	wantJSON(t, "name, kind, endpoint, product, version, account",
		[]string{d.Name, d.Kind, d.Endpoint, d.Product, d.Version, d.Account},
		`["rt","rt","`+f.URL+`","Request Tracker","5.0.3","terraform"]`)
	const fields = `["Affected Resources","Cost Centre","External Key","Project","Severity"]`
	wantJSON(t, "queues", d.Queues, `[{"Name":"Change Requests","Fields":`+fields+`},{"Name":"Incidents","Fields":`+fields+`}]`)
	if d.AtomicKeys || d.EditsDescription || !d.History || !d.InternalMessages || !d.Attachments || d.MaxSubjectBytes != 200 {
		t.Errorf("it can %+v", d.Capabilities)
	}
	wantEqual(t, "cancelled changes", d.Mapping.Types[servicedesk.TypeChange].CancelStatus, "cancelled")
	wantEqual(t, "queue of service requests", d.Mapping.Types[servicedesk.TypeServiceRequest].Queue, "Service Requests")
}

// TestOpenHiddenQueues: RT leaves queues out of a page that the account does not see, and the next page may have some.
func TestOpenHiddenQueues(t *testing.T) {
	f := newFake(t)
	f.on("GET /queues/all", onPage(2, `{"items":[{"id":"4","Name":"Incidents","Disabled":"0"}],"total":null}`))
	d := f.open().Describe()
	wantEqual(t, "queues", len(d.Queues), 1)
}

// TestOpenFields: a field of the defaults that RT does not have is no place for anything; one that the user has named is
// missed.
func TestOpenFields(t *testing.T) {
	f := newFake(t)
	const few = `{"id":%,"Name":"@","Disabled":"0","TicketCustomFields":[{"id":"3","name":"Projekts"}]}`
	f.on("GET /queue/3", reply(200, strings.NewReplacer("%", "3", "@", "Change Requests").Replace(few)))
	f.on("GET /queue/4", reply(200, strings.NewReplacer("%", "4", "@", "Incidents").Replace(few)))
	d, err := f.tryOpen(servicedesk.Mapping{Fields: servicedesk.FieldNames{Project: "Projekts", Severity: "Smagums"}})
	must(t, err)
	wantJSON(t, "fields", d.Describe().Mapping.Fields, `{"ExternalKey":"","Severity":"Smagums","Project":"Projekts","AffectedResources":""}`)
	f.on("POST /ticket", reply(201, `{"id":"8"}`))
	n := servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "k-1234567"}
	n.Subject, n.AffectedResources, n.Project = "s", []string{"lvrtc/vm-1"}, "p"
	_, err = d.Create(t.Context(), n)
	must(t, err)
	wantJSON(t, "fields", f.one("POST /ticket").json(t)["CustomFields"], `{"Projekts":["p"]}`)
	n.Severity = servicedesk.SeverityMinor
	_, err = d.Create(t.Context(), n)
	wantFields(t, err, "/severity")
}

// TestOpenUnknownAccount: what the credentials do not tell, own tickets do.
func TestOpenUnknownAccount(t *testing.T) {
	f := newFake(t)
	f.on("GET /tickets", inTurn(reply(200, emptyPage),
		reply(200, `{"items":[{"id":"8","Creator":{"type":"user","id":"Terraform"}}],"total":1}`)))
	f.on("POST /ticket", reply(201, `{"id":"8"}`))
	o, err := Open(t.Context(), Options{
		Name: "rt", Endpoint: f.URL + "/REST/2.0/", HTTP: f.client(transport.StaticToken("x"), "Authorization"),
	})
	must(t, err)
	wantEqual(t, "account", o.Describe().Account, "")
	d := o.(*desk)
	me, err := d.account(t.Context())
	must(t, err)
	wantEqual(t, "account, asked again", me, "")
	_, err = d.Create(t.Context(), servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "k-1234567"})
	must(t, err)
	if _, ok := f.one("POST /ticket").json(t)["Requestor"]; ok {
		t.Error("the ticket has a requester, and nobody knows who that could be")
	}
	me, err = d.account(t.Context())
	must(t, err)
	wantEqual(t, "account, after a ticket was filed", me, "Terraform")
	wantEqual(t, "number of questions", len(f.sent("GET /tickets")), 2)
}

func toLogin(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }

func TestOpenElsewhere(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Login</title>")
	}
	for name, c := range map[string]struct {
		about  http.HandlerFunc
		reason error
		text   string
	}{
		"a web page":      {page, cloud.ErrUnavailable, "What answers is not RT's API REST2: it is a web page (text/html)."},
		"a login page":    {toLogin, cloud.ErrUnavailable, "web page"},
		"another API":     {reply(200, `{"version":["v2"]}`), cloud.ErrUnavailable, "not RT's API REST2."},
		"no version":      {reply(200, `[]`), cloud.ErrUnavailable, "it is of the wrong type (array)"},
		"a gateway's 404": {reply(404, `{"message":"no Route matched with those values"}`), cloud.ErrUnavailable, "404"},
		"an old RT":       {reply(404, `{"message":"Not Found"}`), cloud.ErrUnavailable, "no API REST2"},
		"a wrong token":   {reply(401, `{"message":"No"}`), cloud.ErrUnauthenticated, "No."},
		"an error":        {reply(500, ``), cloud.ErrUnavailable, "500 Internal Server Error"},
		"half an answer":  {reply(200, `{"Version":`), cloud.ErrUnavailable, "it was cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET /rt", c.about)
			server := f.Config.Handler
			f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					page(w, r)
					return
				}
				server.ServeHTTP(w, r)
			})
			_, err := f.tryOpen(servicedesk.Mapping{})
			e := refusal(t, err, c.reason)
			if !strings.Contains(e.Text, c.text) {
				t.Errorf("the text is %q; want %q in it", e.Text, c.text)
			}
			if c.reason == cloud.ErrUnavailable && e.Advice == "" && name != "an error" { //nolint:errorlint // It is the sentinel itself.
				t.Error("there is no advice")
			}
		})
	}
}

func TestOpenDown(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	client, err := transport.New(transport.Config{Operator: "rt", MaxRetries: -1})
	must(t, err)
	_, err = Open(t.Context(), Options{Name: "rt", Endpoint: server.URL, HTTP: client})
	wantError(t, err, cloud.ErrUnavailable)
}
