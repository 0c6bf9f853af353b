package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// oneDesk is the provider with one service desk, called memory, that is no kind's.
type oneDesk struct {
	fw.Provider
	desk servicedesk.Desk
}

// Configure has the desk opened already.
func (p oneDesk) Configure(_ context.Context, _ fw.ConfigureRequest, resp *fw.ConfigureResponse) {
	desks := servicedesk.NewDesks(true, map[string]servicedesk.Opener{
		"memory": func(context.Context) (servicedesk.Desk, error) { return p.desk, nil },
	})
	c := &lifecycle.Configured{Federation: cloud.NewFederation(true, nil), Desks: desks}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = c, c, c
}

// startAt starts a provider with a desk.
func startAt(t tester, desk servicedesk.Desk) *terraform {
	t.Helper()
	tf := connect(t)
	server, err := providerserver.NewProtocol6WithError(oneDesk{provider.New("test")(), desk})()
	if err != nil {
		t.Fatal(err)
	}
	tf.server = server
	clean(t, "the provider block", tf.configure(t, object{}))
	return tf
}

// otherwise is a desk that says of itself something else.
type otherwise struct {
	servicedesk.Desk
	change func(*servicedesk.Description)
}

// Describe implements servicedesk.Desk.
func (o otherwise) Describe() servicedesk.Description {
	d := o.Desk.Describe()
	o.change(&d)
	return d
}

// asSaid are the messages of a desk in memory, by which it is known what was said.
func asSaid(t *testing.T, desk servicedesk.Desk, id servicedesk.ID) (all []string) {
	t.Helper()
	seen, err := desk.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	events, err := desk.History(t.Context(), seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == servicedesk.EventMessage {
			all = append(all, fmt.Sprintf("%s (public: %t)", e.Message.Text, e.Message.Public))
		}
	}
	return all
}

// TestDescriptionIsSaid changes the description at a desk that keeps what a ticket was filed with.
func TestDescriptionIsSaid(t *testing.T) {
	memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{FixedDescription: true})
	desk := memory.Desk("terraform")
	tf := startAt(t, desk)
	s := tf.create(t, ticketType, ticket("Jauda", nil))
	changed := ticket("Jauda", object{"description": "Cits apraksts", "severity": "major"})
	p := tf.plan(t, ticketType, s, changed)
	clean(t, "the plan", p.diags)
	s, diags := tf.apply(t, ticketType, s, p, changed)
	clean(t, "the apply", diags)
	read, again, diags := tf.refreshed(t, s, changed)
	clean(t, "the refresh", diags)
	if !again.value.Equal(read.value) || text(read.value, "description") != "Cits apraksts" {
		t.Errorf("the plan after that is not empty: %s", again.value)
	}
	want := []string{"The description is now:\n\nCits apraksts (public: true)"}
	if got := asSaid(t, desk, servicedesk.ID(ownID(s))); !slices.Equal(got, want) {
		t.Errorf("there was said %q", got)
	}
	if got := memory.Tickets()[0]; got.Severity != "major" || got.Description == "Cits apraksts" {
		t.Errorf("the ticket is %+v", got)
	}
}

// TestSilentDrops files at a desk that takes not all and says nothing: the ticket is in the state, and the next plan has
// what is missing.
func TestSilentDrops(t *testing.T) {
	memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	tf := startAt(t, memory.Desk("terraform"))
	out := &said{T: t}
	config := ticket("Jauda", object{
		"watchers": []any{"a@example.test"}, "fields": object{"Impact": "one office"}, "project": "Kadastrs",
		"links": []any{object{"type": "refers_to", "target": "https://example.test/1"}}, "affected_resources": []any{"lvrtc/vm-1"},
		"requested_resolution_at": "2027-02-28T22:00:00Z",
	})
	memory.Drop("severity", "watchers", "fields.Impact", "links", "project", "affected_resources", "requested_resolution_at")
	p := tf.plan(t, ticketType, state{}, config)
	clean(t, "the plan", p.diags)
	s, diags := tf.apply(t, ticketType, state{}, p, config)
	kept(t, s, true)
	out.note("the filing", diags)
	read, p, diags := tf.refreshed(t, s, config)
	clean(t, "the refresh", diags)
	if p.value.Equal(read.value) || len(p.replace) > 0 {
		t.Errorf("the plan is empty, or replaces for %v", p.replace)
	}
	s, diags = tf.apply(t, ticketType, read, p, config)
	out.note("the next apply", diags)
	memory.Drop()
	read, p, diags = tf.refreshed(t, s, config)
	clean(t, "the second refresh", diags)
	s, diags = tf.apply(t, ticketType, read, p, config)
	clean(t, "the apply at last", diags)
	read, p, diags = tf.refreshed(t, s, config)
	clean(t, "the last refresh", diags)
	if !p.value.Equal(read.value) {
		t.Errorf("the last plan is not empty: %s", p.value)
	}
	if n := memory.Calls("Create"); n != 1 {
		t.Errorf("%d tickets were filed", n)
	}
	golden(t, "desks/drops", out.String())
}

