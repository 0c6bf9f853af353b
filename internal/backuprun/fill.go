package backuprun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// restore fills a volume.
type restore struct {
	*runner
	volumeID, key string
	from          cloud.Restored
	size          int64
	// again says that there may be something left over of an earlier one.
	again  bool
	cancel context.CancelFunc
	// until is what the volume's mark says, as long as nobody else has written another.
	until time.Time
	// done is closed when it is over. failure is why it has failed; empty if it has not.
	done    chan struct{}
	failure string

	mu       sync.Mutex
	progress mover.Progress
}

func (f *restore) over() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (f *restore) message() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.progress.Size == 0 {
		return "Waiting to be restored"
	}
	return fmt.Sprintf("%d %% restored, %s downloaded", percent(f.progress), quantity(f.progress.Moved))
}

// restoring is the restore of a volume by this process, also one that is over and has failed.
func (r *runner) restoring(volumeID string) *restore {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.restores[volumeID]
}

// beginRestore marks a volume before there is anything in it, and has it filled for as long as the process lives.
func (r *runner) beginRestore(ctx context.Context, volume cloud.StorageVolume, from cloud.RestoreFrom, p mover.RecoveryPoint) error {
	m, marked := parseMark(volume.Mark)
	switch {
	case marked && m.state != restoring || r.restoring(volume.ID) != nil:
		return nil // It was begun before.
	case marked && r.now().Before(m.until):
		return &cloud.Error{
			Reason: cloud.ErrBusy, Operator: r.op.Name, Text: "Another Terraform restores the volume, or did so until a moment ago.",
			RetryAfter: m.until.Sub(r.now()),
		}
	case p.Size > volume.SizeGiB<<30:
		return r.invalid("/size_gib", "The recovery point %s has %d bytes, which do not fit into the %d GiB of the volume that an earlier run "+
			"has made.", p.ID, p.Size, volume.SizeGiB)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &restore{
		runner: r, volumeID: volume.ID, key: from.Key, size: p.Size, again: marked, cancel: cancel, done: make(chan struct{}),
		from: cloud.Restored{
			VaultID: from.VaultID, RecoveryPointID: p.ID, VolumeID: p.Source.ID, TakenAt: p.Source.TakenAt, TreeSHA256: p.TreeSHA256,
		},
	}
	if err := f.mark(ctx, restoring, ""); err != nil {
		cancel()
		return r.refused(cloud.ErrUnavailable, "The volume was made, and could not be marked as one that is to be restored. "+words(err),
			"Nothing is in it yet. Apply again, and it is gone on with.")
	}
	r.mu.Lock()
	r.restores[volume.ID] = f
	r.mu.Unlock()
	go func() {
		defer close(f.done)
		defer cancel()
		f.carryOut(running)
	}()
	return nil
}

// restoreAgain begins a restore anew that was cut off. What it is of was chosen the first time.
func (r *runner) restoreAgain(ctx context.Context, volume cloud.StorageVolume, m mark, from *cloud.RestoreFrom) error {
	if from == nil || from.Key == "" {
		return r.refused(cloud.ErrConflict, "The restore of the volume was cut off, and there is nothing usable in it.",
			"Write restore_from down as it was, and it is restored from the beginning, or make another: terraform apply -replace=ADDRESS.")
	}
	same := cloud.RestoreFrom{VaultID: m.VaultID, Key: from.Key, RecoveryPointID: m.RecoveryPointID}
	p, err := r.choosePoint(ctx, cloud.StorageVolumeSpec{SizeGiB: volume.SizeGiB, RestoreFrom: &same})
	if err != nil {
		return err
	}
	return r.beginRestore(ctx, volume, same, p)
}

// mark keeps at the volume what has become of it.
func (f *restore) mark(ctx context.Context, state, words string) error {
	const attempts = 20
	var err error
	for range attempts {
		m := mark{state: state, Restored: f.from, words: words, until: f.now().Add(lease).Truncate(time.Second)}
		err = f.op.VolumeBytes.Mark(ctx, f.volumeID, m.text())
		if err == nil {
			f.until = m.until
		}
		if !passing(err) || !wait(ctx, pause) {
			return err
		}
	}
	return err
}

// taken reports whether another process has begun anew, as this one gave no sign of life.
func (f *restore) taken(ctx context.Context) bool {
	is, err := f.volumes.Get(ctx, f.volumeID)
	if err != nil {
		return false
	}
	m, _ := parseMark(is.Mark)
	return m.state != restoring || !m.until.Equal(f.until)
}

// stayAlive renews the lease, and ends the restore if it was lost.
func (f *restore) stayAlive(ctx context.Context) {
	for wait(ctx, renewal) {
		if f.taken(ctx) {
			f.cancel()
			return
		}
		// To its end, or nobody knows which mark the volume has. If the lease ends, somebody may begin anew, and that is all.
		_ = f.mark(context.WithoutCancel(ctx), restoring, "")
	}
}

// carryOut fills the volume, and says with it what has become of that.
func (f *restore) carryOut(ctx context.Context) {
	filling, filled := context.WithCancel(ctx)
	var alive sync.WaitGroup
	alive.Go(func() { f.stayAlive(filling) })
	_, err := cloud.Caught(func() (struct{}, error) { return struct{}{}, f.fill(ctx) })
	filled()
	alive.Wait()
	ctx = context.WithoutCancel(ctx)
	if f.taken(ctx) {
		f.failure = words(errTaken)
		return
	}
	if err == nil {
		if err = f.mark(ctx, restored, ""); err == nil {
			f.runner.mu.Lock()
			delete(f.restores, f.volumeID)
			f.runner.mu.Unlock()
			return
		}
	}
	f.failure = words(err)
	_ = f.mark(ctx, restoreFailed, f.failure) // As long as it says that it is being restored, nobody uses it either.
}

func (f *restore) fill(ctx context.Context) error {
	if err := f.volumeReady(ctx); err != nil {
		return err
	}
	select {
	case f.width <- struct{}{}:
		defer func() { <-f.width }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if f.again {
		if err := f.op.VolumeBytes.Tidy(ctx, f.volumeID); err != nil {
			return err
		}
	}
	v, end, err := f.open(ctx, f.op, f.from.VaultID, cloud.VaultReader, mover.Options{Key: f.key})
	if err != nil {
		return err
	}
	defer end()
	var moved error
	begun := f.now()
	err = f.op.VolumeBytes.Fill(ctx, f.volumeID, f.volumeID, f.size, func(to io.Writer) error {
		target := &sink{ctx: ctx, to: to, size: f.size}
		if _, moved = v.Restore(ctx, f.from.RecoveryPointID, target, f.noteProgress); moved == nil {
			return target.fill(f.size)
		}
		return moved
	})
	switch {
	case errors.Is(moved, mover.Denied) && f.now().Sub(begun) >= keyTTL:
		return f.refused(cloud.ErrFailed, "It took longer than the 7 days that a key of the vault lives.", "The vault is untouched. Run "+
			"Terraform on a machine with a faster way to the vault and to the operator, and make the volume anew: terraform apply "+
			"-replace=ADDRESS.")
	case moved != nil:
		return moved // It says more than what the operator makes of it.
	}
	return err
}

func (f *restore) noteProgress(now mover.Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.progress = now
}

// volumeReady waits for the volume itself.
func (f *restore) volumeReady(ctx context.Context) error {
	for {
		is, err := f.volumes.Await(ctx, f.volumeID, time.Minute)
		switch {
		case err == nil && is.State == cloud.StateReady:
			return nil
		case err == nil && is.State == cloud.StateFailed:
			return f.refused(cloud.ErrFailed, is.StateMessage, "")
		case err != nil && !passing(err):
			return err
		}
		if !wait(ctx, pause) {
			return ctx.Err()
		}
	}
}
