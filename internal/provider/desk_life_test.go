package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const ticketType = "vdam_service_ticket"

// refreshed reads and plans anew, and answers with all that is said.
func (tf *terraform) refreshed(t tester, s state, config object) (state, plan, []*tfprotov6.Diagnostic) {
	t.Helper()
	read, diags := tf.read(t, ticketType, s)
	if read.value.IsNull() || hasError(diags) {
		return read, plan{}, diags
	}
	p := tf.plan(t, ticketType, read, config)
	return read, p, append(diags, p.diags...)
}

// TestWhatPeopleDo has the desk's people do to a ticket all that they can. None of it is a difference, but for what
// belongs to the requester.
func TestWhatPeopleDo(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	config := ticket("Jauda", object{"watchers": []any{"a@example.test"}, "due_after": "P1M"})
	s := tf.create(t, ticketType, config)
	for _, c := range []struct {
		what  string
		deed  acctest.Deed
		wants map[string]string
	}{
		{"ask", ask("Cik daudz?"), map[string]string{"status": "pending", "awaiting": "requester", "status_reason": "Cik daudz?"}},
		{"approve", approve, map[string]string{"approval": "approved"}},
		{"start", begin, map[string]string{"status": "in_progress", "awaiting": "desk", "assignee": "agent"}},
		{"hold", hold, map[string]string{"status": "held"}},
		{"say", say("Gaidām.", true), map[string]string{"status": "held"}},
		{"say in private", say("Nu gan.", false), map[string]string{"status": "held"}},
		{"resolve", resolve("Gatavs."), map[string]string{"status": "resolved", "resolution": "Gatavs.", "awaiting": "nobody"}},
		{"reopen", reopen, map[string]string{"status": "in_progress", "resolution": ""}},
		{"reject", reject("Tomēr nē."), map[string]string{"status": "rejected", "status_reason": "Tomēr nē."}},
	} {
		desk.Do("Jauda", c.deed)
		read, p, diags := tf.refreshed(t, s, config)
		clean(t, c.what, diags)
		if !p.value.Equal(read.value) {
			t.Errorf("after %s the plan is not empty: %s", c.what, p.value)
		}
		for at, want := range c.wants {
			if got := text(read.value, at); got != want {
				t.Errorf("after %s, %s is %q, not %q", c.what, at, got, want)
			}
		}
		s = read
	}
}

// TestSubjectIsCorrected has the subject changed at the desk: the next apply puts it right, once.
func TestSubjectIsCorrected(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	config := ticket("Jauda", nil)
	s := tf.create(t, ticketType, config)
	desk.Do("Jauda", rename("Kaut kas cits"))
	read, p, diags := tf.refreshed(t, s, config)
	clean(t, "the plan", diags)
	if got, planned := text(read.value, "subject"), text(p.value, "subject"); got != "Kaut kas cits" || planned != "Jauda" {
		t.Errorf("the subject is read as %q and planned as %q", got, planned)
	}
	after, diags := tf.apply(t, ticketType, read, p, config)
	clean(t, "the apply", diags)
	if got := desk.Last("Jauda"); got.Id != ownID(s) {
		t.Errorf("it is another ticket: %s", got.Id)
	}
	if again := tf.plan(t, ticketType, after, config); !again.value.Equal(after.value) {
		t.Errorf("the plan after that is not empty: %s", again.value)
	}
}

// TestEndedTickets changes the configuration of a ticket that has ended, by each of the ways to take that.
func TestEndedTickets(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	out := &said{T: t}
	for _, way := range []string{"error", "replace", "ignore"} {
		config := ticket(way, object{"on_closed_change": way, "requested_resolution_at": "2027-02-28T22:00:00Z"})
		s := tf.create(t, ticketType, config)
		desk.Do(way, approve, resolve("Gatavs."))
		s, p, diags := tf.refreshed(t, s, config)
		clean(t, way+": the plan without a change", diags)
		if !p.value.Equal(s.value) {
			t.Errorf("%s: the plan is not empty", way)
		}
		for _, mute := range []object{{"on_destroy": "detach"}, {"due_after": "P1M"}, {"on_missing": "keep"},
			{"requested_resolution_at": "2027-03-01T00:00:00+02:00"}} {
			p := tf.plan(t, ticketType, s, more(config, mute))
			clean(t, way+": the plan of what the desk is not told", p.diags)
			if len(p.replace) > 0 {
				t.Errorf("%s: replaced for %v", way, p.replace)
			}
		}
		changed := more(config, object{"severity": "critical"})
		p = tf.plan(t, ticketType, s, changed)
		switch way {
		case "error":
			out.note("at plan", p.diags)
			clean(t, "the destruction", tf.applied(t, ticketType, s, nil))
		case "replace":
			clean(t, way, p.diags)
			if len(p.replace) == 0 {
				t.Error("it is not replaced")
			}
		case "ignore":
			clean(t, way, p.diags)
			after, diags := tf.apply(t, ticketType, s, p, changed)
			clean(t, way, diags)
			read, again, diags := tf.refreshed(t, after, changed)
			clean(t, way+" again", diags)
			if len(p.replace) > 0 || !again.value.Equal(read.value) {
				t.Errorf("it is replaced for %v, and then planned as %s", p.replace, again.value)
			}
		}
	}
	want := []string{"error: resolved", "replace: resolved", "ignore: resolved"}
	if got := desk.Standing(); !slices.Equal(got, want) {
		t.Errorf("the tickets stand %q", got)
	}
	for _, way := range []string{"error", "replace"} {
		config := ticket("Vēls: "+way, object{"on_closed_change": way})
		s := tf.create(t, ticketType, config)
		changed := more(config, object{"severity": "critical"})
		p := tf.plan(t, ticketType, s, changed)
		clean(t, "the plan", p.diags)
		desk.Do("Vēls: "+way, reject("Nē."))
		after, diags := tf.apply(t, ticketType, s, p, changed)
		if !after.value.Equal(s.value) {
			t.Errorf("the state becomes %s", after.value)
		}
		out.note("at apply, as it ended after the plan: "+way, diags)
	}
	golden(t, "desks/ended", out.String())
}

