package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func backupVaults(s *session) cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.BackupVaultSpec, api.BackupVaultCreate, api.BackupVault, cloud.BackupVault]{
		body: backupVaultBody, meta: backupVaultMeta, object: backupVault,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListBackupVaults(ctx, project, (*api.ListBackupVaultsParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.BackupVaultCreate) (*http.Response, error) {
			return c.CreateBackupVault(ctx, project, (*api.CreateBackupVaultParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetBackupVault(ctx, project, id, (*api.GetBackupVaultParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateBackupVaultWithBody(ctx, project, id, (*api.UpdateBackupVaultParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteBackupVault(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimBackupVault(ctx, project, id)
		},
	})
}

func backupVaultBody(spec cloud.BackupVaultSpec, owner *api.OwnershipRequest) api.BackupVaultCreate {
	return api.BackupVaultCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		Immutability: api.Immutability{
			Mode: api.ImmutabilityMode(spec.Immutability.Mode), Days: int(spec.Immutability.Days),
		},
		RetentionDays: int(spec.RetentionDays), QuotaGib: optional(spec.QuotaGiB), Beneficiary: optional(spec.Beneficiary),
		DeletionProtection: &spec.DeletionProtection,
	}
}

func backupVaultMeta(r *api.BackupVault) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func backupVault(r *api.BackupVault, m cloud.Meta) cloud.BackupVault {
	return cloud.BackupVault{
		Meta: m, RetentionDays: int64(r.RetentionDays), QuotaGiB: deref(r.QuotaGib), Beneficiary: deref(r.Beneficiary),
		Immutability: cloud.Immutability{
			Mode: cloud.ImmutabilityMode(r.Immutability.Mode), Days: int64(r.Immutability.Days),
		},
		DeletionProtection: r.DeletionProtection, URL: r.Url, UsedBytes: r.UsedBytes, Simulated: deref(r.Simulated),
	}
}
