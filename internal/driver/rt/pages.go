package rt

import (
	"context"
	"net/url"
	"strconv"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// row is one of a list in the order of numbers.
type row interface{ number() int64 }

// pages reads a list to which rows are only added. RT fills a page with rows that the account may not see, and leaves
// them out of the answer, so that only an empty page is surely behind the last, unless something else tells.
func pages[T row](ctx context.Context, d *desk, path string, size int, query url.Values, isLast func(T) bool) ([]T, error) {
	var out []T
	query.Set("orderby", "id")
	query.Set("per_page", strconv.Itoa(size))
	for number := 1; ; number++ {
		query.Set("page", strconv.Itoa(number))
		var p page[T]
		if _, err := d.read(ctx, path, query, &p); err != nil {
			return nil, err
		}
		if len(p.Items) == 0 {
			return out, nil
		}
		if len(out) > 0 && p.Items[0].number() <= out[len(out)-1].number() {
			return nil, d.outOfOrder()
		}
		out = append(out, p.Items...)
		total := p.Total.number(-1)
		if total >= 0 && int64(len(out)) >= total || len(p.Items) < size && isLast(out[len(out)-1]) {
			return out, nil
		}
	}
}

// outOfOrder is the error of a list that would never end.
func (d *desk) outOfOrder() error {
	return d.failure(cloud.ErrUnavailable, "RT answers the pages of a list out of order")
}
