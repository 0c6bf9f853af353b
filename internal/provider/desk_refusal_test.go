package provider_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// said collects what is said to users, to be compared with a golden file.
type said struct {
	*testing.T
	strings.Builder
}

// note writes down what is said of something, which has to be an error or a warning.
func (s *said) note(what string, diags []*tfprotov6.Diagnostic) {
	s.Helper()
	if len(diags) == 0 {
		s.Errorf("%s: nothing is said", what)
	}
	_, _ = fmt.Fprintf(s, "# %s\n\n%s\n", what, show(diags))
}

// TestBadTickets orders tickets that a desk does not take. What can be known before is said before.
func TestBadTickets(t *testing.T) {
	const name = "vdam_service_ticket"
	env := acctest.Start(t, "lvrtc")
	tf := start(t, deskBlock(env))
	long := strings.Repeat("ā", 201)
	out := &said{T: t}
	for _, c := range []struct {
		what   string
		config object
	}{
		{"a subject of two lines", object{"subject": "Viena\nDivas"}}, {"a subject that is too long", object{"subject": long}},
		{"a subject with a blank at its end", object{"subject": "Jauda "}}, {"an empty subject", object{"subject": ""}},
		{"an empty description", object{"description": ""}}, {"another type", object{"type": "problem"}},
		{"another severity", object{"severity": "blocker"}}, {"a key in capitals", object{"external_key": "Cadastre-2027"}},
		{"a key that is too short", object{"external_key": "short"}}, {"a bad period", object{"due_after": "1 month"}},
		{"a period of hours", object{"due_after": "PT8H"}}, {"a bad time", object{"requested_resolution_at": "1 March"}},
		{"no watchers", object{"watchers": []any{}}}, {"a link to nothing", object{"links": []any{object{"type": "parent"}}}},
		{"another kind of link", object{"links": []any{object{"type": "blocks", "target": "lvrtc/tkt-1"}}}},
		{"another ending", object{"on_destroy": "delete"}},
	} {
		out.note("at validation: "+c.what, tf.validate(t, name, ticket("Jauda", c.config)))
	}
	for _, c := range []struct {
		what   string
		config object
	}{
		{"another queue", object{"queue": "security"}}, {"another field", object{"fields": object{"Cost centre": "1234"}}},
	} {
		out.note("at plan: "+c.what, tf.plan(t, name, state{}, ticket("Jauda", c.config)).diags)
	}
	for _, c := range []struct {
		what   string
		config object
	}{
		{"a queue of another type", object{"queue": "incidents"}}, {"a bad value", object{"fields": object{"Cost Centre": "12"}}},
		{"two bad parts", object{"fields": object{"Cost Centre": "x"}, "links": []any{object{"type": "parent", "target": "lvrtc/tkt-none"}}}},
		{"a description beyond the desk's limit", object{"description": strings.Repeat("x", 70_000)}},
	} {
		config := ticket("Jauda", c.config)
		clean(t, c.what, tf.validate(t, name, config))
		p := tf.plan(t, name, state{}, config)
		clean(t, c.what, p.diags)
		s, diags := tf.apply(t, name, state{}, p, config)
		kept(t, s, false)
		out.note("at apply: "+c.what, diags)
	}
	golden(t, "desks/bad_tickets", out.String())
	if got := env.Desk(t, "lvrtc").Standing(); len(got) > 0 {
		t.Errorf("there are tickets: %q", got)
	}
}

