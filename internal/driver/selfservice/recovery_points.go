package selfservice

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// recoveryPoints is the cloud.RecoveryPoints of an operator's plans.
type recoveryPoints struct{ *session }

// Of implements cloud.RecoveryPoints. Whoever wants the newest alone asks for one page.
func (s recoveryPoints) Of(ctx context.Context, planID string) iter.Seq2[cloud.RecoveryPoint, error] {
	return func(yield func(cloud.RecoveryPoint, error) bool) {
		if !validID(planID) {
			yield(cloud.RecoveryPoint{}, s.noSuchID(planID))
			return
		}
		limit := pageSize
		for it, err := range pages[api.RecoveryPoint](s.session, func(cursor *string) (*http.Response, error) {
			return s.client.ListRecoveryPoints(ctx, s.project, planID, &api.ListRecoveryPointsParams{Limit: &limit, Cursor: cursor})
		}) {
			if err == nil && it.rep.Id == "" {
				err = s.garbled(it.answer, errors.New("a recovery point has no id"), reading)
			}
			if err != nil {
				yield(cloud.RecoveryPoint{}, err)
				return
			}
			if !yield(recoveryPointOf(it.rep), nil) {
				return
			}
		}
	}
}

func recoveryPointOf(p api.RecoveryPoint) cloud.RecoveryPoint {
	return cloud.RecoveryPoint{
		ID: p.Id, VolumeID: p.VolumeId, VolumeName: p.VolumeName, TakenAt: p.TakenAt.UTC(),
		SizeBytes: p.SizeBytes, UploadedBytes: p.UploadedBytes, TreeSHA256: p.TreeSha256,
	}
}
