package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// clusterOf is an order of a cluster with one pool and more in it.
func clusterOf(name string, more m) m {
	all := m{"name": name, "kubernetes_version": "1.34", "node_pools": m{"std": m{"vcpus": 2, "memory_mib": 4096, "size": 2}}}
	maps.Copy(all, more)
	return all
}

func poolIn(cluster, name string, more m) m {
	all := m{"name": name, "cluster_id": cluster, "vcpus": 2, "memory_mib": 4096, "size": 1}
	maps.Copy(all, more)
	return all
}

// clusterView is what the API shows of a cluster or of a pool.
type clusterView struct {
	view
	RunningVersion string               `json:"running_version"`
	PodCIDR        string               `json:"pod_cidr"`
	ServiceCIDR    string               `json:"service_cidr"`
	APIEndpoint    string               `json:"api_endpoint"`
	Simulated      bool                 `json:"simulated"`
	CurrentSize    int64                `json:"current_size"`
	NodePools      api.NodePoolStateMap `json:"node_pools"`
}

func (a answer) cluster() (v clusterView) {
	a.t.Helper()
	a.into(&v)
	return v
}

func TestClusterDefaults(t *testing.T) {
	s := start(t, Options{Transition: time.Second})
	c := at(t, s, "lvrtc")
	v := c.order("container-clusters", clusterOf("k8s", nil)).is(http.StatusCreated).cluster()
	if v.State != "creating" || v.RunningVersion != "" {
		t.Errorf("at first it is %s and runs %q", v.State, v.RunningVersion)
	}
	s.MoveClock(time.Second)
	v = c.get("container-clusters/" + v.ID).is(http.StatusOK).cluster()
	pool := v.NodePools["std"]
	if v.State != "ready" || v.RunningVersion != "1.34.4" || v.PodCIDR != "10.42.0.0/16" || v.ServiceCIDR != "10.43.0.0/16" ||
		!v.Simulated || v.APIEndpoint != "" || pool.CurrentSize != 2 || *pool.Zone != "riga-1" || *pool.BootDiskGib != defaultDiskGiB {
		t.Errorf("it is %+v", v)
	}
	credentials := "container-clusters/" + v.ID + "/credentials"
	c.order(credentials, m{"role": "admin", "ttl_seconds": 300}).refused(http.StatusNotImplemented, "unsupported")
	c.order(credentials+"/revoke", m{"id": "x"}).refused(http.StatusNotImplemented, "unsupported")
	c.order(credentials, m{"role": "root", "ttl_seconds": 300}).refused(http.StatusBadRequest, "invalid")
	c.order("container-clusters/cluster-1/credentials", m{"role": "admin", "ttl_seconds": 300}).refused(http.StatusNotFound, "not-found")
}

func TestClustersAreNotEverywhere(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lnb")
	c.order("container-clusters", clusterOf("k8s", nil)).refused(http.StatusNotImplemented, "unsupported")
	c.get("container-clusters").refused(http.StatusNotImplemented, "unsupported")
	c.get("node-pools/pool-1").refused(http.StatusNotImplemented, "unsupported")
	var document api.Operator
	c.get("/v1/operator").is(http.StatusOK).into(&document)
	if document.Capabilities.ContainerClusters != nil || len(document.Capabilities.Kinds) != 5 {
		t.Errorf("lnb offers %+v", document.Capabilities)
	}
}

