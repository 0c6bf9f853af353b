package backuprun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// volumeSource is the kind of what recovery points are of.
const volumeSource = "storage_volume"

// run carries a backup out.
type run struct {
	*runner
	id, planID, key string
	cancel          context.CancelCauseFunc
	// done is closed when all is written down. lost is what could not be.
	done chan struct{}
	lost string

	mu       sync.Mutex
	phase    string
	progress map[string]mover.Progress
	total    int
	points   []point
	// boots has the machines that boot the volumes that they boot, by the volume's id.
	boots    map[string]string
	failures []string
	takenAt  time.Time
	// stopped are the machines that are off for it.
	stopped []string
	// untidy says that there may be something left over of it, at first of one that was cut off.
	untidy bool
}

func (n *run) over() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

// message tells how far it is.
func (n *run) message() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.total == 0 && len(n.stopped) > 0 {
		return n.phase + ". " + areOff(n.stopped)
	}
	if n.total == 0 {
		return n.phase
	}
	var sum mover.Progress
	for _, p := range n.progress {
		sum.Size, sum.Done, sum.Moved = sum.Size+p.Size, sum.Done+p.Done, sum.Moved+p.Moved
	}
	return fmt.Sprintf("%d of %d volumes; %d %% of data, %s uploaded", len(n.points), n.total, percent(sum), quantity(sum.Moved))
}

func percent(p mover.Progress) int64 { return int64(float64(p.Done) / float64(max(p.Size, 1)) * 100) }

func (n *run) enter(phase string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.phase = phase
}

// leftOver notes whether there may be something left over of it at the operator.
func (n *run) leftOver(untidy bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.untidy = untidy
}

// fail notes what went wrong. The rest goes on.
func (n *run) fail(what, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failures = append(n.failures, what+": "+text)
}

func (n *run) failVolume(v cloud.ProtectedVolume, text string) {
	n.fail("Storage volume "+cmp.Or(v.Name, v.VolumeID), text)
}

// start carries a backup out for as long as the process lives, whatever becomes of the call that ordered it.
func (r *runner) start(ctx context.Context, k kept[backupRecord], key string) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	n := &run{
		runner: r, id: k.ID, planID: k.is.PlanID, key: key, cancel: cancel, done: make(chan struct{}),
		phase: "Waiting for another run of the plan", progress: map[string]mover.Progress{}, boots: map[string]string{},
		untidy: true,
	}
	r.mu.Lock()
	r.runs[k.ID] = n
	r.mu.Unlock()
	go func() {
		defer close(n.done)
		defer cancel(nil)
		go n.stayAlive(ctx, k.is.Until)
		_, err := cloud.Caught(func() (struct{}, error) { return struct{}{}, n.carryOut(ctx) })
		if err != nil {
			n.fail("The run", why(ctx, err))
		}
		if err := n.finish(ctx); err != nil {
			n.lost = "What has become of it could not be written down at the operator. " + words(err) + " Make another backup: it does not " +
				"upload again what is in the vault."
			return
		}
		r.mu.Lock()
		delete(r.runs, k.ID)
		r.mu.Unlock()
	}()
}

