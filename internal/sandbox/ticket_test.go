package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func TestTicketIsAnsweredAsFiled(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	target := c.filed("incident", "Target")
	id := ticketKeyOf("all")
	a := c.file(id, m{
		"ticket_type": "change", "subject": "Divpadsmit mašīnas „rīt” 🇱🇻", "description": "First.\n\nSecond.", "severity": "major",
		"requester": "janis@example.lv", "watchers": []string{"z@example.lv", "a@example.lv"},
		"requested_resolution_at": "2026-12-01T10:00:00+02:00", "project_name": "Kadastrs",
		"affected_resources": []string{"lvrtc/vm-2", "lvrtc/vm-1"}, "fields": m{"Cost Centre": "4711"},
		"links": []m{{"type": "refers_to", "target": "https://example.lv/1"}, {"type": "depends_on", "target": target.Id}},
	}).is(http.StatusCreated)
	got := a.ticket()
	if got.Etag == nil || a.header.Get("ETag") != *got.Etag {
		t.Errorf("ETag is %q, in the body %v", a.header.Get("ETag"), got.Etag)
	}
	url := c.base + "/desk/" + got.Id
	want := api.Ticket{
		Id: got.Id, Number: got.Number, Url: &url, Own: true, ExternalKey: &id, TicketType: "change", Queue: "changes",
		Subject: "Divpadsmit mašīnas „rīt” 🇱🇻", Description: new("First.\n\nSecond."), Severity: "major", Requester: "janis@example.lv",
		Watchers:              []string{"a@example.lv", "z@example.lv"},
		RequestedResolutionAt: new(time.Date(2026, time.December, 1, 8, 0, 0, 0, time.UTC)), ProjectName: new("Kadastrs"),
		AffectedResources: []string{"lvrtc/vm-1", "lvrtc/vm-2"}, Fields: api.TicketFields{"Cost Centre": "4711"},
		Links:  []api.TicketLink{{Type: "depends_on", Target: target.Id}, {Type: "refers_to", Target: "https://example.lv/1"}},
		Status: "acknowledged", NativeStatus: "acknowledged", Approval: "requested", Awaiting: "approver", Priority: new("P2"),
		ExpectedResolutionAt: new(noon.Add(24 * time.Hour)), CreatedAt: noon, UpdatedAt: noon, Etag: got.Etag,
	}
	if is, should := string(mustJSON(got)), string(mustJSON(want)); is != should || !strings.HasPrefix(got.Number, "CHG") {
		t.Errorf("%s\nwant\n%s", is, should)
	}
	again := c.get("tickets/" + got.Id).is(http.StatusOK)
	if string(again.body) != string(a.body) || again.header.Get("ETag") != *got.Etag {
		t.Errorf("GET answers\n%s\nPOST\n%s", again.body, a.body)
	}
	var list struct{ Items []json.RawMessage }
	c.get("tickets?external_key=" + id).is(http.StatusOK).into(&list)
	if len(list.Items) != 1 || string(list.Items[0]) != string(a.body) {
		t.Errorf("the list has %s", list.Items)
	}
}

func TestTicketDefaults(t *testing.T) {
	s := start(t, Options{})
	for operator, queues := range map[string][]string{
		"lvrtc": {"changes", "incidents", "requests"}, "iem-ic": {"helpdesk", "helpdesk", "helpdesk"},
	} {
		c := at(t, s, operator)
		for i, ticketType := range []string{"change", "incident", "service_request"} {
			got := c.filed(ticketType, "Small")
			approval, awaiting := api.TicketApprovalNotRequired, api.TicketAwaitingDesk
			if ticketType == "change" {
				approval, awaiting = api.TicketApprovalRequested, api.TicketAwaitingApprover
			}
			if got.Queue != queues[i] || got.Approval != approval || got.Awaiting != awaiting || got.Severity != "minor" ||
				got.Requester != ClientID || got.Description != nil || len(got.Watchers)+len(got.Links)+len(got.Fields) != 0 {
				t.Errorf("%s at %s: %+v", ticketType, operator, got)
			}
		}
	}
}

func TestServiceDeskIsDescribed(t *testing.T) {
	s := start(t, Options{})
	for operator, queues := range map[string]int{"lvrtc": 3, "iem-ic": 1, "lnb": 0} {
		var document api.Operator
		c := at(t, s, operator)
		c.get("/v1/operator").is(http.StatusOK).into(&document)
		desk := document.Capabilities.ServiceDesk
		if desk == nil {
			if queues != 0 {
				t.Errorf("%s has no desk", operator)
			}
			continue
		}
		if len(desk.Queues) != queues || len(desk.Fields) != 1 || desk.Fields[0].Name != "Cost Centre" {
			t.Errorf("the desk of %s is %+v", operator, desk)
		}
		for _, q := range desk.Queues {
			if q.Name == "security" {
				t.Errorf("%s tells of the queue of which nobody sees anything", operator)
			}
		}
	}
}

