package backuprun_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestRestoreCutOff begins anew what was cut off, and lets nobody use it before.
func TestRestoreCutOff(t *testing.T) {
	s := newScene(t, 1)
	s.protected(t, "now")
	dead, reached := make(chan struct{}), make(chan struct{})
	s.bytes[keeper].meanwhile(nil, nil, func(string) error {
		close(reached)
		<-dead
		return errors.New("the process is dead")
	})
	spec := s.toRestore(cloud.RestoreFrom{VolumeID: s.volumes[0].ID})
	v := created(t, s.ops[keeper].StorageVolumes, spec, "restored")
	<-reached
	s.bytes[keeper].meanwhile(nil, nil, nil)
	next := s.process(t, keeper)
	again := cloud.Change[cloud.StorageVolumeSpec]{From: spec, To: spec}
	if _, err := next.StorageVolumes.Update(t.Context(), v.ID, again); !errors.Is(err, cloud.ErrBusy) {
		t.Fatalf("a restore of another process that may live was begun anew: %v", err)
	}
	s.moveClock(leaseOver)
	for is, err := range next.StorageVolumes.List(t.Context(), cloud.ListOptions{State: cloud.StateCreating}) {
		must(t, err)
		mentions(t, "its message", is.StateMessage, "cut off", "must not be used", "Apply again")
		v = is
	}
	if v.StateMessage == "" {
		t.Error("what was cut off is not among what is being made")
	}
	_, err := next.VolumeAttachments.Create(t.Context(), cloud.VolumeAttachmentSpec{VolumeID: v.ID, VirtualMachineID: "vm-1"},
		cloud.CreateOptions{OwnerKey: "attached"})
	if !errors.Is(err, cloud.ErrConflict) {
		t.Errorf("what was cut off was attached: %v", err)
	}
	_, err = next.VirtualMachines.Create(t.Context(), cloud.VirtualMachineSpec{BootVolumeID: v.ID}, cloud.CreateOptions{OwnerKey: "booted"})
	if !errors.Is(err, cloud.ErrConflict) {
		t.Errorf("what was cut off was booted: %v", err)
	}
	gone := again
	gone.To.RestoreFrom = nil
	if _, err := next.StorageVolumes.Update(t.Context(), v.ID, gone); !errors.Is(err, cloud.ErrConflict) {
		t.Errorf("what was cut off is said to be what is wanted: %v", err)
	}
	v, err = next.StorageVolumes.Update(t.Context(), v.ID, again)
	must(t, err)
	v = settle(t, next.StorageVolumes, v)
	if v.State != cloud.StateReady || v.Restored == nil || v.Restored.VolumeID != s.volumes[0].ID {
		t.Fatalf("it was begun anew to %+v", v)
	}
	s.same(t, s.volumes[0].ID, v.ID)
	if n := s.bytes[keeper].leftOver(); n != 0 {
		t.Errorf("%d restores have left something over", n)
	}
	close(dead)
	// The former process comes to itself, and leaves alone what is not its own any more.
	_, err = s.ops[keeper].StorageVolumes.Await(t.Context(), v.ID, time.Minute)
	must(t, err)
	if v, err = next.StorageVolumes.Get(t.Context(), v.ID); err != nil || v.Restored == nil {
		t.Errorf("the former process has made it %+v, %v", v, err)
	}
	if n := s.keys.alive(); n != 0 {
		t.Errorf("%d keys of the vault have not ended", n)
	}
}

// TestRestoreFails says why, and gives the volume back though it is protected: nothing is in it.
func TestRestoreFails(t *testing.T) {
	s := newScene(t, 1)
	s.protected(t, "now")
	s.bytes[keeper].meanwhile(nil, nil, func(string) error {
		return &cloud.Error{Reason: cloud.ErrQuota, Operator: keeper, Text: "There is no room for images."}
	})
	spec := s.toRestore(cloud.RestoreFrom{VolumeID: s.volumes[0].ID})
	v := settle(t, s.ops[keeper].StorageVolumes, created(t, s.ops[keeper].StorageVolumes, spec, "restored"))
	if v.State != cloud.StateFailed || v.Restored != nil {
		t.Fatalf("the volume is %+v", v)
	}
	mentions(t, "the reason", v.StateMessage, "There is no room for images.")
	next := s.process(t, keeper)
	v, err := next.StorageVolumes.Get(t.Context(), v.ID)
	must(t, err)
	mentions(t, "the reason in another process", v.StateMessage, "There is no room for images.")
	for err = cloud.ErrBusy; errors.Is(err, cloud.ErrBusy); { // The protection is lifted first.
		err = next.StorageVolumes.Delete(t.Context(), v.ID)
	}
	must(t, err)
	if n := s.bytes[keeper].leftOver(); n != 0 {
		t.Errorf("%d restores have left something over", n)
	}
}

// TestLostAnswer finds a volume again whose order was carried out without an answer: it is restored, and not taken for what
// it is not.
func TestLostAnswer(t *testing.T) {
	s := newScene(t, 1)
	s.protected(t, "now")
	must(t, s.box.AddFault(sandbox.Fault{
		Operator: keeper, Method: "POST", Path: "storage-volumes$", Nth: 1, Times: 1, After: true, Reset: true,
	}))
	spec := s.toRestore(cloud.RestoreFrom{VolumeID: s.volumes[0].ID})
	v := settle(t, s.ops[keeper].StorageVolumes, created(t, s.ops[keeper].StorageVolumes, spec, "restored"))
	if v.Restored == nil {
		t.Fatalf("it is not restored: %+v", v)
	}
	s.same(t, s.volumes[0].ID, v.ID)
}

// TestEitherRestores has a sandbox restore what this process has backed up, and the other way round.
func TestEitherRestores(t *testing.T) {
	s := newScene(t, 1)
	s.protected(t, "now")
	own := s.open(t, keeper).StorageVolumes
	spec := s.toRestore(cloud.RestoreFrom{VolumeID: s.volumes[0].ID})
	v := settle(t, own, created(t, own, spec, "restored"))
	if v.State != cloud.StateReady {
		t.Fatalf("the sandbox has made it %s: %s", v.State, v.StateMessage)
	}
	s.same(t, s.volumes[0].ID, v.ID)

	op := s.open(t, keeper)
	another := s.volume(t, keeper, cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: "another"}, SizeGiB: 1})
	s.write(t, keeper, another.ID)
	plan := s.spec()
	plan.Sources = []string{another.ID}
	made := settle(t, op.BackupPlans, created(t, op.BackupPlans, plan, "own plan"))
	settle(t, op.Backups, created(t, op.Backups, cloud.BackupSpec{
		SpecMeta: cloud.SpecMeta{Name: "now"}, PlanID: made.ID,
	}, "own backup"))
	spec = s.toRestore(cloud.RestoreFrom{VolumeID: another.ID})
	spec.Name = "another-restored"
	v = settle(t, s.ops[keeper].StorageVolumes, created(t, s.ops[keeper].StorageVolumes, spec, "another restored"))
	if v.State != cloud.StateReady || v.Restored == nil {
		t.Fatalf("this process has made it %s: %s", v.State, v.StateMessage)
	}
	sum := harness(s.pair).Checksum
	if sum(t, op, another.ID, 1) != sum(t, op, v.ID, 1) {
		t.Error("what was restored is not what the sandbox has backed up")
	}
}
