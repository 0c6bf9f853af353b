package backuprun_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
)

// TestSuite has this process make the backups of one operator, and another one of a sandbox keep and restore them: what is in
// the vault is the same whoever writes it.
func TestSuite(t *testing.T) {
	cloudtest.RunBackups(t, func(t *testing.T) cloudtest.BackupHarness {
		t.Helper()
		p := newPair(t)
		p.attach(p.ops[source])
		p.ops[keeper] = p.open(t, keeper)
		p.ops[keeper].VaultAccess = p.keys
		return harness(p)
	})
}

// TestRestoreSuite has this process restore as well.
func TestRestoreSuite(t *testing.T) {
	cloudtest.RunBackups(t, func(t *testing.T) cloudtest.BackupHarness {
		t.Helper()
		p := newPair(t)
		p.attach(p.ops[source])
		p.attach(p.ops[keeper])
		return harness(p)
	})
}

func harness(p *pair) cloudtest.BackupHarness {
	at := func(name string, h cloudtest.Harness) cloudtest.Harness {
		h.Operator = p.ops[name]
		h.MoveClock = func(_ *testing.T, d time.Duration) { p.moveClock(d) }
		return h
	}
	h := cloudtest.BackupHarness{
		Source: at(source, cloudtest.Harness{
			ImageID: "debian-13-20261102", BootDiskGiB: 10, VolumeGiB: 1, LargerGiB: 9, Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 1024},
		}),
		Keeper:   at(keeper, cloudtest.Harness{VolumeGiB: 8, LargerGiB: 16}),
		Stranger: "lnb",
		Write: func(t *testing.T, op *cloud.Operator, volumeID string, offset int64, data []byte) {
			t.Helper()
			f, err := os.OpenFile(filepath.Join(p.dir, op.Name+"-volumes", volumeID+".img"), os.O_RDWR, 0)
			must(t, err)
			_, err = f.WriteAt(data, offset)
			must(t, err)
			must(t, f.Close())
		},
		Checksum: func(t *testing.T, op *cloud.Operator, volumeID string, sizeGiB int64) string {
			t.Helper()
			f, err := os.Open(filepath.Join(p.dir, op.Name+"-volumes", volumeID+".img"))
			must(t, err)
			sum := sha256.New()
			_, err = io.CopyN(sum, f, sizeGiB<<30)
			must(t, err)
			must(t, f.Close())
			return hex.EncodeToString(sum.Sum(nil))
		},
	}
	h.Source.Remove = func(t *testing.T, kind cloud.Kind, id string) {
		t.Helper()
		if kind == cloud.KindBackup || kind == cloud.KindBackupPlan {
			recorded := map[cloud.Kind]string{cloud.KindBackup: "backup", cloud.KindBackupPlan: "backup-plan"}
			must(t, p.ops[source].Records.Delete(t.Context(), recorded[kind], id))
			return
		}
		must(t, p.box.Remove(t.Context(), source, id))
	}
	return h
}
