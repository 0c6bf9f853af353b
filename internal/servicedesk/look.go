package servicedesk

import (
	"context"
	"slices"
)

// Sight is a ticket as it is found again.
type Sight struct {
	Ticket Ticket
	// MergedInto is the ticket that it was merged into, empty if it was not. Ticket is that one then.
	MergedInto ID
}

// Look reads a ticket. Where its status does not tell what became of an approval, its history does.
func Look(ctx context.Context, d Desk, id ID) (Sight, error) {
	t, err := d.Get(ctx, id)
	if err != nil {
		return Sight{}, err
	}
	s := Sight{Ticket: t}
	if t.ID != id {
		s.MergedInto = t.ID
	}
	if t.Approval == "" {
		if s.Ticket.Approval, err = approvalOf(ctx, d, t); err != nil {
			return Sight{}, err
		}
	}
	return s, nil
}

// approvalOf is the last that the history tells of an approval.
func approvalOf(ctx context.Context, d Desk, t Ticket) (Approval, error) {
	if !d.Describe().History {
		return ApprovalRequested, nil
	}
	events, err := d.History(ctx, t)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(events) {
		if e.To.Approval != "" {
			return e.To.Approval, nil
		}
	}
	return ApprovalRequested, nil
}
