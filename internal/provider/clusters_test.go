package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// clusterChanges are those of the cluster that newWorld makes.
func (w *world) clusterChanges() map[string][]any {
	all := poolChanges("node_pools.web.", map[string][]any{"node_pools.web.zone": {"riga-1", nil}})
	maps.Copy(all, map[string][]any{
		"kubernetes_version": {"1.34", "1.35", "1.35.4", "1.36", "1.33"}, "auto_patch": {true, nil}, "high_availability": {"node", nil},
		"network_id": {w.ids["network n-2"], nil}, "pod_cidr": {"10.50.0.0/16", nil}, "service_cidr": {"10.51.0.0/16", nil},
		"api_allowed_cidrs": {[]any{"198.51.100.0/24"}, nil}, "oidc": {nil}, "oidc.issuer_url": {"https://other.example"},
		"oidc.client_id": {"other"}, "oidc.username_claim": {"email", nil}, "oidc.groups_claim": {"roles", nil},
		"node_pools":          {object{"other": object{"vcpus": 1, "memory_mib": 1024, "size": 1}}, nil},
		"deletion_protection": {true, nil},
	})
	return all
}

func poolChanges(at string, more map[string][]any) map[string][]any {
	for name, values := range map[string][]any{
		"vcpus": {4}, "memory_mib": {8192}, "boot_disk_gib": {100, nil}, "size": {3}, "autoscaling": {nil}, "autoscaling.min": {2},
		"autoscaling.max": {5}, "node_labels": {object{"example.org/tier": "db"}, nil}, "taints": {nil}, "taints.0.key": {"example.org/other"},
		"taints.0.value": {"db", nil}, "taints.0.effect": {"NoExecute"},
	} {
		more[at+name] = values
	}
	return more
}

// TestClustersThatCannotBe plans what the catalogue, the state and arithmetic show to be impossible.
func TestClustersThatCannotBe(t *testing.T) {
	tf := start(t, block(acctest.Start(t)))
	network := text(tf.create(t, "vdam_network", object{"name": "nodes", "cidr": "10.42.0.0/16"}).value, "id")
	std := object{"vcpus": 1, "memory_mib": 1024, "size": 1}
	pools := func(name string, pool object) object { return object{"node_pools": object{name: pool}} }
	cluster := func(more object) object { return extended(minimal["vdam_container_cluster"], more) }
	for name, config := range map[string]object{
		"unknown_version":       cluster(object{"kubernetes_version": "1.99"}),
		"unknown_patch":         cluster(object{"kubernetes_version": "1.34.3"}),
		"version_without_dots":  cluster(object{"kubernetes_version": "latest"}),
		"version_at_its_end":    cluster(object{"kubernetes_version": "1.33"}),
		"ranges_overlap":        cluster(object{"pod_cidr": "10.50.0.0/16", "service_cidr": "10.50.128.0/20"}),
		"range_of_the_network":  cluster(object{"network_id": network, "pod_cidr": "10.42.0.0/20"}),
		"range_with_host_bits":  cluster(object{"pod_cidr": "10.50.1.0/16"}),
		"network_of_another":    cluster(object{"network_id": "iem-ic/n-1"}),
		"api_range":             cluster(object{"api_allowed_cidrs": []any{"192.0.2.1/24"}}),
		"pool_name":             cluster(pools("Web_1", std)),
		"pool_size_and_scaling": cluster(pools("web", extended(std, object{"autoscaling": object{"min": 1, "max": 2}}))),
		"pool_without_size":     cluster(pools("web", object{"vcpus": 1, "memory_mib": 1024})),
		"pool_min_over_max":     cluster(pools("web", object{"vcpus": 1, "memory_mib": 1024, "autoscaling": object{"min": 3, "max": 2}})),
		"pool_zone":             cluster(pools("web", extended(std, object{"zone": "riga-9"}))),
		"pool_of_no_size":       cluster(pools("web", object{"vcpus": 63, "memory_mib": 1024, "size": 1})),
		"taint_effect": cluster(pools("web", extended(std, object{
			"taints": []any{object{"key": "a", "effect": "Never"}},
		}))),
		"taint_key": cluster(pools("web", extended(std, object{
			"taints": []any{object{"key": "-a", "effect": "NoSchedule"}},
		}))),
		"operator_without_clusters":     cluster(object{"operator": "lnb"}),
		"operator_without_availability": cluster(object{"operator": "iem-ic", "high_availability": "zone"}),
		"operator_without_oidc": cluster(object{
			"operator": "iem-ic", "oidc": object{"issuer_url": "https://login.example", "client_id": "k"},
			"api_allowed_cidrs": []any{"192.0.2.0/24"},
		}),
		"operator_without_scaling": cluster(extended(object{"operator": "iem-ic"},
			pools("web", object{"vcpus": 2, "memory_mib": 2048, "autoscaling": object{"min": 1, "max": 2}}))),
	} {
		t.Run(name, func(t *testing.T) {
			said := tf.validate(t, "vdam_container_cluster", config)
			if !hasError(said) {
				said = tf.plan(t, "vdam_container_cluster", state{}, config).diags
			}
			if !hasError(said) {
				t.Error("nothing is wrong with it")
			}
			golden(t, "refusals/clusters/"+name, show(sorted(said)))
		})
	}
}

// TestUpgradesThatCannotBe plans other versions of a cluster that runs.
func TestUpgradesThatCannotBe(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	tf := start(t, block(env))
	config := minimal["vdam_container_cluster"]
	s := tf.create(t, "vdam_container_cluster", config)
	for name, version := range map[string]string{
		"downgrade": "1.33", "skip": "1.36", "older_patch": "1.34.2", "unknown_patch_of_next": "1.35.99",
	} {
		t.Run(name, func(t *testing.T) {
			p := tf.plan(t, "vdam_container_cluster", s, set(config, "kubernetes_version", version))
			if !hasError(p.diags) {
				t.Error("it is planned")
			}
			golden(t, "refusals/clusters/upgrade_"+name, show(p.diags))
		})
	}
}

// TestClusterFails has an order end in failure: the operator's words are shown, and what there is stays in the state.
func TestClusterFails(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	fault(t, env, sandbox.Fault{Method: "POST", Path: "container-clusters$", Times: 1, Fail: "etcd lost its quorum"})
	s, said := start(t, block(env)).order(t, "vdam_container_cluster", minimal["vdam_container_cluster"])
	kept(t, s, true)
	if !strings.Contains(said, "etcd lost its quorum") {
		t.Errorf("the operator's words are missing: %s", said)
	}
	golden(t, "refusals/clusters/failed", said)
}
