package servicelevelreport

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// noSeverity is the target of tickets at desks that have no place for a severity.
const noSeverity = "none"

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func whole64(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func moment(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Computed: true}
}

func given(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Required: true}
}

// bound is asked for by the object that it is in.
func bound(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Optional: true}
}

// Schema has the period, the targets, and what was reached of them.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Accounts for the service level of a period by the tickets of a service desk: first responses and resolutions " +
			"against targets, what missed them, and how long no critical incident was open. Planned maintenance does not count.\n\n" +
			"A ticket belongs to the period in which it was filed. The first response is the first public message or change of status by one of " +
			"the desk's people; the resolution is the last that was not undone by reopening. Minutes are whole ones, rounded down, while a target " +
			"is judged by the exact time; percentages are rounded down, to four digits. All times are UTC, all intervals half-open.\n\n" +
			"It takes one search for the tickets of the period, one for earlier incidents, and one request for each ticket's history.",
		Attributes: map[string]schema.Attribute{
			"desk": schema.StringAttribute{
				MarkdownDescription: "Name of the service desk. Default is that of `operator`, else `default_service_desk`, else the only one.",
				Optional:            true, Computed: true,
			},
			"operator": schema.StringAttribute{
				MarkdownDescription: "Only tickets about anything of this operator.", Optional: true,
				Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("affected_resource"))},
			},
			"affected_resource": schema.StringAttribute{MarkdownDescription: "Only tickets about this resource, by its id.", Optional: true},
			"project":           schema.StringAttribute{MarkdownDescription: "Only tickets about this project.", Optional: true},
			"period_start":      given("Start of the period (RFC 3339)."),
			"period_end":        given("End of the period (RFC 3339), which is not part of it."),
			"as_of": schema.StringAttribute{
				MarkdownDescription: "Moment up to which is known (RFC 3339). Default is the end of the period, or now while it lasts.",
				CustomType:          timetypes.RFC3339Type{}, Optional: true, Computed: true,
			},
			"targets": schema.MapNestedAttribute{
				MarkdownDescription: "What is agreed for each severity: `critical`, `major`, `minor`, and `none` for tickets without.", Optional: true,
				Validators: []validator.Map{mapvalidator.KeysAre(stringvalidator.OneOf("critical", "major", "minor", noSeverity))},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"first_response_minutes": schema.Int64Attribute{
						MarkdownDescription: "Most minutes until the first response.",
						Optional:            true, Validators: []validator.Int64{int64validator.Between(0, 5_000_000)},
					},
					"resolution_minutes": schema.Int64Attribute{
						MarkdownDescription: "Most minutes until the resolution.",
						Optional:            true, Validators: []validator.Int64{int64validator.Between(0, 5_000_000)},
					},
				}},
			},
			"planned_maintenance": schema.ListNestedAttribute{
				MarkdownDescription: "Windows of planned maintenance, in any order; they may overlap.", Optional: true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"start": bound("Required. Start (RFC 3339)."), "end": bound("Required. End (RFC 3339), which is not part of it."),
					},
					Validators: []validator.Object{lifecycle.Required("start", "end")},
				},
			},
			"tickets":      ticketsAttribute(),
			"breaches":     breachesAttribute(),
			"totals":       totalsAttribute(),
			"availability": availabilityAttribute(),
		},
	}
}

func totalsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Counts of the tickets.", Computed: true,
		Attributes: map[string]schema.Attribute{
			"tickets": whole64("Tickets of the period."), "responded": whole64("Those with a first response."),
			"resolved": whole64("Those resolved."), "withdrawn": whole64("Those rejected or cancelled."),
			"first_response_met_percent": text("Share of first responses in time among those decided; null if there are none."),
			"resolution_met_percent":     text("Share of resolutions in time among those decided; null if there are none."),
		},
	}
}

func availabilityAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How long no critical incident was open, in what of the period is known.", Computed: true,
		Attributes: map[string]schema.Attribute{
			"percent":             text("Share of the service time; null if there was none."),
			"service_minutes":     whole64("Time of the period less planned maintenance."),
			"unavailable_minutes": whole64("Part of it in which a critical incident was open."),
			"maintenance_minutes": whole64("Planned maintenance in the period."),
		},
	}
}

func ticketsAttribute() schema.Attribute {
	measure := func(what string) schema.Attribute {
		return schema.SingleNestedAttribute{
			MarkdownDescription: "The " + what + ".", Computed: true,
			Attributes: map[string]schema.Attribute{
				"at":                  moment("When it came (RFC 3339, UTC); null if it did not."),
				"minutes":             whole64("Time that it took, or has taken so far, less planned maintenance."),
				"maintenance_minutes": whole64("Planned maintenance meanwhile."),
				"target_minutes":      whole64("Target; null if there is none."),
				"verdict":             text("`met`, `breached`, `pending` while there is time, `void` if the ticket ended without it, or `no_target`."),
			},
		}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "The tickets of the period, oldest first.", Computed: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id": text("Id of the ticket."), "type": text("Type of the ticket."), "severity": text("Severity of the ticket."),
			"created_at": moment("When it was filed (RFC 3339, UTC)."), "outcome": text("`open`, `resolved` or `withdrawn`."),
			"ended_at":       moment("When it was resolved or withdrawn (RFC 3339, UTC)."),
			"first_response": measure("first response"), "resolution": measure("resolution"),
		}},
	}
}

func breachesAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The missed targets, in the order of the tickets.", Computed: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"ticket_id": text("Id of the ticket."), "kind": text("`first_response` or `resolution`."),
			"minutes": whole64("Time that it took, or has taken so far."), "target_minutes": whole64("Target."),
			"at": moment("Last moment at which it would have been in time (RFC 3339, UTC)."),
		}},
	}
}
