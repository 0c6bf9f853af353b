package backuprun_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// TestBackupSuite has this process make the backups of an operator, and restore them at another. It reads and writes many GiB of
// nothing, for which `make test` has no time.
func TestBackupSuite(t *testing.T) {
	testbed.Asked(t, "backup")
	cloudtest.RunBackups(t, func(t *testing.T) cloudtest.BackupHarness {
		t.Helper()
		return harness(newPair(t))
	})
}

// zeros are a block in which nothing is, which counts as one that was never written.
var zeros = make([]byte, 4096)

func harness(p *pair) cloudtest.BackupHarness {
	at := func(name string, h cloudtest.Harness) cloudtest.Harness {
		h.Operator = p.ops[name]
		h.MoveClock = func(_ *testing.T, d time.Duration) { p.moveClock(d) }
		return h
	}
	h := cloudtest.BackupHarness{
		Source: at(source, cloudtest.Harness{
			ImageID: "deb13", BootDiskGiB: 8, VolumeGiB: 1, LargerGiB: 2, Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 2048},
		}),
		Keeper:   at(keeper, cloudtest.Harness{VolumeGiB: 1, LargerGiB: 2}),
		Stranger: "iem-ic",
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
			f, err := mover.OpenFile(filepath.Join(p.dir, op.Name+"-volumes", volumeID+".img"))
			must(t, err)
			sum := sha256.New()
			for e, err := range f.Allocated(t.Context()) {
				must(t, err)
				for at := e.Offset; at < min(e.Offset+e.Length, sizeGiB<<30); at += int64(len(zeros)) {
					block := make([]byte, len(zeros))
					_, err := io.ReadFull(io.NewSectionReader(f, at, int64(len(block))), block)
					must(t, err)
					if !bytes.Equal(block, zeros) {
						_, _ = fmt.Fprintln(sum, at, sha256.Sum256(block))
					}
				}
			}
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
