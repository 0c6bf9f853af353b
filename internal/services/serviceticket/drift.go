package serviceticket

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// types is the shape of a link.
func (linkModel) types() map[string]attr.Type {
	return map[string]attr.Type{"type": types.StringType, "target": types.StringType}
}

// readContent shows where the desk differs from what the state says that the requester wants, so that the next plan
// puts it right. What the state says nothing of, and what people have added, is not shown. The requester is not compared:
// whom a desk counts as such is its own affair, and a difference would file a second ticket.
func (m *model) readContent(ctx context.Context, d servicedesk.Description, t servicedesk.Ticket, diags *diag.Diagnostics) {
	want := m.content(ctx, diags)
	diff := servicedesk.Difference(d, want, t)
	if diff.Subject != nil {
		m.Subject = types.StringValue(t.Subject)
	}
	if diff.Severity != nil {
		m.Severity = lifecycle.OptionalString(string(t.Severity))
	}
	if diff.Project != nil {
		m.Project = lifecycle.OptionalString(t.Project)
	}
	if diff.RequestedResolutionAt != nil {
		m.RequestedResolutionAt = lifecycle.Timestamp(t.RequestedResolutionAt)
	}
	if diff.AffectedResources != nil && !m.AffectedResources.IsNull() {
		m.AffectedResources = setOf(ctx, t.AffectedResources, diags)
	}
	if len(diff.AddWatchers) > 0 {
		m.Watchers = setOf(ctx, slices.DeleteFunc(slices.Clone(want.Watchers), func(w string) bool {
			return slices.ContainsFunc(diff.AddWatchers, func(missing string) bool { return strings.EqualFold(missing, w) })
		}), diags)
	}
	if len(diff.Fields) > 0 {
		m.readFields(want, t)
	}
	if len(diff.AddLinks) > 0 {
		m.readLinks(ctx, diff.AddLinks, diags)
	}
}

func (m *model) readFields(want servicedesk.Content, t servicedesk.Ticket) {
	values := make(map[string]attr.Value)
	for name := range maps.Keys(want.Fields) {
		if v := t.Fields[name]; v != "" {
			values[name] = types.StringValue(v)
		}
	}
	m.Fields = types.MapValueMust(types.StringType, values)
}

// readLinks takes those out that the desk does not have.
func (m *model) readLinks(ctx context.Context, missing []servicedesk.Link, diags *diag.Diagnostics) {
	var links []linkModel
	diags.Append(m.Links.ElementsAs(ctx, &links, false)...)
	links = slices.DeleteFunc(links, func(l linkModel) bool {
		return slices.Contains(missing, servicedesk.Link{
			Type: servicedesk.LinkType(l.Type.ValueString()), Target: ownTarget(m.Desk.ValueString(), l.Target.ValueString()),
		})
	})
	var d diag.Diagnostics
	m.Links, d = types.SetValueFrom(ctx, linkTypes, links)
	diags.Append(d...)
}

// readImported fills in all that an import can know.
func (m *model) readImported(ctx context.Context, desk string, s servicedesk.Sight, events []servicedesk.Event, diags *diag.Diagnostics) {
	m.readAll(ctx, desk, s.Ticket, diags)
	m.readResource(desk, s, time.Now())
	m.Description = lifecycle.OptionalString(s.Ticket.Description)
	for _, e := range events {
		if e.Kind == servicedesk.EventCreated && m.Description.IsNull() {
			m.Description = lifecycle.OptionalString(strings.TrimSpace(e.Message.Text))
		}
	}
	m.Links = types.SetNull(linkTypes)
	m.Keepers = types.MapNull(types.StringType)
}
