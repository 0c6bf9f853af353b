package redmine

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// pageSize is the most that Redmine puts on a page, whatever it is asked for.
	pageSize = 100
	// scanWindow bounds how far back one's own tickets are looked through where the key's field is no filter: an order
	// that was cut off is taken up again within it, by default of the service.
	scanWindow = 24 * time.Hour
)

// FindByKey asks for both forms of the key at once, newest first. If rows come that do not have the key, the field is no
// filter at this desk: then they are all of the account's tickets, which are looked through for the last 24 hours.
func (d *desk) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	field, err := d.keyField()
	if err != nil {
		return nil, err
	}
	query := url.Values{"author_id": {"me"}, "sort": {"id:desc"}, param(field): {key + "|" + unclaimedForm(key)}}
	since := d.now().Add(-scanWindow)
	found, seen := make(map[servicedesk.ID]servicedesk.Ticket), make(map[int64]bool)
	for offset := 0; ; offset += pageSize {
		p, err := d.issues(ctx, query, offset, pageSize)
		if err != nil {
			return nil, err
		}
		before, ignored, old := len(seen), false, false
		for _, i := range p.Issues {
			seen[i.ID] = true
			t := d.ticket(i)
			if t.Own && (t.Key == key || !t.Claimed && t.Key+unclaimed == unclaimedForm(key)) {
				t.Key = key
				found[t.ID] = t
			} else {
				ignored, old = true, i.CreatedOn.Before(since)
			}
		}
		if len(seen) == before || offset+len(p.Issues) >= p.Total || ignored && old {
			return inOrder(found), nil
		}
	}
}

// inOrder sorts tickets by their numbers.
func inOrder(found map[servicedesk.ID]servicedesk.Ticket) []servicedesk.Ticket {
	out := make([]servicedesk.Ticket, 0, len(found))
	for _, t := range found {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b servicedesk.Ticket) int {
		m, _ := numberOf(a.ID)
		n, _ := numberOf(b.ID)
		return cmp.Compare(m, n)
	})
	return out
}

// Get answers a ticket. Redmine has no merging: a ticket is itself, out of sight, or gone for ever.
func (d *desk) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	n, err := d.number(id)
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	i, err := d.issue(ctx, n, "relations,watchers")
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	t := d.ticket(i)
	t.Links = linksOf(i)
	t.Watchers, err = d.watchersOf(ctx, i)
	return t, err
}
