package backuprun_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// disks are the files behind an operator's volumes, as cloud.VolumeBytes.
type disks struct {
	operator, dir string
	now           func() time.Time
	// most is how much of a volume there is to read, of which the rest is zeros; 0 is all. Reading GiB of nothing takes long.
	most int64

	mu    sync.Mutex
	marks map[string]string
	// left is what was frozen or filled and not removed, by its purpose.
	left map[string]int
	// freezing is called before volumes are frozen, opened before one is read, filling before one is filled; they may be nil.
	freezing        func() error
	opened, filling func(volumeID string) error
}

func (d *disks) path(id string) string { return filepath.Join(d.dir, id+".img") }

// meanwhile has something done from now on when volumes are frozen, read or filled; nil has nothing done.
func (d *disks) meanwhile(freezing func() error, opened, filling func(volumeID string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.freezing, d.opened, d.filling = freezing, opened, filling
}

func (d *disks) note(purpose string, more int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left[purpose] += more; d.left[purpose] == 0 {
		delete(d.left, purpose)
	}
}

func (d *disks) leftOver() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.left)
}

func (d *disks) Readable(_ context.Context, id string) error {
	if _, err := os.Stat(d.path(id)); err != nil {
		return &cloud.Error{Reason: cloud.ErrNotFound, Operator: d.operator, Text: "There is no volume " + id + "."}
	}
	return nil
}

func (d *disks) Freeze(ctx context.Context, volumeIDs []string, purpose string) (all []cloud.FrozenVolume, err error) {
	d.mu.Lock()
	freezing := d.freezing
	d.mu.Unlock()
	if freezing != nil {
		if err := freezing(); err != nil {
			return nil, err
		}
	}
	for _, id := range volumeIDs {
		from, err := mover.OpenFile(d.path(id))
		if err != nil {
			return nil, &cloud.Error{Reason: cloud.ErrNotFound, Operator: d.operator, Text: "There is no volume " + id + "."}
		}
		f := &frozen{disks: d, id: id, purpose: purpose, at: d.now(), size: from.Size(), copy: d.path(id) + "." + purpose}
		if d.most > 0 {
			f.size = min(f.size, d.most)
		}
		_ = os.Remove(f.copy)
		to, err := mover.CreateTarget(f.copy, from.Size())
		for e, failure := range from.Allocated(ctx) {
			if err = errors.Join(err, failure); err == nil {
				_, err = io.Copy(io.NewOffsetWriter(to, e.Offset), io.NewSectionReader(from, e.Offset, e.Length))
			}
		}
		if err = errors.Join(err, to.Close(), from.Close()); err != nil {
			return nil, err
		}
		d.note(purpose, 1)
		all = append(all, f)
	}
	return all, nil
}

type frozen struct {
	*disks
	id, purpose, copy string
	at                time.Time
	size              int64
}

func (f *frozen) VolumeID() string   { return f.id }
func (f *frozen) TakenAt() time.Time { return f.at }
func (f *frozen) SizeBytes() int64   { return f.size }

func (f *frozen) Open(ctx context.Context) (io.ReadCloser, error) {
	f.mu.Lock()
	opened := f.opened
	f.mu.Unlock()
	if opened != nil {
		if err := opened(f.id); err != nil {
			return nil, err
		}
	}
	from, err := mover.OpenFile(f.copy)
	if err != nil {
		return nil, err
	}
	r := &reader{File: from, size: f.size}
	for e, failure := range from.Allocated(ctx) {
		r.extents, err = append(r.extents, e), errors.Join(err, failure)
	}
	return r, err
}

// reader reads a file without asking for its holes.
type reader struct {
	*mover.File
	extents  []mover.Extent
	at, size int64
}

func (r *reader) Read(p []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), r.size-r.at)]
	clear(p)
	end := r.at + int64(len(p))
	for _, e := range r.extents {
		from, to := max(e.Offset, r.at), min(e.Offset+e.Length, end)
		if from < to {
			if _, err := r.ReadAt(p[from-r.at:to-r.at], from); err != nil {
				return 0, err
			}
		}
	}
	r.at = end
	return len(p), nil
}

func (f *frozen) Close(context.Context) error {
	f.note(f.purpose, -1)
	return os.Remove(f.copy)
}

func (d *disks) Fill(_ context.Context, id, purpose string, size int64, write func(io.Writer) error) error {
	d.note(purpose, 1)
	d.mu.Lock()
	filling := d.filling
	d.mu.Unlock()
	if filling != nil {
		if err := filling(id); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(d.path(id), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	to := &counter{to: f}
	if err = write(to); err == nil && to.n != size {
		err = fmt.Errorf("%d bytes were written and not %d", to.n, size)
	}
	if err == nil {
		d.note(purpose, -1)
	}
	return errors.Join(err, f.Close())
}

// counter leaves holes where zeros are written.
type counter struct {
	to *os.File
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	if slices.ContainsFunc(p, func(b byte) bool { return b != 0 }) {
		if _, err := c.to.WriteAt(p, c.n); err != nil {
			return 0, err
		}
	}
	c.n += int64(len(p))
	return len(p), nil
}

func (d *disks) Mark(_ context.Context, id, text string) error {
	if len(text) > 255 {
		return fmt.Errorf("a mark has %d bytes", len(text))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.marks[id] = text
	return nil
}

func (d *disks) Marked(_ context.Context, id string) (string, error) { return d.markOf(id), nil }

func (d *disks) markOf(id string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.marks[id]
}

func (d *disks) Tidy(_ context.Context, purpose string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.left, purpose)
	return nil
}
