package cloud

import (
	"context"
	"iter"
	"time"
)

// ImmutabilityMode says who may end the lock of what is in a vault.
type ImmutabilityMode string

// The modes, as S3's Object Lock has them. A vault goes from the first to the second and never back.
const (
	ImmutabilityGovernance ImmutabilityMode = "governance"
	ImmutabilityCompliance ImmutabilityMode = "compliance"
)

// Immutability is the lock of what is in a vault.
type Immutability struct {
	Mode ImmutabilityMode
	// Days are counted from when something was written; they never get fewer.
	Days int64
}

// BackupVaultSpec declares where an operator keeps the backups of what runs at others.
type BackupVaultSpec struct {
	SpecMeta
	Immutability Immutability
	// RetentionDays are how long what was written is kept: no less than it is locked.
	RetentionDays int64
	// QuotaGiB is zero for no limit.
	QuotaGiB int64
	// Beneficiary is the operator that alone may write; empty for any that has an agreement.
	Beneficiary        string
	DeletionProtection bool
}

// BackupVault is where an operator keeps the backups of what runs at others.
type BackupVault struct {
	Meta
	Immutability       Immutability
	RetentionDays      int64
	QuotaGiB           int64
	Beneficiary        string
	DeletionProtection bool
	// URL is the vault for other operators.
	URL string
	// UsedBytes is how much is in it.
	UsedBytes int64
	// Simulated says that nothing locks what is in it.
	Simulated bool
	// Bucket says that it is a bucket of the agency's own: no operator has an agreement on it, and whoever writes there or
	// restores needs its keys. How much is in it is not known.
	Bucket bool
}

// VaultAccess mints keys of an operator's vaults.
type VaultAccess interface {
	// Mint makes a key. ErrUnsupported says that the vault is simulated, and has none.
	Mint(ctx context.Context, vaultID string, wish VaultWish) (VaultKey, error)
	// Revoke ends a key before its time; doing so twice is doing so once.
	Revoke(ctx context.Context, vaultID, keyID string) error
}

// VaultRole is what a key may do. Neither may delete.
type VaultRole string

// The roles. A writer puts, gets and lists, a reader gets and lists, and puts below restores/ only.
const (
	VaultWriter VaultRole = "writer"
	VaultReader VaultRole = "reader"
)

// VaultWish is what a key is wanted for.
type VaultWish struct {
	Role VaultRole
	TTL  time.Duration
}

// VaultKey is a key of a vault, and where that is: an API that is like S3's.
type VaultKey struct {
	// ID names the key for Revoke.
	ID string
	// Endpoint is a URL. Prefix may be empty.
	Endpoint, Region, Bucket, Prefix string
	// CACertificate is PEM; empty where a public authority has signed.
	CACertificate          string
	AccessKeyID, SecretKey string
	// ExpiresAt is zero for a key that does not end by itself.
	ExpiresAt time.Time
}

// VaultBucket is a vault that is a bucket of the agency's own, as an operator is told of it that writes there or restores.
type VaultBucket struct {
	VaultKey

	// RetentionDays are how long the bucket keeps what was written.
	RetentionDays int64
}

// VaultReference is a vault as a plan at another operator names it.
type VaultReference struct {
	// Operator is what the configuration calls the vault's operator.
	Operator string
	ID       string
	// URL is the vault's own.
	URL string
	// Bucket lets the plan's operator write into a bucket of the agency's own. It is nil for all other vaults, and never read
	// back; in a change, nil leaves what the operator has.
	Bucket *VaultBucket
}

// BackupKey is an age identity that everything is encrypted with before it leaves an operator. It is never read back.
type BackupKey struct {
	Value string
	// Fingerprint tells keys apart; of a specification it is that of Value, or of the object that it was read from.
	Fingerprint string
}

// BackupPlanSpec declares what is backed up at another operator, and when.
type BackupPlanSpec struct {
	SpecMeta
	// Sources are ids of storage volumes, and of virtual machines with all their volumes.
	Sources []string
	Vault   VaultReference
	Key     BackupKey
	// Schedule is cron's five fields, in UTC; empty if nothing runs by itself.
	Schedule string
	// Retention is how long each recovery point can be restored for certain.
	Retention time.Duration
	// RPO is how old the newest recovery point of a source may be at most; zero if that does not matter.
	RPO time.Duration
	// Paused lets the schedule rest.
	Paused bool
	// Consistency is how machines are kept from writing; crash if empty.
	Consistency Consistency
}

