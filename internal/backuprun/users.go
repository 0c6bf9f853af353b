package backuprun

import (
	"context"
	"errors"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// attachments are the operator's, but for volumes that are not restored yet.
type attachments struct {
	cloud.Collection[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment]
	*runner
}

// Create implements cloud.Collection.
func (a attachments) Create(
	ctx context.Context, spec cloud.VolumeAttachmentSpec, opts cloud.CreateOptions,
) (cloud.VolumeAttachment, error) {
	if err := a.usable(ctx, spec.VolumeID); err != nil {
		return cloud.VolumeAttachment{}, err
	}
	return a.Collection.Create(ctx, spec, opts)
}

// machines are the operator's, but for those that would boot from a volume that is not restored yet.
type machines struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
	*runner
}

// Create implements cloud.Collection.
func (m machines) Create(
	ctx context.Context, spec cloud.VirtualMachineSpec, opts cloud.CreateOptions,
) (cloud.VirtualMachine, error) {
	if spec.BootVolumeID != "" {
		if err := m.usable(ctx, spec.BootVolumeID); err != nil {
			return cloud.VirtualMachine{}, err
		}
	}
	return m.Collection.Create(ctx, spec, opts)
}

// usable refuses a volume that has not what it was to be filled with, or of which nobody can tell. Of one that is not there the
// operator tells.
func (r *runner) usable(ctx context.Context, volumeID string) error {
	is, err := r.op.StorageVolumes.Get(ctx, volumeID)
	switch {
	case errors.Is(err, cloud.ErrNotFound):
		return nil
	case err != nil:
		return err
	case !unusable(is.Mark):
		return nil
	}
	reason := cloud.ErrConflict
	if f := r.restoring(volumeID); f != nil && !f.over() {
		reason = cloud.ErrBusy
	}
	return r.refused(reason, "The volume "+is.Name+" is not restored. "+is.StateMessage, "")
}
