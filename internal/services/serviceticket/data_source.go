package serviceticket

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type dataSource struct{ configured *lifecycle.Configured }

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource makes data.vdam_service_ticket.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket"
}

// Configure takes the desks over from the provider.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Schema has the ticket, to be chosen by id or by key.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := computed()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "`<desk>/<number>`. Either this or `external_key`.", Optional: true, Computed: true,
		Validators: []validator.String{
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("external_key")), ticketing.IsID(),
		},
	}
	attributes["desk"] = schema.StringAttribute{
		MarkdownDescription: "Name of the service desk. Default is the one in `id`, else `default_service_desk` or the only one.",
		Optional:            true, Computed: true,
	}
	attributes["external_key"] = schema.StringAttribute{
		MarkdownDescription: "Key that the ticket was filed with by the provider block's account.", Optional: true, Computed: true,
		Validators: []validator.String{stringvalidator.RegexMatches(keyPattern, keyRule)},
	}
	resp.Schema = schema.Schema{MarkdownDescription: "Reads one ticket of a service desk.", Attributes: attributes}
}

// Read finds the ticket.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var a attributes
	if resp.Diagnostics.Append(req.Config.Get(ctx, &a)...); resp.Diagnostics.HasError() {
		return
	}
	var opened *servicedesk.Opened
	var id servicedesk.ID
	var ok bool
	if !a.ID.IsNull() {
		if opened, id, ok = ticketing.OfTicket(ctx, d.configured, path.Root("id"), a.ID.ValueString(), &resp.Diagnostics); !ok {
			return
		}
	} else {
		if opened, _, ok = ticketing.Now(ctx, d.configured, path.Root("desk"), a.Desk, "", &resp.Diagnostics); !ok {
			return
		}
		if id, ok = byKey(ctx, opened, a.ExternalKey.ValueString(), "Correct external_key, or set id instead.", &resp.Diagnostics); !ok {
			return
		}
	}
	desk := opened.Describe().Name
	if !a.Desk.IsNull() && a.Desk.ValueString() != desk {
		resp.Diagnostics.AddAttributeError(path.Root("desk"), fmt.Sprintf("The id names service desk %q", desk),
			"Leave desk out, or correct one of the two.")
		return
	}
	seen, err := servicedesk.Look(ctx, opened.Desk, id)
	if err != nil {
		ticketing.Refused(ticketing.Finding, desk, err, &resp.Diagnostics)
		return
	}
	key := a.ExternalKey
	a.readAll(ctx, desk, seen.Ticket, &resp.Diagnostics)
	a.readFieldsAll(ctx, seen.Ticket, &resp.Diagnostics)
	if !key.IsNull() {
		a.ExternalKey = key
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &a)...)
}

// computed are the attributes of a ticket as data sources have them.
func computed() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	at := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
	}
	set := func(description string) schema.SetAttribute {
		return schema.SetAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
	}
	return map[string]schema.Attribute{
		"id": text("`<desk>/<number>`."), "desk": text("Name of the service desk."),
		"type": text("`change`, `incident` or `service_request`; null if its queue is of none."), "subject": text("One line."),
		"severity": text("How bad it is for the requester: `critical`, `major` or `minor`."), "requester": text("Whom it was filed for."),
		"watchers":                set("Who is told of everything."),
		"requested_resolution_at": at("When the requester wants it done (RFC 3339, UTC)."),
		"project":                 text("Project that it is about."), "affected_resources": set("Ids of the resources that it is about."),
		"fields":       schema.MapAttribute{MarkdownDescription: "The desk's own fields.", ElementType: types.StringType, Computed: true},
		"external_key": text("Key that it was filed with."),
		"number":       text("What people call the ticket."),
		"url":          text("Where people see it."),
		"created_at":   at("When it was filed (RFC 3339, UTC)."),
		"status": text("Where it stands: `acknowledged`, `in_progress`, `pending`, `held`, `resolved`, `closed`, `cancelled`, " +
			"`rejected` or `unknown`."),
		"native_status": text("The desk's own word for the status."), "status_reason": text("The desk's word on why."),
		"approval": text("`not_required`, `requested`, `approved` or `rejected`; null where a search does not tell, as only the history does."),
		"awaiting": text("Whose turn it is: `desk`, `requester`, `approver` or `nobody`."),
		"priority": text("The desk's view of how urgent it is."), "assignee": text("Who works on it."),
		"current_queue":          text("The queue that it is in."),
		"expected_resolution_at": at("When the desk expects to be done (RFC 3339, UTC)."),
		"resolved_at":            at("When it was resolved (RFC 3339, UTC)."), "resolution": text("The desk's word on how it ended."),
	}
}
