package selfservice_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// opened opens a desk of the sandbox with a mapping, or says why not.
func opened(t *testing.T, box *sandbox.Sandbox, operator, project string, m servicedesk.Mapping) (servicedesk.Desk, error) {
	t.Helper()
	client := authorised(t, box.Endpoint(operator), account{operator: operator})
	found, err := selfservice.Discover(t.Context(), client, operator, box.Endpoint(operator))
	must(t, err)
	return selfservice.OpenDesk(t.Context(), selfservice.DeskOptions{
		Name: "desk", Project: project, HTTP: client, Discovery: found, Mapping: m,
	})
}

func TestOpenDesk(t *testing.T) {
	box := startBox(t, sandbox.Options{})
	for _, tc := range []struct {
		name, operator, project string
		reason                  error
		text                    string
	}{
		{"no desk", "lnb", "registry", cloud.ErrUnsupported, "lnb"},
		{"no project", "lvrtc", "nobody", cloud.ErrInvalid, "nobody"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := opened(t, box, tc.operator, tc.project, servicedesk.Mapping{})
			var e *cloud.Error
			if !errors.As(err, &e) || !errors.Is(err, tc.reason) || e.Operator != "desk" || !strings.Contains(e.Text, tc.text) || e.Advice == "" {
				t.Errorf("%v, want %q about %q", err, tc.reason, tc.text)
			}
		})
	}
	must(t, box.AddFault(sandbox.Fault{Path: "/projects/registry$", Status: http.StatusForbidden}))
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{})
	if err != nil || desk.Describe().Account != "" {
		t.Errorf("with credentials that may not read the project: %v", err)
	}
}

func TestDescribedDesk(t *testing.T) {
	box := startBox(t, sandbox.Options{})
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{
		Types: map[servicedesk.Type]servicedesk.TypeMapping{servicedesk.TypeIncident: {Queue: "changes"}},
	})
	must(t, err)
	d := desk.Describe()
	if d.Name != "desk" || d.Kind != "selfservice" || d.Endpoint != box.Endpoint("lvrtc") || d.Account != sandbox.ClientID ||
		d.Version != "1.0" {
		t.Errorf("described as %+v", d)
	}
	want := servicedesk.Capabilities{
		AtomicKeys: true, EditsDescription: true, History: true, InternalMessages: true, Attachments: true, Requesters: true, MaxSubject: 200,
		ServerTimeout: time.Minute,
	}
	if d.Capabilities != want {
		t.Errorf("capabilities %+v", d.Capabilities)
	}
	for i, name := range []string{"incidents", "changes", "requests"} {
		if q := d.Queues[i]; q.Name != name || !slices.Equal(q.Fields, []string{"Cost Centre"}) {
			t.Errorf("queue %+v", q)
		}
	}
	queues := map[servicedesk.Type]string{}
	for typ, m := range d.Mapping.Types {
		queues[typ] = m.Queue
	}
	if !maps.Equal(queues, map[servicedesk.Type]string{"change": "changes", "incident": "changes", "service_request": "requests"}) {
		t.Errorf("types go to %v", queues)
	}
	for _, s := range servicedesk.Statuses {
		if got := d.Mapping.Meaning(servicedesk.TypeChange, string(s)).Status; got != s {
			t.Errorf("%q means %s", s, got)
		}
	}
}

// TestDeskMapping: what the user says of the desk's words goes before what the operator says.
func TestDeskMapping(t *testing.T) {
	box := startBox(t, sandbox.Options{})
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{
		Types: map[servicedesk.Type]servicedesk.TypeMapping{
			servicedesk.TypeChange: {
				Statuses: map[string]servicedesk.Meaning{
					"in_progress": {Status: servicedesk.StatusHeld, Awaiting: servicedesk.AwaitingApprover},
					"pending":     {Status: servicedesk.StatusResolved, Approval: servicedesk.ApprovalNotRequired},
				},
				CancelStatus: "closed", CloseStatus: "withdrawn",
			},
		},
	})
	must(t, err)
	ctx, agent := t.Context(), box.Agent("lvrtc")
	id, err := desk.Create(ctx, servicedesk.NewTicket{
		Type: servicedesk.TypeChange, Key: "mapping-0001", Content: servicedesk.Content{Subject: "Mapped"},
	})
	must(t, err)
	must(t, agent.Approve(ctx, string(id)))
	must(t, agent.Start(ctx, string(id)))
	got, err := desk.Get(ctx, id)
	must(t, err)
	if got.Status != servicedesk.StatusHeld || got.NativeStatus != "in_progress" || got.Approval != servicedesk.ApprovalApproved ||
		got.Awaiting != servicedesk.AwaitingApprover {
		t.Errorf("it is %+v", got)
	}
	must(t, agent.Ask(ctx, string(id), "Which?"))
	got, err = desk.Get(ctx, id)
	must(t, err)
	if got.Status != servicedesk.StatusResolved || got.Approval != servicedesk.ApprovalNotRequired ||
		got.Awaiting != servicedesk.AwaitingNobody {
		t.Errorf("it is %+v", got)
	}
	events, err := desk.History(ctx, got)
	must(t, err)
	if last := events[len(events)-1]; last.FromNative != "in_progress" || last.To.Status != servicedesk.StatusResolved {
		t.Errorf("the last event is %+v", last)
	}
	err = desk.Transition(ctx, got, servicedesk.StatusClosed, servicedesk.Message{})
	if !errors.Is(err, servicedesk.ErrTransition) || !strings.Contains(err.Error(), "withdrawn") {
		t.Errorf("a status that no requester can reach: %v", err)
	}
	must(t, desk.Transition(ctx, got, servicedesk.StatusCancelled, servicedesk.Message{}))
	if got, err = desk.Get(ctx, id); err != nil || got.Status != servicedesk.StatusClosed {
		t.Errorf("cancelled as closed, it is %s: %v", got.Status, err)
	}
}

