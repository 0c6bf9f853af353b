package selfservice

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// idsPerLook is the most that the contract allows.
const idsPerLook = 100

// list streams tickets as the desk has them.
func (d *desk) list(ctx context.Context, params *api.ListTicketsParams) iter.Seq2[api.Ticket, error] {
	return func(yield func(api.Ticket, error) bool) {
		for it, err := range pages[api.Ticket](d.session, func(cursor *string) (*http.Response, error) {
			params.Cursor = cursor
			return d.client.ListTickets(ctx, d.project, params)
		}) {
			if err == nil {
				if wrong := checkTicket(&it.rep); wrong != nil {
					err = d.garbled(it.answer, wrong, reading)
				}
			}
			if !yield(it.rep, err) || err != nil {
				return
			}
		}
	}
}

// Search implements servicedesk.Desk.
func (d *desk) Search(ctx context.Context, q servicedesk.Query) iter.Seq2[servicedesk.Ticket, error] {
	limit := pageSize
	params := &api.ListTicketsParams{
		Limit: &limit, TicketType: optional(api.TicketType(q.Type)), ProjectName: optional(q.Project),
		AffectedResource: optional(q.AffectedResource), Open: optional(q.Open), Own: optional(q.Own),
		CreatedFrom: someTime(q.CreatedFrom), CreatedBefore: someTime(q.CreatedBefore),
	}
	return func(yield func(servicedesk.Ticket, error) bool) {
		for rep, err := range d.list(ctx, params) {
			if err != nil {
				yield(servicedesk.Ticket{}, err)
				return
			}
			t := d.ticket(&rep)
			if !selects(q, t) {
				continue // The desk has ignored a filter.
			}
			t.Description, t.Links, t.Claimed = "", nil, false
			if !yield(t, nil) {
				return
			}
		}
	}
}

// someTime is nil for no time.
func someTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// selects filters again what the desk should have filtered.
func selects(q servicedesk.Query, t servicedesk.Ticket) bool {
	concerns := func(resource string) bool {
		return resource == q.AffectedResource || strings.HasSuffix(q.AffectedResource, "/") && strings.HasPrefix(resource, q.AffectedResource)
	}
	return (q.Type == "" || t.Type == q.Type) && (q.Project == "" || t.Project == q.Project) &&
		(q.AffectedResource == "" || slices.ContainsFunc(t.AffectedResources, concerns)) &&
		(!q.Open || !t.Status.Terminal()) && (!q.Own || t.Own) &&
		!t.CreatedAt.Before(q.CreatedFrom) && (q.CreatedBefore.IsZero() || t.CreatedAt.Before(q.CreatedBefore))
}

// Glance implements servicedesk.Desk.
func (d *desk) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	var out servicedesk.Glance
	var asked []string
	for _, id := range ids {
		if validID(string(id)) {
			asked = append(asked, string(id))
		} else {
			out.Missing = append(out.Missing, id)
		}
	}
	for some := range slices.Chunk(asked, idsPerLook) {
		seen, err := d.look(ctx, some, since)
		if err != nil {
			return servicedesk.Glance{}, err
		}
		for _, rep := range seen.Items {
			if slices.Contains(some, rep.Id) { // Else the desk has ignored the filter.
				out.Briefs = append(out.Briefs, servicedesk.Brief{
					ID: servicedesk.ID(rep.Id), NativeStatus: rep.NativeStatus, UpdatedAt: rep.UpdatedAt.UTC(),
				})
			}
		}
		for _, id := range *seen.Missing {
			if slices.Contains(some, id) {
				out.Missing = append(out.Missing, servicedesk.ID(id))
			}
		}
	}
	return out, nil
}

// look asks for some tickets at once; they fit on one page.
func (d *desk) look(ctx context.Context, ids []string, since time.Time) (seen api.TicketList, err error) {
	limit := pageSize
	params := &api.ListTicketsParams{Limit: &limit, Ids: &ids, UpdatedSince: someTime(since)}
	err = d.read(func() (*http.Response, error) { return d.client.ListTickets(ctx, d.project, params) }, func(a answer) error {
		seen = api.TicketList{}
		if err := a.Decode(&seen); err != nil {
			return err
		}
		if seen.Items == nil || seen.Missing == nil {
			return errors.New("the list does not say which of the tickets there are")
		}
		for i := range seen.Items {
			if err := checkTicket(&seen.Items[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return seen, err
}