// TestDaysOnly wants a time at a desk that keeps days.
func TestDaysOnly(t *testing.T) {
	memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{DatesOnly: true})
	tf := startAt(t, memory.Desk("terraform"))
	config := ticket("Jauda", object{"requested_resolution_at": "2027-02-28T22:00:00Z"})
	s := tf.create(t, ticketType, config)
	read, p, diags := tf.refreshed(t, s, config)
	clean(t, "the refresh", diags)
	if !p.value.Equal(read.value) || text(read.value, "requested_resolution_at") != "2027-02-28T22:00:00Z" {
		t.Errorf("the plan is not empty: %s", p.value)
	}
}

// TestTroubleOnceFiled has things go wrong when there is a ticket already: nothing is an error.
func TestTroubleOnceFiled(t *testing.T) {
	out := &said{T: t}
	for _, c := range []struct {
		what  string
		order func(*servicedesktest.Memory)
	}{
		{"it cannot be claimed", func(m *servicedesktest.Memory) { m.FailNext("Claim", cloud.ErrUnavailable) }},
		{"it cannot be read", func(m *servicedesktest.Memory) { m.FailNext("Get", cloud.ErrForbidden) }},
		{"rivals cannot be sought", func(m *servicedesktest.Memory) { m.FailNext("FindByKey", nil, cloud.ErrBusy) }},
	} {
		memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
		tf := startAt(t, memory.Desk("terraform"))
		c.order(memory)
		s, said := tf.order(t, ticketType, ticket("Jauda", nil))
		kept(t, s, true)
		_, _ = fmt.Fprintf(out, "# %s\n\n%s\n", c.what, said)
		unread := ticket("Jauda", object{"due_after": "P1M"})
		clean(t, c.what+": a change without a refresh", tf.applied(t, ticketType, s, unread))
		read, p, diags := tf.refreshed(t, s, ticket("Jauda", nil))
		clean(t, c.what, diags)
		if !p.value.Equal(read.value) || text(read.value, "number") != "M1" || text(read.value, "requester") != "terraform" {
			t.Errorf("%s: after %s the next plan is %s", c.what, read.value, p.value)
		}
	}
	golden(t, "desks/trouble", out.String())
}

// TestRivals files while another run files the same, and where the same was filed twice before.
func TestRivals(t *testing.T) {
	out := &said{T: t}
	config := ticket("Jauda", object{"external_key": "cadastre-2027"})
	other := func(desk servicedesk.Desk, claimed bool) servicedesk.ID {
		id, err := desk.Create(context.Background(), servicedesk.NewTicket{
			Type: servicedesk.TypeChange, Key: "cadastre-2027", Content: servicedesk.Content{Subject: "Jauda", Severity: "minor"},
		})
		if err == nil && claimed {
			err = desk.Claim(context.Background(), id, "cadastre-2027")
		}
		if err != nil {
			t.Error(err)
		}
		return id
	}
	memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	desk := memory.Desk("terraform")
	var rival servicedesk.ID
	memory.Hook(func(c servicedesktest.Call) {
		if c.Method == "Create" && c.Done && rival == "" {
			memory.Hook(nil)
			rival = other(desk, true)
		}
	})
	s, told := startAt(t, desk).order(t, ticketType, config)
	_, _ = fmt.Fprintf(out, "# at the same time\n\n%s\n", told)
	if ownID(s) != string(rival) {
		t.Errorf("it is %s, not %s", ownID(s), rival)
	}
	if all := memory.Tickets(); len(all) != 2 || all[0].Status != servicedesk.StatusCancelled || all[1].Status.Terminal() {
		t.Errorf("there are %+v", all)
	}

	memory = servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	desk = memory.Desk("terraform")
	for range 3 {
		other(desk, true)
	}
	s, told = startAt(t, desk).order(t, ticketType, config)
	_, _ = fmt.Fprintf(out, "# filed thrice before\n\n%s\n", told)
	if ownID(s) != "1" || len(memory.Tickets()) != 3 {
		t.Errorf("it is %s of %d", ownID(s), len(memory.Tickets()))
	}
	golden(t, "desks/rivals", out.String())
}

// TestLostForGood loses a filing without a trace: after the desk's time is over, there is one request and one error.
func TestLostForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
		tf := startAt(t, memory.Desk("terraform"))
		memory.FailNext("Create", cloud.ErrUnknownOutcome)
		began := time.Now()
		s, told := tf.order(t, ticketType, ticket("Jauda", object{"external_key": "cadastre-2027"}))
		kept(t, s, false)
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
		golden(t, "desks/lost_for_good", told)
		// The same resource in the same process: nothing is in the way.
		tf.create(t, ticketType, ticket("Jauda", object{"external_key": "cadastre-2027"}))
		if n := memory.Calls("Create"); n != 2 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// TestDesksThatCannot asks desks for what they say that they cannot do.
