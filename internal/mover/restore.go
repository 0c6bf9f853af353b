package mover

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Restore writes a recovery point into a target, and compares what it writes with the checksums of each block and of the
// whole. What a larger target has beyond it is left as it is. progress is called by one goroutine at a time, may be nil. The
// error is an [*Error]: the target is then not to be used.
func (v *Vault) Restore(ctx context.Context, id string, target Target, progress func(Progress)) (RecoveryPoint, error) {
	d, err := v.point(ctx, id)
	if err != nil {
		return RecoveryPoint{}, v.explained(opRestore, err)
	}
	if target.Size() < d.Size {
		err := fail(TargetTooSmall, nil, "the recovery point has %d bytes and the target %d", d.Size, target.Size())
		return RecoveryPoint{}, v.explained(opRestore, err)
	}
	r := &restore{vault: v, document: d, target: target, progress: progress, tree: sha256.New(), free: newScratches(workers)}
	if d.SHA256 != "" {
		r.whole = sha256.New()
	}
	zeroed, ok := target.(Zeroed)
	r.sparse = ok && zeroed.Zeroed()
	return d.RecoveryPoint, v.explained(opRestore, r.run(ctx))
}

// point finds a recovery point by its id.
func (v *Vault) point(ctx context.Context, id string) (*document, error) {
	if !validID(id) {
		return nil, fail(Unknown, nil, "%q is not the id of a recovery point", id)
	}
	d, err := (*document)(nil), error(fail(Unknown, nil, "there is no recovery point %s", id))
	for o, failed := range v.store.list(ctx, pointsDir+id+".") {
		if failed != nil {
			return nil, failed
		}
		// There is more than one only if somebody copied it: any that can be read is as good.
		if d, err = v.readPoint(ctx, o.name); err == nil {
			return d, nil
		}
	}
	return d, err
}

// readSegment reads a run of blocks. Without a list of it, they are zeros.
func (v *Vault) readSegment(ctx context.Context, d *document, index int64) (segment, error) {
	s := make(segment, d.SegmentBlocks)
	i, ok := slices.BinarySearchFunc(d.Segments, index, func(r segmentRef, index int64) int { return cmp.Compare(r.Index, index) })
	if !ok {
		return s, nil
	}
	e, err := d.Segments[i].entry()
	if err != nil {
		return nil, err
	}
	text, err := v.readBlob(ctx, d, &e, &scratch{})
	if err != nil {
		return nil, err
	}
	if err := s.decode(index, text); err != nil {
		return nil, fail(Tampered, err, "%v", err)
	}
	return s, nil
}

// readBlob reads a blob and compares it with its checksum. What it returns is in the scratch.
func (v *Vault) readBlob(ctx context.Context, d *document, e *entry, s *scratch) ([]byte, error) {
	source, _, _ := strings.Cut(d.ID, "-")
	name := blobName(blobsDir(source), e.blob)
	var err error
	if s.even, err = v.store.get(ctx, name, s.even, maxSealed); err != nil {
		return nil, err
	}
	size := len(s.even)
	plain, err := v.crypt.open(name, s.even, s)
	switch {
	case err == nil && sha256.Sum256(plain) == e.sum:
		return plain, nil
	case size < int(e.size):
		return nil, fail(CutShort, err, "the object %s has %d of its %d bytes", name, size, e.size)
	case err == nil || errors.Is(err, WrongKey):
		return nil, fail(Tampered, err, "the object %s was replaced by another", name)
	}
	return nil, err
}

// restore is one run.
type restore struct {
	vault    *Vault
	document *document
	target   Target
	// sparse means that the target needs no zeros.
	sparse bool
	// whole is nil if the recovery point has no checksum of all bytes.
	whole, tree hash.Hash
	// free are what blocks on their way work with: a block waits for one.
	free        chan *scratch
	progress    func(Progress)
	done, moved int64
}

func (r *restore) run(ctx context.Context) error {
	for i := range r.document.segments(r.document.Size) {
		s, err := r.vault.readSegment(ctx, r.document, i)
		if err != nil {
			return err
		}
		if err := r.segment(ctx, i, s); err != nil {
			return err
		}
		s.addTo(r.tree, r.document.geometry, r.document.Size, i)
	}
	if hex.EncodeToString(r.tree.Sum(nil)) != r.document.TreeSHA256 {
		return fail(Tampered, nil, "the checksum of all blocks is not that of the recovery point")
	}
	if r.whole != nil && hex.EncodeToString(r.whole.Sum(nil)) != r.document.SHA256 {
		return fail(Tampered, nil, "the checksum of the volume is not that of the recovery point")
	}
	return nil
}

// fetched is a block on its way: plain comes with the scratch that it is in.
type fetched struct {
	entry *entry
	plain chan []byte
	work  *scratch
}

// segment writes a run of blocks in order, while the next ones are on their way.
func (r *restore) segment(ctx context.Context, index int64, s segment) error {
	tasks, ctx := errgroup.WithContext(ctx)
	queue := make(chan fetched, workers)
	tasks.Go(func() error {
		defer close(queue)
		return r.fetch(ctx, tasks, s, r.document.blocks(r.document.Size, index), queue)
	})
	tasks.Go(func() error { return r.write(ctx, index, queue) })
	return tasks.Wait()
}

// fetch starts a task for each block that is not zeros, as far as there is scratch for it.
func (r *restore) fetch(ctx context.Context, tasks *errgroup.Group, s segment, n int64, queue chan<- fetched) error {
	for i := range n {
		f := fetched{entry: &s[i]}
		if !f.entry.zero() {
			select {
			case f.work = <-r.free:
			case <-ctx.Done():
				return ctx.Err()
			}
			f.work.grow(r.document.BlockSize)
			f.plain = make(chan []byte, 1)
			tasks.Go(func() error {
				plain, err := r.vault.readBlob(ctx, r.document, f.entry, f.work)
				if err == nil {
					f.plain <- plain
				}
				return err
			})
		}
		select {
		case queue <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// write takes the blocks as they are asked for.
func (r *restore) write(ctx context.Context, index int64, queue <-chan fetched) error {
	block := int64(0)
	for f := range queue {
		offset, length := r.document.blockRange(r.document.Size, index, block)
		block++
		plain := zeros[:length]
		if f.work != nil {
			select {
			case plain = <-f.plain:
			case <-ctx.Done():
				return ctx.Err()
			}
			if int64(len(plain)) != length {
				return fail(Tampered, nil, "a block has %d bytes instead of %d", len(plain), length)
			}
		}
		if err := r.writeBlock(offset, plain, f.entry); err != nil {
			return err
		}
		if f.work != nil {
			r.free <- f.work
		}
	}
	return ctx.Err()
}

func (r *restore) writeBlock(offset int64, plain []byte, e *entry) error {
	if r.whole != nil {
		r.whole.Write(plain)
	}
	if !e.zero() || !r.sparse {
		if _, err := r.target.WriteAt(plain, offset); err != nil {
			return fail(TargetFailed, err, "the target cannot be written at byte %d: %v", offset, err)
		}
	}
	r.done += int64(len(plain))
	r.moved += int64(e.size)
	if r.progress != nil {
		r.progress(Progress{Size: r.document.Size, Done: r.done, Moved: r.moved})
	}
	return nil
}
