package servicedesk_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

// meanings are what the statuses of a type mean at an operator's desk, which tells approvals apart from them.
func meanings() knownvalue.Check {
	all := map[string]knownvalue.Check{}
	for native, awaiting := range map[string]string{
		"acknowledged": "desk", "in_progress": "desk", "pending": "requester", "held": "desk", "resolved": "nobody", "closed": "nobody",
		"cancelled": "nobody", "rejected": "nobody",
	} {
		all[native] = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"status": text(native), "approval": knownvalue.Null(), "awaiting": text(awaiting),
		})
	}
	return knownvalue.MapExact(all)
}

func ticketType(queue string, statuses knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"queue": text(queue), "statuses": statuses, "cancel_status": text("cancelled"), "close_status": text("closed"),
	})
}

func queue(name string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{"name": text(name), "fields": acctest.Texts("Cost Centre")})
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	desk := func(name string, queues []knownvalue.Check, types map[string]knownvalue.Check) map[string]knownvalue.Check {
		return map[string]knownvalue.Check{
			"name": text(name), "kind": text("selfservice"), "endpoint": text(env.Box.Endpoint(name)), "product": text("VDAM Self-Service API"),
			"version": knownvalue.NotNull(), "account": text(sandbox.ClientID), "queues": knownvalue.ListExact(queues),
			"ticket_types": knownvalue.MapExact(types), "atomic_keys": knownvalue.Bool(true), "edits_description": knownvalue.Bool(true),
			"history": knownvalue.Bool(true), "internal_messages": knownvalue.Bool(true), "attachments": knownvalue.Bool(true),
		}
	}
	several := []knownvalue.Check{queue("incidents"), queue("changes"), queue("requests")}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{
			{
				Config: env.DeskConfig(`
data "vdam_service_desk" "default" {}

data "vdam_service_desk" "named" {
  name = "iem-ic"
}
`),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_service_desk.default", desk("lvrtc", several, map[string]knownvalue.Check{
						"change": ticketType("changes", meanings()), "incident": ticketType("incidents", meanings()),
						"service_request": ticketType("requests", meanings()),
					})),
					acctest.Attributes("data.vdam_service_desk.named", desk("iem-ic", []knownvalue.Check{queue("helpdesk")}, map[string]knownvalue.Check{
						"change": ticketType("helpdesk", meanings()), "incident": ticketType("helpdesk", meanings()),
						"service_request": ticketType("helpdesk", meanings()),
					})),
				},
			},
			{
				// The provider block's words go over those of the desk's kind.
				Config: env.ProviderBlock(`  service_desks = { lvrtc = { operator = "lvrtc", ticket_types = { incident = {
    queue         = "changes"
    close_status  = "resolved"
    statuses      = { held = { status = "pending" }, triage = { status = "acknowledged", approval = "requested", awaiting = "approver" } }
  } } } }`) + `
data "vdam_service_desk" "only" {}
`,
				ConfigStateChecks: []statecheck.StateCheck{acctest.Some("data.vdam_service_desk.only", map[string]knownvalue.Check{
					"name": text("lvrtc"),
					"ticket_types": knownvalue.MapPartial(map[string]knownvalue.Check{"incident": knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"queue": text("changes"), "close_status": text("resolved"), "cancel_status": text("cancelled"),
						"statuses": knownvalue.MapPartial(map[string]knownvalue.Check{
							"held": knownvalue.ObjectExact(map[string]knownvalue.Check{
								"status": text("pending"), "approval": knownvalue.Null(), "awaiting": text("requester"),
							}),
							"triage": knownvalue.ObjectExact(map[string]knownvalue.Check{
								"status": text("acknowledged"), "approval": text("requested"), "awaiting": text("approver"),
							}),
						}),
					})}),
				})},
			},
		},
	})
}
