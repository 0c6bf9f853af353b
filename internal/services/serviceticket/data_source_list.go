package serviceticket

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type listDataSource struct{ dataSource }

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource makes data.vdam_service_tickets.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listModel struct {
	filter
	Tickets []attributes `tfsdk:"service_tickets"`
}

// filter is what data source and list resource choose by.
type filter struct {
	Desk             types.String      `tfsdk:"desk"`
	Type             types.String      `tfsdk:"type"`
	Project          types.String      `tfsdk:"project"`
	AffectedResource types.String      `tfsdk:"affected_resource"`
	Open             types.Bool        `tfsdk:"open"`
	Own              types.Bool        `tfsdk:"own"`
	CreatedFrom      timetypes.RFC3339 `tfsdk:"created_from"`
	CreatedBefore    timetypes.RFC3339 `tfsdk:"created_before"`
}

func (f *filter) query(diags *diag.Diagnostics) servicedesk.Query {
	at := func(v timetypes.RFC3339) time.Time {
		if v.IsNull() || v.IsUnknown() {
			return time.Time{}
		}
		t, d := v.ValueRFC3339Time()
		diags.Append(d...)
		return t.UTC()
	}
	return servicedesk.Query{
		Type: servicedesk.Type(f.Type.ValueString()), Project: f.Project.ValueString(),
		AffectedResource: f.AffectedResource.ValueString(), Open: f.Open.ValueBool(), Own: f.Own.ValueBool(),
		CreatedFrom: at(f.CreatedFrom), CreatedBefore: at(f.CreatedBefore),
	}
}

// Metadata names the type.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_tickets"
}

// Schema has the filters and the tickets.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	at := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, CustomType: timetypes.RFC3339Type{}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds tickets of a service desk, as far as the provider block's account may see them.",
		Attributes: map[string]schema.Attribute{
			"desk": schema.StringAttribute{
				MarkdownDescription: "Name of the service desk. Default is `default_service_desk`, or the only one.", Optional: true, Computed: true,
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "Only those of a type: `change`, `incident` or `service_request`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf(names(servicedesk.Types)...)},
			},
			"project": schema.StringAttribute{MarkdownDescription: "Only those about a project.", Optional: true},
			"affected_resource": schema.StringAttribute{
				MarkdownDescription: "Only those about a resource, by its id, or about anything of an operator: its name and `/`.", Optional: true,
			},
			"open":           schema.BoolAttribute{MarkdownDescription: "Only those that have not ended.", Optional: true},
			"own":            schema.BoolAttribute{MarkdownDescription: "Only those that the account has filed.", Optional: true},
			"created_from":   at("Only those filed at this time (RFC 3339) or later."),
			"created_before": at("Only those filed before this time (RFC 3339)."),
			"service_tickets": schema.ListNestedAttribute{
				MarkdownDescription: "The tickets found, oldest first; empty if there are none.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: computed()},
			},
		},
	}
}

// Read searches.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var m listModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opened, desk, ok := ticketing.Now(ctx, d.configured, path.Root("desk"), m.Desk, "", &resp.Diagnostics)
	q := m.query(&resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	m.Desk = types.StringValue(desk)
	m.Tickets = []attributes{}
	for t, err := range opened.Search(ctx, q) {
		if err != nil {
			ticketing.Refused(ticketing.Looking, desk, err, &resp.Diagnostics)
			return
		}
		var a attributes
		a.readAll(ctx, desk, t, &resp.Diagnostics)
		a.readFieldsAll(ctx, t, &resp.Diagnostics)
		m.Tickets = append(m.Tickets, a)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
