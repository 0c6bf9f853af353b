package sandbox

import (
	"context"
	"maps"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
)

// ControlPlane is the real Kubernetes behind a cluster, for what an operator or an agency has running there.
func (s *Sandbox) ControlPlane(id string) (*controlplane.Cluster, error) {
	if s.planes == nil {
		return nil, controlplane.ErrNotFound
	}
	return s.planes.manager.Cluster(id)
}

// InstallPatch has the operator install a newer patch of the minor that a cluster runs. What was declared stays.
func (s *Sandbox) InstallPatch(ctx context.Context, operator, id, version string) error {
	return s.behind(ctx, operator, id, func(w *world, o *object) *problem {
		is, to := releaseOf(o.Derived.Running), releaseOf(version)
		switch {
		case o.Kind != clusterSegment || o.Derived.Running == "":
			return newProblem(http.StatusConflict, "conflict", "%s is no container cluster that runs.", id)
		case o.Derived.Real:
			return newProblem(http.StatusNotImplemented, "unsupported", "Real clusters are upgraded by the API alone.")
		case !value(clusterSpec(o).AutoPatch):
			return newProblem(http.StatusConflict, "conflict", "%s is not to get patches by itself.", id)
		case !is.SameMinor(to) || to.Compare(is) <= 0:
			return newProblem(http.StatusConflict, "conflict", "%s is no later patch of %s.", version, o.Derived.Running)
		}
		next := o.copy()
		next.Derived.Running, next.Derived.Target = version, version
		w.put(next)
		return nil
	})
}

// Autoscale has the operator change the number of nodes of a pool that scales by itself. The id is that of a node pool, or
// of a cluster with the name of one of its pools.
func (s *Sandbox) Autoscale(ctx context.Context, operator, id, pool string, nodes int64) error {
	//nolint:contextcheck // What it begins at a control plane outlives who asks for it.
	return s.behind(ctx, operator, id, func(w *world, o *object) *problem {
		size := o.pool(pool)
		if size == nil || size.Autoscaling == nil || nodes < size.Autoscaling.Min || nodes > size.Autoscaling.Max {
			return newProblem(http.StatusConflict, "conflict", "%s has no pool %q that can get %d nodes by itself.", id, pool, nodes)
		}
		if w.lacksKubernetes(o) {
			return withoutKubernetes(o)
		}
		next := o.copy()
		next.Derived.Sizes = maps.Clone(o.Derived.Sizes)
		next.Derived.Sizes[pool] = nodes
		w.put(next)
		if w.planes != nil && next.Derived.Real {
			w.planes.begin(w, next, next.clusterID())
		}
		return nil
	})
}
