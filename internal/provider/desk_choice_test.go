package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// twoDesks is a provider block with the desks lvrtc and helpdesk, the latter being that of iem-ic, and more in it.
func twoDesks(env *acctest.Env, more object) object {
	b := block(env)
	b["service_desks"] = object{"lvrtc": object{"operator": "lvrtc"}, "helpdesk": object{"operator": "iem-ic"}}
	for at, v := range more {
		b = set(b, at, v)
	}
	return b
}

// TestDeskIsChosen plans tickets that name a desk, an operator or neither, and looks at which desk they are to be filed.
func TestDeskIsChosen(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	ofOperator := object{"operators.iem-ic.service_desk": "helpdesk"}
	onlyOne := object{"service_desks": object{"only": object{"operator": "lvrtc"}}}
	for name, c := range map[string]struct {
		block, config object
		variable      string
		// want is empty for a desk that is not known yet.
		want string
	}{
		"named":                       {object{"default_service_desk": "lvrtc"}, object{"desk": "helpdesk", "operator": "lvrtc"}, "", "helpdesk"},
		"that of the operator":        {ofOperator, object{"operator": "iem-ic"}, "lvrtc", "helpdesk"},
		"named before the operator's": {ofOperator, object{"operator": "iem-ic", "desk": "lvrtc"}, "", "lvrtc"},
		"the default for an operator": {object{"default_service_desk": "helpdesk"}, object{"operator": "lvrtc"}, "", "helpdesk"},
		"the default":                 {object{"default_service_desk": "helpdesk"}, nil, "lvrtc", "helpdesk"},
		"the default of the variable": {nil, nil, "helpdesk", "helpdesk"},
		"the only one":                {onlyOne, nil, "", "only"},
		"the only one for another":    {onlyOne, object{"operator": "lnb"}, "", "only"},

		"an unknown name":                {nil, object{"desk": unknown{}}, "", ""},
		"an unknown operator":            {ofOperator, object{"operator": unknown{}}, "lvrtc", ""},
		"an unknown default":             {object{"default_service_desk": unknown{}}, nil, "", ""},
		"an unknown desk of an operator": {object{"operators.iem-ic.service_desk": unknown{}}, object{"operator": "iem-ic"}, "lvrtc", ""},
		"another operator's is unknown":  {object{"operators.iem-ic.service_desk": unknown{}}, object{"operator": "lvrtc"}, "lvrtc", "lvrtc"},
		"an unknown entry of an operator": {object{"operators.iem-ic": unknown{}, "service_desks.helpdesk": object{"operator": "lvrtc"}},
			object{"operator": "iem-ic"}, "lvrtc", ""},
		"unknown operators":      {object{"operators": unknown{}}, object{"operator": "iem-ic"}, "lvrtc", ""},
		"unknown desks":          {object{"service_desks": unknown{}}, nil, "", ""},
		"named of unknown desks": {object{"service_desks": unknown{}}, object{"desk": "lvrtc"}, "", "lvrtc"},
		"unknown credentials":    {object{"operators.lvrtc.client_secret": unknown{}}, object{"desk": "lvrtc"}, "", "lvrtc"},
		"an unknown directory":   {object{"directory": unknown{}, "operators.lvrtc.endpoint": nil}, object{"desk": "lvrtc"}, "", "lvrtc"},
		"an unknown directory for a desk of its own": {object{
			"directory": unknown{}, "service_desks.lvrtc": object{"kind": "selfservice", "project": "registry", "token": "t"},
		}, object{"desk": "lvrtc"}, "", "lvrtc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("VDAM_DEFAULT_SERVICE_DESK", c.variable)
			p := start(t, twoDesks(env, c.block)).plan(t, "vdam_service_ticket", state{}, ticket("Jauda", c.config))
			clean(t, "the plan", p.diags)
			if got := text(p.value, "desk"); got != c.want {
				t.Errorf("it is filed at %q, not %q", got, c.want)
			}
			if desk := fields(p.value)["desk"]; desk.IsKnown() != (c.want != "") {
				t.Errorf("the desk is planned as %s", desk)
			}
		})
	}
}

