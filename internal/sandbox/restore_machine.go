package sandbox

import (
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// bootFromPoint plans a boot volume that is filled from a recovery point.
func (w *world) bootFromPoint(o *object) ([]api.FieldError, *problem) {
	spec := machineSpec(o)
	faults := w.planBootDisk(o, "a recovery point")
	if spec.BootDisk == nil {
		return faults, nil
	}
	more, p := w.admitRestore(o, spec.RestoreFrom, spec.BootDisk.SizeGib, "/boot_disk/size_gib")
	return append(faults, more...), p
}

// restoreBoot has the new boot volume of a machine filled, for which the machine waits. The key is the volume's alone from here on.
func (w *world) restoreBoot(machine, volume *object) {
	machineSpec(machine).RestoreFrom = nil
	machine.restate()
	// A fault that was ordered of the machine has the last word.
	if machine.Next == api.StateFailed || machine.Due.IsZero() {
		machine.Derived.RestorePoint = ""
	} else {
		machine.Due = time.Time{}
	}
	w.fill(volume)
}

// bootRestored lets the machine go on that waits for its boot volume, or fail as that did.
func (w *world) bootRestored(volume *object, failure error, a agreement) {
	machine := w.objects[volume.Derived.MachineID]
	if machine == nil || machine.Derived.BootVolume != volume.ID || machine.Derived.RestorePoint == "" || machine.settled() {
		return
	}
	next := machine.copy()
	next.Derived.RestorePoint, next.Derived.Restored = "", volume.Derived.Restored
	next.Due = w.clock.now().Add(w.transition)
	if failure != nil {
		next.Next, next.Failure = api.StateFailed, a.words(failure)
	}
	w.put(next)
}
