package clusterapi

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// clusterWith orders a cluster with a pool std and waits until it is ready.
func clusterWith(t *testing.T, op *cloud.Operator) (id string, spec cloud.ContainerClusterSpec) {
	t.Helper()
	spec = cloud.ContainerClusterSpec{
		SpecMeta: cloud.SpecMeta{Name: "registry"}, KubernetesVersion: "1.34",
		NodePools: map[string]cloud.NodePoolSize{"std": {VCPUs: 2, MemoryMiB: 4096, Size: 2}},
	}
	o, err := op.ContainerClusters.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: uuid.NewString()})
	must(t, err)
	return settled(t, op, o.ID).ID, spec
}

func settled(t *testing.T, op *cloud.Operator, id string) cloud.ContainerCluster {
	t.Helper()
	o, err := op.ContainerClusters.Await(t.Context(), id, 0)
	for err == nil && o.State != cloud.StateReady {
		o, err = op.ContainerClusters.Await(t.Context(), id, 0)
	}
	must(t, err)
	return o
}

// TestPoolsAtOnce orders as many pools as Terraform does at a time: all of them are written into one object.
func TestPoolsAtOnce(t *testing.T) {
	f := startFake(t)
	f.kubeconfig = testKubeconfig
	op := openFake(t, f, "")
	id, _ := clusterWith(t, op)
	var orders sync.WaitGroup
	for n := range 10 {
		orders.Go(func() {
			spec := cloud.NodePoolSpec{SpecMeta: cloud.SpecMeta{Name: fmt.Sprintf("pool-%d", n)}, ClusterID: id,
				NodePoolSize: cloud.NodePoolSize{VCPUs: 2, MemoryMiB: 4096, Size: 1}}
			o, err := op.NodePools.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: uuid.NewString()})
			if err == nil {
				err = op.NodePools.Claim(t.Context(), o.ID)
			}
			if err != nil {
				t.Errorf("pool %d: %v", n, err)
			}
		})
	}
	orders.Wait()
	found := 0
	for _, err := range op.NodePools.List(t.Context(), cloud.ListOptions{}) {
		must(t, err)
		found++
	}
	if found != 10 {
		t.Errorf("there are %d pools", found)
	}
}

// TestWrittenMeanwhile has somebody else write between the read and the write of a change: neither is lost.
func TestWrittenMeanwhile(t *testing.T) {
	f := startFake(t)
	f.kubeconfig = testKubeconfig
	op := openFake(t, f, "")
	id, from := clusterWith(t, op)
	f.set(func() {
		f.refuse = func(w http.ResponseWriter, _ *http.Request) {
			o := f.clusters["registry"]
			o.at("metadata", "annotations")[descriptionNote] = "theirs"
			f.store("registry", o)
			refuse(w, http.StatusConflict, "Conflict", nil)
		}
	})
	to := from
	to.Labels = map[string]string{"step": "two"}
	_, err := op.ContainerClusters.Update(t.Context(), id, cloud.Change[cloud.ContainerClusterSpec]{From: from, To: to})
	must(t, err)
	if o := settled(t, op, id); o.Description != "theirs" || o.Labels["step"] != "two" {
		t.Errorf("it is described as %q, with the labels %v", o.Description, o.Labels)
	}
}

// TestPoolOfOthers leaves a pool alone that somebody else has added to a cluster.
func TestPoolOfOthers(t *testing.T) {
	f := startFake(t)
	f.kubeconfig = testKubeconfig
	op := openFake(t, f, "")
	id, from := clusterWith(t, op)
	f.set(func() {
		o := f.clusters["registry"]
		workers := o.at("spec", "topology", "workers")
		workers["machineDeployments"] = append(workers.list("machineDeployments"),
			map[string]any{"name": "theirs", "class": "default-worker", "replicas": 1})
		f.store("registry", o)
		f.settle("registry", o)
	})
	if pools := settled(t, op, id).NodePools; len(pools) != 1 {
		t.Errorf("the cluster shows the pools %v", pools)
	}
	to := from
	to.NodePools = nil
	_, err := op.ContainerClusters.Update(t.Context(), id, cloud.Change[cloud.ContainerClusterSpec]{From: from, To: to})
	must(t, err)
	f.set(func() {
		if left := f.clusters["registry"].at("spec", "topology", "workers").list("machineDeployments"); len(left) != 1 {
			t.Errorf("the pools %v are left, of which one is theirs", left)
		}
	})
	_, err = op.NodePools.Get(t.Context(), "registry:theirs")
	if !errors.Is(err, cloud.ErrUnsupported) {
		t.Errorf("their pool was found as one of its own: %v", err)
	}
}

// TestResolve finds objects by the names that people import them by.
func TestResolve(t *testing.T) {
	f := startFake(t)
	f.kubeconfig = testKubeconfig
	op := openFake(t, f, "")
	id, _ := clusterWith(t, op)
	pool, err := op.NodePools.Create(t.Context(), cloud.NodePoolSpec{SpecMeta: cloud.SpecMeta{Name: "batch"}, ClusterID: id,
		NodePoolSize: cloud.NodePoolSize{VCPUs: 2, MemoryMiB: 4096, Size: 1}}, cloud.CreateOptions{OwnerKey: uuid.NewString()})
	must(t, err)
	for name, c := range map[string]struct {
		of   any
		want string
	}{
		"registry": {op.ContainerClusters, id}, id: {op.ContainerClusters, id},
		"registry:batch": {op.NodePools, pool.ID}, pool.ID: {op.NodePools, pool.ID},
	} {
		if got, err := c.of.(cloud.Resolver).Resolve(t.Context(), name); err != nil || got != c.want {
			t.Errorf("%s is %s (%v), and not %s", name, got, err, c.want)
		}
	}
}

// TestSizesThatAreAlike are refused before anything is made of them.
func TestSizesThatAreAlike(t *testing.T) {
	f := startFake(t)
	for name, change := range map[string]func(*Options){
		"same amounts":          func(o *Options) { o.Sizes = append(o.Sizes, Size{Name: "other", VCPUs: 2, MemoryMiB: 4096}) },
		"nothing tells classes": func(o *Options) { o.SizeVariable = "" },
	} {
		o := fakeOptions(t, f, "")
		change(&o)
		if _, err := Open(t.Context(), o); !errors.Is(err, cloud.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
