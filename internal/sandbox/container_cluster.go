package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// The kinds' parts of the path, by which they name each other.
const (
	clusterSegment = "container-clusters"
	poolSegment    = "node-pools"
)

var containerClusterKind = kind{
	segment: clusterSegment, noun: "container cluster", prefix: "cluster", schema: "ContainerClusterCreate",
	mutable: []string{
		"kubernetes_version", "high_availability", "api_allowed_cidrs", "oidc", "node_pools", "auto_patch", "deletion_protection",
	},
	offered:  func(p *profile) bool { return p.Clusters != nil },
	fresh:    func() any { return &api.ContainerClusterCreate{} },
	admit:    admitContainerCluster,
	accepted: func(w *world, o *object) { w.carryOut(o) },
	leaving:  func(w *world, o *object) { w.carryOut(o) },
	arrived:  func(o *object) { o.Derived.Running = o.Derived.Target },
	held:     heldContainerCluster,
	removed:  removedContainerCluster,
	usage:    usageOfContainerCluster,
	render:   renderContainerCluster,
}

func clusterSpec(o *object) *api.ContainerClusterCreate {
	return o.spec.(*api.ContainerClusterCreate) //nolint:forcetypeassert // Made by fresh.
}

func admitContainerCluster(w *world, o, old *object) *problem {
	spec := clusterSpec(o)
	switch {
	case old == nil && w.planes != nil && w.planes.full():
		return newProblem(http.StatusConflict, "capacity-exhausted", "There is no room for another real cluster at present: %v.",
			controlplane.ErrFull)
	case old != nil && old.State != api.StateFailed && w.lacksKubernetes(o):
		return withoutKubernetes(o)
	}
	if spec.AutoPatch == nil {
		spec.AutoPatch = optional(true)
	}
	faults := w.faultsOfVersion(o, old)
	faults = append(faults, w.faultsOfCapabilities(o, old)...)
	if old == nil {
		o.Derived.Real = w.planes != nil
		faults = append(faults, w.faultsOfRanges(o)...)
	}
	pools := value(spec.NodePools)
	if pools == nil {
		pools = api.NodePoolMap{}
	}
	spec.NodePools = &pools
	before := o.Derived.Sizes
	o.Derived.Sizes = map[string]int64{} // Not that of the object that it was copied from.
	for _, name := range slices.Sorted(maps.Keys(pools)) {
		pool, at := pools[name], pointer([]string{"node_pools", name})
		if !poolName.MatchString(name) {
			faults = append(faults, fieldError(at, "%q is no name for a pool: it is to be a DNS label of up to 57 characters.", name))
		}
		faults = append(faults, w.faultsOfPool(&pool, at)...)
		pools[name] = pool
		size, there := before[name]
		o.Derived.Sizes[name] = currentSize(&pool, size, there)
	}
	if p := refused(faults); p != nil {
		return p
	}
	for _, pool := range w.poolsOf(o) {
		if _, both := pools[pool.common.Name]; both {
			return newProblem(http.StatusConflict, "conflict", "The cluster has a pool called %s already, which is an object of its own.",
				pool.common.Name)
		}
	}
	return nil
}

// availabilities are in the order of what they outlive.
var availabilities = []api.HighAvailability{api.HighAvailabilityNone, api.HighAvailabilityNode, api.HighAvailabilityZone}

// faultsOfCapabilities refuses what the operator's clusters cannot do, and fills in what it chooses.
func (w *world) faultsOfCapabilities(o, old *object) (faults []api.FieldError) {
	spec, can := clusterSpec(o), w.profile.Clusters
	if spec.HighAvailability == nil {
		spec.HighAvailability = optional(api.HighAvailabilityNone)
	}
	switch wanted := *spec.HighAvailability; {
	case !slices.Contains(can.HighAvailability, wanted):
		faults = append(faults, fieldError("/high_availability", "There are no control planes that outlive the failure of a %s.", wanted))
	case old != nil && slices.Index(availabilities, wanted) < slices.Index(availabilities, *clusterSpec(old).HighAvailability):
		faults = append(faults, fieldError("/high_availability", "A control plane does not become less available than it is."))
	}
	for i, cidr := range value(spec.ApiAllowedCidrs) {
		if prefix, err := netip.ParsePrefix(cidr); err != nil || prefix != prefix.Masked() {
			faults = append(faults, fieldError(fmt.Sprintf("/api_allowed_cidrs/%d", i), "%q is not a network in CIDR notation.", cidr))
		}
	}
	if len(value(spec.ApiAllowedCidrs)) > 0 && !can.ApiAllowList {
		faults = append(faults, fieldError("/api_allowed_cidrs", "From where the API is reached cannot be restricted here."))
	}
	if spec.Oidc == nil {
		return faults
	}
	if issuer, err := url.Parse(spec.Oidc.IssuerUrl); err != nil || issuer.Scheme != "https" || issuer.Host == "" {
		faults = append(faults, fieldError("/oidc/issuer_url", "The URL of an issuer begins with https://."))
	}
	if spec.Oidc.ClientId == "" {
		faults = append(faults, fieldError("/oidc/client_id", "It is needed."))
	}
	if !can.Oidc {
		faults = append(faults, fieldError("/oidc", "Clusters trust no other issuers here."))
	}
	return faults
}

