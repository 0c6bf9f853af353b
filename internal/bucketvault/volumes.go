package bucketvault

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// volumes are those of an operator that restores by itself. It cannot know how to get into the buckets.
type volumes struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]

	buckets map[string]*Bucket
}

// Create implements cloud.Collection.
func (v volumes) Create(ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions) (cloud.StorageVolume, error) {
	if from := spec.RestoreFrom; from != nil && v.buckets[from.VaultID] != nil {
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
