package provider_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// ticketLife is a case: one ticket at a time, and those before it.
type ticketLife struct {
	*terraform
	env    *acctest.Env
	config object
	s      state
	// declared is the configuration that was applied last, filed how many tickets there should be by now.
	declared object
	filed    int
	// unsaid is a description that was ignored, as the ticket had ended. The desk does not get it later either, where the
	// ticket is taken up again: a description is not compared with what the desk has.
	unsaid any
}

// TestPropertiesOfTickets plays the life of a ticket while its configuration and the desk's people do what they like.
// Whatever comes, a plan that is applied is followed by an empty one, the requester's part of an open ticket is as it was
// declared, people's part is never fought over, no ticket is filed twice or without a reason, and what was withdrawn has
// ended. VDAM_PROPERTY_CASES says how many lives, as for TestProperties.
func TestPropertiesOfTickets(t *testing.T) {
	t.Parallel()
	setCases(t)
	env := acctest.Start(t, "lvrtc")
	number := 0
	rapid.Check(t, func(t *rapid.T) {
		number++
		c := &ticketLife{terraform: start(t, deskBlock(env)), env: env, filed: len(ticketsOf(t, env))}
		c.config = ticket(fmt.Sprintf("Nr. %d", number), object{"keepers": object{"case": fmt.Sprint(number)}})
		for range rapid.IntRange(0, 3).Draw(t, "attributes") {
			c.draw(t)
		}
		c.file(t)
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "people") {
				c.people(t)
			} else {
				c.draw(t)
			}
			c.settle(t)
		}
		c.finish(t)
	})
}

// ticketsOf are the desk's tickets.
func ticketsOf(t *rapid.T, env *acctest.Env) []sandbox.Ticket {
	all, err := env.Box.Tickets(context.WithoutCancel(t.Context()), "lvrtc")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// own is the ticket in the state.
func (c *ticketLife) own(t *rapid.T) sandbox.Ticket {
	for _, ticket := range ticketsOf(t, c.env) {
		if ticket.Id == ownID(c.s) {
			return ticket
		}
	}
	t.Fatalf("the desk has no %s", ownID(c.s))
	return sandbox.Ticket{}
}

// values are what can be said of a ticket; nil leaves it out.
var values = map[string][]any{
	"subject":     {"Jauda", "Jauda: ā č ē", strings.Repeat("ž", 200)},
	"description": {"Apraksts", "Cits\n\napraksts  ar atstarpēm ", strings.Repeat("x", 60_000)},
	"severity":    {"minor", "major", "critical"}, "watchers": {nil, []any{"a@example.test"}, []any{"A@example.test", "b@example.test"}},
	"requested_resolution_at": {nil, "2027-02-28T22:00:00Z", "2027-03-01T00:00:00+02:00", "2027-02-28T22:00:00.5Z"},
	"project":                 {nil, "Kadastrs", "Zemesgrāmata"},
	"affected_resources":      {nil, []any{"lvrtc/vm-1"}, []any{"lvrtc/vm-2", "lvrtc/vm-1"}},
	"fields":                  {nil, object{}, object{"Cost Centre": "1234"}, object{"Cost Centre": "4321"}},
	"links": {nil, []any{}, []any{object{"type": "refers_to", "target": "https://example.test/1"}},
		[]any{object{"type": "parent", "target": "https://example.test/1"}, object{"type": "refers_to", "target": "urn:x"}}},
	"due_after": {nil, "P1M", "P1D"}, "destroy_comment": {nil, "Vairs nevajag."}, "on_destroy": {nil, "cancel", "close", "comment", "detach"},
	"on_closed_change": {nil, "error", "replace", "ignore"}, "on_missing": {nil, "keep"},
	"requester": {nil, "anna@example.test", "liene@example.test"}, "operator": {nil, "lvrtc"},
}

// draw says something else.
func (c *ticketLife) draw(t *rapid.T) {
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(values))).Draw(t, "attribute")
	v := rapid.SampledFrom(values[name]).Draw(t, name)
	if name == "subject" { // It has to stay one's own.
		v = strings.TrimSpace(fmt.Sprintf("%.185s", v)) + " " + c.config["keepers"].(object)["case"].(string)
	}
	c.config = more(c.config, object{name: v})
}

// people do something, if the desk lets them.
func (c *ticketLife) people(t *rapid.T) {
	deeds := map[string]acctest.Deed{
		"approve": approve, "start": begin, "hold": hold, "reopen": reopen, "ask": ask("Kāpēc?"), "reject": reject("Nē."),
		"resolve": resolve("Gatavs."), "say": say("Skatāmies.", true), "mutter": say("Atkal.", false), "rename": rename("Kaut kas cits"),
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(deeds))).Draw(t, "deed")
	err := deeds[name](context.WithoutCancel(t.Context()), c.env.Box.Agent("lvrtc"), ownID(c.s))
	t.Logf("the people %s: %v", name, err)
}

