package selfservice

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

const (
	// pageSize and labelFilters are the most that the contract allows.
	pageSize     = 500
	labelFilters = 16
)

// page is one page of any list. Items that are missing or null are told from an empty list: an answer that is no list
// must not pass for "nothing there".
type page[Rep any] struct {
	Items      *[]Rep  `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

// item is one member of a page and the answer that it came with.
type item[Rep any] struct {
	rep    Rep
	answer answer
}

// pages streams a list. A cursor that comes twice ends it with an error instead of turning for ever.
func pages[Rep any](s *session, fetch func(cursor *string) (*http.Response, error)) iter.Seq2[item[Rep], error] {
	return func(yield func(item[Rep], error) bool) {
		seen := make(map[string]bool)
		var cursor *string
		for {
			var p page[Rep]
			var from answer
			err := s.read(func() (*http.Response, error) { return fetch(cursor) }, func(a answer) error {
				p, from = page[Rep]{}, a
				if err := a.Decode(&p); err != nil {
					return err
				}
				if p.Items == nil {
					return errors.New("the list has no items, not even none")
				}
				if next := deref(p.NextCursor); seen[next] {
					return fmt.Errorf("the list turns in a circle at the cursor %q", driver.OneLine(next, driver.LineLimit))
				}
				return nil
			})
			if err != nil {
				yield(item[Rep]{}, err)
				return
			}
			for _, rep := range *p.Items {
				if !yield(item[Rep]{rep, answer{driver.Answer{Status: from.Status, Header: from.Header}}}, nil) {
					return
				}
			}
			cursor = p.NextCursor
			if deref(cursor) == "" {
				return
			}
			seen[*cursor] = true
		}
	}
}

// List implements cloud.Collection.
func (c *collection[Spec, Body, Rep, Obj]) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[Obj, error] {
	return func(yield func(Obj, error) bool) {
		var none Obj
		params, err := listParams(opts)
		if err != nil {
			yield(none, c.invalid(fmt.Sprintf("The owner key %q is not a UUID.", opts.OwnerKey)))
			return
		}
		for it, err := range pages[Rep](c.session, func(cursor *string) (*http.Response, error) {
			params.Cursor = cursor
			if opts.OnPage != nil {
				opts.OnPage()
			}
			return c.kind.list(ctx, params)
		}) {
			if err != nil {
				yield(none, err)
				return
			}
			m := c.kind.meta(&it.rep)
			if err := checkMeta(m); err != nil {
				yield(none, c.garbled(it.answer, err, reading))
				return
			}
			meta := metaOf(m, it.answer)
			if !matches(meta, opts) {
				continue
			}
			meta.PollAfter = 0 // A page's hint is about no object.
			if !yield(c.take(&it.rep, m, meta), nil) {
				return
			}
		}
	}
}

func listParams(opts cloud.ListOptions) (*api.ListNetworksParams, error) {
	limit := pageSize
	params := &api.ListNetworksParams{Limit: &limit, Name: optional(opts.Name), State: optional(api.State(opts.State))}
	if opts.OwnerKey != "" {
		key, err := uuid.Parse(opts.OwnerKey)
		if err != nil {
			return nil, err
		}
		params.OwnerKey = &key
	}
	var filters []string
	for _, k := range slices.Sorted(maps.Keys(opts.Labels)) {
		if len(filters) < labelFilters {
			filters = append(filters, k+"="+opts.Labels[k])
		}
	}
	if len(filters) > 0 {
		params.Label = &filters
	}
	return params, nil
}

// matches filters again what the operator should have filtered: one that ignores a filter would otherwise hand an
// object of somebody else to a Create that looks for its own.
func matches(m cloud.Meta, opts cloud.ListOptions) bool {
	if opts.Name != "" && m.Name != opts.Name || opts.State != "" && m.State != opts.State ||
		opts.OwnerKey != "" && !sameKey(m.Ownership.Key, opts.OwnerKey) {
		return false
	}
	for k, v := range opts.Labels {
		if got, ok := m.Labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}

// sameKey compares UUIDs however they are written.
func sameKey(a, b string) bool {
	x, errX := uuid.Parse(a)
	y, errY := uuid.Parse(b)
	return errX == nil && errY == nil && x == y
}