// TestBadCompanions orders waits, messages and files that cannot be.
func TestBadCompanions(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, deskBlock(env))
	id := text(tf.create(t, "vdam_service_ticket", ticket("Jauda", nil)).value, "id")
	out := &said{T: t}
	for _, c := range []struct {
		what, name string
		config     object
	}{
		{"another goal", "vdam_service_ticket_wait", object{"for": "done"}},
		{"a pause that is too short", "vdam_service_ticket_wait", object{"poll_interval": "10ms"}},
		{"no pause at all", "vdam_service_ticket_wait", object{"poll_interval": "often"}},
		{"a limit that is none", "vdam_service_ticket_wait", object{"timeouts": object{"create": "soon"}}},
		{"another status to fail on", "vdam_service_ticket_wait", object{"fail_on": []any{"approved"}}},
		{"no body", "vdam_service_ticket_message", object{"body": ""}},
		{"another visibility", "vdam_service_ticket_message", object{"visibility": "secret"}},
		{"a path for a name", "vdam_service_ticket_attachment", object{"filename": "a/b.txt"}},
		{"two contents", "vdam_service_ticket_attachment", object{"source": "x"}},
	} {
		out.note("at validation: "+c.what, tf.validate(t, c.name, more(minimal[c.name], c.config)))
	}
	big := write(t, filepath.Join(t.TempDir(), "big.bin"), strings.Repeat("x", 21<<20))
	for _, c := range []struct {
		what   string
		config object
	}{
		{"no such file", object{"content_base64": nil, "source": filepath.Join(t.TempDir(), "none.pdf")}},
		{"a folder", object{"content_base64": nil, "source": t.TempDir()}},
		{"a file that is too large", object{"content_base64": nil, "source": big}},
		{"no base64", object{"content_base64": "plāns"}},
	} {
		out.note("at plan: "+c.what, tf.plan(t, "vdam_service_ticket_attachment", state{}, more(minimal["vdam_service_ticket_attachment"],
			c.config)).diags)
	}
	large := write(t, filepath.Join(t.TempDir(), "large.bin"), strings.Repeat("x", 6<<20))
	for _, c := range []struct {
		what, name string
		config     object
	}{
		{"a file that is too large for the desk", "vdam_service_ticket_attachment", object{
			"ticket_id": id, "content_base64": nil, "source": large,
		}},
		{"a body that is too long for the desk", "vdam_service_ticket_message", object{"ticket_id": id, "body": strings.Repeat("x", 70_000)}},
		{"a ticket that is not there", "vdam_service_ticket_message", object{"ticket_id": "lvrtc/tkt-none"}},
		{"a file for a ticket that is not there", "vdam_service_ticket_attachment", object{"ticket_id": "lvrtc/tkt-none"}},
		{"a wait for a ticket that is not there", "vdam_service_ticket_wait", object{"ticket_id": "lvrtc/tkt-none"}},
	} {
		config := more(minimal[c.name], c.config)
		p := tf.plan(t, c.name, state{}, config)
		clean(t, c.what, p.diags)
		s, diags := tf.apply(t, c.name, state{}, p, config)
		kept(t, s, false)
		out.note("at apply: "+c.what, diags)
	}
	golden(t, "desks/bad_companions", out.String())
}

