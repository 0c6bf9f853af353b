package servicelevelreport_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// ticket is one about something.
func ticket(name, typ, severity, about string) string {
	return fmt.Sprintf(`
resource "vdam_service_ticket" %[1]q {
  type               = %[2]q
  subject            = %[1]q
  description        = "x"
  severity           = %[3]q
  affected_resources = [%[4]q]
}
`, name, typ, severity, about)
}

const report = `
data "vdam_service_level_report" "day" {
  operator     = "lvrtc"
  period_start = "2026-03-10T00:00:00Z"
  period_end   = "2026-03-11T02:00:00+02:00"

  targets = {
    critical = { first_response_minutes = 15, resolution_minutes = 240 }
    major    = { first_response_minutes = 30, resolution_minutes = 1440 }
    minor    = { first_response_minutes = 480 }
  }
  planned_maintenance = [{ start = "2026-03-10T09:00:00Z", end = "2026-03-10T09:20:00Z" }]
}

# The same as it was known at half past nine, without targets.
data "vdam_service_level_report" "morning" {
  affected_resource = "lvrtc/vm-1"
  period_start      = "2026-03-10T00:00:00Z"
  period_end        = "2026-03-11T00:00:00Z"
  as_of             = "2026-03-10T09:30:00Z"
}

# Nothing was filed the day after, and the incident is over.
data "vdam_service_level_report" "next" {
  desk         = "lvrtc"
  period_start = "2026-03-11T00:00:00Z"
  period_end   = "2026-03-12T00:00:00Z"
  targets      = { none = { resolution_minutes = 1 } }
}
`

// The people's deeds.

func answered(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Say(ctx, id, "Skatāmies.", true)
}

func muttered(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Say(ctx, id, "Atkal.", false)
}

func started(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Start(ctx, id)
}

func rejected(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Reject(ctx, id, "Nē.")
}

func resolved(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Resolve(ctx, id, "Salabots.")
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func whole(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }

// at is a time of the day of the report.
func at(clock string) knownvalue.Check {
	if clock == "" {
		return knownvalue.Null()
	}
	if len(clock) == len("08:00") {
		clock += ":00"
	}
	return text("2026-03-10T" + clock + "Z")
}

// measure is how long a step took; no target is -1.
func measure(when string, minutes, maintenance, target int64, verdict string) knownvalue.Check {
	all := map[string]knownvalue.Check{
		"at": at(when), "minutes": whole(minutes), "maintenance_minutes": whole(maintenance), "target_minutes": whole(target),
		"verdict": text(verdict),
	}
	if target < 0 {
		all["target_minutes"] = knownvalue.Null()
	}
	return knownvalue.ObjectExact(all)
}

func row(typ, severity, created, outcome, ended string, response, resolution knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "type": text(typ), "severity": text(severity), "created_at": at(created), "outcome": text(outcome),
		"ended_at": at(ended), "first_response": response, "resolution": resolution,
	})
}

func breach(kind string, minutes, target int64, when string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"ticket_id": acctest.ID("lvrtc"), "kind": text(kind), "minutes": whole(minutes), "target_minutes": whole(target), "at": at(when),
	})
}

func totals(tickets, responded, resolved, withdrawn int64, response, resolution knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"tickets": whole(tickets), "responded": whole(responded), "resolved": whole(resolved), "withdrawn": whole(withdrawn),
		"first_response_met_percent": response, "resolution_met_percent": resolution,
	})
}

func availability(percent string, service, unavailable, maintenance int64) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"percent": text(percent), "service_minutes": whole(service), "unavailable_minutes": whole(unavailable),
		"maintenance_minutes": whole(maintenance),
	})
}

