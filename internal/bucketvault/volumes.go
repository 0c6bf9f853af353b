package bucketvault

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// restores are what an operator that restores by itself has to be told. It cannot know how to get into the buckets.
type restores struct {
	op      *cloud.Operator
	buckets map[string]*Bucket
}

// opened is what to restore from, with the keys of the bucket if it is in one.
func (r restores) opened(ctx context.Context, from *cloud.RestoreFrom) (*cloud.RestoreFrom, error) {
	if from == nil || r.buckets[from.VaultID] == nil {
		return from, nil
	}
	if r.op.BackupPlans == nil { // Nor has it anything that restores: what is made would be empty.
		return nil, &cloud.Error{Reason: cloud.ErrUnsupported, Operator: r.op.Name,
			Text: r.op.Name + " makes no backups, and restores none. Nothing was made.", Advice: "Restore at another operator."}
	}
	b := r.buckets[from.VaultID]
	key, err := b.key(ctx, cloud.VaultReader)
	if err != nil {
		return nil, err
	}
	with := *from
	with.Bucket = &cloud.VaultBucket{VaultKey: key, RetentionDays: b.options.RetentionDays}
	return &with, nil
}

type volumes struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	restores
}

// Create implements cloud.Collection.
func (v volumes) Create(
	ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions,
) (made cloud.StorageVolume, err error) {
	if spec.RestoreFrom, err = v.opened(ctx, spec.RestoreFrom); err != nil {
		return made, err
	}
	return v.Collection.Create(ctx, spec, opts)
}

type machines struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
	restores
}

// Create implements cloud.Collection.
func (m machines) Create(
	ctx context.Context, spec cloud.VirtualMachineSpec, opts cloud.CreateOptions,
) (made cloud.VirtualMachine, err error) {
	if spec.RestoreFrom, err = m.opened(ctx, spec.RestoreFrom); err != nil {
		return made, err
	}
	return m.Collection.Create(ctx, spec, opts)
}
