package backuprun

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// choosePoint finds what a volume is to be filled with, before there is a volume.
func (r *runner) choosePoint(ctx context.Context, spec cloud.StorageVolumeSpec) (p mover.RecoveryPoint, err error) {
	from := *spec.RestoreFrom
	if r.op.BackupVaults == nil || r.op.VaultAccess == nil {
		return p, r.refused(cloud.ErrUnsupported, "It keeps no backup vaults, so no volume can be restored there.", "")
	}
	vault, err := r.op.BackupVaults.Get(ctx, from.VaultID)
	switch {
	case errors.Is(err, cloud.ErrNotFound):
		return p, r.invalid("/restore_from/vault_id", "There is no backup vault %s in this project.", from.VaultID)
	case err != nil:
		return p, err
	case (from.RecoveryPointID == "") == (from.VolumeID == ""):
		return p, r.invalid("/restore_from", "A volume is restored from either recovery_point_id or the newest of volume_id.")
	case vault.State == cloud.StateCreating:
		return p, r.refused(cloud.ErrBusy, "The backup vault is still being made.", "")
	case vault.State == cloud.StateFailed:
		return p, r.refused(cloud.ErrConflict, fmt.Sprintf("The backup vault %s has failed.", vault.Name), "")
	}
	if faults := faultsOfKey(from.Key); len(faults) > 0 {
		return p, r.invalid("/restore_from/encryption_key", "%s", faults[0].Text)
	}
	v, end, err := r.open(ctx, r.op, vault.ID, cloud.VaultReader, mover.Options{Key: from.Key})
	if err != nil {
		return p, err
	}
	defer end()
	after := r.now().Add(-time.Duration(vault.RetentionDays) * day)
	if p, err = find(ctx, v, from, after); err != nil {
		return p, r.noPoint(ctx, v, from, err)
	}
	const gib = 1 << 30
	if spec.SizeGiB < (mover.MaxSize>>30) && p.Size > spec.SizeGiB*gib {
		return p, r.invalid("/size_gib", "The recovery point %s is of a volume of %d GiB, which does not fit into %d GiB.",
			p.ID, (p.Size+gib-1)/gib, spec.SizeGiB)
	}
	return p, nil
}

// find finds the recovery point. What was finished so long ago that the vault does not keep it is as good as gone.
func find(ctx context.Context, v Vault, from cloud.RestoreFrom, after time.Time) (mover.RecoveryPoint, error) {
	if from.RecoveryPointID == "" {
		return v.Newest(ctx, "the volume "+from.VolumeID, func(m mover.Meta) bool { return m.ID == from.VolumeID }, after)
	}
	p, err := v.RecoveryPoint(ctx, from.RecoveryPointID)
	if err == nil && !p.FinishedAt.After(after) {
		err = &mover.Error{Kind: mover.Unknown, Operation: "restore", Detail: "there is no recovery point " + p.ID + " any more"}
	}
	return p, err
}

// noPoint tells why there is no recovery point to restore. Where nothing is of the key, that is the likeliest reason.
func (r *runner) noPoint(ctx context.Context, v Vault, from cloud.RestoreFrom, err error) error {
	switch {
	case errors.Is(err, mover.WrongKey), errors.Is(err, mover.Misconfigured):
		return r.invalid("/restore_from/encryption_key", "%s", words(err))
	case errors.Is(err, mover.Unknown):
		some := false
		for _, failure := range v.RecoveryPoints(ctx, mover.Filter{}) {
			some = some || failure == nil || mover.Lasting(failure)
			break
		}
		if !some {
			return r.invalid("/restore_from/encryption_key", "Nothing in the vault was encrypted with this key, whose fingerprint is %s. "+
				"The vault is untouched. Use the key of the plan that has made the backup, or see whether that ever came to its end.",
				fingerprint(from.Key))
		}
	case !mover.Lasting(err):
		return r.refused(cloud.ErrUnavailable, words(err), "")
	}
	if from.RecoveryPointID != "" {
		return r.invalid("/restore_from/recovery_point_id", "%s", words(err))
	}
	return r.invalid("/restore_from/volume_id", "%s", words(err))
}
