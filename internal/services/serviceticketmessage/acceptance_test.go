package serviceticketmessage_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const (
	done   = "vdam_service_ticket_message.done"
	ticket = `
resource "vdam_service_ticket" "capacity" {
  type        = "change"
  subject     = "Jauda"
  description = "12 mašīnas"
  severity    = "minor"
}
`
)

func message(body, more string) string {
	return fmt.Sprintf(`
resource "vdam_service_ticket_message" "done" {
  ticket_id = vdam_service_ticket.capacity.id
  body      = %q
%s}
`, body, more)
}

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(done, action)}}
}

func replied(words string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Say(ctx, id, words, true)
	}
}

func noted(words string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Say(ctx, id, words, false)
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	other := statecheck.CompareValue(compare.ValuesDiffer())
	own := func(body string, public bool) knownvalue.Check { return said("sandbox", body, false, public) }
	const list = `
data "vdam_service_ticket_messages" "all" {
  ticket_id  = vdam_service_ticket.capacity.id
  depends_on = [vdam_service_ticket_message.done]
}
`
	everything := []string{"sandbox: Darīts.", "agent: Paldies.", "agent: Nu gan. (internal)", "sandbox: Darīts vēlreiz.",
		"sandbox: Kluss. (internal)", "sandbox: Kluss.\n\nReference: 83900a8bff45 (internal)"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		// What is said stays said.
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(desk.Stands("Jauda: cancelled"), desk.Heard("Jauda", append(everything,
			"sandbox: The requester withdraws this ticket: it is no longer declared. (internal)")...)),
		Steps: []resource.TestStep{
			{
				Config:           env.DeskConfig(ticket + message("Darīts.", "") + list),
				ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(done, tfjsonpath.New("id")),
					acctest.Attributes(done, map[string]knownvalue.Check{
						"id": knownvalue.StringRegexp(regexp.MustCompile(`^lvrtc/tkt-[0-9a-f-]+/evt-\d+$`)), "ticket_id": acctest.ID("lvrtc"),
						"body": knownvalue.StringExact("Darīts."), "visibility": knownvalue.StringExact("public"), "keepers": knownvalue.Null(),
					}),
					messages(own("Darīts.", true)),
				},
				Check: desk.Heard("Jauda", everything[:1]...),
			},
			{
				// What others say is no difference; what only the desk's people hear is not in the list.
				PreConfig:        desk.Doing("Jauda", replied("Paldies."), noted("Nu gan.")),
				Config:           env.DeskConfig(ticket + message("Darīts.", "") + list),
				ConfigPlanChecks: plans(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{
					messages(own("Darīts.", true), said("agent", "Paldies.", true, true)),
				},
				Check: desk.Heard("Jauda", everything[:3]...),
			},
			{
				Config:            env.DeskConfig(ticket + message("Darīts vēlreiz.", "")),
				ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{other.AddStateValue(done, tfjsonpath.New("id"))},
				Check:             desk.Heard("Jauda", everything[:4]...),
			},
			{
				Config:            env.DeskConfig(ticket + message("Kluss.", "  visibility = \"internal\"\n")),
				ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{other.AddStateValue(done, tfjsonpath.New("id"))},
				Check:             desk.Heard("Jauda", everything[:5]...),
			},
			{
				// The same, said again for another reason.
				Config:            env.DeskConfig(ticket + message("Kluss.", "  visibility = \"internal\"\n  keepers = { run = \"2\" }\n") + list),
				ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{other.AddStateValue(done, tfjsonpath.New("id"))},
				Check:             desk.Heard("Jauda", everything...),
			},
		},
	})
}

// said is a message in the list.
func said(author, body string, staff, public bool) knownvalue.Check {
	visibility := "public"
	if !public {
		visibility = "internal"
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": knownvalue.StringRegexp(regexp.MustCompile(`^evt-\d+$`)), "at": acctest.Time, "author": knownvalue.StringExact(author),
		"staff": knownvalue.Bool(staff), "visibility": knownvalue.StringExact(visibility), "body": knownvalue.StringExact(body),
	})
}

func messages(all ...knownvalue.Check) statecheck.StateCheck {
	return acctest.Attributes("data.vdam_service_ticket_messages.all", map[string]knownvalue.Check{
		"ticket_id": acctest.ID("lvrtc"), "messages": knownvalue.ListExact(all),
	})
}

// TestAcceptanceOnce loses the answers: what was said is found, and not said again.
func TestAcceptanceOnce(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{
			{
				PreConfig: func() {
					if err := env.Box.AddFault(sandbox.Fault{Method: "POST", Path: "/messages$", After: true, Reset: true}); err != nil {
						t.Fatal(err)
					}
				},
				Config: env.DeskConfig(ticket + message("Darīts.", "")),
				Check:  desk.Heard("Jauda", "sandbox: Darīts."),
			},
			{
				// Who says the same finds it said.
				PreConfig: env.Box.ClearFaults,
				Config: env.DeskConfig(ticket + message("Darīts.", "") + `
resource "vdam_service_ticket_message" "again" {
  ticket_id = vdam_service_ticket.capacity.id
  body      = "Darīts."
}
`),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.CompareValuePairs(done, tfjsonpath.New("id"),
					"vdam_service_ticket_message.again", tfjsonpath.New("id"), compare.ValuesSame())},
				Check: desk.Heard("Jauda", "sandbox: Darīts."),
			},
		},
	})
}
