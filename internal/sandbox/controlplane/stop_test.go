package controlplane

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAnotherManager goes on with what the one before it had.
func TestAnotherManager(t *testing.T) {
	dir, b := t.TempDir(), fakePrograms(t, "1.34.4", "1.35.4")
	m := open(t, dir, b)
	endpoint := start(t, m, of("runs", "1.34")).Endpoint()
	c := start(t, m, of("deleting", "1.34"))
	if err := c.set(func(r *record) { r.Deleting = true }); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, b); err == nil || !strings.Contains(err.Error(), "another process runs the control planes") {
		t.Errorf("got %v while another one has it", err)
	}
	running := pids(m)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	wantGone(t, running)
	if _, err := m.Start(t.Context(), of("late", "1.34")); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v of a manager that is closed", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "clusters", "unborn"), 0o700); err != nil {
		t.Fatal(err)
	}

	m = open(t, dir, fakePrograms(t, "1.34.6", "1.35.6")) // Patches have come, and those before them are gone.
	var ids []string
	for _, c := range m.Clusters() {
		ids = append(ids, c.ID())
	}
	if want := []string{"deleting", "runs"}; !slices.Equal(ids, want) {
		t.Errorf("there are %q, want %q", ids, want)
	}
	c = start(t, m, of("runs", "1.34.4"))
	if !c.Running() || c.Endpoint() != endpoint || c.Version() != "1.34.6" {
		t.Errorf("it is %s at %s, running: %t; was at %s", c.Version(), c.Endpoint(), c.Running(), endpoint)
	}
	if again := start(t, m, of("runs", "1.34.4")); again != c {
		t.Error("it is another cluster")
	}
	if err := c.Upgrade(t.Context(), "1.34.4"); err != nil || c.Version() != "1.34.6" {
		t.Errorf("got %v of what it was, and %s", err, c.Version())
	}
	if err := c.Upgrade(t.Context(), "1.35.4"); err != nil || c.Version() != "1.35.6" {
		t.Errorf("got %v of the next minor, and %s", err, c.Version())
	}
	if _, err := m.Start(t.Context(), of("deleting", "1.34")); !errors.Is(err, ErrExists) {
		t.Errorf("got %v of one that is being deleted", err)
	}
	wantKeys(t, m, "deleting", true)
	if err := m.Delete(t.Context(), "deleting"); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, m, "deleting", false)
}