// TestTicketsThatVanish has tickets deleted, hidden and merged, and reads, changes and destroys them then.
func TestTicketsThatVanish(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	out := &said{T: t}
	for _, c := range []struct {
		what  string
		more  object
		deeds []acctest.Deed
		// kept says that the ticket stays in the state.
		kept bool
	}{
		{"deleted", nil, []acctest.Deed{vanish}, false},
		{"deleted, to be kept", object{"on_missing": "keep"}, []acctest.Deed{vanish}, true},
		{"deleted after its end", nil, []acctest.Deed{reject("Nē."), vanish}, true},
		{"hidden", nil, []acctest.Deed{hide}, true},
		{"hidden after its end", nil, []acctest.Deed{reject("Nē."), hide}, true},
	} {
		config := ticket(c.what, c.more)
		s := tf.create(t, ticketType, config)
		for i, deed := range c.deeds {
			if i > 0 { // So that the state knows of the end.
				s, _ = tf.read(t, ticketType, s)
			}
			desk.Do(c.what, deed)
		}
		read, p, diags := tf.refreshed(t, s, config)
		kept(t, read, c.kept)
		ended := strings.Contains(c.what, "after its end")
		if ended {
			clean(t, c.what, diags)
		} else {
			out.note("read: "+c.what, diags)
		}
		if !c.kept {
			continue
		}
		if !p.value.Equal(read.value) {
			t.Errorf("%s: the plan is not empty: %s", c.what, p.value)
		}
		if diags = tf.applied(t, ticketType, read, nil); ended {
			clean(t, c.what, diags)
		} else {
			out.note("destroyed: "+c.what, diags)
		}
	}
	golden(t, "desks/vanished", out.String())
}

// TestMergedTickets merges a ticket into another one, which it follows from then on.
func TestMergedTickets(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	out := &said{T: t}
	into := tf.create(t, ticketType, ticket("Lielais", nil))
	config := ticket("Mazais", nil)
	s := tf.create(t, ticketType, config)
	desk.Do("Mazais", mergeInto(ownID(into)))
	read, p, diags := tf.refreshed(t, s, config)
	out.note("the first reading", diags)
	if got := text(read.value, "merged_into"); got != text(into.value, "id") || text(read.value, "id") != text(s.value, "id") {
		t.Errorf("%s was merged into %q", text(read.value, "id"), got)
	}
	if !p.value.Equal(read.value) {
		t.Errorf("the plan is not empty: %s", p.value)
	}
	desk.Do("Lielais", approve, begin)
	read, p, diags = tf.refreshed(t, read, config)
	clean(t, "the second reading", diags)
	if got := text(read.value, "status") + text(read.value, "approval"); got != "in_progressapproved" || !p.value.Equal(read.value) {
		t.Errorf("it is %s, and the plan has %s", got, p.value)
	}
	changed := more(config, object{"severity": "major"})
	p = tf.plan(t, ticketType, read, changed)
	clean(t, "the plan of a change", p.diags)
	after, diags := tf.apply(t, ticketType, read, p, changed)
	out.note("a change", diags)
	out.note("the destruction", tf.applied(t, ticketType, after, nil))
	if got := desk.Last("Lielais"); got.Severity != "minor" || got.Status != "in_progress" {
		t.Errorf("the other ticket is %s, of severity %s", got.Status, got.Severity)
	}
	golden(t, "desks/merged", out.String())
}

