package clusterapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// theirs is a cluster with much in it that the port knows nothing of, and with a pool that nobody has declared.
const theirs = `{
	"metadata": {"name": "a", "uid": "u", "labels": {"team": "x"}, "annotations": {"theirs": "1", "vdam.lv/description": "old"}},
	"spec": {
		"paused": false,
		"topology": {
			"classRef": {"name": "scs-1-34"}, "version": "v1.34.4",
			"controlPlane": {"replicas": 1, "nodeDrainTimeout": "5m"},
			"variables": [{"name": "workerFlavor", "value": "small"}, {"name": "dns", "value": ["192.0.2.53"]}],
			"workers": {
				"machinePools": [{"name": "mp"}],
				"machineDeployments": [
					{"name": "std", "class": "default-worker", "replicas": 2, "nodeDrainTimeout": "1m",
						"metadata": {"labels": {"example.org/theirs": "1", "example.org/tier": "web"}},
						"taints": [{"key": "theirs", "effect": "NoExecute", "propagation": "OnInitialization"}]},
					{"name": "theirs", "class": "default-worker", "replicas": 1}
				]
			}
		}
	}
}`

// upgrading is a session with one class for each minor, as SCS' cluster stacks have.
func upgrading() *session {
	one := func(name, version string) class {
		var c class
		c.Metadata.Name, c.Spec.Versions = name, []string{version}
		c.Spec.Workers.Deployments = []struct {
			Class string `json:"class"`
		}{{Class: "default-worker"}}
		return c
	}
	return &session{operator: "capi",
		options: Options{Sizes: testSizes, SizeVariable: "workerFlavor", LabelDomains: []string{"example.org"}, Taints: true},
		classes: map[string]class{"1.34.4": one("scs-1-34", "v1.34.4"), "1.35.4": one("scs-1-35", "v1.35.4")}}
}

// TestChange changes what differs and nothing else.
func TestChange(t *testing.T) {
	std := cloud.NodePoolSize{VCPUs: 2, MemoryMiB: 4096, Size: 2, NodeLabels: map[string]string{"example.org/tier": "web"}}
	from := cloud.ContainerClusterSpec{
		SpecMeta: cloud.SpecMeta{Name: "a", Description: "old"}, KubernetesVersion: "1.34", HighAvailability: cloud.HighAvailabilityNone,
		NodePools: map[string]cloud.NodePoolSize{"std": std},
	}
	pool := func(change func(p *cloud.NodePoolSize)) func(*cloud.ContainerClusterSpec) {
		return func(s *cloud.ContainerClusterSpec) {
			p := std
			change(&p)
			s.NodePools = map[string]cloud.NodePoolSize{"std": p}
		}
	}
	for name, c := range map[string]struct {
		change func(*cloud.ContainerClusterSpec)
		want   func(o object)
	}{
		"nothing": {func(*cloud.ContainerClusterSpec) {}, func(object) {}},
		"no description": {
			func(s *cloud.ContainerClusterSpec) { s.Description = "" },
			func(o object) { delete(o.at("metadata", "annotations"), descriptionNote) },
		},
		"next minor": {
			func(s *cloud.ContainerClusterSpec) { s.KubernetesVersion = "1.35" },
			func(o object) {
				o.at("metadata", "annotations")[versionNote] = "1.35"
				o.at("spec", "topology")["version"] = "v1.35.4"
				o.at("spec", "topology", "classRef")["name"] = "scs-1-35"
			},
		},
		"the patch that runs": {
			func(s *cloud.ContainerClusterSpec) { s.KubernetesVersion = "1.34.4" },
			func(o object) { o.at("metadata", "annotations")[versionNote] = "1.34.4" },
		},
		"more available": {
			func(s *cloud.ContainerClusterSpec) { s.HighAvailability = cloud.HighAvailabilityNode },
			func(o object) { o.at("spec", "topology", "controlPlane")["replicas"] = 3 },
		},
		"more nodes": {
			pool(func(p *cloud.NodePoolSize) { p.Size = 3 }),
			func(o object) { first(o)["replicas"] = 3 },
		},
		"larger nodes": {
			pool(func(p *cloud.NodePoolSize) { p.VCPUs, p.MemoryMiB = 4, 8192 }),
			func(o object) {
				first(o).at("variables")["overrides"] = []any{map[string]any{"name": "workerFlavor", "value": "large"}}
			},
		},
		"other labels": {
			pool(func(p *cloud.NodePoolSize) { p.NodeLabels = map[string]string{"example.org/stage": "test"} }),
			func(o object) {
				first(o).at("metadata")["labels"] = map[string]any{"example.org/theirs": "1", "example.org/stage": "test"}
			},
		},
		"a taint": {
			pool(func(p *cloud.NodePoolSize) { p.Taints = []cloud.Taint{{Key: "a", Effect: "NoSchedule"}} }),
			func(o object) {
				first(o)["taints"] = append(first(o).list("taints"), map[string]any{"key": "a", "effect": "NoSchedule", "propagation": "Always"})
			},
		},
		"scaled by itself": {
			pool(func(p *cloud.NodePoolSize) { p.Size, p.Autoscaling = 0, &cloud.Autoscaling{Min: 1, Max: 5} }),
			func(o object) {
				delete(first(o), "replicas")
				first(o).at("metadata")["annotations"] = map[string]any{minSizeNote: "1", maxSizeNote: "5"}
			},
		},
		"another pool": {
			func(s *cloud.ContainerClusterSpec) {
				s.NodePools = map[string]cloud.NodePoolSize{"std": std, "more": {VCPUs: 2, MemoryMiB: 4096, Size: 1}}
			},
			func(o object) {
				workers := o.at("spec", "topology", "workers")
				workers["machineDeployments"] = append(workers.list("machineDeployments"), map[string]any{
					"name": "more", "class": "default-worker", "replicas": 1,
					"variables": map[string]any{"overrides": []any{map[string]any{"name": "workerFlavor", "value": "small"}}},
				})
			},
		},
		"no pool": {
			func(s *cloud.ContainerClusterSpec) { s.NodePools = nil },
			func(o object) {
				workers := o.at("spec", "topology", "workers")
				workers["machineDeployments"] = workers.list("machineDeployments")[1:]
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			to := from
			to.NodePools = maps.Clone(from.NodePools)
			c.change(&to)
			got, want := patched[object](t, theirs, ""), patched[object](t, theirs, "")
			must(t, upgrading().change(got, patched[record](t, theirs, ""), from, to))
			c.want(want)
			if g, w := plain(t, got), plain(t, want); !reflect.DeepEqual(g, w) {
				t.Errorf("it is\n%v\nand not\n%v", g, w)
			}
		})
	}
}

func first(o object) object {
	return object(o.at("spec", "topology", "workers").list("machineDeployments")[0].(map[string]any))
}

// plain is what goes over the wire.
func plain(t *testing.T, o object) (out map[string]any) {
	t.Helper()
	raw, err := json.Marshal(o)
	must(t, err)
	must(t, json.Unmarshal(raw, &out))
	return out
}
