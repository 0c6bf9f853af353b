package clusterapi

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// The labels and annotations in which the port's part of a cluster is kept. Labels are those that lists are narrowed by.
const (
	ownerLabel     = "vdam.lv/owner"
	unclaimedLabel = "vdam.lv/unclaimed"

	deploymentNote  = "vdam.lv/deployment"
	descriptionNote = "vdam.lv/description"
	labelsNote      = "vdam.lv/labels"
	versionNote     = "vdam.lv/kubernetes-version"
	autoPatchNote   = "vdam.lv/auto-patch"
	protectionNote  = "vdam.lv/deletion-protection"
	// poolsNote names the pools that the cluster's declaration has, so that those of others are told from them.
	poolsNote = "vdam.lv/node-pools"
	// authorityNote has the certificate of the cluster's authority, which is public; it may be empty. It is written when the
	// cluster is available for the first time.
	authorityNote = "vdam.lv/ca-certificate"
	// reachedNote is the digest of what was ordered and has once been there as a whole, see digest.
	reachedNote = "vdam.lv/reached"

	yes = "true"
)

// The labels and annotations that Cluster API and its autoscaler know.
const (
	clusterLabel    = "cluster.x-k8s.io/cluster-name"
	deploymentLabel = "topology.cluster.x-k8s.io/deployment-name"
	minSizeNote     = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size"
	maxSizeNote     = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size"
)

type metadata struct {
	Name        string            `json:"name"`
	UID         string            `json:"uid"`
	Version     string            `json:"resourceVersion"`
	Generation  int64             `json:"generation"`
	Created     time.Time         `json:"creationTimestamp"`
	Deleted     *time.Time        `json:"deletionTimestamp"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Managed     []struct {
		Time   time.Time                  `json:"time"`
		Fields map[string]json.RawMessage `json:"fieldsV1"`
	} `json:"managedFields"`
}

// written is when somebody last changed what is wanted of the object.
func (m metadata) written() (last time.Time) {
	for _, f := range m.Managed {
		if f.Fields["f:spec"] != nil && f.Time.After(last) {
			last = f.Time
		}
	}
	return last
}

// record is a Cluster, as far as the port knows of it.
type record struct {
	// requestID is of the request that read it.
	requestID string

	Metadata metadata `json:"metadata"`
	Spec     struct {
		Network struct {
			Pods     ranges `json:"pods"`
			Services ranges `json:"services"`
		} `json:"clusterNetwork"`
		Endpoint struct {
			Host string `json:"host"`
			Port int    `json:"port"`
		} `json:"controlPlaneEndpoint"`
		Topology *struct {
			Class struct {
				Name string `json:"name"`
			} `json:"classRef"`
			Version      string `json:"version"`
			ControlPlane struct {
				Replicas *int64 `json:"replicas"`
			} `json:"controlPlane"`
			Variables []variable `json:"variables"`
			Workers   struct {
				Deployments []pool `json:"machineDeployments"`
			} `json:"workers"`
		} `json:"topology"`
	} `json:"spec"`
	Status struct {
		Conditions     []condition `json:"conditions"`
		ControlPlane   replicas    `json:"controlPlane"`
		Observed       int64       `json:"observedGeneration"`
		Initialization struct {
			ControlPlane bool `json:"controlPlaneInitialized"`
		} `json:"initialization"`
	} `json:"status"`
}

type ranges struct {
	CIDRs []string `json:"cidrBlocks"`
}

func (r ranges) first() string {
	if len(r.CIDRs) == 0 {
		return ""
	}
	return r.CIDRs[0]
}

type condition struct {
	Type    string    `json:"type"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	Since   time.Time `json:"lastTransitionTime"`
	// Observed is the generation that the condition is about.
	Observed int64 `json:"observedGeneration"`
}

// replicas are the numbers of machines that a control plane or a machine deployment has.
type replicas struct {
	All       int64 `json:"replicas"`
	Available int64 `json:"availableReplicas"`
	UpToDate  int64 `json:"upToDateReplicas"`
	// Versions are those that the machines run, where Cluster API says so (1.14 and later).
	Versions []struct {
		Version string `json:"version"`
	} `json:"versions"`
}

// deployment is a MachineDeployment that a cluster's topology has made.
type deployment struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Replicas *int64 `json:"replicas"`
		Template struct {
			Spec struct {
				Version string `json:"version"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
	Status struct {
		replicas
		Observed int64 `json:"observedGeneration"`
	} `json:"status"`
}

// pool is the name that the topology has for it.
func (d deployment) pool() string { return d.Metadata.Labels[deploymentLabel] }

func (d deployment) version() string { return strings.TrimPrefix(d.Spec.Template.Spec.Version, "v") }

// settled reports whether the machines are all there and as they are to be.
func (d deployment) settled() bool {
	wanted := int64(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	st := d.Status
	return d.Metadata.Deleted == nil && st.Observed >= d.Metadata.Generation &&
		st.All == wanted && st.Available == wanted && st.UpToDate == wanted
}

// meta is what all objects have.
func (r record) meta() cloud.Meta {
	m := r.Metadata
	_, unclaimed := m.Labels[unclaimedLabel]
	return cloud.Meta{
		ID: identity{m.Name, m.UID}.String(), Name: m.Name, Description: m.Annotations[descriptionNote],
		Labels: r.labels(), CreatedAt: m.Created.UTC(),
		Ownership: cloud.Ownership{Key: m.Labels[ownerLabel], Deployment: m.Annotations[deploymentNote], Claimed: !unclaimed},
	}
}

// labels are kept in one annotation: Kubernetes' own are neither of any letters nor of any length.
func (r record) labels() map[string]string {
	var labels map[string]string
	if json.Unmarshal([]byte(r.Metadata.Annotations[labelsNote]), &labels) != nil || len(labels) == 0 {
		return nil
	}
	return labels
}

// version is the patch that the cluster is to run, 1.34.4.
func (r record) version() string { return strings.TrimPrefix(r.Spec.Topology.Version, "v") }

// declaredVersion is what was declared, as long as it still leads to what the cluster is to run.
func (r record) declaredVersion() string {
	declared := r.Metadata.Annotations[versionNote]
	if declared == r.version() || declared == cloud.Minor(r.version()) {
		return declared
	}
	return r.version()
}

func (r record) availability() cloud.HighAvailability {
	if n := r.Spec.Topology.ControlPlane.Replicas; n != nil && *n >= redundant {
		return cloud.HighAvailabilityNode
	}
	return cloud.HighAvailabilityNone
}

// ours reports whether the cluster was ordered by this driver.
func (r record) ours() bool { return r.Metadata.Labels[ownerLabel] != "" }

// declares reports whether a pool is one that the cluster's declaration has. Of a cluster that was made elsewhere that is
// every pool which is no object of its own: nobody else says whose it is.
func (r record) declares(pool string) bool {
	if _, own := r.note(pool); own {
		return false
	}
	return !r.ours() || slices.Contains(strings.Split(r.Metadata.Annotations[poolsNote], ","), pool)
}

// pool finds a pool by its name.
func (r record) pool(name string) (pool, bool) {
	for _, p := range r.Spec.Topology.Workers.Deployments {
		if p.Name == name {
			return p, true
		}
	}
	return pool{}, false
}
