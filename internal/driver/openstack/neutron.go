package openstack

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// record is an object as Neutron answers it.
type record interface {
	object() neutronObject
}

// neutron is a cloud.Collection of one kind of Neutron's objects, all of which are made in several steps.
type neutron[Spec any, Rec record, Obj cloud.Object] struct {
	*session
	// segment is the kind in paths; plural and singular are where JSON has it.
	segment, plural, singular string

	common func(Spec) cloud.SpecMeta
	// check refuses what can be told before anything is made.
	check func(Spec) error
	// objects maps records, whose meta is the second. It asks for what belongs to them, for all of them at once.
	objects func(ctx context.Context, records []Rec, metas []cloud.Meta) ([]Obj, error)
	// complete makes what belongs to an object. Resumed says that an earlier order may have made some of it.
	complete func(ctx context.Context, r Rec, spec Spec, resumed bool) error
	// change changes what belongs to an object.
	change func(ctx context.Context, r Rec, change cloud.Change[Spec]) error

	names *finder[Rec]
}

// ready gives the collection its look-up of names.
func (n *neutron[Spec, Rec, Obj]) ready() *neutron[Spec, Rec, Obj] {
	n.names = &finder[Rec]{name: func(r Rec) string { return r.object().Name }, fetch: n.fetchNamed}
	return n
}

