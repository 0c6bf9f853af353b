package rt

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// FindByKey answers the account's own tickets of a key. It looks for everybody's, as one of the account's may have been
// merged into another's, which has its link then.
func (d *desk) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	account, err := d.account(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := d.rowsOfKey(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []servicedesk.Ticket
	for _, row := range rows {
		own := sameUser(string(row.Creator.ID), account)
		if !own {
			if own, err = d.hasMerged(ctx, string(row.ID)); err != nil {
				return nil, err
			}
		}
		if !own {
			continue
		}
		t, found, err := d.ticketOfKey(ctx, servicedesk.ID(row.ID), key)
		if err != nil {
			return nil, err
		}
		if found && !slices.ContainsFunc(out, func(o servicedesk.Ticket) bool { return o.ID == t.ID }) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b servicedesk.Ticket) int { return cmp.Compare(text(a.ID).number(0), text(b.ID).number(0)) })
	return out, nil
}

// rowsOfKey searches by link and field.
func (d *desk) rowsOfKey(ctx context.Context, key string) ([]record, error) {
	byField := ""
	if name := d.mapping.Fields.ExternalKey; name != "" {
		byField = condition(fieldName(name), "=", key)
	}
	query := url.Values{
		"query":  {anyOf(condition("RefersTo", "=", keyLink+key), byField)},
		"fields": {"Creator"}, "orderby": {"id"}, "per_page": {strconv.Itoa(perPage)},
	}
	var p page[record]
	if _, err := d.read(ctx, "/tickets", query, &p); err != nil {
		return nil, err
	}
	if len(p.Items) == perPage || p.Total.number(0) > perPage {
		return nil, d.failure(cloud.ErrUnavailable,
			"RT has found %d tickets and more for one key, as if it did not look at the key at all", perPage)
	}
	return p.Items, nil
}

// ticketOfKey reads a ticket and sees the key in it.
func (d *desk) ticketOfKey(ctx context.Context, id servicedesk.ID, key string) (servicedesk.Ticket, bool, error) {
	r, version, err := d.record(ctx, id)
	if gone(err) {
		return servicedesk.Ticket{}, false, nil // It went while we looked.
	}
	if err != nil {
		return servicedesk.Ticket{}, false, err
	}
	if !r.refersTo(keyLink+key) && r.place(d.mapping.Fields.ExternalKey) != key {
		return servicedesk.Ticket{}, false, nil
	}
	t, err := d.ticket(ctx, r, version)
	// One into which others were merged has several keys, and is found by each.
	t.Key, t.Claimed, t.Own = key, !r.refersTo(unclaimedLink+key), true
	return t, err == nil, err
}

// hasMerged reports whether one of the account's own tickets has become part of another's ticket: its making is in the
// history of that one.
func (d *desk) hasMerged(ctx context.Context, id string) (bool, error) {
	account, err := d.account(ctx)
	if err != nil || account == "" {
		return false, err
	}
	events, err := d.transactions(ctx, id, "", `[{"field":"Type","value":"Create"}]`)
	if gone(err) {
		return false, nil
	}
	return len(events) > 1 && slices.ContainsFunc(events, func(t transaction) bool { return sameUser(string(t.Creator.ID), account) }), err
}

// Claim takes the mark off that nobody has claimed a ticket.
func (d *desk) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	if _, ok := ticketID(string(id)); !ok {
		return d.missing(string(id))
	}
	mark := unclaimedLink + key
	a, err := d.send(ctx, request{
		method: http.MethodPut, path: "/ticket/" + string(id), body: map[string]any{"DeleteRefersTo": []string{mark}},
	}, &[]text{})
	if err != nil {
		return err
	}
	r, _, err := d.record(ctx, id)
	if err != nil {
		return err
	}
	if r.refersTo(mark) {
		return d.failure(cloud.ErrForbidden, "RT does not take the link %s off the ticket: %s", mark, strings.Join(a.words(), " "))
	}
	return nil
}
