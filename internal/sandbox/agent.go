package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// agentName is what the desk's people are called in what they do.
const agentName = "agent"

// Agent plays the people of one operator's service desk.
type Agent struct {
	box      *Sandbox
	operator string
}

// Agent is the one of an operator's desk.
func (s *Sandbox) Agent(operator string) *Agent { return &Agent{box: s, operator: operator} }

// act does something to a ticket.
func (a *Agent) act(ctx context.Context, id string, f func(*world, *ticket) *problem) error {
	o := a.box.operator(a.operator)
	if o == nil || o.world.desk == nil {
		return fmt.Errorf("there is no sandbox operator %q with a service desk", a.operator)
	}
	var p *problem
	err := o.world.locked(ctx, func() {
		t := o.world.desk.tickets[id]
		switch {
		case t == nil:
			p = notFound("ticket", id)
		case t.MergedInto != "":
			p = statusRefused(t, "it was merged into %s", t.MergedInto)
		default:
			p = f(o.world, t)
		}
	})
	if err == nil && p != nil {
		err = fmt.Errorf("%s: %s", p.Code, value(p.Detail))
	}
	return err
}

// move brings a ticket into a status, with public words if there are any.
func (w *world) move(t *ticket, to api.TicketStatus, words string, change func(*ticket)) *problem {
	if t.Approval == api.TicketApprovalRequested && to == api.TicketStatusInProgress {
		return statusRefused(t, "it is not approved")
	}
	e := ticketEvent{Kind: api.TicketEventKindOther, By: author{agentName, true}}
	if words != "" {
		e.Kind, e.Message = api.TicketEventKindMessage, &message{words, true}
	}
	w.become(t, e, func(t *ticket) {
		t.Status, t.Reason, t.Assignee = to, "", agentName
		change(t)
	})
	return nil
}

// Approve approves of a ticket that asks for it.
func (a *Agent) Approve(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if t.Approval != api.TicketApprovalRequested || ended(t.Status) {
			return statusRefused(t, "its approval is %s", t.Approval)
		}
		return w.move(t, t.Status, "", func(t *ticket) { t.Approval = api.TicketApprovalApproved })
	})
}

// Reject refuses a ticket and says why in public.
func (a *Agent) Reject(ctx context.Context, id, reason string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if ended(t.Status) {
			return statusRefused(t, "it is over")
		}
		return w.move(t, api.TicketStatusRejected, reason, func(t *ticket) {
			if t.Reason = reason; t.Approval == api.TicketApprovalRequested {
				t.Approval = api.TicketApprovalRejected
			}
		})
	})
}

// Start begins the work.
func (a *Agent) Start(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if ended(t.Status) || t.Status == api.TicketStatusInProgress {
			return statusRefused(t, "there is nothing to start")
		}
		return w.move(t, api.TicketStatusInProgress, "", func(*ticket) {})
	})
}

// Hold pauses the work.
func (a *Agent) Hold(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if ended(t.Status) || t.Status == api.TicketStatusHeld {
			return statusRefused(t, "there is nothing to hold")
		}
		return w.move(t, api.TicketStatusHeld, "", func(*ticket) {})
	})
}

// Ask puts a question to the requester, whose turn it is then.
func (a *Agent) Ask(ctx context.Context, id, question string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if ended(t.Status) {
			return statusRefused(t, "it is over")
		}
		return w.move(t, api.TicketStatusPending, question, func(next *ticket) {
			if next.Reason = question; t.Status != api.TicketStatusPending {
				next.Before = t.Status
			}
		})
	})
}

// Resolve ends the work with public words.
func (a *Agent) Resolve(ctx context.Context, id, words string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if ended(t.Status) {
			return statusRefused(t, "it is over")
		}
		if t.Approval == api.TicketApprovalRequested {
			return statusRefused(t, "it is not approved")
		}
		return w.move(t, api.TicketStatusResolved, words, func(t *ticket) {
			t.Resolution, t.ResolvedAt = words, w.clock.now()
		})
	})
}

// Reopen takes the work up again. What was never approved of waits for that again.
func (a *Agent) Reopen(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		if !ended(t.Status) {
			return statusRefused(t, "it is not over")
		}
		to := api.TicketStatusInProgress
		if t.Approval == api.TicketApprovalRequested || t.Approval == api.TicketApprovalRejected {
			to = api.TicketStatusAcknowledged
		}
		return w.move(t, to, "", func(t *ticket) {
			if t.Resolution, t.ResolvedAt = "", (time.Time{}); t.Approval == api.TicketApprovalRejected {
				t.Approval = api.TicketApprovalRequested
			}
		})
	})
}

// Say adds a message; one that is not public is heard by the desk's people alone.
func (a *Agent) Say(ctx context.Context, id, text string, public bool) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		e := ticketEvent{Kind: api.TicketEventKindMessage, By: author{agentName, true}, Message: &message{text, public}}
		if !public {
			w.tell(t, e)
			return nil
		}
		w.become(t, e, func(*ticket) {})
		return nil
	})
}

// Rename gives a ticket another subject.
func (a *Agent) Rename(ctx context.Context, id, subject string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		w.become(t, note("Changed: subject."), func(t *ticket) { t.Order.Subject = subject })
		return nil
	})
}

// Merge joins a ticket into another one of its project, whose id is the answer to its own from then on.
func (a *Agent) Merge(ctx context.Context, id, into string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		other := w.desk.tickets[into]
		if other == nil || other.Project != t.Project {
			return notFound("ticket", into)
		}
		if w.desk.target(other) == t || other.MergedInto != "" {
			return statusRefused(t, "it cannot be merged into %s", into)
		}
		w.become(t, note("Merged into "+other.number()+"."), func(t *ticket) {
			t.Status, t.MergedInto, t.Reason = api.TicketStatusClosed, other.ID, "Merged into "+other.number()+"."
		})
		w.become(other, note("Merged with "+t.number()+"."), func(*ticket) {})
		return nil
	})
}

// Hide moves a ticket to where no client sees it.
func (a *Agent) Hide(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		w.become(t, note("Moved."), func(t *ticket) { t.Queue = w.profile.ServiceDesk.ClosedQueue })
		return nil
	})
}

// Delete makes a ticket vanish with all that belongs to it.
func (a *Agent) Delete(ctx context.Context, id string) error {
	return a.act(ctx, id, func(w *world, t *ticket) *problem {
		w.desk.remove(t)
		return nil
	})
}

// note is an event about nothing but itself.
func note(detail string) ticketEvent {
	return ticketEvent{Kind: api.TicketEventKindOther, By: author{agentName, true}, Detail: detail}
}

// File is the content of one of a ticket's files.
func (a *Agent) File(ctx context.Context, id, file string) (content []byte, err error) {
	digits, _ := strings.CutPrefix(file, "file-")
	seq, _ := strconv.ParseInt(digits, 10, 64) // Which leaves 0, which no file has.
	err = a.act(ctx, id, func(w *world, t *ticket) *problem {
		if content, err = w.store.content(ctx, t.ID, seq); errors.Is(err, sql.ErrNoRows) {
			return notFound("file", file)
		}
		return nil
	})
	return content, err
}
