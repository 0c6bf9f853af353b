package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// The limits of pools. A node is called after its pool, and names of Kubernetes have an end.
const (
	poolSizeLimit  = 1000
	defaultDiskGiB = 50
	// ownPool is the key of the size of a pool that is an object of its own.
	ownPool = ""
)

var (
	poolName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,55}[a-z0-9])?$`)
	// qualifiedName and labelValue are what Kubernetes takes for labels and taints: a name, with a DNS name before it or not.
	qualifiedName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*/)?` +
		`[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$`)
)

var nodePoolKind = kind{
	segment: poolSegment, noun: "node pool", prefix: "pool", schema: "NodePoolCreate",
	mutable:  []string{"vcpus", "memory_mib", "boot_disk_gib", "size", "autoscaling", "node_labels", "taints"},
	offered:  func(p *profile) bool { return p.Clusters != nil },
	fresh:    func() any { return &api.NodePoolCreate{} },
	admit:    admitNodePool,
	accepted: func(w *world, o *object) { w.carryOut(o) },
	leaving:  func(w *world, o *object) { w.carryOut(o) },
	removed:  removedNodePool,
	usage: func(o *object) usage {
		size := sizeOf(poolSpec(o))
		return usageOfNodes(&size, o.Derived.Sizes[ownPool])
	},
	render: renderNodePool,
}

func poolSpec(o *object) *api.NodePoolCreate {
	return o.spec.(*api.NodePoolCreate) //nolint:forcetypeassert // Made by fresh.
}

// sizeOf is a pool of its own as one that its cluster declares.
func sizeOf(s *api.NodePoolCreate) api.NodePoolSize {
	return api.NodePoolSize{
		Vcpus: s.Vcpus, MemoryMib: s.MemoryMib, BootDiskGib: s.BootDiskGib, Zone: s.Zone, Size: s.Size, Autoscaling: s.Autoscaling,
		NodeLabels: s.NodeLabels, Taints: s.Taints,
	}
}

func admitNodePool(w *world, o, old *object) *problem {
	spec := poolSpec(o)
	pool := sizeOf(spec)
	faults := w.faultsOfPool(&pool, "")
	spec.BootDiskGib, spec.Zone = pool.BootDiskGib, pool.Zone
	if !poolName.MatchString(o.common.Name) {
		faults = append(faults, fieldError("/name", "%q is no name for a pool: it is to be a DNS label of up to 57 characters.", o.common.Name))
	}
	cluster := w.lasting(clusterSegment, o.Project, spec.ClusterId)
	if cluster == nil {
		faults = append(faults, fieldError("/cluster_id", "There is no container cluster %s in this project.", spec.ClusterId))
	}
	size, there := o.Derived.Sizes[ownPool]
	o.Derived.Sizes = map[string]int64{ownPool: currentSize(&pool, size, there)}
	switch p := refused(faults); {
	case p != nil:
		return p
	case declaresPool(cluster, o.common.Name):
		return newProblem(http.StatusConflict, "conflict", "The container cluster %s declares a pool called %s itself.",
			cluster.common.Name, o.common.Name)
	case w.lacksKubernetes(cluster) && (old == nil || old.State != api.StateFailed):
		return withoutKubernetes(cluster)
	case old != nil:
		return nil
	}
	o.Derived.Real = cluster.Derived.Real
	switch cluster.State {
	case api.StateFailed:
		return newProblem(http.StatusConflict, "conflict", "The container cluster %s has failed.", cluster.common.Name)
	case api.StateCreating, api.StateDeleting:
		return w.busy(cluster)
	case api.StateReady, api.StateUpdating:
	}
	return nil
}

// removedNodePool takes the nodes away of a pool that vanished from a cluster that stays.
func removedNodePool(w *world, o *object) {
	cluster := w.objects[poolSpec(o).ClusterId]
	if w.planes != nil && o.Derived.Real && cluster != nil && o.State != api.StateDeleting {
		w.planes.begin(w, cluster, cluster.ID)
	}
}

