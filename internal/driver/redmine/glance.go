package redmine

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// glanceWidth is how many tickets one list is of; their numbers are in its address.
	glanceWidth = 500
	// firstLook is the size of the first page: most looks see nothing new, and Redmine takes its time for each row.
	firstLook = 25
	// slack is for times being kept in seconds.
	slack = 2 * time.Second
)

// Glance lists the tickets, those changed last first, and stops at the first page that reaches back to those that have
// not. Only if fewer are in sight than were asked for, all are listed to see which: 200 quiet tickets are one request.
func (d *desk) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	var out servicedesk.Glance
	wanted := slices.Compact(slices.Sorted(slices.Values(ids)))
	valid := make([]servicedesk.ID, 0, len(wanted))
	for _, id := range wanted {
		if _, ok := numberOf(id); ok {
			valid = append(valid, id)
		} else {
			out.Missing = append(out.Missing, id)
		}
	}
	for chunk := range slices.Chunk(valid, glanceWidth) {
		seen, all, err := d.glance(ctx, chunk, since)
		if err == nil && !all && !since.IsZero() {
			seen, _, err = d.glance(ctx, chunk, time.Time{})
		}
		if err != nil {
			return servicedesk.Glance{}, err
		}
		for _, id := range chunk {
			if b, ok := seen[id]; ok {
				out.Briefs = append(out.Briefs, b)
			} else if !all {
				out.Missing = append(out.Missing, id)
			}
		}
	}
	return out, nil
}

// glance lists some tickets. All says that none of them is missing. Without a since, it lists them by number: in the order
// of their changes, one that is changed meanwhile moves to a page that was read already.
func (d *desk) glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (map[servicedesk.ID]servicedesk.Brief, bool, error) {
	numbers := make([]string, len(ids))
	for i, id := range ids {
		numbers[i] = string(id)
	}
	query, limit := url.Values{"issue_id": {strings.Join(numbers, ",")}, "sort": {"updated_on:desc"}}, firstLook
	if since.IsZero() {
		query.Set("sort", "id")
		limit = pageSize
	}
	seen := make(map[servicedesk.ID]servicedesk.Brief, len(ids))
	for offset := 0; offset < len(ids); offset, limit = offset+limit, pageSize {
		p, err := d.issues(ctx, query, offset, limit)
		if err != nil {
			return nil, false, err
		}
		quiet := false
		for _, i := range p.Issues {
			b := servicedesk.Brief{ID: idFor(i.ID), NativeStatus: i.Status.Name, UpdatedAt: i.UpdatedOn.UTC()}
			if slices.Contains(ids, b.ID) {
				seen[b.ID] = b
			}
			quiet = b.UpdatedAt.Before(since.Add(-slack))
		}
		switch {
		case p.Total != len(ids) && !since.IsZero():
			return nil, false, nil
		case p.Total == len(ids) && quiet && !since.IsZero():
			return seen, true, nil
		case len(p.Issues) < limit:
			return seen, len(seen) == len(ids), nil
		}
	}
	return seen, len(seen) == len(ids), nil
}
