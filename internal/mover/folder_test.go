package mover

import (
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

// TestFolderWithRoom has a folder whose owner counts, by a clock of its own.
func TestFolderWithRoom(t *testing.T) {
	dir, now := t.TempDir(), time.Unix(1e9, 0)
	room, taken := int64(1<<20), int64(0)
	v, err := OpenFolder(dir, Options{Key: testKey(t), Now: func() time.Time { return now }, Room: func(more int64) bool {
		if taken+more > room {
			return false
		}
		taken += more
		return true
	}})
	if err != nil {
		t.Fatal(err)
	}
	first := mustBackup(t, v, noise(1, 100_000), testMeta)
	var size int64
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil && !info.ModTime().Equal(now) {
			t.Errorf("%s is of %s", entry.Name(), info.ModTime())
		}
		size += info.Size()
		return err
	})
	if err != nil || size != taken || size < 100_000 {
		t.Errorf("%d bytes are there and %d were taken; %v", size, taken, err)
	}
	room = taken + 1000
	_, err = v.Backup(t.Context(), noise(2, 100_000), testMeta, nil)
	want(t, err, Full)
	if got := points(t, v); len(got) != 1 || got[0].ID != first.ID {
		t.Errorf("the recovery points are %v", got)
	}
}
