package backuprun

import (
	"context"
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// Options are what the runs of an operator's backups need besides the operator.
type Options struct {
	// Operator opens an operator of the configuration, where vaults are.
	Operator func(ctx context.Context, name string) (*cloud.Operator, error)
	// Now is the time, [time.Now] if nil.
	Now func() time.Time
	// OpenVault opens a vault by a key of it; nil opens the S3 that the key is of.
	OpenVault func(cloud.VaultKey, mover.Options) (Vault, error)
}

// Vault is what a run needs of a [mover.Vault].
type Vault interface {
	Check(ctx context.Context) (mover.Protection, error)
	Backup(ctx context.Context, source mover.Source, m mover.Meta, progress func(mover.Progress)) (mover.RecoveryPoint, error)
	Restore(ctx context.Context, id string, target mover.Target, progress func(mover.Progress)) (mover.RecoveryPoint, error)
	RecoveryPoint(ctx context.Context, id string) (mover.RecoveryPoint, error)
	RecoveryPoints(ctx context.Context, f mover.Filter) iter.Seq2[mover.RecoveryPoint, error]
	Newest(ctx context.Context, what string, of func(mover.Meta) bool, after time.Time) (mover.RecoveryPoint, error)
}

// runner has what is on at an operator in this process.
type runner struct {
	Options

	op *cloud.Operator
	// id tells this process from others that work for the same operator.
	id string
	// volumes are the operator's own.
	volumes cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	plans   shelf[planRecord]
	backups shelf[backupRecord]
	// width bounds how many volumes are moved at a time, and so the memory that it takes.
	width chan struct{}

	mu       sync.Mutex
	runs     map[string]*run
	restores map[string]*restore
	// turns are held by the run of a plan.
	turns map[string]chan struct{}
}

// movedAtATime volumes take up to 128 MiB of memory each, and mostly half of that.
const movedAtATime = 2

// Attach gives an operator that makes no backups plans, backups and restores, made by this process. To others it does nothing.
func Attach(op *cloud.Operator, o Options) {
	if op.VolumeBytes == nil || op.Records == nil || op.BackupPlans != nil {
		return
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OpenVault == nil {
		o.OpenVault = openS3
	}
	r := &runner{
		Options: o, op: op, id: uuid.NewString(), volumes: op.StorageVolumes, width: make(chan struct{}, movedAtATime),
		runs: map[string]*run{}, restores: map[string]*restore{}, turns: map[string]chan struct{}{},
	}
	r.plans = shelf[planRecord]{r, "backup-plan", "backup plan"}
	r.backups = shelf[backupRecord]{r, "backup", "backup"}
	op.BackupPlans, op.Backups, op.RecoveryPoints, op.DrillLog = newPlans(r), newBackups(r), points{r}, drills{r}
	op.StorageVolumes = &volumes{op.StorageVolumes, r}
	op.VolumeAttachments, op.VirtualMachines = attachments{op.VolumeAttachments, r}, machines{op.VirtualMachines, r}
	op.Capabilities.BackupsRunHere = true
	op.Capabilities.Kinds = maps.Clone(op.Capabilities.Kinds)
	op.Capabilities.Kinds[cloud.KindBackupPlan] = cloud.KindCapabilities{UpdatesInPlace: []string{
		"name", "description", "labels", "sources", "encryption_key", "schedule", "retention_seconds", "rpo_seconds", "paused",
		"consistency",
	}}
	// What was cut off is gone on with by a change.
	op.Capabilities.Kinds[cloud.KindBackup] = cloud.KindCapabilities{
		UpdatesInPlace: []string{"name", "description", "labels"}, ChangesInFlight: true,
	}
	kept := op.Capabilities.Kinds[cloud.KindStorageVolume]
	kept.ChangesInFlight = true
	op.Capabilities.Kinds[cloud.KindStorageVolume] = kept
}

// now is in UTC, as all times are that are kept.
func (r *runner) now() time.Time { return r.Now().UTC() }
