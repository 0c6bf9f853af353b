package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// newDeskWorld has one of each resource of a service desk, with all set that can be, and the desk's people.
func newDeskWorld(t *testing.T) (*world, *acctest.Desk) {
	t.Helper()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	w := &world{
		terraform: start(t, deskBlock(env)), box: env.Box,
		configs: map[string]object{}, states: map[string]state{}, ids: map[string]string{},
	}
	w.ids["other"] = text(w.create(t, "vdam_service_ticket", ticket("Cita", nil)).value, "id")
	for _, name := range ticketTypes {
		config := full[name][0]
		switch name {
		case "vdam_service_ticket":
			config = set(config, "links", []any{
				object{"type": "refers_to", "target": "https://example.test/1"}, object{"type": "depends_on", "target": w.ids["other"]},
			})
		case "vdam_service_ticket_wait":
			config = set(config, "for", "acknowledged")
			fallthrough
		default:
			config = set(config, "ticket_id", text(w.states["vdam_service_ticket"].value, "id"))
		}
		w.configs[name], w.states[name] = config, w.create(t, name, config)
	}
	return w, env.Desk(t, "lvrtc")
}

// deskChanges are the changes of resources of service desks, as of world.changes.
func (w *world) deskChanges() map[string]map[string][]any {
	return map[string]map[string][]any{
		"vdam_service_ticket": {
			"desk": {"iem-ic", nil}, "operator": {"iem-ic", nil}, "type": {"incident"}, "queue": {"incidents", nil},
			"external_key": {"cadastre-2028/capacity", nil}, "keepers": {object{"year": "2028"}, nil, object{}},
			"subject": {"Cits"}, "description": {"Cits apraksts"}, "severity": {"major"}, "requester": {"liene@example.test", nil},
			"watchers": {[]any{"c@example.test"}, nil}, "requested_resolution_at": {"2027-03-01T00:00:00Z", nil, "2027-03-01T00:00:00+02:00"},
			"project": {"Zemesgrāmata", nil}, "affected_resources": {[]any{"lvrtc/vm-3"}, nil}, "fields": {object{"Cost Centre": "4321"}, nil},
			"links": {[]any{object{"type": "parent", "target": w.ids["other"]}}, nil}, "links.0.type": {"parent"},
			"links.0.target": {"https://example.test/2"}, "due_after": {"P2W", nil}, "on_destroy": {"close", nil},
			"destroy_comment": {"Paldies.", nil}, "on_closed_change": {"replace", nil}, "on_missing": {"recreate", nil},
		},
		"vdam_service_ticket_attachment": {
			"ticket_id": {w.ids["other"]}, "filename": {"plan.pdf"}, "content_base64": {"Y2l0cw=="}, "source": {"../../go.mod"},
			"content_type": {"text/html", nil},
		},
		"vdam_service_ticket_message": {
			"ticket_id": {w.ids["other"]}, "body": {"Cits."}, "visibility": {"public", nil}, "keepers": {object{"run": "2"}, nil},
		},
		"vdam_service_ticket_wait": {
			"ticket_id": {w.ids["other"]}, "for": {"approved"}, "fail_on": {[]any{"rejected"}, nil}, "poll_interval": {"1m", nil},
			"timeouts": {nil}, "timeouts.create": {"1h", nil},
		},
	}
}

// TestReplacementOfTickets writes down what a change of each attribute means for a ticket that is open.
func TestReplacementOfTickets(t *testing.T) {
	w, _ := newDeskWorld(t)
	var out strings.Builder
	w.writeDown(t, &out, w.deskChanges())
	golden(t, "replacement_tickets", out.String())
}

// configured are what of a ticket only the configuration knows.
var configured = []string{
	"operator", "queue", "keepers", "fields", "links", "due_after", "on_destroy", "destroy_comment", "on_closed_change", "on_missing",
}

func TestIdentityOfTickets(t *testing.T) {
	const name = "vdam_service_ticket"
	w, _ := newDeskWorld(t)
	s := w.states[name]
	id := text(s.value, "id")
	if got := identityOf(t, s.identity); got != id {
		t.Errorf("the identity after creation is %s, not %s", got, id)
	}
	read, diags := w.read(t, name, state{value: s.value})
	clean(t, "reading", diags)
	if got := identityOf(t, read.identity); got != id {
		t.Errorf("the identity after reading a state without one is %s, not %s", got, id)
	}
	w.same(t, "reading", read.value, s.value)
	byID, diags := w.imported(t, name, id, nil)
	clean(t, "import by id", diags)
	byKey, diags := w.imported(t, name, "lvrtc/key:cadastre-2027/capacity", nil)
	clean(t, "import by key", diags)
	byIdentity, diags := w.imported(t, name, "", object{"desk": "lvrtc", "id": ownID(s)})
	clean(t, "import by identity", diags)
	for what, i := range map[string]state{"id": byID, "key": byKey, "identity": byIdentity} {
		if got := identityOf(t, i.identity); got != id {
			t.Errorf("the identity after import by %s is %s, not %s", what, got, id)
		}
		for at, v := range fields(s.value) {
			if got := fields(i.value)[at]; !got.Equal(v) && !slices.Contains(configured, at) && at != "due_at" {
				t.Errorf("by %s, %s was imported as %s, and is %s", what, at, got, v)
			}
		}
	}
	w.adopt(t, name, byIdentity)
}

