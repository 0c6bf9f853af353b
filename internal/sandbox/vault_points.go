package sandbox

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

const (
	// volumeSource is the kind of what recovery points are of.
	volumeSource = "storage_volume"
	// bootVolumeOf is the label of a recovery point that has the id of the machine which booted the volume.
	bootVolumeOf = "boot_volume_of"
)

// points are the recovery points of a plan that can be restored for certain, newest first.
func (v *vaults) points(ctx context.Context, operator string, plan *object) ([]api.RecoveryPoint, *problem) {
	spec := planSpec(plan)
	a, err := v.agreed(operator, spec)
	var vault *mover.Vault
	if err == nil {
		vault, err = v.open(ctx, a, spec.EncryptionKey, 0)
	}
	if err != nil {
		return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%s", a.words(err))
	}
	oldest := v.clock.now().Add(-time.Duration(spec.RetentionSeconds) * time.Second)
	all := []api.RecoveryPoint{}
	for point, err := range vault.RecoveryPoints(ctx, mover.Filter{Operator: operator, Kind: volumeSource}) {
		if err != nil && !mover.Lasting(err) {
			return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%s", a.words(err))
		}
		_, ours := plan.Derived.Runs.Newest[point.Source.ID]
		if err == nil && ours && !point.Source.TakenAt.Before(oldest) {
			all = append(all, recoveryPoint(point))
		}
	}
	slices.SortStableFunc(all, func(a, b api.RecoveryPoint) int { return b.TakenAt.Compare(a.TakenAt) })
	return all, nil
}

var errNoVault = errors.New("the vault is not there: it was given back, or its operator is not part of this sandbox at present")

// agreed is what a plan's vault is under; an error if the plan cannot write into it any more.
func (v *vaults) agreed(operator string, plan *api.BackupPlanCreate) (agreement, error) {
	a, ok := v.find(plan.Vault.Url)
	if plan.Bucket != nil {
		a, ok = agencyAgreement(plan.Vault.Id, plan.Vault.Operator, plan.Vault.Url, plan.Bucket), true
	}
	switch {
	case !ok:
		return a, errNoVault
	case !a.takes(operator):
		return a, errors.New("the vault is for the backups of the operator " + a.beneficiary)
	case a.spare(plan) <= 0:
		return a, errors.New("the vault does not keep what was written for longer than the plan is to keep recovery points; " +
			"lower the retention of the plan, or raise that of the vault")
	}
	return a, nil
}

// look finds what is to be restored. For the sake of a machine, what it is the newest of may be a machine, too.
func (v *vaults) look(ctx context.Context, a agreement, from *api.RestoreFrom, machine bool) (mover.RecoveryPoint, error) {
	s, err := v.opener(a)
	var vault *mover.Vault
	if err == nil {
		vault, err = s.openAny(ctx, mover.Options{Key: from.EncryptionKey})
	}
	if err != nil {
		return mover.RecoveryPoint{}, err
	}
	kept := s.now().Add(-a.retention)
	if from.RecoveryPointId == nil {
		of, what := func(m mover.Meta) bool { return m.ID == *from.VolumeId }, "the volume "+*from.VolumeId
		if machine {
			of = func(m mover.Meta) bool { return m.ID == *from.VolumeId || m.Labels[bootVolumeOf] == *from.VolumeId }
			what = "a volume " + *from.VolumeId + ", or of one that a machine " + *from.VolumeId + " has booted,"
		}
		return vault.Newest(ctx, what, of, kept)
	}
	point, err := vault.RecoveryPoint(ctx, *from.RecoveryPointId)
	if err == nil && !point.FinishedAt.After(kept) {
		err = nowhere("there is no recovery point " + point.ID + " any more")
	}
	return point, err
}

func nowhere(detail string) error {
	return &mover.Error{Kind: mover.Unknown, Operation: "restore", Detail: detail}
}

func recoveryPoint(p mover.RecoveryPoint) api.RecoveryPoint {
	return api.RecoveryPoint{
		Id: p.ID, VolumeId: p.Source.ID, VolumeName: p.Source.Name, TakenAt: p.Source.TakenAt, SizeBytes: p.Size,
		UploadedBytes: p.BytesUploaded, TreeSha256: p.TreeSHA256,
	}
}
