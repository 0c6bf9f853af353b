package clusterapi

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// nodePools are the machine deployments of topologies that are declared by themselves: those that have a note.
type nodePools struct{ *clusters }

// poolIdentity is the id of a pool: its cluster, its name, and the id of its note, which whoever imports leaves out.
type poolIdentity struct{ cluster, name, note string }

func (i poolIdentity) String() string { return i.cluster + ":" + i.name + ":" + i.note }

func parsePoolIdentity(id string) (i poolIdentity) {
	i.cluster, i.name, _ = strings.Cut(id, ":")
	i.name, i.note, _ = strings.Cut(i.name, ":")
	return i
}

// is reports whether a note is of the pool that the id names.
func (i poolIdentity) is(n poolNote) bool { return i.note == "" || i.note == n.ID }

// nodePool is a pool in the port's terms.
func (n nodePools) nodePool(r record, p pool, note poolNote, deployments []deployment) cloud.NodePool {
	o := cloud.NodePool{Meta: note.meta(r.Metadata.Name, p.Name), ClusterID: r.meta().ID}
	o.PollAfter = n.pollAfter
	o.NodePoolSize = n.poolSize(p, r.Spec.Topology.Variables)
	i := slices.IndexFunc(deployments, func(d deployment) bool { return d.pool() == p.Name })
	if i >= 0 {
		o.CurrentSize = deployments[i].Status.All
	}
	complete := i >= 0 && r.seen() && deployments[i].settled() && deployments[i].version() == r.version() &&
		!n.justWritten(r, deployments[i:i+1])
	reached := note.Reached == digest(p)
	switch {
	case r.Metadata.Deleted != nil:
		o.State = cloud.StateDeleting
	case reached:
		o.State, o.StateMessage = cloud.StateReady, r.trouble()
	case complete:
		o.State, o.Unfinished = cloud.StateReady, true
	case n.broken(r):
		o.State, o.StateMessage = cloud.StateFailed, words(r.condition(topologyReconciled))
	case note.Reached == "" && (i < 0 || deployments[i].Status.Available == 0):
		o.State, o.StateMessage = cloud.StateCreating, r.progress("ScalingUp")
	default:
		o.State, o.StateMessage = cloud.StateUpdating, r.progress("RollingOut", "ScalingUp", "ScalingDown")
	}
	return o
}

// Get implements cloud.Collection.
func (n nodePools) Get(ctx context.Context, id string) (none cloud.NodePool, err error) {
	i := parsePoolIdentity(id)
	r, requestID, err := n.one(ctx, i.cluster)
	if err != nil {
		return none, err
	}
	all, err := n.deployments(ctx, r.Metadata.Name)
	if err != nil {
		return none, err
	}
	p, there := r.pool(i.name)
	note, own := r.note(i.name)
	if there && own && i.is(note) {
		o := n.nodePool(r, p, note, all[r.Metadata.Name])
		o.RequestID = requestID
		return o, nil
	}
	if there && !own && i.note == "" {
		return none, n.refused(cloud.ErrUnsupported, fmt.Sprintf("The node pool %s is no object of its own: it belongs to its cluster.", i.name),
			"Declare it in node_pools of the cluster.")
	}
	for _, d := range all[r.Metadata.Name] {
		if d.pool() == i.name && !there && i.note != "" { // Its machines are still going, or nobody has noticed yet.
			o := cloud.NodePool{Meta: poolNote{ID: i.note, Created: d.Metadata.Created}.meta(r.Metadata.Name, i.name), ClusterID: r.meta().ID}
			o.State, o.PollAfter, o.CurrentSize, o.RequestID = cloud.StateDeleting, n.pollAfter, d.Status.All, requestID
			return o, nil
		}
	}
	return none, n.gone(id)
}

func (n nodePools) gone(id string) error {
	return n.refused(cloud.ErrNotFound, fmt.Sprintf("There is no node pool %s.", driver.OneLine(id, driver.LineLimit)), "")
}

// Resolve implements cloud.Resolver: a pool is known by the names of its cluster and itself.
func (n nodePools) Resolve(ctx context.Context, name string) (string, error) {
	o, err := n.Get(ctx, name)
	return o.ID, err
}

// Await implements cloud.Collection. When a pool is there as it was ordered, it notes that with it.
func (n nodePools) Await(ctx context.Context, id string, _ time.Duration) (cloud.NodePool, error) {
	o, err := n.Get(ctx, id)
	if err != nil || !o.Unfinished {
		return o, err
	}
	err = n.editPool(ctx, id, func(_ object, p pool, note *poolNote) error {
		note.Reached = digest(p)
		return nil
	})
	if err != nil {
		return o, err
	}
	return n.Get(ctx, id)
}

// List implements cloud.Collection.
func (n nodePools) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.NodePool, error] {
	return func(yield func(cloud.NodePool, error) bool) {
		var all map[string][]deployment
		for r, err := range pages[record](ctx, n.session, n.path("clusters"), o.OnPage) {
			if err == nil && all == nil {
				all, err = n.deployments(ctx, "")
			}
			if err != nil {
				yield(cloud.NodePool{}, err)
				return
			}
			if r.Spec.Topology == nil {
				continue
			}
			for _, p := range r.Spec.Topology.Workers.Deployments {
				note, own := r.note(p.Name)
				found := n.nodePool(r, p, note, all[r.Metadata.Name])
				if own && driver.Matches(found.Meta, o) && !yield(found, nil) {
					return
				}
			}
		}
	}
}

