// Package serviceticketmessage is the service of what is said in tickets.
package serviceticketmessage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

const noun = "message"

type messageResource struct{ configured *lifecycle.Configured }

var _ resource.ResourceWithConfigure = (*messageResource)(nil)

// NewResource makes vdam_service_ticket_message.
func NewResource() resource.Resource { return &messageResource{} }

type model struct {
	ID         types.String `tfsdk:"id"`
	TicketID   types.String `tfsdk:"ticket_id"`
	Body       types.String `tfsdk:"body"`
	Visibility types.String `tfsdk:"visibility"`
	Keepers    types.Map    `tfsdk:"keepers"`
}

// Metadata names the type.
func (r *messageResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_message"
}

// Configure takes the desks over from the provider.
func (r *messageResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Schema implements resource.Resource.
func (r *messageResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Something said in a ticket, once: also if Terraform is cut off while it says it. What is said stays said, so " +
			"destroying this does nothing. At many desks a public message of the requester moves the ticket on, or opens it again.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "`<desk>/<ticket>/<message>`.", Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, PlanModifiers: again, Validators: []validator.String{ticketing.IsID()},
			},
			"body": schema.StringAttribute{
				MarkdownDescription: "What is said. A change says it anew.", Required: true, PlanModifiers: again,
				Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 100_000)},
			},
			"visibility": schema.StringAttribute{
				MarkdownDescription: "`public`, or `internal`: for the desk's people, where the desk can tell. Default is `public`.",
				Optional:            true, Computed: true, Default: stringdefault.StaticString("public"), PlanModifiers: again,
				Validators: []validator.String{stringvalidator.OneOf("public", "internal")},
			},
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Values whose change says the same again. With them, the message ends in a line that tells it from others.",
				ElementType:         types.StringType, Optional: true, PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			},
		},
	}
}

// Create says it, unless the account has said it already.
func (r *messageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("ticket_id"), plan.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	text := plan.Body.ValueString()
	if !plan.Keepers.IsNull() {
		keepers := make(map[string]string)
		if resp.Diagnostics.Append(plan.Keepers.ElementsAs(ctx, &keepers, false)...); resp.Diagnostics.HasError() {
			return
		}
		text += "\n\nReference: " + reference(keepers)
	}
	public := plan.Visibility.ValueString() == "public"
	if !public && !d.Describe().InternalMessages {
		resp.Diagnostics.AddAttributeError(path.Root("visibility"), "Service desk "+d.Describe().Name+" shows everything to everybody",
			"Nothing was said. Set visibility = \"public\" if that is meant.")
		return
	}
	said, err := servicedesk.Say(ctx, d.Desk, id, servicedesk.Message{Text: text, Public: public})
	if err != nil {
		ticketing.Refused(ticketing.Saying, d.Describe().Name, err, &resp.Diagnostics)
		return
	}
	plan.ID = types.StringValue(plan.TicketID.ValueString() + "/" + said)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// reference tells messages of the same words apart.
func reference(keepers map[string]string) string {
	text, err := json.Marshal(keepers)
	if err != nil {
		panic(err) // A map of strings can always be written.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// Read keeps what was said.
func (r *messageResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update is never called: every change says it anew.
func (r *messageResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

// Delete leaves what was said.
func (r *messageResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
