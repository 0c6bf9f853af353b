package rt

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func someTicket() servicedesk.Ticket {
	return servicedesk.Ticket{ID: "91", Version: `"63"`, Type: servicedesk.TypeChange, Queue: "Change Requests"}
}

func fullChange() servicedesk.Change {
	return servicedesk.Change{
		Subject: new("Another"), Description: new("not in RT"), Severity: new(servicedesk.SeverityMajor), Project: new(""),
		RequestedResolutionAt: new(time.Time{}), AffectedResources: &[]string{"lvrtc/vm-3"},
		Fields:      map[string]string{"Cost Centre": ""},
		AddLinks:    []servicedesk.Link{{Type: servicedesk.LinkDependsOn, Target: "7"}},
		RemoveLinks: []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: "https://git.example/"}},
	}
}

// TestUpdate: one request, bound to what was read. What RT says it did not do is no error.
func TestUpdate(t *testing.T) {
	f := newFake(t)
	f.on("PUT /ticket/91", reply(200, `["Ticket 91: Permission Denied",null]`))
	must(t, f.open().Update(t.Context(), someTicket(), fullChange()))
	put := f.one("PUT /ticket/91")
	wantEqual(t, "If-Match", put.header.Get("If-Match"), `"63"`)
	wantJSON(t, "body", put.json(t), `{"AddDependsOn":["7"],"CustomFields":{"Affected Resources":["lvrtc/vm-3"],"Cost Centre":[],`+
		`"Project":[],"Severity":["major"]},"DeleteRefersTo":["https://git.example/"],"Due":"1970-01-01 00:00:00","Subject":"Another"}`)
	wantEqual(t, "number of requests", len(f.seen), 1)
}

func TestUpdateNothing(t *testing.T) {
	f := newFake(t)
	d := f.open()
	must(t, d.Update(t.Context(), someTicket(), servicedesk.Change{}))
	must(t, d.Update(t.Context(), someTicket(), servicedesk.Change{Description: new("RT has no place for it")}))
	wantEqual(t, "number of requests", len(f.seen), 0)
}

func TestUpdateConflict(t *testing.T) {
	for name, c := range map[string]struct {
		ticket http.HandlerFunc
		reason error
	}{
		"changed":      {reply(200, ticketJSON("91", "approved")), cloud.ErrConflict},
		"gone":         {reply(404, `{"message":"Not Found"}`), cloud.ErrNotFound},
		"out of sight": {reply(403, `{"message":"Forbidden"}`), cloud.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("PUT /ticket/91", reply(412, `{"message":"Precondition Failed"}`))
			f.on("GET /ticket/91", c.ticket)
			wantError(t, f.open().Update(t.Context(), someTicket(), fullChange()), c.reason)
		})
	}
}

func TestUpdateRefused(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "approved"), "ETag", `"63"`))
	f.on("GET /user/bob", reply(200, `{"Name":"bob"}`))
	d := f.open()
	err := d.Update(t.Context(), someTicket(), servicedesk.Change{
		Subject: new("a\nb"), Fields: map[string]string{"Nope": "x", "Project": "y"},
		AddLinks: []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: "vdam://unclaimed/x"}},
	})
	wantFields(t, err, "/fields/Nope", "/fields/Project", "/subject", "/links")
	if w := f.wrote(); len(w) > 0 {
		t.Errorf("it was sent nevertheless: %+v", w)
	}
}

// watched is a ticket with a group, an address and an account as watchers.
func watched(id string) http.HandlerFunc {
	return reply(200, `{"id":`+id+`,"Status":"new","Cc":[{"id":"bob","type":"user"},{"id":"77","type":"group"},`+
		`{"id":"alice@agency.test","type":"user"}]}`, "ETag", `"63"`)
}

// TestUpdateWatchers: RT takes all at once, so that those whom nobody has named, and groups, are named again.
func TestUpdateWatchers(t *testing.T) {
	f := newFake(t)
	f.on("GET /ticket/91", watched("91"))
	f.on("GET /user/bob", reply(200, `{"Name":"bob","EmailAddress":"bob@agency.test"}`))
	f.on("PUT /ticket/91", reply(200, `[]`))
	d := f.open()
	must(t, d.Update(t.Context(), someTicket(), servicedesk.Change{
		AddWatchers: []string{"carol@agency.test", "BOB@agency.test"}, RemoveWatchers: []string{"Alice@agency.test"},
	}))
	put := f.one("PUT /ticket/91")
	wantEqual(t, "If-Match", put.header.Get("If-Match"), `"63"`)
	wantJSON(t, "body", put.json(t), `{"Cc":["bob","77","carol@agency.test"]}`)
	must(t, d.Update(t.Context(), someTicket(), servicedesk.Change{RemoveWatchers: []string{"bob@agency.test"}}))
	wantJSON(t, "body", f.sent("PUT /ticket/91")[1].json(t), `{"Cc":["77","alice@agency.test"]}`)
}

func TestUpdateWatchersRefused(t *testing.T) {
	add := servicedesk.Change{AddWatchers: []string{"nobody-such"}}
	for name, c := range map[string]struct {
		ticket http.HandlerFunc
		change servicedesk.Change
		reason error
	}{
		"an unknown account": {watched("91"), add, cloud.ErrInvalid},
		"changed":            {reply(200, ticketJSON("91", "new"), "ETag", `"64"`), add, cloud.ErrConflict},
		"merged":             {watched("92"), add, cloud.ErrConflict},
		"gone":               {reply(404, `{"message":"Not Found"}`), add, cloud.ErrNotFound},
		"a number for a name": {reply(200, `{"id":91,"Status":"new","Cc":[{"id":"4711","type":"user"}]}`, "ETag", `"63"`),
			servicedesk.Change{AddWatchers: []string{"x@agency.test"}}, cloud.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("GET /ticket/91", c.ticket)
			f.on("GET /user/bob", reply(200, `{"Name":"bob"}`))
			wantError(t, f.open().Update(t.Context(), someTicket(), c.change), c.reason)
			if w := f.wrote(); len(w) > 0 {
				t.Errorf("it was sent nevertheless: %+v", w)
			}
		})
	}
}

// TestUpdateAnswers: a crash in the middle, and an answer from somewhere else, leave open what was done.
func TestUpdateAnswers(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"crash": reply(500, ``), "web page": reply(200, `<html>`, "Content-Type", "text/html"), "lost": broken,
		"object": reply(200, `{"message":"?"}`),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("PUT /ticket/91", h)
			wantError(t, f.open().Update(t.Context(), someTicket(), fullChange()), cloud.ErrUnknownOutcome)
		})
	}
}

func TestOrderKeepsCallersLists(t *testing.T) {
	values := []string{"a", "", "b"}
	d := newFake(t).open()
	o := d.newOrder(queue{})
	o.resources(values)
	body, err := o.finish()
	must(t, err)
	wantJSON(t, "fields", body["CustomFields"], `{"Affected Resources":["a","b"]}`)
	if !slices.Equal(values, []string{"a", "", "b"}) {
		t.Errorf("the caller's list became %q", values)
	}
}
