package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t *testing.T, dir string, b Binaries) *Manager {
	t.Helper()
	m, err := Open(dir, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// of is a cluster with addresses that are as good as any.
func of(id, version string) Spec {
	return Spec{ID: id, Version: version, PodCIDR: "10.42.0.0/16", ServiceCIDR: "10.43.0.0/16"}
}

func start(t *testing.T, m *Manager, spec Spec) *Cluster {
	t.Helper()
	c, err := m.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantKeys fails unless etcd has some or no keys of a cluster.
func wantKeys(t *testing.T, m *Manager, id string, some bool) {
	t.Helper()
	if n, err := m.Keys(t.Context(), id); err != nil || (n > 0) != some {
		t.Errorf("etcd has %d keys of %s, %v", n, id, err)
	}
}

// pids are those of a cluster's parts that run, and of etcd.
func pids(m *Manager) (all []int) {
	for _, c := range m.Clusters() {
		for _, p := range c.processes {
			all = append(all, p.cmd.Process.Pid)
		}
	}
	if m.etcd.process != nil {
		all = append(all, m.etcd.process.cmd.Process.Pid)
	}
	return all
}

func wantGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		if _, err := startTime(pid); !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
}

func TestClusterLives(t *testing.T) {
	dir := t.TempDir()
	b := fakePrograms(t, "1.34.4", "1.35.4")
	m := open(t, dir, b)
	c := start(t, m, of("a", "1.34"))
	if c.Version() != "1.34.4" || !strings.HasPrefix(c.Endpoint(), "https://127.0.0.1:2") || !c.Running() || c.Err() != nil {
		t.Errorf("got %s at %s, running: %t, %v", c.Version(), c.Endpoint(), c.Running(), c.Err())
	}
	if again := start(t, m, of("a", "1.34.4")); again != c {
		t.Error("the same wish made another cluster")
	}
	_, err := m.Start(t.Context(), of("a", "1.35"))
	if want := "cluster a: there is another cluster of this id, with 1.34.4, pods in 10.42.0.0/16 and services in 10.43.0.0/16"; err == nil ||
		err.Error() != want || !errors.Is(err, ErrExists) {
		t.Errorf("got %v, want %s", err, want)
	}
	other := start(t, m, of("ab", "1.35"))
	if other.Version() != "1.35.4" || other.Endpoint() == c.Endpoint() {
		t.Errorf("got %s at %s", other.Version(), other.Endpoint())
	}

	endpoint, running := c.Endpoint(), pids(m)
	if err := m.Close(); err != nil || c.Running() {
		t.Fatal(err)
	}
	wantGone(t, running)
	m = open(t, dir, b)
	if c, err = m.Cluster("a"); err != nil || c.Running() {
		t.Fatalf("it runs: %v", err)
	}
	wantKeys(t, m, "a", true)
	if _, err := c.Nodes(t.Context()); !errors.Is(err, ErrStopped) || err.Error() != "cluster a: the cluster is stopped" {
		t.Errorf("got %v of a stopped cluster", err)
	}
	if start(t, m, of("a", "1.34")); c.Endpoint() != endpoint || !c.Running() {
		t.Errorf("it came back at %s instead of %s, running: %t", c.Endpoint(), endpoint, c.Running())
	}

	if err := m.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, m, "a", false)
	wantKeys(t, m, "ab", true)
	if _, err := os.Stat(filepath.Join(dir, "clusters", "a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is there: %v", err)
	}
	if err := m.Delete(t.Context(), "a"); !errors.Is(err, ErrNotFound) || err.Error() != "there is no such cluster: a" {
		t.Errorf("got %v of what is deleted", err)
	}
	start(t, m, Spec{ID: "a", Version: "1.35", PodCIDR: "10.0.0.0/20", ServiceCIDR: "10.1.0.0/24"})
}

func TestSpecsThatCannotBe(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{of("A", "1.34"), `"A" is no id: it is to be of a-z, 0-9 and -, up to 63 of them`},
		{of("../a", "1.34"), `"../a" is no id: it is to be of a-z, 0-9 and -, up to 63 of them`},
		{of("a", "1.33"), "the version of Kubernetes is not possible: there is no 1.33, only 1.34.4"},
		{Spec{"a", "1.34", "fd00::/48", "10.43.0.0/16"}, "PodCIDR: fd00::/48 is not a network of IPv4 between /8 and /26"},
		{Spec{"a", "1.34", "10.42.0.0/16", "10.1.0.1/24"}, "ServiceCIDR: 10.1.0.1/24 is not a network of IPv4 between /8 and /28"},
		{Spec{"a", "1.34", "10.0.0.0/8", "10.43.0.0/16"}, "PodCIDR 10.0.0.0/8 and ServiceCIDR 10.43.0.0/16 overlap"},
		{of("a", ""), `the version of Kubernetes is not possible: "" is neither like 1.34 nor like 1.34.4`},
	} {
		if _, err := m.Start(t.Context(), c.spec); err == nil || err.Error() != c.want {
			t.Errorf("%+v: got %v, want %s", c.spec, err, c.want)
		}
	}
	if all := m.Clusters(); len(all) != 0 {
		t.Errorf("there are %d", len(all))
	}
	if m.etcd.process != nil {
		t.Error("etcd was started for nothing")
	}
}

