package redmine

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// plain is a value that can be nothing else in a filter: an operator before it or a bar in it would mean something.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$`)

// Search lists the project's tickets in the order of their numbers. Each page begins after the last number of the one
// before it: pages by position would leave rows out when one before them goes. Whatever is filtered by Redmine is
// looked at again here.
func (d *desk) Search(ctx context.Context, q servicedesk.Query) iter.Seq2[servicedesk.Ticket, error] {
	return func(yield func(servicedesk.Ticket, error) bool) {
		query, err := d.filters(q)
		if err != nil {
			yield(servicedesk.Ticket{}, err)
			return
		}
		for last := int64(0); ; {
			if last > 0 {
				query.Set("issue_id", fmt.Sprintf(">=%d", last+1))
			}
			p, err := d.issues(ctx, query, 0, pageSize)
			if err != nil {
				yield(servicedesk.Ticket{}, err)
				return
			}
			before := last
			for _, i := range p.Issues {
				if i.ID <= last {
					continue
				}
				last = i.ID
				t := d.ticket(i)
				t.Description, t.Claimed = "", false
				if matches(q, t) && !yield(t, nil) {
					return
				}
			}
			if len(p.Issues) < pageSize || last == before {
				return
			}
		}
	}
}

// filters are a query in Redmine's terms, as far as it has any.
func (d *desk) filters(q servicedesk.Query) (url.Values, error) {
	query := url.Values{"project_id": {d.project.Identifier}, "sort": {"id"}}
	if q.Type != "" {
		tracker, err := d.queueOf(q.Type, "")
		if err != nil {
			return nil, err
		}
		query.Set("tracker_id", fmt.Sprint(tracker))
	}
	if q.Own {
		query.Set("author_id", "me")
	}
	if id := d.fields.find(d.mapping.Fields.Project); id != 0 && plain.MatchString(q.Project) {
		query.Set(param(id), q.Project)
	}
	if id := d.fields.find(d.mapping.Fields.AffectedResources); id != 0 && plain.MatchString(q.AffectedResource) && !d.fields.holdsMany(id) {
		query.Set(param(id), "~"+q.AffectedResource)
	}
	if q.Open {
		if open := d.openStatuses(); open != "" {
			query.Set("status_id", open)
		}
	}
	from, before := q.CreatedFrom.UTC().Format(time.RFC3339), q.CreatedBefore.UTC().Format(time.RFC3339)
	switch {
	case !q.CreatedFrom.IsZero() && !q.CreatedBefore.IsZero():
		query.Set("created_on", "><"+from+"|"+before)
	case !q.CreatedFrom.IsZero():
		query.Set("created_on", ">="+from)
	case !q.CreatedBefore.IsZero():
		query.Set("created_on", "<="+before)
	}
	return query, nil
}

// openStatuses are the ids of the statuses that are not terminal for every type: what Redmine calls closed is another
// thing, as "Resolved" is open to it.
func (d *desk) openStatuses() string {
	var ids []string
	for _, s := range d.statuses {
		terminal := len(d.mapping.Types) > 0
		for t := range d.mapping.Types {
			terminal = terminal && d.mapping.Meaning(t, s.Name).Status.Terminal()
		}
		if !terminal {
			ids = append(ids, fmt.Sprint(s.ID))
		}
	}
	return strings.Join(ids, "|")
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
