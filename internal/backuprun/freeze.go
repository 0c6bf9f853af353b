package backuprun

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// machinesOff is the turn of runs that stop machines: a machine may be in several plans. No plan has this id.
const machinesOff = ""

// freeze keeps volumes as they are now, while the machines that have them are stopped. What is wrong with one volume or one
// machine does not keep the others from it.
func (n *run) freeze(
	ctx context.Context, volumes []cloud.ProtectedVolume, machines map[string]string,
) (frozen map[string]cloud.FrozenVolume, err error) {
	if len(machines) > 0 {
		n.enter("Waiting for another backup that has stopped machines")
		release, err := n.turn(ctx, machinesOff)
		if err != nil {
			return nil, err
		}
		defer release()
		n.enter("Freezing the volumes")
	}
	// Before anything is stopped: for what cannot be read, nothing has to be.
	volumes = n.without(volumes, func(v cloud.ProtectedVolume) error { return n.op.VolumeBytes.Readable(ctx, v.VolumeID) })
	all, failures, err := n.hold(ctx, volumes, machines)
	if err != nil {
		return nil, err
	}
	frozen = make(map[string]cloud.FrozenVolume, len(all))
	for _, f := range all {
		frozen[f.VolumeID()] = f
	}
	n.without(volumes, func(v cloud.ProtectedVolume) error {
		err := failures[machines[v.VolumeID]]
		if f := frozen[v.VolumeID]; err != nil && f != nil {
			n.close(ctx, f)
			delete(frozen, v.VolumeID)
		}
		return err
	})
	return frozen, nil
}

// hold freezes volumes between the stop and the start of their machines. Those of machines with failures are of no use.
func (n *run) hold(
	ctx context.Context, volumes []cloud.ProtectedVolume, machines map[string]string,
) (all []cloud.FrozenVolume, failures map[string]error, err error) {
	defer n.restart(ctx)
	failures, err = n.stop(ctx, having(volumes, machines))
	if err != nil {
		return nil, nil, err
	}
	var volumeIDs []string
	for _, v := range volumes {
		if failures[machines[v.VolumeID]] == nil {
			volumeIDs = append(volumeIDs, v.VolumeID)
		}
	}
	if len(volumeIDs) == 0 {
		return nil, failures, nil
	}
	n.leftOver(true)
	if all, err = n.op.VolumeBytes.Freeze(ctx, volumeIDs, n.id); err != nil {
		return nil, nil, err
	}
	n.leftOver(false)
	n.notOff(ctx, having(volumes, machines), failures)
	return all, failures, nil
}

// without fails those volumes that something is wrong with, and returns the others.
func (n *run) without(volumes []cloud.ProtectedVolume, wrong func(cloud.ProtectedVolume) error) []cloud.ProtectedVolume {
	var good []cloud.ProtectedVolume
	for _, v := range volumes {
		if err := wrong(v); err != nil {
			n.failVolume(v, words(err))
			continue
		}
		good = append(good, v)
	}
	return good
}

// having are the machines that have some of these volumes.
func having(volumes []cloud.ProtectedVolume, machines map[string]string) (all []string) {
	for _, v := range volumes {
		if id := machines[v.VolumeID]; id != "" {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// stop stops those machines that run, and writes down before that they are to run again: this process may die meanwhile.
func (n *run) stop(ctx context.Context, machines []string) (failures map[string]error, err error) {
	failures = map[string]error{}
	var running []string
	for _, id := range machines {
		machine, err := n.op.VirtualMachines.Get(ctx, id)
		switch {
		case errors.Is(err, cloud.ErrNotFound): // It went meanwhile, and its volume may still be there.
		case err != nil:
			failures[id] = err
		case machine.Paused:
			failures[id] = n.paused(machine)
		case machine.PowerState == cloud.PowerRunning:
			running = append(running, id)
		}
	}
	if len(running) == 0 {
		return failures, nil
	}
	n.off(running)
	n.enter("Stopping the machines")
	if _, err := n.backups.change(ctx, n.id, func(b *backupRecord) error {
		b.Stopped = running
		return nil
	}); err != nil {
		return nil, err
	}
	maps.Copy(failures, n.powerAll(ctx, running, cloud.PowerStopped))
	n.enter("Freezing the volumes")
	return failures, nil
}

// off notes which machines are stopped, so that they are started again whatever the operator still answers.
func (n *run) off(machines []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopped = machines
}

// notOff adds machines that somebody has started since they were stopped: another plan, another Terraform, a person.
func (n *run) notOff(ctx context.Context, machines []string, failures map[string]error) {
	for _, id := range machines {
		machine, err := n.op.VirtualMachines.Get(ctx, id)
		switch {
		case failures[id] != nil || errors.Is(err, cloud.ErrNotFound):
		case err != nil:
			failures[id] = err
		case machine.Paused:
			failures[id] = n.paused(machine)
		case machine.PowerState != cloud.PowerStopped:
			failures[id] = n.refused(cloud.ErrConflict, fmt.Sprintf("The virtual machine %s was not off while the volume was frozen.", machine.Name),
				"Another backup or somebody has started it meanwhile. Make another backup.")
		}
	}
}

// paused is why a machine that does not run is not stopped either. Only its owner can tell whether it may go on.
func (n *run) paused(machine cloud.VirtualMachine) error {
	return n.refused(cloud.ErrConflict, fmt.Sprintf("The virtual machine %s is paused or suspended, so what its guest has not written yet "+
		"is in no volume, and a backup would not be of a stopped machine.", machine.Name), "Let it go on or shut it down, and back it up again.")
}

// noteBoots finds out which volumes machines boot from, so that a machine can be restored by its id.
func (n *run) noteBoots(ctx context.Context, machines []string) error {
	for _, id := range machines {
		machine, err := n.op.VirtualMachines.Get(ctx, id)
		if errors.Is(err, cloud.ErrNotFound) {
			continue // It went meanwhile, and its volume may still be there.
		}
		if err != nil {
			return err
		}
		n.boots[machine.BootVolumeID] = id
	}
	return nil
}
