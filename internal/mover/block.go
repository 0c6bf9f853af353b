package mover

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"golang.org/x/sync/errgroup"
)

// block finds out where a block is, or starts a task that reads no more and brings it there. The entry is right once all
// tasks are done.
func (b *backup) block(ctx context.Context, tasks *errgroup.Group, index, i int64, old segment, e *entry) error {
	offset, length := b.blockRange(b.size, index, i)
	used, err := b.allocated.touches(offset, length)
	if err != nil {
		return err
	}
	changed, err := b.changed.touches(offset, length)
	if err != nil {
		return err
	}
	var previous *entry
	if old != nil {
		// A volume may have become larger, and what was its last block with it.
		if _, before := b.blockRange(b.parent.Size, index, i); before == length {
			previous = &old[i]
		}
	}
	switch {
	case !used:
		b.zeros(length)
		return nil
	case !changed && previous != nil && previous.zero():
		b.zeros(length)
		return nil
	case !changed && previous != nil:
		ok, err := b.relied(ctx, previous)
		if err != nil {
			return err
		}
		if ok {
			*e, b.whole = *previous, nil
			b.advance(length, 0)
			return nil
		}
	}
	return b.readBlock(ctx, tasks, offset, length, previous, e)
}

// zeros takes note of a block that is not read as it is known. Its SHA-256 is known as well, where that of the whole volume
// would take as long as for data: most volumes have more holes than data.
func (b *backup) zeros(length int64) {
	b.whole = nil
	b.advance(length, 0)
}

// readBlock reads a block and starts the task that keeps it.
func (b *backup) readBlock(ctx context.Context, tasks *errgroup.Group, offset, length int64, previous, e *entry) error {
	var s *scratch
	select {
	case s = <-b.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.grow(b.BlockSize)
	plain := s.even[:length]
	if n, err := b.src.ReadAt(plain, offset); n < len(plain) {
		if err == nil || errors.Is(err, io.EOF) {
			return fail(SourceFailed, err, "the volume ends at byte %d, before its size of %d", offset+int64(n), b.size)
		}
		return fail(SourceFailed, err, "the volume cannot be read at byte %d: %v", offset+int64(n), err)
	}
	if b.whole != nil {
		b.whole.Write(plain)
	}
	tasks.Go(func() (err error) {
		defer func() { b.free <- s }()
		if !bytes.Equal(plain, zeros[:length]) {
			sum := sha256.Sum256(plain)
			// One that is the same, but of another size than it had, was cut.
			whole := func(size uint32) bool { return previous == nil || previous.sum != sum || previous.size == size }
			if *e, err = b.keep(ctx, plain, sum, whole, s); err != nil {
				return err
			}
		}
		b.advance(length, length)
		return nil
	})
	return nil
}

// relied says whether what the parent has can be relied on: it is there in full, and not too old.
func (b *backup) relied(ctx context.Context, previous *entry) (bool, error) {
	size, put, err := b.known.find(ctx, previous.blob)
	return size == previous.size && !b.tooOld(put), err
}

func (b *backup) tooOld(put time.Time) bool {
	return b.vault.renewAfter > 0 && b.vault.now().Sub(put) > b.vault.renewAfter
}

// keep returns where these bytes are in the vault, and puts them there unless they are, are not too old, and are good by
// their size.
func (b *backup) keep(
	ctx context.Context, plain []byte, sum [hashSize]byte, good func(size uint32) bool, s *scratch,
) (entry, error) {
	e := entry{sum: sum, blob: [hashSize]byte(b.vault.crypt.mac([]byte("blob"), sum[:]))}
	size, put, err := b.known.find(ctx, e.blob)
	if err != nil {
		return e, err
	}
	if size > 0 && !b.tooOld(put) && good(size) {
		e.size = size
		return e, nil
	}
	sealed, err := b.vault.crypt.seal(plain, s)
	if err != nil {
		return e, err
	}
	if err := b.vault.store.put(ctx, blobName(b.known.dir, e.blob), sealed); err != nil {
		return e, err
	}
	e.size = uint32(len(sealed)) //nolint:gosec // It fits, see maxSealed.
	b.known.add(e.blob, e.size, b.vault.now())
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploaded += int64(len(sealed))
	return e, nil
}

// advance takes note of bytes of the volume that need nothing any more.
func (b *backup) advance(done, read int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done += done
	b.read += read
	if b.progress != nil {
		b.progress(Progress{Size: b.size, Done: b.done, Moved: b.uploaded})
	}
}
