package backuprun_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

const (
	day = 24 * time.Hour
	// leaseOver is when a process that has said nothing more counts as dead.
	leaseOver = 6 * time.Minute
)

// TestCutOff goes on with a run whose process has died, by the next order or change, and not before its lease is over.
func TestCutOff(t *testing.T) {
	for name, goOn := range map[string]func(s *scene, op *cloud.Operator, b cloud.Backup) (cloud.Backup, error){
		"ordered again": func(s *scene, op *cloud.Operator, b cloud.Backup) (cloud.Backup, error) {
			return op.Backups.Create(t.Context(), s.backupSpec(b.Name), cloud.CreateOptions{OwnerKey: ownerKey(b.Name)})
		},
		"changed": func(s *scene, op *cloud.Operator, b cloud.Backup) (cloud.Backup, error) {
			spec := s.backupSpec(b.Name)
			return op.Backups.Update(t.Context(), b.ID, cloud.Change[cloud.BackupSpec]{From: spec, To: spec})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, 2)
			dead, reached := make(chan struct{}), make(chan struct{}, 2)
			s.bytes[source].meanwhile(nil, func(string) error {
				reached <- struct{}{}
				<-dead
				return errors.New("the process is dead")
			}, nil)
			b := s.backup(t, s.ops[source], "now")
			<-reached
			now, err := s.ops[source].Backups.Get(t.Context(), b.ID)
			must(t, err)
			mentions(t, "its message", now.StateMessage, "0 of 2 volumes", "0 %")
			next := s.process(t, source)
			_, err = goOn(s, next, b)
			var e *cloud.Error
			if !errors.As(err, &e) || !errors.Is(e, cloud.ErrBusy) || e.RetryAfter <= 0 {
				t.Fatalf("a run of another process that may live was gone on with: %v", err)
			}
			s.moveClock(leaseOver)
			now, err = next.Backups.Get(t.Context(), b.ID)
			must(t, err)
			if now.State != cloud.StateCreating {
				t.Errorf("a run that was cut off is %s", now.State)
			}
			mentions(t, "its message", now.StateMessage, "cut off", "untouched", "Apply again")
			s.bytes[source].meanwhile(nil, nil, nil)
			now, err = goOn(s, next, b)
			must(t, err)
			if now = settle(t, next.Backups, now); now.ID != b.ID || now.State != cloud.StateReady || len(now.RecoveryPoints) != 2 {
				t.Errorf("it was gone on with to %+v", now)
			}
			if n := s.bytes[source].leftOver(); n != 0 {
				t.Errorf("%d runs have left something over", n)
			}
			close(dead)
			settle(t, s.ops[source].Backups, b)
			plan, err := next.BackupPlans.Get(t.Context(), s.plan.ID)
			must(t, err)
			if plan.LastError != "" || plan.LastSuccessAt.IsZero() || plan.Stale {
				t.Errorf("the former process has made the plan %+v", plan)
			}
			if now, err = next.Backups.Get(t.Context(), b.ID); err != nil || now.State != cloud.StateReady {
				t.Errorf("the former process has made it %s, %v", now.State, err)
			}
			if n := s.keys.alive(); n != 0 {
				t.Errorf("%d keys of the vault have not ended", n)
			}
		})
	}
}

// TestOneOfSeveral keeps what was made though something else failed, and what was good before.
func TestOneOfSeveral(t *testing.T) {
	s := newScene(t, 2)
	good := s.protected(t, "good")
	s.bytes[source].meanwhile(nil, func(id string) error {
		if id == s.volumes[0].ID {
			return &cloud.Error{Reason: cloud.ErrNotFound, Operator: source, Text: "The volume is gone."}
		}
		return nil
	}, nil)
	failed := settle(t, s.ops[source].Backups, s.backup(t, s.ops[source], "now"))
	if failed.State != cloud.StateFailed || len(failed.RecoveryPoints) != 1 || failed.RecoveryPoints[0].VolumeID != s.volumes[1].ID {
		t.Fatalf("the backup is %+v", failed)
	}
	mentions(t, "the reason", failed.StateMessage, "Storage volume one", "The volume is gone.")
	plan, err := s.ops[source].BackupPlans.Get(t.Context(), s.plan.ID)
	must(t, err)
	mentions(t, "the plan's error", plan.LastError, "Storage volume one")
	if !plan.LastSuccessAt.Equal(good.RecoveryPoints[0].TakenAt) && !plan.LastSuccessAt.Equal(good.RecoveryPoints[1].TakenAt) {
		t.Errorf("the last success was at %v", plan.LastSuccessAt)
	}
	if n := len(slices.Collect(pointsOf(t, s.ops[source], s.plan.ID))); n != 3 {
		t.Errorf("there are %d recovery points; want 3", n)
	}
	if n := s.bytes[source].leftOver(); n != 0 {
		t.Errorf("%d runs have left something over", n)
	}
}

func pointsOf(t *testing.T, op *cloud.Operator, planID string) func(func(cloud.RecoveryPoint) bool) {
	return func(yield func(cloud.RecoveryPoint) bool) {
		for p, err := range op.RecoveryPoints.Of(t.Context(), planID) {
			if must(t, err); !yield(p) {
				return
			}
		}
	}
}