// What can be divided among nodes and services.
const (
	longestPodPrefix     = 26
	longestServicePrefix = 28
	shortestPrefix       = 8
)

// faultsOfRanges checks the addresses of pods and services against one another and against the nodes' network, and
// chooses those that were left to the operator.
func (w *world) faultsOfRanges(o *object) (faults []api.FieldError) {
	spec := clusterSpec(o)
	var taken []netip.Prefix
	if spec.NetworkId != nil {
		network := w.lasting("networks", o.Project, *spec.NetworkId)
		if network == nil {
			return []api.FieldError{fieldError("/network_id", "There is no network %s in this project.", *spec.NetworkId)}
		}
		prefix, _ := parseNetwork(network.spec.(*api.NetworkCreate).Cidr) //nolint:forcetypeassert // Made by fresh.
		taken = append(taken, prefix)
	}
	for _, r := range []struct {
		at      string
		given   **api.CIDR
		longest int
	}{{"/pod_cidr", &spec.PodCidr, longestPodPrefix}, {"/service_cidr", &spec.ServiceCidr, longestServicePrefix}} {
		if *r.given == nil {
			continue
		}
		prefix, err := netip.ParsePrefix(**r.given)
		switch {
		case err != nil || prefix != prefix.Masked() || !prefix.Addr().Is4() || prefix.Bits() < shortestPrefix || prefix.Bits() > r.longest:
			faults = append(faults, fieldError(r.at, "%q is not an IPv4 network between /%d and /%d.", **r.given, shortestPrefix, r.longest))
			continue
		case overlaps(prefix, taken):
			faults = append(faults, fieldError(r.at, "%s overlaps with the nodes' network or with the other range.", prefix))
		}
		taken = append(taken, prefix)
	}
	for _, given := range []**api.CIDR{&spec.PodCidr, &spec.ServiceCidr} {
		if *given == nil {
			chosen := freeRange(taken)
			*given, taken = optional(chosen.String()), append(taken, chosen)
		}
	}
	return faults
}

func overlaps(p netip.Prefix, taken []netip.Prefix) bool {
	return slices.ContainsFunc(taken, p.Overlaps)
}

// freeRange is the first one from 10.42.0.0/16 on that is not taken.
func freeRange(taken []netip.Prefix) netip.Prefix {
	for n := 42; n < 256; n++ {
		if p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n), 0, 0}), 16); !overlaps(p, taken) {
			return p
		}
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16, 0, 0}), 16) // 10.0.0.0/8 is taken as a whole.
}

// poolsOf are a cluster's pools that are objects of their own.
func (w *world) poolsOf(cluster *object) (found []*object) {
	for _, pool := range w.ordered[collectionKey{poolSegment, cluster.Project}] {
		if poolSpec(pool).ClusterId == cluster.ID {
			found = append(found, pool)
		}
	}
	return found
}

func heldContainerCluster(w *world, o *object) *problem {
	if value(clusterSpec(o).DeletionProtection) && !o.MeteredSince.IsZero() {
		return protected(o)
	}
	for _, pool := range w.poolsOf(o) {
		return inUse("The container cluster %s has the node pool %s.", o.common.Name, pool.common.Name)
	}
	return nil
}

func removedContainerCluster(w *world, o *object) {
	for _, pool := range w.poolsOf(o) {
		w.remove(pool)
	}
	if w.planes != nil && o.Derived.Real {
		w.planes.erase(o.ID)
	}
}

func usageOfContainerCluster(o *object) usage {
	u := usage{}
	for name, pool := range value(clusterSpec(o).NodePools) {
		u = u.plus(usageOfNodes(&pool, o.Derived.Sizes[name]), 1)
	}
	return u
}

func renderContainerCluster(o *object, m api.Meta) any {
	spec := clusterSpec(o)
	pools := api.NodePoolStateMap{}
	for name, pool := range value(spec.NodePools) {
		pools[name] = poolState(&pool, o.Derived.Sizes[name])
	}
	return api.ContainerCluster{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		KubernetesVersion: spec.KubernetesVersion, RunningVersion: optional(o.Derived.Running), HighAvailability: *spec.HighAvailability,
		ApiAllowedCidrs: spec.ApiAllowedCidrs, NetworkId: spec.NetworkId, PodCidr: spec.PodCidr, ServiceCidr: spec.ServiceCidr,
		Oidc: spec.Oidc, NodePools: pools, AutoPatch: *spec.AutoPatch, DeletionProtection: value(spec.DeletionProtection),
		ApiEndpoint: optional(o.Derived.Endpoint), CaCertificate: optional(o.Derived.Authority), Simulated: optional(!o.Derived.Real),
	}
}
