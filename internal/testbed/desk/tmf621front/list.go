package tmf621front

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// byIdentifier is the one JSONPath that the front knows.
var byIdentifier = regexp.MustCompile(`^externalIdentifier\[\?\(@\.id=='([^']*)'\)\]$`)

// known are the parameters of a list: those of the definitions, and the filters by field that v4 leaves to TMF630.
var known = map[int][]string{
	5: {"fields", "offset", "limit", "sort", "filter", "id"},
	4: {"fields", "offset", "limit", "sort", "externalId", "id"},
}

// list answers a part of the tickets.
func (f *Front) list(ctx context.Context, w http.ResponseWriter, c call) {
	q := c.URL.Query()
	for name := range q {
		if !slices.Contains(known[f.options.Version], name) {
			f.violated("the parameter " + name + " is none of a list")
		}
	}
	tickets, err := f.chosen(ctx, c, q)
	if err != nil {
		fail(w, err)
		return
	}
	switch sort := q.Get("sort"); {
	case sort == "-creationDate" && !f.options.Manners.IgnoresSort:
		slices.Reverse(tickets)
	case sort != "" && sort != "-creationDate" && sort != "creationDate":
		f.violated("sort is " + sort)
	}
	limit, offset := f.options.Manners.PageLimit, 0
	if n, err := strconv.Atoi(q.Get("limit")); err == nil {
		limit = min(limit, n)
	}
	if n, err := strconv.Atoi(q.Get("offset")); err == nil {
		offset = n
	}
	part := tickets[min(offset, len(tickets)):min(offset+limit, len(tickets))]
	rows := []object{}
	for _, t := range part {
		row, err := f.row(ctx, c, t, fieldsOf(q))
		if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden) {
			continue // Gone meanwhile.
		}
		if err != nil {
			fail(w, err)
			return
		}
		rows = append(rows, row)
	}
	if !f.options.Manners.NoTotals {
		w.Header().Set("X-Total-Count", strconv.Itoa(len(tickets)))
		w.Header().Set("X-Result-Count", strconv.Itoa(len(rows)))
	}
	status := http.StatusOK
	if len(part) < len(tickets) {
		status = http.StatusPartialContent
	}
	answer(w, status, rows)
}

// chosen are the tickets that a query selects, oldest first.
func (f *Front) chosen(ctx context.Context, c call, q url.Values) ([]servicedesk.Ticket, error) {
	manners := f.options.Manners
	filter := q.Get("filter") + q.Get("externalId")
	switch {
	case filter != "" && manners.RefusesFilter:
		return nil, &cloud.Error{Reason: cloud.ErrInvalid, Text: "There is no such filter."}
	case filter != "" && manners.MisreadsFilter:
		return nil, nil
	case filter != "" && !manners.IgnoresFilter:
		return f.byKey(ctx, c, q)
	case q.Get("id") != "" && !manners.IgnoresIDs:
		var out []servicedesk.Ticket
		for _, id := range strings.Split(q.Get("id"), ",") {
			t, err := f.get(ctx, c, servicedesk.ID(id))
			if err == nil && t.ID == servicedesk.ID(id) {
				out = append(out, t)
			}
		}
		return out, nil
	}
	var out []servicedesk.Ticket
	for t, err := range c.account.Desk.Search(ctx, servicedesk.Query{CreatedFrom: f.options.Since, Own: manners.OwnOnly}) {
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// byKey are the tickets of a key. Those of other accounts a desk does not find by it.
func (f *Front) byKey(ctx context.Context, c call, q url.Values) ([]servicedesk.Ticket, error) {
	var key, kind string
	if f.options.Version == 4 {
		kind, key, _ = strings.Cut(q.Get("externalId"), ":")
	} else if m := byIdentifier.FindStringSubmatch(q.Get("filter")); m != nil {
		key = m[1]
	} else {
		return nil, &cloud.Error{Reason: cloud.ErrInvalid, Text: "The filter is no JSONPath that is known here."}
	}
	found, err := c.account.Desk.FindByKey(ctx, key)
	for _, t := range found {
		f.claimed(t)
	}
	return slices.DeleteFunc(found, func(t servicedesk.Ticket) bool {
		return kind == keyType && !t.Claimed || kind == keyType+unclaimed && t.Claimed
	}), err
}

// row is a ticket in a list. What a search of the desk does not tell, and the row is to have, takes a look of its own.
func (f *Front) row(ctx context.Context, c call, t servicedesk.Ticket, fields []string) (object, error) {
	needs := func(name string) bool { return len(fields) == 0 || slices.Contains(fields, name) }
	f.mu.Lock()
	_, claimKnown := f.claims[t.ID]
	f.mu.Unlock()
	if !claimKnown && (needs("externalIdentifier") || needs("externalId")) || len(t.Links) == 0 && needs("troubleTicketRelationship") {
		whole, err := f.get(ctx, c, t.ID)
		if err != nil {
			return nil, err
		}
		if whole.ID == t.ID && whole.Key != "" && t.Key != "" {
			whole.Key = t.Key // That of a ticket that was merged into this one.
		}
		t = whole
	}
	return f.document(ctx, c, t, fields)
}
