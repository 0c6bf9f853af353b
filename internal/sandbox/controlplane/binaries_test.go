package controlplane

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if _, err := Find(dir); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("got %v of an empty folder", err)
	}
	if _, err := Open(t.TempDir(), Binaries{}); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("got %v without programs", err)
	}
	for _, name := range []string{"kubernetes-1.35.4", "kubernetes-1.34.10", "kubernetes-1.34.9", "kubernetes-1.36.0.partial",
		"kubernetes-1.36", "kubernetes-x", "kwok-0.9.0", "kwok-0.10.0"} {
		if _, err := Find(dir); !errors.Is(err, ErrNotBuilt) && name != "kwok-0.10.0" {
			t.Errorf("got %v without %s", err, name)
		}
		if err := os.WriteFile(filepath.Join(dir, "vdam-"+name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := Find(dir)
	if filepath.Base(b.kwok) != "vdam-kwok-0.10.0" {
		t.Errorf("got %s", b.kwok)
	}
	if want := []string{"1.34.9", "1.34.10", "1.35.4"}; err != nil || !slices.Equal(b.Versions(), want) {
		t.Errorf("got %q, %v, want %q", b.Versions(), err, want)
	}
	for _, c := range []struct{ version, want, err string }{
		{"1.34", "1.34.10", ""},
		{"1.34.9", "1.34.9", ""},
		{"1.34.3", "1.34.10", ""},
		{"1.34.11", "", "the version of Kubernetes is not possible: there is no 1.34.11, only 1.34.9, 1.34.10, 1.35.4"},
		{"1.35", "1.35.4", ""},
		{"1.36", "", "the version of Kubernetes is not possible: there is no 1.36, only 1.34.9, 1.34.10, 1.35.4"},
		{"v1.34", "", `the version of Kubernetes is not possible: "v1.34" is neither like 1.34 nor like 1.34.4`},
		{"1.034", "", `the version of Kubernetes is not possible: "1.034" is neither like 1.34 nor like 1.34.4`},
		{"", "", `the version of Kubernetes is not possible: "" is neither like 1.34 nor like 1.34.4`},
	} {
		got, err := b.Resolve(c.version)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && (err.Error() != c.err || !errors.Is(err, ErrVersion)) {
			t.Errorf("%q: got %q, %v, want %q, %s", c.version, got, err, c.want, c.err)
		}
	}
	kubectl, err := b.Kubectl("1.34")
	if want := []string{filepath.Join(dir, prefix+"1.34.10"), "kubectl"}; err != nil || !slices.Equal(kubectl, want) {
		t.Errorf("got %q, %v, want %q", kubectl, err, want)
	}
}

func TestDefaultBinDir(t *testing.T) {
	t.Setenv("VDAM_TESTBED_DIR", "testbed")
	if dir, err := DefaultBinDir(); err != nil || dir != filepath.Join("testbed", "kubernetes", "bin") {
		t.Errorf("got %q, %v", dir, err)
	}
	t.Setenv("VDAM_TESTBED_DIR", "")
	t.Setenv("HOME", "/home/somebody")
	t.Setenv("XDG_CACHE_HOME", "")
	if dir, err := DefaultBinDir(); err != nil || dir != "/home/somebody/.cache/vdam-testbed/kubernetes/bin" {
		t.Errorf("got %q, %v", dir, err)
	}
}
