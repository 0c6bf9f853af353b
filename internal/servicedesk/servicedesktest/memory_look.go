package servicedesktest

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func (d *memoryDesk) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	return run(ctx, d, Call{Method: "Get", ID: id}, false, func(*Call) (servicedesk.Ticket, error) {
		r, err := d.seen(id)
		if err != nil {
			return servicedesk.Ticket{}, err
		}
		return d.m.view(r, d.account), nil
	})
}

func (d *memoryDesk) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	return run(ctx, d, Call{Method: "FindByKey", Key: key}, false, func(*Call) ([]servicedesk.Ticket, error) {
		found := make([]servicedesk.Ticket, len(d.m.records))
		for _, r := range d.m.records {
			if r.account != d.account || r.ticket.Key != key && !d.m.ignoresFilter || now().Before(r.foundFrom) {
				continue
			}
			// The key of a ticket leads to the one that it has become part of, as long as that is not a stranger's.
			into, err := d.seen(r.ticket.ID)
			if err != nil || into.account != d.account {
				continue
			}
			t := d.m.view(into, d.account)
			t.Key = r.ticket.Key
			found[slices.Index(d.m.records, into)] = t
		}
		return slices.DeleteFunc(found, func(t servicedesk.Ticket) bool { return t.ID == "" }), nil
	})
}

func (d *memoryDesk) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	return run(ctx, d, Call{Method: "Glance"}, false, func(*Call) (servicedesk.Glance, error) {
		var g servicedesk.Glance
		for _, id := range ids {
			r, err := d.seen(id)
			switch {
			case err != nil || r.ticket.ID != id:
				g.Missing = append(g.Missing, id)
			case !r.ticket.UpdatedAt.Before(since):
				g.Briefs = append(g.Briefs, servicedesk.Brief{
					ID: id, NativeStatus: r.ticket.NativeStatus, UpdatedAt: r.ticket.UpdatedAt,
				})
			}
		}
		return g, nil
	})
}

func (d *memoryDesk) Search(ctx context.Context, q servicedesk.Query) iter.Seq2[servicedesk.Ticket, error] {
	return func(yield func(servicedesk.Ticket, error) bool) {
		found, err := run(ctx, d, Call{Method: "Search"}, false, func(*Call) ([]servicedesk.Ticket, error) {
			var found []servicedesk.Ticket
			for _, r := range d.m.records {
				if r.mergedInto != nil || r.hidden || r.deleted || now().Before(r.foundFrom) {
					continue
				}
				if t := d.m.view(r, d.account); selects(q, t) {
					t.Description, t.Links, t.Claimed = "", nil, false
					found = append(found, t)
				}
			}
			return found, nil
		})
		if err != nil {
			yield(servicedesk.Ticket{}, err)
			return
		}
		for _, t := range found {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// selects reports whether a query wants a ticket.
func selects(q servicedesk.Query, t servicedesk.Ticket) bool {
	about := func(resource string) bool {
		return resource == q.AffectedResource || strings.HasSuffix(q.AffectedResource, "/") && strings.HasPrefix(resource, q.AffectedResource)
	}
	switch {
	case q.Type != "" && t.Type != q.Type, q.Project != "" && t.Project != q.Project, q.Own && !t.Own:
		return false
	case q.AffectedResource != "" && !slices.ContainsFunc(t.AffectedResources, about):
		return false
	case q.Open && t.Status.Terminal():
		return false
	case t.CreatedAt.Before(q.CreatedFrom), !q.CreatedBefore.IsZero() && !t.CreatedAt.Before(q.CreatedBefore):
		return false
	}
	return true
}
