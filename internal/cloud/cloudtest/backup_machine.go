package cloudtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// protectMachine makes a machine at the source with some bytes on its boot volume, which the plan has as its only source.
func (p protection) protectMachine(t *testing.T) (protection, cloud.VirtualMachine) {
	t.Helper()
	if p.Keeper.Operator.Capabilities.BackupsRunHere {
		t.Skip("machines of this operator are not restored by it")
	}
	plans, machines := backupPlans(t, p.BackupHarness), virtualMachines(t, p.Source)
	machine := machines.ready(t, machines.spec(t), newKey())
	p.Write(t, p.Source.Operator, machine.BootVolumeID, 3<<20, noise(100_000))
	from := p.spec
	p.spec.Sources = []string{machine.ID, p.volume.ID} // A copy is changed, which the caller gets.
	p.plan = plans.update(t, p.plan.ID, from, p.spec)
	return p, machine
}

// machineToRestore is one at the keeper whose boot disk is filled from the plan's vault with the plan's key.
func (p protection) machineToRestore(t *testing.T, from cloud.RestoreFrom) cloud.VirtualMachineSpec {
	t.Helper()
	spec := virtualMachines(t, p.Keeper).spec(t)
	from.VaultID, from.Key = p.spec.Vault.ID, p.spec.Key.Value
	spec.ImageID, spec.RestoreFrom = "", &from
	return spec
}

// testRestoreMachine brings a machine back at the keeper after all of it is gone at the source.
func testRestoreMachine(t *testing.T, h BackupHarness) {
	p, machine := h.protect(t).protectMachine(t)
	sum := h.Checksum(t, h.Source.Operator, machine.BootVolumeID, h.Source.BootDiskGiB)
	var booted cloud.RecoveryPoint
	for _, point := range p.run(t).RecoveryPoints {
		if point.VolumeID == machine.BootVolumeID {
			booted = point
		}
	}
	backupPlans(t, h).delete(t, p.plan.ID)
	virtualMachines(t, h.Source).delete(t, machine.ID)

	machines := virtualMachines(t, h.Keeper)
	want := cloud.Restored{
		VaultID: p.spec.Vault.ID, RecoveryPointID: booted.ID, VolumeID: machine.BootVolumeID, VirtualMachineID: machine.ID,
		TakenAt: booted.TakenAt, TreeSHA256: booted.TreeSHA256,
	}
	for what, from := range map[string]cloud.RestoreFrom{
		"by the machine": {VolumeID: machine.ID}, "by its boot volume": {VolumeID: machine.BootVolumeID},
		"by the recovery point": {RecoveryPointID: booted.ID},
	} {
		spec := p.machineToRestore(t, from)
		restored := machines.ready(t, spec, newKey())
		machines.verify(t, spec, restored)
		equal(t, "content "+what, p.Checksum(t, h.Keeper.Operator, restored.BootVolumeID, h.Source.BootDiskGiB), sum)
		if restored.Restored == nil || *restored.Restored != want {
			t.Errorf("%s, it was restored from %+v; want %+v", what, restored.Restored, want)
		}
		// It is a machine like others, that does not care any more what it was made of.
		other := spec
		machines.change(&other)
		other.RestoreFrom = nil
		machines.verify(t, other, machines.update(t, restored.ID, spec, other))
		machines.delete(t, restored.ID)
		if _, err := h.Keeper.Operator.StorageVolumes.Get(t.Context(), restored.BootVolumeID); !errors.Is(err, cloud.ErrNotFound) {
			t.Errorf("%s, the boot volume is left over: %v", what, err)
		}
	}
}

// testMachineNotRestored leaves no machine that boots something else, and no volume.
func testMachineNotRestored(t *testing.T, h BackupHarness) {
	p, machine := h.protect(t).protectMachine(t)
	p.run(t)
	machines, volumes := virtualMachines(t, h.Keeper), storageVolumes(t, h.Keeper)
	before := len(volumes.find(t, cloud.ListOptions{}))
	for name, tc := range map[string]struct {
		spoil          func(*cloud.VirtualMachineSpec)
		pointer, words string
	}{
		"another key": {
			func(s *cloud.VirtualMachineSpec) { s.RestoreFrom.Key = newBackupKey(t).Value }, "/restore_from/encryption_key", "key",
		},
		"no such machine": {
			func(s *cloud.VirtualMachineSpec) { s.RestoreFrom.VolumeID = "no-such-machine" }, "/restore_from/volume_id", "no-such-machine",
		},
		"an image, too": {func(s *cloud.VirtualMachineSpec) { s.ImageID = h.Keeper.ImageID }, "/image_id", ""},
	} {
		spec := p.machineToRestore(t, cloud.RestoreFrom{VolumeID: machine.ID})
		tc.spoil(&spec)
		vm, err := machines.create(t, spec, newKey())
		words := ""
		var e *cloud.Error
		switch {
		case errors.As(err, &e):
			wantField(t, err, tc.pointer)
			words = e.Text
			for _, f := range e.Fields {
				words += " " + f.Text
			}
		default: // Operators may find out at once or later.
			words = machines.becomes(t, vm.ID, cloud.StateFailed).StateMessage
			machines.delete(t, vm.ID)
		}
		if !strings.Contains(words, tc.words) || strings.Contains(words, spec.RestoreFrom.Key) {
			t.Errorf("%s: the reason is %q", name, words)
		}
	}
	spec := p.machineToRestore(t, cloud.RestoreFrom{VolumeID: machine.ID})
	machines.delete(t, machines.ready(t, spec, newKey()).ID) // Nothing is spoilt.
	equal(t, "number of volumes afterwards", len(volumes.find(t, cloud.ListOptions{})), before)
	// A machine's id is none of a volume.
	p.notRestored(t, p.toRestore(t, cloud.RestoreFrom{VolumeID: machine.ID}), "/restore_from/volume_id")
}
