package tmf621

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// searchLimit bounds how many tickets a search looks through.
const searchLimit = 20000

// Search looks through the tickets newest first, as far back as the query asks, and answers them the other way round. Of
// filters it makes no use: those of the two versions differ, and one that is taken for another one would leave tickets out
// without a word.
func (d *desk) Search(ctx context.Context, q servicedesk.Query) iter.Seq2[servicedesk.Ticket, error] {
	return func(yield func(servicedesk.Ticket, error) bool) {
		found, err := d.search(ctx, q)
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

func (d *desk) search(ctx context.Context, q servicedesk.Query) ([]servicedesk.Ticket, error) {
	if q.Type != "" && d.mapping.Types[q.Type].Queue == "" {
		return nil, d.invalid("/type", fmt.Sprintf("The desk's mapping has no ticketType for tickets of the type %q.", q.Type))
	}
	var found []servicedesk.Ticket
	var seen order
	fields := slices.DeleteFunc(strings.Split(d.version.contentFields(), ","), func(name string) bool {
		return name == "description" || name == "troubleTicketRelationship"
	})
	w := d.walk(url.Values{"fields": {strings.Join(fields, ",")}, "sort": {"-creationDate"}})
	for {
		fresh, err := w.next(ctx)
		if err != nil {
			return nil, err
		}
		for _, row := range fresh {
			seen.see(row)
			t := d.read(row, "")
			t.Description, t.Links, t.Claimed = "", nil, false
			if matches(q, t) {
				found = append(found, t)
			}
		}
		if len(fresh) == 0 || seen.newestFirst() && seen.last.CreationDate.at.Before(q.CreatedFrom) {
			slices.SortFunc(found, byAge)
			return found, nil
		}
		if len(w.seen) > searchLimit {
			return nil, d.refused(cloud.ErrUnsupported, fmt.Sprintf("The desk shows more than %d tickets.", searchLimit),
				"Search from a later time on, or use an account that sees fewer.")
		}
	}
}

// matches reports whether a ticket is one that a query selects.
func matches(q servicedesk.Query, t servicedesk.Ticket) bool {
	switch {
	case q.Type != "" && t.Type != q.Type, q.Own && !t.Own, q.Open && t.Status.Terminal(),
		q.Project != "" && t.Project != q.Project,
		!q.CreatedFrom.IsZero() && t.CreatedAt.Before(q.CreatedFrom),
		!q.CreatedBefore.IsZero() && !t.CreatedAt.Before(q.CreatedBefore):
		return false
	}
	return q.AffectedResource == "" || slices.ContainsFunc(t.AffectedResources, func(r string) bool {
		return r == q.AffectedResource || strings.HasSuffix(q.AffectedResource, "/") && strings.HasPrefix(r, q.AffectedResource)
	})
}
