package redmine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Update changes an issue. Redmine locks by a lock_version that it never tells, so that a look just before the write has
// to do: it keeps changes that somebody made since the plan from being overwritten unseen, but not those of the very
// moment.
func (d *desk) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	n, err := d.number(from.ID)
	if err != nil {
		return err
	}
	now, err := d.issue(ctx, n, "relations")
	if err != nil {
		return err
	}
	if from.Version != "" && now.version() != from.Version {
		return d.refused(cloud.ErrConflict, fmt.Sprintf("Somebody has changed ticket #%d after it was read, at %s.",
			n, now.UpdatedOn.UTC().Format(time.RFC3339)), "")
	}
	a, err := d.changes(ctx, now, c)
	if err != nil {
		return err
	}
	if len(a) > 0 {
		if err := d.put(ctx, n, a); err != nil {
			return err
		}
	}
	if err := d.watch(ctx, n, c.AddWatchers); err != nil {
		return err
	}
	for _, l := range c.AddLinks {
		if slices.Contains(linksOf(now), l) {
			continue // Redmine refuses a second one.
		}
		if err := d.relate(ctx, n, l); err != nil {
			return err
		}
	}
	return nil
}

// changes are what is to be different of an issue itself.
func (d *desk) changes(ctx context.Context, now issue, c servicedesk.Change) (attributes, error) {
	a := attributes{}
	if err := d.setOwn(ctx, a, now.Tracker.ID, c.Fields); err != nil {
		return nil, err
	}
	if c.Subject != nil {
		a["subject"] = *c.Subject
	}
	if c.Description != nil {
		a["description"] = *c.Description
	}
	if c.RequestedResolutionAt != nil {
		a["due_date"] = dueDate(*c.RequestedResolutionAt)
	}
	if c.Severity != nil {
		d.setMapped(a, d.mapping.Fields.Severity, string(*c.Severity))
	}
	if c.Project != nil {
		d.setMapped(a, d.mapping.Fields.Project, *c.Project)
	}
	if c.AffectedResources != nil {
		d.setResources(a, *c.AffectedResources)
	}
	if d.permissions.may(manageSubtasks) {
		if parent := parentOf(c.RemoveLinks); parent != 0 && parent == now.Parent.ID {
			a["parent_issue_id"] = ""
		}
		if parent := parentOf(c.AddLinks); parent != 0 {
			a["parent_issue_id"] = parent
		}
	}
	return a, nil
}