// TestDeskStays changes what desk would be chosen for a ticket that is there: it stays where it is.
func TestDeskStays(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	config := ticket("Jauda", object{"queue": "changes"}) // Which the other desk has not.
	s := start(t, twoDesks(env, object{"default_service_desk": "lvrtc"})).create(t, "vdam_service_ticket", config)
	for _, b := range []object{{"default_service_desk": "helpdesk"}, {"default_service_desk": unknown{}}, nil} {
		tf := start(t, twoDesks(env, b))
		p := tf.plan(t, "vdam_service_ticket", s, config)
		clean(t, "the plan", p.diags)
		if !p.value.Equal(s.value) {
			t.Errorf("with %v there is a change: %s", b, p.value)
		}
		p = tf.plan(t, "vdam_service_ticket", s, more(config, object{"severity": "major"}))
		clean(t, "the plan of a change", p.diags)
		if got := text(p.value, "desk"); got != "lvrtc" || len(p.replace) > 0 {
			t.Errorf("with %v a change is planned at %q, replacing for %v", b, got, p.replace)
		}
	}
}

// TestNoDesk looks at what is said where there is no desk to be found.
func TestNoDesk(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	var out strings.Builder
	note := func(what string, diags []*tfprotov6.Diagnostic) {
		if !hasError(diags) {
			t.Errorf("%s: nothing is said", what)
		}
		_, _ = fmt.Fprintf(&out, "# %s\n\n%s\n", what, show(diags))
	}
	for _, c := range []struct {
		what          string
		block, config object
	}{
		{"no desk is configured", object{"service_desks": nil}, nil},
		{"several are, and none is named", nil, nil},
		{"another name", nil, object{"desk": "varam"}},
		{"another name, and there are none", object{"service_desks": nil}, object{"desk": "varam"}},
		{"the operator of the desk is none", object{"service_desks.lvrtc": object{"operator": "lvtrc"}}, object{"desk": "lvrtc"}},
		{"of no kind", object{"service_desks.lvrtc": object{}}, object{"desk": "lvrtc"}},
		{"of no place", object{"service_desks.lvrtc": object{"kind": "rt"}}, object{"desk": "lvrtc"}},
		{"of a kind without operators", object{"service_desks.lvrtc": object{"kind": "rt", "operator": "lvrtc"}}, object{"desk": "lvrtc"}},
		{"without credentials", object{"service_desks.lvrtc": object{"kind": "rt", "endpoint": "https://rt.example"}}, object{"desk": "lvrtc"}},
		{"username without password", object{"service_desks.lvrtc": object{"kind": "rt", "endpoint": "https://rt.example", "username": "u"}},
			object{"desk": "lvrtc"}},
		{"Redmine without project", object{"service_desks.lvrtc": object{"kind": "redmine", "endpoint": "https://r.example", "token": "t"}},
			object{"desk": "lvrtc"}},
		{"in the clear", object{"service_desks.lvrtc": object{"kind": "redmine", "endpoint": "http://r.example", "project": "p", "token": "t"}},
			object{"desk": "lvrtc"}},
		{"selfservice without project", object{"service_desks.lvrtc": object{"kind": "selfservice", "endpoint": env.Box.Endpoint("lvrtc")}},
			object{"desk": "lvrtc"}},
		{"client_secret without client_id", object{"service_desks.lvrtc": object{
			"kind": "selfservice", "endpoint": env.Box.Endpoint("lvrtc"), "project": acctest.Project, "client_secret": "s"}},
			object{"desk": "lvrtc"}},
	} {
		tf := start(t, twoDesks(env, c.block))
		note(c.what, tf.plan(t, "vdam_service_ticket", state{}, ticket("Jauda", c.config)).diags)
	}
	for _, c := range []struct {
		what  string
		block object
	}{
		{"the default is none of them", object{"default_service_desk": "varam"}},
		{"the operator's is none of them", object{"operators.lvrtc.service_desk": "varam"}},
		{"the operator's is none, and there are none", object{"operators.lvrtc.service_desk": "varam", "service_desks": nil}},
		{"an operator and an endpoint", object{"service_desks.lvrtc": object{"operator": "lvrtc", "endpoint": "https://rt.example"}}},
		{"an operator and a token", object{"service_desks.lvrtc": object{"operator": "lvrtc", "token": "t"}}},
		{"a bad name", object{"service_desks": object{"My Desk": object{"operator": "lvrtc"}}}},
		{"another kind", object{"service_desks.lvrtc": object{"kind": "jira"}}},
		{"a status without meaning", object{"service_desks.lvrtc.ticket_types": object{"change": object{"statuses": object{"new": object{}}}}}},
	} {
		note("the provider block: "+c.what, connect(t).configure(t, twoDesks(env, c.block)))
	}
	golden(t, "desks/none", out.String())
}

