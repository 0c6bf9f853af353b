package backuprun

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type backups = collection[cloud.BackupSpec, cloud.Backup, backupRecord]

func newBackups(r *runner) *backups {
	return &backups{
		runner: r, shelf: r.backups,
		head:   func(b *backupRecord) *header { return &b.header },
		meta:   func(s *cloud.BackupSpec) *cloud.SpecMeta { return &s.SpecMeta },
		hidden: func(b *backupRecord) bool { return b.Forgotten },
		admit:  r.admitBackup, begin: r.beginBackup, leave: r.leaveBackup, await: r.awaitBackup,
		check:  func(context.Context, kept[backupRecord], cloud.Change[cloud.BackupSpec]) error { return nil },
		change: func(*backupRecord, cloud.Change[cloud.BackupSpec]) {},
		view: func(context.Context) func(cloud.Meta, backupRecord) (cloud.Backup, error) {
			return func(m cloud.Meta, b backupRecord) (cloud.Backup, error) { return r.backup(m, b), nil }
		},
	}
}

// running is a run of this process that is not over.
func (r *runner) running(backupID string) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.runs[backupID]
	if n == nil || n.over() {
		return nil
	}
	return n
}

// admitBackup refuses what could not be made. One run of a plan comes after the other; for that of another process, the
// caller waits.
func (r *runner) admitBackup(ctx context.Context, spec cloud.BackupSpec) (b backupRecord, err error) {
	plan, err := r.plans.get(ctx, spec.PlanID)
	if errors.Is(err, cloud.ErrNotFound) {
		return b, r.invalid("/plan_id", "There is no backup plan %s in this project.", spec.PlanID)
	}
	if err == nil {
		err = r.checkKey(plan.is, spec.Key.Value)
	}
	if err != nil {
		return b, err
	}
	if _, err := r.alone(ctx, spec.PlanID); err != nil {
		return b, err
	}
	return backupRecord{
		PlanID: spec.PlanID, KeyFingerprint: fingerprint(spec.Key.Value), State: cloud.StateCreating, Runner: r.id,
		Until: r.now().Add(lease),
	}, nil
}

func (r *runner) busy(b *backupRecord, format string, args ...any) error {
	return &cloud.Error{
		Reason: cloud.ErrBusy, Operator: r.op.Name, Text: fmt.Sprintf(format, args...), RetryAfter: b.Until.Sub(r.now()),
	}
}

// checkKey refuses another key than the plan's: what it encrypts would be beside what there is.
func (r *runner) checkKey(plan planRecord, key string) error {
	const at = "/encryption_key"
	switch {
	case key == "":
		return r.invalid(at, "Backups of %s are made by the machine that runs Terraform, which has kept no key. Give it the plan's.", r.op.Name)
	case fingerprint(key) != plan.KeyFingerprint:
		return r.invalid(at, "It is another key than the plan's: its fingerprint is %s, and that of the plan's %s. Give the plan's, or change "+
			"that first by encryption_key_wo_version.", fingerprint(key), plan.KeyFingerprint)
	}
	return nil
}

// beginBackup carries out what is to be made, and goes on with what was cut off.
func (r *runner) beginBackup(ctx context.Context, k kept[backupRecord], spec cloud.BackupSpec) (kept[backupRecord], error) {
	if k.is.State != cloud.StateCreating || r.running(k.ID) != nil {
		return k, nil
	}
	if r.elsewhere(&k.is) {
		return k, r.busy(&k.is, "Another Terraform makes the backup, or did so until a moment ago. Apply again when it is done.")
	}
	plan, err := r.plans.get(ctx, k.is.PlanID)
	if errors.Is(err, cloud.ErrNotFound) {
		return r.backups.change(ctx, k.ID, func(b *backupRecord) error {
			b.State, b.Message, b.Untidy = cloud.StateFailed, "The backup plan does not exist any more.", true
			return nil
		})
	}
	if err == nil {
		err = r.checkKey(plan.is, spec.Key.Value)
	}
	if err != nil {
		return k, err
	}
	k, err = r.backups.change(ctx, k.ID, func(b *backupRecord) error {
		if r.elsewhere(b) {
			return r.busy(b, "Another Terraform has begun to make the backup.")
		}
		b.Runner, b.Until, b.KeyFingerprint = r.id, r.now().Add(lease), fingerprint(spec.Key.Value)
		return nil
	})
	if err == nil {
		err = r.stillAlone(ctx, k)
	}
	if err == nil {
		r.start(ctx, k, spec.Key.Value)
	}
	return k, err
}

