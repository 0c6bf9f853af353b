package mover

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// folder is a store of files. It protects nothing: it is for tests, and for a copy of a vault on a disk.
type folder struct {
	dir string
	// now and room are those of [Options], may be nil.
	now  func() time.Time
	room func(more int64) bool
}

func (f *folder) String() string { return "the folder " + f.dir }

func (f *folder) file(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *folder) put(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	file := f.file(name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return f.failed(name, err)
	}
	more := int64(len(data))
	if info, err := os.Stat(file); err == nil {
		more -= info.Size()
	}
	if f.room != nil && !f.room(more) {
		return fail(Full, nil, "there is no room for the %d bytes of %s", len(data), name)
	}
	if err := f.replace(file, data); err != nil {
		if f.room != nil {
			f.room(-more)
		}
		return f.failed(name, err)
	}
	return nil
}

// replace writes a file as a whole.
func (f *folder) replace(file string, data []byte) error {
	// Its name begins with a dot, so that it is never listed.
	partial, err := os.CreateTemp(filepath.Dir(file), ".partial-")
	if err != nil {
		return err
	}
	_, err = partial.Write(data)
	err = errors.Join(err, partial.Close())
	if err == nil && f.now != nil {
		err = os.Chtimes(partial.Name(), f.now(), f.now())
	}
	if err == nil {
		err = os.Rename(partial.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(partial.Name()))
	}
	return nil
}

func (f *folder) get(ctx context.Context, name string, buffer []byte, limit int64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := os.Open(f.file(name))
	if err != nil {
		return nil, f.failed(name, err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	return read(file, name, buffer, limit)
}

func (f *folder) stat(ctx context.Context, name string) (object, error) {
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	info, err := os.Stat(f.file(name))
	if err != nil {
		return object{}, f.failed(name, err)
	}
	return object{name: name, size: info.Size(), modified: info.ModTime()}, nil
}

func (f *folder) list(ctx context.Context, prefix string) iter.Seq2[object, error] {
	return func(yield func(object, error) bool) {
		all, err := f.all(ctx, prefix)
		if err != nil {
			yield(object{}, err)
			return
		}
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// all walks no more than the folder that the prefix is in.
func (f *folder) all(ctx context.Context, prefix string) ([]object, error) {
	var found []object
	err := filepath.WalkDir(f.file(path.Dir(prefix+"x")), func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		rel, err := filepath.Rel(f.dir, file)
		name := filepath.ToSlash(rel)
		if err != nil || entry.IsDir() || !strings.HasPrefix(name, prefix) || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			found = append(found, object{name: name, size: info.Size(), modified: info.ModTime()})
		}
		return err
	})
	slices.SortFunc(found, func(a, b object) int { return cmp.Compare(a.name, b.name) })
	return found, err
}

func (f *folder) check(ctx context.Context, probe string) (Protection, error) {
	if err := f.put(ctx, probe, []byte("probe")); err != nil {
		return Protection{}, err
	}
	return f.protection(ctx)
}

func (f *folder) protection(context.Context) (Protection, error) {
	return Protection{}, fail(Unversioned, nil, "a folder keeps no versions and locks nothing")
}

func (f *folder) failed(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(Missing, err, "the object %s is not there", name)
	case errors.Is(err, fs.ErrPermission):
		return fail(Denied, err, "the file of %s cannot be used: %v", name, err)
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fail(Full, err, "there is no room for %s", name)
	}
	return fail(Unreachable, err, "%v", err)
}
