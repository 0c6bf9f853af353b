package sandbox

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// admitRestore checks what a new volume of a size is to be filled with, and chooses the recovery point. The volume is the object
// or its boot volume; sizeAt is where the size is in the request.
func (w *world) admitRestore(o *object, from *api.RestoreFrom, sizeGiB int64, sizeAt string) ([]api.FieldError, *problem) {
	const here = "/restore_from"
	switch {
	case !w.profile.Backups:
		return []api.FieldError{fieldError(here, "%s keeps no backups.", w.profile.LegalName)}, nil
	case (from.RecoveryPointId == nil) == (from.VolumeId == nil):
		return []api.FieldError{fieldError(here, "A volume is restored from either recovery_point_id or the newest of volume_id.")}, nil
	}
	a, faults, p := w.restorable(o.Project, from)
	if faults != nil || p != nil {
		return faults, p
	}
	ctx, cancel := context.WithTimeout(w.transfers.ctx, w.transfers.patience)
	defer cancel()
	point, err := w.vaults.look(ctx, a, from, o.Kind == machineSegment)
	if err != nil {
		return faultsOfPoint(from, a, err)
	}
	if sizeGiB < fileLimit>>30 && point.Size > sizeGiB<<30 {
		return []api.FieldError{fieldError(sizeAt, "The recovery point %s is of a volume of %d GiB, which does not fit into %d GiB.",
			point.ID, (point.Size+1<<30-1)>>30, sizeGiB)}, nil
	}
	o.Derived.RestorePoint = point.ID
	return nil, nil
}

// restorable finds the vault that a volume is to be restored from.
func (w *world) restorable(project string, from *api.RestoreFrom) (a agreement, faults []api.FieldError, p *problem) {
	if from.Bucket != nil {
		return w.source(from), faultOfBucket(from.Bucket, "/restore_from/bucket", from.EncryptionKey), nil
	}
	vault := w.lasting(vaultSegment, project, from.VaultId)
	switch {
	case vault == nil:
		return a, []api.FieldError{fieldError("/restore_from/vault_id", "There is no backup vault %s in this project.", from.VaultId)}, nil
	case vault.State == api.StateFailed:
		return a, nil, newProblem(http.StatusConflict, "conflict", "The backup vault %s has failed.", vault.common.Name)
	case vault.State == api.StateCreating:
		return a, nil, w.busy(vault)
	}
	return w.source(from), nil, nil
}

// source is the vault of a restore: one of this world, or an agency's bucket.
func (w *world) source(from *api.RestoreFrom) agreement {
	url := vaultURL(w.profile.Name, from.VaultId)
	if from.Bucket != nil {
		return agencyAgreement(from.VaultId, w.profile.Name, url, from.Bucket)
	}
	a, _ := w.vaults.find(url)
	return a
}

// faultsOfPoint are what is wrong with an order whose recovery point is not to be had. What passes is not the order's fault.
func faultsOfPoint(from *api.RestoreFrom, a agreement, err error) ([]api.FieldError, *problem) {
	at := "/restore_from/volume_id"
	switch {
	case a.agency != nil && (errors.Is(err, mover.Misconfigured) || errors.Is(err, mover.Denied) || errors.Is(err, mover.NoBucket)):
		at = "/restore_from/bucket"
	case errors.Is(err, mover.WrongKey), errors.Is(err, mover.Misconfigured):
		at = "/restore_from/encryption_key"
	case !mover.Lasting(err) && !errors.Is(err, mover.Unknown):
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "%s", a.words(err))
		p.retryAfter = optional(unknownRetryAfterSeconds)
		return nil, p
	case from.RecoveryPointId != nil:
		at = "/restore_from/recovery_point_id"
	}
	return []api.FieldError{fieldError(at, "%s", a.words(err))}, nil
}

// fill has a volume filled that is to be restored, and reports whether it is. A fault that was ordered has the last word.
func (w *world) fill(o *object) bool {
	if o.State != api.StateCreating || volumeSpec(o).RestoreFrom == nil {
		return false
	}
	if o.Next == api.StateFailed || o.Due.IsZero() {
		forgetKey(o)
		return false
	}
	o.Due = time.Time{}
	w.transfers.restore(w, o.ID)
	return true
}

// forgetKey is for a volume that needs it no more.
func forgetKey(o *object) {
	volumeSpec(o).RestoreFrom = nil
	o.restate()
}

// restore fills a volume. What there is of it from a restore that was cut off is made anew.
func (t *transfers) restore(w *world, volumeID string) {
	t.begin(w, volumeID, func() func() {
		var o *object
		var a agreement
		t.look(w, func() {
			if o = w.objects[volumeID]; o != nil {
				a = w.source(volumeSpec(o).RestoreFrom)
			}
		})
		if o == nil {
			return func() {}
		}
		point, err := t.fill(w, o, a)
		return func() { w.restored(o, a, point, err) }
	})
}

func (t *transfers) fill(w *world, o *object, a agreement) (point mover.RecoveryPoint, err error) {
	if a.id == "" {
		return point, errNoVault
	}
	select {
	case t.width <- struct{}{}:
		defer func() { <-t.width }()
	case <-t.ctx.Done():
		return point, t.ctx.Err()
	}
	vault, err := t.vaults.open(t.ctx, a, volumeSpec(o).RestoreFrom.EncryptionKey, 0)
	if err != nil {
		return point, err
	}
	w.disks.remove(o.ID)
	if err := os.MkdirAll(filepath.Dir(w.disks.path(o.ID)), 0o700); err != nil {
		return point, err
	}
	size := min(volumeSpec(o).SizeGib<<30, fileLimit)
	target, err := mover.CreateTarget(w.disks.path(o.ID), size)
	if err != nil {
		return point, err
	}
	if point, err = vault.Restore(t.ctx, o.Derived.RestorePoint, target, nil); err != nil {
		// What was written in part must not be used.
		err = errors.Join(err, target.Truncate(0), target.Truncate(size))
	}
	return point, errors.Join(err, target.Close())
}

// restored ends what a volume waits for. One that failed holds nothing.
func (w *world) restored(was *object, a agreement, point mover.RecoveryPoint, failure error) {
	is := w.objects[was.ID]
	if is == nil {
		w.disks.remove(was.ID)
		w.bootRestored(was, errors.New("the boot volume was removed while it was restored"), a)
		return
	}
	if is.settled() || !is.Due.IsZero() {
		w.bootRestored(is, errors.New("the boot volume has failed while it was restored"), a)
		return
	}
	next := is.copy()
	forgetKey(next)
	next.Due = w.clock.now()
	if failure != nil {
		next.Next, next.Failure = api.StateFailed, a.words(failure)
	} else {
		next.Derived.Restored = &api.Restored{
			VaultId: a.id, RecoveryPointId: point.ID, VolumeId: optional(point.Source.ID), TakenAt: optional(point.Source.TakenAt),
			TreeSha256: optional(point.TreeSHA256), VirtualMachineId: optional(point.Source.Labels[bootVolumeOf]),
		}
	}
	w.put(next)
	w.bootRestored(next, failure, a)
}
