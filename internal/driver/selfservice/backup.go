package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func backups(s *session) cloud.Collection[cloud.BackupSpec, cloud.Backup] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.BackupSpec, api.BackupCreate, api.Backup, cloud.Backup]{
		body: backupBody, meta: backupMeta, object: backup,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListBackups(ctx, project, (*api.ListBackupsParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.BackupCreate) (*http.Response, error) {
			return c.CreateBackup(ctx, project, (*api.CreateBackupParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetBackup(ctx, project, id, (*api.GetBackupParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateBackupWithBody(ctx, project, id, (*api.UpdateBackupParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteBackup(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimBackup(ctx, project, id)
		},
	})
}

func backupBody(spec cloud.BackupSpec, owner *api.OwnershipRequest) api.BackupCreate {
	return api.BackupCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner, PlanId: spec.PlanID,
	}
}

func backupMeta(r *api.Backup) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func backup(r *api.Backup, m cloud.Meta) cloud.Backup {
	b := cloud.Backup{Meta: m, PlanID: r.PlanId, RecoveryPoints: make([]cloud.RecoveryPoint, len(r.RecoveryPoints))}
	for i, p := range r.RecoveryPoints {
		b.RecoveryPoints[i] = recoveryPointOf(p)
	}
	return b
}
