package cloud

import (
	"context"
	"time"
)

// The kinds of backups of container clusters.
const (
	KindClusterBackupPlan Kind = "container_cluster_backup_plan"
	KindClusterBackup     Kind = "container_cluster_backup"
)

// ClusterKeyTTL is how long the key lives by which the agent of a cluster writes into a vault. An apply in the last part of it,
// ClusterKeyRenewal, mints another one.
const (
	ClusterKeyTTL     = 90 * 24 * time.Hour
	ClusterKeyRenewal = 30 * 24 * time.Hour
)

// VolumeData says what becomes of the bytes in the volumes of a cluster.
type VolumeData string

// The ways. With file_system, the agent reads the files of each pod's volumes.
const (
	VolumeDataNone       VolumeData = "none"
	VolumeDataFileSystem VolumeData = "file_system"
)

// ClusterHook is what is run in a container around its backup, such as to flush a database.
type ClusterHook struct {
	Namespace string
	// Selector are labels of the pods.
	Selector map[string]string
	// Container is the pod's first if empty.
	Container string
	// Pre and Post are commands with their arguments; either may be empty. A Pre that fails fails the backup.
	Pre, Post []string
	Timeout   time.Duration
}

// ClusterBackupPlanSpec declares which objects of a cluster are backed up at another operator, and when.
type ClusterBackupPlanSpec struct {
	SpecMeta
	ClusterID string
	Vault     VaultReference
	// Schedule is cron's five fields, in UTC; empty if nothing runs by itself.
	Schedule string
	// IncludedNamespaces are all if empty. ExcludedNamespaces are taken away from them.
	IncludedNamespaces, ExcludedNamespaces []string
	// Selector are labels of the objects; empty for all.
	Selector map[string]string
	// ClusterObjects has all that is in no namespace backed up, too; else only what objects in namespaces need of it.
	ClusterObjects bool
	// Secrets says whether they are backed up. They are not encrypted.
	Secrets    bool
	VolumeData VolumeData
	Hooks      []ClusterHook
	// Retention is how long a backup has to be restorable, which the vault sees to: the agent may not delete.
	Retention time.Duration
	// RPO is how old the newest backup may be at most; zero if that does not matter.
	RPO time.Duration
	// Paused lets the schedule rest.
	Paused bool
}

// ClusterBackupPlan is what of a cluster is backed up at another operator, and when.
type ClusterBackupPlan struct {
	Meta
	ClusterID                              string
	Vault                                  VaultReference
	Schedule                               string
	IncludedNamespaces, ExcludedNamespaces []string
	Selector                               map[string]string
	ClusterObjects, Secrets                bool
	VolumeData                             VolumeData
	Hooks                                  []ClusterHook
	Retention, RPO                         time.Duration
	Paused                                 bool
	// Folder is where in the vault the backups are.
	Folder string
	// KeyExpiresAt is when the key ends by which the agent writes into the vault; zero if it does not.
	KeyExpiresAt time.Time
	// AgentVersion is that of the program in the cluster which makes the backups.
	AgentVersion string
	// Newest is the newest backup that went well; nil before.
	Newest *ClusterRecoveryPoint
	// LastError is why the last run has failed, or why the agent cannot use the vault; empty if all is well.
	LastError string
	// NextRunAt is zero without a schedule.
	NextRunAt time.Time
	// Stale says that there is no backup, or that the newest is older than the RPO.
	Stale bool
}

// ClusterRecoveryPoint is the objects of a cluster as they were at one time.
type ClusterRecoveryPoint struct {
	// Name is unique in the plan's folder.
	Name    string
	TakenAt time.Time
	// Items are how many objects there are.
	Items int64
}

// ClusterBackupSpec asks for a backup of what a plan has, now.
type ClusterBackupSpec struct {
	SpecMeta
	PlanID string
}

// ClusterBackup is a backup that somebody has asked for. It is ready when all is in the vault.
type ClusterBackup struct {
	Meta
	PlanID string
	// RecoveryPoint is nil until there is one.
	RecoveryPoint *ClusterRecoveryPoint
	Warnings      int64
}

// ClusterRestores restores backups of clusters from vaults of the same operator.
type ClusterRestores interface {
	// Restore restores, waits until what was restored works, and tells what came of it. An error means that it was not even
	// begun, or that nobody knows. It removes first what orders of the series have left, and what it needs itself at the end. In a
	// cluster there is one at a time: others wait, also those of Tidy.
	Restore(ctx context.Context, order ClusterRestoreOrder) (ClusterRestored, error)
	// Tidy removes what an order of a series has left in a cluster, but what was restored into namespaces that are not temporary,
	// and waits until it is gone. What is not there is removed.
	Tidy(ctx context.Context, clusterID, series, name string) error
}

// ClusterRestoreOrder says what is restored, and where.
type ClusterRestoreOrder struct {
	// Name is that of what the agent needs for it, a label of DNS, and no other order's. Series is on all that is made for it: the
	// next order of a series removes what this one has left.
	Name, Series string
	// ClusterID is where it is restored, VaultID is at the same operator, and Folder that of the plan in it.
	ClusterID, VaultID, Folder string
	// Backup is the newest if empty.
	Backup string
	// Namespace says for each namespace of the backup what it becomes; the second is false for one that is left out.
	Namespace func(name string) (string, bool)
	// Named are namespaces that have to be in the backup, as somebody has written them down.
	Named []string
	// IntoExisting restores also into namespaces that exist. Objects that exist stay as they are, but service
	// accounts, to which the agent adds what those of the backup have.
	IntoExisting bool
	// Temporary makes the namespaces such that Tidy removes them, and the next order of the series; Cleanup does so at the end.
	Temporary, Cleanup bool
	// ClusterObjects restores also what is in no namespace.
	ClusterObjects bool
	// StorageClasses are by their names in the backup.
	StorageClasses map[string]string
	// Images are what names of images have instead of a part of them, such as the name of a registry.
	Images map[string]string
	// ReadyWithin is how long workloads may take to be ready when they are restored; zero if nobody waits.
	ReadyWithin time.Duration
	// Limit is how long all of it may take.
	Limit time.Duration
	// Acceptable says, before anything is restored, what is wrong with a backup, or with there being none, which is the zero
	// value; empty if nothing is. It may be nil.
	Acceptable func(ClusterRecoveryPoint) string
}

// ClusterRestored is what came of a restore.
type ClusterRestored struct {
	// Backup is nil if there was none to restore.
	Backup *ClusterRecoveryPoint
	// Refusal is why nothing was restored; empty if something was tried.
	Refusal string
	// Phase is the agent's own word for how it went, Reason what it gives as reason. It is not to be relied on.
	Phase, Reason    string
	Warnings, Errors int64
	// Namespaces are what was restored into, by what they were.
	Namespaces map[string]string
	// Kinds has how many objects there were, and how many there are now, by their kind.
	Kinds []ClusterKind
	// Missing are kinds and workloads that were to be restored and are not in the cluster at all.
	Missing []string
	// NotReady are workloads that do not work, each with what is missing.
	NotReady []string
	// Notes are for people: what is odd and does no harm.
	Notes []string
	// Left is what could not be removed that was needed for it; empty if all has gone.
	Left string
	// Took is until all was restored and ready.
	Took time.Duration
}

// ClusterKind is how much of a kind was in a backup, and was restored.
type ClusterKind struct {
	Kind               string
	InBackup, Restored int64
}

// Items are how many objects were restored.
func (r ClusterRestored) Items() (n int64) {
	for _, k := range r.Kinds {
		n += k.Restored
	}
	return n
}
