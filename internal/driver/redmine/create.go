package redmine

import (
	"context"
	"fmt"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Create files an issue, with the key in it and a mark that nobody has claimed it. Relations take requests of their own,
// after there is a ticket: what fails of them counts as dropped.
func (d *desk) Create(ctx context.Context, t servicedesk.NewTicket) (servicedesk.ID, error) {
	a, err := d.newIssue(ctx, t)
	if err != nil {
		return "", err
	}
	var answer struct{ Issue issue }
	if err := d.post(ctx, "/issues.json", map[string]any{"issue": a}, &answer); err != nil {
		return "", err
	}
	if answer.Issue.ID <= 0 {
		return "", d.strange("it has no ticket", writing)
	}
	d.fields.learn(d.project.ID, answer.Issue)
	for _, l := range t.Links {
		_ = d.relate(ctx, answer.Issue.ID, l) // Get tells what is missing.
	}
	return idFor(answer.Issue.ID), nil
}

// newIssue is the content of a ticket to be filed. A tracker or a field that is not there is refused here: Redmine would
// file the ticket in another tracker, and drop the field. There is no place for a requester, who is always the account.
func (d *desk) newIssue(ctx context.Context, t servicedesk.NewTicket) (attributes, error) {
	key, err := d.keyField()
	if err != nil {
		return nil, err
	}
	tracker, err := d.queueOf(t.Type, t.Queue)
	if err != nil {
		return nil, err
	}
	a := attributes{
		"project_id": d.project.ID, "tracker_id": tracker, "subject": t.Subject, "description": t.Description,
	}
	a.customField(key, unclaimedForm(t.Key))
	if err := d.setOwn(ctx, a, tracker, t.Fields); err != nil {
		return nil, err
	}
	if due := dueDate(t.RequestedResolutionAt); due != "" {
		a["due_date"] = due
	}
	if t.Severity != "" {
		d.setMapped(a, d.mapping.Fields.Severity, string(t.Severity))
	}
	if t.Project != "" {
		d.setMapped(a, d.mapping.Fields.Project, t.Project)
	}
	if len(t.AffectedResources) > 0 {
		d.setResources(a, t.AffectedResources)
	}
	if parent := parentOf(t.Links); parent != 0 && d.permissions.may(manageSubtasks) {
		a["parent_issue_id"] = parent
	}
	watchers, err := d.resolve(ctx, t.Watchers)
	if len(watchers) > 0 {
		a["watcher_user_ids"] = watchers
	}
	return a, err
}

// Claim takes the mark off the key, and looks whether Redmine has done so.
func (d *desk) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	n, err := d.number(id)
	if err != nil {
		return err
	}
	field, err := d.keyField()
	if err != nil {
		return err
	}
	a := attributes{}
	a.customField(field, key)
	if err := d.put(ctx, n, a); err != nil {
		return err
	}
	i, err := d.issue(ctx, n, "")
	if err != nil {
		return err
	}
	if t := d.ticket(i); t.Key != key || !t.Claimed {
		return d.refused(cloud.ErrForbidden, fmt.Sprintf("Redmine did not take the external key of ticket #%d and did not say why.", n),
			"Ask the desk's operator to let the account edit its own issues, and the key's field in all statuses.")
	}
	return nil
}