func TestClusterRules(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	network := c.made("networks", m{"name": "nodes", "cidr": "10.42.0.0/16"})
	std := func(more m) m {
		pool := m{"vcpus": 2, "memory_mib": 4096, "size": 1}
		maps.Copy(pool, more)
		return m{"node_pools": m{"std": pool}}
	}
	for name, tc := range map[string]struct {
		more     m
		pointers []string
	}{
		"no such version":       {m{"kubernetes_version": "1.99"}, []string{"/kubernetes_version"}},
		"no such patch":         {m{"kubernetes_version": "1.34.5"}, []string{"/kubernetes_version"}},
		"past its end":          {m{"kubernetes_version": "1.33"}, []string{"/kubernetes_version"}},
		"no network":            {m{"network_id": "net-1"}, []string{"/network_id"}},
		"pods in the network":   {m{"network_id": network.ID, "pod_cidr": "10.42.128.0/20"}, []string{"/pod_cidr"}},
		"services in the pods":  {m{"pod_cidr": "10.50.0.0/16", "service_cidr": "10.50.0.0/20"}, []string{"/service_cidr"}},
		"too small a range":     {m{"pod_cidr": "10.50.0.0/27", "service_cidr": "10.51.0.0/29"}, []string{"/pod_cidr", "/service_cidr"}},
		"from where":            {m{"api_allowed_cidrs": []string{"10.0.0.0/8", "10.0.0.1/8"}}, []string{"/api_allowed_cidrs/1"}},
		"issuer without TLS":    {m{"oidc": m{"issuer_url": "http://x", "client_id": "k"}}, []string{"/oidc/issuer_url"}},
		"name of a pool":        {m{"node_pools": m{"Std": m{"vcpus": 2, "memory_mib": 4096, "size": 1}}}, []string{"/node_pools/Std"}},
		"size and scaling":      {std(m{"autoscaling": m{"min": 1, "max": 2}}), []string{"/node_pools/std/size"}},
		"min over max":          {std(m{"size": nil, "autoscaling": m{"min": 3, "max": 2}}), []string{"/node_pools/std/autoscaling"}},
		"no such zone and size": {std(m{"zone": "x", "vcpus": 63}), []string{"/node_pools/std/vcpus", "/node_pools/std/zone"}},
		"no label":              {std(m{"node_labels": m{"-a": "b"}}), []string{"/node_pools/std/node_labels"}},
		"no DNS name":           {std(m{"node_labels": m{"a..b/c": "d"}}), []string{"/node_pools/std/node_labels"}},
		"too long a DNS name":   {std(m{"node_labels": m{strings.Repeat("a", 254) + "/c": "d"}}), []string{"/node_pools/std/node_labels"}},
		"taints of one effect": {std(m{"taints": []m{
			{"key": "a", "value": "x", "effect": "NoSchedule"}, {"key": "a", "effect": "NoExecute"}, {"key": "a", "effect": "NoSchedule"},
		}}), []string{"/node_pools/std/taints/2"}},
		"no taint": {std(m{"taints": []m{{"key": "a/", "effect": "NoSchedule"}}}), []string{"/node_pools/std/taints/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			order := clusterOf("bad", tc.more)
			if pools, ok := order["node_pools"].(m); ok {
				for _, pool := range pools {
					maps.DeleteFunc(pool.(m), func(_ string, v any) bool { return v == nil })
				}
			}
			got := c.order("container-clusters", order).refused(http.StatusUnprocessableEntity, "invalid").pointers()
			if !slices.Equal(got, tc.pointers) {
				t.Errorf("pointers %v, want %v", got, tc.pointers)
			}
		})
	}
	v := c.order("container-clusters", clusterOf("ok", m{"network_id": network.ID})).is(http.StatusCreated).cluster()
	if v.PodCIDR != "10.43.0.0/16" || v.ServiceCIDR != "10.44.0.0/16" {
		t.Errorf("beside %s it chose %s and %s", "10.42.0.0/16", v.PodCIDR, v.ServiceCIDR)
	}
	c.remove("networks/"+network.ID).refused(http.StatusConflict, "in-use")
}

func TestClusterVersions(t *testing.T) {
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) // When 1.33 has not come to its end.
	s := start(t, Options{Now: func() time.Time { return now }})
	c := at(t, s, "lvrtc")
	v := c.made("container-clusters", clusterOf("k8s", m{"kubernetes_version": "1.33"}))
	path := "container-clusters/" + v.ID
	change := func(version string) answer {
		t.Helper()
		return c.patch(path, c.get(path).view().Etag, `{"kubernetes_version":"`+version+`"}`)
	}
	runs := func(want string) {
		t.Helper()
		if got := c.get(path).cluster(); got.RunningVersion != want || got.State != "ready" {
			t.Errorf("it is %s and runs %s, want %s", got.State, got.RunningVersion, want)
		}
	}
	runs("1.33.13")
	change("1.35").refused(http.StatusUnprocessableEntity, "invalid")
	change("1.33.12").refused(http.StatusUnprocessableEntity, "invalid")
	change("1.33.13").is(http.StatusOK)
	change("1.34").is(http.StatusOK)
	runs("1.34.4")
	change("1.33").refused(http.StatusUnprocessableEntity, "invalid")
	for _, version := range []string{"1.34.4", "1.35.1"} {
		if err := s.InstallPatch(t.Context(), "lvrtc", v.ID, version); err == nil {
			t.Errorf("%s was installed as a patch of 1.34.4", version)
		}
	}
	if err := s.InstallPatch(t.Context(), "lvrtc", v.ID, "1.34.7"); err != nil {
		t.Fatal(err)
	}
	runs("1.34.7")
	if got := c.get(path).text("kubernetes_version"); got != "1.34" {
		t.Errorf("the patch declared %s", got)
	}
	c.patch(path, c.get(path).view().Etag, `{"auto_patch":false}`).is(http.StatusOK)
	if err := s.InstallPatch(t.Context(), "lvrtc", v.ID, "1.34.8"); err == nil {
		t.Error("a patch was installed that was not to come by itself")
	}
	change("1.34.4").refused(http.StatusUnprocessableEntity, "invalid")
	change("1.34.7").is(http.StatusOK)
	change("1.34").is(http.StatusOK)
	runs("1.34.7")
	s.MoveClock(5 * 365 * 24 * time.Hour) // Past the end of all.
	c.token = c.login(ClientID, ClientSecret).text("access_token")
	change("1.35").refused(http.StatusUnprocessableEntity, "invalid")
	c.patch(path, c.get(path).view().Etag, `{"description":"old"}`).is(http.StatusOK)
}

