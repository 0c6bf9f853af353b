package sandbox

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// opener is where a vault's bytes are. To each key, there is a part of its own.
type opener interface {
	// open opens the part of a key.
	open(ctx context.Context, o mover.Options) (*mover.Vault, error)
	// openAny opens what a key has written, or else what another has, which says that it is another's.
	openAny(ctx context.Context, o mover.Options) (*mover.Vault, error)
	// now is the time that items are dated by.
	now() time.Time
}

// shelf is where an operator keeps a vault's bytes.
type shelf interface {
	opener
	// each visits what is there. What vanishes meanwhile is not.
	each(ctx context.Context, f func(item)) error
	// erase ends it with all that is there, and with the users that there are of it.
	erase(ctx context.Context, users []string) error
}

// item is something in a vault, below the part of a key.
type item struct {
	name string
	// folder is points or another part of the mover's format.
	folder  string
	size    int64
	written time.Time
	remove  func() error
	// hold locks what nothing has locked when it was written; nil if that cannot be.
	hold func() error
}

func (i item) isPoint() bool { return i.folder == "points" }

// locks reports whether a vault is to lock an item. A folder locks nothing, and holds on to recovery points alone.
func (i item) locks() bool { return i.hold != nil || i.isPoint() }

// folderShelf is a folder, in which nothing is locked.
type folderShelf struct {
	dir   string
	clock *clock
	// room takes room in the vault, and reports whether there is so much.
	room func(more int64) bool
}

func (s folderShelf) open(_ context.Context, o mover.Options) (*mover.Vault, error) {
	o.Now, o.Room = s.clock.now, s.room
	return mover.OpenFolder(filepath.Join(s.dir, fingerprint(o.Key)), o)
}

func (s folderShelf) openAny(_ context.Context, o mover.Options) (*mover.Vault, error) {
	var folders []string
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // Nothing has been written yet.
		return nil, err
	}
	for _, entry := range entries {
		folders = append(folders, entry.Name())
	}
	o.Now = s.clock.now
	return mover.OpenFolder(filepath.Join(s.dir, folderOf(o.Key, folders)), o)
}

// fingerprints are what parts of keys are called. What else there is in a vault other tools have written.
var fingerprints = regexp.MustCompile(`^[0-9a-f]{16}$`)

// folderOf is the part of a key, or if there is none the first of others.
func folderOf(key string, folders []string) string {
	ours := fingerprint(key)
	others := slices.DeleteFunc(folders, func(folder string) bool { return !fingerprints.MatchString(folder) })
	if len(others) == 0 || slices.Contains(others, ours) {
		return ours
	}
	return slices.Min(others)
}

func (s folderShelf) each(_ context.Context, f func(item)) error {
	return filepath.WalkDir(s.dir, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err == nil {
			f(item{
				name: file, folder: filepath.Base(filepath.Dir(file)), size: info.Size(), written: info.ModTime(),
				remove: func() error { return os.Remove(file) },
			})
		}
		return nil
	})
}

func (s folderShelf) now() time.Time { return s.clock.now() }

func (s folderShelf) erase(context.Context, []string) error { return os.RemoveAll(s.dir) }
