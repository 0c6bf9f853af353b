package backuprun_test

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// machine is one at the source that runs.
func (s *scene) machine(t *testing.T, name string) cloud.VirtualMachine {
	t.Helper()
	op := s.ops[source]
	network := settle(t, op.Networks, created(t, op.Networks, cloud.NetworkSpec{
		SpecMeta: cloud.SpecMeta{Name: "net"}, CIDR: "10.1.0.0/24",
	}, "net"))
	m := settle(t, op.VirtualMachines, created(t, op.VirtualMachines, cloud.VirtualMachineSpec{
		SpecMeta: cloud.SpecMeta{Name: name}, VCPUs: 1, MemoryMiB: 2048, ImageID: "deb13", BootDisk: &cloud.BootDisk{SizeGiB: 8},
		NetworkInterfaces: []cloud.NetworkInterface{{NetworkID: network.ID}}, PowerState: cloud.PowerRunning,
	}, name))
	must(t, os.Truncate(s.bytes[source].path(m.BootVolumeID), 16<<20)) // Gigabytes of zeros take their time, too.
	return m
}

func (s *scene) power(t *testing.T, m cloud.VirtualMachine) cloud.PowerState {
	t.Helper()
	m, err := s.ops[source].VirtualMachines.Get(t.Context(), m.ID)
	must(t, err)
	return m.PowerState
}

// stopping has the plan stop machines, and back up volumes beside.
func (s *scene) stopping(t *testing.T, sources ...string) {
	t.Helper()
	to := s.spec()
	to.Sources, to.Consistency = sources, cloud.ConsistencyStopped
	_, err := s.ops[source].BackupPlans.Update(t.Context(), s.plan.ID, cloud.Change[cloud.BackupPlanSpec]{From: s.spec(), To: to})
	must(t, err)
}

func refusal(reason error) error {
	return &cloud.Error{Reason: reason, Operator: source, Text: "Not now."}
}

// TestStartedAgain starts machines whatever the operator answers meanwhile, and what does not start the next time.
func TestStartedAgain(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	one, two := s.machine(t, "one"), s.machine(t, "two")
	s.stopping(t, one.ID, two.ID)
	var unread, stuck atomic.Bool
	op.Records = &texts{records: s.texts[source], reading: func(kind string) error {
		if kind == "backup" && unread.CompareAndSwap(true, false) {
			return refusal(cloud.ErrUnavailable)
		}
		return nil
	}}
	reason := cloud.ErrQuota
	op.VirtualMachines = &switches{op.VirtualMachines, func(id string, to cloud.PowerState) error {
		if id == one.ID && to == cloud.PowerRunning && stuck.Load() {
			return refusal(reason)
		}
		return nil
	}}
	both := func(after string, want cloud.PowerState) {
		t.Helper()
		if first, second := s.power(t, one), s.power(t, two); first != want || second != cloud.PowerRunning {
			t.Errorf("after %s the machines are %s and %s", after, first, second)
		}
	}
	s.bytes[source].meanwhile(func() error {
		unread.Store(true)
		return nil
	}, nil, nil)
	s.protected(t, "unread")
	both("a record that could not be read", cloud.PowerRunning)

	stuck.Store(true)
	s.bytes[source].meanwhile(nil, nil, nil)
	for _, name := range []string{"stuck", "still stuck"} {
		failed := settle(t, op.Backups, s.backup(t, op, name))
		if failed.State != cloud.StateFailed || len(failed.RecoveryPoints) != 2 {
			t.Errorf("the backup is %+v", failed)
		}
		mentions(t, "the reason", failed.StateMessage, "Virtual machine "+one.ID, "could not be started again", "Not now.", "Start it")
		both("a start that was refused", cloud.PowerStopped)
	}
	reason = cloud.ErrFailed
	for b, err := range op.Backups.List(t.Context(), cloud.ListOptions{}) {
		must(t, err)
		if err := op.Backups.Delete(t.Context(), b.ID); b.Name == "stuck" && err != nil {
			t.Errorf("as its machine has failed, the backup cannot be deleted: %v", err)
		}
	}
	stuck.Store(false)
	failed := settle(t, op.Backups, s.backup(t, op, "at last"))
	if failed.State != cloud.StateReady {
		t.Errorf("the backup is %+v", failed)
	}
}

// TestStartedLater starts what could not be started by the next backup of the plan.
func TestStartedLater(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	machine := s.machine(t, "app")
	s.stopping(t, machine.ID)
	machines := op.VirtualMachines
	op.VirtualMachines = &switches{machines, func(_ string, to cloud.PowerState) error {
		if to == cloud.PowerRunning {
			return refusal(cloud.ErrQuota)
		}
		return nil
	}}
	settle(t, op.Backups, s.backup(t, op, "stuck"))
	op.VirtualMachines = machines
	s.protected(t, "later")
	if is := s.power(t, machine); is != cloud.PowerRunning {
		t.Errorf("after the next backup the machine is %s", is)
	}
}