func (n *neutron[Spec, Rec, Obj]) fetchNamed(ctx context.Context, names []string) ([]Rec, string, error) {
	var answer map[string][]Rec
	requestID, err := n.get(ctx, n.network, n.segment+n.filtered("name", names), &answer)
	return answer[n.plural], requestID, err
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func (n *neutron[Spec, Rec, Obj]) holder(ctx context.Context, name, key string) (*cloud.Meta, error) {
	return holder(ctx, n.session, n.names, func(r Rec) cloud.Meta { return r.object().meta() }, name, key)
}

// Create implements cloud.Collection.
func (n *neutron[Spec, Rec, Obj]) Create(ctx context.Context, spec Spec, opts cloud.CreateOptions) (Obj, error) {
	var none Obj
	if err := n.check(spec); err != nil {
		return none, err
	}
	common := n.common(spec)
	defer n.names.hold(common.Name)()
	existing, err := n.holder(ctx, common.Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	if existing != nil && existing.State != cloud.StateCreating {
		return n.fetch(ctx, existing.ID, true)
	}
	if err := n.goOn(opts); err != nil {
		return none, err
	}
	r, err := n.begin(ctx, existing, common.Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	if err := n.finish(ctx, r, spec, opts, existing != nil); err != nil {
		if err = unsure(err); !errors.Is(err, cloud.ErrUnknownOutcome) {
			// It will never be what was ordered, and nobody knows of it.
			_ = n.remove(context.WithoutCancel(ctx), n.network, path(n.segment, r.object().ID))
		}
		return none, err
	}
	obj, err := n.fetch(ctx, r.object().ID, existing != nil)
	return obj, unsure(err)
}

// begin takes the first step, or finds what an earlier order's first step has made.
func (n *neutron[Spec, Rec, Obj]) begin(ctx context.Context, existing *cloud.Meta, name, key string) (Rec, error) {
	var answer map[string]Rec
	if existing != nil {
		_, err := n.get(ctx, n.network, path(n.segment, existing.ID), &answer)
		return answer[n.singular], err
	}
	_, err := n.post(ctx, n.network, n.segment, map[string]any{
		n.singular: map[string]any{"name": name, "description": unfinished + key},
	}, &answer)
	return answer[n.singular], err
}

// finish takes all steps but the first. The last of them takes the mark of what is unfinished away.
func (n *neutron[Spec, Rec, Obj]) finish(
	ctx context.Context, r Rec, spec Spec, opts cloud.CreateOptions, resumed bool,
) error {
	if err := n.complete(ctx, r, spec, resumed); err != nil {
		return err
	}
	common, o := n.common(spec), r.object()
	if err := n.setTags(ctx, path(n.segment, o.ID), o.Tags, ordered(common, opts)); err != nil {
		return err
	}
	err := n.put(ctx, n.network, path(n.segment, o.ID), map[string]any{
		n.singular: map[string]any{"description": shortDescription(common.Description)},
	})
	return err
}

// Get implements cloud.Collection.
func (n *neutron[Spec, Rec, Obj]) Get(ctx context.Context, id string) (Obj, error) {
	return n.fetch(ctx, id, false)
}

func (n *neutron[Spec, Rec, Obj]) fetch(ctx context.Context, id string, replayed bool) (Obj, error) {
	var none Obj
	r, requestID, err := n.one(ctx, id)
	if err != nil {
		return none, err
	}
	m := r.object().meta()
	m.Replayed, m.RequestID = replayed, requestID
	objects, err := n.objects(ctx, []Rec{r}, []cloud.Meta{m})
	if err != nil {
		return none, err
	}
	return objects[0], nil
}

func (n *neutron[Spec, Rec, Obj]) one(ctx context.Context, id string) (r Rec, requestID string, err error) {
	if err := n.checkID(id); err != nil {
		return r, "", err
	}
	var answer map[string]Rec
	requestID, err = n.get(ctx, n.network, path(n.segment, id), &answer)
	r = answer[n.singular]
	if o := r.object(); err == nil && !o.Shared {
		err = n.ours(o.ProjectID, requestID)
	}
	return r, requestID, err
}

// Await implements cloud.Collection. Neutron does what it is asked at once.
func (n *neutron[Spec, Rec, Obj]) Await(ctx context.Context, id string, _ time.Duration) (Obj, error) {
	return n.fetch(ctx, id, false)
}

// List implements cloud.Collection. What others share with the project is none of its objects.
func (n *neutron[Spec, Rec, Obj]) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[Obj, error] {
	return func(yield func(Obj, error) bool) {
		var none Obj
		owner := ""
		if opts.OwnerKey != "" {
			owner = ownerProperty + "=" + opts.OwnerKey
		}
		address := n.segment + query("project_id", n.project, "name", opts.Name, "tags", owner)
		for records, err := range pages[Rec](ctx, n.session, n.network, address, n.plural, opts.OnPage) {
			var objects []Obj
			if err == nil {
				objects, err = n.matching(ctx, records, opts)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, o := range objects {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// matching are the objects of a page that a list is to have. An unfinished one is none that its owner key finds: the
// order is to be repeated, which finishes it.
func (n *neutron[Spec, Rec, Obj]) matching(ctx context.Context, records []Rec, opts cloud.ListOptions) ([]Obj, error) {
	var kept []Rec
	var metas []cloud.Meta
	for _, r := range records {
		m := r.object().meta()
		if r.object().notes() {
			continue
		}
		if driver.Matches(m, opts) && (opts.OwnerKey == "" || m.State != cloud.StateCreating) {
			kept, metas = append(kept, r), append(metas, m)
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	return n.objects(ctx, kept, metas)
}

// Update implements cloud.Collection.
func (n *neutron[Spec, Rec, Obj]) Update(ctx context.Context, id string, change cloud.Change[Spec]) (Obj, error) {
	var none Obj
	r, _, err := n.one(ctx, id)
	if err != nil {
		return none, err
	}
	if err := n.check(change.To); err != nil {
		return none, err
	}
	from, to := n.common(change.From), n.common(change.To)
	if from.Name != to.Name {
		if _, err := n.holder(ctx, to.Name, ""); err != nil {
			return none, err
		}
	}
	if err := n.change(ctx, r, change); err != nil {
		return none, err
	}
	if err := n.describe(ctx, n.segment, n.singular, r.object(), from, to); err != nil {
		return none, err
	}
	return n.fetch(ctx, id, false)
}

// Delete implements cloud.Collection.
func (n *neutron[Spec, Rec, Obj]) Delete(ctx context.Context, id string) error {
	if err := n.checkID(id); err != nil {
		return err
	}
	return n.remove(ctx, n.network, path(n.segment, id))
}

// Claim implements cloud.Collection.
func (n *neutron[Spec, Rec, Obj]) Claim(ctx context.Context, id string) error {
	if err := n.checkID(id); err != nil {
		return err
	}
	err := n.claimTag(ctx, path(n.segment, id))
	if errors.Is(err, cloud.ErrUnknownOutcome) && ctx.Err() == nil {
		err = n.claimTag(ctx, path(n.segment, id)) // Claiming twice is claiming once.
	}
	return err
}
