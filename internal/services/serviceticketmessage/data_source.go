package serviceticketmessage

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

type listDataSource struct{ configured *lifecycle.Configured }

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource makes data.vdam_service_ticket_messages.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type listModel struct {
	TicketID types.String   `tfsdk:"ticket_id"`
	Messages []messageModel `tfsdk:"messages"`
}

type messageModel struct {
	ID         types.String      `tfsdk:"id"`
	At         timetypes.RFC3339 `tfsdk:"at"`
	Author     types.String      `tfsdk:"author"`
	Staff      types.Bool        `tfsdk:"staff"`
	Visibility types.String      `tfsdk:"visibility"`
	Body       types.String      `tfsdk:"body"`
}

// Metadata names the type.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_messages"
}

// Configure takes the desks over from the provider.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Schema has the ticket and what was said.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads what was said in a ticket, as far as the provider block's account may see it.",
		Attributes: map[string]schema.Attribute{
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, Validators: []validator.String{ticketing.IsID()},
			},
			"messages": schema.ListNestedAttribute{
				MarkdownDescription: "The messages, oldest first. The description is not among them.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id": text("The desk's id of the message."),
					"at": schema.StringAttribute{
						MarkdownDescription: "When it was said (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
					},
					"author":     text("Who said it."),
					"staff":      schema.BoolAttribute{MarkdownDescription: "Whether one of the desk's people said it.", Computed: true},
					"visibility": text("`public` or `internal`."),
					"body":       text("What was said."),
				}},
			},
		},
	}
}

// Read picks the messages from the history.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var m listModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opened, id, ok := ticketing.OfTicket(ctx, d.configured, path.Root("ticket_id"), m.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	desk := opened.Describe().Name
	seen, err := servicedesk.Look(ctx, opened.Desk, id)
	if err != nil {
		ticketing.Refused(ticketing.Finding, desk, err, &resp.Diagnostics)
		return
	}
	events, err := opened.History(ctx, seen.Ticket)
	if err != nil {
		ticketing.Refused(ticketing.Finding, desk, err, &resp.Diagnostics)
		return
	}
	m.Messages = []messageModel{}
	for _, e := range events {
		if e.Message.Text == "" || e.Kind == servicedesk.EventCreated {
			continue
		}
		visibility := "internal"
		if e.Message.Public {
			visibility = "public"
		}
		m.Messages = append(m.Messages, messageModel{
			ID: types.StringValue(e.ID), At: lifecycle.Timestamp(e.At), Author: lifecycle.OptionalString(e.Author), Staff: types.BoolValue(e.Staff),
			Visibility: types.StringValue(visibility), Body: types.StringValue(e.Message.Text),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
