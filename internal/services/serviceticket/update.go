package serviceticket

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// Update sends what the requester says differently. The status is never sent.
func (r *ticketResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("id"), state.ID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	revision := servicedesk.Revision{
		Desk: d.Desk, ID: id, From: state.content(ctx, &resp.Diagnostics), To: plan.content(ctx, &resp.Diagnostics),
		IgnoreIfEnded: plan.OnClosedChange.ValueString() == "ignore",
	}
	if state.Description.IsNull() {
		revision.From.Description = revision.To.Description // An import that did not learn it is no change of it.
	}
	desk := d.Describe().Name
	var seen servicedesk.Sight
	var err error
	var dropped []string
	if r.speaks(&state, &plan) {
		var revised servicedesk.Revised
		revised, err = revision.Run(context.WithoutCancel(ctx))
		seen, dropped = revised.Sight, revised.Dropped
	} else {
		seen, err = servicedesk.Look(ctx, d.Desk, id)
	}
	if errors.Is(err, servicedesk.ErrEnded) {
		resp.Diagnostics.Append(tellEndedMeanwhile(desk, &plan))
		return
	}
	if err != nil {
		ticketing.Refused(ticketing.Changing, desk, err, &resp.Diagnostics)
		return
	}
	if plan.ExternalKey.IsUnknown() {
		plan.ExternalKey = types.StringNull() // That of an imported ticket which was filed without.
	}
	plan.readResource(desk, seen, time.Now())
	setIdentity(ctx, resp.Identity, desk, id, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	switch {
	case seen.MergedInto != "" && r.speaks(&state, &plan):
		resp.Diagnostics.Append(tellUnsent(desk, &plan, seen))
	case len(dropped) > 0 && (!seen.Ticket.Status.Terminal() || !revision.IgnoreIfEnded):
		resp.Diagnostics.Append(tellDropped(desk, &plan, dropped))
	}
}

// speaks reports whether a plan has something to say to the desk, and not just to this provider.
func (r *ticketResource) speaks(state, plan *model) bool {
	return !state.Subject.Equal(plan.Subject) || !state.Description.Equal(plan.Description) ||
		!state.Severity.Equal(plan.Severity) || !state.Watchers.Equal(plan.Watchers) ||
		!sameMoment(state.RequestedResolutionAt, plan.RequestedResolutionAt) || !state.Project.Equal(plan.Project) ||
		!state.AffectedResources.Equal(plan.AffectedResources) || !state.Fields.Equal(plan.Fields) || !state.Links.Equal(plan.Links)
}

// sameMoment reports whether two times are the same, however they are written.
func sameMoment(a, b timetypes.RFC3339) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() {
		return a.Equal(b)
	}
	was, diags := a.ValueRFC3339Time()
	is, more := b.ValueRFC3339Time()
	return was.Equal(is) && len(diags)+len(more) == 0
}