// adopt applies the configuration to what was imported: nothing is sent, and the state becomes that of the creation.
func (w *world) adopt(t *testing.T, name string, imported state) {
	t.Helper()
	p := w.plan(t, name, imported, w.configs[name])
	clean(t, "the plan after import", p.diags)
	if len(p.replace) > 0 {
		t.Errorf("what was imported is replaced for %v", p.replace)
	}
	w.box.ResetRequests()
	after, diags := w.apply(t, name, imported, p, w.configs[name])
	clean(t, "the apply after import", diags)
	for _, r := range w.box.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("after import there was %s %s", r.Method, r.Path)
		}
	}
	w.same(t, "the apply after import", after.value, w.states[name].value)
}

// same compares what should be the state.
func (w *world) same(t *testing.T, what string, got, want tftypes.Value) {
	t.Helper()
	for at, v := range inOrder(fields(want)) {
		if is := fields(got)[at]; !is.Equal(v) {
			t.Errorf("%s has for %s\n%s\nwhere the state has\n%s", what, at, is, v)
		}
	}
}

// TestMinimalTicketImported imports what was filed with as little as possible: the plan after that is empty.
func TestMinimalTicketImported(t *testing.T) {
	tf := start(t, deskBlock(acctest.Start(t, "lvrtc")))
	s := tf.create(t, "vdam_service_ticket", minimal["vdam_service_ticket"])
	imported, diags := tf.imported(t, "vdam_service_ticket", text(s.value, "id"), nil)
	clean(t, "the import", diags)
	p := tf.plan(t, "vdam_service_ticket", imported, minimal["vdam_service_ticket"])
	clean(t, "the plan after the import", p.diags)
	if !p.value.Equal(imported.value) || !imported.value.Equal(s.value) {
		t.Errorf("imported:\n%s\nplanned:\n%s\nfiled:\n%s", imported.value, p.value, s.value)
	}
}

// TestListsOfTickets lists by each filter, with and without the resource.
func TestListsOfTickets(t *testing.T) {
	const name = "vdam_service_ticket"
	w, desk := newDeskWorld(t)
	w.create(t, name, ticket("Pa vidu", object{"type": "incident", "severity": "critical", "operator": "lvrtc"}))
	desk.Do("Pa vidu", resolve("Salabots."))
	jauda := full[name][0]["subject"].(string)
	for what, c := range map[string]struct {
		config object
		want   []string
	}{
		"all": {object{}, []string{"Cita", jauda, "Pa vidu"}}, "by type": {object{"type": "incident"}, []string{"Pa vidu"}},
		"by project": {object{"project": "Kadastrs"}, []string{jauda}}, "open": {object{"open": true}, []string{"Cita", jauda}},
		"by resource":           {object{"affected_resource": "lvrtc/vm-2"}, []string{jauda}},
		"by operator":           {object{"affected_resource": "lvrtc/"}, []string{jauda, "Pa vidu"}},
		"of nothing":            {object{"affected_resource": "lvrtc/vm"}, nil},
		"own":                   {object{"own": true}, []string{"Cita", jauda, "Pa vidu"}},
		"of the past":           {object{"created_before": "2020-01-01T00:00:00Z"}, nil},
		"since then":            {object{"created_from": "2020-01-01T00:00:00Z"}, []string{"Cita", jauda, "Pa vidu"}},
		"at the other desk":     {object{"desk": "iem-ic"}, nil},
		"all at the named desk": {object{"desk": "lvrtc"}, []string{"Cita", jauda, "Pa vidu"}},
	} {
		found, diags := w.list(t, name, c.config, false, 0)
		clean(t, "the list "+what, diags)
		var got []string
		for _, l := range found {
			_, subject, _ := strings.Cut(l.name, " ")
			got = append(got, subject)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q", what, got)
		}
		v, diags := w.readData(t, "vdam_service_tickets", c.config)
		clean(t, "the data source "+what, diags)
		if n := len(elements(fields(v)["service_tickets"])); n != len(c.want) {
			t.Errorf("%s: the data source found %d", what, n)
		}
	}
	if limited, _ := w.list(t, name, object{}, false, 1); len(limited) != 1 || limited[0].id != w.ids["other"] {
		t.Errorf("with limit 1 found %v", limited)
	}
	found, diags := w.list(t, name, object{"project": "Kadastrs"}, true, 0)
	clean(t, "the list with resources", diags)
	imported, _ := w.imported(t, name, found[0].id, nil)
	for at, v := range fields(imported.value) {
		if got := fields(found[0].resource)[at]; !got.Equal(v) && at != "description" {
			t.Errorf("%s was listed as %s, and is imported as %s", at, got, v)
		}
	}
}

