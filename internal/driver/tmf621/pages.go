package tmf621

import (
	"context"
	"errors"
	"net/url"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// pageSize is how many tickets a list is asked for at a time. Desks answer with fewer as they like.
const pageSize = 100

// walk goes through a list. A short page is not its end, as desks have limits of their own: an empty one is, or one
// without anything new, where the desk does not tell the total.
type walk struct {
	desk  *desk
	query url.Values
	// offset is where the next page begins, total -1 if it is not known.
	offset, total, size int
	seen                map[text]bool
}

func (d *desk) walk(query url.Values) *walk {
	return &walk{desk: d, query: query, total: -1, size: pageSize, seen: make(map[text]bool)}
}

// next answers the rows of the next page that no earlier page had; none at the end.
func (w *walk) next(ctx context.Context) ([]ticket, error) {
	if w.total >= 0 && w.offset >= w.total && w.offset > 0 {
		return nil, nil
	}
	p, err := w.desk.page(ctx, w.query, w.offset, w.size)
	if errors.Is(err, cloud.ErrInvalid) && w.modest() {
		return w.next(ctx)
	}
	if err != nil {
		return nil, err
	}
	w.offset += len(p.rows)
	w.total = p.total
	var fresh []ticket
	for _, t := range p.rows {
		if !w.seen[t.ID] {
			w.seen[t.ID] = true
			fresh = append(fresh, t)
		}
	}
	return fresh, nil
}

// modest does without what a desk may refuse: large pages, of which it has given small ones when it was opened, or an
// order, which v4 does not know, or both. It reports whether there is anything more to do without.
func (w *walk) modest() bool {
	switch {
	case w.offset > 0:
		return false // It is something else.
	case w.size > sampleSize:
		w.size = sampleSize
	case w.query.Has("sort"):
		w.query.Del("sort")
		w.size = pageSize
	default:
		return false
	}
	return true
}

// order is how the rows of a list are seen to come by their age.
type order struct {
	last               ticket
	began              bool
	rising, descending bool
}

// see takes the next row in.
func (o *order) see(t ticket) {
	if o.began {
		switch t.CreationDate.at.Compare(o.last.CreationDate.at) {
		case 1:
			o.rising = true
		case -1:
			o.descending = true
		}
	}
	o.last, o.began = t, true
}

// newestFirst reports whether what is still to come is older than what came: equal times alone do not tell.
func (o *order) newestFirst() bool { return o.descending && !o.rising }

// oldestFirst reports the opposite.
func (o *order) oldestFirst() bool { return o.rising && !o.descending }