// TestNoDeskOfReferences looks at what is said where a ticket's id names no desk, or is none.
func TestNoDeskOfReferences(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, deskBlock(env))
	var out strings.Builder
	for _, id := range []string{"nonsense", "varam/4711"} {
		for _, name := range ticketTypes[1:] {
			config := set(minimal[name], "ticket_id", id)
			diags := tf.validate(t, name, config)
			if !hasError(diags) {
				s, said := tf.order(t, name, config)
				kept(t, s, false)
				_, _ = fmt.Fprintf(&out, "# apply %s %s\n\n%s\n", name, id, said)
				continue
			}
			_, _ = fmt.Fprintf(&out, "# validate %s %s\n\n%s\n", name, id, show(diags))
		}
		_, diags := tf.imported(t, "vdam_service_ticket", id, nil)
		_, _ = fmt.Fprintf(&out, "# import %s\n\n%s\n", id, show(diags))
	}
	golden(t, "desks/references", out.String())
}

// TestDataWithoutDesk reads what cannot wait until the desk is known.
func TestDataWithoutDesk(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	var out strings.Builder
	for _, b := range []struct {
		what  string
		block object
	}{
		{"an unknown default", object{"default_service_desk": unknown{}}}, {"unknown desks", object{"service_desks": unknown{}}},
		{"no desk", object{"service_desks": nil}}, {"several desks", nil},
		{"an unknown secret", object{"operators.lvrtc.client_secret": unknown{}, "default_service_desk": "lvrtc"}},
		{"unknown operators", object{"operators": unknown{}, "default_service_desk": "lvrtc"}},
		{"an unknown queue", object{
			"service_desks.lvrtc.ticket_types": object{"change": object{"queue": unknown{}}}, "default_service_desk": "lvrtc",
		}},
		{"an unknown meaning", object{"default_service_desk": "lvrtc", "service_desks.lvrtc.ticket_types": object{
			"change": object{"statuses": object{"held": object{"status": unknown{}}}},
		}}},
		{"an unknown name of a field", object{"default_service_desk": "lvrtc", "service_desks.lvrtc.field_names": object{"severity": unknown{}}}},
	} {
		tf := start(t, twoDesks(env, b.block))
		said := map[string][]string{}
		note := func(what string, diags []*tfprotov6.Diagnostic) { said[show(diags)] = append(said[show(diags)], what) }
		for _, name := range []string{"vdam_service_desk", "vdam_service_ticket", "vdam_service_tickets", "vdam_service_level_report"} {
			config := sources[name][0]
			switch name {
			case "vdam_service_level_report":
				config = past(nil)
			case "vdam_service_ticket":
				config = object{"external_key": "cadastre-2027/capacity"}
			}
			_, diags := tf.readData(t, name, config)
			note("data."+name, diags)
		}
		_, diags := tf.list(t, "vdam_service_ticket", object{}, false, 0)
		note("list vdam_service_ticket", diags)
		for text, by := range inOrder(said) {
			_, _ = fmt.Fprintf(&out, "# %s: %s\n\n%s\n", b.what, strings.Join(by, ", "), text)
		}
	}
	golden(t, "desks/data", out.String())
}

// readData reads a data source. It has a state if there is no error.
func (tf *terraform) readData(t tester, typeName string, config object) (tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	typ := tf.schemas.DataSourceSchemas[typeName].ValueType()
	resp, err := tf.server.ReadDataSource(tf.ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: typeName, Config: wire(t, valueOf(t, typ, config)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return tftypes.Value{}, resp.Diagnostics
	}
	v, err := resp.State.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	if v.IsNull() || !v.IsFullyKnown() {
		t.Errorf("data.%s was read as %s", typeName, v)
	}
	return v, resp.Diagnostics
}
