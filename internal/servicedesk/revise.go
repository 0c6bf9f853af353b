package servicedesk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Revision is a change of what is wanted of a ticket.
type Revision struct {
	Desk Desk
	ID   ID
	// From is what was wanted before: what is in it and no longer in To is taken off again.
	From, To Content
	// IgnoreIfEnded says that the change is to be left out if the ticket has ended.
	IgnoreIfEnded bool
}

// ErrEnded means that nobody works on the ticket any more, so that a change of it would be read by nobody.
var ErrEnded = errors.New("the ticket has ended")

// Revised is what came of a revision.
type Revised struct {
	Sight
	// Dropped are the parts that the desk did not take, by their names in the model; none of a ticket that has ended.
	Dropped []string
}

// Run changes the ticket as far as it differs, and reads back what the desk made of it. If the ticket has changed
// between reading and writing, it is read once more.
func (r Revision) Run(ctx context.Context) (Revised, error) {
	seen, err := r.apply(ctx)
	if errors.Is(err, cloud.ErrConflict) {
		seen, err = r.apply(ctx)
	}
	if err != nil {
		return Revised{}, err
	}
	if seen.MergedInto != "" {
		return Revised{Sight: seen}, nil
	}
	if err := r.describe(ctx, seen.Ticket); err != nil {
		return Revised{}, err
	}
	after, err := Look(ctx, r.Desk, r.ID)
	if err != nil {
		return Revised{}, err
	}
	out := Revised{Sight: after}
	if !seen.Ticket.Status.Terminal() {
		out.Dropped = r.change(after.Ticket).Names()
	}
	return out, nil
}

func (r Revision) apply(ctx context.Context) (Sight, error) {
	seen, err := Look(ctx, r.Desk, r.ID)
	if err != nil {
		return seen, err
	}
	if seen.MergedInto != "" {
		return seen, nil // It is another's words now.
	}
	c := r.change(seen.Ticket)
	if to := r.To.Description; r.Desk.Describe().EditsDescription && to != r.From.Description && to != seen.Ticket.Description {
		c.Description = &r.To.Description
	}
	if c.Empty() {
		return seen, nil
	}
	if seen.Ticket.Status.Terminal() {
		if r.IgnoreIfEnded {
			return seen, nil
		}
		return seen, ErrEnded
	}
	return seen, r.Desk.Update(ctx, seen.Ticket, c)
}

// change is what is to be sent.
func (r Revision) change(got Ticket) Change {
	c := Difference(r.Desk.Describe(), r.To, got)
	for _, w := range r.From.Watchers {
		has := func(x string) bool { return strings.EqualFold(x, w) }
		if !slices.ContainsFunc(r.To.Watchers, has) && slices.ContainsFunc(got.Watchers, has) {
			c.RemoveWatchers = append(c.RemoveWatchers, w)
		}
	}
	for _, l := range r.From.Links {
		if !slices.Contains(r.To.Links, l) && slices.Contains(got.Links, l) {
			c.RemoveLinks = append(c.RemoveLinks, l)
		}
	}
	for name := range r.From.Fields {
		if _, kept := r.To.Fields[name]; !kept && got.Fields[name] != "" {
			if c.Fields == nil {
				c.Fields = make(map[string]string)
			}
			c.Fields[name] = ""
		}
	}
	r.clear(got, &c)
	return c
}

// clear takes off what was wanted once and is not any more.
func (r Revision) clear(got Ticket, c *Change) {
	if r.From.Project != "" && r.To.Project == "" && got.Project != "" {
		c.Project = new(string)
	}
	if len(r.From.AffectedResources) > 0 && len(r.To.AffectedResources) == 0 && len(got.AffectedResources) > 0 {
		c.AffectedResources = &[]string{}
	}
	if !r.From.RequestedResolutionAt.IsZero() && r.To.RequestedResolutionAt.IsZero() && !got.RequestedResolutionAt.IsZero() {
		c.RequestedResolutionAt = new(time.Time)
	}
}

// describe says a new description in the ticket where the desk cannot change the old one.
func (r Revision) describe(ctx context.Context, t Ticket) error {
	if r.To.Description == r.From.Description || r.Desk.Describe().EditsDescription {
		return nil
	}
	if t.Status.Terminal() {
		if r.IgnoreIfEnded {
			return nil
		}
		return ErrEnded
	}
	const beginning = "The description is now:"
	_, err := say(ctx, r.Desk, t.ID, Message{Text: beginning + "\n\n" + r.To.Description, Public: true}, beginning)
	return err
}