// TestAcceptance lets a day go by at a desk, and accounts for it to the minute.
func TestAcceptance(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc"}, Now: func() time.Time { return began }})
	desk := env.Desk(t, "lvrtc")
	later := func(d time.Duration, subject string, deed acctest.Deed) {
		env.Box.MoveClock(d)
		if deed != nil {
			desk.Do(subject, deed)
		}
	}
	minute := func() { later(time.Minute, "", nil) }
	power := ticket("power", "incident", "critical", "lvrtc/vm-1")
	slow := power + ticket("slow", "incident", "major", "lvrtc/vm-2")
	more := slow + ticket("more", "change", "minor", "lvrtc/vm-1")
	all := more + ticket("elsewhere", "incident", "critical", "iem-ic/vm-9") + `
# About all of an operator.
resource "vdam_service_ticket" "whole" {
  operator    = "lvrtc"
  type        = "service_request"
  subject     = "whole"
  description = "x"
  severity    = "minor"
  on_destroy  = "detach"
  depends_on  = [vdam_service_ticket.elsewhere]
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{
			{Config: env.DeskConfig(power)},
			{PreConfig: minute, Config: env.DeskConfig(slow)},
			{PreConfig: minute, Config: env.DeskConfig(more)},
			{PreConfig: minute, Config: env.DeskConfig(all)},
			{
				PreConfig: func() { // It is 8:03.
					later(2*time.Minute, "power", muttered)
					later(5*time.Minute, "power", answered)
					later(31*time.Minute, "slow", started)
					later(81*time.Minute, "more", rejected)
					later(148*time.Minute+30*time.Second, "power", resolved)
				},
				Config: env.DeskConfig(all + report),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some("data.vdam_service_level_report.day", map[string]knownvalue.Check{
						"desk": text("lvrtc"), "as_of": text("2026-03-11T00:00:00Z"),
						"tickets": knownvalue.ListExact([]knownvalue.Check{
							row("incident", "critical", "08:00", "resolved", "12:30:30", measure("08:10", 10, 0, 15, "met"), measure("12:30:30", 250, 20, 240,
								"breached")),
							row("incident", "major", "08:01", "open", "", measure("08:41", 40, 0, 30, "breached"), measure("", 939, 20, 1440, "pending")),
							row("change", "minor", "08:02", "withdrawn", "10:02", measure("10:02", 100, 20, 480, "met"), measure("", 100, 20, -1, "no_target")),
							row("service_request", "minor", "08:03", "open", "", measure("", 937, 20, 480, "breached"), measure("", 937, 20, -1, "no_target")),
						}),
						"breaches": knownvalue.ListExact([]knownvalue.Check{
							breach("resolution", 250, 240, "12:20"), breach("first_response", 40, 30, "08:31"),
							breach("first_response", 937, 480, "16:23"),
						}),
						"totals":       totals(4, 3, 1, 1, text("50.0000"), text("0.0000")),
						"availability": availability("82.3591", 1420, 250, 20), // Of 1420 minutes, 1169 and a half.
					}),
					acctest.Some("data.vdam_service_level_report.morning", map[string]knownvalue.Check{
						"desk": text("lvrtc"), "as_of": text("2026-03-10T09:30:00Z"),
						"tickets": knownvalue.ListExact([]knownvalue.Check{
							row("incident", "critical", "08:00", "open", "", measure("08:10", 10, 0, -1, "no_target"), measure("", 90, 0, -1, "no_target")),
							row("change", "minor", "08:02", "open", "", measure("", 88, 0, -1, "no_target"), measure("", 88, 0, -1, "no_target")),
						}),
						"breaches":     knownvalue.ListExact(nil),
						"totals":       totals(2, 1, 0, 0, knownvalue.Null(), knownvalue.Null()),
						"availability": availability("84.2105", 570, 90, 0),
					}),
					acctest.Some("data.vdam_service_level_report.next", map[string]knownvalue.Check{
						"tickets": knownvalue.ListExact(nil), "breaches": knownvalue.ListExact(nil),
						"totals": totals(0, 0, 0, 0, knownvalue.Null(), knownvalue.Null()),
						// The critical incident elsewhere is still open.
						"availability": availability("0.0000", 1440, 1440, 0),
					}),
				},
			},
		},
	})
}
