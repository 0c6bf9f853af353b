package sandbox

import (
	"slices"
	"strings"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// ticketPage is a part of a list of tickets.
type ticketPage struct {
	tickets []*ticket
	total   int64
	missing *[]string
	next    *string
}

// listTickets answers one page of a project's tickets.
func (w *world) listTickets(project, client string, params *api.ListTicketsParams) (out ticketPage, p *problem) {
	if p := w.deskOf(project); p != nil {
		return out, p
	}
	after, p := cursorSeq(params.Cursor)
	if p != nil {
		return out, p
	}
	limit := pageSize(params.Limit)
	for _, t := range w.desk.ordered[project] {
		if !w.shown(t, params) || !selects(params, t, client) {
			continue
		}
		out.total++
		switch {
		case t.Seq <= after:
		case len(out.tickets) < limit:
			out.tickets = append(out.tickets, t)
		case out.next == nil:
			out.next = optional(cursorOf(out.tickets[limit-1].Seq))
		}
	}
	if params.Ids != nil {
		out.missing = &[]string{}
		for _, id := range *params.Ids {
			if t := w.desk.tickets[id]; t == nil || t.Project != project || !w.shown(t, params) {
				*out.missing = append(*out.missing, id)
			}
		}
	}
	return out, nil
}

// shown reports whether a ticket is one that lists have at all. Only who looks for a key learns of one that was merged.
func (w *world) shown(t *ticket, params *api.ListTicketsParams) bool {
	return !w.hidden(t) && (t.MergedInto == "" || params.ExternalKey != nil)
}

// selects tells whether a list's filters let a ticket through.
func selects(params *api.ListTicketsParams, t *ticket, client string) bool {
	concerns := func(resource string) bool {
		asked := *params.AffectedResource
		return resource == asked || strings.HasSuffix(asked, "/") && strings.HasPrefix(resource, asked)
	}
	return (params.ExternalKey == nil || t.Key == *params.ExternalKey) &&
		(params.TicketType == nil || t.Order.TicketType == *params.TicketType) &&
		(params.ProjectName == nil || value(t.Order.ProjectName) == *params.ProjectName) &&
		(params.AffectedResource == nil || slices.ContainsFunc(value(t.Order.AffectedResources), concerns)) &&
		(params.Open == nil || ended(t.Status) != *params.Open) &&
		(params.Own == nil || (t.Client == client) == *params.Own) &&
		(params.CreatedFrom == nil || !t.CreatedAt.Before(*params.CreatedFrom)) &&
		(params.CreatedBefore == nil || t.CreatedAt.Before(*params.CreatedBefore)) &&
		(params.UpdatedSince == nil || !t.UpdatedAt.Before(*params.UpdatedSince)) &&
		(params.Ids == nil || slices.Contains(*params.Ids, t.ID))
}

// eventsSeenBy are a ticket's events as a client sees them.
func (w *world) eventsSeenBy(t *ticket, client string) (seen []*ticketEvent) {
	for _, e := range w.desk.events[t.ID] {
		if e.visible(client) {
			seen = append(seen, e)
		}
	}
	return seen
}

// messagesHeardBy are the events of a ticket in which a client hears something.
func (w *world) messagesHeardBy(t *ticket, client string) (heard []*ticketEvent) {
	for _, e := range w.desk.events[t.ID] {
		if e.hears(client) {
			heard = append(heard, e)
		}
	}
	return heard
}
