package cloud

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HighAvailability is the failure that a cluster's control plane outlives.
type HighAvailability string

// The degrees.
const (
	HighAvailabilityNone HighAvailability = "none"
	HighAvailabilityNode HighAvailability = "node"
	HighAvailabilityZone HighAvailability = "zone"
)

// ContainerClusterSpec declares a Kubernetes cluster.
type ContainerClusterSpec struct {
	SpecMeta
	// KubernetesVersion is a minor, 1.34, of which the operator chooses the patch, or a patch, 1.34.4.
	KubernetesVersion string
	HighAvailability  HighAvailability
	// APIAllowedCIDRs are from where the API can be reached; empty means from everywhere.
	APIAllowedCIDRs []string
	// NetworkID is where the nodes are; empty leaves that to the operator.
	NetworkID string
	// PodCIDR and ServiceCIDR are the operator's choice if empty.
	PodCIDR, ServiceCIDR string
	// OIDC is nil where the API trusts no other issuer.
	OIDC *OIDC
	// NodePools are those that the cluster declares itself, by name. Pools that are objects of their own are not here.
	NodePools map[string]NodePoolSize
	// AutoPatch lets the operator install patches of the version by itself.
	AutoPatch          bool
	DeletionProtection bool
}

// OIDC is an issuer of identities that a cluster's API trusts (OpenID Connect Core 1.0).
type OIDC struct {
	IssuerURL, ClientID        string
	UsernameClaim, GroupsClaim string
}

// ContainerCluster is a Kubernetes cluster.
type ContainerCluster struct {
	Meta
	// KubernetesVersion is what was declared, RunningVersion what the control plane runs.
	KubernetesVersion, RunningVersion string
	HighAvailability                  HighAvailability
	APIAllowedCIDRs                   []string
	NetworkID                         string
	PodCIDR, ServiceCIDR              string
	OIDC                              *OIDC
	NodePools                         map[string]NodePoolState
	AutoPatch                         bool
	DeletionProtection                bool
	// APIEndpoint is the URL of the cluster's API, empty before there is one; CACertificate is that of its authority, PEM.
	APIEndpoint, CACertificate string
	// Simulated says that the operator only plays the cluster: there is no Kubernetes behind it.
	Simulated bool
}

// NodePoolSize is what the nodes of a pool are, and how many.
type NodePoolSize struct {
	VCPUs, MemoryMiB int64
	BootDiskGiB      int64
	Zone             string
	// Size is how many nodes there are; zero with Autoscaling, which lets the operator choose.
	Size        int64
	Autoscaling *Autoscaling
	// NodeLabels and Taints are those of the nodes in Kubernetes.
	NodeLabels map[string]string
	Taints     []Taint
}

// Autoscaling bounds the size of a pool.
type Autoscaling struct{ Min, Max int64 }

// Taint keeps pods off nodes that do not tolerate it. Effect is NoSchedule, PreferNoSchedule or NoExecute.
type Taint struct{ Key, Value, Effect string }

// NodePoolState is a pool as it is.
type NodePoolState struct {
	NodePoolSize
	// CurrentSize is how many nodes there are now.
	CurrentSize int64
}

// NodePoolSpec declares a pool of nodes that is an object of its own.
type NodePoolSpec struct {
	SpecMeta
	ClusterID string
	NodePoolSize
}

// NodePool is a pool of nodes that is an object of its own.
type NodePool struct {
	Meta
	ClusterID string
	NodePoolState
}

// ClusterAccess mints credentials for clusters.
type ClusterAccess interface {
	// Mint makes new credentials. Nothing else shows their secrets ever again.
	Mint(ctx context.Context, clusterID string, wish AccessWish) (Access, error)
	// Revoke ends credentials before their time, where the operator can; ErrUnsupported where it cannot.
	Revoke(ctx context.Context, clusterID, accessID string) error
}

// AccessWish is what credentials are wanted for. Role is admin or viewer.
type AccessWish struct {
	Role string
	TTL  time.Duration
}

// Access is credentials of a cluster: a client certificate or a token.
type Access struct {
	// ID names the credentials for Revoke; empty where the operator knows no such.
	ID string
	// Host is the URL of the API, CACertificate that of its authority, PEM.
	Host, CACertificate string
	// ClientCertificate and ClientKey are PEM.
	ClientCertificate, ClientKey string
	Token                        string
	ExpiresAt                    time.Time
}

// KubernetesVersion is a version that an operator offers.
type KubernetesVersion struct {
	// Version is a patch: 1.34.4.
	Version string
	// Default is what the operator would choose.
	Default bool
	// EndOfLife is the day from which it gets no patches any more; zero if the operator does not say.
	EndOfLife time.Time
}

// Minor is the version without its patch: 1.34.
func Minor(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}

// NextMinor is the minor after that of a version: 1.35 after 1.34.4. It is empty where there is no number.
func NextMinor(version string) string {
	n := numbers(version)
	if len(n) < 2 || n[1] < 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d", n[0], n[1]+1)
}

// CompareVersions orders versions of Kubernetes by their numbers, and what is built of the same ones by what is built
// (1.34.4+rke2r1). A minor is before its patches.
func CompareVersions(a, b string) int {
	numberA, buildA, _ := strings.Cut(a, "+")
	numberB, buildB, _ := strings.Cut(b, "+")
	return cmp.Or(slices.Compare(numbers(numberA), numbers(numberB)), strings.Compare(buildA, buildB))
}

func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(strings.TrimPrefix(version, "v"), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1 // What is no number, such as a pre-release, is before those that are.
		}
		out = append(out, n)
	}
	return out
}
