package servicedesk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// confirm makes sure that the ticket is the only one of its key, where the desk does not, and answers the one that stays.
//
// Two runs that file at the same time may both have found nothing. So each claims its ticket only after it has seen no
// claimed one, and then looks again: of two that have both claimed, at least the later sees the other, and the first by
// the desk's order stays. A rival's ticket that is not claimed yet is waited for. So is, at a desk whose search lags
// behind, the own ticket: what was filed before it is found then, too.
func (f *filing) confirm(ctx context.Context, mine ID, out *Filed) ID {
	d := f.Desk.Describe()
	if d.AtomicKeys {
		return mine
	}
	stays, err := f.claimAlone(ctx, mine, out)
	deadline, seen := time.Now().Add(d.ServerTimeout), false
	over := func() bool { return !time.Now().Before(deadline) || ctx.Err() != nil }
	for pause := searchFloor; err == nil; pause = min(pause*3/2, searchCeiling) {
		var now rivals
		if now, err = f.rivals(ctx, stays, mine); err != nil {
			break
		}
		if now.seen && !seen {
			deadline, seen = time.Now().Add(rivalPatience), true
		}
		switch {
		case len(now.before) > 0 && (stays == mine || !over()):
			if stays == mine {
				f.withdraw(ctx, mine, now.before[0], out)
			}
			stays = now.before[0].ID // If that is not the first of all, or taken back itself, the next look tells.
		case now.seen && len(now.undecided) == 0:
			return stays
		case !now.seen && f.keyless(ctx, stays):
			return stays
		case over():
			out.Others = append(out.Others, now.undecided...)
			return stays
		}
		select {
		case <-time.After(min(pause, time.Until(deadline))):
		case <-ctx.Done():
		}
	}
	out.Troubles = append(out.Troubles, err)
	return stays
}

// claimAlone claims the ticket, or withdraws it if there is a claimed one.
func (f *filing) claimAlone(ctx context.Context, mine ID, out *Filed) (ID, error) {
	found, err := f.rivals(ctx, mine, mine)
	if err != nil {
		return mine, err
	}
	if claimed := slices.Concat(found.before, found.after); len(claimed) > 0 {
		f.withdraw(ctx, mine, claimed[0], out)
		return claimed[0].ID, nil
	}
	return mine, f.claim(ctx, mine)
}

// rivals are the other open tickets of a key, as they stand to one of them.
type rivals struct {
	// before and after are those claimed, by the desk's order. If the ticket itself is not seen yet, all were before it.
	before, after []Ticket
	undecided     []ID
	seen          bool
}

func (f *filing) rivals(ctx context.Context, of, mine ID) (rivals, error) {
	found, err := soon(ctx, func(ctx context.Context) ([]Ticket, error) { return f.Desk.FindByKey(ctx, f.New.Key) })
	var out rivals
	for _, t := range found {
		switch {
		case t.ID == of:
			out.seen = true
		case t.ID == mine, t.Status.Terminal():
		case !t.Claimed:
			out.undecided = append(out.undecided, t.ID)
		case out.seen:
			out.after = append(out.after, t)
		default:
			out.before = append(out.before, t)
		}
	}
	return out, err
}

// keyless reports whether the desk has dropped a ticket's key, so that no search will find it.
func (f *filing) keyless(ctx context.Context, id ID) bool {
	t, err := soon(ctx, func(ctx context.Context) (Ticket, error) { return f.Desk.Get(ctx, id) })
	return err == nil && t.Key == ""
}

// withdraw takes back what this filing made in favour of another run's ticket.
func (f *filing) withdraw(ctx context.Context, mine ID, winner Ticket, out *Filed) {
	words := fmt.Sprintf("Filed at the same time as ticket %s, which says the same. Please go on there.", winner.Number)
	ended, err := within(ctx, func(ctx context.Context) (Ended, error) { return End(ctx, f.Desk, mine, EndCancel, words) })
	if err = cmp.Or(err, ended.Refused, ended.Unseen); err != nil {
		out.Others, out.Troubles = append(out.Others, mine), append(out.Troubles, err)
		return
	}
	out.Withdrawn = append(out.Withdrawn, mine)
}