// TestBadReads reads what is not there, and asks for what cannot be.
func TestBadReads(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, deskBlock(env))
	hidden := text(tf.create(t, "vdam_service_ticket", ticket("Slepens", nil)).value, "id")
	env.Desk(t, "lvrtc").Do("Slepens", hide)
	out := &said{T: t}
	for _, c := range []struct {
		what, name string
		config     object
	}{
		{"no ticket of the id", "vdam_service_ticket", object{"id": "lvrtc/tkt-none"}},
		{"no ticket of the key", "vdam_service_ticket", object{"external_key": "cadastre-2027"}},
		{"an id of another desk", "vdam_service_ticket", object{"id": "varam/4711"}},
		{"an id that contradicts the desk", "vdam_service_ticket", object{"id": "lvrtc/tkt-none", "desk": "varam"}},
		{"a ticket out of sight", "vdam_service_ticket", object{"id": hidden}},
		{"its messages", "vdam_service_ticket_messages", object{"ticket_id": hidden}},
		{"another desk", "vdam_service_desk", object{"name": "varam"}},
		{"tickets of another desk", "vdam_service_tickets", object{"desk": "varam"}},
		{"a period that has not begun", "vdam_service_level_report", object{"period_start": "2999-01-01T00:00:00Z",
			"period_end": "2999-02-01T00:00:00Z"}},
		{"a period backwards", "vdam_service_level_report", past(object{"period_end": "2026-02-01T00:00:00Z"})},
		{"known before it began", "vdam_service_level_report", past(object{"as_of": "2026-02-01T00:00:00Z"})},
		{"maintenance backwards", "vdam_service_level_report", past(object{"planned_maintenance": []any{
			object{"start": "2026-03-13T22:00:00Z", "end": "2026-03-14T04:00:00Z"}, object{"start": "2026-03-02T00:00:00Z",
				"end": "2026-03-01T00:00:00Z"},
		}})},
		{"all of these", "vdam_service_level_report", past(object{
			"period_end": "2026-02-01T00:00:00Z", "as_of": "2026-01-01T00:00:00Z",
			"planned_maintenance": []any{object{"start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}},
		})},
		{"a report of another desk", "vdam_service_level_report", past(object{"desk": "varam"})},
	} {
		_, diags := tf.readData(t, c.name, c.config)
		out.note(c.what, diags)
	}
	for _, c := range []struct {
		what, name string
		config     object
	}{
		{"no id and no key", "vdam_service_ticket", object{}}, {"a bad key", "vdam_service_ticket", object{"external_key": "Š"}},
		{"a bad id", "vdam_service_ticket", object{"id": "4711"}}, {"another type", "vdam_service_tickets", object{"type": "problem"}},
		{"another severity", "vdam_service_level_report", past(object{"targets": object{"low": object{}}})},
		{"a target below zero", "vdam_service_level_report", past(object{"targets": object{"minor": object{"resolution_minutes": -1}}})},
		{"half a window", "vdam_service_level_report", past(object{"planned_maintenance": []any{object{"start": "2026-03-01T00:00:00Z"}}})},
		{"an operator and a resource", "vdam_service_level_report", past(object{"operator": "lvrtc", "affected_resource": "lvrtc/vm-1"})},
	} {
		typ := tf.schemas.DataSourceSchemas[c.name].ValueType()
		resp, err := tf.server.ValidateDataResourceConfig(tf.ctx, &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: c.name, Config: wire(t, valueOf(t, typ, c.config)),
		})
		if err != nil {
			t.Fatal(err)
		}
		out.note("at validation: "+c.what, resp.Diagnostics)
	}
	for _, id := range []string{hidden, "lvrtc/tkt-none", "lvrtc/key:cadastre-2027", "lvrtc/key:No Key", "varam/key:cadastre-2027"} {
		_, diags := tf.imported(t, "vdam_service_ticket", id, nil)
		out.note("import of "+strings.ReplaceAll(id, hidden, "a ticket out of sight"), diags)
	}
	golden(t, "desks/bad_reads", out.String())
}

// TestDeskThatCannotBeUsed plans a ticket at a desk that cannot be opened.
func TestDeskThatCannotBeUsed(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	own := func(also object) object {
		o := entry(env.Box.Endpoint("lvrtc"))
		o["kind"] = "selfservice"
		return more(o, also)
	}
	out := &said{T: t}
	for _, c := range []struct {
		what  string
		desk  object
		fault *sandbox.Fault
	}{
		{"a wrong token", own(object{"client_id": nil, "client_secret": nil, "token": secret}), nil},
		{"a wrong secret", own(object{"client_secret": secret}), nil},
		{"another project", own(object{"project": "no-such"}), nil},
		{"a web page", own(nil), &sandbox.Fault{Path: "^/v1/operator$", HTML: true}},
		{"a web page for the project", own(nil), &sandbox.Fault{Path: "/projects/registry$", HTML: true}},
		{"a web page for tokens", own(nil), &sandbox.Fault{Path: "/oauth/token$", HTML: true}},
	} {
		l := &logs{}
		tf := start(t, set(deskBlock(env), "service_desks.lvrtc", c.desk))
		tf.ctx = l.catch(tf.ctx)
		if c.fault != nil {
			fault(t, env, *c.fault)
		}
		diags := tf.plan(t, "vdam_service_ticket", state{}, ticket("Jauda", nil)).diags
		out.note(c.what, diags)
		if strings.Contains(show(diags)+l.String(), secret) {
			t.Errorf("%s: the secret is in what is said or logged", c.what)
		}
		env.Box.ClearFaults()
	}
	tf := start(t, set(block(acctest.Start(t, "lnb")), "service_desks", object{"lnb": object{"operator": "lnb"}}))
	out.note("an operator without a desk", tf.plan(t, "vdam_service_ticket", state{}, ticket("Jauda", nil)).diags)
	golden(t, "desks/unusable", out.String())
}

// TestDeskDown plans a ticket at a desk where nobody listens. The time between the tries passes at once.
func TestDeskDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It is closed at once.
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	desk := entry("http://" + l.Addr().String())
	desk["kind"] = "selfservice"
	synctest.Test(t, func(t *testing.T) {
		tf := start(t, object{"service_desks": object{"lvrtc": desk}})
		golden(t, "desks/down", show(tf.plan(t, "vdam_service_ticket", state{}, ticket("Jauda", nil)).diags))
	})
}

