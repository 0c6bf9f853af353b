package serviceticket

import (
	"context"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// keyRule is keyPattern in words.
const keyRule = "must be 8 to 200 characters of a-z, 0-9 and :._/-"

var keyPattern = regexp.MustCompile(`^[a-z0-9:._/-]{8,200}$`)

func ticketSchema() schema.Schema {
	s := schema.Schema{
		MarkdownDescription: "A ticket at a service desk: an order, an incident, a request for approval. Creating it never waits for " +
			"people: that is what `vdam_service_ticket_wait` is for. A ticket is filed once, also if Terraform is cut off while it " +
			"files it, and is never deleted: destroying the resource withdraws it.\n\n" +
			"What the requester says is kept as declared; what the desk's people decide (status, priority, assignee, queue) is read " +
			"and never fought over.",
		Attributes: map[string]schema.Attribute{},
	}
	maps.Copy(s.Attributes, placeAttributes())
	maps.Copy(s.Attributes, requesterAttributes())
	maps.Copy(s.Attributes, contextAttributes())
	maps.Copy(s.Attributes, lifeAttributes())
	maps.Copy(s.Attributes, deskAttributes())
	return s
}

var (
	keep = []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
	// refile makes another ticket where a value changes. One that an import could not know is none that changes.
	refile = []planmodifier.String{
		stringplanmodifier.UseNonNullStateForUnknown(),
		stringplanmodifier.RequiresReplaceIf(refiles, "Another ticket is filed.", "Another ticket is filed."),
	}
)

func refiles(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = !req.StateValue.IsNull() && !req.PlanValue.IsUnknown()
}

// placeAttributes say where the ticket is and what makes it this one.
func placeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "`<desk>/<number>`, as used for references and import.", Computed: true, PlanModifiers: keep,
		},
		"desk": schema.StringAttribute{
			MarkdownDescription: "Name of the service desk, a key of the provider's `service_desks`. Default is that of `operator`, else " +
				"`default_service_desk`, else the only one. A change files another ticket.",
			Optional: true, Computed: true, PlanModifiers: refile,
		},
		"operator": schema.StringAttribute{
			MarkdownDescription: "Name of the operator that the ticket is about. Its `service_desk` is the default of `desk`, and it " +
				"counts as affected if none of `affected_resources` is there. A change files another ticket.",
			Optional: true, PlanModifiers: refile,
		},
		"type": schema.StringAttribute{
			MarkdownDescription: "What is asked for: `change`, `incident` or `service_request`. The desk's `ticket_types` say to which queue " +
				"that goes. A change files another ticket.",
			Required: true, Validators: []validator.String{stringvalidator.OneOf(names(servicedesk.Types)...)}, PlanModifiers: refile,
		},
		"queue": schema.StringAttribute{
			MarkdownDescription: "Queue to file it in, instead of that of the type. Where it is now is `current_queue`. A change files another " +
				"ticket.",
			Optional: true, PlanModifiers: refile,
		},
		"external_key": schema.StringAttribute{
			MarkdownDescription: "Key by which the ticket is found again, of a-z, 0-9 and `:._/-`, 8 to 200 long. Default is derived from " +
				"`deployment_id`, desk, operator, type, queue, subject, description, requester and `keepers` as they were when it was filed. " +
				"A change files another ticket.",
			Optional: true, Computed: true, PlanModifiers: refile,
			Validators: []validator.String{stringvalidator.RegexMatches(keyPattern, keyRule)},
		},
		"keepers": schema.MapAttribute{
			MarkdownDescription: "Values whose change files another ticket and withdraws this one. Setting them for the first time does not; " +
				"taking them away does.",
			ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(
				func(_ context.Context, req planmodifier.MapRequest, resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
					resp.RequiresReplace = !req.StateValue.IsNull()
				}, "Another ticket is filed.", "Another ticket is filed.")},
		},
	}
}

