package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// aVault has one recovery point of a volume, which is a file.
func aVault(t *testing.T) (dir, key, volume string, p mover.RecoveryPoint) {
	t.Helper()
	key, err := mover.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir, volume = t.TempDir(), filepath.Join(t.TempDir(), "volume")
	if err := os.WriteFile(volume, bytes.Repeat([]byte("a volume"), 500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := mover.OpenFile(volume)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	v, err := mover.OpenFolder(dir, mover.Options{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	m := mover.Meta{Operator: "x", Kind: "storage_volume", ID: "v-1", Name: "data", TakenAt: time.Now()}
	if p, err = v.Backup(t.Context(), src, m, nil); err != nil {
		t.Fatal(err)
	}
	return dir, key, volume, p
}

func TestListAndRestore(t *testing.T) {
	dir, key, volume, p := aVault(t)
	env := func(name string) string { return map[string]string{"VDAM_BACKUP_KEY": key}[name] }
	var out strings.Builder
	if err := run(t.Context(), []string{"-folder", dir}, env, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), p.ID+"  ") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("listed is %q", out.String())
	}
	restored := filepath.Join(t.TempDir(), "restored")
	if err := run(t.Context(), []string{"-folder", dir, p.ID, restored}, env, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(volume)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(restored); err != nil || !bytes.Equal(got, want) {
		t.Errorf("restored is not what was there, %v", err)
	}
	if !strings.Contains(out.String(), p.SHA256) {
		t.Errorf("%q does not tell the checksum", out.String())
	}
	if err := run(t.Context(), []string{"-folder", dir, p.ID, restored}, env, &out, io.Discard); err == nil {
		t.Error("a file that exists was written over")
	}
}

// TestNothingHalf: a restore that fails leaves no file that could be taken for the volume.
func TestNothingHalf(t *testing.T) {
	dir, key, _, p := aVault(t)
	blobs, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*", "*"))
	if err != nil || len(blobs) == 0 {
		t.Fatal(blobs, err)
	}
	for _, blob := range blobs[1:] {
		if err := os.Truncate(blob, 100); err != nil {
			t.Fatal(err)
		}
	}
	keyFile, restored := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "restored")
	if err := os.WriteFile(keyFile, []byte("# created: today\n"+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), []string{"-folder", dir, "-key-file", keyFile, p.ID, restored}, os.Getenv, io.Discard, io.Discard)
	if err == nil {
		t.Fatal("it was restored")
	}
	if _, err := os.Stat(restored); !os.IsNotExist(err) {
		t.Errorf("something is left, %v", err)
	}
}

func TestBadArguments(t *testing.T) {
	none := func(string) string { return "" }
	for _, args := range [][]string{nil, {"-folder", t.TempDir()}, {"id"}, {"-nonsense"}, {"-key-file", "/nonexistent", "-folder", "/"}} {
		if err := run(t.Context(), args, none, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
