package backuprun

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// collection is a kind whose objects are records.
type collection[S any, O cloud.Object, D any] struct {
	*runner
	shelf shelf[D]
	// head finds what all records have, meta what all specifications have.
	head func(*D) *header
	meta func(*S) *cloud.SpecMeta
	// hidden records are no objects any more.
	hidden func(*D) bool
	// admit refuses an order, or makes a record of it.
	admit func(ctx context.Context, spec S) (D, error)
	// change applies a change to a record, except for what all records have; check refuses one before.
	check  func(ctx context.Context, k kept[D], change cloud.Change[S]) error
	change func(d *D, change cloud.Change[S])
	// begin is told of a new record, and of one that was ordered or changed again; may be nil.
	begin func(ctx context.Context, k kept[D], spec S) (kept[D], error)
	// view prepares to show objects.
	view func(ctx context.Context) func(m cloud.Meta, d D) (O, error)
	// leave is told of a deletion, and reports whether it has done what there was to do.
	leave func(ctx context.Context, k kept[D]) (done bool, err error)
	// await waits for something to happen to an object.
	await func(ctx context.Context, id string, limit time.Duration)

	// ordering is held by an order: two of one name would not see each other.
	ordering sync.Mutex
}

func (c *collection[S, O, D]) metadata(k kept[D]) cloud.Meta {
	h := c.head(&k.is)
	return cloud.Meta{
		ID: k.ID, Name: h.Name, Description: h.Description, Labels: h.Labels, State: cloud.StateReady, CreatedAt: k.CreatedAt.UTC(),
		Ownership: cloud.Ownership{Key: h.OwnerKey, Deployment: h.Deployment, Claimed: h.Claimed},
	}
}

func (c *collection[S, O, D]) show(ctx context.Context, k kept[D], replayed bool) (O, error) {
	m := c.metadata(k)
	m.Replayed = replayed
	return c.view(ctx)(m, k.is)
}

// Create implements cloud.Collection.
func (c *collection[S, O, D]) Create(ctx context.Context, spec S, opts cloud.CreateOptions) (O, error) {
	var none O
	c.ordering.Lock()
	defer c.ordering.Unlock()
	found, err := c.holder(ctx, c.meta(&spec).Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	replayed := found != nil
	if !replayed {
		made, err := c.admit(ctx, spec)
		if err != nil {
			return none, err
		}
		if opts.Abandoned != nil && opts.Abandoned() {
			return none, c.refused(cloud.ErrUnavailable, "The run that ordered it has ended.", "")
		}
		m := c.meta(&spec)
		*c.head(&made) = header{
			Name: m.Name, Description: m.Description, Labels: m.Labels, OwnerKey: opts.OwnerKey, Deployment: opts.Deployment,
		}
		k, err := c.shelf.add(ctx, made)
		if err != nil {
			return none, err
		}
		found = &k
	}
	if c.begin != nil {
		if *found, err = c.begin(ctx, *found, spec); err != nil {
			return none, err
		}
	}
	return c.show(ctx, *found, replayed)
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func (c *collection[S, O, D]) holder(ctx context.Context, name, key string) (*kept[D], error) {
	for k, err := range c.shelf.all(ctx) {
		if err != nil {
			return nil, err
		}
		h := c.head(&k.is)
		if h.Name != name || c.hidden(&k.is) {
			continue
		}
		if key != "" && strings.EqualFold(h.OwnerKey, key) && !h.Claimed {
			return &k, nil
		}
		m := c.metadata(k)
		return nil, &cloud.Error{Reason: cloud.ErrConflict, Operator: c.op.Name, Existing: &m, Text: "The name is taken."}
	}
	return nil, nil //nolint:nilnil // A free name is neither a record nor an error.
}

// one reads a record that is an object.
func (c *collection[S, O, D]) one(ctx context.Context, id string) (kept[D], error) {
	k, err := c.shelf.get(ctx, id)
	if err == nil && c.hidden(&k.is) {
		err = c.shelf.none(id)
	}
	return k, err
}

// Get implements cloud.Collection.
func (c *collection[S, O, D]) Get(ctx context.Context, id string) (O, error) {
	var none O
	k, err := c.one(ctx, id)
	if err != nil {
		return none, err
	}
	return c.show(ctx, k, false)
}

// Await implements cloud.Collection.
func (c *collection[S, O, D]) Await(ctx context.Context, id string, limit time.Duration) (O, error) {
	if c.await != nil && limit > 0 {
		c.await(ctx, id, limit)
	}
	return c.Get(ctx, id)
}

// List implements cloud.Collection.
func (c *collection[S, O, D]) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[O, error] {
	return func(yield func(O, error) bool) {
		if opts.OnPage != nil {
			opts.OnPage()
		}
		show := c.view(ctx)
		for k, err := range c.shelf.all(ctx) {
			var o O
			if err == nil && c.hidden(&k.is) {
				continue
			}
			if err == nil {
				o, err = show(c.metadata(k), k.is)
			}
			if err == nil && !opts.Match(o.Metadata()) {
				continue
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// Update implements cloud.Collection.
func (c *collection[S, O, D]) Update(ctx context.Context, id string, change cloud.Change[S]) (O, error) {
	var none O
	c.ordering.Lock()
	defer c.ordering.Unlock()
	k, err := c.one(ctx, id)
	if err != nil {
		return none, err
	}
	from, to := c.meta(&change.From), c.meta(&change.To)
	if from.Name != to.Name {
		if _, err := c.holder(ctx, to.Name, ""); err != nil {
			return none, err
		}
	}
	if err := c.check(ctx, k, change); err != nil {
		return none, err
	}
	k, err = c.shelf.change(ctx, id, func(d *D) error {
		h := c.head(d)
		h.change(*from, *to)
		c.change(d, change)
		return nil
	})
	if err == nil && c.begin != nil {
		k, err = c.begin(ctx, k, change.To)
	}
	if err != nil {
		return none, err
	}
	return c.show(ctx, k, false)
}

// change leaves alone what is equal in both.
func (h *header) change(from, to cloud.SpecMeta) {
	if from.Name != to.Name {
		h.Name = to.Name
	}
	if from.Description != to.Description {
		h.Description = to.Description
	}
	labels := map[string]string{}
	for k, v := range h.Labels {
		if _, was := from.Labels[k]; !was {
			labels[k] = v
			continue
		}
		if _, is := to.Labels[k]; is {
			labels[k] = v
		}
	}
	for k, v := range to.Labels {
		if was, ok := from.Labels[k]; !ok || was != v {
			labels[k] = v
		}
	}
	h.Labels = labels
}

// Delete implements cloud.Collection.
func (c *collection[S, O, D]) Delete(ctx context.Context, id string) error {
	k, err := c.one(ctx, id)
	if err != nil {
		return err
	}
	if done, err := c.leave(ctx, k); done || err != nil {
		return err
	}
	return c.op.Records.Delete(ctx, c.shelf.kind, id)
}

// Claim implements cloud.Collection.
func (c *collection[S, O, D]) Claim(ctx context.Context, id string) error {
	if _, err := c.one(ctx, id); err != nil {
		return err
	}
	_, err := c.shelf.change(ctx, id, func(d *D) error {
		c.head(d).Claimed = true
		return nil
	})
	return err
}
