package controlplane

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// pool fails unless a pool has as many nodes, and returns their names.
func pool(t *testing.T, c *Cluster, name string, size int) (all []string, first Node) {
	t.Helper()
	nodes, err := c.Nodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range slices.Backward(nodes) {
		if n.Pool == name {
			all, first = append(all, n.Name), n
		}
	}
	if len(all) != size {
		t.Fatalf("%s has %q, want %d", name, all, size)
	}
	slices.Sort(all)
	return all, first
}

func TestSetNodes(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	c := start(t, m, of("a", "1.34"))
	set := func(p Pool) {
		t.Helper()
		if err := c.SetNodes(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	taint, other := Taint{"dedicated", "gpu", "NoSchedule"}, Taint{"mine", "", "NoExecute"}
	set(Pool{Name: "std", Size: 2, Labels: map[string]string{"tier": "a", "old": "x"}, Taints: []Taint{taint}})
	set(Pool{Name: "std-2", Size: 1})
	before, n := pool(t, c, "std", 2)
	if n.VCPUs != 4 || n.MemoryMiB != 16384 || n.Labels["tier"] != "a" || n.Labels["kubernetes.io/hostname"] != n.Name ||
		!slices.Equal(n.Taints, []Taint{taint}) || n.Ready {
		t.Errorf("got %+v", n)
	}
	// Somebody else's label and taint stay, those of the pool change.
	of := nodesPath + path(before[0])
	theirs := object{"metadata": object{"labels": object{"theirs": "y"}}, "spec": object{"taints": []Taint{taint, other}}}
	if err := c.api.do(t.Context(), "PATCH", of, mergePatch, theirs, nil); err != nil {
		t.Fatal(err)
	}
	set(Pool{Name: "std", Size: 3, Labels: map[string]string{"tier": "b"}})
	after, _ := pool(t, c, "std", 3)
	for _, name := range before {
		if !slices.Contains(after, name) {
			t.Errorf("%s is gone from %q", name, after)
		}
	}
	var got node
	if err := c.api.get(t.Context(), of, nil, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"tier": "b", "theirs": "y", PoolLabel: "std", "kubernetes.io/hostname": before[0],
		"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
	}
	if !maps.Equal(got.Metadata.Labels, want) || !slices.Equal(got.Spec.Taints, []Taint{other}) {
		t.Errorf("got %v, %v; want %v", got.Metadata.Labels, got.Spec.Taints, want)
	}

	set(Pool{Name: "std", Size: 1, Labels: map[string]string{"tier": "b"}})
	one, _ := pool(t, c, "std", 1)
	set(Pool{Name: "std", Size: 1, VCPUs: 8, MemoryMiB: 1024})
	bigger, n := pool(t, c, "std", 1)
	if one[0] == bigger[0] || n.VCPUs != 8 || n.MemoryMiB != 1024 {
		t.Errorf("%s was %s: %+v", bigger[0], one[0], n)
	}
	set(Pool{Name: "std"})
	pool(t, c, "std", 0)
	pool(t, c, "std-2", 1)
	for _, p := range []Pool{{Name: "Std", Size: 1}, {Name: "std", Size: -1}} {
		want := fmt.Sprintf("cluster a: there can be no pool %q of %d nodes", p.Name, p.Size)
		if err := c.SetNodes(t.Context(), p); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
