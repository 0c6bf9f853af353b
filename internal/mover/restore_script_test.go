package mover

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// TestBackupRestoredByOtherTools: the format is what the README says, so that age, zstd and jq are enough to restore.
func TestBackupRestoredByOtherTools(t *testing.T) {
	testbed.Asked(t, "backup")
	for _, tool := range []string{"bash", "age", "zstd", "jq", "sha256sum", "truncate", "dd"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: on Debian as root, internal/testbed/s3/build.sh installs it", tool)
		}
	}
	dir, key := t.TempDir(), testKey(t)
	v := smallVault(t, &folder{dir: dir}, Options{Key: key})
	data := append(plainSource(bytes.Repeat([]byte("text "), 3000)), make([]byte, 20*small.BlockSize)...)
	copy(data[len(data)-20000:], noise(1, 10000))
	p := mustBackup(t, v, data, metaAt(0))
	keyFile, target := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "restored")
	if err := os.WriteFile(keyFile, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "./restore.sh", keyFile, dir, p.ID, target).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := os.ReadFile(target); err != nil || !bytes.Equal(got, data) {
		t.Errorf("what is restored is not what was there, %v", err)
	}
}
