package serviceticketwait_test

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
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const (
	wait   = "vdam_service_ticket_wait.approved"
	ticket = `
resource "vdam_service_ticket" "capacity" {
  type        = "change"
  subject     = "Jauda"
  description = "12 mašīnas"
  severity    = "minor"
}
`
	// network waits for the approval.
	network = `
resource "vdam_network" "app" {
  depends_on = [vdam_service_ticket_wait.approved]
  name       = "app"
  cidr       = "10.20.0.0/24"
}
`
)

// gate waits for something, looking every second.
func gate(what, more string) string {
	return fmt.Sprintf(`
resource "vdam_service_ticket_wait" "approved" {
  ticket_id     = vdam_service_ticket.capacity.id
  for           = %q
  poll_interval = "1s"
%s}
`, what, more)
}

func approved(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Approve(ctx, id)
}

func started(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Start(ctx, id)
}

func reopened(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Reopen(ctx, id)
}

func resolved(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Resolve(ctx, id, "Gatavs.")
}

func rejected(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Reject(ctx, id, "Nav līdzekļu.\nNākamgad.")
}

func asked(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Ask(ctx, id, "Cik daudz?")
}

func spoken(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Say(ctx, id, "Skatāmies.", true)
}

// finished waits for what is done at the desk meanwhile.
func finished(done func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return done() }
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	done := desk.Once("Jauda", spoken, approved, started)
	same := statecheck.CompareValue(compare.ValuesSame())
	text := knownvalue.StringExact
	attributes := func(goal, outcome string, message knownvalue.Check) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{
			"id": knownvalue.StringRegexp(regexp.MustCompile(`^lvrtc/tkt-[0-9a-f-]+/` + goal + `$`)), "ticket_id": acctest.ID("lvrtc"),
			"for":     text(goal),
			"fail_on": knownvalue.Null(), "poll_interval": text("1s"), "outcome": text(outcome), "reached_at": acctest.Time, "by": text("agent"),
			"message": message, "timeouts": knownvalue.Null(),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             resource.ComposeAggregateTestCheckFunc(env.Gone(t), desk.Stands("Jauda: resolved")),
		Steps: []resource.TestStep{
			{
				Config: env.DeskConfig(ticket + gate("approved", "") + network),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(wait, attributes("approved", "acknowledged", text("Skatāmies."))), same.AddStateValue(wait,
						tfjsonpath.New("reached_at")),
				},
				Check: finished(done),
			},
			{
				// What becomes of the ticket later is no difference, and how to wait is none that waits again.
				PreConfig: desk.Doing("Jauda", resolved),
				Config:    env.DeskConfig(ticket + gate("approved", "  fail_on = [\"rejected\"]\n  timeouts = { create = \"1h\" }\n") + network),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(wait, plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction("vdam_network.app", plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(wait, tfjsonpath.New("reached_at"))},
			},
			{
				// Another goal is waited for anew, and was reached already.
				Config:            env.DeskConfig(ticket + gate("resolved", "") + network),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(wait, attributes("resolved", "resolved", text("Gatavs.")))},
			},
		},
	})
}

// TestAcceptanceInVain waits in vain, thrice: nothing that waits is made, no ticket is filed again, and the next apply
// goes on.
func TestAcceptanceInVain(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	short := env.DeskConfig(ticket + gate("approved", "  timeouts = { create = \"2s\" }\n") + network)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             desk.Stands("Jauda: cancelled"),
		Steps: []resource.TestStep{
			{
				Config: short,
				ExpectError: acctest.Words("Error: Ticket CHG0", `at lvrtc has not reached "approved" within 2s`, "with "+wait+",", `for = "approved"`,
					"It is acknowledged, and it is the approver's turn", "Nothing was lost, and no ticket will be filed again: apply again to go on "+
						"waiting, or "+
						"raise timeouts.create"),
			},
			{
				PreConfig:   desk.Doing("Jauda", asked),
				Config:      short,
				ExpectError: acctest.Words("has not reached", "it is the requester's turn", "Cik daudz?", "give it in the ticket", "Nothing was lost"),
			},
			{
				PreConfig: desk.Doing("Jauda", rejected),
				Config:    short,
				ExpectError: acctest.Words("Error: Ticket CHG0", "at lvrtc was rejected", "ticket_id = vdam_service_ticket.capacity.id",
					"The last that the desk said in public:", "Nav līdzekļu.", "Nākamgad.", "What depends on it was not touched."),
			},
			{Config: env.DeskConfig(ticket), Check: resource.ComposeAggregateTestCheckFunc(env.Gone(t), desk.Stands("Jauda: rejected"))},
			{
				PreConfig: desk.Doing("Jauda", reopened, approved),
				Config:    short,
				Check:     desk.Stands("Jauda: acknowledged"),
			},
		},
	})
}
