package sandbox

import (
	"net/http"
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

// jobs are those of one object that are not over.
type jobs struct {
	left int
	// settle says that its transition waits for them. Others are begun while it is ready, and must not settle what somebody
	// else begins meanwhile.
	settle bool
}

// jobBegins counts a job for the sake of an object. Its world is locked.
func (p *planes) jobBegins(o *object) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := p.objects[o.ID]
	j.left++
	j.settle = j.settle || !o.settled()
	p.objects[o.ID] = j
}

// jobEnds reports whether it was the last job of an object: only that one has seen all that is wanted of it by now. Its
// world is locked.
func (p *planes) jobEnds(o *object) (last, settle bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j := p.objects[o.ID]
	if j.left--; j.left > 0 {
		p.objects[o.ID] = j
		return false, false
	}
	delete(p.objects, o.ID)
	return true, j.settle
}

// brought ends what an object waits for, and writes down where its cluster is.
func (w *world) brought(o *object, c *controlplane.Cluster, failure error) {
	last, settle := w.planes.jobEnds(o)
	is := w.objects[o.ID]
	if !last || is == nil || !is.settled() && !settle {
		return
	}
	next := is.copy()
	if c != nil && next.Kind == clusterSegment {
		next.Derived.Endpoint, next.Derived.Authority, next.Derived.Target = c.Endpoint(), string(c.CA()), c.Version()
		if is.settled() { // A patch may have come with the programs of this sandbox.
			next.Derived.Running = c.Version()
		}
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
	case next.Derived.Endpoint != is.Derived.Endpoint, next.Derived.Running != is.Derived.Running:
	default:
		return
	}
	w.put(next)
}

// lacksKubernetes reports whether the sandbox was started without the Kubernetes that is behind an object. It can only be
// looked at and deleted: what is behind it is ended when the sandbox has its Kubernetes again.
func (w *world) lacksKubernetes(o *object) bool { return w.planes == nil && o.Derived.Real }

func withoutKubernetes(cluster *object) *problem {
	return newProblem(http.StatusServiceUnavailable, "unavailable", "The sandbox was started without --kubernetes, and there is a "+
		"real Kubernetes behind the container cluster %s.", cluster.common.Name)
}

// strand fails what waits for a Kubernetes that the sandbox was started without.
func (w *world) strand() {
	for _, o := range w.pending {
		if w.lacksKubernetes(o) && o.Due.IsZero() {
			next := o.copy()
			next.Due, next.Next = w.clock.now(), api.StateFailed
			next.Failure = "The sandbox was started without the Kubernetes that is behind it."
			w.put(next)
		}
	}
}
