package selfservice

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func backupPlans(s *session) cloud.Collection[cloud.BackupPlanSpec, cloud.BackupPlan] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.BackupPlanSpec, api.BackupPlanCreate, api.BackupPlan, cloud.BackupPlan]{
		body: backupPlanBody, meta: backupPlanMeta, object: backupPlan, align: alignBackupPlan,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListBackupPlans(ctx, project, (*api.ListBackupPlansParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.BackupPlanCreate) (*http.Response, error) {
			return c.CreateBackupPlan(ctx, project, (*api.CreateBackupPlanParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetBackupPlan(ctx, project, id, (*api.GetBackupPlanParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateBackupPlanWithBody(ctx, project, id, (*api.UpdateBackupPlanParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteBackupPlan(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimBackupPlan(ctx, project, id)
		},
	})
}

func backupPlanBody(spec cloud.BackupPlanSpec, owner *api.OwnershipRequest) api.BackupPlanCreate {
	return api.BackupPlanCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		Sources: spec.Sources, EncryptionKey: spec.Key.Value, Bucket: vaultBucket(spec.Vault.Bucket),
		Vault:    api.VaultReference{Operator: spec.Vault.Operator, Id: spec.Vault.ID, Url: spec.Vault.URL},
		Schedule: optional(spec.Schedule), Paused: &spec.Paused, Consistency: optional(api.BackupConsistency(spec.Consistency)),
		RetentionSeconds: int64(spec.Retention / time.Second), RpoSeconds: optional(int64(spec.RPO / time.Second)),
	}
}

// vaultBucket says all of a bucket, also what it has not: in a change, what is left out stays.
func vaultBucket(b *cloud.VaultBucket) *api.VaultBucket {
	if b == nil {
		return nil
	}
	return &api.VaultBucket{
		Endpoint: b.Endpoint, Region: &b.Region, Bucket: b.Bucket, Prefix: &b.Prefix, CaCertificate: &b.CACertificate,
		AccessKeyId: b.AccessKeyID, SecretAccessKey: b.SecretKey, RetentionDays: int(b.RetentionDays),
	}
}

func backupPlanMeta(r *api.BackupPlan) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func backupPlan(r *api.BackupPlan, m cloud.Meta) cloud.BackupPlan {
	plan := cloud.BackupPlan{
		Meta: m, Sources: r.Sources, KeyFingerprint: r.KeyFingerprint,
		Vault:    cloud.VaultReference{Operator: r.Vault.Operator, ID: r.Vault.Id, URL: r.Vault.Url},
		Schedule: deref(r.Schedule), Retention: seconds(r.RetentionSeconds), RPO: seconds(deref(r.RpoSeconds)), Paused: r.Paused,
		LastSuccessAt: utc(r.LastSuccessAt), LastError: driver.OneLine(deref(r.LastError), driver.DetailLimit),
		NextRunAt: utc(r.NextRunAt), Stale: r.Stale, Protected: make([]cloud.ProtectedVolume, len(r.Protected)),
		Consistency: cloud.Consistency(r.Consistency),
	}
	for i, p := range r.Protected {
		plan.Protected[i] = cloud.ProtectedVolume{VolumeID: p.VolumeId, Name: p.Name, VirtualMachineID: deref(p.VirtualMachineId)}
		if p.Newest != nil {
			newest := recoveryPointOf(*p.Newest)
			plan.Protected[i].Newest = &newest
		}
	}
	if r.LastDrill != nil {
		drill := drillOf(*r.LastDrill)
		plan.LastDrill = &drill
	}
	return plan
}

// longest is what a time.Duration holds.
const longest = int64((1<<63 - 1) / time.Second)

// seconds keeps a figure that nobody can mean from becoming another one.
func seconds(n int64) time.Duration {
	return time.Duration(min(max(n, -longest), longest)) * time.Second
}

// alignBackupPlan makes look the same what is no change: sources in another order, the URL that follows from the vault,
// and a key that is the operator's already, or that nobody has at hand.
func alignBackupPlan(from, to cloud.BackupPlanSpec) (cloud.BackupPlanSpec, cloud.BackupPlanSpec) {
	if sameSet(from.Sources, to.Sources) {
		to.Sources = from.Sources
	}
	if from.Vault.Operator == to.Vault.Operator && from.Vault.ID == to.Vault.ID {
		to.Vault.URL = from.Vault.URL
	}
	if from.Key.Value = ""; from.Key.Fingerprint == to.Key.Fingerprint {
		to.Key.Value = ""
	}
	return from, to
}
