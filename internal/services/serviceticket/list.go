package serviceticket

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type listResource struct{ ticketResource }

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// NewListResource makes the list resource of vdam_service_ticket.
func NewListResource() list.ListResource { return &listResource{} }

// ListResourceConfigSchema has the filters.
func (l *listResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true}
	}
	at := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, CustomType: timetypes.RFC3339Type{}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the tickets of a service desk that the provider block's account may see.",
		Attributes: map[string]schema.Attribute{
			"desk": text("Name of the service desk. Default is `default_service_desk`, or the only one."),
			"type": schema.StringAttribute{
				MarkdownDescription: "Only those of a type: `change`, `incident` or `service_request`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf(names(servicedesk.Types)...)},
			},
			"project":           text("Only those about a project."),
			"affected_resource": text("Only those about a resource, by its id, or about anything of an operator: its name and `/`."),
			"open":              schema.BoolAttribute{MarkdownDescription: "Only those that have not ended.", Optional: true},
			"own":               schema.BoolAttribute{MarkdownDescription: "Only those that the account has filed.", Optional: true},
			"created_from":      at("Only those filed at this time (RFC 3339) or later."),
			"created_before":    at("Only those filed before this time (RFC 3339)."),
		},
	}
}

// List streams what a search finds.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var f filter
	if diags.Append(req.Config.Get(ctx, &f)...); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	opened, desk, ok := ticketing.Now(ctx, l.configured, path.Root("desk"), f.Desk, "", &diags)
	q := f.query(&diags)
	if !ok || diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		found := int64(0)
		for t, err := range opened.Search(ctx, q) {
			if req.Limit > 0 && found >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			if err != nil {
				ticketing.Refused(ticketing.Looking, desk, err, &result.Diagnostics)
				push(result)
				return
			}
			l.fill(ctx, desk, t, &req, &result)
			if found++; !push(result) {
				return
			}
		}
	}
}

func (l *listResource) fill(ctx context.Context, desk string, t servicedesk.Ticket, req *list.ListRequest, result *list.ListResult) {
	defer lifecycle.Recovered(ctx, noun, &result.Diagnostics)
	result.DisplayName = t.Number + " " + t.Subject
	setIdentity(ctx, result.Identity, desk, t.ID, &result.Diagnostics)
	if !req.IncludeResource {
		return
	}
	m := model{OnDestroy: types.StringValue("cancel"), OnClosedChange: types.StringValue("error"), OnMissing: types.StringValue("recreate")}
	m.readImported(ctx, desk, servicedesk.Sight{Ticket: t}, nil, &result.Diagnostics)
	result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
}