func TestNoMoreThanSix(t *testing.T) {
	dir, b := t.TempDir(), fakePrograms(t, "1.34.4")
	m := open(t, dir, b)
	for n := range MaxClusters {
		start(t, m, of(fmt.Sprintf("c%d", n), "1.34"))
	}
	_, err := m.Start(t.Context(), of("seventh", "1.34"))
	if want := "cluster seventh: 6 clusters run already, and this machine is not to run more"; err == nil || err.Error() != want ||
		!errors.Is(err, ErrFull) {
		t.Errorf("got %v, want %s", err, want)
	}
	if all := m.Running(); len(all) != MaxClusters {
		t.Errorf("%q run", all)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = open(t, dir, b) // It knows six, none of which runs.
	for n := range MaxClusters - 1 {
		start(t, m, of(fmt.Sprintf("c%d", n+1), "1.34"))
	}
	start(t, m, of("seventh", "1.34"))
	if _, err := m.Start(t.Context(), of("c0", "1.34")); !errors.Is(err, ErrFull) {
		t.Errorf("got %v of one that was there before", err)
	}
	if c, err := m.Cluster("c0"); err != nil || c.Running() {
		t.Errorf("it is lost: %v", err)
	}
}

func TestFailedStartLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	m := open(t, dir, fakePrograms(t, "1.35.4", broken))
	_, err := m.Start(t.Context(), of("a", broken))
	if want := "cluster a: kube-apiserver has ended (exit status 3); the end of its log:\nI am not well\nthis is why"; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "clusters", "*")); err != nil || len(left) != 0 {
		t.Errorf("%q is left, %v", left, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Start(ctx, of("a", "1.35")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if all := m.Clusters(); len(all) != 0 {
		t.Errorf("there are %d", len(all))
	}
	wantKeys(t, m, "a", false)
}

// TestErr tells of what has ended by itself, and Start replaces it.
func TestErr(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	c := start(t, m, of("a", "1.34"))
	for _, p := range []*process{c.processes[1], m.etcd.process} {
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.done
	}
	want := "kube-controller-manager has ended (signal: killed); it logged nothing\netcd has ended (signal: killed); it logged nothing"
	if err := c.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if start(t, m, of("a", "1.34")); c.Err() != nil {
		t.Error(c.Err())
	}
	wantKeys(t, m, "a", true)
}

func TestCloseEndsStarts(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	start(t, m, of("a", "1.34"))
	c, _ := m.Cluster("a")
	c.changing.Lock() // As if a start were under way.
	failed := make(chan error)
	go func() {
		_, err := m.Start(context.Background(), of("a", "1.34"))
		failed <- err
	}()
	closed := make(chan error)
	go func() { closed <- m.Close() }()
	<-m.closing
	c.changing.Unlock()
	if err := <-failed; err != nil && !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if c.Running() {
		t.Error("it runs after all")
	}
}
