package mover

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// clockSlack is how far the clocks of those who write to a vault may be apart.
const clockSlack = 5 * time.Minute

// Progress is how far a backup or a restore is, in bytes of the volume.
type Progress struct {
	// Size is that of the volume, Done how much of it needs nothing any more.
	Size, Done int64
	// Moved are the bytes uploaded or downloaded, as they are in the vault.
	Moved int64
}

// Backup makes a recovery point of a source. It uploads what the vault does not have, and last of all the recovery point
// itself: a run that ends before that leaves none, and the next one does not upload again what is there. progress is called
// by one goroutine at a time, may be nil. The error is an [*Error].
func (v *Vault) Backup(ctx context.Context, src Source, m Meta, progress func(Progress)) (RecoveryPoint, error) {
	b := &backup{vault: v, geometry: v.geometry, src: src, size: src.Size(), progress: progress, whole: sha256.New(), tree: sha256.New()}
	d, err := b.run(ctx, m)
	if err != nil {
		return RecoveryPoint{}, v.explained(opBackup, err)
	}
	return d.RecoveryPoint, nil
}

// backup is one run.
type backup struct {
	vault *Vault
	geometry
	src  Source
	size int64
	// parent is nil for the first run.
	parent *document
	known  *presence
	// allocated and changed may be nil, for all of the volume.
	allocated, changed *cursor
	// whole is nil once something was not read.
	whole, tree hash.Hash
	// free are what blocks on their way work with: a block waits for one.
	free chan *scratch

	mu       sync.Mutex
	progress func(Progress)
	done     int64
	read     int64
	uploaded int64
}

func (b *backup) run(ctx context.Context, m Meta) (*document, error) {
	if err := b.begin(ctx, m); err != nil {
		return nil, err
	}
	defer b.allocated.close()
	defer b.changed.close()
	d := &document{geometry: b.geometry, RecoveryPoint: RecoveryPoint{
		ID: b.vault.crypt.newPointID(m), Source: m, Size: b.size, Format: formatName,
	}}
	if b.parent != nil {
		d.Parent = b.parent.ID
	}
	for i := range b.segments(b.size) {
		ref, err := b.segment(ctx, i)
		if err != nil {
			return nil, err
		}
		if ref != nil {
			d.Segments = append(d.Segments, *ref)
		}
	}
	if b.whole != nil {
		d.SHA256 = hex.EncodeToString(b.whole.Sum(nil))
	}
	d.TreeSHA256 = hex.EncodeToString(b.tree.Sum(nil))
	d.BytesRead, d.BytesUploaded, d.FinishedAt = b.read, b.uploaded, b.vault.now().UTC()
	return d, b.vault.writePoint(ctx, d)
}

// begin looks what there is already.
func (b *backup) begin(ctx context.Context, m Meta) (err error) {
	switch ahead := m.TakenAt.Sub(b.vault.now()); {
	case m.Operator == "" || m.Kind == "" || m.ID == "" || m.TakenAt.IsZero():
		return fail(Misconfigured, nil, "operator, kind and id of the volume are required, and when it was as it is read")
	case b.size < 0 || b.size > MaxSize:
		return fail(Misconfigured, nil, "a volume of %d bytes cannot be backed up, as at most %d can", b.size, int64(MaxSize))
	case ahead > clockSlack:
		return fail(ClockOff, nil, "the volume is said to be as it will be in %s", ahead.Round(time.Second))
	}
	source := b.vault.crypt.sourceID(m)
	if b.parent, err = b.vault.newest(ctx, source); err != nil {
		return err
	}
	if b.parent != nil && m.TakenAt.Add(clockSlack).Before(b.parent.Source.TakenAt) {
		return fail(ClockOff, nil, "the volume is said to be as it was at %s, but there is a recovery point of %s already",
			m.TakenAt.UTC().Format(time.RFC3339), b.parent.Source.TakenAt.UTC().Format(time.RFC3339))
	}
	b.known = b.vault.presence(source)
	if s, ok := b.src.(Sparse); ok {
		b.allocated = newCursor(s.Allocated(ctx))
	}
	if t, ok := b.src.(Tracked); ok && b.parent != nil {
		if extents, known := t.Changed(ctx, b.parent.RecoveryPoint); known {
			b.changed = newCursor(extents)
		}
	}
	b.free = newScratches(workers + 1)
	return nil
}

// segment backs up a run of blocks, and returns where its list is, nil if all of them are zeros.
func (b *backup) segment(ctx context.Context, index int64) (*segmentRef, error) {
	old, spoilt, err := b.before(ctx, index)
	if err != nil {
		return nil, err
	}
	s := make(segment, b.SegmentBlocks)
	tasks, taskCtx := errgroup.WithContext(ctx)
	tasks.SetLimit(workers)
	for i := range b.blocks(b.size, index) {
		if err = b.block(taskCtx, tasks, index, i, old, &s[i]); err != nil {
			break
		}
	}
	// If a task failed, that is why the loop was told to end.
	if failed := tasks.Wait(); failed != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = failed
	}
	if err != nil {
		return nil, err
	}
	s.addTo(b.tree, b.geometry, b.size, index)
	return b.writeSegment(ctx, index, s, spoilt)
}

// before is what the segment was in the parent, nil if that is not known. One that is spoilt is as good as none: what it
// was is then made again from the source.
func (b *backup) before(ctx context.Context, index int64) (s segment, spoilt bool, err error) {
	if b.parent == nil || b.parent.geometry != b.geometry || index >= b.segments(b.parent.Size) {
		return nil, false, nil
	}
	s, err = b.vault.readSegment(ctx, b.parent, index)
	if err != nil && damaged(err) {
		return nil, true, nil
	}
	return s, false, err
}

// writeSegment keeps the list of a segment. If the one before is spoilt, and may be the same, what is there is not relied on.
func (b *backup) writeSegment(ctx context.Context, index int64, s segment, spoilt bool) (*segmentRef, error) {
	text := s.encode(index)
	if len(text) == 0 {
		return nil, nil //nolint:nilnil // A segment of zeros is nowhere.
	}
	var work scratch
	sum := sha256.Sum256(text)
	e, err := b.keep(ctx, text, sum, func(uint32) bool { return !spoilt }, &work)
	if err != nil {
		return nil, err
	}
	return &segmentRef{
		Index: index, SHA256: hex.EncodeToString(sum[:]), Blob: hex.EncodeToString(e.blob[:]), Size: int64(e.size),
	}, nil
}
