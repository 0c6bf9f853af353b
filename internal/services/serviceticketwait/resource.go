// Package serviceticketwait is the service of waiting for people to decide.
package serviceticketwait

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// defaultLimit is a working day: people decide.
const defaultLimit = 8 * time.Hour

type waitResource struct{ configured *lifecycle.Configured }

var _ resource.ResourceWithConfigure = (*waitResource)(nil)

// NewResource makes vdam_service_ticket_wait.
func NewResource() resource.Resource { return &waitResource{} }

type model struct {
	ID           types.String         `tfsdk:"id"`
	TicketID     types.String         `tfsdk:"ticket_id"`
	For          types.String         `tfsdk:"for"`
	FailOn       types.Set            `tfsdk:"fail_on"`
	PollInterval timetypes.GoDuration `tfsdk:"poll_interval"`
	Outcome      types.String         `tfsdk:"outcome"`
	ReachedAt    timetypes.RFC3339    `tfsdk:"reached_at"`
	By           types.String         `tfsdk:"by"`
	Message      types.String         `tfsdk:"message"`
	Timeouts     timeouts.Value       `tfsdk:"timeouts"`
}

// Metadata names the type.
func (r *waitResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket_wait"
}

// Configure takes the desks over from the provider.
func (r *waitResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Create waits. Whatever it ends with, the ticket is as it was: making this again just goes on waiting.
func (r *waitResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, "wait", &resp.Diagnostics)
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("ticket_id"), plan.TicketID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	w, ok := plan.wait(ctx, d, id, &resp.Diagnostics)
	if !ok {
		return
	}
	t, out, err := w.Run(ctx)
	desk := d.Describe().Name
	switch {
	case errors.Is(err, servicedesk.ErrGaveUp):
		resp.Diagnostics.Append(undecided(ctx, desk, &plan, t, out, w.Limit, err))
		return
	case errors.Is(err, servicedesk.ErrNoApproval):
		resp.Diagnostics.Append(noApproval(desk, &plan, t))
		return
	case err != nil:
		ticketing.Refused(ticketing.Waiting, desk, err, &resp.Diagnostics)
		return
	case out.Failed:
		resp.Diagnostics.Append(refused(desk, &plan, t, out))
		return
	}
	plan.ID = types.StringValue(plan.TicketID.ValueString() + "/" + plan.For.ValueString())
	plan.Outcome = types.StringValue(string(out.Status))
	plan.ReachedAt, plan.By, plan.Message = lifecycle.Timestamp(out.At), lifecycle.OptionalString(out.By), lifecycle.OptionalString(out.Words)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// wait is what the plan says.
func (m *model) wait(ctx context.Context, d *servicedesk.Opened, id servicedesk.ID, diags *diag.Diagnostics) (servicedesk.Wait, bool) {
	limit, timeoutDiags := m.Timeouts.Create(ctx, defaultLimit)
	diags.Append(timeoutDiags...)
	w := servicedesk.Wait{Watcher: d.Watcher, ID: id, Goal: servicedesk.Goal(m.For.ValueString()), Limit: limit}
	if m.FailOn.IsNull() {
		w.FailOn = []servicedesk.Status{servicedesk.StatusRejected, servicedesk.StatusCancelled}
	} else {
		diags.Append(m.FailOn.ElementsAs(ctx, &w.FailOn, false)...)
	}
	if !m.PollInterval.IsNull() {
		var pauseDiags diag.Diagnostics
		w.Pause, pauseDiags = m.PollInterval.ValueGoDuration()
		diags.Append(pauseDiags...)
	}
	return w, !diags.HasError()
}

// Read keeps what was waited for: that it was reached stays true.
func (r *waitResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over how to wait, which matters to a next time only.
func (r *waitResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	plan.ID, plan.Outcome, plan.ReachedAt, plan.By, plan.Message = state.ID, state.Outcome, state.ReachedAt, state.By, state.Message
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete has nothing to do.
func (r *waitResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func refused(desk string, m *model, t servicedesk.Ticket, out servicedesk.Outcome) diag.Diagnostic {
	said := "Nobody gave a reason in public."
	if out.Words != "" {
		said = fmt.Sprintf("The last that the desk said in public:\n\n    %s", indented(out.Words))
	}
	then := "Talk to the desk" + where(t) + ". To ask again, change keepers of the vdam_service_ticket, which files another. " +
		"If the desk takes it up again, apply again."
	if out.Status == servicedesk.StatusPending {
		then = answer(t) + " Then apply again to go on waiting."
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("ticket_id"),
		fmt.Sprintf("Ticket %s at %s was %s", number(m, t), desk, ended(t, out, servicedesk.Goal(m.For.ValueString()))),
		lifecycle.Paragraphs(said, "What depends on it was not touched.", then))
}

// noApproval tells that nobody will ever approve.
func noApproval(desk string, m *model, t servicedesk.Ticket) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("for"),
		fmt.Sprintf("Ticket %s at %s needs no approval, so nobody will give one", number(m, t), desk),
		"What depends on it was not touched. Wait for \"resolved\" or \"closed\" instead; or, if one of the desk's statuses is an approval, "+
			"say so in ticket_types of the desk in the provider block.")
}

// silent tells that what is known is no longer fresh; nothing if the desk answered.
func silent(desk string, err error) string {
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		return ""
	}
	return "At last the desk did not answer, so this may be old: " + ticketing.Words(desk, ce)
}

// undecided tells that nothing is lost.
func undecided(
	ctx context.Context, desk string, m *model, t servicedesk.Ticket, out servicedesk.Outcome, limit time.Duration, err error,
) diag.Diagnostic {
	why := fmt.Sprintf("has not reached %q within %s", m.For.ValueString(), short(limit))
	if ctx.Err() != nil {
		why = fmt.Sprintf("had not reached %q when the run was interrupted", m.For.ValueString())
	}
	asked := ""
	if t.Awaiting == servicedesk.AwaitingRequester {
		asked = answer(t)
		if out.Words != "" {
			asked = fmt.Sprintf("The last that the desk said in public:\n\n    %s\n\n%s", indented(out.Words), asked)
		}
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("for"),
		fmt.Sprintf("Ticket %s at %s %s", number(m, t), desk, why),
		lifecycle.Paragraphs(standing(t), silent(desk, err), asked,
			"Nothing was lost, and no ticket will be filed again: apply again to go on waiting, "+
				"or raise timeouts.create to wait longer in one run."))
}
