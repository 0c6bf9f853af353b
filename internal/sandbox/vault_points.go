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

// volumeSource is the kind of what recovery points are of.
const volumeSource = "storage_volume"

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
		if err != nil && point.ID == "" {
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

// look finds what is to be restored.
func (v *vaults) look(ctx context.Context, a agreement, from *api.RestoreFrom) (mover.RecoveryPoint, error) {
	s, err := v.shelf(a)
	var vault *mover.Vault
	if err == nil {
		vault, err = s.openAny(ctx, mover.Options{Key: from.EncryptionKey})
	}
	if err != nil {
		return mover.RecoveryPoint{}, err
	}
	if from.RecoveryPointId != nil {
		return vault.RecoveryPoint(ctx, *from.RecoveryPointId)
	}
	found, failure := mover.RecoveryPoint{}, error(&mover.Error{
		Kind: mover.Unknown, Operation: "restore", Detail: "there is no recovery point of the volume " + *from.VolumeId + " in it",
	})
	for point, err := range vault.RecoveryPoints(ctx, mover.Filter{Kind: volumeSource, ID: *from.VolumeId}) {
		switch {
		case err != nil && found.ID == "":
			failure = err
		case err == nil && !point.Source.TakenAt.Before(found.Source.TakenAt):
			found, failure = point, nil
		}
	}
	return found, failure
}

func recoveryPoint(p mover.RecoveryPoint) api.RecoveryPoint {
	return api.RecoveryPoint{
		Id: p.ID, VolumeId: p.Source.ID, VolumeName: p.Source.Name, TakenAt: p.Source.TakenAt, SizeBytes: p.Size,
		UploadedBytes: p.BytesUploaded, TreeSha256: p.TreeSHA256,
	}
}
