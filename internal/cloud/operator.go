package cloud

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Operator is one cloud, seen through one project's credentials.
type Operator struct {
	// Name is the key in the provider's configuration.
	Name        string
	LegalName   string
	Description string
	Driver      string
	Endpoint    string
	Project     string
	// ProjectID is what the operator calls the project where names of projects are not unique; empty elsewhere.
	ProjectID     string
	Qualification Qualification
	Capabilities  Capabilities
	Catalogue     Catalogue

	Images            Source[Image]
	Networks          Collection[NetworkSpec, Network]
	SecurityGroups    Collection[SecurityGroupSpec, SecurityGroup]
	StorageVolumes    Collection[StorageVolumeSpec, StorageVolume]
	VirtualMachines   Collection[VirtualMachineSpec, VirtualMachine]
	VolumeAttachments Collection[VolumeAttachmentSpec, VolumeAttachment]
	// ContainerClusters, NodePools and ClusterAccess are nil at operators that offer no clusters.
	ContainerClusters Collection[ContainerClusterSpec, ContainerCluster]
	NodePools         Collection[NodePoolSpec, NodePool]
	ClusterAccess     ClusterAccess
	// BackupVaults and VaultAccess are nil at operators that keep no backups of others, BackupPlans, Backups, RecoveryPoints and
	// DrillLog at those that make none.
	BackupVaults   Collection[BackupVaultSpec, BackupVault]
	VaultAccess    VaultAccess
	BackupPlans    Collection[BackupPlanSpec, BackupPlan]
	Backups        Collection[BackupSpec, Backup]
	RecoveryPoints RecoveryPoints
	DrillLog       DrillLog
	// VolumeBytes and Records let this machine make the backups of an operator that makes none; nil elsewhere.
	VolumeBytes VolumeBytes
	Records     Records
	// ClusterBackupPlans, ClusterBackups and ClusterRestores are nil at operators without ClusterAccess.
	ClusterBackupPlans Collection[ClusterBackupPlanSpec, ClusterBackupPlan]
	ClusterBackups     Collection[ClusterBackupSpec, ClusterBackup]
	ClusterRestores    ClusterRestores

	shared sync.Map
}

// ProjectKey tells the project from all others of the operator.
func (o *Operator) ProjectKey() string {
	if o.ProjectID != "" {
		return o.ProjectID
	}
	return o.Project
}

// Shared returns a value that lives as long as the operator's client, made by the first who asks for its key.
func (o *Operator) Shared(key any, newValue func() any) any {
	if v, ok := o.shared.Load(key); ok {
		return v
	}
	v, _ := o.shared.LoadOrStore(key, newValue())
	return v
}

// Qualification is what an operator states about its data centre.
type Qualification struct {
	Tier int64
	// RackUnits is the height of processing and storage equipment in productive use.
	RackUnits int64
	// VirsisID is the registration of the service in VIRSIS; may be empty.
	VirsisID string
}

// Capabilities say what an operator's API can do.
type Capabilities struct {
	Kinds map[Kind]KindCapabilities
	// LongPoll is the longest time that Await may be held back; zero if it never is.
	LongPoll time.Duration
	// AttachesAcrossZones says that a volume's zone need not be its machine's.
	AttachesAcrossZones bool
	// MeteringResolution is the length of one metered interval.
	MeteringResolution time.Duration
	// Clusters say what the operator's container clusters can do.
	Clusters ClusterCapabilities
	// BackupsRunHere says that backups and restores are made by the machine that runs Terraform, while it runs.
	BackupsRunHere bool
}

// ClusterCapabilities say what the container clusters of an operator can do.
type ClusterCapabilities struct {
	// HighAvailability are the degrees that there are.
	HighAvailability []HighAvailability
	// InPlaceUpgrade says that a cluster can be brought to a newer version.
	InPlaceUpgrade bool
	Autoscaling    bool
	OIDC           bool
	APIAllowList   bool
	// ShortLivedCredentials says that credentials end when they are to, Revocation that they can be ended before.
	ShortLivedCredentials, Revocation bool
	// MaxAccessTTL is the longest that credentials live; zero without a limit.
	MaxAccessTTL time.Duration
	// Lacks are those of a cluster's attributes that cannot be declared there, such as auto_patch or node_pools.zone.
	Lacks []string
	// NodeLabelDomains are those whose labels reach the nodes of a pool; empty means all.
	NodeLabelDomains []string
	// PodCIDR and ServiceCIDR are what clusters get that declare none; empty where that is not known in advance.
	PodCIDR, ServiceCIDR string
	// FixedNodes says that the nodes of a pool keep their size: others are another pool.
	FixedNodes bool
}

// Has reports whether an attribute of a cluster can be declared.
func (c ClusterCapabilities) Has(attribute string) bool { return !slices.Contains(c.Lacks, attribute) }

// LabelReachesNodes reports whether a label of a pool becomes one of its nodes.
func (c ClusterCapabilities) LabelReachesNodes(label string) bool {
	domain, _, _ := strings.Cut(label, "/")
	return len(c.NodeLabelDomains) == 0 || slices.ContainsFunc(c.NodeLabelDomains, func(d string) bool {
		return domain == d || strings.HasSuffix(domain, "."+d)
	})
}

// KindCapabilities say what can be done with one kind.
type KindCapabilities struct {
	// UpdatesInPlace are the specification's fields, in snake case, that Update can change.
	UpdatesInPlace []string
	// Configured says that there are those alone that the provider block has: none can be made, changed or deleted.
	Configured bool
	// ChangesInFlight says that what is not settled can be changed, too: it may never settle without a correction.
	ChangesInFlight bool
}

// Updates reports whether the operator changes a field of a kind in place.
func (c Capabilities) Updates(kind Kind, field string) bool {
	return slices.Contains(c.Kinds[kind].UpdatesInPlace, field)
}

// Offers reports whether the operator has a kind at all.
func (c Capabilities) Offers(kind Kind) bool {
	_, ok := c.Kinds[kind]
	return ok
}
