package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
)

// deadPrograms is a folder of programs that end at once.
func deadPrograms(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	for _, name := range []string{"vdam-kubernetes-1.34.4", "vdam-kubernetes-1.35.4", "vdam-kwok-0.8.0"} {
		const program = "#!/bin/sh\necho no etcd today >&2\nexit 1\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(program), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// stall lets no job of a sandbox go on, so that a test says when one has done its work. Once let go, they are cancelled.
func stall(t *testing.T, s *Sandbox) (letGo func()) {
	t.Helper()
	for range jobsAtOnce {
		s.planes.width <- struct{}{}
	}
	letGo = sync.OnceFunc(func() {
		s.planes.cancel()
		for range jobsAtOnce {
			<-s.planes.width
		}
	})
	t.Cleanup(letGo)
	return letGo
}

// jobDone is the end of one of the jobs for the sake of an object at lvrtc.
func jobDone(t *testing.T, s *Sandbox, id string) {
	t.Helper()
	w := s.operator("lvrtc").world
	if err := w.locked(t.Context(), func() { w.brought(w.objects[id], nil, nil) }); err != nil {
		t.Fatal(err)
	}
}

// scaledCluster has a pool that scales by itself, and real is one that has been made.
var scaledCluster = m{"node_pools": m{"std": m{"vcpus": 2, "memory_mib": 4096, "autoscaling": m{"min": 1, "max": 5}}}}

func realCluster(t *testing.T, s *Sandbox, c *client) (id, path string) {
	t.Helper()
	id = c.order("container-clusters", clusterOf("k8s", scaledCluster)).is(http.StatusCreated).view().ID
	jobDone(t, s, id)
	path = "container-clusters/" + id
	if v := c.get(path).cluster(); v.State != "ready" || v.RunningVersion != "1.34.4" || v.Simulated {
		t.Fatalf("it is %+v", v)
	}
	return id, path
}

// TestJobOfAnother has a job end that was begun while a cluster was ready, and which somebody has changed since.
func TestJobOfAnother(t *testing.T) {
	s := start(t, Options{Kubernetes: deadPrograms(t)})
	c := at(t, s, "lvrtc")
	stall(t, s)
	id, path := realCluster(t, s, c)
	scale := func(nodes int64) {
		t.Helper()
		if err := s.Autoscale(t.Context(), "lvrtc", id, "std", nodes); err != nil {
			t.Fatal(err)
		}
	}
	is := func(state, runs string) {
		t.Helper()
		if v := c.get(path).cluster(); v.State != state || v.RunningVersion != runs {
			t.Errorf("it is %s and runs %s, want %s and %s", v.State, v.RunningVersion, state, runs)
		}
	}
	scale(3)
	c.patch(path, c.get(path).view().Etag, `{"kubernetes_version":"1.35"}`).is(http.StatusOK)
	jobDone(t, s, id)
	is("updating", "1.34.4")
	jobDone(t, s, id)
	is("ready", "1.35.4")

	// What is stuck stays so, as no job is for it.
	scale(4)
	if err := s.AddFault(Fault{Method: "PATCH", Path: "container-clusters/", Times: 1, Stuck: true}); err != nil {
		t.Fatal(err)
	}
	c.patch(path, c.get(path).view().Etag, `{"auto_patch":false}`).is(http.StatusOK)
	jobDone(t, s, id)
	is("updating", "1.35.4")
}

// TestJobBeforeADeletion has it end while the deletion is under way.
func TestJobBeforeADeletion(t *testing.T) {
	s := start(t, Options{Kubernetes: deadPrograms(t)})
	c := at(t, s, "lvrtc")
	stall(t, s)
	id, path := realCluster(t, s, c)
	if err := s.Autoscale(t.Context(), "lvrtc", id, "std", 3); err != nil {
		t.Fatal(err)
	}
	c.remove(path).is(http.StatusAccepted)
	jobDone(t, s, id)
	if v := c.get(path).is(http.StatusOK).cluster(); v.State != "deleting" {
		t.Errorf("it is %s", v.State)
	}
	jobDone(t, s, id)
	c.get(path).refused(http.StatusNotFound, "not-found")
}

// TestNoRoomForAnotherCluster orders one more than the machine is to run.
func TestNoRoomForAnotherCluster(t *testing.T) {
	s := start(t, Options{Kubernetes: deadPrograms(t)})
	c, other := at(t, s, "lvrtc"), at(t, s, "iem-ic")
	stall(t, s)
	for n := range controlplane.MaxClusters {
		c.order("container-clusters", clusterOf(fmt.Sprintf("k8s-%d", n), nil)).is(http.StatusCreated)
	}
	c.order("container-clusters", clusterOf("seventh", nil)).refused(http.StatusConflict, "capacity-exhausted")
	other.order("container-clusters", clusterOf("seventh", nil)).refused(http.StatusConflict, "capacity-exhausted")
}

// TestRealClusterWithoutKubernetes starts the sandbox anew without what is behind a cluster.
func TestRealClusterWithoutKubernetes(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, Kubernetes: deadPrograms(t)})
	c := at(t, s, "lvrtc")
	letGo := stall(t, s)
	id, path := realCluster(t, s, c)
	pool := c.order("node-pools", poolIn(id, "batch", nil)).is(http.StatusCreated).view()
	jobDone(t, s, pool.ID)
	letGo()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = start(t, Options{Dir: dir})
	c = at(t, s, "lvrtc")
	refused := func(a answer) { t.Helper(); a.refused(http.StatusServiceUnavailable, "unavailable") }
	refused(c.patch(path, c.get(path).view().Etag, `{"kubernetes_version":"1.35"}`))
	refused(c.patch("node-pools/"+pool.ID, c.get("node-pools/"+pool.ID).view().Etag, `{"size":4}`))
	refused(c.order("node-pools", poolIn(id, "more", nil)))
	refused(c.order(path+"/credentials", m{"role": "admin", "ttl_seconds": 300}))
	refused(c.order(path+"/credentials/revoke", m{"id": "vdam:admin:x"}))
	if err := s.Autoscale(t.Context(), "lvrtc", id, "std", 2); err == nil {
		t.Error("a pool was scaled that nobody can scale")
	}
	if v := c.get(path).cluster(); v.State != "ready" || v.RunningVersion != "1.34.4" {
		t.Errorf("it is %+v", v)
	}
	c.made("container-clusters", clusterOf("played", nil))
	c.remove("node-pools/" + pool.ID).is(http.StatusAccepted) // What is behind them is ended when Kubernetes is there again.
	c.remove(path).is(http.StatusAccepted)
	c.get(path).refused(http.StatusNotFound, "not-found")
}

