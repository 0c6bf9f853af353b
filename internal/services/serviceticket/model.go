package serviceticket

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// attributes are what resource and data sources share.
type attributes struct {
	ID                    types.String      `tfsdk:"id"`
	Desk                  types.String      `tfsdk:"desk"`
	Type                  types.String      `tfsdk:"type"`
	Subject               types.String      `tfsdk:"subject"`
	Severity              types.String      `tfsdk:"severity"`
	Requester             types.String      `tfsdk:"requester"`
	Watchers              types.Set         `tfsdk:"watchers"`
	RequestedResolutionAt timetypes.RFC3339 `tfsdk:"requested_resolution_at"`
	Project               types.String      `tfsdk:"project"`
	AffectedResources     types.Set         `tfsdk:"affected_resources"`
	Fields                types.Map         `tfsdk:"fields"`
	ExternalKey           types.String      `tfsdk:"external_key"`

	Number               types.String      `tfsdk:"number"`
	URL                  types.String      `tfsdk:"url"`
	CreatedAt            timetypes.RFC3339 `tfsdk:"created_at"`
	Status               types.String      `tfsdk:"status"`
	NativeStatus         types.String      `tfsdk:"native_status"`
	StatusReason         types.String      `tfsdk:"status_reason"`
	Approval             types.String      `tfsdk:"approval"`
	Awaiting             types.String      `tfsdk:"awaiting"`
	Priority             types.String      `tfsdk:"priority"`
	Assignee             types.String      `tfsdk:"assignee"`
	CurrentQueue         types.String      `tfsdk:"current_queue"`
	ExpectedResolutionAt timetypes.RFC3339 `tfsdk:"expected_resolution_at"`
	ResolvedAt           timetypes.RFC3339 `tfsdk:"resolved_at"`
	Resolution           types.String      `tfsdk:"resolution"`
}

// model is the resource.
type model struct {
	attributes
	Operator       types.String      `tfsdk:"operator"`
	Queue          types.String      `tfsdk:"queue"`
	Description    types.String      `tfsdk:"description"`
	Links          types.Set         `tfsdk:"links"`
	Keepers        types.Map         `tfsdk:"keepers"`
	DueAfter       types.String      `tfsdk:"due_after"`
	OnDestroy      types.String      `tfsdk:"on_destroy"`
	DestroyComment types.String      `tfsdk:"destroy_comment"`
	OnClosedChange types.String      `tfsdk:"on_closed_change"`
	OnMissing      types.String      `tfsdk:"on_missing"`
	DueAt          timetypes.RFC3339 `tfsdk:"due_at"`
	Overdue        types.Bool        `tfsdk:"overdue"`
	MergedInto     types.String      `tfsdk:"merged_into"`
}

type linkModel struct {
	Type   types.String `tfsdk:"type"`
	Target types.String `tfsdk:"target"`
}

var linkTypes = types.ObjectType{AttrTypes: linkModel{}.types()}

// content is what the model says that the requester owns.
func (m *model) content(ctx context.Context, diags *diag.Diagnostics) servicedesk.Content {
	c := servicedesk.Content{
		Subject: m.Subject.ValueString(), Description: m.Description.ValueString(),
		Severity: servicedesk.Severity(m.Severity.ValueString()), Project: m.Project.ValueString(),
	}
	if !m.Requester.IsUnknown() {
		c.Requester = m.Requester.ValueString()
	}
	if !m.RequestedResolutionAt.IsNull() && !m.RequestedResolutionAt.IsUnknown() {
		at, d := m.RequestedResolutionAt.ValueRFC3339Time()
		diags.Append(d...)
		c.RequestedResolutionAt = at.UTC()
	}
	c.Watchers = texts(ctx, m.Watchers, diags)
	c.AffectedResources = texts(ctx, m.AffectedResources, diags)
	if operator := m.Operator.ValueString(); operator != "" && !slices.ContainsFunc(c.AffectedResources, func(r string) bool {
		return r == operator || strings.HasPrefix(r, operator+"/")
	}) {
		c.AffectedResources = append(c.AffectedResources, operator+"/") // As searches for all of an operator call it.
	}
	if !m.Fields.IsNull() && !m.Fields.IsUnknown() {
		diags.Append(m.Fields.ElementsAs(ctx, &c.Fields, false)...)
	}
	if !m.Links.IsNull() && !m.Links.IsUnknown() {
		var links []linkModel
		diags.Append(m.Links.ElementsAs(ctx, &links, false)...)
		for _, l := range links {
			c.Links = append(c.Links, servicedesk.Link{
				Type: servicedesk.LinkType(l.Type.ValueString()), Target: ownTarget(m.Desk.ValueString(), l.Target.ValueString()),
			})
		}
	}
	return c
}

// ownTarget is the desk's own id of a ticket that a link names as Terraform does.
func ownTarget(desk, target string) string { return strings.TrimPrefix(target, desk+"/") }

