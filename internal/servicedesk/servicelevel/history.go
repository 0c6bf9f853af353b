package servicelevel

import (
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Outcome is what has become of a ticket by AsOf.
type Outcome string

// The outcomes. Withdrawn is what was rejected or cancelled.
const (
	OutcomeOpen      Outcome = "open"
	OutcomeResolved  Outcome = "resolved"
	OutcomeWithdrawn Outcome = "withdrawn"
)

// course is what a history tells.
type course struct {
	outcome Outcome
	// end is when the ticket got its outcome; zero while it is open.
	end time.Time
	// since is when the ticket stopped being open, before which it may have gone from one end to another.
	since time.Time
	// response is when staff first responded; zero if they have not before the end.
	response time.Time
	// unknown are the native statuses that the mapping does not have.
	unknown []string
}

// follow reads a history up to a moment.
func follow(r Record, asOf time.Time) course {
	c := course{outcome: OutcomeOpen}
	events := known(r, asOf)
	for _, e := range events {
		if e.Kind != servicedesk.EventStatus && e.Kind != servicedesk.EventCreated {
			continue
		}
		c.reach(e.To.Status, e.At.UTC())
		if e.To.Status == servicedesk.StatusUnknown {
			c.unknown = append(c.unknown, e.ToNative)
		}
	}
	slices.Sort(c.unknown)
	c.unknown = slices.Compact(c.unknown)
	if i := slices.IndexFunc(events, response); i >= 0 {
		if at := events[i].At.UTC(); c.outcome == OutcomeOpen || !at.After(c.end) {
			c.response = at
		}
	}
	return c
}

// reach takes one more status into account.
func (c *course) reach(s servicedesk.Status, at time.Time) {
	if s.Terminal() && c.outcome == OutcomeOpen {
		c.since = at
	}
	switch s {
	case servicedesk.StatusResolved, servicedesk.StatusClosed:
		// Closing what is resolved or withdrawn files it away and is no news.
		if c.outcome == OutcomeOpen || c.outcome == OutcomeWithdrawn && s == servicedesk.StatusResolved {
			c.outcome, c.end = OutcomeResolved, at
		}
	case servicedesk.StatusCancelled, servicedesk.StatusRejected:
		// Nobody has waited for the ticket since it first ended, whatever that end was called.
		c.outcome, c.end = OutcomeWithdrawn, c.since
	case servicedesk.StatusAcknowledged, servicedesk.StatusInProgress, servicedesk.StatusPending, servicedesk.StatusHeld:
		c.outcome, c.end = OutcomeOpen, time.Time{}
	default:
		// An unknown status, or a creation without one.
	}
}

// response reports whether an event is one for the requester.
func response(e servicedesk.Event) bool {
	return e.Staff && (e.Kind == servicedesk.EventStatus || e.Kind == servicedesk.EventMessage && e.Message.Public)
}

// known is what has happened to a ticket from its creation to a moment, both included. Of events of one time, the one
// that the desk tells first is first: many desks tell seconds only.
func known(r Record, asOf time.Time) []servicedesk.Event {
	events := slices.Clone(r.History)
	if !slices.ContainsFunc(events, func(e servicedesk.Event) bool { return e.Kind == servicedesk.EventStatus }) {
		events = append(events, presentStatus(r.Ticket))
	}
	events = slices.DeleteFunc(events, func(e servicedesk.Event) bool {
		return e.At.Before(r.Ticket.CreatedAt) || e.At.After(asOf)
	})
	slices.SortStableFunc(events, func(a, b servicedesk.Event) int { return a.At.Compare(b.At) })
	return events
}

// presentStatus makes an event of what a ticket says of its end, for a desk that keeps no history of it. Who did it is
// not known. The last update is the latest that it can have been.
func presentStatus(t servicedesk.Ticket) servicedesk.Event {
	e := servicedesk.Event{
		Kind: servicedesk.EventStatus, At: t.UpdatedAt, ToNative: t.NativeStatus, To: servicedesk.Meaning{Status: t.Status},
	}
	if (t.Status == servicedesk.StatusResolved || t.Status == servicedesk.StatusClosed) && !t.ResolvedAt.IsZero() {
		e.At = t.ResolvedAt
	}
	return e
}
