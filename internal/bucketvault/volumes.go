package bucketvault

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// volumes are those of an operator, which cannot know how to get into the buckets.
type volumes struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]

	op      *cloud.Operator
	buckets map[string]*Bucket
}

// Create implements cloud.Collection.
func (v volumes) Create(ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions) (cloud.StorageVolume, error) {
	if from := spec.RestoreFrom; from != nil && v.buckets[from.VaultID] != nil {
		if v.op.BackupPlans == nil { // Nor has it anything that restores: the volume would be empty.
			return cloud.StorageVolume{}, &cloud.Error{Reason: cloud.ErrUnsupported, Operator: v.op.Name,
				Text: v.op.Name + " makes no backups, and restores none. Nothing was made.", Advice: "Restore at another operator."}
		}
		b := v.buckets[from.VaultID]
		key, err := b.key(ctx, cloud.VaultReader)
		if err != nil {
			return cloud.StorageVolume{}, err
		}
		with := *from
		with.Bucket = &cloud.VaultBucket{VaultKey: key, RetentionDays: b.options.RetentionDays}
		spec.RestoreFrom = &with
	}
	return v.Collection.Create(ctx, spec, opts)
}