// Create implements cloud.Collection.
func (n nodePools) Create(ctx context.Context, spec cloud.NodePoolSpec, opts cloud.CreateOptions) (cloud.NodePool, error) {
	note, replayed := poolNote{
		ID: uuid.NewString(), Owner: strings.ToLower(opts.OwnerKey), Unclaimed: true, Deployment: opts.Deployment,
		Description: spec.Description, Labels: spec.Labels, Created: n.now().UTC().Truncate(time.Second),
	}, false
	_, err := n.edit(ctx, spec.ClusterID, func(o object, r record) error {
		if _, taken := r.pool(spec.Name); taken {
			there, _ := r.note(spec.Name)
			if _, err := driver.Claimant([]cloud.Meta{there.meta(r.Metadata.Name, spec.Name)}, opts.OwnerKey, n.operator, r.requestID); err != nil {
				return err
			}
			note, replayed = there, true
			return errNothingToDo
		}
		p := object{"name": spec.Name}
		workers := o.at("spec", "topology", "workers")
		workers["machineDeployments"] = append(workers.list("machineDeployments"), map[string]any(p))
		if err := o.setNote(spec.Name, note); err != nil {
			return err
		}
		return n.changePool(p, n.classOf(o.at("spec", "topology")), "", cloud.NodePoolSize{}, spec.NodePoolSize, true)
	})
	switch {
	case isNotFound(err):
		return cloud.NodePool{}, n.invalid("/cluster_id", "There is no such cluster.")
	case err != nil:
		return cloud.NodePool{}, err
	}
	o, err := n.Get(ctx, poolIdentity{parseIdentity(spec.ClusterID).name, spec.Name, note.ID}.String())
	o.Replayed = replayed
	return o, err
}

// Update implements cloud.Collection.
func (n nodePools) Update(ctx context.Context, id string, change cloud.Change[cloud.NodePoolSpec]) (cloud.NodePool, error) {
	from, to := change.From, change.To
	switch {
	case reflect.DeepEqual(from, to):
		return n.Get(ctx, id)
	case from.Name != to.Name:
		return cloud.NodePool{}, n.invalid("/name", "It cannot be changed.")
	}
	var of class
	_, err := n.edit(ctx, parsePoolIdentity(id).cluster, func(o object, r record) error {
		of = n.classOf(o.at("spec", "topology"))
		return n.inPool(o, r, id, func(p object, _ pool, note *poolNote) error {
			if from.Description != to.Description {
				note.Description = to.Description
			}
			if !maps.Equal(from.Labels, to.Labels) {
				note.Labels = to.Labels
			}
			if !reflect.DeepEqual(from.NodePoolSize, to.NodePoolSize) {
				note.Reached = "" // Until it is there.
			}
			return n.changePool(p, of, "", from.NodePoolSize, to.NodePoolSize, false)
		})
	})
	if err != nil {
		return cloud.NodePool{}, err
	}
	return n.Get(ctx, id)
}

// Claim implements cloud.Collection.
func (n nodePools) Claim(ctx context.Context, id string) error {
	return n.editPool(ctx, id, func(_ object, _ pool, note *poolNote) error {
		if !note.Unclaimed {
			return errNothingToDo
		}
		note.Unclaimed = false
		return nil
	})
}

// Delete implements cloud.Collection.
func (n nodePools) Delete(ctx context.Context, id string) error {
	if o, err := n.Get(ctx, id); err != nil || o.State == cloud.StateDeleting {
		return err
	}
	i := parsePoolIdentity(id)
	_, err := n.edit(ctx, i.cluster, func(o object, r record) error {
		if note, own := r.note(i.name); !own || !i.is(note) {
			return n.gone(id)
		}
		delete(o.at("metadata", "annotations"), notePrefix+i.name)
		workers := o.at("spec", "topology", "workers")
		workers["machineDeployments"] = slices.DeleteFunc(workers.list("machineDeployments"), func(v any) bool {
			p, _ := v.(map[string]any)
			return p["name"] == i.name
		})
		workers.prune("machineDeployments")
		o.at("spec", "topology").prune("workers")
		return nil
	})
	return err
}

// editPool changes one pool, or its note, where they stand in its cluster.
func (n nodePools) editPool(ctx context.Context, id string, change func(o object, p pool, note *poolNote) error) error {
	_, err := n.edit(ctx, parsePoolIdentity(id).cluster, func(o object, r record) error { return n.inPool(o, r, id, change) })
	return err
}

func (n nodePools) inPool(o object, r record, id string, change func(o object, p pool, note *poolNote) error) error {
	i := parsePoolIdentity(id)
	note, own := r.note(i.name)
	p, _ := r.pool(i.name)
	body, there := named(o.at("spec", "topology", "workers").list("machineDeployments"), i.name)
	if !there || !own || !i.is(note) {
		return n.gone(id)
	}
	if err := change(body, p, &note); err != nil {
		return err
	}
	return o.setNote(i.name, note)
}