func TestNoServiceDesk(t *testing.T) {
	c := at(t, start(t, Options{}), "lnb")
	c.file("", m{"ticket_type": "incident", "subject": "Slow"}).refused(http.StatusNotImplemented, "unsupported")
	for _, path := range []string{"tickets", "tickets/tkt-1", "tickets/tkt-1/events", "tickets/tkt-1/messages", "tickets/tkt-1/attachments"} {
		c.get(path).refused(http.StatusNotImplemented, "unsupported")
	}
	c.end("tkt-1", "cancel", m{}).refused(http.StatusNotImplemented, "unsupported")
	c.get("/desk/tkt-1").refused(http.StatusNotFound, "not-found")
}

func TestTicketKey(t *testing.T) {
	// again is what a second POST with the key of a ticket gets: 0 for that ticket, else a status.
	for _, tc := range []struct {
		name   string
		type_  string
		before func(*testing.T, *Sandbox, *client, string)
		again  int
		code   string
	}{
		{"at once", "incident", nil, 0, ""},
		{"at work", "change", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "approve", "start", "ask") }, 0, ""},
		{"cancelled", "incident", func(_ *testing.T, _ *Sandbox, c *client, id string) { c.end(id, "cancel", m{}).is(200) }, 201, ""},
		{"rejected", "change", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "reject") }, 201, ""},
		{"resolved", "incident", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "resolve") }, 201, ""},
		{"reopened", "incident", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "resolve", "reopen") }, 0, ""},
		{"deleted", "incident", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "delete") }, 201, ""},
		{"hidden", "incident", func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "hide") }, 403, "forbidden"},
		{"hidden when resolved", "incident",
			func(t *testing.T, s *Sandbox, _ *client, id string) { through(t, s, id, "resolve", "hide") }, 201, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			c := at(t, s, "lvrtc")
			id := ticketKeyOf("twice")
			first := c.file(id, m{"ticket_type": tc.type_, "subject": "First"}).is(http.StatusCreated).ticket()
			if tc.before != nil {
				tc.before(t, s, c, first.Id)
			}
			second := c.file(id, m{"ticket_type": tc.type_, "subject": "Second"})
			switch tc.again {
			case 0:
				if got := second.is(http.StatusOK).ticket(); got.Id != first.Id || got.Subject != "First" {
					t.Errorf("the key gives %s, want %s", second.body, first.Id)
				}
			case http.StatusCreated:
				if got := second.is(http.StatusCreated).ticket(); got.Id == first.Id || got.Subject != "Second" {
					t.Errorf("the key gives %s", second.body)
				}
			default:
				second.refused(tc.again, tc.code)
			}
		})
	}
}

func TestTicketKeyIsOneClientsInOneProject(t *testing.T) {
	s := start(t, Options{})
	c, other := at(t, s, "lvrtc"), theOther(t, s, "lvrtc")
	id, body := ticketKeyOf("shared"), m{"ticket_type": "incident", "subject": "Mine"}
	mine := c.file(id, body).is(http.StatusCreated).ticket()
	theirs := other.file(id, body).is(http.StatusCreated).ticket()
	c.do(http.MethodPost, "/v1/projects/cadastre/tickets", body, key, id).is(http.StatusCreated)
	if got := other.ticket(mine.Id); mine.Id == theirs.Id || got.Own || !theirs.Own {
		t.Errorf("mine is %s, to the other own: %t; theirs %s, own: %t", mine.Id, got.Own, theirs.Id, theirs.Own)
	}
	c.get("/v1/projects/cadastre/tickets/"+mine.Id).refused(http.StatusNotFound, "not-found")
	for want, who := range map[string]*client{ClientID: c, OtherClientID: other} {
		if got := who.get("/v1/projects/registry").is(http.StatusOK).text("account"); got != want {
			t.Errorf("the project says that %s is %q", want, got)
		}
	}
	// The oldest that is not ended has the key, also if it was reopened.
	through(t, s, mine.Id, "resolve")
	newer := c.file(id, body).is(http.StatusCreated).ticket()
	through(t, s, mine.Id, "reopen")
	if got := c.file(id, body).is(http.StatusOK).ticket(); got.Id != mine.Id {
		t.Errorf("of %s and %s, the key gives %s", mine.Id, newer.Id, got.Id)
	}
}

func TestManyTicketsOfOneKey(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	id := ticketKeyOf("many")
	var mu sync.Mutex
	ids := map[string]int{}
	made := 0
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			a := c.file(id, m{"ticket_type": "incident", "subject": "Once"})
			mu.Lock()
			defer mu.Unlock()
			if ids[a.text("id")]++; a.status == http.StatusCreated {
				made++
			}
		})
	}
	all.Wait()
	if len(ids) != 1 || made != 1 {
		t.Errorf("%d were made: %v", made, ids)
	}
}

