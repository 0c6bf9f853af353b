package servicelevelreport

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type model struct {
	Desk               types.String           `tfsdk:"desk"`
	Operator           types.String           `tfsdk:"operator"`
	AffectedResource   types.String           `tfsdk:"affected_resource"`
	Project            types.String           `tfsdk:"project"`
	PeriodStart        timetypes.RFC3339      `tfsdk:"period_start"`
	PeriodEnd          timetypes.RFC3339      `tfsdk:"period_end"`
	AsOf               timetypes.RFC3339      `tfsdk:"as_of"`
	Targets            map[string]targetModel `tfsdk:"targets"`
	PlannedMaintenance []windowModel          `tfsdk:"planned_maintenance"`

	Tickets      []ticketModel      `tfsdk:"tickets"`
	Breaches     []breachModel      `tfsdk:"breaches"`
	Totals       *totalsModel       `tfsdk:"totals"`
	Availability *availabilityModel `tfsdk:"availability"`
}

type targetModel struct {
	FirstResponseMinutes types.Int64 `tfsdk:"first_response_minutes"`
	ResolutionMinutes    types.Int64 `tfsdk:"resolution_minutes"`
}

type windowModel struct {
	Start timetypes.RFC3339 `tfsdk:"start"`
	End   timetypes.RFC3339 `tfsdk:"end"`
}

type measureModel struct {
	At                 timetypes.RFC3339 `tfsdk:"at"`
	Minutes            types.Int64       `tfsdk:"minutes"`
	MaintenanceMinutes types.Int64       `tfsdk:"maintenance_minutes"`
	TargetMinutes      types.Int64       `tfsdk:"target_minutes"`
	Verdict            types.String      `tfsdk:"verdict"`
}

type ticketModel struct {
	ID            types.String      `tfsdk:"id"`
	Type          types.String      `tfsdk:"type"`
	Severity      types.String      `tfsdk:"severity"`
	CreatedAt     timetypes.RFC3339 `tfsdk:"created_at"`
	Outcome       types.String      `tfsdk:"outcome"`
	EndedAt       timetypes.RFC3339 `tfsdk:"ended_at"`
	FirstResponse measureModel      `tfsdk:"first_response"`
	Resolution    measureModel      `tfsdk:"resolution"`
}

type breachModel struct {
	TicketID      types.String      `tfsdk:"ticket_id"`
	Kind          types.String      `tfsdk:"kind"`
	Minutes       types.Int64       `tfsdk:"minutes"`
	TargetMinutes types.Int64       `tfsdk:"target_minutes"`
	At            timetypes.RFC3339 `tfsdk:"at"`
}

type totalsModel struct {
	Tickets                 types.Int64  `tfsdk:"tickets"`
	Responded               types.Int64  `tfsdk:"responded"`
	Resolved                types.Int64  `tfsdk:"resolved"`
	Withdrawn               types.Int64  `tfsdk:"withdrawn"`
	FirstResponseMetPercent types.String `tfsdk:"first_response_met_percent"`
	ResolutionMetPercent    types.String `tfsdk:"resolution_met_percent"`
}

type availabilityModel struct {
	Percent            types.String `tfsdk:"percent"`
	ServiceMinutes     types.Int64  `tfsdk:"service_minutes"`
	UnavailableMinutes types.Int64  `tfsdk:"unavailable_minutes"`
	MaintenanceMinutes types.Int64  `tfsdk:"maintenance_minutes"`
}

