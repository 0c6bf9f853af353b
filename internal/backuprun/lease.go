package backuprun

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// lease is for how long a run is another process's if that says nothing more, renewal how often it does.
	// It is longer than the retries of one renewal take.
	lease   = 5 * time.Minute
	renewal = 30 * time.Second
)

// elsewhere reports whether another process carries a backup out.
func (r *runner) elsewhere(b *backupRecord) bool {
	return b.State == cloud.StateCreating && b.Runner != r.id && r.now().Before(b.Until)
}

// alone refuses a run beside one of the same plan by another process, which it returns.
func (r *runner) alone(ctx context.Context, planID string) (other kept[backupRecord], err error) {
	all, err := r.allBackups(ctx)
	if err != nil {
		return other, err
	}
	for _, other := range all {
		if other.is.PlanID == planID && r.elsewhere(&other.is) {
			return other, r.busy(&other.is, "Another Terraform makes the backup %q of the same plan. Apply again when it is done.", other.is.Name)
		}
	}
	return other, nil
}

// stillAlone looks again when a run is written down: of two processes that were alone before, one sees the other now. Should
// both do so, the younger backup lets go, and the other one gets on when it is ordered again.
func (r *runner) stillAlone(ctx context.Context, k kept[backupRecord]) error {
	other, err := r.alone(ctx, k.is.PlanID)
	if errors.Is(err, cloud.ErrBusy) && cmp.Or(k.CreatedAt.Compare(other.CreatedAt), cmp.Compare(k.ID, other.ID)) > 0 {
		return errors.Join(err, r.backups.surely(ctx, k.ID, func(b *backupRecord) error {
			b.Runner, b.Until = "", time.Time{}
			return nil
		}))
	}
	return err
}

// stayAlive renews the lease, and ends the run if it was lost: another process may be at the same machines and volumes then.
func (n *run) stayAlive(ctx context.Context, until time.Time) {
	for wait(ctx, renewal) {
		// One that was asleep may try once more: nobody may have noticed.
		renewing, end := context.WithTimeout(ctx, max(until.Sub(n.now()), renewal))
		k, err := n.backups.change(renewing, n.id, func(b *backupRecord) error {
			if b.Runner != n.runner.id {
				return errTaken
			}
			b.Until = n.now().Add(lease)
			return nil
		})
		end()
		switch {
		case err == nil:
			until = k.is.Until
		case errors.Is(err, errTaken) || errors.Is(err, cloud.ErrNotFound):
			n.cancel(errTaken)
		case !n.now().Before(until):
			n.cancel(errLapsed)
		}
	}
}

// What ends a run.
var (
	// errTaken is that another process has taken it over, as it saw no sign of life.
	errTaken   = errors.New("another Terraform has taken the run over")
	errDeleted = errors.New("the backup was deleted")
	// errLapsed is that another process may take it over at any time.
	errLapsed = errors.New("it could not be written down at the operator any more that the run goes on, and so it was ended")
)

// why is what has ended a run, or else what an error says.
func why(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return words(err)
}