func TestLostAnswerToATicket(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	if err := s.AddFault(Fault{Method: http.MethodPost, Path: "/tickets$", After: true, Reset: true}); err != nil {
		t.Fatal(err)
	}
	id, body := ticketKeyOf("lost"), m{"ticket_type": "incident", "subject": "Lost"}
	broken(t, c.file(id, body)) // Net/http sends it a second time by itself.
	s.ClearFaults()
	if got := c.tickets(query("external_key", id)); len(got.Items) != 1 || got.Items[0].Id != c.file(id, body).is(http.StatusOK).text("id") {
		t.Errorf("after a lost answer, there are %+v", got)
	}
}

func TestTicketChange(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	was := c.file("", m{
		"ticket_type": "incident", "subject": "Slow", "description": "Very.", "project_name": "Kadastrs", "fields": m{"Cost Centre": "4711"},
		"requested_resolution_at": "2026-12-01T10:00:00Z", "watchers": []string{"a"},
	}).is(http.StatusCreated).ticket()
	path := "tickets/" + was.Id
	s.MoveClock(time.Minute)
	a := c.patch(path, *was.Etag, `{"subject":"Slow","watchers":["a"]}`).is(http.StatusOK)
	if got := a.ticket(); *got.Etag != *was.Etag || !got.UpdatedAt.Equal(was.UpdatedAt) {
		t.Errorf("a change that changes nothing makes it %s", a.body)
	}
	a = c.patch(path, *was.Etag, `{"subject":"Slower","description":null,"project_name":null,"requested_resolution_at":null,`+
		`"fields":{"Cost Centre":null},"watchers":["c","b"],"affected_resources":["y","x"],"severity":"critical"}`).is(http.StatusOK)
	got := a.ticket()
	if got.Subject != "Slower" || got.Description != nil || got.ProjectName != nil || got.RequestedResolutionAt != nil ||
		len(got.Fields) != 0 || !slices.Equal(got.Watchers, []string{"b", "c"}) || !slices.Equal(got.AffectedResources, []string{"x", "y"}) ||
		got.Severity != "critical" || *got.Priority != "P1" || !got.UpdatedAt.Equal(noon.Add(time.Minute)) || a.header.Get("ETag") == *was.Etag {
		t.Errorf("changed: %s", a.body)
	}
	c.patch(path, *was.Etag, `{"subject":"Stale"}`).refused(http.StatusPreconditionFailed, "precondition-failed")
	alike(t, "events", told(c.events(was.Id)), []string{
		"sandbox created to acknowledged not_required desk",
		"sandbox other Changed: affected_resources, description, fields, project_name, requested_resolution_at, severity, subject, watchers.",
	})
}

func TestTicketEndings(t *testing.T) {
	for _, tc := range []struct {
		name, how string
		before    []string
		want      string // The status, or the code of a refusal.
	}{
		{"new", "cancel", nil, "cancelled"},
		{"asked", "cancel", []string{"ask"}, "cancelled"},
		{"at work", "cancel", []string{"start"}, "cancelled"},
		{"held", "close", []string{"hold"}, "closed"},
		{"resolved", "close", []string{"resolve"}, "closed"},
		{"resolved", "cancel", []string{"resolve"}, "wrong-status"},
		{"rejected", "cancel", []string{"reject"}, "wrong-status"},
		{"rejected", "close", []string{"reject"}, "wrong-status"},
		{"reopened", "cancel", []string{"reject", "reopen"}, "cancelled"},
	} {
		t.Run(tc.how+" what is "+tc.name, func(t *testing.T) {
			s := start(t, Options{})
			c := at(t, s, "lvrtc")
			id := c.filed("incident", "To be ended").Id
			through(t, s, id, tc.before...)
			before := len(c.events(id))
			a := c.end(id, tc.how, m{"message": m{"text": "Enough."}})
			if tc.want == "wrong-status" {
				a.refused(http.StatusConflict, tc.want)
				if n := len(c.events(id)); n != before {
					t.Errorf("a refused ending has %d events", n-before)
				}
				return
			}
			got := a.is(http.StatusOK).ticket()
			if string(got.Status) != tc.want || got.Awaiting != "nobody" || *got.StatusReason != "Enough." {
				t.Errorf("%s", a.body)
			}
			// Once more is no change and says nothing.
			if again := c.end(id, tc.how, m{"message": m{"text": "Enough!"}}).is(http.StatusOK); *again.ticket().Etag != *got.Etag {
				t.Errorf("ended twice: %s", again.body)
			}
			if events := c.events(id); len(events) != before+1 || events[before].Message.Text != "Enough." || !events[before].Own {
				t.Errorf("events %q", told(events))
			}
			other := map[string]string{"cancel": "close", "close": "cancel"}[tc.how]
			c.end(id, other, m{}).refused(http.StatusConflict, "wrong-status")
		})
	}
}
