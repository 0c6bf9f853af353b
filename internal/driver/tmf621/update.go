package tmf621

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Update changes a ticket by one merge patch of the parts that are to be different. An array is sent as a whole, as it was
// read just before, with what is not ours in it as it was.
func (d *desk) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	now, etag, err := d.ticket(ctx, string(from.ID), d.version.contentFields())
	if err != nil {
		return err
	}
	if string(now.ID) != string(from.ID) {
		return d.merged(string(from.ID), now)
	}
	if from.Version != "" && from.Version != etag && from.Version != now.LastUpdate.raw {
		return d.refused(cloud.ErrConflict, fmt.Sprintf("Ticket %s was changed after it was read.", from.ID), "")
	}
	if err := d.checkFields(c.Fields); err != nil {
		return err
	}
	changes := d.changes(now, c)
	if len(changes) == 0 {
		return nil
	}
	_, err = d.merge(ctx, from.ID, changes)
	return err
}

// merged says that there is nothing to be done with a ticket any more.
func (d *desk) merged(id string, into ticket) error {
	return d.refused(cloud.ErrConflict, fmt.Sprintf("Ticket %s was merged into %s.", id, into.ID), "")
}

// changes are what is to be sent.
func (d *desk) changes(now ticket, c servicedesk.Change) map[string]any {
	out := make(map[string]any)
	if c.Subject != nil {
		out["name"] = *c.Subject
	}
	if c.Description != nil {
		out["description"] = *c.Description
	}
	if c.Severity != nil {
		out["severity"] = severities[*c.Severity]
	}
	if c.RequestedResolutionAt != nil {
		out["requestedResolutionDate"] = nil
		if !c.RequestedResolutionAt.IsZero() {
			out["requestedResolutionDate"] = stamp(*c.RequestedResolutionAt)
		}
	}
	if len(c.AddWatchers)+len(c.RemoveWatchers) > 0 {
		out["relatedParty"] = d.watched(now.Parties, c.AddWatchers, c.RemoveWatchers)
	}
	if len(c.Fields) > 0 {
		out["troubleTicketCharacteristic"] = d.characteristics(now.Characteristics, c.Fields)
	}
	if slices.ContainsFunc(slices.Concat(c.AddLinks, c.RemoveLinks), isTicket) {
		out["troubleTicketRelationship"] = d.related(now.Relationships, c.AddLinks, c.RemoveLinks)
	}
	if entities, changed := d.changedEntities(now, c); changed {
		out["relatedEntity"] = entities
	}
	return out
}

// changedEntities are what a ticket is about then, if that is to change.
func (d *desk) changedEntities(now ticket, c servicedesk.Change) ([]any, bool) {
	is := d.read(now, "")
	isAddress := func(l servicedesk.Link) bool { return !isTicket(l) }
	changed := c.Project != nil || c.AffectedResources != nil || slices.ContainsFunc(slices.Concat(c.AddLinks, c.RemoveLinks), isAddress)
	if c.Project != nil {
		is.Project = *c.Project
	}
	if c.AffectedResources != nil {
		is.AffectedResources = *c.AffectedResources
	}
	links := slices.DeleteFunc(append(is.Links, c.AddLinks...), func(l servicedesk.Link) bool { return slices.Contains(c.RemoveLinks, l) })
	slices.SortFunc(links, compareLinks)
	return d.entities(now.Entities, is.Project, is.AffectedResources, slices.Compact(links)), changed
}

// Transition changes the status, with the reason and the same words as a message in one request, and looks whether the
// desk has done so.
func (d *desk) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	before, _, err := d.ticket(ctx, string(t.ID), "id,status")
	if err != nil {
		return err
	}
	native, err := d.nativeOf(t.Type, to)
	switch {
	case err != nil:
		return err
	case before.ID != text(t.ID):
		return d.merged(string(t.ID), before)
	case string(before.Status) == native:
		return nil // As when the answer to an earlier request was lost.
	}
	words := m.Text
	if words == "" { // By which the change is known for our own.
		words = fmt.Sprintf("The requester has %s this ticket.", to)
	}
	accepted, err := d.add(ctx, t.ID, notes, d.version.note(d.signature(), words, d.now()), map[string]any{
		"status": native, "statusChangeReason": words,
	})
	var e *cloud.Error
	switch {
	case (errors.Is(err, cloud.ErrInvalid) || errors.Is(err, cloud.ErrConflict) || errors.Is(err, cloud.ErrForbidden)) && errors.As(err, &e):
		e.Reason, e.Advice = servicedesk.ErrTransition, ""
		return err
	case err != nil:
		return err
	}
	after, _, err := d.ticket(ctx, string(t.ID), "id,status")
	switch {
	case err != nil:
		return err
	case string(after.Status) == native:
		return nil
	case accepted:
		return d.promised(string(t.ID))
	}
	return d.refused(servicedesk.ErrTransition,
		fmt.Sprintf("The desk did not bring ticket %s from %q to %q, and did not say why: it is %q.",
			t.ID, before.Status, native, after.Status), "")
}

// nativeOf is the desk's status by which a requester cancels or closes.
func (d *desk) nativeOf(t servicedesk.Type, to servicedesk.Status) (string, error) {
	mapping, ok := d.mapping.Types[t]
	if !ok { // Of no type, any type's words have to do.
		mapping = d.mapping.Types[slices.Sorted(maps.Keys(d.mapping.Types))[0]]
	}
	native := ""
	switch to { //nolint:exhaustive // A requester does nothing else.
	case servicedesk.StatusCancelled:
		native = mapping.CancelStatus
	case servicedesk.StatusClosed:
		native = mapping.CloseStatus
	}
	if native == "" {
		return "", d.refused(cloud.ErrUnsupported, fmt.Sprintf("The desk has no status for tickets that are %s.", to),
			"Name one in the mapping of the desk.")
	}
	return native, nil
}
