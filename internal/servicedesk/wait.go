package servicedesk

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// pauseFloor and pauseCeiling bound the pause between looks: people decide, so seconds do not matter, and after an
	// hour minutes do not either.
	pauseFloor   = 15 * time.Second
	pauseCeiling = 5 * time.Minute
)

// ErrNoApproval means that a ticket that is waited for to be approved is of a type that knows no approval.
var ErrNoApproval = errors.New("the ticket needs no approval")

// ErrGaveUp means that a wait ended by its time limit or an interrupt, and nothing is wrong.
var ErrGaveUp = errors.New("gave up waiting")

// Wait is a wait for a ticket to reach a goal.
type Wait struct {
	Watcher *Watcher
	ID      ID
	Goal    Goal
	// FailOn are the statuses that end the wait without the goal.
	FailOn []Status
	// Pause is the time between looks; zero for one that grows from 15 seconds to 5 minutes.
	Pause time.Duration
	// Limit bounds the wait.
	Limit time.Duration
}

// Run waits. It answers the last that was seen of the ticket with how the wait stands, and ErrGaveUp if that is
// undecided, with the last error of a desk that does not answer, which is waited for. An interrupt ends it at once.
func (w Wait) Run(ctx context.Context) (Ticket, Outcome, error) {
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, w.Limit)
	defer cancel()
	var last Ticket
	var out Outcome
	var trouble error
	gaveUp := func() error { return errors.Join(ErrGaveUp, cmp.Or(w.Watcher.silence(), trouble)) }
	for {
		t, now, err := w.look(limited, began)
		switch {
		case err == nil:
			last, out, trouble = t, now, nil
			if out.Reached || out.Failed {
				return last, out, nil
			}
		case limited.Err() != nil:
			return last, out, gaveUp()
		case !unavailable(err):
			return last, out, err
		default:
			trouble = err
		}
		seen := Brief{ID: last.ID, NativeStatus: last.NativeStatus, UpdatedAt: last.UpdatedAt}
		if seen.ID == "" {
			seen.ID = w.ID
		}
		pause := func() time.Duration { return w.pause(time.Since(began)) }
		if err := w.Watcher.changed(limited, seen, pause); err != nil && !unavailable(err) {
			if limited.Err() != nil {
				err = gaveUp()
			}
			return last, out, err
		}
	}
}

func (w Wait) look(ctx context.Context, began time.Time) (Ticket, Outcome, error) {
	d := w.Watcher.desk
	seen, err := Look(ctx, d, w.ID)
	if err != nil {
		return Ticket{}, Outcome{}, err
	}
	var events []Event
	if d.Describe().History {
		if events, err = d.History(ctx, seen.Ticket); err != nil {
			return Ticket{}, Outcome{}, err
		}
	}
	if w.Goal == GoalApproved && seen.Ticket.Approval == ApprovalNotRequired {
		return seen.Ticket, Outcome{}, ErrNoApproval
	}
	goal := w.Goal.at(d.Describe().Mapping, seen.Ticket.Type)
	return seen.Ticket, judge(seen.Ticket, events, goal, w.FailOn, began), nil
}

// pause is 5 % of the time waited so far.
func (w Wait) pause(elapsed time.Duration) time.Duration {
	if w.Pause > 0 {
		return w.Pause
	}
	return min(max(elapsed/20, pauseFloor), pauseCeiling)
}

// permanent is an error that no further look would change.
func permanent(err error) bool {
	return err != nil && !unavailable(err) && !errors.Is(err, cloud.ErrUnknownOutcome)
}
