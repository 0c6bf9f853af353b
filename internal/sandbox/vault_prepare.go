package sandbox

import (
	"maps"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// prepareVault has a bucket made for a vault, or its lock changed. A fault that was ordered has the last word.
func (w *world) prepareVault(o *object) {
	if !o.Derived.Bucket || o.Next == api.StateFailed || o.Due.IsZero() {
		return
	}
	o.Due = time.Time{}
	w.transfers.prepareVault(w, o)
}

func (t *transfers) prepareVault(w *world, o *object) {
	lock := lockOf(vaultSpec(o))
	t.begin(w, o.ID, func() func() {
		var failure string
		if t.vaults.store == nil {
			failure = errNoS3.Error()
		} else if err := t.vaults.store.Make(t.ctx, o.ID, lock); err != nil {
			failure = "The S3 behind it says: " + err.Error()
		}
		return func() {
			is := w.objects[o.ID]
			if is == nil || is.settled() || !is.Due.IsZero() {
				return
			}
			next := is.copy()
			if next.Due = w.clock.now(); failure != "" {
				next.Next, next.Failure = api.StateFailed, failure
			}
			w.put(next)
		}
	})
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