// Consistency says what state recovery points of a machine's volumes are in.
type Consistency string

// The degrees. Crash is as after a loss of power; stopped is as after the machine was shut down, which it is while its volumes
// are frozen, and started again.
const (
	ConsistencyCrash   Consistency = "crash"
	ConsistencyStopped Consistency = "stopped"
)

// Drill is what came of restoring all that a plan protects, to prove that it can be.
type Drill struct {
	StartedAt time.Time
	Passed    bool
	// RTO is how long it took until all was restored.
	RTO time.Duration
}

// DrillLog remembers what came of drills.
type DrillLog interface {
	// Note keeps a drill as the plan's last one, unless there is a later one.
	Note(ctx context.Context, planID string, drill Drill) error
}

// BackupPlan is what is backed up at another operator, and when.
type BackupPlan struct {
	Meta
	Sources        []string
	Vault          VaultReference
	KeyFingerprint string
	Schedule       string
	Retention, RPO time.Duration
	Paused         bool
	// LastSuccessAt is when the sources were as they are in the newest recovery points of all of them; zero before.
	LastSuccessAt time.Time
	// LastError is why the last run has failed; empty if it has not.
	LastError string
	// NextRunAt is zero without a schedule.
	NextRunAt time.Time
	// Stale says that a source has no recovery point, or one that is older than the RPO.
	Stale bool
	// Protected are the volumes that the sources come to.
	Protected   []ProtectedVolume
	Consistency Consistency
	// LastDrill is nil before the first.
	LastDrill *Drill
}

// ProtectedVolume is a volume that a plan backs up.
type ProtectedVolume struct {
	VolumeID, Name string
	// VirtualMachineID is the machine by which the volume is in the plan; may be empty.
	VirtualMachineID string
	// Newest is the newest recovery point; nil before the first.
	Newest *RecoveryPoint
}

// RecoveryPoint is a volume as it was at one time.
type RecoveryPoint struct {
	ID                   string
	VolumeID, VolumeName string
	// TakenAt is when the volume was so.
	TakenAt time.Time
	// SizeBytes is that of the volume, UploadedBytes what the run has put into the vault.
	SizeBytes, UploadedBytes int64
	// TreeSHA256 is the SHA-256 of the SHA-256 of all blocks of 2 MiB in order, in hex.
	TreeSHA256 string
}

// BackupSpec asks for a backup of what a plan has, now.
type BackupSpec struct {
	SpecMeta
	PlanID string
	// Key is the plan's, where backups are made by the machine that runs Terraform, which has kept none; empty elsewhere.
	Key BackupKey
}

// Backup is a backup that somebody has asked for. It is ready when there is a recovery point of each volume.
type Backup struct {
	Meta
	PlanID         string
	RecoveryPoints []RecoveryPoint
}

// RecoveryPoints knows what the plans of an operator can restore.
type RecoveryPoints interface {
	// Of streams the recovery points of a plan, newest first.
	Of(ctx context.Context, planID string) iter.Seq2[RecoveryPoint, error]
}

// RestoreFrom says what a volume is filled with when it is made.
type RestoreFrom struct {
	// VaultID is at the same operator as the volume.
	VaultID string
	Key     string
	// RecoveryPointID, or else the newest one of the volume that has, or had, the id VolumeID at its operator. Of a machine's boot
	// disk, VolumeID may be that of the machine that booted the volume.
	RecoveryPointID, VolumeID string
	// Bucket lets the operator read a vault that is a bucket of the agency's own; nil for all others.
	Bucket *VaultBucket
}

// Restored is what a volume was restored from.
type Restored struct {
	VaultID, RecoveryPointID, VolumeID string
	// VirtualMachineID is the machine that booted the volume; empty for others.
	VirtualMachineID string
	TakenAt          time.Time
	TreeSHA256       string
}