func TestClusterChanges(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	v := c.made("container-clusters", clusterOf("k8s", m{"deletion_protection": true, "high_availability": "node"}))
	path := "container-clusters/" + v.ID
	change := func(patch string) answer {
		t.Helper()
		return c.patch(path, c.get(path).view().Etag, patch)
	}
	change(`{"high_availability":"none"}`).refused(http.StatusUnprocessableEntity, "invalid")
	change(`{"pod_cidr":"10.50.0.0/16"}`).refused(http.StatusUnprocessableEntity, "invalid")
	change(`{"node_pools":{"std":{"size":-1}}}`).refused(http.StatusUnprocessableEntity, "invalid")
	change(`{"node_pools":{"std":{"size":null,"autoscaling":{"min":1,"max":4}},
		"more":{"vcpus":4,"memory_mib":8192,"size":3}}}`).is(http.StatusOK)
	if got := c.get(path).cluster().NodePools; got["std"].CurrentSize != 2 || got["more"].CurrentSize != 3 {
		t.Errorf("the pools are %+v", got)
	}
	if err := s.Autoscale(t.Context(), "lvrtc", v.ID, "std", 5); err == nil {
		t.Error("a pool was scaled beyond its bounds")
	}
	if err := s.Autoscale(t.Context(), "lvrtc", v.ID, "std", 4); err != nil {
		t.Fatal(err)
	}
	if got := c.used(); got["vcpus"] != 4*2+3*4 || got["memory_mib"] != 4*4096+3*8192 {
		t.Errorf("used %v", got)
	}
	change(`{"node_pools":{"std":{"autoscaling":{"max":3}},"more":null}}`).is(http.StatusOK)
	if got := c.get(path).cluster().NodePools; got["std"].CurrentSize != 3 || len(got) != 1 {
		t.Errorf("the pools are %+v", got)
	}
	c.remove(path).refused(http.StatusConflict, "protected")
	change(`{"deletion_protection":false}`).is(http.StatusOK)
	c.remove(path).is(http.StatusAccepted)
	if got := c.used(); got["vcpus"] != 0 || got["memory_mib"] != 0 {
		t.Errorf("used %v", got)
	}
}

func TestNodePools(t *testing.T) {
	s := start(t, Options{Transition: time.Second})
	c := at(t, s, "lvrtc")
	v := c.order("container-clusters", clusterOf("k8s", nil)).is(http.StatusCreated).view()
	c.order("node-pools", poolIn(v.ID, "batch", nil)).refused(http.StatusConflict, "conflict") // It is being created.
	s.MoveClock(time.Second)
	c.order("node-pools", poolIn(v.ID, "std", nil)).refused(http.StatusConflict, "conflict")
	got := c.order("node-pools", poolIn("cluster-1", "batch", nil)).refused(http.StatusUnprocessableEntity, "invalid").pointers()
	if !slices.Equal(got, []string{"/cluster_id"}) {
		t.Errorf("pointers %v", got)
	}
	c.order("node-pools", poolIn(v.ID, "batch", m{"vcpus": 10_000})).refused(http.StatusUnprocessableEntity, "invalid")
	c.order("node-pools", poolIn(v.ID, "batch", m{"size": 1000})).refused(http.StatusConflict, "quota-exceeded")
	pool := c.order("node-pools", poolIn(v.ID, "batch", nil)).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	cluster := c.get("container-clusters/" + v.ID).view()
	c.patch("container-clusters/"+v.ID, cluster.Etag, `{"node_pools":{"batch":{"vcpus":1,"memory_mib":1024,"size":1}}}`).
		refused(http.StatusConflict, "conflict")
	c.remove("container-clusters/"+v.ID).refused(http.StatusConflict, "in-use")
	pool = c.get("node-pools/" + pool.ID).view()
	c.patch("node-pools/"+pool.ID, pool.Etag, `{"name":"std"}`).refused(http.StatusConflict, "conflict")
	c.patch("node-pools/"+pool.ID, pool.Etag, `{"size":null,"autoscaling":{"min":2,"max":3}}`).is(http.StatusOK)
	s.MoveClock(time.Second)
	if got := c.get("node-pools/" + pool.ID).cluster().CurrentSize; got != 2 {
		t.Errorf("it has %d nodes", got)
	}
	if err := s.Remove(t.Context(), "lvrtc", v.ID); err != nil {
		t.Fatal(err)
	}
	c.get("node-pools/"+pool.ID).refused(http.StatusNotFound, "not-found") // With its cluster it is gone.
	if got := c.used(); got["vcpus"] != 0 {
		t.Errorf("used %v", got)
	}
}

// TestClustersSurvive starts the sandbox anew.
func TestClustersSurvive(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir})
	c := at(t, s, "lvrtc")
	v := c.made("container-clusters", clusterOf("k8s", nil))
	pool := c.made("node-pools", poolIn(v.ID, "batch", nil))
	var before []string
	for _, path := range []string{"container-clusters/" + v.ID, "node-pools/" + pool.ID} {
		before = append(before, string(c.get(path).body))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c = at(t, start(t, Options{Dir: dir}), "lvrtc")
	for i, path := range []string{"container-clusters/" + v.ID, "node-pools/" + pool.ID} {
		if got := string(c.get(path).is(http.StatusOK).body); got != before[i] {
			t.Errorf("before:\n%s\nafter:\n%s", before[i], got)
		}
	}
}
