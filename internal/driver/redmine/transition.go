package redmine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Transition changes the status, with the message in the same request. Redmine answers 204 also to a status that it does
// not take, and says the message nevertheless: so the workflow is asked before, and the ticket is looked at after.
func (d *desk) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	n, err := d.number(t.ID)
	if err != nil {
		return err
	}
	native, err := d.nativeOf(t.Type, to)
	if err != nil {
		return err
	}
	before, err := d.issue(ctx, n, "allowed_statuses")
	if err != nil {
		return err
	}
	target := d.statusID(native)
	if before.Status.ID == target {
		return nil // As when the answer to an earlier request was lost.
	}
	if !d.mayMove(before, target) {
		return d.immovable(before, native)
	}
	a := d.notes(m)
	a["status_id"] = target
	if err := d.patch(ctx, n, a); err != nil {
		var e *cloud.Error
		if errors.Is(err, cloud.ErrInvalid) && errors.As(err, &e) {
			e.Reason = servicedesk.ErrTransition // Such as a field that the workflow wants for that status.
		}
		return err
	}
	after, err := d.issue(ctx, n, "allowed_statuses")
	if err != nil {
		return err
	}
	if after.Status.ID != target {
		return d.immovable(after, native)
	}
	return nil
}

// nativeOf is the desk's status by which a requester cancels or closes.
func (d *desk) nativeOf(t servicedesk.Type, to servicedesk.Status) (string, error) {
	mapping := d.mapping.Types[t]
	if t == "" { // In a tracker of no type, any type's words have to do.
		mapping = d.mapping.Types[slices.Sorted(maps.Keys(d.mapping.Types))[0]]
	}
	native := ""
	switch to { //nolint:exhaustive // A requester does nothing else.
	case servicedesk.StatusCancelled:
		native = mapping.CancelStatus
	case servicedesk.StatusClosed:
		native = mapping.CloseStatus
	}
	if native == "" || d.statusID(native) == 0 {
		return "", d.refused(cloud.ErrUnsupported, fmt.Sprintf("The desk has no status for %s tickets. It has %s.", to, listed(d.statusNames())),
			"Name one in the mapping of the desk.")
	}
	return native, nil
}

// mayMove reports whether the workflow has a way for this account; before Redmine 5 it does not tell.
func (d *desk) mayMove(i issue, status int64) bool {
	if d.permissions != nil && !d.permissions.edits() {
		return false
	}
	if i.AllowedStatuses == nil {
		return true
	}
	for _, s := range i.AllowedStatuses {
		if s.ID == status {
			return true
		}
	}
	return false
}

// immovable says which ways there are.
func (d *desk) immovable(i issue, native string) error {
	text := fmt.Sprintf("Redmine does not let the account %q bring ticket #%d from %q to %q.", d.account.Login, i.ID, i.Status.Name, native)
	if i.AllowedStatuses != nil {
		text += fmt.Sprintf(" The workflow has these for it: %s.", listed(namesOf(i.AllowedStatuses)))
	}
	return d.refused(servicedesk.ErrTransition, text,
		"Ask the desk's operator to let the account edit its own issues and to allow this way in the workflow, or to do it by hand.")
}
