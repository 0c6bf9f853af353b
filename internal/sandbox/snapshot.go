package sandbox

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// snapshot is volumes as they were at one time.
type snapshot struct {
	disks *disks
	dir   string
	at    time.Time
}

func (d *disks) newSnapshot(name string) *snapshot {
	return &snapshot{disks: d, dir: filepath.Join(d.snapshots(), name)}
}

func (d *disks) snapshots() string { return filepath.Join(d.dir, "snapshots") }

// take copies volumes. Nobody writes to a volume of the operator meanwhile. Where the file system
// cannot share the bytes, that takes as long as copying what was written.
func (s *snapshot) take(ctx context.Context, volumes []api.ProtectedVolume, now func() time.Time) []error {
	failures := make([]error, len(volumes))
	err := os.MkdirAll(s.dir, 0o700)
	s.disks.writes.Lock()
	defer s.disks.writes.Unlock()
	s.at = now()
	for i, v := range volumes {
		if failures[i] = err; err == nil {
			failures[i] = copyFile(ctx, s.path(v.VolumeId), s.disks.path(v.VolumeId))
		}
	}
	return failures
}

func (s *snapshot) path(volumeID string) string { return filepath.Join(s.dir, volumeID+".img") }

func (s *snapshot) remove() { _ = os.RemoveAll(s.dir) } // What is left over goes at the next start.

// copyFile copies a file, whose holes stay holes.
func copyFile(ctx context.Context, to, from string) error {
	source, err := mover.OpenFile(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // It was only read.
	target, err := mover.CreateTarget(to, source.Size())
	if err != nil {
		return err
	}
	if unix.IoctlFileClone(int(target.Fd()), int(source.Fd())) != nil { // Few file systems can.
		err = copyData(ctx, target, source)
	}
	return errors.Join(err, target.Close())
}

// copyPiece is how much is copied at least before anybody looks whether it is still wanted, in bytes.
const copyPiece = 64 << 20

func copyData(ctx context.Context, target, source *mover.File) error {
	for extent, err := range source.Allocated(ctx) {
		if err != nil {
			return err
		}
		end := extent.Offset + extent.Length
		for at := extent.Offset; at < end; at += copyPiece {
			if err := ctx.Err(); err != nil {
				return err
			}
			piece := io.NewSectionReader(source, at, min(copyPiece, end-at))
			if _, err := io.Copy(io.NewOffsetWriter(target, at), piece); err != nil {
				return err
			}
		}
	}
	return nil
}
