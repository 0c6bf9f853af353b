package tmf621

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// scanWindow bounds how far back tickets are looked through where no filter finds a key. An order that was cut off is
	// taken up again within a day, by default of the service.
	scanWindow = 7 * 24 * time.Hour
	// scanLimit bounds how many are.
	scanLimit = 5000
)

// What is known of the filter for keys.
const (
	untried int32 = iota
	trusted
	useless
)

// plainKey is what can be nothing else in a filter.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9:._/-]+$`)

// FindByKey asks by the filter of the version, and looks at the key of every ticket that comes. A filter that is taken for
// another one may find nothing, ever, and a run that believes it files a second ticket: so before it has found something,
// the tickets are also looked through without it.
func (d *desk) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	state := d.filter.Load()
	if !plainKey.MatchString(key) {
		state = useless
	}
	if state != useless {
		rows, works, err := d.filtered(ctx, d.keyForms(key))
		switch {
		case err != nil:
			return nil, err
		case !works:
			state = useless
			d.filter.Store(useless)
		case len(rows) > 0 || state == trusted:
			d.filter.Store(trusted)
			return d.ofKey(key, rows), nil
		}
	}
	rows, err := d.scan(ctx)
	if err != nil {
		return nil, err
	}
	found, err := d.whole(ctx, key, d.ofKey(key, rows))
	if state == untried && err == nil {
		err = d.prove(ctx, rows, len(found) > 0)
	}
	return found, err
}

// whole reads the tickets of which a scan has seen but the key.
func (d *desk) whole(ctx context.Context, key string, found []servicedesk.Ticket) ([]servicedesk.Ticket, error) {
	var rows []ticket
	for _, f := range found {
		t, _, err := d.ticket(ctx, string(f.ID), d.version.contentFields())
		if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, t)
	}
	return d.ofKey(key, rows), nil
}

// prove finds out whether the filter finds a ticket that was seen without it. Missed says that it has not found one.
func (d *desk) prove(ctx context.Context, seen []ticket, missed bool) error {
	if missed {
		d.filter.Store(useless)
		return nil
	}
	for _, t := range seen {
		forms := d.formsOf(t)
		if len(forms) == 0 {
			continue
		}
		rows, works, err := d.filtered(ctx, forms[:1])
		if err != nil {
			return err
		}
		if works && slices.ContainsFunc(rows, func(row ticket) bool { return row.ID == t.ID }) {
			d.filter.Store(trusted)
		} else {
			d.filter.Store(useless)
		}
		return nil
	}
	return nil
}

// keyForms are how a key is written in what is filtered, where the mark is part of it: with it first, so that a ticket that
// is claimed meanwhile is found by one or by both.
func (d *desk) keyForms(key string) []string {
	if d.version >= v5 {
		return []string{key}
	}
	keyType := d.mapping.Fields.ExternalKey
	return []string{keyType + unclaimed + ":" + key, keyType + ":" + key}
}

// formsOf are the forms by which a filter has to find a ticket.
func (d *desk) formsOf(t ticket) []string {
	var out []string
	for _, i := range each[identifier](t.Identifiers) {
		out = append(out, string(i.ID))
	}
	if d.version == v4 {
		out = []string{string(t.ExternalID)}
	}
	return slices.DeleteFunc(out, func(form string) bool { return !plainKey.MatchString(form) })
}

// filtered asks for tickets by an identifier in any of some forms. It does not work if the desk refuses the filter, or
// shows others.
func (d *desk) filtered(ctx context.Context, forms []string) (rows []ticket, works bool, err error) {
	for _, form := range forms {
		query := url.Values{"fields": {d.version.contentFields()}, "externalId": {form}}
		if d.version >= v5 {
			query = url.Values{"fields": {d.version.contentFields()}, "filter": {"externalIdentifier[?(@.id=='" + form + "')]"}}
		}
		w := d.walk(query)
		for {
			fresh, err := w.next(ctx)
			if errors.Is(err, cloud.ErrInvalid) || errors.Is(err, cloud.ErrUnsupported) || errors.Is(err, errGarbled) {
				return nil, false, nil // Some answer with the elements that match, and not with their tickets.
			}
			if err != nil {
				return nil, false, err
			}
			if len(fresh) == 0 {
				break
			}
			for _, t := range fresh {
				if !slices.Contains(d.formsOf(t), form) {
					return nil, false, nil
				}
			}
			for _, t := range fresh {
				rows = append(slices.DeleteFunc(rows, func(row ticket) bool { return row.ID == t.ID }), t)
			}
		}
	}
	return rows, true, nil
}

// scan looks through the tickets that the account sees, back to the window's begin.
func (d *desk) scan(ctx context.Context) ([]ticket, error) {
	since := d.now().Add(-scanWindow)
	var rows []ticket
	var seen order
	w := d.walk(url.Values{"fields": {d.version.keyFields()}, "sort": {"-creationDate"}})
	for {
		fresh, err := w.next(ctx)
		if err != nil || len(fresh) == 0 {
			return rows, err
		}
		for _, t := range fresh {
			seen.see(t)
		}
		rows = append(rows, fresh...)
		switch {
		case seen.newestFirst() && seen.last.CreationDate.at.Before(since):
			return rows, nil
		case seen.oldestFirst() && w.total-w.offset > scanLimit:
			w.offset = w.total - scanLimit // Those in between are too old.
		case len(rows) > scanLimit+pageSize && !seen.newestFirst() && !seen.oldestFirst():
			return nil, d.lost()
		case len(rows) > scanLimit+pageSize:
			return rows, nil
		}
	}
}

// lost says that a ticket cannot be found again at this desk.
func (d *desk) lost() error {
	return d.refused(cloud.ErrUnsupported,
		fmt.Sprintf("The desk does not filter by external identifiers, and shows more than %d tickets in no order of time, so that a "+
			"ticket that was filed cannot be found again.", scanLimit),
		"Ask the desk's operator for the filter, for sort=-creationDate, or for an account that sees its own tickets alone.")
}

// ofKey are the account's own tickets of a key, oldest first.
func (d *desk) ofKey(key string, rows []ticket) []servicedesk.Ticket {
	out := []servicedesk.Ticket{}
	for _, row := range rows {
		if t := d.read(row, ""); t.Own && t.Key == key {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, byAge)
	return out
}

// byAge orders tickets as they were filed; of one moment, by their ids, as numbers if they are.
func byAge(a, b servicedesk.Ticket) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(string(a.ID), string(b.ID)))
}
