package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// freeze copies the volumes of a run as they are at one time. If its plan wants so, their machines are off meanwhile, and
// started again whatever has become of the copies.
func (t *transfers) freeze(w *world, r *run, s *snapshot) (failures []error, err error) {
	err = w.locked(t.ctx, func() { w.powerOffFor(r) })
	if err == nil {
		failures = s.take(t.ctx, r.volumes, w.clock.now)
	}
	return failures, errors.Join(err, w.locked(t.ctx, func() {
		for _, id := range r.off {
			if machine := w.objects[id]; machine != nil {
				w.powerOn(machine, 1)
			}
		}
	}))
}

// powerOffFor powers off the machines that write to what a run is to freeze. Volumes of a machine that cannot be powered off now
// are not backed up: they would not be what was asked for.
func (w *world) powerOffFor(r *run) {
	if value(planSpec(r.plan).Consistency) != api.BackupConsistencyStopped {
		return
	}
	r.volumes = slices.DeleteFunc(r.volumes, func(v api.ProtectedVolume) bool {
		volume := w.objects[v.VolumeId]
		if volume == nil {
			return false // Which the copy tells.
		}
		machine := w.objects[volume.Derived.MachineID]
		if machine == nil || slices.Contains(r.off, machine.ID) || !writes(machine) {
			return false
		}
		if machine.State == api.StateCreating || machine.State == api.StateDeleting || machine.stuck() {
			r.fail(v, fmt.Sprintf("The machine %s is %s, and cannot be powered off while it is.", machine.common.Name, machine.State))
			return true
		}
		w.powerOff(machine, r.plan)
		r.off = append(r.off, machine.ID)
		return false
	})
}

// writes reports whether a machine may write. One that is off for another run may be started before this one is over.
func writes(machine *object) bool {
	return value(machineSpec(machine).PowerState) != api.PowerStateStopped && machine.State != api.StateFailed
}

// stuck reports whether nobody knows when a machine has another state.
func (o *object) stuck() bool {
	return !o.settled() && o.Due.IsZero() && o.Derived.OffFor == 0
}

// powerOff keeps a machine from being changed, too: its power_state stays what was declared.
func (w *world) powerOff(machine, plan *object) {
	next := machine.copy()
	if next.State == api.StateReady {
		w.begin(next, api.StateUpdating, api.StateReady, nil)
	}
	next.Message = fmt.Sprintf("It is powered off while its volumes are frozen for the backup plan %s.", plan.common.Name)
	next.Derived.OffFor++
	next.Due = time.Time{}
	w.put(next)
}

// powerOn starts a machine again when no run has it powered off any more.
func (w *world) powerOn(machine *object, runs int) {
	next := machine.copy()
	if next.Derived.OffFor -= runs; next.Derived.OffFor == 0 && !next.settled() {
		next.Message, next.Due = "", w.clock.now().Add(w.transition)
	}
	w.put(next)
}
