package cloudtest

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// minor is the one that an operator would choose, or the last but one where it does not say.
func minor(t *testing.T, h Harness) string {
	t.Helper()
	offered := h.Operator.Catalogue.KubernetesVersions
	if len(offered) == 0 {
		t.Fatalf("%s has no versions of Kubernetes", h.Operator.Name)
	}
	before := cloud.Minor(offered[0].Version)
	for _, v := range offered {
		if v.Default {
			return cloud.Minor(v.Version)
		}
		if m := cloud.Minor(v.Version); before == cloud.Minor(offered[0].Version) {
			before = m
		}
	}
	return before
}

// has reports whether an attribute of clusters can be declared at the operator.
func (h Harness) has(attribute string) bool { return h.Operator.Capabilities.Clusters.Has(attribute) }

func poolOf(h Harness, nodes int64) cloud.NodePoolSize {
	return cloud.NodePoolSize{VCPUs: h.Size.VCPUs, MemoryMiB: h.Size.MemoryMiB, Zone: h.Zone, Size: nodes}
}

func containerClusters(t *testing.T, h Harness) *kind[cloud.ContainerClusterSpec, cloud.ContainerCluster] {
	t.Helper()
	return &kind[cloud.ContainerClusterSpec, cloud.ContainerCluster]{
		h: h, kind: cloud.KindContainerCluster, collection: h.Operator.ContainerClusters,
		meta: func(s *cloud.ContainerClusterSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.ContainerClusterSpec {
			t.Helper()
			return cloud.ContainerClusterSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("k8s")}, KubernetesVersion: minor(t, h), AutoPatch: h.has("auto_patch"),
				NodePools: map[string]cloud.NodePoolSize{"std": poolOf(h, 2)},
			}
		},
		change: func(s *cloud.ContainerClusterSpec) {
			std := s.NodePools["std"]
			if std.Size = 3; h.has("node_pools.node_labels") {
				std.NodeLabels = map[string]string{"example.org/tier": "web"}
			}
			s.NodePools = map[string]cloud.NodePoolSize{"std": std, "more": poolOf(h, 1)}
			s.AutoPatch = false
		},
		check: func(t *testing.T, s cloud.ContainerClusterSpec, o cloud.ContainerCluster) {
			t.Helper()
			checkCluster(t, h, s, o)
		},
	}
}

func checkCluster(t *testing.T, h Harness, s cloud.ContainerClusterSpec, o cloud.ContainerCluster) {
	t.Helper()
	equal(t, "version", o.KubernetesVersion, s.KubernetesVersion)
	if o.State == cloud.StateReady {
		equal(t, "minor that runs", cloud.Minor(o.RunningVersion), cloud.Minor(s.KubernetesVersion))
	}
	chosen(t, "high availability", string(o.HighAvailability), string(s.HighAvailability))
	if h.has("pod_cidr") && h.has("service_cidr") {
		chosen(t, "pod range", o.PodCIDR, s.PodCIDR)
		chosen(t, "service range", o.ServiceCIDR, s.ServiceCIDR)
	}
	equal(t, "auto patch", o.AutoPatch, s.AutoPatch)
	equal(t, "deletion protection", o.DeletionProtection, s.DeletionProtection)
	if !reflect.DeepEqual(o.OIDC, s.OIDC) || !slices.Equal(slices.Sorted(slices.Values(o.APIAllowedCIDRs)), s.APIAllowedCIDRs) {
		t.Errorf("OIDC is %+v and the API is reached from %v; want %+v and %v", o.OIDC, o.APIAllowedCIDRs, s.OIDC, s.APIAllowedCIDRs)
	}
	if got, want := slices.Sorted(maps.Keys(o.NodePools)), slices.Sorted(maps.Keys(s.NodePools)); !slices.Equal(got, want) {
		t.Fatalf("pools are %v; want %v", got, want)
	}
	for name, want := range s.NodePools {
		checkPool(t, h, "pool "+name, want, o.NodePools[name])
	}
}

