package backuprun

import (
	"context"
	"errors"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// moveAll moves what is frozen. One volume that fails does not keep the others from being moved.
func (n *run) moveAll(ctx context.Context, v Vault, volumes []cloud.ProtectedVolume, frozen map[string]cloud.FrozenVolume) {
	n.mu.Lock()
	n.total = len(frozen)
	for id, f := range frozen {
		n.progress[id] = mover.Progress{Size: f.SizeBytes()}
		if at := f.TakenAt(); n.takenAt.IsZero() || at.Before(n.takenAt) {
			n.takenAt = at.UTC()
		}
	}
	n.mu.Unlock()
	var all sync.WaitGroup
	for _, volume := range volumes {
		f := frozen[volume.VolumeID]
		if f == nil {
			continue
		}
		all.Go(func() {
			made, err := cloud.Caught(func() (mover.RecoveryPoint, error) { return n.move(ctx, v, volume, f) })
			if err != nil {
				n.failVolume(volume, why(ctx, err))
				return
			}
			n.mu.Lock()
			defer n.mu.Unlock()
			n.points = append(n.points, point{
				ID: made.ID, VolumeID: volume.VolumeID, VolumeName: volume.Name, TakenAt: made.Source.TakenAt, Size: made.Size,
				Uploaded: made.BytesUploaded, TreeSHA256: made.TreeSHA256,
			})
		})
	}
	all.Wait()
}

// move moves one volume, and removes what was frozen of it.
func (n *run) move(ctx context.Context, v Vault, volume cloud.ProtectedVolume, f cloud.FrozenVolume) (p mover.RecoveryPoint, err error) {
	defer n.close(ctx, f)
	select {
	case n.width <- struct{}{}:
		defer func() { <-n.width }()
	case <-ctx.Done():
		return p, ctx.Err()
	}
	from, err := f.Open(ctx)
	if errors.Is(err, cloud.ErrUnknownOutcome) {
		n.leftOver(true) // Nobody can close what nobody knows.
	}
	if err != nil {
		return p, err
	}
	meta := mover.Meta{
		Operator: n.op.Name, Kind: volumeSource, ID: volume.VolumeID, Name: volume.Name, TakenAt: f.TakenAt().UTC(),
		Labels: map[string]string{"backup_plan_id": n.planID},
	}
	if volume.VirtualMachineID != "" {
		meta.Labels["virtual_machine_id"] = volume.VirtualMachineID
	}
	if machineID, ok := n.boots[volume.VolumeID]; ok {
		meta.Labels["boot_volume_of"] = machineID
	}
	p, err = v.Backup(ctx, &stream{ctx: ctx, from: from, size: f.SizeBytes()}, meta, func(now mover.Progress) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.progress[volume.VolumeID] = now
	})
	_ = from.Close() // All that matters of it is read.
	return p, err
}

// close removes what was frozen, also if the rest was given up. What it cannot the next run does.
func (n *run) close(ctx context.Context, f cloud.FrozenVolume) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer cancel()
	if f.Close(ctx) != nil {
		n.leftOver(true)
	}
}