// faultsOfPool checks a pool and fills in what was left to the operator; at is where it is in the request. A change of a
// cluster's pools is not checked by the contract's schema, as null means something in it.
func (w *world) faultsOfPool(p *api.NodePoolSize, at string) (faults []api.FieldError) {
	fault := func(field, format string, args ...any) {
		faults = append(faults, fieldError(at+field, format, args...))
	}
	if p.Zone == nil {
		p.Zone = optional(w.profile.catalogue().DefaultZone)
	}
	if p.BootDiskGib == nil {
		p.BootDiskGib = optional(int64(defaultDiskGiB))
	}
	if !w.profile.hasZone(*p.Zone) {
		fault("/zone", "There is no zone %q.", *p.Zone)
	}
	if !w.profile.hasSize(p.Vcpus, p.MemoryMib) {
		fault("/vcpus", "No machine size has %d vCPUs with %d MiB.", p.Vcpus, p.MemoryMib)
	}
	if *p.BootDiskGib < 1 {
		fault("/boot_disk_gib", "A disk has at least 1 GiB.")
	}
	switch a := p.Autoscaling; {
	case (p.Size == nil) == (a == nil):
		fault("/size", "A pool has either size or autoscaling.")
	case a == nil && (*p.Size < 0 || *p.Size > poolSizeLimit):
		fault("/size", "A pool has up to %d nodes.", poolSizeLimit)
	case a != nil && !w.profile.Clusters.Autoscaling:
		fault("/autoscaling", "Pools are not scaled by themselves here.")
	case a != nil && (a.Min < 0 || a.Max < 1 || a.Max > poolSizeLimit || a.Min > a.Max):
		fault("/autoscaling", "The bounds go from 0 to %d, and min is not more than max.", poolSizeLimit)
	}
	for key, v := range value(p.NodeLabels) {
		if !qualified(key) || !labelValue.MatchString(v) {
			fault("/node_labels", "%q with the value %q is no label of Kubernetes.", key, v)
		}
	}
	taints := value(p.Taints)
	for i, t := range taints {
		if slices.ContainsFunc(taints[:i], func(other api.Taint) bool { return other.Key == t.Key && other.Effect == t.Effect }) {
			fault(fmt.Sprintf("/taints/%d", i), "There is a taint %q with the effect %q already.", t.Key, t.Effect)
		}
		if !qualified(t.Key) || !labelValue.MatchString(value(t.Value)) || !t.Effect.Valid() {
			fault(fmt.Sprintf("/taints/%d", i), "%q with the value %q and the effect %q is no taint of Kubernetes.", t.Key, value(t.Value), t.Effect)
		}
	}
	slices.SortFunc(faults, func(a, b api.FieldError) int { return strings.Compare(a.Detail, b.Detail) }) // Maps have no order.
	return faults
}

// dnsNameLimit is how long the DNS name before a qualified name may be.
const dnsNameLimit = 253

func qualified(key string) bool {
	prefix, _, _ := strings.Cut(key, "/")
	return len(prefix) <= dnsNameLimit && qualifiedName.MatchString(key)
}

func declaresPool(cluster *object, name string) bool {
	_, ok := value(clusterSpec(cluster).NodePools)[name]
	return ok
}

// currentSize is how many nodes a pool gets: one that scales by itself keeps what it has, within its bounds.
func currentSize(p *api.NodePoolSize, before int64, there bool) int64 {
	switch a := p.Autoscaling; {
	case a == nil:
		return value(p.Size)
	case !there:
		return a.Min
	default:
		return min(max(before, a.Min), a.Max)
	}
}

func usageOfNodes(p *api.NodePoolSize, nodes int64) usage {
	return usage{"vcpus": nodes * p.Vcpus, "memory_mib": nodes * p.MemoryMib}
}

func poolState(p *api.NodePoolSize, nodes int64) api.NodePoolState {
	return api.NodePoolState{
		Vcpus: p.Vcpus, MemoryMib: p.MemoryMib, BootDiskGib: p.BootDiskGib, Zone: p.Zone, Size: p.Size, Autoscaling: p.Autoscaling,
		NodeLabels: p.NodeLabels, Taints: p.Taints, CurrentSize: nodes,
	}
}

func renderNodePool(o *object, m api.Meta) any {
	s := poolSpec(o)
	return api.NodePool{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		ClusterId: s.ClusterId, Vcpus: s.Vcpus, MemoryMib: s.MemoryMib, BootDiskGib: s.BootDiskGib, Zone: s.Zone, Size: s.Size,
		Autoscaling: s.Autoscaling, NodeLabels: s.NodeLabels, Taints: s.Taints, CurrentSize: o.Derived.Sizes[ownPool],
	}
}

// pool is one of a cluster's by its name, or the object itself as one; nil if there is none.
func (o *object) pool(name string) *api.NodePoolSize {
	switch spec := o.spec.(type) {
	case *api.NodePoolCreate:
		size := sizeOf(spec)
		return &size
	case *api.ContainerClusterCreate:
		if size, ok := value(spec.NodePools)[name]; ok {
			return &size
		}
	}
	return nil
}
