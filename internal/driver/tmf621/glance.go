package tmf621

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// glanceWidth is how many tickets one list is of: their ids are in its address.
	glanceWidth = 50
	briefFields = "id,status,creationDate,lastUpdate"
)

// Glance lists tickets by their ids. Every row's id is looked at, as a desk may not know such a filter; those that the
// list does not show are looked at one by one before they count as missing.
func (d *desk) Glance(ctx context.Context, ids []servicedesk.ID, _ time.Time) (servicedesk.Glance, error) {
	var out servicedesk.Glance
	wanted := slices.Compact(slices.Sorted(slices.Values(ids)))
	for chunk := range slices.Chunk(wanted, glanceWidth) {
		seen, err := d.listed(ctx, chunk)
		if err != nil {
			return servicedesk.Glance{}, err
		}
		alone := 0
		for _, id := range chunk {
			b, ok := seen[id]
			if !ok {
				if b, ok, err = d.brief(ctx, id); err != nil {
					return servicedesk.Glance{}, err
				}
				if ok {
					alone++
				}
			}
			if ok {
				out.Briefs = append(out.Briefs, b)
			} else {
				out.Missing = append(out.Missing, id)
			}
		}
		if alone > 0 && len(seen) == 0 && len(chunk) > 1 {
			d.noIDLists.Store(true)
		}
	}
	return out, nil
}

// listed asks for some tickets at once; what it does not answer is not known.
func (d *desk) listed(ctx context.Context, ids []servicedesk.ID) (map[servicedesk.ID]servicedesk.Brief, error) {
	var asked []string
	for _, id := range ids {
		if validID(string(id)) {
			asked = append(asked, string(id))
		}
	}
	seen := make(map[servicedesk.ID]servicedesk.Brief, len(ids))
	if len(asked) < 2 || d.noIDLists.Load() {
		return seen, nil
	}
	w := d.walk(url.Values{"fields": {briefFields}, "id": {strings.Join(asked, ",")}})
	for {
		fresh, err := w.next(ctx)
		if errors.Is(err, cloud.ErrInvalid) || errors.Is(err, cloud.ErrUnsupported) {
			d.noIDLists.Store(true)
			return seen, nil
		}
		if err != nil || len(fresh) == 0 {
			return seen, err
		}
		for _, t := range fresh {
			if b, ok := briefOf(t); ok && slices.Contains(ids, b.ID) {
				seen[b.ID] = b
			} else {
				d.noIDLists.Store(true) // Of which it has taken no notice.
			}
		}
		if len(seen) == len(asked) || d.noIDLists.Load() {
			return seen, nil
		}
	}
}

// brief looks at one ticket.
func (d *desk) brief(ctx context.Context, id servicedesk.ID) (servicedesk.Brief, bool, error) {
	t, _, err := d.ticket(ctx, string(id), briefFields)
	if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden) {
		return servicedesk.Brief{}, false, nil
	}
	if err != nil {
		return servicedesk.Brief{}, false, err
	}
	b, ok := briefOf(t)
	return b, ok && b.ID == id, nil // Another one's id means that it was merged.
}

func briefOf(t ticket) (servicedesk.Brief, bool) {
	at := cmp.Or(t.LastUpdate.at, t.CreationDate.at)
	return servicedesk.Brief{ID: servicedesk.ID(t.ID), NativeStatus: string(t.Status), UpdatedAt: at}, t.Status != ""
}
