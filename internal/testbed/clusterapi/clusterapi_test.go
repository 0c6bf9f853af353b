package clusterapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
)

// patience is how long Cluster API may take for anything on a busy machine.
const patience = 5 * time.Minute

// TestClusterAPI is the life of a cluster, as an agency sees it.
func TestClusterAPI(t *testing.T) {
	started := time.Now()
	m := Start(t)
	t.Logf("start took %.1f s", time.Since(started).Seconds())
	l := life{t, m, m.Agencies[0]}
	l.confined(m.Agencies[1])
	for _, w := range []wish{
		{"create", "v1.34.4", 2, "small"}, {"more workers", "v1.34.4", 3, "small"}, {"fewer workers", "v1.34.4", 2, "small"},
		{"another flavour", "v1.34.4", 2, "large"}, {"upgrade", "v1.35.4", 2, "large"},
	} {
		started := time.Now()
		l.must(l.agency.Apply(t.Context(), w.cluster(l.agency.Namespace)))
		l.eventually(func() error { return errors.Join(l.settled(), l.has(w)) })
		t.Logf("%s took %.1f s", w.what, time.Since(started).Seconds())
	}
	l.nodes("v1.35.4", 2)
	l.gone()
}

// wish is what a cluster is to be.
type wish struct {
	what, version string
	workers       int
	flavor        string
}

func (w wish) cluster(namespace string) Object {
	return Object{
		"apiVersion": V1Beta2, "kind": "Cluster", "metadata": Object{"name": "a", "namespace": namespace},
		"spec": Object{
			"clusterNetwork": Object{"pods": Object{"cidrBlocks": []string{"10.64.0.0/16"}}},
			"topology": Object{
				"classRef": Object{"name": Class}, "version": w.version, "controlPlane": Object{"replicas": 1},
				"variables": []Object{{"name": "workerFlavor", "value": w.flavor}},
				"workers": Object{"machineDeployments": []Object{{
					"class": "default-worker", "name": "std", "replicas": w.workers,
					"metadata": Object{"labels": Object{"pool.example.org/name": "std"}},
					"taints":   []Object{{"key": "example.org/reserved", "value": "std", "effect": "NoSchedule", "propagation": "Always"}},
				}}},
			},
		},
	}
}

// life is that of a cluster named a of an agency.
type life struct {
	*testing.T
	management *Management
	agency     Agency
}

func (l life) path(resource, name string) string {
	return Path(V1Beta2, l.agency.Namespace, resource, name)
}

// settled says whether the cluster says that nothing is left to do. It says so as well before it has begun.
func (l life) settled() error {
	var cluster struct {
		Metadata struct{ Generation int64 }
		Status   struct{ Conditions []condition }
	}
	if err := l.agency.Get(l.Context(), l.path("clusters", "a"), &cluster); err != nil {
		return err
	}
	for _, wanted := range []condition{
		{Type: "TopologyReconciled", Status: "True"}, {Type: "Available", Status: "True"}, {Type: "RollingOut", Status: "False"},
		{Type: "ScalingUp", Status: "False"}, {Type: "ScalingDown", Status: "False"},
	} {
		if !slices.ContainsFunc(cluster.Status.Conditions, func(c condition) bool {
			return c.Type == wanted.Type && c.Status == wanted.Status && c.ObservedGeneration == cluster.Metadata.Generation
		}) {
			return fmt.Errorf("%s is not %s: %+v", wanted.Type, wanted.Status, cluster.Status.Conditions)
		}
	}
	return nil
}

// has says whether the machines are what is wanted.
func (l life) has(w wish) error {
	type replicas struct{ Replicas, ReadyReplicas, UpToDateReplicas int }
	var pools struct{ Items []struct{ Status replicas } }
	if err := l.agency.Get(l.Context(), l.path("machinedeployments", ""), &pools); err != nil {
		return err
	}
	if len(pools.Items) != 1 || pools.Items[0].Status != (replicas{w.workers, w.workers, w.workers}) {
		return fmt.Errorf("the pools are %+v", pools)
	}
	var machines struct {
		Items []struct {
			Spec struct{ Version string }
		}
	}
	if err := l.management.Admin.Get(l.Context(), l.path("machines", ""), &machines); err != nil {
		return err
	}
	for _, m := range machines.Items {
		if m.Spec.Version != w.version {
			return fmt.Errorf("the machines are %+v", machines)
		}
	}
	return l.hasFlavor(w)
}