// TestClustersThatNobodyKnows are ended by a sandbox that has all operators of its folder open, and by no other.
func TestClustersThatNobodyKnows(t *testing.T) {
	dir, bin := t.TempDir(), deadPrograms(t)
	if err := start(t, Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "kubernetes", "clusters", "cluster-1")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	const record = `{"id":"cluster-1","version":"1.34.4","pod_cidr":"10.42.0.0/16","service_cidr":"10.43.0.0/16"}`
	if err := os.WriteFile(filepath.Join(folder, "cluster.json"), []byte(record), 0o600); err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		_, err := os.Stat(filepath.Join(folder, "cluster.json"))
		return err == nil
	}

	one := start(t, Options{Dir: dir, Kubernetes: bin, Operators: []string{"iem-ic"}})
	one.planes.jobs.Wait()
	if !there() {
		t.Fatal("the cluster of an operator that is not run is gone")
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}

	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	second := taken.Addr().(*net.TCPAddr).Port
	for range 10 { // Whether a sandbox that fails would have come to it is chance.
		if _, err := Start(t.Context(), Options{Dir: dir, Kubernetes: bin, Port: second - 2}); err == nil {
			t.Fatal("it started on a port that is taken")
		}
		if !there() {
			t.Fatal("a sandbox that did not start has ended the cluster")
		}
	}

	start(t, Options{Dir: dir, Kubernetes: bin})
	eventually(t, time.Minute, func() error {
		if there() {
			return fmt.Errorf("%s is there", folder)
		}
		return nil
	})
}
