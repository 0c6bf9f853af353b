// Package serviceticketaction has the deeds that can be done to tickets by the way, as actions of Terraform 1.14 and
// later.
package serviceticketaction

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// base is what both actions are.
type base struct{ configured *lifecycle.Configured }

// Configure takes the desks over from the provider.
func (b *base) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	b.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// progress tells what has been done.
func progress(resp *action.InvokeResponse, format string, args ...any) {
	if resp.SendProgress != nil {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
}

type comment struct{ base }

var _ action.ActionWithConfigure = (*comment)(nil)

// NewComment makes the action vdam_service_ticket_comment.
func NewComment() action.Action { return &comment{} }

// Metadata names the type.
func (c *comment) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_comment"
}

// Schema implements action.Action.
func (c *comment) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Says something in a ticket, each time it is invoked.",
		Attributes: map[string]schema.Attribute{
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, Validators: []validator.String{ticketing.IsID()},
			},
			"body": schema.StringAttribute{
				MarkdownDescription: "What is said.", Required: true, Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 100_000)},
			},
			"visibility": schema.StringAttribute{
				MarkdownDescription: "`public`, or `internal`: for the desk's people, where the desk can tell. Default is `public`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf("public", "internal")},
			},
		},
	}
}

type commentModel struct {
	TicketID   types.String `tfsdk:"ticket_id"`
	Body       types.String `tfsdk:"body"`
	Visibility types.String `tfsdk:"visibility"`
}

// Invoke says it.
func (c *comment) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer lifecycle.Recovered(ctx, "action", &resp.Diagnostics)
	var m commentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, c.configured, path.Root("ticket_id"), m.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	public := m.Visibility.ValueString() != "internal"
	if !public && !d.Describe().InternalMessages {
		resp.Diagnostics.AddAttributeError(path.Root("visibility"), "Service desk "+d.Describe().Name+" shows everything to everybody",
			"Nothing was said. Set visibility = \"public\" if that is meant.")
		return
	}
	if _, err := d.Say(ctx, id, servicedesk.Message{Text: m.Body.ValueString(), Public: public}); err != nil {
		ticketing.Refused(ticketing.Commenting, d.Describe().Name, err, &resp.Diagnostics)
		return
	}
	progress(resp, "Said in ticket %s.", m.TicketID.ValueString())
}

type closing struct{ base }

var _ action.ActionWithConfigure = (*closing)(nil)

// NewClose makes the action vdam_service_ticket_close.
func NewClose() action.Action { return &closing{} }

// Metadata names the type.
func (c *closing) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_close"
}

// Schema implements action.Action.
func (c *closing) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Closes a ticket, or withdraws it. One that has ended is left as it is.",
		Attributes: map[string]schema.Attribute{
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, Validators: []validator.String{ticketing.IsID()},
			},
			"as": schema.StringAttribute{
				MarkdownDescription: "`close`, or `cancel` to withdraw it. Default is `close`.", Optional: true,
				Validators: []validator.String{stringvalidator.OneOf(string(servicedesk.EndClose), string(servicedesk.EndCancel))},
			},
			"comment": schema.StringAttribute{MarkdownDescription: "What is said in the ticket then.", Optional: true},
		},
	}
}

type closeModel struct {
	TicketID types.String `tfsdk:"ticket_id"`
	As       types.String `tfsdk:"as"`
	Comment  types.String `tfsdk:"comment"`
}

// Invoke ends the ticket. Other than on a destruction, a refusal is an error: ending it is all that was asked.
func (c *closing) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer lifecycle.Recovered(ctx, "action", &resp.Diagnostics)
	var m closeModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, c.configured, path.Root("ticket_id"), m.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	how, words := servicedesk.EndClose, "The requester closes this ticket."
	if m.As.ValueString() == string(servicedesk.EndCancel) {
		how, words = servicedesk.EndCancel, "The requester withdraws this ticket."
	}
	ended, err := servicedesk.End(ctx, d.Desk, id, how, cmp.Or(m.Comment.ValueString(), words))
	deed := ticketing.Closing
	switch {
	case err != nil:
	case ended.Unseen != nil:
		err = ended.Unseen
	case ended.Refused != nil:
		if err = ended.Refused; ended.Unsaid == nil {
			deed.Safe = "The desk's people were asked to do it, in the ticket."
		}
	case ended.MergedInto != "":
		progress(resp, "Ticket %s was merged into %s, which was left alone.", m.TicketID.ValueString(), ended.Ticket.Number)
		return
	}
	switch {
	case err != nil:
		ticketing.Refused(deed, d.Describe().Name, err, &resp.Diagnostics)
	case ended.Before:
		progress(resp, "Ticket %s had ended already: it is %s.", m.TicketID.ValueString(), ended.Ticket.Status)
	default:
		progress(resp, "Ticket %s has ended.", m.TicketID.ValueString())
	}
}