// TestTwoPlans has two plans stop a machine one after the other: what one starts the other would take for stopped.
func TestTwoPlans(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	machine := s.machine(t, "app")
	s.stopping(t, machine.ID)
	spec := s.spec()
	spec.Name, spec.Sources, spec.Consistency = "other", []string{machine.ID}, cloud.ConsistencyStopped
	other := created(t, op.BackupPlans, spec, "other plan")
	reached, goOn := make(chan cloud.PowerState, 2), make(chan struct{})
	s.bytes[source].meanwhile(func() error {
		reached <- s.power(t, machine)
		<-goOn
		return nil
	}, nil, nil)
	first := s.backup(t, op, "first")
	<-reached
	second := created(t, op.Backups, cloud.BackupSpec{
		SpecMeta: cloud.SpecMeta{Name: "second"}, PlanID: other.ID, Key: cloud.BackupKey{Value: s.key},
	}, "second")
	for !strings.Contains(second.StateMessage, "another backup that has stopped machines") {
		var err error
		second, err = op.Backups.Get(t.Context(), second.ID)
		must(t, err)
		if len(reached) > 0 {
			t.Fatal("the other plan has frozen what it has not stopped")
		}
	}
	close(goOn)
	for _, b := range []cloud.Backup{first, second} {
		if b = settle(t, op.Backups, b); b.State != cloud.StateReady {
			t.Errorf("the backup is %+v", b)
		}
	}
	if is := <-reached; is != cloud.PowerStopped {
		t.Errorf("while the other plan froze it the machine was %s", is)
	}
}

// TestStartedMeanwhile does not call a backup one of a stopped machine that was none.
func TestStartedMeanwhile(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	machine := s.machine(t, "app")
	s.stopping(t, machine.ID, s.volumes[0].ID)
	own := s.open(t, source).VirtualMachines
	s.bytes[source].meanwhile(func() error {
		m, err := own.Update(t.Context(), machine.ID, cloud.Change[cloud.VirtualMachineSpec]{
			From: cloud.VirtualMachineSpec{PowerState: cloud.PowerStopped}, To: cloud.VirtualMachineSpec{PowerState: cloud.PowerRunning},
		})
		for err == nil && (m.State != cloud.StateReady || m.PowerState != cloud.PowerRunning) {
			m, err = own.Await(t.Context(), machine.ID, time.Second)
		}
		return err
	}, nil, nil)
	failed := settle(t, op.Backups, s.backup(t, op, "now"))
	if failed.State != cloud.StateFailed || len(failed.RecoveryPoints) != 1 || failed.RecoveryPoints[0].VolumeID != s.volumes[0].ID {
		t.Errorf("the backup is %+v", failed)
	}
	mentions(t, "the reason", failed.StateMessage, "The virtual machine app was not off", "Make another backup")
	if n := s.bytes[source].leftOver(); n != 0 {
		t.Errorf("%d runs have left something over", n)
	}
}

// TestNotForAll backs up what it can: a volume that cannot be read and a machine that does not stop are failed alone, and
// nothing is stopped for what cannot be read.
func TestNotForAll(t *testing.T) {
	s := newScene(t, 2)
	op := s.ops[source]
	unread, running := s.machine(t, "unread"), s.machine(t, "running")
	s.stopping(t, unread.ID, running.ID, s.volumes[0].ID, s.volumes[1].ID)
	must(t, errors.Join(os.Remove(s.bytes[source].path(s.volumes[0].ID)), os.Remove(s.bytes[source].path(unread.BootVolumeID))))
	var ordered atomic.Int32
	op.VirtualMachines = &switches{op.VirtualMachines, func(id string, _ cloud.PowerState) error {
		if id == unread.ID {
			ordered.Add(1)
		}
		return refusal(cloud.ErrConflict)
	}}
	failed := settle(t, op.Backups, s.backup(t, op, "now"))
	if failed.State != cloud.StateFailed || len(failed.RecoveryPoints) != 1 || failed.RecoveryPoints[0].VolumeID != s.volumes[1].ID {
		t.Errorf("the backup is %+v", failed)
	}
	mentions(t, "the reason", failed.StateMessage, "There is no volume "+s.volumes[0].ID,
		"There is no volume "+unread.BootVolumeID, "Not now.")
	if ordered.Load() != 0 {
		t.Error("a machine was stopped whose volume cannot be read")
	}
}