// turn is had by one run at a time: of a plan, or of all that stop machines.
func (n *run) turn(ctx context.Context, of string) (release func(), err error) {
	n.runner.mu.Lock()
	turn, ok := n.turns[of]
	if !ok {
		turn = make(chan struct{}, 1)
		n.turns[of] = turn
	}
	n.runner.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// carryOut freezes the plan's volumes, and moves what is frozen into the vault.
func (n *run) carryOut(ctx context.Context) error {
	release, err := n.turn(ctx, n.planID)
	if err != nil {
		return err
	}
	defer release()
	n.enter("Looking at the vault")
	plan, err := n.plans.get(ctx, n.planID)
	if err != nil {
		return err
	}
	if err := n.tidyOthers(ctx, plan.is); err != nil {
		return err
	}
	at, vault, err := n.vault(ctx, plan.is.Vault)
	if err != nil {
		return err
	}
	left := spare(vault, plan.is.retention())
	if left <= 0 {
		return n.refused(cloud.ErrInvalid, "The vault does not keep what was written for longer than the plan is to keep recovery points.",
			"Lower the retention of the plan, or raise that of the vault.")
	}
	v, end, err := n.open(ctx, at, vault.ID, cloud.VaultWriter, mover.Options{Key: n.key, RenewAfter: left})
	if err != nil {
		return err
	}
	defer end()
	if _, err := v.Check(ctx); err != nil {
		return err
	}
	n.enter("Freezing the volumes")
	volumes, machines, err := n.choose(ctx, plan.is)
	if err != nil {
		return err
	}
	frozen, err := n.freeze(ctx, volumes, machines)
	if err != nil {
		return err
	}
	n.moveAll(ctx, v, volumes, frozen)
	return nil
}

// tidyOthers removes what earlier runs of the plan have left over, this backup's among them, and what is of no use any more.
func (n *run) tidyOthers(ctx context.Context, plan planRecord) error {
	all, err := n.allBackups(ctx)
	if err != nil {
		return err
	}
	oldest := n.now().Add(-plan.retention())
	for _, k := range all {
		if k.is.PlanID != n.planID || n.elsewhere(&k.is) || k.ID != n.id && n.running(k.ID) != nil {
			continue
		}
		if k.is.unfinished() {
			left := n.started(ctx, k.is.Stopped, fmt.Sprintf("the backup %q", k.is.Name))
			if err := n.tidy(ctx, k.ID, left); err != nil {
				return err
			}
		}
		if k.ID == n.id {
			n.leftOver(false)
		}
		if k.is.Forgotten && k.is.before(oldest) {
			if err := n.op.Records.Delete(ctx, n.backups.kind, k.ID); err != nil && !errors.Is(err, cloud.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

// before reports whether all recovery points of a backup are of before a time.
func (b *backupRecord) before(oldest time.Time) bool {
	for _, p := range b.Points {
		if !p.TakenAt.Before(oldest) {
			return false
		}
	}
	return true
}

// choose finds the volumes to back up, and the machines to stop for each.
func (n *run) choose(ctx context.Context, plan planRecord) (chosen []cloud.ProtectedVolume, machines map[string]string, err error) {
	there, err := n.stock(ctx)
	if err != nil {
		return nil, nil, err
	}
	machines = map[string]string{}
	onHosts, err := n.onHosts(ctx, there, plan.Sources)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range there.protected(plan.Sources, nil) {
		volume := there.volume(v.VolumeID)
		switch {
		case slices.Contains(onHosts, v.VolumeID): // It is the id of a machine without volumes.
			continue
		case volume == nil:
			n.failVolume(v, "It does not exist any more. What was backed up of it stays. Take it out of the sources.")
			continue
		case volume.State != cloud.StateReady && volume.State != cloud.StateUpdating:
			n.failVolume(v, "It is "+string(volume.State)+", and so there is nothing to back up.")
			continue
		case unusable(volume.Mark):
			n.failVolume(v, "It was to be restored, and is not, so there is nothing to back up.")
			continue
		}
		chosen = append(chosen, v)
		if volume.VirtualMachineID != "" {
			machines[v.VolumeID] = volume.VirtualMachineID
		}
	}
	if err := n.noteBoots(ctx, having(chosen, machines)); err != nil {
		return nil, nil, err
	}
	if plan.Consistency != cloud.ConsistencyStopped {
		machines = nil
	}
	if len(chosen) == 0 && len(n.failures) == 0 {
		return nil, nil, n.refused(cloud.ErrInvalid, "The sources of the plan have no volumes.", "Add some to the sources.")
	}
	return chosen, machines, n.fits(ctx, chosen)
}
