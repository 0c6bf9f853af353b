package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// invoke validates, plans and invokes an action as Terraform 1.14 does, and answers what it tells and what is said.
func (tf *terraform) invoke(t tester, name string, config object) (progress string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	server, ok := tf.server.(tfprotov6.ActionServer)
	if !ok {
		t.Fatal("the server has no actions")
	}
	wanted := wire(t, valueOf(t, tf.schemas.ActionSchemas[name].Schema.ValueType(), config))
	valid, err := server.ValidateActionConfig(tf.ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: wanted})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(valid.Diagnostics) {
		return "", valid.Diagnostics
	}
	planned, err := server.PlanAction(tf.ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: wanted})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(planned.Diagnostics) || planned.Deferred != nil {
		return "", planned.Diagnostics
	}
	stream, err := server.InvokeAction(tf.ctx, &tfprotov6.InvokeActionRequest{ActionType: name, Config: wanted})
	if err != nil {
		t.Fatal(err)
	}
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress += e.Message
		case tfprotov6.CompletedInvokeActionEventType:
			diags = append(diags, e.Diagnostics...)
		}
	}
	return progress, diags
}

// TestUnknownValuesOfActions validates and plans actions whose values are not known yet.
func TestUnknownValuesOfActions(t *testing.T) {
	tf := start(t, deskBlock(acctest.Start(t, "lvrtc")))
	for name, configs := range map[string][]object{
		"vdam_service_ticket_comment": {{"ticket_id": "lvrtc/tkt-1", "body": "Darīts."}, {"ticket_id": "lvrtc/tkt-1", "body": "x",
			"visibility": "public"}},
		"vdam_service_ticket_close": {{"ticket_id": "lvrtc/tkt-1"}, {"ticket_id": "lvrtc/tkt-1", "as": "cancel", "comment": "Paldies."}},
		"vdam_backup":               {{"plan_id": "lvrtc/plan-1", "encryption_key_wo": backupKey, "timeout": "30m"}},
		"vdam_restore_drill": {{"plan_id": "lvrtc/plan-1", "encryption_key_wo": backupKey, "maximum_age": "26h", "class": "fast",
			"timeout": "30m"}},
	} {
		eachUnknown(t, tf.schemas.ActionSchemas[name].Schema, configs, func(t *testing.T, config tftypes.Value) {
			server, ok := tf.server.(tfprotov6.ActionServer)
			if !ok {
				t.Fatal("the server has no actions")
			}
			valid, err := server.ValidateActionConfig(tf.ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: wire(t, config)})
			if err != nil {
				t.Fatal(err)
			}
			clean(t, "validation", valid.Diagnostics)
			planned, err := server.PlanAction(tf.ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: wire(t, config)})
			if err != nil {
				t.Fatal(err)
			}
			clean(t, "plan", planned.Diagnostics)
		})
	}
}

// TestComment says things in a ticket, each as often as it is invoked.
func TestComment(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	id := text(tf.create(t, ticketType, ticket("Jauda", nil)).value, "id")
	for _, c := range []object{{}, {}, {"visibility": "internal"}, {"visibility": "public"}} {
		told, diags := tf.invoke(t, "vdam_service_ticket_comment", more(object{"ticket_id": id, "body": "Darīts."}, c))
		clean(t, "the comment", diags)
		if told != "Said in ticket "+id+"." {
			t.Errorf("it tells %q", told)
		}
	}
	want := []string{"sandbox: Darīts.", "sandbox: Darīts.", "sandbox: Darīts. (internal)", "sandbox: Darīts."}
	if got := desk.Said("Jauda"); !slices.Equal(got, want) {
		t.Errorf("there was said %q", got)
	}
}

