package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// file makes a ticket, or finds the one of the key that is not ended.
func (w *world) file(project, client, key string, order api.TicketCreate) (t *ticket, status int, p *problem) {
	if p := w.deskOf(project); p != nil {
		return nil, 0, p
	}
	for _, known := range w.desk.keys[ticketKey{project, client, key}] {
		switch known = w.desk.target(known); {
		case known == nil || ended(known.Status):
		case w.hidden(known):
			return nil, 0, newProblem(http.StatusForbidden, "forbidden", "The key's ticket %s is where only the desk's people see it.",
				known.number())
		default:
			return known, http.StatusOK, nil
		}
	}
	if p := w.admitQueue(&order); p != nil {
		return nil, 0, p
	}
	if p := w.admitTicket(project, order, nil); p != nil {
		return nil, 0, p
	}
	if order.Severity == nil {
		order.Severity = optional(api.TicketSeverityMinor)
	}
	if order.Requester == nil {
		order.Requester = &client
	}
	w.seq++
	now := w.clock.now()
	t = &ticket{
		Seq: w.seq, Project: project, ID: newID("tkt"), Client: client, Key: key, Version: 1, Order: restated(order), Queue: *order.Queue,
		Status: api.TicketStatusAcknowledged, Approval: api.TicketApprovalNotRequired, CreatedAt: now, UpdatedAt: now,
		ExpectedAt: now.Add(priorities[*order.Severity].time),
	}
	if order.TicketType == api.TicketTypeChange {
		t.Approval = api.TicketApprovalRequested
		if w.decides {
			t.Due = now.Add(w.transition)
		}
	}
	w.desk.put(t)
	w.tell(t, ticketEvent{Kind: api.TicketEventKindCreated, By: author{Name: client}, To: t.Status, Approval: t.Approval})
	return t, http.StatusCreated, nil
}

// decide approves what the desk approves by itself, when its time has come.
func (w *world) decide(now time.Time) {
	if w.desk == nil {
		return
	}
	var due []*ticket
	for _, t := range w.desk.due {
		if !t.Due.After(now) {
			due = append(due, t)
		}
	}
	slices.SortFunc(due, func(a, b *ticket) int { return a.Due.Compare(b.Due) })
	for _, t := range due {
		w.become(t, ticketEvent{By: author{"desk", true}, At: t.Due}, func(t *ticket) { t.Approval = api.TicketApprovalApproved })
	}
}

// amend applies a merge patch to the requester's part of a ticket.
func (w *world) amend(t *ticket, client, etag string, patch []byte) (*ticket, *problem) {
	switch etag {
	case "":
		return nil, newProblem(http.StatusPreconditionRequired, "precondition-required", "A change needs If-Match.")
	case t.etag():
	default:
		return nil, newProblem(http.StatusPreconditionFailed, "precondition-failed", "The ticket has changed since it was read.")
	}
	was := mustJSON(t.Order)
	merged, err := jsonpatch.MergePatch(was, patch)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "invalid", "The body is not a merge patch.")
	}
	var order api.TicketCreate
	if err := json.Unmarshal(merged, &order); err != nil {
		return nil, newProblem(http.StatusBadRequest, "invalid", "The change is not as the contract says: %v.", err)
	}
	if p := w.admitTicket(t.Project, order, &t.Order); p != nil {
		return nil, p
	}
	order = restated(order)
	changed := differing(was, mustJSON(order))
	if len(changed) == 0 {
		return t, nil
	}
	e := ticketEvent{
		Kind: api.TicketEventKindOther, By: author{Name: client}, Detail: "Changed: " + strings.Join(changed, ", ") + ".",
	}
	return w.become(t, e, func(t *ticket) { t.Order = order }), nil
}

// differing are the members that two objects in JSON have otherwise, sorted.
func differing(a, b []byte) (names []string) {
	var was, is map[string]json.RawMessage
	_, _ = json.Unmarshal(a, &was), json.Unmarshal(b, &is) // They are this package's own.
	for name, raw := range is {
		if string(was[name]) != string(raw) {
			names = append(names, name)
		}
	}
	for name := range was {
		if _, kept := is[name]; !kept {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// end cancels or closes a ticket for a client. Ending what is ended that way is no change.
func (w *world) end(t *ticket, to api.TicketStatus, client string, m *message) (*ticket, *problem) {
	switch {
	case t.Status == to:
		return t, nil
	case ended(t.Status) && (t.Status != api.TicketStatusResolved || to != api.TicketStatusClosed):
		return nil, statusRefused(t, "it cannot become %s", to)
	}
	e := ticketEvent{By: author{Name: client}, Message: m}
	return w.become(t, e, func(t *ticket) {
		t.Status = to
		if t.Reason = ""; m != nil && m.Public {
			t.Reason = m.Text
		}
	}), nil
}

// say adds what a client says. A public answer to a question gives the turn back to the desk; nothing else comes of words.
func (w *world) say(t *ticket, client string, m message) *ticketEvent {
	e := ticketEvent{Kind: api.TicketEventKindMessage, By: author{Name: client}, Message: &m}
	if !m.Public {
		return w.tell(t, e) // What others cannot see leaves the ticket as it was.
	}
	t = w.become(t, e, func(*ticket) {})
	said := w.lastEvent(t)
	if t.Status == api.TicketStatusPending {
		w.become(t, ticketEvent{By: author{Name: client}}, func(t *ticket) { t.Status, t.Before, t.Reason = t.Before, "", "" })
	}
	return said
}

func (w *world) lastEvent(t *ticket) *ticketEvent {
	all := w.desk.events[t.ID]
	return all[len(all)-1]
}

// attach adds a file.
func (w *world) attach(t *ticket, f ticketFile, content []byte) *ticketFile {
	w.become(t, ticketEvent{Kind: api.TicketEventKindOther, By: f.By, Detail: "Added the file " + f.Name + "."}, func(*ticket) {})
	w.seq++
	f.Seq, f.Ticket, f.At, f.Size = w.seq, t.ID, w.clock.now(), int64(len(content))
	d := w.desk
	d.files[t.ID] = append(d.files[t.ID], &f)
	d.unsaved.files = append(d.unsaved.files, newFile{&f, content})
	return &f
}
