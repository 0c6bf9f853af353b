package controlplane

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestResume(t *testing.T) {
	dir, b := t.TempDir(), fakePrograms(t, "1.34.4")
	m := open(t, dir, b)
	endpoint := start(t, m, Spec{ID: "runs"}).Endpoint()
	for _, id := range []string{"stopped", "deleting"} {
		start(t, m, Spec{ID: id})
	}
	if err := m.Stop("stopped"); err != nil {
		t.Fatal(err)
	}
	c, _ := m.Cluster("deleting")
	if err := c.set(func(r *record) { r.Deleting = true }); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, b, Options{}); err == nil || !strings.Contains(err.Error(), "another process runs the control planes") {
		t.Errorf("got %v while another one has it", err)
	}
	running := pids(m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	wantGone(t, running)
	if _, err := m.Start(t.Context(), Spec{ID: "late"}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v of a manager that is closed", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "clusters", "unborn"), 0o700); err != nil {
		t.Fatal(err)
	}

	m = open(t, dir, fakePrograms(t, "1.34.6")) // A patch has come.
	if err := m.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range m.Clusters() {
		ids = append(ids, c.ID())
	}
	if want := []string{"runs", "stopped"}; !slices.Equal(ids, want) {
		t.Errorf("there are %q, want %q", ids, want)
	}
	if c, _ := m.Cluster("runs"); !c.Running() || c.Endpoint() != endpoint || c.Version() != "1.34.6" {
		t.Errorf("it is %s at %s, running: %t; was at %s", c.Version(), c.Endpoint(), c.Running(), endpoint)
	}
	if c, _ := m.Cluster("stopped"); c.Running() {
		t.Error("what was stopped runs")
	}
	wantKeys(t, m, "stopped", true)
	wantKeys(t, m, "deleting", false)
}
