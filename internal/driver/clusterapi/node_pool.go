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

// nodePools are the machine deployments of topologies that are declared by themselves. What the port knows of them is kept
// in their annotations.
type nodePools struct{ *clusters }

// poolNote marks a pool that is an object of its own, with an id that no later pool of its name gets.
const poolNote = "vdam.lv/node-pool"

// poolIdentity is the id of a pool: its cluster, its name, and what poolNote says; who imports leaves that out.
type poolIdentity struct{ cluster, name, note string }

func (i poolIdentity) String() string {
	return strings.TrimSuffix(i.cluster+":"+i.name+":"+i.note, ":")
}

func parsePoolIdentity(id string) (i poolIdentity) {
	i.cluster, i.name, _ = strings.Cut(id, ":")
	i.name, i.note, _ = strings.Cut(i.name, ":")
	return i
}

// own reports whether a pool is an object of its own, and not its cluster's.
func (p pool) own() bool { return p.Metadata.Annotations[poolNote] != "" }

func (p pool) meta(r record) cloud.Meta {
	notes := p.Metadata.Annotations
	return cloud.Meta{
		ID: poolIdentity{r.Metadata.Name, p.Name, notes[poolNote]}.String(), Name: p.Name,
		Description: notes[descriptionNote], Labels: labelsIn(notes), CreatedAt: timeIn(notes[createdNote]),
		Ownership: cloud.Ownership{Key: notes[ownerMark], Deployment: notes[deploymentNote], Claimed: notes[unclaimedMark] == ""},
	}
}

// nodePool is a pool in the port's terms.
func (n nodePools) nodePool(r record, p pool, deployments []deployment) cloud.NodePool {
	o := cloud.NodePool{Meta: p.meta(r), ClusterID: r.meta().ID}
	o.PollAfter = n.pollAfter
	o.NodePoolSize = n.poolSize(p, r.Spec.Topology.Variables)
	o.State, o.StateMessage = cloud.StateCreating, r.progress()
	i := slices.IndexFunc(deployments, func(d deployment) bool { return d.Metadata.Labels[deploymentLabel] == p.Name })
	if i >= 0 {
		o.CurrentSize = deployments[i].Status.All
	}
	switch topology := r.condition(topologyReconciled); {
	case r.Metadata.Deleted != nil:
		o.State = cloud.StateDeleting
	case n.brokenFor(topology) > patience:
		o.State, o.StateMessage = cloud.StateFailed, words(topology)
	case i >= 0 && r.seen() && deployments[i].settled() && deployments[i].version() == r.version() &&
		!n.justWritten(r, deployments[i:i+1]):
		o.State, o.StateMessage = cloud.StateReady, ""
	case i >= 0 && deployments[i].Status.Available > 0:
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
	for _, p := range r.Spec.Topology.Workers.Deployments {
		if p.Name == i.name && (i.note == "" || p.Metadata.Annotations[poolNote] == i.note) {
			o := n.nodePool(r, p, all[r.Metadata.Name])
			o.RequestID = requestID
			return o, nil
		}
	}
	for _, d := range all[r.Metadata.Name] {
		if i.note != "" && d.Metadata.Annotations[poolNote] == i.note { // Its machines are still going.
			p := pool{Name: i.name}
			p.Metadata.Annotations = d.Metadata.Annotations
			o := cloud.NodePool{Meta: p.meta(r), ClusterID: r.meta().ID}
			o.PollAfter = n.pollAfter
			o.State, o.CurrentSize, o.RequestID = cloud.StateDeleting, d.Status.All, requestID
			return o, nil
		}
	}
	return none, n.gone(id)
}

func (n nodePools) gone(id string) error {
	return n.refused(cloud.ErrNotFound, fmt.Sprintf("There is no node pool %s.", driver.OneLine(id, driver.LineLimit)), "")
}

// Await implements cloud.Collection.
func (n nodePools) Await(ctx context.Context, id string, _ time.Duration) (cloud.NodePool, error) {
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
				found := n.nodePool(r, p, all[r.Metadata.Name])
				if p.own() && driver.Matches(found.Meta, o) && !yield(found, nil) {
					return
				}
			}
		}
	}
}

