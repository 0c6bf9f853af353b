package rt

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// maxIDs and maxQuery bound what one request asks for: what stands before RT commonly takes 8 KiB for the first line.
	maxIDs   = 500
	maxQuery = 6 << 10
	// slack is for what changes within the second in which was looked.
	slack = 2 * time.Second
)

// Glance looks at many tickets, the last changed first, and no further back than is asked for: if nothing has changed,
// that is one request for some hundreds of tickets.
func (d *desk) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	var out servicedesk.Glance
	var sound []string
	for _, id := range unique(ids) {
		if _, ok := ticketID(string(id)); ok {
			sound = append(sound, string(id))
		} else {
			out.Missing = append(out.Missing, id)
		}
	}
	for _, part := range parts(sound) {
		g, err := d.glance(ctx, part, since)
		if err != nil {
			return servicedesk.Glance{}, err
		}
		out.Briefs, out.Missing = append(out.Briefs, g.Briefs...), append(out.Missing, g.Missing...)
	}
	return out, nil
}

func unique(ids []servicedesk.ID) []servicedesk.ID {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// parts splits ids into what fits into one request each.
func parts(ids []string) [][]string {
	var out [][]string
	length := 0
	for i, id := range ids {
		length += len(url.QueryEscape(orID + id))
		if i == 0 || len(out[len(out)-1]) == maxIDs || length > maxQuery {
			out, length = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], id)
	}
	return out
}

// orID stands between two ids of a query.
const orID = " OR id="

// sight is a look at a set of tickets.
type sight struct {
	asked map[string]bool
	seen  map[string]servicedesk.Brief
}

func newSight(ids []string) *sight {
	s := &sight{asked: make(map[string]bool, len(ids)), seen: make(map[string]servicedesk.Brief, len(ids))}
	for _, id := range ids {
		s.asked[id] = true
	}
	return s
}

func (s *sight) add(rows []record) {
	for _, r := range rows {
		if id := string(r.ID); s.asked[id] {
			s.seen[id] = servicedesk.Brief{ID: servicedesk.ID(id), NativeStatus: string(r.Status), UpdatedAt: r.LastUpdated.Time}
		}
	}
}

// glance answers what was seen; complete says that what was not seen is not there.
func (s *sight) glance(complete bool) servicedesk.Glance {
	var g servicedesk.Glance
	for id := range s.asked {
		if b, ok := s.seen[id]; ok {
			g.Briefs = append(g.Briefs, b)
		} else if complete {
			g.Missing = append(g.Missing, servicedesk.ID(id))
		}
	}
	slices.SortFunc(g.Briefs, func(a, b servicedesk.Brief) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.Sort(g.Missing)
	return g
}

// glance looks at as many tickets as fit into one request. The order moves under the pages, so that what such a look
// leaves open is looked at once more without it.
func (d *desk) glance(ctx context.Context, ids []string, since time.Time) (servicedesk.Glance, error) {
	s := newSight(ids)
	for number := 1; ; number++ {
		p, err := d.briefs(ctx, ids, url.Values{"orderby": {"LastUpdated"}, "order": {"DESC"}, "page": {strconv.Itoa(number)}})
		if err != nil {
			return servicedesk.Glance{}, err
		}
		s.add(p.Items)
		total := p.Total.number(-1)
		switch {
		case total == int64(len(s.seen)): // All that there is.
			return s.glance(true), nil
		case total != int64(len(ids)) || len(p.Items) < perPage:
			return d.complete(ctx, ids)
		case !since.IsZero() && p.Items[len(p.Items)-1].LastUpdated.Before(since.Add(-slack)):
			return s.glance(false), nil
		}
	}
}

// complete looks at every ticket, so many at a time as one page holds.
func (d *desk) complete(ctx context.Context, ids []string) (servicedesk.Glance, error) {
	s := newSight(ids)
	for part := range slices.Chunk(ids, perPage) {
		p, err := d.briefs(ctx, part, url.Values{"orderby": {"id"}})
		if err != nil {
			return servicedesk.Glance{}, err
		}
		s.add(p.Items)
	}
	return s.glance(true), nil
}

// briefs reads one page of little about tickets. Custom fields would make it 14 times as dear.
func (d *desk) briefs(ctx context.Context, ids []string, query url.Values) (page[record], error) {
	query.Set("query", "id="+strings.Join(ids, orID))
	query.Set("fields", "Status,LastUpdated")
	query.Set("per_page", strconv.Itoa(perPage))
	var p page[record]
	_, err := d.read(ctx, "/tickets", query, &p)
	return p, err
}
