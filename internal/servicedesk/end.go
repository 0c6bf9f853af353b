package servicedesk

import (
	"cmp"
	"context"
	"errors"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Ending is how a requester takes leave of a ticket. None deletes: tickets are records.
type Ending string

// The endings.
const (
	EndCancel  Ending = "cancel"
	EndClose   Ending = "close"
	EndComment Ending = "comment"
	EndDetach  Ending = "detach"
)

// Endings are all of them.
var Endings = []Ending{EndCancel, EndClose, EndComment, EndDetach}

// Ended is what came of an ending.
type Ended struct {
	// Ticket is as it was before; empty if it could not be seen.
	Ticket Ticket
	// Before says that it had ended before, and was left alone.
	Before bool
	// Unseen is why the ticket could not be seen: ErrNotFound or ErrForbidden.
	Unseen error
	// MergedInto is the ticket that it had become part of, which was left alone.
	MergedInto ID
	// Refused is the desk's refusal of the status. The desk's people were told in a message instead, unless Unsaid is
	// why not.
	Refused, Unsaid error
}

// End takes leave of a ticket. One that has ended, or that was merged into another, is left as it is; but one that is
// resolved can still be closed where that is something else.
func End(ctx context.Context, d Desk, id ID, how Ending, comment string) (Ended, error) {
	if how == EndDetach {
		return Ended{}, nil
	}
	seen, err := Look(ctx, d, id)
	switch {
	case errors.Is(err, cloud.ErrNotFound), errors.Is(err, cloud.ErrForbidden):
		return Ended{Unseen: err}, nil
	case err != nil:
		return Ended{}, err
	}
	out := Ended{Ticket: seen.Ticket, MergedInto: seen.MergedInto}
	closes := d.Describe().Mapping.Types[seen.Ticket.Type].CloseStatus
	closable := how == EndClose && seen.Ticket.Status == StatusResolved && closes != "" && closes != seen.Ticket.NativeStatus
	if out.Before = seen.Ticket.Status.Terminal() && !closable; out.Before || seen.MergedInto != "" {
		return out, nil
	}
	// A public reply would move the ticket, and reopen one that somebody resolves meanwhile.
	m := Message{Text: cmp.Or(comment, "The requester withdraws this ticket: it is no longer declared.")}
	to := StatusCancelled
	switch how {
	case EndComment:
		_, err = Say(ctx, d, id, m)
		return out, err
	case EndClose:
		to = StatusClosed
	case EndCancel, EndDetach:
	}
	err = d.Transition(ctx, seen.Ticket, to, m)
	refused := errors.Is(err, ErrTransition) || errors.Is(err, cloud.ErrUnsupported)
	if refused || errors.Is(err, cloud.ErrUnknownOutcome) {
		// It has ended if the lost request was carried out, or if somebody else was faster.
		if again, lookErr := Look(ctx, d, id); lookErr == nil && again.Ticket.Status.Terminal() &&
			again.Ticket.Status != seen.Ticket.Status {
			return out, nil
		}
	}
	if refused {
		out.Refused = err
		_, out.Unsaid = Say(ctx, d, id, m)
		return out, nil
	}
	return out, err
}
