package backuprun_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// silent are volumes of which the operator says nothing, or only that they are not there.
type silent struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	reason error
}

func (s silent) Get(context.Context, string) (cloud.StorageVolume, error) {
	return cloud.StorageVolume{}, &cloud.Error{Reason: s.reason, Operator: source}
}

// attached and booted are what may use a volume, of which the operator takes everything.
type attached struct {
	cloud.Collection[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment]
}

func (attached) Create(context.Context, cloud.VolumeAttachmentSpec, cloud.CreateOptions) (cloud.VolumeAttachment, error) {
	return cloud.VolumeAttachment{}, nil
}

type booted struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
}

func (booted) Create(context.Context, cloud.VirtualMachineSpec, cloud.CreateOptions) (cloud.VirtualMachine, error) {
	return cloud.VirtualMachine{}, nil
}

// TestUnknownVolume lets nobody use a volume of which nobody can tell whether it is restored.
func TestUnknownVolume(t *testing.T) {
	p := newPair(t)
	op := p.open(t, source)
	op.BackupPlans, op.Records, op.VolumeBytes = nil, p.texts[source], p.bytes[source]
	op.VolumeAttachments, op.VirtualMachines = attached{}, booted{}
	p.attach(op)
	for _, c := range []struct{ says, want error }{
		{cloud.ErrUnavailable, cloud.ErrUnavailable}, {cloud.ErrForbidden, cloud.ErrForbidden}, {cloud.ErrNotFound, nil},
	} {
		op.StorageVolumes = silent{reason: c.says}
		_, err := op.VolumeAttachments.Create(t.Context(), cloud.VolumeAttachmentSpec{VolumeID: "v-1"}, cloud.CreateOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("%v: what was attached: %v", c.says, err)
		}
		_, err = op.VirtualMachines.Create(t.Context(), cloud.VirtualMachineSpec{BootVolumeID: "v-1"}, cloud.CreateOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("%v: what was booted: %v", c.says, err)
		}
	}
}