// requesterAttributes are what the requester says and may change.
func requesterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"subject": schema.StringAttribute{
			MarkdownDescription: "One line of up to 200 characters. Changed in place.", Required: true,
			Validators: []validator.String{subjectValidator{}},
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "What it is about. Most desks keep what a ticket was filed with: there, a change is said in the ticket as a " +
				"public message. It is not compared with what the desk shows.",
			Required: true, Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 100_000)},
		},
		"severity": schema.StringAttribute{
			MarkdownDescription: "How bad it is for the requester: `critical`, `major` or `minor`. Changed in place. The desk's own view is " +
				"`priority`.",
			Required: true, Validators: []validator.String{stringvalidator.OneOf(names(servicedesk.Severities)...)},
		},
		"requester": schema.StringAttribute{
			MarkdownDescription: "E-mail address or account that the ticket is filed for. Default is the account of the provider block. A " +
				"change files another ticket.",
			Optional: true, Computed: true, PlanModifiers: refile,
		},
	}
}

// contextAttributes are what the requester says of the ticket's surroundings, and may change.
func contextAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"watchers": schema.SetAttribute{
			MarkdownDescription: "E-mail addresses or accounts that are told of everything. Others that people add are left alone. Changed in " +
				"place.",
			ElementType: types.StringType, Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"requested_resolution_at": schema.StringAttribute{
			MarkdownDescription: "When the requester wants it done (RFC 3339). Changed in place.",
			CustomType:          timetypes.RFC3339Type{}, Optional: true,
		},
		"project": schema.StringAttribute{
			MarkdownDescription: "Project that it is about. Changed in place.", Optional: true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"affected_resources": schema.SetAttribute{
			MarkdownDescription: "Ids of the resources that it is about, `<operator>/<id>`: what service-level reports are made by. Changed in " +
				"place.",
			ElementType: types.StringType, Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"fields": schema.MapAttribute{
			MarkdownDescription: "The desk's own fields, by the names that its people see. Only these are managed. Changed in place.",
			ElementType:         types.StringType, Optional: true,
		},
		"links": schema.SetNestedAttribute{
			MarkdownDescription: "Relations to other tickets of the desk or to anything that has a URI. Others are left alone. Changed in place.",
			Optional:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"type": schema.StringAttribute{
						MarkdownDescription: "Required. `refers_to`, `depends_on` or `parent`.", Optional: true,
						Validators: []validator.String{stringvalidator.OneOf(names(servicedesk.LinkTypes)...)},
					},
					"target": schema.StringAttribute{MarkdownDescription: "Required. Id of a ticket, or a URI.", Optional: true},
				},
				Validators: []validator.Object{lifecycle.Required("type", "target")},
			},
		},
		"due_after": schema.StringAttribute{
			MarkdownDescription: "How long after its filing the ticket is due, as an ISO 8601 period of years, months, weeks and days: `P1M`. " +
				"See `due_at`.",
			Optional: true, Validators: []validator.String{periodValidator{}},
		},
	}
}

// lifeAttributes say what becomes of the ticket when the configuration changes.
func lifeAttributes() map[string]schema.Attribute {
	choice := func(text string, def string, values ...string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: text, Optional: true, Computed: true, Default: stringdefault.StaticString(def),
			Validators: []validator.String{stringvalidator.OneOf(values...)},
		}
	}
	return map[string]schema.Attribute{
		"on_destroy": choice("What destroying the resource does to a ticket that has not ended: `cancel` it, `close` it, also if it "+
			"is resolved and closing is another step, `comment` that nobody waits for it any more, or `detach`: nothing. Default is "+
			"`cancel`. Nothing ever deletes a ticket.", "cancel", names(servicedesk.Endings)...),
		"destroy_comment": schema.StringAttribute{
			MarkdownDescription: "What is said in the ticket then.", Optional: true,
		},
		"on_closed_change": choice("What a change of the configuration means for a ticket that has ended: `error`, `replace` it by another, or "+
			"`ignore` it. Default is `error`.", "error", "error", "replace", "ignore"),
		"on_missing": choice("What is done if the desk no longer has a ticket that had not ended: `recreate` it, or `keep` it in the state. "+
			"Default is `recreate`. One that had ended is always kept.", "recreate", "recreate", "keep"),
	}
}

// names are the values of an enumeration.
func names[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