// checkPool compares a pool; what was left to the operator is its choice.
func checkPool(t *testing.T, h Harness, what string, s cloud.NodePoolSize, o cloud.NodePoolState) {
	t.Helper()
	equal(t, what+": size of nodes", Size{o.VCPUs, o.MemoryMiB}, Size{s.VCPUs, s.MemoryMiB})
	if h.has("node_pools.zone") {
		chosen(t, what+": zone", o.Zone, s.Zone)
	}
	equal(t, what+": size", o.Size, s.Size)
	if s.Autoscaling == nil {
		equal(t, what+": nodes", o.CurrentSize, s.Size)
	} else if a := s.Autoscaling; o.Autoscaling == nil || *o.Autoscaling != *a || o.CurrentSize < a.Min || o.CurrentSize > a.Max {
		t.Errorf("%s: %d nodes within %v; want them within %v", what, o.CurrentSize, o.Autoscaling, s.Autoscaling)
	}
	if !maps.Equal(o.NodeLabels, s.NodeLabels) {
		t.Errorf("%s: node labels are %v; want %v", what, o.NodeLabels, s.NodeLabels)
	}
	for _, taint := range s.Taints {
		if !slices.Contains(o.Taints, taint) {
			t.Errorf("%s: the taint %+v is missing from %+v", what, taint, o.Taints)
		}
	}
	equal(t, what+": number of taints", len(o.Taints), len(s.Taints))
}

