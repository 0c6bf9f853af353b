package tmf621

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// about has everything that a ticket can be about, and what the model has no words for.
var about = object{
	"relatedEntity": []any{
		object{"role": "project", "entity": object{"id": "cadastre", "@referredType": "Project"}},
		object{"role": "affectedResource", "entity": object{"id": "b/2"}}, object{"role": "affectedResource", "entity": object{"id": "a/1"}},
		object{"role": "disputedBill", "entity": object{"id": "3472", "name": "A bill", "extra": 1}},
		object{"role": "reference", "entity": object{"id": "https://git.test/x", "href": "https://git.test/x"}}, "odd",
	},
	"relatedParty": []any{
		object{"role": "originator", "partyOrPartyRole": object{"id": "Agency"}},
		object{"role": "Reporter", "partyOrPartyRole": object{"id": "9877", "name": "who@agency.test"}},
		object{"role": "watcher", "partyOrPartyRole": object{"id": "b@x.test", "name": "B"}},
		object{"role": "watcher", "partyOrPartyRole": object{"id": "a@x.test"}},
		object{"role": "owner", "partyOrPartyRole": object{"id": "12", "name": "An Agent"}}, object{"role": "member"},
	},
	"troubleTicketRelationship": []any{
		object{"id": "9", "relationshipType": "dependency"}, object{"id": "8", "relationshipType": "isChild"},
		object{"id": "5", "relationshipType": "supersedes"},
	},
	"troubleTicketCharacteristic": []any{
		object{"name": "amount", "valueType": "number", "value": 40}, object{"name": "Impact", "value": "one office"},
		object{"name": "tags", "value": []any{"a", "b"}}, object{"name": "empty", "value": ""}, object{"name": "odd", "value": object{"x": 1}},
	},
	"externalIdentifier": []any{
		object{"id": "3331234", "owner": "Remedy", "externalIdentifierType": "Incident"}, keyed("vdam-unclaimed", "some-key"),
	},
}

func TestGet(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.ticket(plain("7", about, object{
		"status": "resolved", "statusChangeReason": "Full credit", "resolutionDate": "2026-11-25T11:00:00.000+0200", "priority": "High",
		"requestedResolutionDate": "2026-12-01", "expectedResolutionDate": "soon", "lastUpdate": "2026-11-25T11:00:00", "id": 7,
	}))
	got, err := d.Get(t.Context(), "7")
	must(t, err)
	same(t, "the ticket", got, servicedesk.Ticket{
		ID: "7", Key: "some-key", Own: true, Type: servicedesk.TypeIncident, Number: "7", URL: "https://desk.test/api/troubleTicket/7",
		Content: servicedesk.Content{
			Subject: "A machine", Description: "Two\nlines", Severity: servicedesk.SeverityMajor, Requester: "who@agency.test",
			Watchers: []string{"a@x.test", "b@x.test"}, RequestedResolutionAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
			Project: "cadastre", AffectedResources: []string{"a/1", "b/2"},
			Fields: map[string]string{"amount": "40", "Impact": "one office", "tags": "a, b", "odd": `{"x":1}`},
			Links: []servicedesk.Link{
				{Type: servicedesk.LinkDependsOn, Target: "9"}, {Type: servicedesk.LinkParent, Target: "8"},
				{Type: servicedesk.LinkRefersTo, Target: "https://git.test/x"},
			},
		},
		Version: "2026-11-25T11:00:00", Queue: "incident", Status: servicedesk.StatusResolved, NativeStatus: "resolved",
		StatusReason: "Full credit", Resolution: "Full credit", Approval: servicedesk.ApprovalNotRequired, Awaiting: servicedesk.AwaitingNobody,
		Priority: "High", Assignee: "An Agent", CreatedAt: time.Date(2026, 11, 25, 10, 0, 0, 5e8, time.UTC),
		UpdatedAt: time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC), ResolvedAt: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC),
	})
	f.ticket(plain("8", object{
		"href": "javascript:x", "ticketType": "Bill Dispute", "status": "waiting", "externalIdentifier": nil, "severity": "Blocker",
		"relatedParty": object{"role": "assignee", "partyOrPartyRole": object{"id": "12"}},
	}))
	got, err = d.Get(t.Context(), "8")
	must(t, err)
	if got.Own || got.Key != "" || got.Type != "" || got.Queue != "Bill Dispute" || got.Status != servicedesk.StatusUnknown ||
		got.Severity != "" || got.Assignee != "12" || got.URL != f.URL+f.api+"/troubleTicket/8" {
		t.Errorf("got %+v", got)
	}
}

