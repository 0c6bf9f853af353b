package sandbox

import (
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// goal is what a control plane is to be.
type goal struct {
	// idle says that there is nothing to be done: the cluster has failed, and can only be deleted.
	idle  bool
	spec  controlplane.Spec
	pools map[string]controlplane.Pool
}

// clusterID is the cluster that an object is or belongs to; empty for all else.
func (o *object) clusterID() string {
	switch o.Kind {
	case clusterSegment:
		return o.ID
	case poolSegment:
		return poolSpec(o).ClusterId
	}
	return ""
}

// carryOut has done for real what was accepted, where there is a Kubernetes: it settles when that is done. A fault that
// was ordered has the last word.
func (w *world) carryOut(o *object) {
	if w.planes == nil || !o.Derived.Real || o.Next == api.StateFailed || o.Due.IsZero() {
		return
	}
	o.Due = time.Time{}
	w.planes.begin(w, o, o.clusterID())
}

// goalOf is what a cluster is to be with all its pools; nil if it is not to be.
func (w *world) goalOf(id string) *goal {
	cluster := w.objects[id]
	if cluster == nil || cluster.State == api.StateDeleting {
		return nil
	}
	if cluster.State == api.StateFailed {
		return &goal{idle: true}
	}
	spec := clusterSpec(cluster)
	g := &goal{
		spec: controlplane.Spec{
			ID: id, Version: cluster.Derived.Target, PodCIDR: *spec.PodCidr, ServiceCIDR: *spec.ServiceCidr,
		},
		pools: map[string]controlplane.Pool{},
	}
	for name, pool := range value(spec.NodePools) {
		g.pools[name] = nodesOf(name, &pool, cluster.Derived.Sizes[name])
	}
	for _, o := range w.poolsOf(cluster) {
		if o.State != api.StateDeleting {
			g.pools[o.common.Name] = nodesOf(o.common.Name, o.pool(ownPool), o.Derived.Sizes[ownPool])
		}
	}
	return g
}

func nodesOf(name string, p *api.NodePoolSize, nodes int64) controlplane.Pool {
	pool := controlplane.Pool{Name: name, Size: int(nodes), Labels: value(p.NodeLabels), VCPUs: p.Vcpus, MemoryMiB: p.MemoryMib}
	for _, t := range value(p.Taints) {
		pool.Taints = append(pool.Taints, controlplane.Taint{Key: t.Key, Value: value(t.Value), Effect: string(t.Effect)})
	}
	return pool
}

// brought ends what an object waits for, and writes down where its cluster is.
func (w *world) brought(o *object, c *controlplane.Cluster, failure error) {
	is := w.objects[o.ID]
	if is == nil {
		return
	}
	next := is.copy()
	if c != nil && next.Kind == clusterSegment {
		next.Derived.Endpoint, next.Derived.Authority, next.Derived.Target = c.Endpoint(), string(c.CA()), c.Version()
	}
	switch {
	case is.State == api.StateFailed:
		return
	case !is.settled() && is.Due.IsZero():
		if next.Due = w.clock.now(); failure != nil {
			next.Next, next.Failure = api.StateFailed, failure.Error()
		}
	case is.settled() && failure != nil: // It ran before the sandbox was started anew.
		next.State, next.Message = api.StateFailed, failure.Error()
	case next.Derived.Endpoint != is.Derived.Endpoint:
	default:
		return
	}
	w.put(next)
}

// strand fails what waits for a Kubernetes that the sandbox was started without.
func (w *world) strand() {
	for _, o := range w.pending {
		if w.planes == nil && o.Derived.Real && o.Due.IsZero() {
			next := o.copy()
			next.Due, next.Next = w.clock.now(), api.StateFailed
			next.Failure = "The sandbox was started without the Kubernetes that is behind it."
			w.put(next)
		}
	}
}