// input is what the arguments say. Without as_of, what is known is known now, or at the end of a period that is over. Of
// one that has not begun, nothing is.
func (m *model) input(now time.Time, diags *diag.Diagnostics) (servicelevel.Input, bool) {
	at := func(v timetypes.RFC3339) time.Time {
		t, d := v.ValueRFC3339Time()
		diags.Append(d...)
		return t.UTC()
	}
	in := servicelevel.Input{
		Period:  servicelevel.Window{From: at(m.PeriodStart), To: at(m.PeriodEnd)},
		Targets: servicelevel.Targets{BySeverity: make(map[servicedesk.Severity]servicelevel.Target)},
	}
	if m.AsOf.IsNull() {
		if now.Before(in.Period.From) {
			diags.AddAttributeError(path.Root("period_start"), "The period has not begun",
				"It begins on "+in.Period.From.Format(time.RFC3339)+", so there is nothing yet to account for. Choose a period that has begun.")
		}
		in.AsOf = in.Period.To
		if now.Before(in.AsOf) {
			in.AsOf = now.UTC().Truncate(time.Second)
		}
		if in.AsOf.Before(in.Period.From) {
			in.AsOf = in.Period.From // The period is wrong, which is said of it alone.
		}
		m.AsOf = lifecycle.Timestamp(in.AsOf)
	} else {
		in.AsOf = at(m.AsOf)
	}
	for severity, target := range m.Targets {
		t := servicelevel.Target{FirstResponse: minutes(target.FirstResponseMinutes), Resolution: minutes(target.ResolutionMinutes)}
		if severity == noSeverity {
			in.Targets.Default = t
			continue
		}
		in.Targets.BySeverity[servicedesk.Severity(severity)] = t
	}
	for _, w := range m.PlannedMaintenance {
		in.Maintenance = append(in.Maintenance, servicelevel.Window{From: at(w.Start), To: at(w.End)})
	}
	return in, !diags.HasError()
}

func minutes(v types.Int64) *time.Duration {
	if v.IsNull() {
		return nil
	}
	return new(time.Duration(v.ValueInt64()) * time.Minute)
}

func whole(d time.Duration) types.Int64 { return types.Int64Value(int64(d / time.Minute)) }

// read maps a report.
func (m *model) read(desk string, r servicelevel.Report, diags *diag.Diagnostics) {
	m.Tickets, m.Breaches = []ticketModel{}, []breachModel{}
	var unknown []string
	for _, t := range r.Tickets {
		m.Tickets = append(m.Tickets, ticketModel{
			ID: types.StringValue(ticketing.TicketID(desk, t.ID)), Type: lifecycle.OptionalString(string(t.Type)),
			Severity: lifecycle.OptionalString(string(t.Severity)), CreatedAt: lifecycle.Timestamp(t.CreatedAt),
			Outcome: types.StringValue(string(t.Outcome)), EndedAt: lifecycle.Timestamp(t.EndedAt),
			FirstResponse: measured(t.FirstResponse), Resolution: measured(t.Resolution),
		})
		for _, native := range t.UnknownStatuses {
			unknown = append(unknown, fmt.Sprintf("%q in ticket %s", native, t.ID))
		}
	}
	for _, b := range r.Breaches {
		m.Breaches = append(m.Breaches, breachModel{
			TicketID: types.StringValue(ticketing.TicketID(desk, b.Ticket)), Kind: types.StringValue(string(b.Kind)),
			Minutes: types.Int64Value(b.Minutes), TargetMinutes: types.Int64Value(b.TargetMinutes), At: lifecycle.Timestamp(b.At),
		})
	}
	n := func(v int) types.Int64 { return types.Int64Value(int64(v)) }
	m.Totals = &totalsModel{
		Tickets: n(r.Totals.Tickets), Responded: n(r.Totals.Responded), Resolved: n(r.Totals.Resolved), Withdrawn: n(r.Totals.Withdrawn),
		FirstResponseMetPercent: lifecycle.OptionalString(r.Totals.FirstResponseMet.String()),
		ResolutionMetPercent:    lifecycle.OptionalString(r.Totals.ResolutionMet.String()),
	}
	m.Availability = &availabilityModel{
		Percent: lifecycle.OptionalString(r.Availability.Share().String()), ServiceMinutes: whole(r.Availability.Service),
		UnavailableMinutes: whole(r.Availability.Unavailable), MaintenanceMinutes: whole(r.Availability.Maintenance),
	}
	if len(unknown) > 0 {
		diags.AddWarning("The report does not know what some statuses mean",
			"A ticket may have been resolved or reopened by them: "+strings.Join(unknown, ", ")+
				". Say what they mean in ticket_types of the desk in the provider block.")
	}
}

func measured(m servicelevel.Measure) measureModel {
	out := measureModel{
		At: lifecycle.Timestamp(m.At), Minutes: types.Int64Value(m.Minutes()), MaintenanceMinutes: types.Int64Value(m.MaintenanceMinutes()),
		Verdict: types.StringValue(string(m.Verdict)), TargetMinutes: types.Int64PointerValue(m.TargetMinutes()),
	}
	return out
}