func (l life) hasFlavor(w wish) error {
	var machines struct {
		Items []struct {
			Metadata struct{ Annotations map[string]string }
		}
	}
	path := Path("infrastructure."+V1Beta2, l.agency.Namespace, "devmachines", "") + "?labelSelector=pool.example.org/name=std"
	if err := l.management.Admin.Get(l.Context(), path, &machines); err != nil {
		return err
	}
	for _, m := range machines.Items {
		if m.Metadata.Annotations["example.org/flavor"] != w.flavor {
			return fmt.Errorf("the machines are %+v", machines)
		}
	}
	if len(machines.Items) != w.workers {
		return fmt.Errorf("there are %d machines", len(machines.Items))
	}
	return nil
}

// nodes fails unless the workers have come to be nodes with the labels and taints of their pool, which the agency sees
// with the kubeconfig that it is given.
func (l life) nodes(version string, workers int) {
	l.Helper()
	var secret struct{ Data struct{ Value []byte } }
	l.must(l.agency.Get(l.Context(), Path("v1", l.agency.Namespace, "secrets", "a-kubeconfig"), &secret))
	file := filepath.Join(l.TempDir(), "kubeconfig")
	l.must(os.WriteFile(file, secret.Data.Value, 0o600))
	var nodes struct {
		Items []struct {
			Spec struct {
				Taints []struct{ Key, Value, Effect string }
			}
			Status struct {
				NodeInfo struct{ KubeletVersion string }
			}
		}
	}
	l.must(json.Unmarshal(l.kubectl(file, "get", "nodes", "-l", "pool.example.org/name=std", "-o", "json"), &nodes))
	if len(nodes.Items) != workers {
		l.Errorf("there are %d nodes", len(nodes.Items))
	}
	for _, n := range nodes.Items {
		if t := n.Spec.Taints; n.Status.NodeInfo.KubeletVersion != version || len(t) != 1 || t[0].Key != "example.org/reserved" {
			l.Errorf("a node is %+v", n)
		}
	}
}

// gone deletes the cluster, and fails unless nothing of it is left.
func (l life) gone() {
	l.Helper()
	started := time.Now()
	l.must(l.agency.Delete(l.Context(), l.path("clusters", "a")))
	l.eventually(func() error {
		if err := l.agency.Get(l.Context(), l.path("clusters", "a"), nil); !controlplane.Refused(err, http.StatusNotFound) {
			return fmt.Errorf("the cluster is there (%w)", err)
		}
		return nil
	})
	l.Logf("delete took %.1f s", time.Since(started).Seconds())
	for _, path := range []string{
		l.path("machines", ""), l.path("machinesets", ""), l.path("machinedeployments", ""), Path("v1", l.agency.Namespace, "secrets", ""),
	} {
		var left struct{ Items []Object }
		l.must(l.management.Admin.Get(l.Context(), path, &left))
		if len(left.Items) != 0 {
			l.Errorf("%s: %d are left", path, len(left.Items))
		}
	}
}

// confined fails unless an agency can do what is its own, and is refused the rest.
func (l life) confined(other Agency) {
	l.Helper()
	for _, path := range []string{
		l.path("machines", ""), Path("v1", l.agency.Namespace, "secrets", ""), Path(V1Beta2, "", "clusters", ""),
		Path(V1Beta2, other.Namespace, "clusters", ""), Path("v1", "", "nodes", ""),
	} {
		if err := l.agency.Get(l.Context(), path, nil); !controlplane.Refused(err, http.StatusForbidden) {
			l.Errorf("%s: got %v", path, err)
		}
	}
	got := string(l.kubectl(l.agency.Kubeconfig, "get", "clusterclass", Class, "-o", "name"))
	if want := "clusterclass.cluster.x-k8s.io/" + Class + "\n"; got != want {
		l.Errorf("kubectl says %q", got)
	}
	old := Path(capiGroup+"/v1beta1", l.agency.Namespace, "clusterclasses", Class)
	l.must(l.agency.Get(l.Context(), old, nil)) // It comes through the webhook that converts.
}

func (l life) kubectl(kubeconfig string, args ...string) []byte {
	l.Helper()
	command := slices.Concat(l.management.Kubectl, []string{"--kubeconfig=" + kubeconfig}, args)
	cmd := exec.CommandContext(l.Context(), command[0], command[1:]...)
	cmd.Env = []string{"HOME=" + l.TempDir()}
	out, err := cmd.Output()
	l.must(err)
	return out
}

func (l life) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// eventually fails unless something comes true in time, and at once if a program has ended.
func (l life) eventually(check func() error) {
	l.Helper()
	ctx, cancel := context.WithTimeoutCause(l.Context(), patience, errors.New("it took too long"))
	defer cancel()
	l.must(until(ctx, func(context.Context) error {
		l.must(l.management.Err())
		return check()
	}))
}
