package controlplane

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpgrade(t *testing.T) {
	b := fakePrograms(t, "1.34.4", "1.35.4", broken)
	m := open(t, t.TempDir(), b)
	c := start(t, m, of("a", "1.34"))
	endpoint := c.Endpoint()
	for version, want := range map[string]string{
		"1.33": "the version of Kubernetes is not possible: there is no 1.33, only 1.34.4, 1.35.4, 1.36.0",
		"1.36": "cluster a: the version of Kubernetes is not possible: from 1.34.4 to 1.36.0 is more than one minor at once",
	} {
		if err := c.Upgrade(t.Context(), version); err == nil || err.Error() != want || !errors.Is(err, ErrVersion) {
			t.Errorf("%s: got %v, want %s", version, err, want)
		}
	}
	if err := c.Upgrade(t.Context(), "1.35"); err != nil || c.Version() != "1.35.4" || c.Endpoint() != endpoint || c.Err() != nil {
		t.Errorf("got %v, %s at %s, %v", err, c.Version(), c.Endpoint(), c.Err())
	}
	if err := c.Upgrade(t.Context(), "1.35.4"); err != nil {
		t.Errorf("got %v of what it is", err)
	}
	want := "cluster a: the version of Kubernetes is not possible: there is no way from 1.35.4 back to 1.34.4"
	if err := c.Upgrade(t.Context(), "1.34"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	stages, err := os.ReadFile(filepath.Join(c.dir, stagesFile))
	if err != nil || !strings.Contains(string(stages), `kubeletVersion: "v1.35.4"`) {
		t.Errorf("nodes stay of the old version: %v", err)
	}
	// There is no way back from one that fails, so it is tried again.
	if err := c.Upgrade(t.Context(), "1.36"); err == nil || !strings.Contains(err.Error(), "this is why") {
		t.Errorf("got %v", err)
	}
	if c.Running() || c.Version() != broken {
		t.Errorf("it is of %s, running: %t", c.Version(), c.Running())
	}
	wantKeys(t, m, "a", true)
	if _, err := m.Start(t.Context(), of("a", broken)); err == nil || !strings.Contains(err.Error(), "this is why") {
		t.Errorf("got %v", err)
	}
	if err := m.Delete(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}
