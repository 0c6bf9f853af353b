package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// desk is the service desk of an operator. All methods need the lock of its world.
type desk struct {
	tickets map[string]*ticket
	// ordered has the tickets of a project, oldest first.
	ordered map[string][]*ticket
	// keys has the tickets by the key with which a client filed them, oldest first.
	keys map[ticketKey][]*ticket
	// events and files are those of a ticket, oldest first.
	events map[string][]*ticketEvent
	files  map[string][]*ticketFile
	// due are the tickets that the desk decides about by itself.
	due map[string]*ticket

	unsaved deskChanges
}

type ticketKey struct{ project, client, key string }

// deskChanges are what is to be written down.
type deskChanges struct {
	tickets map[string]*ticket
	removed []string
	events  []*ticketEvent
	files   []newFile
}

// newFile is a file with its content.
type newFile struct {
	*ticketFile
	content []byte
}

func (c *deskChanges) empty() bool {
	return len(c.tickets) == 0 && len(c.removed) == 0 && len(c.events) == 0 && len(c.files) == 0
}

func newDesk(kept deskRecords) *desk {
	d := &desk{
		tickets: map[string]*ticket{}, ordered: map[string][]*ticket{}, keys: map[ticketKey][]*ticket{},
		events: map[string][]*ticketEvent{}, files: map[string][]*ticketFile{}, due: map[string]*ticket{},
	}
	slices.SortFunc(kept.tickets, func(a, b *ticket) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, t := range kept.tickets {
		d.index(t)
	}
	for _, e := range kept.events {
		d.events[e.Ticket] = append(d.events[e.Ticket], e)
	}
	for _, f := range kept.files {
		d.files[f.Ticket] = append(d.files[f.Ticket], f)
	}
	return d
}

// index enters a ticket everywhere, in the place of the one that it is a changed copy of.
func (d *desk) index(t *ticket) {
	key := ticketKey{t.Project, t.Client, t.Key}
	d.ordered[t.Project] = replaced(d.ordered[t.Project], t)
	d.keys[key] = replaced(d.keys[key], t)
	d.tickets[t.ID] = t
	if delete(d.due, t.ID); !t.Due.IsZero() {
		d.due[t.ID] = t
	}
}

// replaced puts a ticket into a list that goes by age.
func replaced(all []*ticket, t *ticket) []*ticket {
	i, ok := slices.BinarySearchFunc(all, t.Seq, ticketBySeq)
	if ok {
		all[i] = t
		return all
	}
	return slices.Insert(all, i, t)
}

func ticketBySeq(t *ticket, seq int64) int { return cmp.Compare(t.Seq, seq) }

// put stores a new ticket or a changed copy. Where there is nothing to decide any more, the desk does not either.
func (d *desk) put(t *ticket) {
	if t.Approval != api.TicketApprovalRequested || ended(t.Status) {
		t.Due = time.Time{}
	}
	d.index(t)
	if d.unsaved.tickets == nil {
		d.unsaved.tickets = map[string]*ticket{}
	}
	d.unsaved.tickets[t.ID] = t
}

// remove ends a ticket's existence with all that belongs to it.
func (d *desk) remove(t *ticket) {
	same := func(o *ticket) bool { return o.ID == t.ID }
	key := ticketKey{t.Project, t.Client, t.Key}
	d.ordered[t.Project] = slices.DeleteFunc(d.ordered[t.Project], same)
	d.keys[key] = slices.DeleteFunc(d.keys[key], same)
	for _, m := range []map[string]*ticket{d.tickets, d.due, d.unsaved.tickets} {
		delete(m, t.ID)
	}
	delete(d.events, t.ID)
	delete(d.files, t.ID)
	d.unsaved.removed = append(d.unsaved.removed, t.ID)
}

// target is the ticket that another one has been merged into by now, itself if it has not; nil if there is none left.
func (d *desk) target(t *ticket) *ticket {
	for t != nil && t.MergedInto != "" {
		t = d.tickets[t.MergedInto]
	}
	return t
}

// hidden reports whether a ticket is where no client sees it.
func (w *world) hidden(t *ticket) bool { return t.Queue == w.profile.ServiceDesk.ClosedQueue }

// deskOf refuses what is asked of an operator without a service desk, and projects that do not exist.
func (w *world) deskOf(project string) *problem {
	if w.desk == nil {
		return newProblem(http.StatusNotImplemented, "unsupported", "%s has no service desk.", w.profile.LegalName)
	}
	return w.project(project)
}

// knownTicket is the ticket that an id stands for.
func (w *world) knownTicket(project, id string) (*ticket, *problem) {
	if p := w.deskOf(project); p != nil {
		return nil, p
	}
	t := w.desk.tickets[id]
	if t == nil || t.Project != project {
		return nil, notFound("ticket", id)
	}
	if t = w.desk.target(t); t == nil {
		return nil, notFound("ticket", id)
	}
	if w.hidden(t) {
		return nil, newProblem(http.StatusForbidden, "forbidden", "The ticket %s is where only the desk's people see it.", t.number())
	}
	return t, nil
}

// tell notes what has happened to a ticket.
func (w *world) tell(t *ticket, e ticketEvent) *ticketEvent {
	w.seq++
	e.Seq, e.Ticket = w.seq, t.ID
	if e.At.IsZero() {
		e.At = w.clock.now()
	}
	d := w.desk
	d.events[t.ID] = append(d.events[t.ID], &e)
	d.unsaved.events = append(d.unsaved.events, &e)
	return &e
}

// become puts a changed copy in the place of a ticket and notes who did it; with the status or the approval changed, it
// notes that too.
func (w *world) become(old *ticket, e ticketEvent, change func(*ticket)) *ticket {
	next := *old
	change(&next)
	if e.At.IsZero() {
		e.At = w.clock.now()
	}
	next.Version++
	next.UpdatedAt = e.At
	if next.Status != old.Status || next.Approval != old.Approval {
		e.Kind, e.From, e.To, e.Approval = api.TicketEventKindStatus, old.Status, next.Status, next.Approval
	}
	w.desk.put(&next)
	w.tell(&next, e)
	return &next
}