func nodePools(t *testing.T, h Harness) *kind[cloud.NodePoolSpec, cloud.NodePool] {
	t.Helper()
	return &kind[cloud.NodePoolSpec, cloud.NodePool]{
		h: h, kind: cloud.KindNodePool, collection: h.Operator.NodePools,
		meta: func(s *cloud.NodePoolSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.NodePoolSpec {
			t.Helper()
			clusters := containerClusters(t, h)
			cluster := clusters.ready(t, clusters.spec(t), newKey())
			return cloud.NodePoolSpec{SpecMeta: cloud.SpecMeta{Name: newName("pool")}, ClusterID: cluster.ID, NodePoolSize: poolOf(h, 1)}
		},
		change: func(s *cloud.NodePoolSpec) {
			s.VCPUs, s.MemoryMiB, s.Size = h.OtherSize.VCPUs, h.OtherSize.MemoryMiB, 0
			s.Taints = []cloud.Taint{{Key: "example.org/dedicated", Value: "db", Effect: "NoSchedule"}}
		},
		check: func(t *testing.T, s cloud.NodePoolSpec, o cloud.NodePool) {
			t.Helper()
			equal(t, "cluster", o.ClusterID, s.ClusterID)
			checkPool(t, h, "it", s.NodePoolSize, o.NodePoolState)
		},
	}
}

// testClusterPools adds and removes pools, and what pools can be without.
func testClusterPools(t *testing.T, h Harness) {
	clusters := containerClusters(t, h)
	from := clusters.spec(t)
	std := from.NodePools["std"]
	marked := h.has("node_pools.node_labels") && h.has("node_pools.taints")
	if marked {
		std.NodeLabels = map[string]string{"example.org/a": "1", "example.org/b": "2"}
		std.Taints = []cloud.Taint{{Key: "a", Effect: "NoSchedule"}, {Key: "b", Value: "x", Effect: "NoExecute"}}
	}
	from.NodePools = map[string]cloud.NodePoolSize{"std": std, "old": poolOf(h, 1)}
	id := clusters.ready(t, from, newKey()).ID

	to := from
	if marked {
		std.NodeLabels, std.Taints = map[string]string{"example.org/b": "2"}, []cloud.Taint{std.Taints[1], std.Taints[0]}
	}
	to.NodePools = map[string]cloud.NodePoolSize{"std": std, "new": poolOf(h, 2)}
	clusters.verify(t, to, clusters.update(t, id, from, to))

	bare := to
	std.NodeLabels, std.Taints = nil, nil
	bare.NodePools = map[string]cloud.NodePoolSize{"std": std}
	clusters.verify(t, bare, clusters.update(t, id, to, bare))

	none := bare
	none.NodePools = nil
	clusters.verify(t, none, clusters.update(t, id, bare, none))
}

// testClusterUpgrade goes one minor up, and not back.
func testClusterUpgrade(t *testing.T, h Harness) {
	offered := h.Operator.Catalogue.KubernetesVersions
	newest := cloud.Minor(offered[0].Version)
	if !h.Operator.Capabilities.Clusters.InPlaceUpgrade || newest == minor(t, h) {
		t.Skip("there is nothing to upgrade to")
	}
	clusters := containerClusters(t, h)
	from := clusters.spec(t)
	obj := clusters.ready(t, from, newKey())
	to := from
	to.KubernetesVersion = newest
	up := clusters.update(t, obj.ID, from, to)
	clusters.verify(t, to, up)
	equal(t, "version that runs", up.RunningVersion, offered[0].Version)
	_, err := clusters.collection.Update(t.Context(), obj.ID, cloud.Change[cloud.ContainerClusterSpec]{From: to, To: from})
	wantError(t, "way back", err, cloud.ErrInvalid)
}

func testInvalidCluster(t *testing.T, h Harness) {
	clusters := containerClusters(t, h)
	for what, spoil := range map[string]func(*cloud.ContainerClusterSpec){
		"/kubernetes_version":  func(s *cloud.ContainerClusterSpec) { s.KubernetesVersion = "1.2" },
		"/service_cidr":        func(s *cloud.ContainerClusterSpec) { s.PodCIDR, s.ServiceCIDR = "10.42.0.0/16", "10.42.8.0/24" },
		"/node_pools/std/zone": func(s *cloud.ContainerClusterSpec) { pool(s, func(p *cloud.NodePoolSize) { p.Zone = "nowhere" }) },
		"/node_pools/std/vcpus": func(s *cloud.ContainerClusterSpec) {
			pool(s, func(p *cloud.NodePoolSize) { p.VCPUs = 999 })
		},
	} {
		spec := clusters.spec(t)
		spoil(&spec)
		_, err := clusters.create(t, spec, newKey())
		e := refusal(t, "order with a bad "+what, err, cloud.ErrInvalid)
		if !slices.ContainsFunc(e.Fields, func(f cloud.FieldError) bool { return f.Pointer == what }) {
			t.Errorf("the error does not point to %s: %+v", what, e.Fields)
		}
	}
}

func pool(s *cloud.ContainerClusterSpec, change func(*cloud.NodePoolSize)) {
	std := s.NodePools["std"]
	change(&std)
	s.NodePools["std"] = std
}

func testClusterProtection(t *testing.T, h Harness) {
	clusters := containerClusters(t, h)
	from := clusters.spec(t)
	from.DeletionProtection = true
	id := clusters.ready(t, from, newKey()).ID
	wantError(t, "deletion of what is protected", clusters.collection.Delete(t.Context(), id), cloud.ErrConflict)
	to := from
	to.DeletionProtection = false
	clusters.update(t, id, from, to)
}

// testPoolsOfTwoPlaces has pools of their own beside those that the cluster declares.
func testPoolsOfTwoPlaces(t *testing.T, h Harness) {
	pools, clusters := nodePools(t, h), containerClusters(t, h)
	spec := pools.spec(t)
	obj := pools.ready(t, spec, newKey())
	wantError(t, "deletion of a cluster with pools", clusters.collection.Delete(t.Context(), spec.ClusterID), cloud.ErrConflict)

	same := spec
	same.Name = "std"
	_, err := pools.create(t, same, newKey())
	wantError(t, "order of a pool that the cluster declares", err, cloud.ErrConflict)

	from := clusters.spec(t)
	cluster, err := clusters.collection.Get(t.Context(), spec.ClusterID)
	if err != nil {
		t.Fatal(err)
	}
	from.Name = cluster.Name
	to := from
	to.NodePools = map[string]cloud.NodePoolSize{"std": from.NodePools["std"], obj.Name: poolOf(h, 1)}
	_, err = clusters.collection.Update(t.Context(), spec.ClusterID, cloud.Change[cloud.ContainerClusterSpec]{From: from, To: to})
	wantError(t, "declaration of a pool that is an object", err, cloud.ErrConflict)

	spec.ClusterID = "no-such-cluster"
	spec.Name = newName("pool")
	_, err = pools.create(t, spec, newKey())
	wantError(t, "order of a pool without a cluster", err, cloud.ErrInvalid)
}

func testPoolScalesByItself(t *testing.T, h Harness) {
	if !h.Operator.Capabilities.Clusters.Autoscaling {
		t.Skipf("%s scales no pools", h.Operator.Name)
	}
	pools := nodePools(t, h)
	from := pools.spec(t)
	id := pools.ready(t, from, newKey()).ID
	to := from
	to.Size, to.Autoscaling = 0, &cloud.Autoscaling{Min: 0, Max: 3}
	pools.verify(t, to, pools.update(t, id, from, to))
	more := to
	more.Autoscaling = &cloud.Autoscaling{Min: 2, Max: 3}
	pools.verify(t, more, pools.update(t, id, to, more))
	pools.verify(t, from, pools.update(t, id, more, from))
}
