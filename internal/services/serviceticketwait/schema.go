package serviceticketwait

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// shortestPause keeps a desk from being asked all the time.
const shortestPause = time.Second

// Schema implements resource.Resource.
func (r *waitResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, PlanModifiers: keep}
	}
	goals := make([]string, 0, len(servicedesk.Goals))
	for _, g := range servicedesk.Goals {
		goals = append(goals, string(g))
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until a ticket has come so far, and fails as soon as it no longer can. What `depends_on` this is made " +
			"after that. It is apart from the ticket, so that a wait that ends without a decision leaves the ticket as it is: the next " +
			"apply goes on waiting. Destroying it does nothing.",
		Attributes: map[string]schema.Attribute{
			"id": text("`<desk>/<number>/<for>`."),
			"ticket_id": schema.StringAttribute{
				MarkdownDescription: "Id of the ticket.", Required: true, PlanModifiers: again, Validators: []validator.String{ticketing.IsID()},
			},
			"for": schema.StringAttribute{
				MarkdownDescription: "`approved`, `acknowledged`, `in_progress`, `resolved` or `closed`. It counts as reached if the ticket was " +
					"there and has gone on, however quickly; not if it was undone before the wait began.",
				Required: true, PlanModifiers: again, Validators: []validator.String{stringvalidator.OneOf(goals...)},
			},
			"fail_on": schema.SetAttribute{
				MarkdownDescription: "Statuses that end the wait with an error, which has the desk's last public words. Default is `rejected` and " +
					"`cancelled`; `pending` also ends it when the desk asks the requester something.",
				ElementType: types.StringType, Optional: true,
				Validators: []validator.Set{setvalidator.ValueStringsAre(
					stringvalidator.OneOf("rejected", "cancelled", "pending", "held", "resolved", "closed"),
				)},
			},
			"poll_interval": schema.StringAttribute{
				MarkdownDescription: "Pause between two looks, such as `30s`. Default grows from 15 seconds to 5 minutes. However many tickets are " +
					"waited for, a desk is asked once each time.",
				CustomType: timetypes.GoDurationType{}, Optional: true, Validators: []validator.String{pauseValidator{}},
			},
			"outcome": text("Status by which it was reached."),
			"reached_at": schema.StringAttribute{
				MarkdownDescription: "When it was reached (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
			},
			"by":      text("Who did it, if the desk tells."),
			"message": text("The last that the desk had said in public by then."),
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{Create: true, CreateDescription: "How long to wait, such as `72h`. Default is " +
				"`8h`."}),
		},
	}
}

// pauseValidator refuses pauses that no desk deserves.
type pauseValidator struct{}

// Description says what is taken.
func (pauseValidator) Description(context.Context) string { return "a duration of at least a second" }

// MarkdownDescription says the same.
func (v pauseValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString refuses what is too short.
func (pauseValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && d < shortestPause {
		resp.Diagnostics.AddAttributeError(req.Path, "The pause is too short for a desk: "+req.ConfigValue.ValueString(), "Write at least 1s.")
	}
}
