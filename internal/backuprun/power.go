package backuprun

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// restart starts the machines that were stopped, whatever has become of the rest.
func (n *run) restart(ctx context.Context) {
	if len(n.stopped) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	n.enter("Starting the machines")
	left := n.started(ctx, n.stopped, "the backup")
	if err := n.backups.surely(ctx, n.id, func(b *backupRecord) error {
		b.Stopped = left
		return nil
	}); err != nil {
		n.fail("The run", words(err))
	}
	n.off(left)
}

// started starts machines that were stopped for a backup, and returns those that do not.
func (n *run) started(ctx context.Context, machines []string, stoppedFor string) (left []string) {
	failures := n.powerAll(ctx, machines, cloud.PowerRunning)
	left = slices.Sorted(maps.Keys(failures))
	for _, id := range left {
		n.fail("Virtual machine "+id, "It was stopped for "+stoppedFor+", and could not be started again: "+words(failures[id])+" Start it; "+
			"the next backup of the plan tries that, too.")
	}
	return left
}

// areOff tells for people which machines are off for a backup.
func areOff(machines []string) string {
	if len(machines) == 1 {
		return "The virtual machine " + machines[0] + " is off for it"
	}
	return "The virtual machines " + strings.Join(machines, ", ") + " are off for it"
}

// powerLimit is how long a machine may take to stop or to start.
const powerLimit = 15 * time.Minute

// powerAll stops or starts machines all at once, and returns why which of them could not be. One that is gone is as it is.
func (r *runner) powerAll(ctx context.Context, machines []string, want cloud.PowerState) map[string]error {
	failures := map[string]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, id := range machines {
		all.Go(func() {
			_, err := cloud.Caught(func() (struct{}, error) { return struct{}{}, r.power(ctx, id, want) })
			if err != nil && !errors.Is(err, cloud.ErrNotFound) {
				mu.Lock()
				defer mu.Unlock()
				failures[id] = err
			}
		})
	}
	all.Wait()
	return failures
}

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
