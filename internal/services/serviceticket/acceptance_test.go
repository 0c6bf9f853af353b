package serviceticket_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const capacity = "vdam_service_ticket.capacity"

// ticket is the configuration of a ticket with more in it.
func ticket(name, subject, more string) string {
	return fmt.Sprintf(`
resource "vdam_service_ticket" %q {
  type        = "change"
  subject     = %q
  description = "12 mašīnas no 1. marta"
  severity    = "minor"
%s}
`, name, subject, more)
}

// everything is all else that can be said to a desk.
const everything = `
  operator                = "lvrtc"
  queue                   = "changes"
  external_key            = "cadastre-2027/capacity"
  requester               = "anna@example.test"
  watchers                = ["liene@example.test", "janis@example.test"]
  requested_resolution_at = "2027-02-28T22:00:00Z"
  project                 = "Kadastrs"
  affected_resources      = ["lvrtc/vm-2", "lvrtc/vm-1"]
  fields                  = { "Cost Centre" = "1234" }
  links                   = [{ type = "refers_to", target = "https://example.test/plan" }]
  due_after               = "P1M"
  keepers                 = { year = "2027" }
  destroy_comment         = "Vairs nevajag."
`

// revised is everything, said otherwise.
const revised = `
  operator                = "lvrtc"
  queue                   = "changes"
  external_key            = "cadastre-2027/capacity"
  requester               = "anna@example.test"
  watchers                = ["liene@example.test", "peteris@example.test"]
  requested_resolution_at = "2027-03-31T22:00:00Z"
  project                 = "Zemesgrāmata"
  affected_resources      = ["lvrtc/vm-3"]
  fields                  = { "Cost Centre" = "4321" }
  links                   = [{ type = "depends_on", target = vdam_service_ticket.first.id }]
  due_after               = "P2W"
  keepers                 = { year = "2027" }
  destroy_comment         = "Vairs nevajag."
`

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// nothing is planned.
var nothing = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func set(values ...string) knownvalue.Check {
	all := make([]knownvalue.Check, len(values))
	for i, v := range values {
		all[i] = text(v)
	}
	return knownvalue.SetExact(all)
}

// told is what a ticket shows that has everything and that nobody has touched.
func told() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "desk": text("lvrtc"), "type": text("change"), "subject": text("Jauda"), "severity": text("minor"),
		"requester": text("anna@example.test"), "watchers": set("janis@example.test", "liene@example.test"),
		"requested_resolution_at": text("2027-02-28T22:00:00Z"), "project": text("Kadastrs"), "affected_resources": set("lvrtc/vm-1",
			"lvrtc/vm-2"),
		"fields": acctest.Labels("Cost Centre", "1234"), "external_key": text("cadastre-2027/capacity"),
		"number": knownvalue.StringRegexp(regexp.MustCompile(`^CHG\d{6}$`)), "url": knownvalue.StringRegexp(regexp.MustCompile(`/desk/tkt-`)),
		"created_at": acctest.Time, "status": text("acknowledged"), "native_status": text("acknowledged"), "status_reason": knownvalue.Null(),
		"approval": text("requested"), "awaiting": text("approver"), "priority": text("P3"), "assignee": knownvalue.Null(),
		"current_queue": text("changes"), "expected_resolution_at": acctest.Time, "resolved_at": knownvalue.Null(),
		"resolution": knownvalue.Null(),
	}
}

// declared is told with what only the resource has.
func declared() map[string]knownvalue.Check {
	all := told()
	for name, check := range map[string]knownvalue.Check{
		"operator": text("lvrtc"), "queue": text("changes"), "description": text("12 mašīnas no 1. marta"), "keepers": acctest.Labels("year",
			"2027"),
		"links": knownvalue.SetExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
			"type": text("refers_to"), "target": text("https://example.test/plan"),
		})}),
		"due_after": text("P1M"), "due_at": acctest.Time, "overdue": knownvalue.Bool(false), "merged_into": knownvalue.Null(),
		"on_destroy": text("cancel"), "destroy_comment": text("Vairs nevajag."), "on_closed_change": text("error"),
		"on_missing": text("recreate"),
	} {
		all[name] = check
	}
	return all
}

