package cloudtest

import (
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// testStoppedMachines powers machines off for a moment, and leaves each as it was.
func testStoppedMachines(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	plans, machines, attachments := backupPlans(t, h), virtualMachines(t, h.Source), volumeAttachments(t, h.Source)
	running := machines.ready(t, machines.spec(t), newKey())
	off := machines.spec(t)
	off.PowerState = cloud.PowerStopped
	resting := machines.ready(t, off, newKey())
	attachments.ready(t, cloud.VolumeAttachmentSpec{
		SpecMeta: cloud.SpecMeta{Name: newName("att")}, VolumeID: p.volume.ID, VirtualMachineID: running.ID,
	}, newKey())
	from := p.spec
	p.spec.Sources, p.spec.Consistency = []string{p.volume.ID, resting.ID}, cloud.ConsistencyStopped
	plans.verify(t, p.spec, plans.update(t, p.plan.ID, from, p.spec))

	var got []string
	for _, point := range p.run(t).RecoveryPoints {
		got = append(got, point.VolumeID)
	}
	want := []string{p.volume.ID, resting.BootVolumeID}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("there are recovery points of %v; want %v", got, want)
	}
	for id, state := range map[string]cloud.PowerState{running.ID: cloud.PowerRunning, resting.ID: cloud.PowerStopped} {
		after := machines.becomes(t, id, cloud.StateReady)
		equal(t, "power state after the backup", after.PowerState, state)
		equal(t, "message after the backup", after.StateMessage, "")
	}
	p.same(t, "of the volume at a machine", p.restore(t, cloud.RestoreFrom{VolumeID: p.volume.ID}), p.sum(t, p.volume.ID))

	from = p.spec
	p.spec.Consistency = cloud.ConsistencyCrash
	plans.verify(t, p.spec, plans.update(t, p.plan.ID, from, p.spec))
}
