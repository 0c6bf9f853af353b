package rt

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func newTicket() servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: servicedesk.TypeChange, Key: "vdam-0123", Content: servicedesk.Content{
		Subject: "Kvota – lūdzu", Description: "vajag vairāk", Severity: servicedesk.SeverityMinor,
		Watchers:              []string{"alice@agency.test"},
		RequestedResolutionAt: time.Date(2026, 12, 1, 12, 30, 0, 0, time.FixedZone("", 2*3600)),
		Project:               "prj", AffectedResources: []string{"lvrtc/vm-1", "lvrtc/vm-2"},
		Fields: map[string]string{"Cost Centre": "4711"},
		Links: []servicedesk.Link{
			{Type: servicedesk.LinkRefersTo, Target: "https://git.example/mr/7"}, {Type: servicedesk.LinkDependsOn, Target: "12"},
			{Type: servicedesk.LinkParent, Target: "13"}, {Type: servicedesk.LinkDependsOn, Target: "14"},
		},
	}}
}

func TestCreate(t *testing.T) {
	f := newFake(t)
	f.on("POST /ticket", reply(201, `{"_url":"x","id":"91","type":"ticket"}`))
	id, err := f.open().Create(t.Context(), newTicket())
	must(t, err)
	wantEqual(t, "id", id, "91")
	wantJSON(t, "body", f.one("POST /ticket").json(t), `{"Cc":["alice@agency.test"],"Content":"vajag vairāk","ContentType":"text/plain",`+
		`"CustomFields":{"Affected Resources":["lvrtc/vm-1","lvrtc/vm-2"],"Cost Centre":["4711"],"External Key":["vdam-0123"],`+
		`"Project":["prj"],"Severity":["minor"]},"DependsOn":["12","14"],"Due":"2026-12-01 10:30:00","MemberOf":["13"],`+
		`"Queue":"Change Requests","RefersTo":["vdam://ticket/vdam-0123","vdam://unclaimed/vdam-0123","https://git.example/mr/7"],`+
		`"Requestor":["terraform"],"Subject":"Kvota – lūdzu"}`)
}

// TestCreateRefused: what RT would drop without a word is refused before anything is sent.
func TestCreateRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*servicedesk.NewTicket)
		fields []string
	}{
		"type":         {func(n *servicedesk.NewTicket) { n.Type = "wish" }, []string{"/type"}},
		"queue":        {func(n *servicedesk.NewTicket) { n.Queue = "Nope" }, []string{"/queue"}},
		"queue number": {func(n *servicedesk.NewTicket) { n.Queue = "3" }, []string{"/queue"}},
		"closed queue": {func(n *servicedesk.NewTicket) { n.Queue = "Closed Shop" }, []string{"/queue"}},
		"type without a queue": {func(n *servicedesk.NewTicket) {
			n.Type = servicedesk.TypeServiceRequest
		}, []string{"/queue"}},
		"fields": {func(n *servicedesk.NewTicket) {
			n.Fields = map[string]string{"a/b~c": "x", "Nope": "y", "External Key": "z", "Severity": "minor"}
		}, []string{"/fields/External Key", "/fields/Nope", "/fields/Severity", "/fields/a~1b~0c"}},
		"long subject": {func(n *servicedesk.NewTicket) { n.Subject = strings.Repeat("ž", 101) }, []string{"/subject"}},
		"two lines":    {func(n *servicedesk.NewTicket) { n.Subject = "a\nb" }, []string{"/subject"}},
		"own link": {func(n *servicedesk.NewTicket) {
			n.Links = []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: "vdam://ticket/other"}}
		}, []string{"/links"}},
		"people": {func(n *servicedesk.NewTicket) {
			n.Requester, n.Watchers = "nobody-such", []string{"31", "Žanis <z@x.test>", "ž@x.test", "a@x.test, b@x.test", "", "@"}
		}, []string{"/requester", "/watchers", "/watchers", "/watchers", "/watchers", "/watchers", "/watchers"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET /queue/Closed Shop", reply(403, `{"message":"Forbidden"}`))
			d := f.open()
			n := newTicket()
			c.change(&n)
			_, err := d.Create(t.Context(), n)
			wantFields(t, err, c.fields...)
			if w := f.wrote(); len(w) > 0 {
				t.Errorf("it was sent nevertheless: %+v", w)
			}
		})
	}
}

// TestCreateUnlistedQueue: of what a gateway or RT leaves out of the list, RT may still know.
func TestCreateUnlistedQueue(t *testing.T) {
	f := newFake(t)
	f.on("GET /queue/Late", reply(200, `{"id":12,"Name":"Late","Disabled":"0","TicketCustomFields":[]}`))
	f.on("POST /ticket", reply(201, `{"id":91}`))
	n := servicedesk.NewTicket{Type: servicedesk.TypeIncident, Queue: "Late", Key: "vdam-0123"}
	id, err := f.open().Create(t.Context(), n)
	must(t, err)
	wantEqual(t, "id", id, "91")
}

func TestCreateAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		id     servicedesk.ID
		reason error
	}{
		"head alone":    {reply(201, "", "Location", "/REST/2.0/ticket/92"), "92", nil},
		"half a body":   {reply(201, `{"id":"9`, "Location", "/REST/2.0/ticket/93"), "93", nil},
		"nothing":       {reply(201, `{}`), "", cloud.ErrUnknownOutcome},
		"a web page":    {reply(200, `<html>`, "Content-Type", "text/html"), "", cloud.ErrUnknownOutcome},
		"no connection": {broken, "", cloud.ErrUnknownOutcome},
		"a crash":       {reply(500, ``), "", cloud.ErrUnknownOutcome},
		"a gateway":     {reply(502, `<html>`, "Content-Type", "text/html"), "", cloud.ErrUnknownOutcome},
		"a refusal":     {reply(403, `{"message":"No permission to create tickets in the queue 'Nope'"}`), "", cloud.ErrForbidden},
		"bad words":     {reply(400, `{"message":"Nepareizs statuss"}`), "", cloud.ErrInvalid},
		"an end":        {reply(401, `{"message":"No"}`), "", cloud.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /ticket", c.answer)
			id, err := f.open().Create(t.Context(), newTicket())
			wantEqual(t, "id", id, c.id)
			if c.reason == nil {
				must(t, err)
				return
			}
			e := refusal(t, err, c.reason)
			if name == "a refusal" && (len(e.Fields) != 1 || e.Fields[0].Pointer != "/queue") {
				t.Errorf("the refusal is about %+v", e.Fields)
			}
			f.one("POST /ticket")
		})
	}
}