// TestForgotten lists the recovery points of a backup that was deleted until they cannot be restored any more.
func TestForgotten(t *testing.T) {
	s := newScene(t, 1)
	b := s.protected(t, "first")
	must(t, s.ops[source].Backups.Delete(t.Context(), b.ID))
	if n := len(slices.Collect(pointsOf(t, s.ops[source], s.plan.ID))); n != 1 {
		t.Errorf("there are %d recovery points when the backup is forgotten", n)
	}
	s.moveClock(15 * day)
	s.protected(t, "first")
	if _, err := s.texts[source].Get(t.Context(), "backup", b.ID); !errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("the record is still there: %v", err)
	}
	if n := len(slices.Collect(pointsOf(t, s.ops[source], s.plan.ID))); n != 1 {
		t.Errorf("there are %d recovery points; want the new one", n)
	}
}

// TestStopped stops machines while their volumes are frozen, and starts them whatever becomes of that.
func TestStopped(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	machine := s.machine(t, "app")
	power := func() cloud.PowerState { return s.power(t, machine) }
	to := s.spec()
	to.Sources, to.Consistency = []string{machine.ID}, cloud.ConsistencyStopped
	_, err := op.BackupPlans.Update(t.Context(), s.plan.ID, cloud.Change[cloud.BackupPlanSpec]{From: s.spec(), To: to})
	must(t, err)
	frozen := make(chan cloud.PowerState, 1)
	s.bytes[source].meanwhile(func() error {
		frozen <- power()
		return errors.New("no room for snapshots")
	}, nil, nil)
	failed := settle(t, op.Backups, s.backup(t, op, "now"))
	if is := <-frozen; is != cloud.PowerStopped {
		t.Errorf("while it was frozen the machine was %s", is)
	}
	mentions(t, "the reason", failed.StateMessage, "No room for snapshots")
	if is := power(); is != cloud.PowerRunning {
		t.Errorf("after the run the machine is %s", is)
	}

	// A process that dies while the machine is stopped leaves it to the next run.
	dead := make(chan struct{})
	s.bytes[source].meanwhile(func() error {
		frozen <- power()
		<-dead
		return errors.New("the process is dead")
	}, nil, nil)
	b := s.backup(t, op, "again")
	<-frozen
	s.bytes[source].meanwhile(func() error { return errors.New("enough") }, nil, nil)
	s.moveClock(leaseOver)
	next := s.process(t, source)
	b, err = next.Backups.Get(t.Context(), b.ID)
	must(t, err)
	mentions(t, "what was cut off", b.StateMessage, "The virtual machine "+machine.ID+" is off for it", "started by the next apply")
	must(t, next.Backups.Delete(t.Context(), b.ID))
	if is := power(); is != cloud.PowerRunning {
		t.Errorf("after what was cut off is deleted the machine is %s", is)
	}
	close(dead)
}

// TestKeys refuses what would be encrypted with another key, or with none.
func TestKeys(t *testing.T) {
	s := newScene(t, 1)
	other, err := mover.NewKey()
	must(t, err)
	for what, key := range map[string]string{"no key": "", "another key": other} {
		spec := s.backupSpec("now")
		spec.Key.Value = key
		_, err := s.ops[source].Backups.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: "now"})
		refusedAt(t, what, err, "/encryption_key")
	}
	spec := s.spec()
	spec.Name, spec.Schedule, spec.Paused = "other", "0 3 * * *", true
	_, err = s.ops[source].BackupPlans.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: "other"})
	refusedAt(t, "a schedule", err, "/schedule")
	for _, record := range s.texts[source].known {
		if strings.Contains(record.Text, "AGE-SECRET-KEY") {
			t.Errorf("a record has a key: %s", record.Text)
		}
	}
}

func refusedAt(t *testing.T, what string, err error, pointer string) string {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || !errors.Is(e, cloud.ErrInvalid) || len(e.Fields) == 0 || e.Fields[0].Pointer != pointer {
		t.Fatalf("%s: %+v; want a refusal at %s", what, err, pointer)
	}
	return e.Fields[0].Text
}

// TestVaultWithoutKeys says of a vault that this machine does not reach.
func TestVaultWithoutKeys(t *testing.T) {
	s := newScene(t, 1)
	s.ops[keeper].VaultAccess = s.open(t, keeper).VaultAccess
	spec := s.spec()
	spec.Name = "other"
	_, err := s.ops[source].BackupPlans.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: "other"})
	mentions(t, "the refusal", refusedAt(t, "a folder", err, "/vault/url"), "no keys of the vault", "Use a vault in an S3")
}

// TestDrillLog keeps the latest drill of a plan.
func TestDrillLog(t *testing.T) {
	s := newScene(t, 1)
	begun := s.now().Truncate(time.Second).UTC()
	for _, d := range []cloud.Drill{
		{StartedAt: begun.Add(-time.Hour), Passed: true, RTO: time.Minute}, {StartedAt: begun, RTO: 2 * time.Minute},
		{StartedAt: begun.Add(-time.Minute), Passed: true},
	} {
		must(t, s.ops[source].DrillLog.Note(t.Context(), s.plan.ID, d))
	}
	plan, err := s.ops[source].BackupPlans.Get(t.Context(), s.plan.ID)
	must(t, err)
	if want := (cloud.Drill{StartedAt: begun, RTO: 2 * time.Minute}); plan.LastDrill == nil || *plan.LastDrill != want {
		t.Errorf("the last drill is %+v; want %+v", plan.LastDrill, want)
	}
}
