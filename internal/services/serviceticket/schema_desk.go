package serviceticket

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// deskAttributes are what the desk's people own. Those that can change by themselves are unknown in a plan that changes
// anything, and no difference when they do.
func deskAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	stable := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, PlanModifiers: keep}
	}
	at := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
	}
	created := at("When it was filed (RFC 3339, UTC).")
	created.PlanModifiers = keep
	return map[string]schema.Attribute{
		"number":     stable("What people call the ticket."),
		"url":        stable("Where people see it."),
		"created_at": created,
		"status": text("Where it stands: `acknowledged`, `in_progress`, `pending`, `held`, `resolved`, `closed`, " +
			"`cancelled`, `rejected`, or `unknown` for a status that `ticket_types` does not have."),
		"native_status":          text("The desk's own word for the status."),
		"status_reason":          text("The desk's word on why."),
		"approval":               text("`not_required`, `requested`, `approved` or `rejected`."),
		"awaiting":               text("Whose turn it is: `desk`, `requester`, `approver` or `nobody`."),
		"priority":               text("The desk's view of how urgent it is."),
		"assignee":               text("Who works on it."),
		"current_queue":          text("The queue that it is in now."),
		"expected_resolution_at": at("When the desk expects to be done (RFC 3339, UTC)."),
		"resolved_at":            at("When it was resolved (RFC 3339, UTC)."),
		"resolution":             text("The desk's word on how it ended."),
		"merged_into":            text("Id of the ticket that it was merged into. `status` and what else people own is that one's then."),
		"due_at": at("When it is due (RFC 3339, UTC): `due_after` after it was filed, else what the desk expects, else what " +
			"the requester wants."),
		"overdue": schema.BoolAttribute{
			MarkdownDescription: "Whether it is past `due_at` and has not ended; with `due_after`, also not been approved.", Computed: true,
		},
	}
}