func texts(ctx context.Context, set types.Set, diags *diag.Diagnostics) []string {
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	var out []string
	diags.Append(set.ElementsAs(ctx, &out, false)...)
	slices.Sort(out)
	return out
}

// readDesk fills in what the desk's people own.
func (a *attributes) readDesk(t servicedesk.Ticket) {
	a.CreatedAt = lifecycle.Timestamp(t.CreatedAt)
	a.Status = types.StringValue(string(t.Status))
	a.NativeStatus = lifecycle.OptionalString(t.NativeStatus)
	a.StatusReason = lifecycle.OptionalString(t.StatusReason)
	a.Approval = lifecycle.OptionalString(string(t.Approval))
	a.Awaiting = lifecycle.OptionalString(string(t.Awaiting))
	a.Priority = lifecycle.OptionalString(t.Priority)
	a.Assignee = lifecycle.OptionalString(t.Assignee)
	a.CurrentQueue = lifecycle.OptionalString(t.Queue)
	a.ExpectedResolutionAt = lifecycle.Timestamp(t.ExpectedResolutionAt)
	a.ResolvedAt = lifecycle.Timestamp(t.ResolvedAt)
	a.Resolution = lifecycle.OptionalString(t.Resolution)
}

// readAll fills in everything as the desk has it.
func (a *attributes) readAll(ctx context.Context, desk string, t servicedesk.Ticket, diags *diag.Diagnostics) {
	a.ID = types.StringValue(ticketing.TicketID(desk, t.ID))
	a.Desk = types.StringValue(desk)
	a.Type = lifecycle.OptionalString(string(t.Type))
	a.Subject = types.StringValue(t.Subject)
	a.Severity = lifecycle.OptionalString(string(t.Severity))
	a.Requester = lifecycle.OptionalString(t.Requester)
	a.Watchers = setOf(ctx, t.Watchers, diags)
	a.RequestedResolutionAt = lifecycle.Timestamp(t.RequestedResolutionAt)
	a.Project = lifecycle.OptionalString(t.Project)
	a.AffectedResources = setOf(ctx, t.AffectedResources, diags)
	a.Fields = types.MapNull(types.StringType)
	a.ExternalKey = lifecycle.OptionalString(t.Key)
	a.Number = lifecycle.OptionalString(t.Number)
	a.URL = lifecycle.OptionalString(t.URL)
	a.readDesk(t)
}

// setOf is null for nothing.
func setOf(ctx context.Context, values []string, diags *diag.Diagnostics) types.Set {
	if len(values) == 0 {
		return types.SetNull(types.StringType)
	}
	set, d := types.SetValueFrom(ctx, types.StringType, values)
	diags.Append(d...)
	return set
}

// due is when a ticket is to be done or decided by what the requester and the desk say; zero if nobody says it.
func (m *model) due(t servicedesk.Ticket) time.Time {
	if p, err := parsePeriod(m.DueAfter.ValueString()); err == nil && !t.CreatedAt.IsZero() {
		return p.after(t.CreatedAt)
	}
	if !t.ExpectedResolutionAt.IsZero() {
		return t.ExpectedResolutionAt
	}
	return t.RequestedResolutionAt
}

// readResource fills in what changes by itself, and what could not be read when the ticket was filed. What the requester
// owns is not touched.
func (m *model) readResource(desk string, s servicedesk.Sight, now time.Time) {
	t := s.Ticket
	if s.MergedInto != "" {
		t = servicedesk.Ticket{} // These are its own.
	}
	for _, late := range []struct {
		to   *types.String
		from string
	}{{&m.Number, t.Number}, {&m.URL, t.URL}, {&m.Requester, t.Requester}} {
		if late.to.IsNull() || late.to.IsUnknown() {
			*late.to = lifecycle.OptionalString(late.from)
		}
	}
	m.readDesk(s.Ticket)
	due := m.due(s.Ticket)
	m.DueAt = lifecycle.Timestamp(due)
	decided := s.Ticket.Status.Terminal() || s.Ticket.Approval == servicedesk.ApprovalApproved && !m.DueAfter.IsNull()
	m.Overdue = types.BoolValue(!due.IsZero() && now.After(due) && !decided)
	m.MergedInto = types.StringNull()
	if s.MergedInto != "" {
		m.MergedInto = types.StringValue(ticketing.TicketID(desk, s.MergedInto))
	}
}

// readFieldsAll shows all of the desk's own fields.
func (a *attributes) readFieldsAll(ctx context.Context, t servicedesk.Ticket, diags *diag.Diagnostics) {
	fields := t.Fields
	if fields == nil {
		fields = map[string]string{}
	}
	var d diag.Diagnostics
	a.Fields, d = types.MapValueFrom(ctx, types.StringType, fields)
	diags.Append(d...)
}
