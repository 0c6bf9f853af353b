package serviceticket

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// spoken are the attributes that are said to the desk and may change.
var spoken = []string{
	"subject", "description", "severity", "watchers", "requested_resolution_at", "project", "affected_resources", "fields", "links",
}

// ModifyPlan chooses the desk, and refuses what the desk is known not to take, and what nobody would read.
func (r *ticketResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	if r.configured == nil || req.Plan.Raw.IsNull() {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsNull() {
		r.planChange(ctx, &plan, req, resp)
	}
	if resp.Diagnostics.HasError() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	wanted := config.Desk
	if wanted.IsNull() && !plan.Desk.IsUnknown() {
		wanted = plan.Desk // It stays where it is.
	}
	d, name := ticketing.Choose(ctx, r.configured, wanted, plan.Operator, &resp.Diagnostics)
	if name != "" && plan.Desk.IsUnknown() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("desk"), types.StringValue(name))...)
	}
	if d != nil {
		check(d.Describe(), &plan, &resp.Diagnostics)
	}
}

// planChange looks at what a change would mean for a ticket that has ended.
func (r *ticketResource) planChange(ctx context.Context, plan *model, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	if state.ExternalKey.IsNull() && !plan.ExternalKey.IsNull() && !plan.ExternalKey.IsUnknown() && !state.Subject.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("external_key"),
			fmt.Sprintf("Ticket %s was filed without a key", number(&state)),
			"A key is given to a ticket when it is filed. Leave external_key out for this one.")
		return
	}
	if refiled(plan, &state) || !servicedesk.Status(state.Status.ValueString()).Terminal() || !r.speaks(&state, plan) {
		return
	}
	switch plan.OnClosedChange.ValueString() {
	case "replace":
		for _, a := range spoken {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(a)) // Those that are the same do not count.
		}
	case "error":
		if !r.speaks(&state, known(ctx, plan, &state)) {
			return // What is not known yet may turn out to be the same; the change itself looks again.
		}
		resp.Diagnostics.Append(tellEndedBefore(state.Desk.ValueString(), &state))
	}
}

// refiled reports whether a plan files another ticket in place of this one, as the schema has it.
func refiled(plan, state *model) bool {
	if !state.Keepers.IsNull() && !plan.Keepers.Equal(state.Keepers) {
		return true
	}
	for _, v := range []struct{ is, was attr.Value }{
		{plan.Desk, state.Desk}, {plan.Operator, state.Operator}, {plan.Type, state.Type},
		{plan.Queue, state.Queue}, {plan.ExternalKey, state.ExternalKey}, {plan.Requester, state.Requester},
	} {
		if !v.was.IsNull() && !v.is.IsUnknown() && !v.is.Equal(v.was) {
			return true
		}
	}
	return false
}

// known is a plan in which all that is said and not known yet is as it was.
func known(ctx context.Context, plan, state *model) *model {
	k := *plan
	for _, p := range []struct {
		unknown bool
		keep    func()
	}{
		{k.Subject.IsUnknown(), func() { k.Subject = state.Subject }},
		{k.Description.IsUnknown(), func() { k.Description = state.Description }},
		{k.Severity.IsUnknown(), func() { k.Severity = state.Severity }},
		{k.Project.IsUnknown(), func() { k.Project = state.Project }},
		{k.RequestedResolutionAt.IsUnknown(), func() { k.RequestedResolutionAt = state.RequestedResolutionAt }},
		{partlyUnknown(ctx, k.Watchers), func() { k.Watchers = state.Watchers }},
		{partlyUnknown(ctx, k.AffectedResources), func() { k.AffectedResources = state.AffectedResources }},
		{partlyUnknown(ctx, k.Fields), func() { k.Fields = state.Fields }},
		{partlyUnknown(ctx, k.Links), func() { k.Links = state.Links }},
	} {
		if p.unknown {
			p.keep()
		}
	}
	return &k
}

// partlyUnknown reports whether a collection or an element of it is not known.
func partlyUnknown(ctx context.Context, v attr.Value) bool {
	raw, err := v.ToTerraformValue(ctx)
	return err == nil && !raw.IsFullyKnown()
}

// check refuses what the desk's own description shows that it does not take.
func check(d servicedesk.Description, plan *model, diags *diag.Diagnostics) {
	queue := plan.Queue.ValueString()
	mapped, ok := d.Mapping.Types[servicedesk.Type(plan.Type.ValueString())]
	if queue == "" && !plan.Type.IsUnknown() && !plan.Queue.IsUnknown() {
		if !ok || mapped.Queue == "" {
			diags.AddAttributeError(path.Root("type"),
				fmt.Sprintf("Service desk %s has no queue for tickets of type %q", d.Name, plan.Type.ValueString()),
				fmt.Sprintf("Set queue, or ticket_types.%s.queue of the desk in the provider block.", plan.Type.ValueString()))
			return
		}
		queue = mapped.Queue
	}
	checkSubject(d, plan.Subject.ValueString(), diags)
	i := slices.IndexFunc(d.Queues, func(q servicedesk.Queue) bool { return q.Name == queue })
	if queue == "" || len(d.Queues) == 0 {
		return
	}
	if i < 0 {
		diags.AddAttributeError(path.Root("queue"), fmt.Sprintf("Service desk %s has no queue %q for this account", d.Name, queue),
			"It has: "+strings.Join(queues(d), ", ")+". Choose one of these, or ask the desk's operator for the right to file tickets there.")
		return
	}
	checkFields(d, d.Queues[i], plan, diags)
}

// checkSubject refuses what the desk would cut off: then nothing would ever look as declared.
func checkSubject(d servicedesk.Description, subject string, diags *diag.Diagnostics) {
	if letters := utf8.RuneCountInString(subject); d.MaxSubject > 0 && letters > d.MaxSubject {
		diags.AddAttributeError(path.Root("subject"), fmt.Sprintf("Service desk %s cuts subjects off at %d characters", d.Name, d.MaxSubject),
			fmt.Sprintf("This one has %d. Shorten it; the description has room for more.", letters))
		return
	}
	if d.MaxSubjectBytes > 0 && len(subject) > d.MaxSubjectBytes {
		diags.AddAttributeError(path.Root("subject"), fmt.Sprintf("Service desk %s cuts subjects off at %d bytes", d.Name, d.MaxSubjectBytes),
			fmt.Sprintf("This one has %d: letters such as ā count twice. Shorten it; the description has room for more.", len(subject)))
	}
}

func checkFields(d servicedesk.Description, q servicedesk.Queue, plan *model, diags *diag.Diagnostics) {
	if q.Fields == nil {
		return
	}
	for name := range plan.Fields.Elements() {
		if !slices.Contains(q.Fields, name) {
			diags.AddAttributeError(path.Root("fields").AtMapKey(name),
				fmt.Sprintf("Queue %q of service desk %s has no field %q", q.Name, d.Name, name),
				lifecycle.Paragraphs("It has: "+strings.Join(q.Fields, ", ")+".", "Attribute: fields[\""+name+"\"]"))
		}
	}
}

func queues(d servicedesk.Description) []string {
	names := make([]string, len(d.Queues))
	for i, q := range d.Queues {
		names[i] = q.Name
	}
	return names
}