// TestEndings destroys tickets in each way.
func TestEndings(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	out := &said{T: t}
	for how, want := range map[string][2]string{
		"cancel": {"cancelled", "sandbox: Vairs nevajag. (internal)"}, "close": {"closed", "sandbox: Vairs nevajag. (internal)"},
		"comment": {"acknowledged", "sandbox: Vairs nevajag. (internal)"}, "detach": {"acknowledged", ""},
	} {
		s := tf.create(t, ticketType, ticket(how, object{"on_destroy": how, "destroy_comment": "Vairs nevajag."}))
		clean(t, how, tf.applied(t, ticketType, s, nil))
		if got := desk.Last(how); string(got.Status) != want[0] || strings.Join(desk.Said(how), "\n") != want[1] {
			t.Errorf("%s: it is %s, and was said %q", how, got.Status, desk.Said(how))
		}
	}
	for _, c := range []struct {
		what  string
		fault sandbox.Fault
	}{
		{"the desk lets only its people", sandbox.Fault{Path: "/cancel$", Status: 409, Body: `{"code":"wrong-status",` +
			`"title":"Conflict","status":409,"detail":"Only the desk's people may cancel."}`}},
		{"nor say so", sandbox.Fault{Method: http.MethodPost, Status: 409, Body: `{"code":"wrong-status","title":"Conflict","status":409,` +
			`"detail":"Only the desk's people may do that."}`}},
	} {
		s := tf.create(t, ticketType, ticket(c.what, nil))
		fault(t, env, c.fault)
		out.note(c.what, tf.applied(t, ticketType, s, nil))
		env.Box.ClearFaults()
	}
	if got := strings.Join(desk.Said("the desk lets only its people"), "\n"); !strings.Contains(got, "withdraws this ticket") {
		t.Errorf("there was said %q", got)
	}
	golden(t, "desks/endings", out.String())
}

// TestTwins orders the same twice.
func TestTwins(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	out := &said{T: t}
	tf := start(t, deskBlock(env))
	s := tf.create(t, ticketType, ticket("Jauda", nil))
	twin, diags := tf.order(t, ticketType, ticket("Jauda", nil))
	kept(t, twin, false)
	out.WriteString("# in one configuration\n\n" + diags + "\n")
	clean(t, "other keepers", tf.applied(t, ticketType, state{}, ticket("Jauda", object{"keepers": object{"n": "2"}})))
	clean(t, "another key", tf.applied(t, ticketType, state{}, ticket("Jauda", object{"external_key": "cadastre-2027"})))
	desk.Do("Jauda", rename("Cita atslēga"))
	desk.Do("Jauda", rename("Citi glabātāji"))

	again, diags := start(t, deskBlock(env)).order(t, ticketType, ticket("Jauda", nil))
	out.WriteString("# in another configuration\n\n" + diags + "\n")
	if text(again.value, "id") != text(s.value, "id") {
		t.Errorf("it is %s, not %s", text(again.value, "id"), text(s.value, "id"))
	}
	if n := len(desk.Tickets()); n != 3 {
		t.Errorf("there are %d tickets", n)
	}
	// What gets another address in the configuration is made and destroyed in one run.
	moved := start(t, deskBlock(env))
	taken, diags := moved.order(t, ticketType, ticket("Jauda", nil))
	out.WriteString("# created under another address\n\n" + diags + "\n")
	out.note("destroyed under the first one", moved.applied(t, ticketType, s, nil))
	if text(taken.value, "id") != text(s.value, "id") || desk.Last("Jauda").Status != "acknowledged" {
		t.Errorf("%s stands %q", text(taken.value, "id"), desk.Standing())
	}
	// One that has ended is history: the same order is a new one.
	for range 2 {
		desk.Do("Jauda", reject("Nē."))
		next := start(t, deskBlock(env)).create(t, ticketType, ticket("Jauda", nil))
		if text(next.value, "id") == text(s.value, "id") {
			t.Error("the ticket that has ended was adopted")
		}
		s = next
	}
	golden(t, "desks/twins", out.String())
}

// TestAnswersLostAndFound loses the answer to a filing that the desk has carried out: the ticket is found, once.
func TestAnswersLostAndFound(t *testing.T) {
	for name, f := range map[string]sandbox.Fault{
		"broken": {Reset: true}, "web page": {HTML: true}, "cut short": {Truncate: true}, "bad gateway": {Status: 502,
			Body: "<h1>Bad gateway</h1>", Times: 1}, "error": {Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			env := acctest.Start(t, "lvrtc")
			tf := start(t, deskBlock(env))
			f.Method, f.Path, f.After = http.MethodPost, "/tickets$", true
			fault(t, env, f)
			tf.create(t, ticketType, ticket("Jauda", nil))
			if got := env.Desk(t, "lvrtc").Standing(); len(got) != 1 {
				t.Errorf("there are %q", got)
			}
		})
	}
}