// configured is what an import cannot know.
var configured = []string{"operator", "queue", "keepers", "fields", "links", "due_after", "due_at", "destroy_comment"}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	desk := env.Desk(t, "lvrtc")
	same := statecheck.CompareValue(compare.ValuesSame())
	first := ticket("first", "Pirmais", "")
	second := env.DeskConfig(first + strings.NewReplacer("12 mašīnas", "13 mašīnas", `"minor"`, `"critical"`).Replace(
		ticket("capacity", "Jauda 2", revised)))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(
			desk.Stands("Pirmais: cancelled", "Jauda 2: cancelled"), desk.Heard("Jauda 2", "agent: Kāpēc?", "agent: Gaidām.", "sandbox: Vairs "+
				"nevajag. (internal)"),
			desk.Heard("Pirmais", "sandbox: The requester withdraws this ticket: it is no longer declared. (internal)")),
		Steps: []resource.TestStep{
			{
				Config: env.DeskConfig(first + ticket("capacity", "Jauda", everything+"  depends_on = "+
					"[vdam_service_ticket.first]\n") + reads),
				ConfigPlanChecks: plans(capacity, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(capacity, declared()), same.AddStateValue(capacity, tfjsonpath.New("id")),
					acctest.Attributes("data.vdam_service_ticket.by_id", told()), acctest.Attributes("data.vdam_service_ticket.by_key", told()),
					acctest.Some("data.vdam_service_tickets.open", map[string]knownvalue.Check{
						"desk": text("lvrtc"), "service_tickets": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(told())}),
					}),
				},
			},
			{ResourceName: capacity, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: configured},
			{
				ResourceName: capacity, ImportState: true, ImportStateId: "lvrtc/key:cadastre-2027/capacity", ImportStateVerify: true,
				ImportStateVerifyIgnore: configured,
			},
			{
				Config:            second,
				ConfigPlanChecks:  plans(capacity, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(capacity, tfjsonpath.New("id"))},
				Check:             isRevised(desk),
			},
			{
				// Somebody at the desk changes the subject, and much else that is theirs.
				PreConfig:        desk.Doing("Jauda 2", renamed("Kaut kas cits"), asked("Kāpēc?"), approved, started),
				Config:           second,
				ConfigPlanChecks: plans(capacity, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(capacity, tfjsonpath.New("id")),
					acctest.Some(capacity, map[string]knownvalue.Check{
						"subject": text("Jauda 2"), "status": text("in_progress"), "approval": text("approved"), "assignee": text("agent"),
					}),
				},
				Check: desk.Stands("Pirmais: acknowledged", "Jauda 2: in_progress"),
			},
			{
				// What the desk's people do by themselves is no difference.
				PreConfig:         desk.Doing("Jauda 2", spoken("Gaidām."), held),
				Config:            second,
				ConfigPlanChecks:  nothing,
				ConfigStateChecks: []statecheck.StateCheck{acctest.Some(capacity, map[string]knownvalue.Check{"status": text("held")})},
			},
		},
	})
}

// reads are the data sources.
const reads = `
data "vdam_service_ticket" "by_id" {
  id = vdam_service_ticket.capacity.id
}

data "vdam_service_ticket" "by_key" {
  external_key = vdam_service_ticket.capacity.external_key
}

data "vdam_service_tickets" "open" {
  depends_on        = [vdam_service_ticket.capacity]
  type              = "change"
  affected_resource = "lvrtc/"
  open              = true
  own               = true
}
`

// isRevised checks at the desk what was changed.
func isRevised(desk *acctest.Desk) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got := desk.Last("Jauda 2")
		first := desk.Last("Pirmais")
		is := fmt.Sprintln(*got.Description, got.Severity, got.Watchers, got.RequestedResolutionAt.UTC(), *got.ProjectName, got.AffectedResources,
			got.Fields, got.Links)
		want := fmt.Sprintln("13 mašīnas no 1. marta", "critical", "[liene@example.test peteris@example.test]", "2027-03-31 22:00:00 +0000 UTC",
			"Zemesgrāmata", "[lvrtc/vm-3]", "map[Cost Centre:4321]", "[{"+first.Id+" depends_on}]")
		if is != want {
			return fmt.Errorf("the ticket has\n%s\nwant\n%s", is, want)
		}
		return nil
	}
}