func TestDesksThatCannot(t *testing.T) {
	out := &said{T: t}
	for _, c := range []struct {
		what, name string
		config     object
		change     func(*servicedesk.Description)
	}{
		{"a shorter subject", ticketType, ticket(strings.Repeat("x", 60), nil), func(d *servicedesk.Description) { d.MaxSubject = 50 }},
		{"no queue for the type", ticketType, ticket("Jauda", nil), func(d *servicedesk.Description) {
			d.Mapping.Types[servicedesk.TypeChange] = servicedesk.TypeMapping{}
		}},
		{"no such type", ticketType, ticket("Jauda", nil), func(d *servicedesk.Description) { delete(d.Mapping.Types, servicedesk.TypeChange) }},
		{"no messages in private", "vdam_service_ticket_message", object{"ticket_id": "memory/1", "body": "x", "visibility": "internal"},
			func(d *servicedesk.Description) { d.InternalMessages = false }},
		{"no files", "vdam_service_ticket_attachment", object{"ticket_id": "memory/1", "filename": "a", "content_base64": "YQ=="},
			func(d *servicedesk.Description) { d.Attachments = false }},
	} {
		memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
		tf := startAt(t, memory.Desk("terraform"))
		tf.create(t, ticketType, ticket("Cita", nil))
		tf = startAt(t, otherwise{memory.Desk("terraform"), c.change})
		p := tf.plan(t, c.name, state{}, c.config)
		if !hasError(p.diags) {
			_, p.diags = tf.apply(t, c.name, state{}, p, c.config)
		}
		out.note(c.what, p.diags)
		if n := len(memory.Tickets()); n != 1 {
			t.Errorf("%s: there are %d tickets", c.what, n)
		}
	}
	golden(t, "desks/cannot", out.String())
	// A desk that does not tell its queues and fields takes what it takes.
	memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	tf := startAt(t, otherwise{memory.Desk("terraform"), func(d *servicedesk.Description) { d.Queues = nil }})
	tf.create(t, ticketType, ticket("Jauda", object{"fields": object{"Impact": "one office"}, "queue": "Changes"}))
}

// TestDrift has the desk's people change each part of what the requester owns: the next apply puts that part right. What
// they add to it is left alone.
func TestDrift(t *testing.T) {
	config := ticket("Jauda", object{
		"watchers": []any{"a@example.test", "b@example.test"}, "fields": object{"Impact": "one office"}, "project": "Kadastrs",
		"links": []any{
			object{"type": "refers_to", "target": "https://example.test/1"}, object{"type": "parent", "target": "https://example.test/2"},
		},
		"affected_resources": []any{"lvrtc/vm-1"}, "requested_resolution_at": "2027-02-28T22:00:00Z",
	})
	for at, edit := range map[string]func(*servicedesk.Ticket){
		"subject":                 func(t *servicedesk.Ticket) { t.Subject = "Cits" },
		"severity":                func(t *servicedesk.Ticket) { t.Severity = "major" },
		"project":                 func(t *servicedesk.Ticket) { t.Project = "" },
		"requested_resolution_at": func(t *servicedesk.Ticket) { t.RequestedResolutionAt = time.Time{} },
		"affected_resources":      func(t *servicedesk.Ticket) { t.AffectedResources = []string{"lvrtc/vm-2"} },
		"watchers":                func(t *servicedesk.Ticket) { t.Watchers = t.Watchers[1:] },
		"fields":                  func(t *servicedesk.Ticket) { t.Fields = map[string]string{"Impact": "all of us"} },
		"links":                   func(t *servicedesk.Ticket) { t.Links = t.Links[1:] },
		"": func(t *servicedesk.Ticket) {
			t.Watchers = append(t.Watchers, "c@example.test")
			t.Links = append(t.Links, servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: "https://example.test/3"})
			t.Fields = map[string]string{"Impact": "one office", "Room": "12"}
			t.Requester, t.Queue, t.Priority, t.Assignee = "liene@example.test", "Incidents", "1", "agent"
			t.ExpectedResolutionAt = time.Now()
		},
	} {
		t.Run("of "+at, func(t *testing.T) {
			memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
			tf := startAt(t, memory.Desk("terraform"))
			s := tf.create(t, ticketType, config)
			memory.Edit("1", edit)
			read, p, diags := tf.refreshed(t, s, config)
			clean(t, "the refresh", diags)
			for name := range config {
				if was, is := fields(s.value)[name], fields(read.value)[name]; was.Equal(is) == (name == at) {
					t.Errorf("%s is read as %s", name, is)
				}
			}
			if len(p.replace) > 0 || p.value.Equal(read.value) == (at != "") {
				t.Fatalf("it is planned as %s, replaced for %v", p.value, p.replace)
			}
			after, diags := tf.apply(t, ticketType, read, p, config)
			clean(t, "the apply", diags)
			again, p, diags := tf.refreshed(t, after, config)
			clean(t, "the plan after that", diags)
			if !p.value.Equal(again.value) || again.value.IsNull() {
				t.Errorf("the plan after that is not empty: %s", p.value)
			}
			if got := memory.Tickets()[0]; got.Subject != "Jauda" || got.Severity != "minor" || got.Project != "Kadastrs" ||
				got.RequestedResolutionAt.IsZero() || got.Fields["Impact"] != "one office" || len(got.Watchers) < 2 || len(got.Links) < 2 {
				t.Errorf("the ticket is %+v", got)
			}
		})
	}
}
