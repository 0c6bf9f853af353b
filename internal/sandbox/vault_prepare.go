package sandbox

import (
	"maps"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// prepareVault has a bucket made for a vault, or its lock changed, unless the bucket has that lock. A fault that was ordered
// has the last word.
func (w *world) prepareVault(o *object) {
	if !o.Derived.Bucket || o.Next == api.StateFailed || o.Due.IsZero() || o.Derived.Lock == lockOf(vaultSpec(o)) {
		return
	}
	o.Due = time.Time{}
	w.transfers.prepareVault(w, o)
}

// prepareVault makes a vault, or it fails. One that there is does not fail, as it holds backups: it is tried again until the S3
// answers.
func (t *transfers) prepareVault(w *world, o *object) {
	lock := lockOf(vaultSpec(o))
	t.begin(w, o.ID, func() func() {
		err := t.makeVault(o.ID, lock)
		for err != nil && o.State == api.StateUpdating && t.wait(t.pause) {
			t.logger.Error("the lock of a vault is not changed yet", "operator", w.profile.Name, "vault", o.ID, "error", err)
			err = t.makeVault(o.ID, lock)
		}
		return func() {
			is := w.objects[o.ID]
			if is == nil || is.settled() || !is.Due.IsZero() {
				return
			}
			next := is.copy()
			if next.Due = w.clock.now(); err != nil {
				next.Next, next.Failure = api.StateFailed, "The S3 behind it says: "+err.Error()
			} else {
				next.Derived.Lock = lock
			}
			w.put(next)
		}
	})
}

func (t *transfers) makeVault(id string, lock objectstore.Lock) error {
	if t.vaults.store == nil {
		return errNoS3
	}
	return t.vaults.store.Make(t.ctx, id, lock)
}

// wait waits, and reports whether the sandbox is still there.
func (t *transfers) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.ctx.Done():
		return false
	}
}

func lockOf(spec *api.BackupVaultCreate) objectstore.Lock {
	lock := spec.Immutability
	return objectstore.Lock{Compliance: lock.Mode == api.ImmutabilityModeCompliance, Days: int64(lock.Days)}
}

// leaveVault has the bucket of a vault erased with all that is in it, and its keys. The vault is there until that is done.
func (w *world) leaveVault(o *object) {
	if !o.Derived.Bucket || o.Next != gone || o.Due.IsZero() {
		return
	}
	o.Due = time.Time{}
	w.transfers.eraseVault(w, o)
}

// eraseVault erases a bucket, and tries again until it is done.
func (t *transfers) eraseVault(w *world, o *object) {
	users := slices.Collect(maps.Keys(o.Derived.Keys))
	t.begin(w, o.ID, func() func() {
		s, err := t.vaults.at(o.ID)
		if err != nil {
			return func() {} // A sandbox with an S3 goes on.
		}
		for err = s.erase(t.ctx, users); err != nil && t.wait(t.pause); err = s.erase(t.ctx, users) {
			t.logger.Error("a vault is not erased yet", "operator", w.profile.Name, "vault", o.ID, "error", err)
		}
		return func() {
			if is := w.objects[o.ID]; is != nil && err == nil {
				next := is.copy()
				next.Due = w.clock.now()
				w.put(next)
			}
		}
	})
}

// removeVault erases a vault that is a folder.
func (w *world) removeVault(o *object) {
	s := w.vaults.take(o.ID)
	if s == nil || o.Derived.Bucket {
		return
	}
	if err := s.erase(w.transfers.ctx, nil); err != nil {
		w.transfers.logger.Error("something of a vault is left over", "operator", w.profile.Name, "vault", o.ID, "error", err)
	}
}

// wake has the schedules, and the keys that end, looked at now.
func (w *world) wake() {
	select {
	case w.planned <- struct{}{}:
	default: // It is going to be looked at.
	}
}
