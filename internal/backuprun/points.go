package backuprun

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// points implement cloud.RecoveryPoints by what the runs have written down, for which no key is needed.
type points struct{ *runner }

// Of implements cloud.RecoveryPoints.
func (p points) Of(ctx context.Context, planID string) iter.Seq2[cloud.RecoveryPoint, error] {
	return func(yield func(cloud.RecoveryPoint, error) bool) {
		plan, err := p.plans.get(ctx, planID)
		var made []kept[backupRecord]
		if err == nil {
			made, err = p.allBackups(ctx)
		}
		if err != nil {
			yield(cloud.RecoveryPoint{}, err)
			return
		}
		var all []point
		oldest := p.now().Add(-plan.is.retention())
		for _, b := range made {
			// What another key has encrypted nobody can restore by the plan's.
			if b.is.PlanID != planID || b.is.KeyFingerprint != plan.is.KeyFingerprint {
				continue
			}
			for _, made := range b.is.Points {
				if !made.TakenAt.Before(oldest) {
					all = append(all, made)
				}
			}
		}
		slices.SortStableFunc(all, newestFirst)
		for _, made := range all {
			if !yield(made.recoveryPoint(), nil) {
				return
			}
		}
	}
}

func newestFirst(a, b point) int {
	return cmp.Or(b.TakenAt.Compare(a.TakenAt), cmp.Compare(a.VolumeID, b.VolumeID))
}

func (r *runner) allBackups(ctx context.Context) (all []kept[backupRecord], err error) {
	for k, err := range r.backups.all(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// newestOf are the newest recovery points of a plan's volumes that can be restored by its key.
func newestOf(planID, keyFingerprint string, made []kept[backupRecord]) map[string]point {
	newest := map[string]point{}
	for _, b := range made {
		if b.is.PlanID != planID || b.is.KeyFingerprint != keyFingerprint {
			continue
		}
		for _, p := range b.is.Points {
			if is, ok := newest[p.VolumeID]; !ok || !p.TakenAt.Before(is.TakenAt) {
				newest[p.VolumeID] = p
			}
		}
	}
	return newest
}
