package servicedesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// searchFloor and searchCeiling bound the pause between searches for a ticket whose fate is not known.
	searchFloor   = 500 * time.Millisecond
	searchCeiling = 5 * time.Second
	// rivalPatience is how long a rival may take to claim or withdraw its ticket before it counts as given up.
	rivalPatience = 30 * time.Second
	// callLimit bounds one call that an interrupt must not cut off, and interruptLimit one whose answer is not worth a long
	// wait after an interrupt.
	callLimit      = 3 * time.Minute
	interruptLimit = 10 * time.Second
	// generationLimit bounds how often one order can have been filed before.
	generationLimit = 1000
)

// Filing is an order to have a ticket, once.
type Filing struct {
	Desk Desk
	New  NewTicket
	// Derived says that the key was made from the content, so that an order like one that has ended is a new one.
	// Without it, the same key is sent again.
	Derived bool
}

// Filed is what came of a filing. With an error beside it, an ID says that there is a ticket nevertheless.
type Filed struct {
	Ticket Ticket
	// Key is the one that it was filed with.
	Key string
	// Adopted says that the ticket was there before, Known that somebody had claimed it then.
	Adopted, Known bool
	// Withdrawn are tickets that this filing made and took back, as another one has the key.
	Withdrawn []ID
	// Others are open tickets of the same key that were left alone.
	Others []ID
	// Dropped are the parts of the content that the desk did not take, by their names in the model.
	Dropped []string
	// Troubles are what went wrong after there was a ticket.
	Troubles []error
}

// Run files the ticket, or finds the one that an earlier, cut off filing has made. A desk cannot be asked to do this
// atomically, and a second ticket is a second order that people carry out. So there is one request that creates, ever:
// what becomes of it is found out by searching for the key. After a ticket exists, nothing is an error any more.
func (f Filing) Run(ctx context.Context) (Filed, error) { return (&filing{f}).run(ctx) }

// filing is an order that is being carried out, whose key may move on.
type filing struct{ Filing }

func (f *filing) run(ctx context.Context) (Filed, error) {
	found, err := f.find(ctx)
	if err != nil {
		return Filed{}, err
	}
	if len(found) > 0 {
		return f.adopt(ctx, found), nil
	}
	id, err := f.create(ctx)
	if err != nil {
		return Filed{}, err
	}
	var out Filed
	stays := f.confirm(ctx, id, &out)
	if stays != id {
		out.Adopted, out.Known = true, true
	}
	f.look(ctx, stays, &out)
	return out, nil
}

// find searches for open tickets of the key. A derived key moves on to its next generation past those that have ended.
func (f *filing) find(ctx context.Context) ([]Ticket, error) {
	base := f.New.Key
	for generation := 2; ; generation++ {
		found, open, err := f.decided(ctx)
		if err != nil || len(open) > 0 || len(found) == 0 || !f.Derived || generation > generationLimit {
			return open, err
		}
		f.New.Key = fmt.Sprintf("%s.%d", base, generation)
	}
}

// decided answers all tickets of the key, and which of them are open. While one of these is so new that whoever has made
// it may be about to claim or withdraw it, this is waited for: who took it over meanwhile would be left with a ticket
// that is withdrawn, or bring a third run to withdraw the other one too.
func (f *filing) decided(ctx context.Context) (found, open []Ticket, err error) {
	deadline := time.Now().Add(rivalPatience)
	for {
		if found, err = f.Desk.FindByKey(ctx, f.New.Key); err != nil {
			return nil, nil, err
		}
		if open = notEnded(found); !slices.ContainsFunc(open, f.inTheMaking) || !time.Now().Before(deadline) {
			return found, open, nil
		}
		select {
		case <-time.After(searchFloor):
		case <-ctx.Done():
			return found, open, nil
		}
	}
}

// inTheMaking reports whether the run that has made a ticket may be at it still. Where clocks differ much, the answer may
// be wrong, and the wait for nothing or left out.
func (f *filing) inTheMaking(t Ticket) bool {
	d := f.Desk.Describe()
	return !d.AtomicKeys && !t.Claimed && time.Since(t.CreatedAt) < d.ServerTimeout+rivalPatience
}

func notEnded(all []Ticket) []Ticket {
	return slices.DeleteFunc(slices.Clone(all), func(t Ticket) bool { return t.Status.Terminal() })
}

// adopt takes the first of the open tickets over, a claimed one before others.
func (f *filing) adopt(ctx context.Context, open []Ticket) Filed {
	i := max(slices.IndexFunc(open, func(t Ticket) bool { return t.Claimed }), 0)
	out := Filed{Adopted: true, Known: open[i].Claimed}
	for n, t := range open {
		if n != i {
			out.Others = append(out.Others, t.ID)
		}
	}
	if !open[i].Claimed {
		if err := f.claim(ctx, open[i].ID); err != nil {
			out.Troubles = append(out.Troubles, err)
		}
	}
	f.look(ctx, open[i].ID, &out)
	return out
}

// create sends the one request that makes a ticket, and finds out what came of it if the answer was lost. An interrupt
// does not cut it off: the answer may be on its way.
func (f *filing) create(ctx context.Context) (ID, error) {
	id, err := within(ctx, func(ctx context.Context) (ID, error) { return f.Desk.Create(ctx, f.New) })
	if !errors.Is(err, cloud.ErrUnknownOutcome) {
		return id, err
	}
	return searched(ctx, f.Desk.Describe().ServerTimeout, err, func(ctx context.Context) (ID, error) {
		found, err := f.Desk.FindByKey(ctx, f.New.Key)
		open := notEnded(found)
		if err != nil || len(open) == 0 {
			return "", err
		}
		// One that is claimed is a rival's.
		return open[max(slices.IndexFunc(open, func(t Ticket) bool { return !t.Claimed }), 0)].ID, nil
	})
}

func (f *filing) claim(ctx context.Context, id ID) error {
	_, err := within(ctx, func(ctx context.Context) (any, error) { return nil, f.Desk.Claim(ctx, id, f.New.Key) })
	return err
}

// look reads the ticket as it is now, and what the desk has dropped of it.
func (f *filing) look(ctx context.Context, id ID, out *Filed) {
	out.Key = f.New.Key
	seen, err := soon(ctx, func(ctx context.Context) (Sight, error) { return Look(ctx, f.Desk, id) })
	if err != nil {
		out.Ticket = Ticket{ID: id, Key: f.New.Key, Type: f.New.Type, Content: f.New.Content, Queue: f.New.Queue, Status: StatusUnknown}
		out.Troubles = append(out.Troubles, err)
		return
	}
	out.Ticket = seen.Ticket
	out.Ticket.ID = id
	if !out.Adopted {
		out.Dropped = Difference(f.Desk.Describe(), f.New.Content, seen.Ticket).Names()
		if seen.Ticket.Key == "" {
			out.Dropped = append(out.Dropped, "external_key")
		}
		if asked := f.New.Requester; asked != "" && !f.Desk.Describe().Requesters && !strings.EqualFold(asked, seen.Ticket.Requester) {
			out.Dropped = append(out.Dropped, "requester")
		}
	}
}

// within runs a call that an interrupt must not cut off, for a limited time.
func within[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	return call(ctx)
}

// soon is within for a look: after an interrupt, it has a moment left, lest a desk that does not answer keeps people
// waiting who want to go.
func soon[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(interruptLimit, cancel) })()
	return call(limited)
}
