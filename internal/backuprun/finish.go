package backuprun

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// finish writes down what has become of a run. What was good before a failure stays.
func (n *run) finish(ctx context.Context) error {
	const planLimit, backupLimit = 4000, 8000 // Bytes, as records have room for that beside the rest.
	failure := strings.Join(n.failures, "\n")
	ended := context.Cause(ctx)
	ctx = context.WithoutCancel(ctx)
	err := n.backups.surely(ctx, n.id, func(b *backupRecord) error {
		if b.Runner != n.runner.id {
			return errTaken
		}
		b.State, b.Message, b.Points = cloud.StateReady, "", n.points
		if failure != "" {
			b.State, b.Message = cloud.StateFailed, shortened(failure, backupLimit)
		}
		b.Runner, b.Until, b.Untidy = "", time.Time{}, n.untidy
		return nil
	})
	// The plan is of the run that has taken this one over, and a deletion is nothing that has gone wrong.
	if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, errTaken) || err == nil && errors.Is(ended, errDeleted) && failure != "" {
		return nil
	}
	if err == nil {
		err = n.plans.surely(ctx, n.planID, func(p *planRecord) error {
			if p.LastError = shortened(failure, planLimit); failure == "" {
				p.LastSuccessAt = n.takenAt
			}
			return nil
		})
	}
	if errors.Is(err, cloud.ErrNotFound) {
		return nil
	}
	return err
}
