package mover

import (
	"context"
	"io"
	"iter"
)

// Source is a volume to back up, as it was at one point in time: what it reads must not change during a backup. ReadAt is
// called by one goroutine, in ascending order.
type Source interface {
	io.ReaderAt
	// Size is in bytes.
	Size() int64
}

// Extent is a range of bytes of a volume.
type Extent struct{ Offset, Length int64 }

// Sparse is a source that knows which of its extents are allocated. All else reads as zeros, and is not read.
type Sparse interface {
	// Allocated returns extents in ascending order that do not overlap.
	Allocated(ctx context.Context) iter.Seq2[Extent, error]
}

// Tracked is a source that may know what has changed since an earlier recovery point. What has not is not read.
type Tracked interface {
	// Changed returns extents in ascending order that do not overlap, or false if it does not know. Labels of the
	// recovery point are those given with its backup, such as the id of a snapshot.
	Changed(ctx context.Context, since RecoveryPoint) (iter.Seq2[Extent, error], bool)
}

// Target is a volume to restore to. WriteAt is called by one goroutine, in ascending order.
type Target interface {
	io.WriterAt
	// Size is in bytes: a recovery point that is larger is refused.
	Size() int64
}

// Zeroed is a target that may know that it is all zeros, as a new volume is. If it does, no zeros are written.
type Zeroed interface {
	Zeroed() bool
}

// cursor goes along extents. A nil cursor is along all of the volume.
type cursor struct {
	next    func() (Extent, error, bool)
	stop    func()
	current Extent
	ended   bool
}

func newCursor(extents iter.Seq2[Extent, error]) *cursor {
	c := &cursor{}
	c.next, c.stop = iter.Pull2(extents)
	return c
}

func (c *cursor) close() {
	if c != nil {
		c.stop()
	}
}

// touches says whether an extent overlaps the range. Ranges have to be asked for in ascending order.
func (c *cursor) touches(offset, length int64) (bool, error) {
	if c == nil {
		return true, nil
	}
	for !c.ended && c.current.Offset+c.current.Length <= offset {
		if err := c.advance(); err != nil {
			return false, err
		}
	}
	return !c.ended && c.current.Offset < offset+length, nil
}

func (c *cursor) advance() error {
	e, err, ok := c.next()
	if !ok {
		c.ended = true
		return nil
	}
	if err != nil {
		return fail(SourceFailed, err, "the volume does not say which of its extents are in use: %v", err)
	}
	if e.Length < 0 || e.Offset < c.current.Offset+c.current.Length {
		return fail(SourceFailed, nil, "the extents that the volume is said to use overlap or are not in order, at byte %d", e.Offset)
	}
	c.current = e
	return nil
}