// TestClose ends tickets by an action.
func TestClose(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	for _, c := range []struct {
		subject     string
		config      object
		deeds       []acctest.Deed
		status      string
		said, tells string
	}{
		{"close", nil, nil, "closed", "sandbox: The requester closes this ticket. (internal)", "has ended"},
		{"close with words", object{"as": "close", "comment": "Paldies."}, nil, "closed", "sandbox: Paldies. (internal)", "has ended"},
		{"cancel", object{"as": "cancel", "comment": "Vairs nevajag."}, nil, "cancelled", "sandbox: Vairs nevajag. (internal)", "has ended"},
		{"resolved", nil, []acctest.Deed{approve, resolve("Gatavs.")}, "closed",
			"agent: Gatavs.\nsandbox: The requester closes this ticket. (internal)", "has ended"},
		{"rejected", nil, []acctest.Deed{reject("Nē.")}, "rejected", "agent: Nē.", "had ended"},
	} {
		s := tf.create(t, ticketType, ticket(c.subject, nil))
		desk.Do(c.subject, c.deeds...)
		told, diags := tf.invoke(t, "vdam_service_ticket_close", more(object{"ticket_id": text(s.value, "id")}, c.config))
		clean(t, c.subject, diags)
		if got := desk.Last(c.subject); string(got.Status) != c.status || strings.Join(desk.Said(c.subject), "\n") != c.said {
			t.Errorf("%s: it is %s, and was said %q", c.subject, got.Status, desk.Said(c.subject))
		}
		if !strings.Contains(told, c.tells) || !strings.Contains(told, text(s.value, "id")) {
			t.Errorf("%s: it tells %q", c.subject, told)
		}
	}
}

// TestRefusedActions invokes actions that a desk does not carry out.
func TestRefusedActions(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf, desk := start(t, deskBlock(env)), env.Desk(t, "lvrtc")
	out := &said{T: t}
	id := text(tf.create(t, ticketType, ticket("Jauda", nil)).value, "id")
	hidden := text(tf.create(t, ticketType, ticket("Slepens", nil)).value, "id")
	desk.Do("Slepens", hide)
	const noRight = `{"code":"wrong-status","title":"Conflict","status":409,"detail":"Only the desk's people may close."}`
	for _, c := range []struct {
		what, name string
		config     object
		fault      *sandbox.Fault
	}{
		{"no id", "vdam_service_ticket_comment", object{"ticket_id": "4711", "body": "x"}, nil},
		{"another desk", "vdam_service_ticket_comment", object{"ticket_id": "varam/4711", "body": "x"}, nil},
		{"no such ticket", "vdam_service_ticket_comment", object{"ticket_id": "lvrtc/tkt-none", "body": "x"}, nil},
		{"too long a comment", "vdam_service_ticket_comment", object{"ticket_id": id, "body": strings.Repeat("x", 70_000)}, nil},
		{"a lost answer", "vdam_service_ticket_comment", object{"ticket_id": id, "body": "x"},
			&sandbox.Fault{Method: http.MethodPost, Reset: true}},
		{"a hidden ticket", "vdam_service_ticket_close", object{"ticket_id": hidden}, nil},
		{"not by the account", "vdam_service_ticket_close", object{"ticket_id": id}, &sandbox.Fault{Path: "/close$", Status: 409, Body: noRight}},
	} {
		if c.fault != nil {
			fault(t, env, *c.fault)
		}
		told, diags := tf.invoke(t, c.name, c.config)
		if !hasError(diags) || told != "" {
			t.Errorf("%s: it tells %q", c.what, told)
		}
		out.note(c.what, diags)
		env.Box.ClearFaults()
	}
	into := tf.create(t, ticketType, ticket("Lielais", nil))
	desk.Do("Jauda", mergeInto(ownID(into)))
	told, diags := tf.invoke(t, "vdam_service_ticket_close", object{"ticket_id": id})
	clean(t, "a merged ticket", diags)
	if !strings.Contains(told, "was merged into "+text(into.value, "number")+", which was left alone") {
		t.Errorf("of a merged ticket it tells %q", told)
	}
	golden(t, "desks/actions", out.String())
}