// backup shows a backup as its record and the run of this process have it.
func (r *runner) backup(m cloud.Meta, b backupRecord) cloud.Backup {
	m.State, m.StateMessage = b.State, b.Message
	if b.State == cloud.StateCreating {
		r.mu.Lock()
		n := r.runs[m.ID]
		r.mu.Unlock()
		switch {
		case n != nil && !n.over():
			m.StateMessage = n.message()
		case n != nil:
			m.State, m.StateMessage = cloud.StateFailed, n.lost
		case r.elsewhere(&b):
			m.StateMessage = "Another Terraform makes it."
		default:
			m.StateMessage = "It was cut off as the Terraform ended that made it. What was uploaded is not uploaded again, and earlier recovery " +
				"points are untouched. Apply again, and it is gone on with."
			if len(b.Stopped) > 0 {
				m.StateMessage += " " + areOff(b.Stopped) + ", and started by the next apply."
			}
		}
	}
	out := cloud.Backup{Meta: m, PlanID: b.PlanID, RecoveryPoints: make([]cloud.RecoveryPoint, len(b.Points))}
	for i, p := range b.Points {
		out.RecoveryPoints[i] = p.recoveryPoint()
	}
	return out
}

func (r *runner) awaitBackup(ctx context.Context, id string, limit time.Duration) {
	if n := r.running(id); n != nil {
		await(ctx, n.done, limit)
	}
}

func await(ctx context.Context, done <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// leaveBackup ends a run, and keeps the record for as long as recovery points of it can be restored by a plan.
func (r *runner) leaveBackup(ctx context.Context, k kept[backupRecord]) (bool, error) {
	if r.elsewhere(&k.is) {
		return false, r.busy(&k.is, "Another Terraform makes the backup.")
	}
	if n := r.running(k.ID); n != nil {
		n.cancel(errDeleted)
		select {
		case <-n.done:
		case <-ctx.Done():
			return false, r.refused(cloud.ErrUnavailable, "Interrupted while the run was ended.", "")
		}
	}
	k, err := r.backups.get(ctx, k.ID)
	if err == nil && k.is.unfinished() {
		err = r.tidyLast(ctx, k)
	}
	if err != nil {
		return false, err
	}
	_, err = r.plans.get(ctx, k.is.PlanID)
	if errors.Is(err, cloud.ErrNotFound) || err == nil && len(k.is.Points) == 0 {
		return false, nil
	}
	if err == nil {
		_, err = r.backups.change(ctx, k.ID, func(b *backupRecord) error {
			b.Forgotten = true
			return nil
		})
	}
	return true, err
}

// tidyLast tidies a backup of which nothing is kept then. A machine that has failed nobody can start, and everybody sees.
func (r *runner) tidyLast(ctx context.Context, k kept[backupRecord]) error {
	for _, err := range r.powerAll(ctx, k.is.Stopped, cloud.PowerRunning) {
		if !errors.Is(err, cloud.ErrFailed) {
			return err
		}
	}
	return r.tidy(ctx, k.ID, nil)
}

// tidy removes what a run that was cut off has left over. Of the machines that it has stopped, some are left to start.
func (r *runner) tidy(ctx context.Context, id string, stopped []string) error {
	if err := r.op.VolumeBytes.Tidy(ctx, id); err != nil {
		return err
	}
	_, err := r.backups.change(ctx, id, func(b *backupRecord) error {
		b.Stopped, b.Untidy = stopped, false
		return nil
	})
	return err
}
