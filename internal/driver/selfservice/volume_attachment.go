package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func volumeAttachments(s *session) cloud.Collection[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.VolumeAttachmentSpec, api.VolumeAttachmentCreate, api.VolumeAttachment, cloud.VolumeAttachment]{
		body: volumeAttachmentBody, meta: volumeAttachmentMeta, object: volumeAttachment,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListVolumeAttachments(ctx, project, (*api.ListVolumeAttachmentsParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.VolumeAttachmentCreate) (*http.Response, error) {
			return c.CreateVolumeAttachment(ctx, project, (*api.CreateVolumeAttachmentParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetVolumeAttachment(ctx, project, id, (*api.GetVolumeAttachmentParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateVolumeAttachmentWithBody(ctx, project, id, (*api.UpdateVolumeAttachmentParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteVolumeAttachment(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimVolumeAttachment(ctx, project, id)
		},
	})
}

func volumeAttachmentBody(spec cloud.VolumeAttachmentSpec, owner *api.OwnershipRequest) api.VolumeAttachmentCreate {
	return api.VolumeAttachmentCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		VolumeId: spec.VolumeID, VirtualMachineId: spec.VirtualMachineID,
	}
}

func volumeAttachmentMeta(r *api.VolumeAttachment) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func volumeAttachment(r *api.VolumeAttachment, m cloud.Meta) cloud.VolumeAttachment {
	return cloud.VolumeAttachment{
		Meta: m, VolumeID: r.VolumeId, VirtualMachineID: r.VirtualMachineId, Device: deref(r.Device),
	}
}
