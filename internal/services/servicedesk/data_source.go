// Package servicedesk is the service that tells what a service desk is and can do.
package servicedesk

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type dataSource struct{ configured *lifecycle.Configured }

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource makes data.vdam_service_desk.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type model struct {
	Name             types.String `tfsdk:"name"`
	Kind             types.String `tfsdk:"kind"`
	Endpoint         types.String `tfsdk:"endpoint"`
	Product          types.String `tfsdk:"product"`
	Version          types.String `tfsdk:"version"`
	Account          types.String `tfsdk:"account"`
	Queues           []queueModel `tfsdk:"queues"`
	TicketTypes      types.Map    `tfsdk:"ticket_types"`
	AtomicKeys       types.Bool   `tfsdk:"atomic_keys"`
	EditsDescription types.Bool   `tfsdk:"edits_description"`
	History          types.Bool   `tfsdk:"history"`
	InternalMessages types.Bool   `tfsdk:"internal_messages"`
	Attachments      types.Bool   `tfsdk:"attachments"`
}

type queueModel struct {
	Name   types.String   `tfsdk:"name"`
	Fields []types.String `tfsdk:"fields"`
}

type statusModel struct {
	Status   types.String `tfsdk:"status"`
	Approval types.String `tfsdk:"approval"`
	Awaiting types.String `tfsdk:"awaiting"`
}

type typeModel struct {
	Queue        types.String           `tfsdk:"queue"`
	Statuses     map[string]statusModel `tfsdk:"statuses"`
	CancelStatus types.String           `tfsdk:"cancel_status"`
	CloseStatus  types.String           `tfsdk:"close_status"`
}

var (
	statusType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"status": types.StringType, "approval": types.StringType, "awaiting": types.StringType,
	}}
	ticketType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"queue": types.StringType, "statuses": types.MapType{ElemType: statusType},
		"cancel_status": types.StringType, "close_status": types.StringType,
	}}
)

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_desk"
}

// Configure takes the desks over from the provider.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Schema has the desk's name to choose by.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tells what a service desk is, what the provider block's account can do there, and how its own words are " +
			"understood.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Its key in `service_desks`. Default is `default_service_desk`, or the only one.", Optional: true, Computed: true,
			},
			"kind": text("`rt`, `redmine`, `selfservice` or `tmf621`."), "endpoint": text("URL of its API."), "product": text("What runs there."),
			"version": text("Version of that, if it tells."), "account": text("Who the desk takes the provider for."),
			"queues": schema.ListNestedAttribute{
				MarkdownDescription: "The queues that the account sees.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": text("Name of the queue."),
					"fields": schema.ListAttribute{
						MarkdownDescription: "The desk's own fields there, if it tells.", ElementType: types.StringType, Computed: true,
					},
				}},
			},
			"ticket_types": schema.MapAttribute{
				MarkdownDescription: "For each type of tickets, the queue that it goes to, what the desk's statuses mean, and the statuses by " +
					"which a requester cancels and closes: the defaults of the desk's kind, with the provider block's words over them.",
				ElementType: ticketType, Computed: true,
			},
			"atomic_keys":       flag("Whether the desk itself never makes two tickets of one key."),
			"edits_description": flag("Whether a ticket's description can be changed; else a change is said in the ticket."),
			"history":           flag("Whether changes of status are kept; else a wait can miss what passes quickly."),
			"internal_messages": flag("Whether there are messages that only the desk's people see."),
			"attachments":       flag("Whether tickets can have files."),
		},
	}
}

// Read opens the desk.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, "service desk", &resp.Diagnostics)
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opened, _, ok := ticketing.Now(ctx, d.configured, path.Root("name"), m.Name, "", &resp.Diagnostics)
	if !ok {
		return
	}
	m.read(ctx, opened.Describe(), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (m *model) read(ctx context.Context, d servicedesk.Description, diags *diag.Diagnostics) {
	m.Name, m.Kind, m.Endpoint = types.StringValue(d.Name), types.StringValue(d.Kind), types.StringValue(d.Endpoint)
	m.Product, m.Version = lifecycle.OptionalString(d.Product), lifecycle.OptionalString(d.Version)
	m.Account = lifecycle.OptionalString(d.Account)
	m.Queues = []queueModel{}
	for _, q := range d.Queues {
		row := queueModel{Name: types.StringValue(q.Name)}
		for _, f := range q.Fields {
			row.Fields = append(row.Fields, types.StringValue(f))
		}
		m.Queues = append(m.Queues, row)
	}
	all := make(map[string]typeModel)
	for _, t := range slices.Sorted(maps.Keys(d.Mapping.Types)) {
		all[string(t)] = typeOf(d.Mapping, t)
	}
	var mapDiags diag.Diagnostics
	m.TicketTypes, mapDiags = types.MapValueFrom(ctx, ticketType, all)
	diags.Append(mapDiags...)
	m.AtomicKeys, m.EditsDescription = types.BoolValue(d.AtomicKeys), types.BoolValue(d.EditsDescription)
	m.History, m.InternalMessages = types.BoolValue(d.History), types.BoolValue(d.InternalMessages)
	m.Attachments = types.BoolValue(d.Attachments)
}

func typeOf(all servicedesk.Mapping, t servicedesk.Type) typeModel {
	tm := all.Types[t]
	out := typeModel{
		Queue: lifecycle.OptionalString(tm.Queue), Statuses: make(map[string]statusModel),
		CancelStatus: lifecycle.OptionalString(tm.CancelStatus), CloseStatus: lifecycle.OptionalString(tm.CloseStatus),
	}
	for native, said := range tm.Statuses {
		meaning := all.Meaning(t, native)
		out.Statuses[native] = statusModel{
			Status: types.StringValue(string(meaning.Status)), Approval: lifecycle.OptionalString(string(said.Approval)),
			Awaiting: types.StringValue(string(meaning.Awaiting)),
		}
	}
	return out
}
