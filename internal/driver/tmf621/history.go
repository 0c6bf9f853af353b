package tmf621

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// somebody is who changes a status without the desk's telling who.
	somebody = "service desk"
	// slack is how far apart the times may be of what happened in one request.
	slack = 2 * time.Second
)

// History puts together what a ticket tells of its past: when it was created, the changes of status, and the messages.
func (d *desk) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	now, _, err := d.ticket(ctx, string(t.ID), d.version.historyFields())
	if err != nil {
		return nil, err
	}
	created, rest := d.changesOf(now)
	for _, n := range now.messages() {
		rest = append(rest, d.said(now, n))
	}
	slices.SortStableFunc(rest, func(a, b servicedesk.Event) int { return a.At.Compare(b.At) })
	if len(rest) > 0 && (created.At.IsZero() || rest[0].At.Before(created.At)) {
		created.At = rest[0].At
	}
	return append([]servicedesk.Event{created}, rest...), nil
}

// said is the event of a message. The desk's people are all but the account and who the ticket is for.
func (d *desk) said(t ticket, n message) servicedesk.Event {
	author := string(n.Author)
	own := d.ours(author, t)
	return servicedesk.Event{
		ID: n.id, Kind: servicedesk.EventMessage, At: cmp.Or(n.Date.at, t.CreationDate.at), Author: cmp.Or(author, somebody),
		Own: own, Staff: !own && !d.requested(author, t), Message: servicedesk.Message{Text: string(n.Text), Public: true},
	}
}

// requested reports whether somebody is the requester.
func (d *desk) requested(author string, t ticket) bool {
	for _, p := range each[party](t.Parties) {
		if author != "" && (p.is(roleReporter) || p.is(roleOriginator)) && samePerson(p.target(), author) {
			return true
		}
	}
	return false
}

// changesOf are the creation and the changes of status. The first that desks tell of is the status at the creation, if it
// is of that time. The last may be told by the ticket itself alone.
func (d *desk) changesOf(t ticket) (created servicedesk.Event, rest []servicedesk.Event) {
	kind := d.mapping.TypeOf(string(t.TicketType))
	created = servicedesk.Event{ID: "created", Kind: servicedesk.EventCreated, At: t.CreationDate.at, Own: d.own(t), Author: d.filedBy(t)}
	told := t.changes()
	slices.SortStableFunc(told, func(a, b statusChange) int { return a.at().Compare(b.at()) })
	last := ""
	if len(told) > 0 && !told[0].at().After(created.At.Add(time.Second)) {
		last = string(told[0].Status)
		created.ToNative, created.To = last, d.mapping.Meaning(kind, last)
		told = told[1:]
	}
	if n := len(told); n == 0 && last != string(t.Status) && (last != "" || string(t.Status) != acknowledged) ||
		n > 0 && told[n-1].Status != t.Status {
		told = append(told, statusChange{
			Status: t.Status, Date5: moment{at: cmp.Or(t.StatusChangeDate.at, t.LastUpdate.at, t.CreationDate.at)}, Reason5: t.StatusChangeReason,
		})
	}
	for i, c := range told {
		e := servicedesk.Event{
			ID: fmt.Sprintf("status-%d", i+1), Kind: servicedesk.EventStatus, At: cmp.Or(c.at(), t.CreationDate.at),
			FromNative: last, ToNative: string(c.Status), To: d.mapping.Meaning(kind, string(c.Status)),
		}
		d.attribute(t, c, &e)
		last = e.ToNative
		rest = append(rest, e)
	}
	return created, rest
}

// attribute finds out who has changed a status, which the API does not tell: who has said the reason at that time. A reason
// that nobody has said is the desk's.
func (d *desk) attribute(t ticket, c statusChange, e *servicedesk.Event) {
	e.Author, e.Staff = somebody, true
	reason := c.reason()
	if reason == "" {
		return
	}
	for _, n := range t.messages() {
		if sameWords(string(n.Text), reason) && n.Date.at.Sub(e.At).Abs() <= slack {
			said := d.said(t, n)
			e.Author, e.Own, e.Staff = said.Author, said.Own, said.Staff
			return
		}
	}
	e.Message = servicedesk.Message{Text: reason, Public: true}
}

// filedBy names who has filed a ticket.
func (d *desk) filedBy(t ticket) string {
	if by, ok := originator(t); ok && by.label() != "" {
		return by.label()
	}
	if d.own(t) {
		return d.signature()
	}
	return ""
}
