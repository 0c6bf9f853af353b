package servicedesk

import (
	"cmp"
	"slices"
	"time"
)

// Goal is what is waited for. It is one of approved, acknowledged, in_progress, resolved, closed.
type Goal string

// The goals. What comes after a goal reaches it too: a closed ticket has been resolved.
const (
	GoalApproved     Goal = "approved"
	GoalAcknowledged Goal = "acknowledged"
	GoalInProgress   Goal = "in_progress"
	GoalResolved     Goal = "resolved"
	GoalClosed       Goal = "closed"
)

// Goals are all of them.
var Goals = []Goal{GoalApproved, GoalAcknowledged, GoalInProgress, GoalResolved, GoalClosed}

// progress orders the statuses that are on the way to a good end.
var progress = map[Status]int{
	StatusAcknowledged: 1, StatusPending: 1, StatusHeld: 1, StatusInProgress: 2, StatusResolved: 3, StatusClosed: 4,
}

// reachedBy reports whether a status or an approval is the goal or past it.
func (g Goal) reachedBy(m Meaning) bool {
	if g == GoalApproved {
		return m.Approval == ApprovalApproved && m.Status != StatusRejected && m.Status != StatusCancelled
	}
	return progress[m.Status] >= progress[Status(g)]
}

// at is the goal as far as a desk has it: where no status means closed, what is resolved is.
func (g Goal) at(m Mapping, t Type) Goal {
	if g != GoalClosed {
		return g
	}
	for _, meaning := range m.Types[t].Statuses {
		if meaning.Status == StatusClosed {
			return g
		}
	}
	return GoalResolved
}

// Outcome is how a wait stands.
type Outcome struct {
	// Reached says that the goal was reached or passed, Failed that it no longer can be.
	Reached, Failed bool
	// Status is what did it, At when, By whom.
	Status Status
	At     time.Time
	By     string
	// Words are the last that somebody else than the account has said in public.
	Words string
}

// judge reads from a ticket and its history how a wait for a goal stands. What was reached before the wait began counts
// only if it was not undone since: a reopened ticket is not resolved. What was reached meanwhile counts even if it
// passed quickly: an approval may last shorter than the pause between two looks.
func judge(t Ticket, events []Event, g Goal, failOn []Status, began time.Time) Outcome {
	var out Outcome
	note := func(m Meaning, at time.Time, by string) {
		failed := slices.Contains(failOn, m.Status) || g == GoalApproved && m.Approval == ApprovalRejected
		switch {
		case failed:
			if out.Failed && out.Status == m.Status {
				return // The first time counts.
			}
			out.Failed, out.Reached = true, false
		case g.reachedBy(m):
			if out.Reached {
				return
			}
			out.Failed, out.Reached = false, true
		case m.Status == StatusUnknown:
			return
		default:
			out.Failed = false
			if out.Reached && !out.At.Before(began) || g == GoalApproved && m.Approval != ApprovalRequested {
				return
			}
			out.Reached = false
			return
		}
		out.Status, out.At, out.By = m.Status, at, by
	}
	last := Event{At: cmp.Or(t.UpdatedAt, t.CreatedAt)}
	for _, e := range events {
		if e.Kind == EventStatus {
			last = e
		}
		if e.Kind == EventStatus || e.Kind == EventCreated && e.ToNative != "" {
			note(e.To, e.At, e.Author)
		}
		if e.Message.Public && !e.Own && e.Kind != EventCreated && e.Message.Text != "" {
			out.Words = e.Message.Text
		}
	}
	note(Meaning{Status: t.Status, Approval: t.Approval}, cmp.Or(t.UpdatedAt, t.CreatedAt), "")
	if g == GoalApproved && !out.Reached && progress[t.Status] >= progress[StatusResolved] {
		// It has been done without, and nobody will approve it any more.
		out.Failed, out.Status, out.At, out.By = true, t.Status, last.At, last.Author
	}
	return out
}