// TestRefusedTicket: the error speaks of the model's parts.
func TestRefusedTicket(t *testing.T) {
	box := startBox(t, sandbox.Options{Operators: []string{"lvrtc"}})
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{})
	must(t, err)
	content := servicedesk.Content{Subject: "Refused"}
	for pointer, n := range map[string]servicedesk.NewTicket{
		"/external_key": {Type: "incident", Key: "Ā\r\nX-Evil: 1", Content: content},
		"/type":         {Type: "wish", Key: "refused-0001", Content: content},
		"/queue":        {Type: "incident", Queue: "nowhere", Key: "refused-0001", Content: content},
		"/subject":      {Type: "incident", Key: "refused-0001", Content: servicedesk.Content{Subject: "two\nlines"}},
		"/project":      {Type: "incident", Key: "refused-0001", Content: servicedesk.Content{Subject: "x", Project: strings.Repeat("x", 201)}},
		"/links/0/target": {Type: "incident", Key: "refused-0001", Content: servicedesk.Content{
			Subject: "x", Links: []servicedesk.Link{{Type: "parent", Target: "x"}},
		}},
	} {
		_, err := desk.Create(t.Context(), n)
		var e *cloud.Error
		if !errors.As(err, &e) || !errors.Is(err, cloud.ErrInvalid) || len(e.Fields) != 1 || e.Fields[0].Pointer != pointer {
			t.Errorf("%s: %v", pointer, err)
		}
	}
	if _, err := desk.FindByKey(t.Context(), "short"); !errors.Is(err, cloud.ErrInvalid) {
		t.Errorf("the search for no key: %v", err)
	}
	if all, err := box.Tickets(t.Context(), ""); err != nil || len(all) > 0 {
		t.Errorf("there are %v: %v", all, err)
	}
}

// TestKeyOfAMergedTicket finds it for as long as anything is known of it.
func TestKeyOfAMergedTicket(t *testing.T) {
	box := startBox(t, sandbox.Options{Operators: []string{"lvrtc"}})
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{})
	must(t, err)
	ctx, agent := t.Context(), box.Agent("lvrtc")
	var ids []string
	for _, n := range []string{"1", "2"} {
		id, err := desk.Create(ctx, servicedesk.NewTicket{
			Type: "incident", Key: "merged-000" + n, Content: servicedesk.Content{Subject: "Ticket " + n},
		})
		must(t, err)
		ids = append(ids, string(id))
	}
	must(t, agent.Merge(ctx, ids[0], ids[1]))
	for _, step := range []struct {
		what string
		do   func() error
		want servicedesk.Ticket
	}{
		{"merged", func() error { return nil }, servicedesk.Ticket{Status: "acknowledged", Content: servicedesk.Content{Subject: "Ticket 2"}}},
		{"target hidden", func() error { return agent.Hide(ctx, ids[1]) },
			servicedesk.Ticket{Status: "closed", Content: servicedesk.Content{Subject: "Ticket 1"}}},
		{"target deleted", func() error { return agent.Delete(ctx, ids[1]) },
			servicedesk.Ticket{Status: "closed", Content: servicedesk.Content{Subject: "Ticket 1"}}},
	} {
		must(t, step.do())
		found, err := desk.FindByKey(ctx, "merged-0001")
		if err != nil || len(found) != 1 || string(found[0].ID) != ids[0] || found[0].Key != "merged-0001" || !found[0].Own ||
			found[0].Status != step.want.Status || found[0].Subject != step.want.Subject {
			t.Errorf("%s: the key finds %+v: %v", step.what, found, err)
		}
	}
}

