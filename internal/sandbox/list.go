package sandbox

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// labelKey is the form of label keys.
var labelKey = regexp.MustCompile(`^[a-z0-9._/-]{1,63}$`)

// labelLimit is how many labels an object has at most.
const labelLimit = 64

// defaultPage and maxPage are the sizes of a list's pages.
const (
	defaultPage = 100
	maxPage     = 500
)

// list answers one page of a collection.
func (w *world) list(k *kind, project string, params *api.ListNetworksParams) (page, *problem) {
	after, p := cursorSeq(params.Cursor)
	if p != nil {
		return page{}, p
	}
	limit := pageSize(params.Limit)
	match, p := filterOf(params)
	if p != nil {
		return page{}, p
	}
	all := w.ordered[collectionKey{k.segment, project}]
	if params.Name != nil {
		all = nil
		if o := w.names[nameKey{k.segment, project, *params.Name}]; o != nil {
			all = []*object{o}
		}
	}
	start, _ := slices.BinarySearchFunc(all, after+1, bySeq)
	var out page
	var last int64
	for _, o := range all[start:] {
		if !match(o) {
			continue
		}
		if len(out.items) == limit {
			out.nextCursor = cursorOf(last)
			break
		}
		out.items = append(out.items, w.current(o).rendered)
		last = o.Seq
	}
	return out, nil
}

func pageSize(limit *int) int {
	if limit == nil {
		return defaultPage
	}
	return min(*limit, maxPage)
}

// pageOf cuts a page out of a list that never changes.
func pageOf[T any](all []T, limit *int, cursor *string) (items []T, next *string, p *problem) {
	start, p := cursorSeq(cursor)
	if p != nil {
		return nil, nil, p
	}
	items = all[min(int(start), len(all)):]
	if size := pageSize(limit); len(items) > size {
		return items[:size], optional(cursorOf(start + int64(size))), nil
	}
	return items, nil, nil
}

func cursorOf(seq int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("after:" + strconv.FormatInt(seq, 10)))
}

func cursorSeq(cursor *string) (int64, *problem) {
	if cursor == nil {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*cursor)
	digits, ok := strings.CutPrefix(string(raw), "after:")
	seq, numErr := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || numErr != nil || seq < 0 {
		p := newProblem(http.StatusBadRequest, "invalid", "The cursor is not one of this list.")
		p.Errors = &[]api.FieldError{fieldError("#/query/cursor", "Take it from next_cursor of the page before.")}
		return 0, p
	}
	return seq, nil
}

func filterOf(params *api.ListNetworksParams) (func(*object) bool, *problem) {
	var wanted [][2]string
	for _, label := range value(params.Label) {
		key, text, ok := strings.Cut(label, "=")
		if !ok {
			p := newProblem(http.StatusBadRequest, "invalid", "A label filter is written key=value.")
			p.Errors = &[]api.FieldError{fieldError("#/query/label", "%q has no equals sign.", label)}
			return nil, p
		}
		wanted = append(wanted, [2]string{key, text})
	}
	return func(o *object) bool {
		for _, label := range wanted {
			if got, ok := o.common.Labels[label[0]]; !ok || got != label[1] {
				return false
			}
		}
		return (params.Name == nil || o.common.Name == *params.Name) &&
			(params.State == nil || o.State == *params.State) &&
			(params.OwnerKey == nil || o.Key == params.OwnerKey.String())
	}, nil
}