func (c *ticketLife) file(t *rapid.T) {
	c.terraform = start(t, deskBlock(c.env)) // As each run of Terraform does.
	c.s = c.create(t, ticketType, c.config)
	c.unsaid = nil
	c.filed++
	c.check(t)
}

// settle refreshes, plans, applies, and finds nothing left to do.
func (c *ticketLife) settle(t *rapid.T) {
	was := c.declared
	read, p, diags := c.refreshed(t, c.s, c.config)
	ended := over(c.own(t))
	way, _ := c.config["on_closed_change"].(string)
	if hasError(diags) {
		if !ended || way == "replace" || way == "ignore" || !strings.Contains(diags[0].Summary, "has ended") {
			t.Fatalf("the plan is refused:\n%s", show(diags))
		}
		c.config = was // As the message says.
		read, p, diags = c.refreshed(t, c.s, c.config)
	}
	clean(t, "the plan", diags)
	if len(p.replace) > 0 {
		if !c.mayReplace(was, ended && way == "replace") {
			t.Fatalf("it is replaced for %v", p.replace)
		}
		c.s = read
		c.withdraw(t)
		c.file(t)
		return
	}
	c.s = read
	if ended && c.declared["description"] != c.config["description"] {
		c.unsaid = c.config["description"]
	}
	if !p.value.Equal(read.value) {
		s, diags := c.apply(t, ticketType, read, p, c.config)
		clean(t, "the apply", diags)
		c.s = s
	}
	read, p, diags = c.refreshed(t, c.s, c.config)
	clean(t, "the plan after that", diags)
	if !p.value.Equal(read.value) {
		t.Fatalf("the plan after that is not empty:\n%s\nof\n%s", p.value, read.value)
	}
	c.s = read
	c.check(t)
}

// mayReplace reports whether a change of the configuration files another ticket.
func (c *ticketLife) mayReplace(was object, ended bool) bool {
	for _, name := range []string{"requester", "operator", "keepers"} {
		if was[name] != nil && !reflect.DeepEqual(was[name], c.config[name]) {
			return true
		}
	}
	return ended || was["requester"] == nil && c.config["requester"] != nil
}

// check holds the desk against the configuration.
func (c *ticketLife) check(t *rapid.T) {
	c.declared = c.config
	if n := len(ticketsOf(t, c.env)); n != c.filed {
		t.Fatalf("there are %d tickets, and should be %d", n, c.filed)
	}
	got := c.own(t)
	if over(got) {
		return // Nobody reads it any more.
	}
	is := []any{got.Subject, *got.Description, string(got.Severity)}
	want := []any{c.config["subject"], c.config["description"], c.config["severity"]}
	if c.config["description"] == c.unsaid {
		is[1], want[1] = nil, nil
	}
	for _, part := range []struct {
		name string
		got  any
	}{{"project", deref(got.ProjectName)}, {"fields", fmt.Sprint(got.Fields)}, {"links", fmt.Sprint(len(got.Links))}} {
		is = append(is, part.got)
		switch v := c.config[part.name].(type) {
		case nil:
			want = append(want, map[string]any{"project": "", "fields": "map[]", "links": "0"}[part.name])
		case object:
			want = append(want, fmt.Sprint(v))
		case []any:
			want = append(want, fmt.Sprint(len(v)))
		default:
			want = append(want, v)
		}
	}
	if !reflect.DeepEqual(is, want) {
		t.Fatalf("the desk has\n%.300q\nwhere it was declared\n%.300q", is, want)
	}
}

// over reports whether a ticket has ended.
func over(t sandbox.Ticket) bool {
	return slices.Contains([]string{"resolved", "closed", "cancelled", "rejected"}, string(t.Status))
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// withdraw destroys what the state has, in the way that it says.
func (c *ticketLife) withdraw(t *rapid.T) {
	before := c.own(t).Status
	how := text(c.s.value, "on_destroy")
	clean(t, "the destruction", c.applied(t, ticketType, c.s, nil))
	want := before
	switch {
	case before == "resolved" || before == "rejected":
	case how == "cancel":
		want = "cancelled"
	case how == "close":
		want = "closed"
	}
	if got := c.own(t).Status; got != want && (how != "comment" || before != "pending") {
		t.Fatalf("destroyed by %s, what was %s is %s", how, before, got)
	}
}

func (c *ticketLife) finish(t *rapid.T) {
	c.withdraw(t)
	if n := len(ticketsOf(t, c.env)); n != c.filed {
		t.Fatalf("there are %d tickets in the end, and should be %d", n, c.filed)
	}
}