// TestGetFromV4 reads what v4 writes in other places.
func TestGetFromV4(t *testing.T) {
	f := newFake(t, v4)
	d := f.open(t)
	f.ticket(object{
		"id": "7", "status": "held", "ticketType": "change", "externalId": "vdam:some-key", "creationDate": "2026-11-25T10:00:00Z",
		"relatedEntity": []any{object{"role": "project", "id": "cadastre", "@referredType": "Project"}},
		"relatedParty":  []any{object{"role": "watcher", "id": "a@x.test"}, object{"role": "originator", "id": "police"}},
	})
	got, err := d.Get(t.Context(), "7")
	must(t, err)
	if got.Key != "some-key" || !got.Claimed || got.Own || got.Project != "cadastre" || len(got.Watchers) != 1 || got.Requester != "police" ||
		got.Status != servicedesk.StatusHeld || !got.UpdatedAt.Equal(got.CreatedAt) {
		t.Errorf("got %+v", got)
	}
}

// TestGetNothing tells "gone" from all that only looks like it.
func TestGetNothing(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason error
		words  string
	}{
		"gone":              {says(404, `{"code":"404","reason":"Not Found","message":"No ticket"}`), cloud.ErrNotFound, "No ticket."},
		"gone, in a list":   {says(404, `[{"code":404,"reason":"Gone"}]`), cloud.ErrNotFound, "Gone."},
		"gateway's 404":     {says(404, "<html><h1>404</h1></html>"), cloud.ErrUnavailable, "not in the form"},
		"gateway's JSON":    {says(404, `{"message":"no Route matched"}`), cloud.ErrUnavailable, "not in the form"},
		"empty 404":         {says(404, ""), cloud.ErrUnavailable, "not in the form"},
		"out of sight":      {says(403, `{"code":"41","reason":"Forbidden"}`), cloud.ErrForbidden, "right"},
		"token withdrawn":   {says(401, ""), cloud.ErrUnauthenticated, "token"},
		"in a hurry":        {says(429, "", "Retry-After", "0"), cloud.ErrBusy, ""},
		"server's fault":    {says(500, `{"code":"1","reason":"Boom"}`), cloud.ErrUnavailable, "Boom."},
		"gateway's fault":   {says(502, "<html>"), cloud.ErrUnavailable, ""},
		"login page":        {says(200, "<html>"), cloud.ErrUnavailable, "web page"},
		"empty":             {says(200, ""), cloud.ErrUnavailable, "empty"},
		"nothing":           {says(204, ""), cloud.ErrUnavailable, "no ticket"},
		"a list":            {says(200, "[]"), cloud.ErrUnavailable, "wrong type"},
		"without a status":  {says(200, `{"id":"7"}`), cloud.ErrUnavailable, "no ticket"},
		"broken connection": {breaks, cloud.ErrUnavailable, ""},
	} {
		f.on(http.MethodGet, "/7", c.answer)
		_, err := d.Get(t.Context(), "7")
		if err == nil {
			t.Errorf("%s: got a ticket", name)
			continue
		}
		t.Log(name, err)
		wantError(t, err, c.reason, c.words)
	}
	f.calls()
	for _, id := range []servicedesk.ID{"", ".", "..", "../7", "7?x", " 7", "7\n", "7/8", "7%20", "ā7", "7,8"} {
		_, err := d.Get(t.Context(), id)
		wantError(t, err, cloud.ErrNotFound, "cannot be a ticket")
	}
	if calls := f.calls(); len(calls) > 0 {
		t.Errorf("it asked %+v", calls)
	}
}

