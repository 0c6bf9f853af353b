package velero

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// serves has the cluster know kinds, as those that it has objects of.
func (c *cluster) serves() {
	kind := func(name, kind string) object { return object{"name": name, "kind": kind, "verbs": []string{"list"}} }
	c.objects["/api/v1"] = object{"resources": []object{
		kind("pods", "Pod"), kind("serviceaccounts", "ServiceAccount"), kind("configmaps", "ConfigMap"), kind("events", "Event"),
	}}
	c.objects["/apis/apps/v1"] = object{"resources": []object{kind("deployments", "Deployment")}}
	c.objects["/apis/rbac.authorization.k8s.io/v1"] = object{"resources": []object{kind("clusterroles", "ClusterRole")}}
}

// keeps has an object be in the cluster, of a restore if it has one.
func (c *cluster) keeps(group, in, resource, name, restore string) {
	labels := object{}
	if restore != "" {
		labels[restoreLabel] = restore
	}
	c.objects[within(group, in, resource, name)] = object{"metadata": object{"name": name, "namespace": in, "labels": labels}}
}

// api is that of the cluster.
func (c *cluster) api() *api {
	return reached(c.server.URL, c.server.Client())
}

// reached is an API at one place.
func reached(endpoint string, client *http.Client) *api {
	return &api{operator: "y", connect: func(context.Context) (connection, error) { return connection{endpoint, client}, nil }}
}

// TestMissing is what a restore is said to lack, whatever Velero counts.
func TestMissing(t *testing.T) {
	backup := contents{
		"v1/ConfigMap":          {"shop/kube-root-ca.crt", "shop/settings", "shop/more"},
		"v1/ServiceAccount":     {"shop/default"},
		"v1/Event":              {"shop/started"},
		"v1/Pod":                {"shop/shop-0"},
		"v1/Namespace":          {"shop"},
		"apps/v1/Deployment":    {"shop/shop", "shop/db"},
		"vdam.example/v1/Queue": {"shop/orders"},
		"rbac.authorization.k8s.io/v1/ClusterRole": {"reader"},
	}
	const restore = "r-1"
	queues := object{"resources": []object{{"name": "queues", "kind": "Queue", "verbs": []string{"list"}}}}
	for name, c := range map[string]struct {
		has  func(c *cluster)
		want []string
	}{
		"only what Kubernetes makes": {func(c *cluster) {
			c.keeps("/api/v1", "again", "serviceaccounts", "default", restore)
			c.keeps("/api/v1", "again", "configmaps", "kube-root-ca.crt", restore)
		}, []string{"apps/v1/Deployment there are 2", "v1/ConfigMap there are 2", "the cluster does not know the kind"}},
		"one workload": {func(c *cluster) {
			c.keeps("/api/v1", "again", "configmaps", "settings", restore)
			c.keeps("/apis/apps/v1", "again", "deployments", "shop", restore)
			c.keeps("/apis/vdam.example/v1", "again", "queues", "orders", restore)
			c.objects["/apis/vdam.example/v1"] = queues
		}, []string{"1 of them are not in the cluster: again/db"}},
		"some was there": {func(c *cluster) {
			c.keeps("/api/v1", "again", "configmaps", "settings", "")
			c.keeps("/apis/apps/v1", "again", "deployments", "shop", "")
			c.keeps("/apis/apps/v1", "again", "deployments", "db", restore)
			c.keeps("/apis/vdam.example/v1", "again", "queues", "orders", "")
			c.objects["/apis/vdam.example/v1"] = queues
		}, nil},
		"elsewhere": {func(c *cluster) {
			c.keeps("/api/v1", "again", "configmaps", "more", restore)
			c.keeps("/apis/apps/v1", "again", "deployments", "shop", restore)
			c.keeps("/apis/apps/v1", "again", "deployments", "db", restore)
			c.keeps("/apis/vdam.example/v1", "other", "queues", "orders", "")
			c.objects["/apis/vdam.example/v1"] = queues
		}, []string{"vdam.example/v1/Queue there are 1"}},
	} {
		at := newCluster(t)
		at.serves()
		c.has(at)
		out := cloud.ClusterRestored{Phase: partiallyFailed, Namespaces: map[string]string{"shop": "again"}}
		a := &attempt{api: at.api(), out: &out, order: cloud.ClusterRestoreOrder{Name: restore, ClusterObjects: true}}
		if err := a.judge(t.Context(), backup); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(out.Missing, "\n")
		if len(out.Missing) != len(c.want) {
			t.Errorf("%s: missing is %q", name, out.Missing)
		}
		for _, part := range c.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q is not in %s", name, part, got)
			}
		}
		if name == "only what Kubernetes makes" && out.Items() != 0 {
			t.Errorf("%d objects count as restored", out.Items())
		}
	}
}
