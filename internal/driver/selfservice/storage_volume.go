package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func storageVolumes(s *session) cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.StorageVolumeSpec, api.StorageVolumeCreate, api.StorageVolume, cloud.StorageVolume]{
		body: storageVolumeBody, meta: storageVolumeMeta, object: storageVolume, align: alignStorageVolume,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListStorageVolumes(ctx, project, (*api.ListStorageVolumesParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.StorageVolumeCreate) (*http.Response, error) {
			return c.CreateStorageVolume(ctx, project, (*api.CreateStorageVolumeParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetStorageVolume(ctx, project, id, (*api.GetStorageVolumeParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateStorageVolumeWithBody(ctx, project, id, (*api.UpdateStorageVolumeParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteStorageVolume(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimStorageVolume(ctx, project, id)
		},
	})
}

func storageVolumeBody(spec cloud.StorageVolumeSpec, owner *api.OwnershipRequest) api.StorageVolumeCreate {
	body := api.StorageVolumeCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		SizeGib: spec.SizeGiB, Class: optional(spec.Class), Zone: optional(spec.Zone),
		DeletionProtection: &spec.DeletionProtection,
	}
	body.RestoreFrom = restoreBody(spec.RestoreFrom)
	return body
}

// restoreBody is nil for nothing.
func restoreBody(r *cloud.RestoreFrom) *api.RestoreFrom {
	if r == nil {
		return nil
	}
	return &api.RestoreFrom{
		VaultId: r.VaultID, Bucket: vaultBucket(r.Bucket), EncryptionKey: r.Key,
		RecoveryPointId: optional(r.RecoveryPointID), VolumeId: optional(r.VolumeID),
	}
}

// restored is nil for what was not.
func restored(r *api.Restored) *cloud.Restored {
	if r == nil {
		return nil
	}
	return &cloud.Restored{
		VaultID: r.VaultId, RecoveryPointID: r.RecoveryPointId, VolumeID: deref(r.VolumeId), VirtualMachineID: deref(r.VirtualMachineId),
		TakenAt: utc(r.TakenAt), TreeSHA256: deref(r.TreeSha256),
	}
}

func storageVolumeMeta(r *api.StorageVolume) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func storageVolume(r *api.StorageVolume, m cloud.Meta) cloud.StorageVolume {
	return cloud.StorageVolume{
		Meta: m, SizeGiB: r.SizeGib, Class: r.Class, Zone: r.Zone, DeletionProtection: r.DeletionProtection,
		ImageID: deref(r.ImageId), VirtualMachineID: deref(r.VirtualMachineId), MeteredSince: utc(r.MeteredSince),
		Restored: restored(r.Restored),
	}
}

// alignStorageVolume leaves out what a volume was filled with when it was made, which is past.
func alignStorageVolume(from, to cloud.StorageVolumeSpec) (cloud.StorageVolumeSpec, cloud.StorageVolumeSpec) {
	from.RestoreFrom, to.RestoreFrom = nil, nil
	return from, to
}
