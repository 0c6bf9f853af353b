package serviceticket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

var id = tfjsonpath.New("id")

// TestAcceptanceReplacements has tickets replaced in each way, before and after the old one is withdrawn.
func TestAcceptanceReplacements(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	desk := env.Desk(t, "lvrtc")
	other := statecheck.CompareValue(compare.ValuesDiffer())
	checks := func() []statecheck.StateCheck {
		return []statecheck.StateCheck{
			other.AddStateValue(capacity, id), acctest.Some(capacity, map[string]knownvalue.Check{"status": text("acknowledged")}),
		}
	}
	const (
		before    = "  lifecycle { create_before_destroy = true }\n"
		operator  = "\n  operator = \"lvrtc\"\n"
		requester = "  requester = \"anna@example.test\"\n"
	)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(
			desk.Stands("Jauda: cancelled", "Jauda: cancelled", "Jauda: cancelled", "Jauda: cancelled"),
			env.Desk(t, "iem-ic").Stands("Jauda: cancelled")),
		Steps: []resource.TestStep{
			{Config: env.DeskConfig(ticket("capacity", "Jauda", `  keepers = { year = "2027" }`+operator)), ConfigStateChecks: checks()},
			{
				Config:            env.DeskConfig(ticket("capacity", "Jauda", `  keepers = { year = "2028" }`+operator)),
				ConfigPlanChecks:  plans(capacity, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: checks(),
				Check:             desk.Stands("Jauda: cancelled", "Jauda: acknowledged"),
			},
			{
				// What is said is the same, so that only the requester tells the two apart.
				Config:            env.DeskConfig(ticket("capacity", "Jauda", `  keepers = { year = "2028" }`+operator+requester+before)),
				ConfigPlanChecks:  plans(capacity, plancheck.ResourceActionCreateBeforeDestroy),
				ConfigStateChecks: checks(),
				Check:             desk.Stands("Jauda: cancelled", "Jauda: cancelled", "Jauda: acknowledged"),
			},
			{
				Config: env.DeskConfig(ticket("capacity", "Jauda",
					`  keepers = { year = "2028" }`+strings.Replace(operator, "lvrtc", "iem-ic", 1)+requester+before)),
				ConfigPlanChecks:  plans(capacity, plancheck.ResourceActionCreateBeforeDestroy),
				ConfigStateChecks: checks(),
				Check:             desk.Stands("Jauda: cancelled", "Jauda: cancelled", "Jauda: cancelled", "Jauda: acknowledged"),
			},
			{
				Config:            env.DeskConfig(ticket("capacity", "Jauda", "  desk = \"iem-ic\"\n"+before)),
				ConfigPlanChecks:  plans(capacity, plancheck.ResourceActionCreateBeforeDestroy),
				ConfigStateChecks: checks(),
			},
		},
	})
}

// TestAcceptanceEnded changes the configuration of tickets that have ended.
func TestAcceptanceEnded(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	three := func(subject string) string {
		config := ""
		for _, way := range []string{"error", "replace", "ignore"} {
			config += ticket(way, subject+" "+way, fmt.Sprintf("  on_closed_change = %q\n", way))
		}
		return env.DeskConfig(config)
	}
	all := func() {
		for _, way := range []string{"error", "replace", "ignore"} {
			desk.Do("Jauda "+way, approved, resolved("Gatavs."))
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy: desk.Stands("Jauda error: resolved", "Jauda replace: resolved", "Jauda ignore: resolved",
			"Citi replace: cancelled"),
		Steps: []resource.TestStep{
			{Config: three("Jauda"), Check: desk.Stands("Jauda error: acknowledged", "Jauda replace: acknowledged", "Jauda ignore: acknowledged")},
			{PreConfig: all, Config: three("Jauda"), ConfigPlanChecks: nothing},
			{
				Config: three("Citi"),
				ExpectError: acctest.Words("Error: Ticket CHG0", "at lvrtc has ended, so a change of it would be read by nobody",
					"with vdam_service_ticket.error,", `on_closed_change = "error"`,
					"Nothing was changed. Set the configuration back, change keepers to file another ticket,"),
			},
			{
				Config: env.DeskConfig(ticket("error", "Jauda error", "") + ticket("replace", "Citi replace", "  on_closed_change = \"replace\"\n") +
					ticket("ignore", "Citi ignore", "  on_closed_change = \"ignore\"\n")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("vdam_service_ticket.replace", plancheck.ResourceActionReplace),
					plancheck.ExpectResourceAction("vdam_service_ticket.ignore", plancheck.ResourceActionUpdate),
				}},
				Check: desk.Stands("Jauda error: resolved", "Jauda replace: resolved", "Jauda ignore: resolved", "Citi replace: acknowledged"),
			},
		},
	})
}

