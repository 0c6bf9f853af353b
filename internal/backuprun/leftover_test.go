package backuprun_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// cutOff is a backup whose process has died while it had something frozen.
func (s *scene) cutOff(t *testing.T) cloud.Backup {
	t.Helper()
	dead, reached := make(chan struct{}), make(chan struct{}, len(s.volumes))
	t.Cleanup(func() { close(dead) })
	s.bytes[source].meanwhile(nil, func(string) error {
		reached <- struct{}{}
		<-dead
		return errors.New("the process is dead")
	}, nil)
	b := s.backup(t, s.ops[source], "now")
	<-reached
	s.bytes[source].meanwhile(nil, nil, nil)
	s.moveClock(leaseOver)
	return b
}

func (s *scene) leavesNothing(t *testing.T) {
	t.Helper()
	if n := s.bytes[source].leftOver(); n != 0 {
		t.Errorf("%d runs have left something over", n)
	}
}

// TestNotTidied remembers what could not be removed, until it is.
func TestNotTidied(t *testing.T) {
	s := newScene(t, 1)
	b := s.cutOff(t)
	next := s.process(t, source)
	var busy atomic.Bool
	busy.Store(true)
	next.VolumeBytes = &hooked{disks: s.bytes[source], tidying: func() error {
		if busy.Load() {
			return refusal(cloud.ErrUnavailable)
		}
		return nil
	}}
	b = settle(t, next.Backups, s.backup(t, next, b.Name))
	if b.State != cloud.StateFailed {
		t.Errorf("the backup is %+v", b)
	}
	busy.Store(false)
	settle(t, next.Backups, s.backup(t, next, "again"))
	s.leavesNothing(t)
}

// TestHalfFrozen removes what an operator has left over that could not freeze.
func TestHalfFrozen(t *testing.T) {
	s := newScene(t, 1)
	s.ops[source].VolumeBytes = &hooked{disks: s.bytes[source], freezing: func(purpose string) error {
		s.bytes[source].note(purpose, 1)
		return errors.New("a snapshot was made that could not be removed")
	}}
	settle(t, s.ops[source].Backups, s.backup(t, s.ops[source], "now"))
	s.ops[source].VolumeBytes = s.bytes[source]
	s.protected(t, "again")
	s.leavesNothing(t)
}

// TestCopyNobodyKnows removes what was made of a volume though the answer was lost.
func TestCopyNobodyKnows(t *testing.T) {
	s := newScene(t, 1)
	ordered := make(chan string, 1)
	s.ops[source].VolumeBytes = &hooked{disks: s.bytes[source], opening: func(context.Context) error {
		s.bytes[source].note(<-ordered, 1)
		return refusal(cloud.ErrUnknownOutcome)
	}}
	b := s.backup(t, s.ops[source], "now")
	ordered <- b.ID
	settle(t, s.ops[source].Backups, b)
	s.ops[source].VolumeBytes = s.bytes[source]
	s.protected(t, "again")
	s.leavesNothing(t)
}

// TestPlanGone removes with a backup what was cut off of it, also when its plan has gone before.
func TestPlanGone(t *testing.T) {
	s := newScene(t, 1)
	b := s.cutOff(t)
	next := s.process(t, source)
	must(t, next.BackupPlans.Delete(t.Context(), s.plan.ID))
	b = settle(t, next.Backups, s.backup(t, next, b.Name))
	mentions(t, "the reason", b.StateMessage, "The backup plan does not exist any more.")
	must(t, next.Backups.Delete(t.Context(), b.ID))
	s.leavesNothing(t)
}

// TestDeletedMeanwhile ends a run, of which nothing has gone wrong.
func TestDeletedMeanwhile(t *testing.T) {
	s := newScene(t, 1)
	reached := make(chan struct{})
	s.ops[source].VolumeBytes = &hooked{disks: s.bytes[source], opening: func(ctx context.Context) error {
		close(reached)
		<-ctx.Done()
		return ctx.Err()
	}}
	b := s.backup(t, s.ops[source], "now")
	<-reached
	must(t, s.ops[source].Backups.Delete(t.Context(), b.ID))
	s.leavesNothing(t)
	plan, err := s.ops[source].BackupPlans.Get(t.Context(), s.plan.ID)
	must(t, err)
	if plan.LastError != "" {
		t.Errorf("the plan has failed: %s", plan.LastError)
	}
}

// TestAtOnce lets one of two processes back up that have both seen no other.
func TestAtOnce(t *testing.T) {
	s := newScene(t, 1)
	next := s.process(t, source)
	var first cloud.Backup
	next.Records = &texts{records: s.texts[source], adding: func() { first = s.backup(t, s.ops[source], "first") }}
	spec := s.backupSpec("second")
	_, err := next.Backups.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: ownerKey("second")})
	var e *cloud.Error
	if !errors.As(err, &e) || !errors.Is(e, cloud.ErrBusy) || e.RetryAfter <= 0 {
		t.Errorf("a run beside that of another process: %v", err)
	}
	if first = settle(t, s.ops[source].Backups, first); first.State != cloud.StateReady {
		t.Errorf("the first is %+v", first)
	}
	next.Records = s.texts[source]
	if second := settle(t, next.Backups, s.backup(t, next, "second")); second.State != cloud.StateReady {
		t.Errorf("the second is %+v", second)
	}
}