// TestDeskStumbles has a desk that was well when it was opened, and is not any more.
func TestDeskStumbles(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, deskBlock(env))
	s := tf.create(t, "vdam_service_ticket", ticket("Jauda", nil))
	changed := ticket("Jauda", object{"severity": "major"})
	out := &said{T: t}
	const own = `{"code":"forbidden","title":"Forbidden","status":403,"detail":"Only members of the board may do that."}`
	for _, c := range []struct {
		what  string
		fault sandbox.Fault
		do    func(tf *terraform) []*tfprotov6.Diagnostic
	}{
		{"no right to file", sandbox.Fault{Method: http.MethodPost, Path: "/tickets$", Status: 403, Body: own},
			func(tf *terraform) []*tfprotov6.Diagnostic {
				return tf.applied(t, "vdam_service_ticket", state{}, ticket("Cita", nil))
			}},
		{"no right to change", sandbox.Fault{Method: http.MethodPatch, Status: 403, Body: own}, func(tf *terraform) []*tfprotov6.Diagnostic {
			return tf.applied(t, "vdam_service_ticket", s, changed)
		}},
		{"a web page instead of a ticket", sandbox.Fault{Method: http.MethodGet, Path: "/tickets/", HTML: true},
			func(tf *terraform) []*tfprotov6.Diagnostic {
				_, diags := tf.read(t, "vdam_service_ticket", s)
				return diags
			}},
		{"a web page instead of a list", sandbox.Fault{Method: http.MethodGet, Path: "/tickets$", HTML: true},
			func(tf *terraform) []*tfprotov6.Diagnostic {
				_, diags := tf.readData(t, "vdam_service_tickets", object{})
				return diags
			}},
		{"a withdrawal that nobody " +
			"answers", sandbox.Fault{Method: http.MethodPost, Path: "/cancel$", Status: 500}, func(tf *terraform) []*tfprotov6.Diagnostic {
			return tf.applied(t, "vdam_service_ticket", s, nil)
		}},
		{"the credentials have been withdrawn", sandbox.Fault{Path: "/tickets", Status: 401}, func(tf *terraform) []*tfprotov6.Diagnostic {
			_, diags := tf.read(t, "vdam_service_ticket", s)
			return diags
		}},
	} {
		fault(t, env, c.fault)
		out.note(c.what, c.do(tf))
		env.Box.ClearFaults()
	}
	golden(t, "desks/stumbles", out.String())
}

// applied plans and applies, and answers what is said.
func (tf *terraform) applied(t tester, name string, s state, config object) []*tfprotov6.Diagnostic {
	t.Helper()
	var wanted any
	if config != nil {
		wanted = config
	}
	p := tf.plan(t, name, s, wanted)
	clean(t, "the plan", p.diags)
	_, diags := tf.apply(t, name, s, p, wanted)
	return diags
}

// TestLostAnswers loses the answer to a filing that the desk never got, until the user gives up: what may be there is named.
func TestLostAnswers(t *testing.T) {
	for name, f := range map[string]sandbox.Fault{
		"broken connection": {Method: http.MethodPost, Path: "/tickets$", Reset: true},
		"web page":          {Method: http.MethodPost, Path: "/tickets$", HTML: true},
	} {
		t.Run(name, func(t *testing.T) {
			env := acctest.Start(t, "lvrtc")
			tf := start(t, deskBlock(env))
			p := tf.plan(t, "vdam_service_ticket", state{}, ticket("Jauda", object{"external_key": "cadastre-2027"}))
			clean(t, "the plan", p.diags)
			fault(t, env, f)
			ctx, interrupt := context.WithCancel(tf.ctx)
			defer interrupt()
			tf.ctx = ctx
			go func() {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for searched := 0; searched < 2; { // Once before the filing, and once for what came of it.
					<-tick.C
					searched = 0
					for _, r := range env.Box.Requests() {
						if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/tickets") {
							searched++
						}
					}
				}
				interrupt()
			}()
			s, diags := tf.apply(t, "vdam_service_ticket", state{}, p, ticket("Jauda", object{"external_key": "cadastre-2027"}))
			kept(t, s, false)
			golden(t, "desks/lost_"+strings.ReplaceAll(name, " ", "_"), show(diags))
		})
	}
}