// TestAcceptanceOutOfSight has tickets deleted, hidden and merged at the desk.
func TestAcceptanceOutOfSight(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	config := env.DeskConfig(ticket("deleted", "Dzēsts", "") + ticket("kept", "Paturēts", "  on_missing = \"keep\"\n") +
		ticket("hidden", "Slepens", "") + ticket("merged", "Mazais", "") + ticket("target", "Lielais", ""))
	merged := "vdam_service_ticket.merged"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             desk.Stands("Slepens: acknowledged", "Mazais: closed", "Lielais: cancelled", "Dzēsts: cancelled"),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					desk.Do("Dzēsts", vanished)
					desk.Do("Paturēts", vanished)
					desk.Do("Slepens", hidden)
					desk.Do("Mazais", mergedInto(func() string { return desk.Last("Lielais").Id }))
					desk.Do("Lielais", approved, started)
				},
				Config: config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("vdam_service_ticket.deleted", plancheck.ResourceActionCreate),
					plancheck.ExpectResourceAction("vdam_service_ticket.kept", plancheck.ResourceActionNoop),
					plancheck.ExpectResourceAction("vdam_service_ticket.hidden", plancheck.ResourceActionNoop),
					plancheck.ExpectResourceAction(merged, plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.CompareValuePairs(merged, tfjsonpath.New("merged_into"), "vdam_service_ticket.target", id, compare.ValuesSame()),
					statecheck.CompareValuePairs(merged, id, "vdam_service_ticket.target", id, compare.ValuesDiffer()),
					acctest.Some(merged, map[string]knownvalue.Check{"subject": text("Mazais"), "status": text("in_progress")}),
				},
			},
		},
	})
}

// TestAcceptanceTwins declares the same ticket twice, and renames one.
func TestAcceptanceTwins(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	same := statecheck.CompareValue(compare.ValuesSame())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             desk.Stands("Jauda: cancelled", "Jauda: cancelled"),
		Steps: []resource.TestStep{
			{
				Config: env.DeskConfig(ticket("capacity", "Jauda", "") + ticket("twin", "Jauda", "")),
				ExpectError: acctest.Words("Error: Two resources declare the same ticket", "Nothing was filed for this one. Give this one an "+
					"external_key,"),
			},
			{
				Config: env.DeskConfig(ticket("capacity", "Jauda", "  keepers = { n = 1 }\n") + ticket("twin", "Jauda",
					"  keepers = { n = 2 }\n")),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(capacity, id)},
				Check:             desk.Stands("Jauda: acknowledged", "Jauda: acknowledged"),
			},
			{
				Config: env.DeskConfig(ticket("renamed", "Jauda", "  keepers = { n = 1 }\n") + ticket("twin", "Jauda", "  keepers = { n = 2 }\n") + `
moved {
  from = vdam_service_ticket.capacity
  to   = vdam_service_ticket.renamed
}
`),
				ConfigPlanChecks:  nothing,
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue("vdam_service_ticket.renamed", id)},
			},
		},
	})
}

// TestAcceptanceRefusals has refusals with the lines of the configuration that they are about.
func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	env.Refuse(t, env.DeskConfig(ticket("queue", "Rinda", "  queue = \"security\"\n")+
		ticket("field", "Lauks", "  fields = { \"Cost centre\" = \"1234\" }\n")+
		ticket("desk", "Dienests", "  desk = \"varam\"\n")+ticket("lines", "Viena\nDivas", "")),
		acctest.Refusal{Address: "vdam_service_ticket.lines", At: "subject", Summary: "The subject has more than one line",
			Detail: "Desks keep one. Put the rest into description."})
	env.Refuse(t, env.DeskConfig(ticket("queue", "Rinda", "  queue = \"security\"\n")+
		ticket("field", "Lauks", "  fields = { \"Cost centre\" = \"1234\" }\n")+ticket("desk", "Dienests", "  desk = \"varam\"\n")),
		acctest.Refusal{Address: "vdam_service_ticket.queue", At: "queue = ",
			Summary: `Service desk lvrtc has no queue "security" for this account`,
			Detail:  "It has: incidents, changes, requests. Choose one of these, or ask the desk's operator"},
		acctest.Refusal{Address: "vdam_service_ticket.field", At: "fields = ",
			Summary: `Queue "changes" of service desk lvrtc has no field "Cost centre"`,
			Detail:  "It has: Cost Centre."},
		acctest.Refusal{Address: "vdam_service_ticket.desk", At: "desk = ", Summary: `The provider block configures no service desk "varam"`,
			Detail: "It has: lvrtc. Add it to service_desks, or choose one of these."})
	if got := env.Desk(t, "lvrtc").Standing(); len(got) > 0 {
		t.Errorf("there are %q", got)
	}
}