// TestHistory puts together what is told in three places.
func TestHistory(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	change := func(status, reason, at string) object {
		return object{"status": status, "statusChangeReason": reason, "statusChangeDate": "2026-11-25T" + at + "Z"}
	}
	said := func(id any, author, text, at string) object {
		return object{"id": id, "author": author, "text": text, "date": "2026-11-25T" + at + "Z"}
	}
	f.ticket(plain("7", object{
		"status": "cancelled", "statusChangeDate": "2026-11-25T11:30:00Z", "statusChangeReason": "Not needed.",
		"relatedParty": []any{object{"role": "reporter", "partyOrPartyRole": object{"id": "who@agency.test"}}},
		"statusChangeHistory": []any{
			change("inProgress", "", "10:30:00"), change("acknowledged", "created", "10:00:01"), change("pending", "Which  rack?", "10:40:00"),
			change("inProgress", "Answered", "10:50:00"),
		},
		"note": []any{
			said("n1", "eve", "Which rack?", "10:40:01"), said("n1", "who@agency.test", "The first.", "10:45:00"),
			said(nil, "agency", "Please hurry.", "10:46:00"), said("n4", "", "We do.", "10:47:00"), said("n5", "AGENCY", "Not needed.", "11:30:01"),
		},
	}))
	events, err := d.History(t.Context(), servicedesk.Ticket{ID: "7"})
	must(t, err)
	var got []string
	for _, e := range events {
		whose := "another's"
		if e.Own {
			whose = "own"
		} else if e.Staff {
			whose = "staff's"
		}
		line := fmt.Sprintln(e.ID, e.Kind, whose, e.Author+":", e.FromNative+">"+e.ToNative, e.To.Status, e.Message.Text)
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	same(t, "the history", got, []string{
		"created created own agency: >acknowledged acknowledged",
		"status-1 status staff's service desk: acknowledged>inProgress in_progress",
		"status-2 status staff's eve: inProgress>pending pending",
		"n1 message staff's eve: > Which rack?",
		"note-2 message another's who@agency.test: > The first.",
		"note-3 message own agency: > Please hurry.",
		"n4 message staff's service desk: > We do.",
		"status-3 status staff's service desk: pending>inProgress in_progress Answered",
		"status-4 status own AGENCY: inProgress>cancelled cancelled",
		"n5 message own AGENCY: > Not needed.",
	})
	f.ticket(plain("8"))
	events, err = d.History(t.Context(), servicedesk.Ticket{ID: "8"})
	must(t, err)
	if len(events) != 1 || events[0].Kind != servicedesk.EventCreated {
		t.Errorf("a new ticket has the history %+v", events)
	}
}

func TestAttachments(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.ticket(plain("7", object{"attachment": []any{
		object{"id": "1", "name": "a", "mimeType": "text/plain", "content": "eA==", "size": object{"amount": 99}},
		object{"id": "1", "name": "b", "size": object{"amount": 1.5, "units": "KiB"},
			"validFor": object{"startDateTime": "2026-11-25T11:00:00Z"}},
		object{"name": "c", "url": "https://x.test", "size": object{"amount": 5, "units": "stones"}}, object{"size": "x"},
	}}))
	got, err := d.Attachments(t.Context(), "7")
	must(t, err)
	created := time.Date(2026, 11, 25, 10, 0, 0, 5e8, time.UTC)
	same(t, "the list", got, []servicedesk.Attachment{
		{ID: "1", Name: "a", ContentType: "text/plain", SizeBytes: 1, CreatedAt: created,
			SHA256: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
		{ID: "attachment-2", Name: "b", SizeBytes: 1536, CreatedAt: time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)},
		{ID: "attachment-3", Name: "c", CreatedAt: created},
	})
}