// Create implements cloud.Collection.
func (n nodePools) Create(ctx context.Context, spec cloud.NodePoolSpec, opts cloud.CreateOptions) (cloud.NodePool, error) {
	note, replayed := uuid.NewString(), false
	add := func(o object, r record) error {
		pools := r.Spec.Topology.Workers.Deployments
		if i := slices.IndexFunc(pools, func(p pool) bool { return p.Name == spec.Name }); i >= 0 {
			if _, err := driver.Claimant([]cloud.Meta{pools[i].meta(r)}, opts.OwnerKey, n.operator, r.requestID); err != nil {
				return err
			}
			note, replayed = pools[i].Metadata.Annotations[poolNote], true
			return errNothingToDo
		}
		p := object{"name": spec.Name}
		notes := p.at("metadata", "annotations")
		notes[poolNote], notes[createdNote] = note, n.now().UTC().Format(time.RFC3339)
		notes[ownerMark], notes[unclaimedMark] = strings.ToLower(opts.OwnerKey), yes
		notes.set(deploymentNote, opts.Deployment)
		notes.set(descriptionNote, spec.Description)
		notes.set(labelsNote, labelsText(spec.Labels))
		workers := o.at("spec", "topology", "workers")
		workers["machineDeployments"] = append(workers.list("machineDeployments"), map[string]any(p))
		return n.changePool(p, "", cloud.NodePoolSize{}, spec.NodePoolSize, true)
	}
	_, err := n.edit(ctx, spec.ClusterID, add)
	switch {
	case isNotFound(err):
		return cloud.NodePool{}, n.invalid("/cluster_id", "There is no such cluster.")
	case err != nil:
		return cloud.NodePool{}, err
	}
	o, err := n.Get(ctx, poolIdentity{parseIdentity(spec.ClusterID).name, spec.Name, note}.String())
	o.Replayed = replayed
	return o, err
}

// Update implements cloud.Collection.
func (n nodePools) Update(ctx context.Context, id string, change cloud.Change[cloud.NodePoolSpec]) (cloud.NodePool, error) {
	if reflect.DeepEqual(change.From, change.To) {
		return n.Get(ctx, id)
	}
	err := n.editPool(ctx, id, func(p object) error {
		notes := p.at("metadata", "annotations")
		if change.From.Description != change.To.Description {
			notes.set(descriptionNote, change.To.Description)
		}
		if !maps.Equal(change.From.Labels, change.To.Labels) {
			notes.set(labelsNote, labelsText(change.To.Labels))
		}
		return n.changePool(p, "", change.From.NodePoolSize, change.To.NodePoolSize, false)
	})
	if err != nil {
		return cloud.NodePool{}, err
	}
	return n.Get(ctx, id)
}

// Claim implements cloud.Collection.
func (n nodePools) Claim(ctx context.Context, id string) error {
	return n.editPool(ctx, id, func(p object) error {
		notes := p.at("metadata", "annotations")
		if notes[unclaimedMark] == nil {
			return errNothingToDo
		}
		delete(notes, unclaimedMark)
		return nil
	})
}

// Delete implements cloud.Collection.
func (n nodePools) Delete(ctx context.Context, id string) error {
	if o, err := n.Get(ctx, id); err != nil || o.State == cloud.StateDeleting {
		return err
	}
	i := parsePoolIdentity(id)
	_, err := n.edit(ctx, i.cluster, func(o object, _ record) error {
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

// editPool changes one pool where it stands in its cluster.
func (n nodePools) editPool(ctx context.Context, id string, change func(p object) error) error {
	i := parsePoolIdentity(id)
	_, err := n.edit(ctx, i.cluster, func(o object, _ record) error {
		p, ok := named(o.at("spec", "topology", "workers").list("machineDeployments"), i.name)
		if !ok || i.note != "" && p.at("metadata", "annotations")[poolNote] != i.note {
			return n.gone(id)
		}
		return change(p)
	})
	return err
}
