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

// eraseVault ends a vault with all that is in it, and its keys.
func (w *world) eraseVault(o *object) {
	s := w.vaults.take(o.ID)
	if s == nil {
		return
	}
	t, users := w.transfers, slices.Collect(maps.Keys(o.Derived.Keys))
	erase := func() {
		if err := s.erase(t.ctx, users); err != nil {
			t.logger.Error("something of a vault is left over", "operator", w.profile.Name, "vault", o.ID, "error", err)
		}
	}
	if o.Derived.Bucket {
		t.running.Go(erase)
		return
	}
	erase()
}

// wake has the schedules, and the keys that end, looked at now.
func (w *world) wake() {
	select {
	case w.planned <- struct{}{}:
	default: // It is going to be looked at.
	}
}
