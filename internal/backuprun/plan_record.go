package backuprun

import (
	"cmp"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// planRecord is a backup plan. It has no secrets.
type planRecord struct {
	header

	Sources        []string          `json:"sources"`
	Vault          vaultRecord       `json:"vault"`
	KeyFingerprint string            `json:"key_fingerprint"`
	Retention      int64             `json:"retention_seconds"`
	RPO            int64             `json:"rpo_seconds,omitempty"`
	Consistency    cloud.Consistency `json:"consistency,omitempty"`
	LastSuccessAt  time.Time         `json:"last_success_at,omitzero"`
	LastError      string            `json:"last_error,omitempty"`
	LastDrill      *drillRecord      `json:"last_drill,omitempty"`
}

type vaultRecord struct {
	Operator string `json:"operator"`
	ID       string `json:"id"`
	URL      string `json:"url,omitempty"`
}

type drillRecord struct {
	StartedAt time.Time `json:"started_at"`
	Passed    bool      `json:"passed"`
	RTO       int64     `json:"rto_seconds"`
}

func newPlanRecord(s cloud.BackupPlanSpec) planRecord {
	return planRecord{
		Sources: s.Sources, Vault: vaultRecord{Operator: s.Vault.Operator, ID: s.Vault.ID, URL: s.Vault.URL},
		KeyFingerprint: fingerprint(s.Key.Value), Retention: int64(s.Retention / time.Second), RPO: int64(s.RPO / time.Second),
		Consistency: cmp.Or(s.Consistency, cloud.ConsistencyCrash),
	}
}

func (p *planRecord) retention() time.Duration { return time.Duration(p.Retention) * time.Second }

func (p *planRecord) rpo() time.Duration { return time.Duration(p.RPO) * time.Second }

func (p *planRecord) drill() *cloud.Drill {
	if p.LastDrill == nil {
		return nil
	}
	return &cloud.Drill{
		StartedAt: p.LastDrill.StartedAt, Passed: p.LastDrill.Passed, RTO: time.Duration(p.LastDrill.RTO) * time.Second,
	}
}

// backupRecord is a backup. It outlives what users see of it for as long as its recovery points can be restored.
type backupRecord struct {
	header

	PlanID         string      `json:"plan_id"`
	KeyFingerprint string      `json:"key_fingerprint"`
	State          cloud.State `json:"state"`
	Message        string      `json:"message,omitempty"`
	Points         []point     `json:"recovery_points,omitempty"`
	// Runner is the process that carries it out, for certain until Until unless it says so again.
	Runner string    `json:"runner,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	// Stopped are the machines that the run has stopped, and not started yet.
	Stopped []string `json:"stopped,omitempty"`
	// Untidy says that there may be something left over of it at the operator.
	Untidy bool `json:"untidy,omitempty"`
	// Forgotten is what was deleted.
	Forgotten bool `json:"forgotten,omitempty"`
}

// unfinished reports whether there is something to do at the operator yet that only the record knows of.
func (b *backupRecord) unfinished() bool {
	return b.State == cloud.StateCreating || b.Untidy || len(b.Stopped) > 0
}

// point is a recovery point.
type point struct {
	ID         string    `json:"id"`
	VolumeID   string    `json:"volume_id"`
	VolumeName string    `json:"volume_name,omitempty"`
	TakenAt    time.Time `json:"taken_at"`
	Size       int64     `json:"size_bytes"`
	Uploaded   int64     `json:"uploaded_bytes"`
	TreeSHA256 string    `json:"tree_sha256"`
}

func (p point) recoveryPoint() cloud.RecoveryPoint {
	return cloud.RecoveryPoint{
		ID: p.ID, VolumeID: p.VolumeID, VolumeName: p.VolumeName, TakenAt: p.TakenAt.UTC(), SizeBytes: p.Size, UploadedBytes: p.Uploaded,
		TreeSHA256: p.TreeSHA256,
	}
}