// TestTicketsOfOneKey files under one key again and again: the open ticket is the one of the key, else the last.
func TestTicketsOfOneKey(t *testing.T) {
	const key = "cadastre-2027"
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	config := ticket("Jauda", object{"external_key": key})
	file := func() string {
		t.Helper()
		return text(start(t, deskBlock(env)).create(t, ticketType, config).value, "id")
	}
	check := func(what, want string) {
		t.Helper()
		tf := start(t, deskBlock(env))
		v, diags := tf.readData(t, ticketType, object{"external_key": key})
		clean(t, what, diags)
		imported, diags := tf.imported(t, ticketType, "lvrtc/key:"+key, nil)
		clean(t, what, diags)
		if text(v, "id") != want || text(imported.value, "id") != want || text(v, "external_key") != key {
			t.Errorf("%s: read %s and imported %s, not %s", what, text(v, "id"), text(imported.value, "id"), want)
		}
	}
	check("the only one", file())
	desk.Do("Jauda", reject("Nē."))
	second := file()
	check("the open one", second)
	desk.Do("Jauda", reject("Nē."))
	check("the last one", second)
	if n := len(desk.Tickets()); n != 2 {
		t.Errorf("there are %d tickets", n)
	}
}

// TestOverdue files tickets at a desk whose clock is more than a month behind.
func TestOverdue(t *testing.T) {
	filed := time.Now().Add(-40 * 24 * time.Hour).UTC().Truncate(time.Second)
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc"}, Now: func() time.Time { return filed }})
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	for _, c := range []struct {
		what string
		more object
		// due is after the filing, overdue before anybody has done anything.
		due     time.Time
		overdue bool
		// then is what somebody does, and whether it is overdue after that.
		then  acctest.Deed
		after bool
	}{
		{"with a period, approved", object{"due_after": "P1M"}, months(filed, 1), true, approve, false},
		{"with a longer one", object{"due_after": "P3M"}, months(filed, 3), false, approve, false},
		{"with a period, asked", object{"due_after": "P10D"}, filed.AddDate(0, 0, 10), true, ask("Kāpēc?"), true},
		{"by what the desk expects, approved", nil, filed.AddDate(0, 0, 5), true, approve, true},
		{"by what the desk expects, rejected", nil, filed.AddDate(0, 0, 5), true, reject("Nē."), false},
		{"the period goes before what is wanted", object{"due_after": "P10D", "requested_resolution_at": "2999-01-01T00:00:00Z"},
			filed.AddDate(0, 0, 10), true, reject("Nē."), false},
	} {
		s := tf.create(t, ticketType, ticket(c.what, c.more))
		if got := text(s.value, "due_at"); got != c.due.Format(time.RFC3339) || flagOf(s.value, "overdue") != c.overdue {
			t.Errorf("%s: it is due at %s, overdue: %t", c.what, got, flagOf(s.value, "overdue"))
		}
		desk.Do(c.what, c.then)
		read, p, diags := tf.refreshed(t, s, ticket(c.what, c.more))
		clean(t, c.what, diags)
		if flagOf(read.value, "overdue") != c.after || !p.value.Equal(read.value) {
			t.Errorf("%s: afterwards it is overdue: %t", c.what, flagOf(read.value, "overdue"))
		}
	}
}

// months is some months later, on the day of the same number or on the last of the month.
func months(from time.Time, n int) time.Time {
	first := time.Date(from.Year(), from.Month(), 1, from.Hour(), from.Minute(), from.Second(), 0, time.UTC).AddDate(0, n, 0)
	return first.AddDate(0, 0, min(from.Day(), first.AddDate(0, 1, -1).Day())-1)
}

// TestReportOfAPeriodThatLasts accounts for what is known of a period that is not over: up to now.
func TestReportOfAPeriodThatLasts(t *testing.T) {
	began := time.Now().UTC().Truncate(time.Second)
	tf := start(t, deskBlock(acctest.StartWith(t, sandbox.Options{
		Operators: []string{"lvrtc"}, Now: func() time.Time { return began.Add(-10 * time.Minute) },
	})))
	tf.create(t, ticketType, ticket("Jauda", nil))
	v, diags := tf.readData(t, "vdam_service_level_report", object{
		"period_start": began.Add(-time.Hour).Format(time.RFC3339), "period_end": began.Add(time.Hour).Format(time.RFC3339),
		"targets": object{"minor": object{"first_response_minutes": 60}},
	})
	clean(t, "the report", diags)
	asOf, err := time.Parse(time.RFC3339, text(v, "as_of"))
	if err != nil || asOf.Before(began) || asOf.After(time.Now()) {
		t.Errorf("it is as of %s, %v; it is %s", asOf, err, began)
	}
	tickets := elements(fields(v)["tickets"])
	if len(tickets) != 1 || text(fields(tickets[0])["first_response"], "verdict") != "pending" {
		t.Errorf("the tickets are %v", tickets)
	}
}
