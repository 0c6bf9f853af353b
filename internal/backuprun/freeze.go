package backuprun

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// freeze keeps volumes as they are now, while machines are stopped.
func (n *run) freeze(
	ctx context.Context, volumes []cloud.ProtectedVolume, machines []string,
) (frozen map[string]cloud.FrozenVolume, err error) {
	if len(volumes) == 0 {
		return nil, nil //nolint:nilnil // Of nothing there is nothing.
	}
	volumeIDs := make([]string, len(volumes))
	for i, v := range volumes {
		volumeIDs[i] = v.VolumeID
	}
	all, err := func() ([]cloud.FrozenVolume, error) {
		defer n.restart(ctx)
		if err := n.stop(ctx, machines); err != nil {
			return nil, err
		}
		return n.op.VolumeBytes.Freeze(ctx, volumeIDs, n.id)
	}()
	if err != nil {
		return nil, err
	}
	frozen = make(map[string]cloud.FrozenVolume, len(all))
	for _, f := range all {
		frozen[f.VolumeID()] = f
	}
	return frozen, nil
}

// stop stops those machines that run, and writes down before that they are to run again: this process may die meanwhile.
func (n *run) stop(ctx context.Context, machines []string) error {
	var running []string
	for _, id := range machines {
		machine, err := n.op.VirtualMachines.Get(ctx, id)
		if err != nil {
			return err
		}
		if machine.PowerState == cloud.PowerRunning {
			running = append(running, id)
		}
	}
	if len(running) == 0 {
		return nil
	}
	n.enter("Stopping the machines")
	if _, err := n.backups.change(ctx, n.id, func(b *backupRecord) error {
		b.Stopped = running
		return nil
	}); err != nil {
		return err
	}
	for _, id := range running {
		if err := n.power(ctx, id, cloud.PowerStopped); err != nil {
			return err
		}
	}
	return nil
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

// restart starts the machines that were stopped, whatever has become of the rest.
func (n *run) restart(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	k, err := n.backups.get(ctx, n.id)
	if err != nil || len(k.is.Stopped) == 0 {
		return
	}
	n.enter("Starting the machines")
	var left []string
	for _, id := range k.is.Stopped {
		if err := n.power(ctx, id, cloud.PowerRunning); err != nil && !errors.Is(err, cloud.ErrNotFound) {
			n.fail("Virtual machine "+id, "It was stopped for the backup, and could not be started again: "+words(err)+" Start it.")
			left = append(left, id)
		}
	}
	if err := n.backups.surely(ctx, n.id, func(b *backupRecord) error {
		b.Stopped = left
		return nil
	}); err != nil {
		n.fail("The run", words(err))
	}
}

// powerLimit is how long a machine may take to stop or to start.
const powerLimit = 15 * time.Minute

// power stops or starts a machine, and waits until it is so.
func (r *runner) power(ctx context.Context, id string, want cloud.PowerState) error {
	ctx, cancel := context.WithTimeout(ctx, powerLimit)
	defer cancel()
	ordered := false
	for {
		m, err := r.op.VirtualMachines.Await(ctx, id, pause)
		switch {
		case err == nil && m.State == cloud.StateFailed:
			return r.refused(cloud.ErrFailed, fmt.Sprintf("The virtual machine %s has failed: %s", m.Name, m.StateMessage), "")
		case err == nil && m.State == cloud.StateReady && m.PowerState == want:
			return nil
		case err == nil && m.State == cloud.StateReady && !ordered:
			_, err = r.op.VirtualMachines.Update(ctx, id, cloud.Change[cloud.VirtualMachineSpec]{
				From: cloud.VirtualMachineSpec{PowerState: m.PowerState}, To: cloud.VirtualMachineSpec{PowerState: want},
			})
			ordered = err == nil
		}
		if err != nil && !passing(err) {
			return err
		}
		if !wait(ctx, pause) {
			return r.refused(cloud.ErrUnavailable, fmt.Sprintf("The virtual machine %s was not %s in time.", id, want), "")
		}
	}
}
