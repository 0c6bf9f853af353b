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
	vault, err := v.ofPlan(operator, spec)
	if err != nil {
		return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%v", err)
	}
	oldest := v.clock.now().Add(-time.Duration(spec.RetentionSeconds) * time.Second)
	all := []api.RecoveryPoint{}
	for point, err := range vault.RecoveryPoints(ctx, mover.Filter{Operator: operator, Kind: volumeSource}) {
		if err != nil && point.ID == "" {
			return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%v", err)
		}
		_, ours := plan.Derived.Runs.Newest[point.Source.ID]
		if err == nil && ours && !point.Source.TakenAt.Before(oldest) {
			all = append(all, recoveryPoint(point))
		}
	}
	slices.SortStableFunc(all, func(a, b api.RecoveryPoint) int { return b.TakenAt.Compare(a.TakenAt) })
	return all, nil
}

var errNoVault = errors.New("the vault does not exist any more, or its operator is not part of this sandbox now; " +
	"make a new vault, and a new plan for it")

// ofPlan opens a plan's vault.
func (v *vaults) ofPlan(operator string, plan *api.BackupPlanCreate) (*mover.Vault, error) {
	a, ok := v.find(plan.Vault.Url)
	switch {
	case !ok:
		return nil, errNoVault
	case !a.takes(operator):
		return nil, errors.New("the vault is for the backups of another operator")
	case a.spare(plan) <= 0:
		return nil, errors.New("the vault does not keep what was written for longer than the plan is to keep recovery points; " +
			"lower the retention of the plan, or raise that of the vault")
	}
	return v.open(a, plan.EncryptionKey, a.spare(plan))
}

func recoveryPoint(p mover.RecoveryPoint) api.RecoveryPoint {
	return api.RecoveryPoint{
		Id: p.ID, VolumeId: p.Source.ID, VolumeName: p.Source.Name, TakenAt: p.Source.TakenAt, SizeBytes: p.Size,
		UploadedBytes: p.BytesUploaded, TreeSha256: p.TreeSHA256,
	}
}