func TestGlanceAtMany(t *testing.T) {
	box := startBox(t, sandbox.Options{Operators: []string{"lvrtc"}})
	desk, err := opened(t, box, "lvrtc", "registry", servicedesk.Mapping{})
	must(t, err)
	var ids []servicedesk.ID
	for i := range 250 {
		ids = append(ids, servicedesk.ID(fmt.Sprintf("tkt-%d", i)))
	}
	id, err := desk.Create(t.Context(), servicedesk.NewTicket{
		Type: "incident", Key: "glance-0001", Content: servicedesk.Content{Subject: "One"},
	})
	must(t, err)
	box.ResetRequests()
	seen, err := desk.Glance(t.Context(), append(slices.Clone(ids), id), time.Time{})
	if err != nil || !slices.Equal(seen.Missing, ids) || len(seen.Briefs) != 1 || seen.Briefs[0].ID != id {
		t.Errorf("%d are missing, %+v are there: %v", len(seen.Missing), seen.Briefs, err)
	}
	if n := len(box.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// deskDocument is operatorDocument with a desk.
var deskDocument = strings.Replace(operatorDocument, `"capabilities":{`, `"capabilities":{"service_desk":{"queues":[`+
	`{"name":"helpdesk","ticket_types":["incident","change"]}],"fields":[]},`, 1)

// cannedDesk is a desk that was opened properly and answers everything alike from then on.
func cannedDesk(ctx context.Context, t *testing.T, c *canned) servicedesk.Desk {
	t.Helper()
	rt := &switching{&canned{status: http.StatusOK, body: []byte(deskDocument)}}
	client := &http.Client{Transport: rt, CheckRedirect: c.client().CheckRedirect}
	found, err := selfservice.Discover(ctx, client, "lvrtc", "https://127.0.0.1:1")
	must(t, err)
	desk, err := selfservice.OpenDesk(ctx, selfservice.DeskOptions{Name: "lvrtc", Project: "registry", HTTP: client, Discovery: found})
	must(t, err)
	rt.RoundTripper = c
	return desk
}

const cannedTicket = `{"id":"tkt-1","number":"1","own":true,"external_key":"canned-0001","ticket_type":"incident","queue":"helpdesk",` +
	`"subject":"Slow","severity":"minor","requester":"a","watchers":["b"],"affected_resources":["x/1"],"fields":{},"links":[],` +
	`"status":"acknowledged","native_status":"Jauns","approval":"not_required","awaiting":"desk",` +
	`"created_at":"2026-11-23T10:00:00+02:00","updated_at":"2026-11-23T10:00:00Z"}`

// TestFilterIgnored: what a desk answers although it was not asked for is nobody's order.
func TestFilterIgnored(t *testing.T) {
	c := &canned{status: http.StatusOK, body: []byte(`{"items":[` + cannedTicket + `,` +
		strings.NewReplacer("tkt-1", "tkt-2", `"own":true`, `"own":false`).Replace(cannedTicket) + `],"total":2,"missing":["tkt-3"]}`)}
	ctx := t.Context()
	desk := cannedDesk(ctx, t, c)
	if found, err := desk.FindByKey(ctx, "canned-0001"); err != nil || len(found) != 1 || found[0].ID != "tkt-1" {
		t.Errorf("the key finds %v: %v", found, err)
	}
	if found, err := desk.FindByKey(ctx, "canned-0002"); err != nil || len(found) != 0 {
		t.Errorf("another key finds %v: %v", found, err)
	}
	at := time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)
	for q, want := range map[servicedesk.Query]int{
		{}: 2, {Own: true}: 1, {Type: "change"}: 0, {Project: "x"}: 0, {AffectedResource: "x/"}: 2, {AffectedResource: "y/"}: 0,
		{Open: true}: 2, {CreatedFrom: at}: 2, {CreatedFrom: at.Add(1)}: 0, {CreatedBefore: at}: 0,
	} {
		n := 0
		for got, err := range desk.Search(ctx, q) {
			if must(t, err); got.Claimed || got.CreatedAt != at || got.Status != servicedesk.StatusAcknowledged {
				t.Errorf("found %+v", got)
			}
			n++
		}
		if n != want {
			t.Errorf("%+v finds %d, want %d", q, n, want)
		}
	}
	seen, err := desk.Glance(ctx, []servicedesk.ID{"tkt-2"}, at)
	if err != nil || len(seen.Missing) != 0 || len(seen.Briefs) != 1 || seen.Briefs[0].NativeStatus != "Jauns" {
		t.Errorf("a look at one shows %+v: %v", seen, err)
	}
}

// TestLaterVersion: what later versions of the contract add is no error.
func TestLaterVersion(t *testing.T) {
	ctx := t.Context()
	c := &canned{status: http.StatusOK, body: []byte(strings.Replace(cannedTicket, `"status":"acknowledged"`, `"status":"pondered","x":1`, 1))}
	desk := cannedDesk(ctx, t, c)
	got, err := desk.Get(ctx, "tkt-1")
	if err != nil || got.Status != servicedesk.StatusUnknown || got.NativeStatus != "Jauns" {
		t.Errorf("%+v: %v", got, err)
	}
	c.body = []byte(`{"items":[{"id":"e1","kind":"weighed","at":"2026-11-23T10:00:00Z","author":"a","own":false,"staff":true}]}`)
	events, err := desk.History(ctx, got)
	if err != nil || len(events) != 1 || events[0].Kind != servicedesk.EventOther || !events[0].Staff {
		t.Errorf("%+v: %v", events, err)
	}
}
