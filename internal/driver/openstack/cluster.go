package openstack

import (
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ownerLabel is the owner key among the labels of a cluster, which Magnum never changes. What can change is in a note.
const ownerLabel = "vdam_owner"

// clusterRecord is a cluster as Magnum answers it.
type clusterRecord struct {
	ID           string            `json:"uuid"`
	Name         string            `json:"name"`
	TemplateID   string            `json:"cluster_template_id"`
	Labels       magnumLabels      `json:"labels"`
	Masters      int64             `json:"master_count"`
	Status       string            `json:"status"`
	StatusReason string            `json:"status_reason"`
	Faults       map[string]string `json:"faults"`
	APIAddress   string            `json:"api_address"`
	COEVersion   string            `json:"coe_version"`
	FixedNetwork string            `json:"fixed_network"`
	Project      string            `json:"project_id"`
	CreatedAt    timestamp         `json:"created_at"`
	UpdatedAt    timestamp         `json:"updated_at"`
}

// nodeGroup is a node group as Magnum lists it.
type nodeGroup struct {
	Name    string `json:"name"`
	Flavor  string `json:"flavor_id"`
	Nodes   int64  `json:"node_count"`
	Default bool   `json:"is_default"`
}

// defaultWorker is the node group that Magnum makes with each cluster, and never deletes.
const defaultWorker = "default-worker"

// version is what the cluster runs. A driver says so when it knows; before, it is what was ordered.
func (r clusterRecord) version() string { return versionOf(r.COEVersion, r.Labels["kube_tag"]) }

// inProgress reports whether Magnum works on the cluster.
func (r clusterRecord) inProgress() bool { return strings.HasSuffix(r.Status, "_IN_PROGRESS") }

func (r clusterRecord) failed() bool { return strings.HasSuffix(r.Status, "_FAILED") }

// meta maps what every object has. A cluster with steps to go is on its way, unless one of them has failed.
func (r clusterRecord) meta(n *clusterNote) cloud.Meta {
	m := cloud.Meta{ID: r.ID, Name: r.Name, Labels: map[string]string{}, CreatedAt: r.CreatedAt.Time}
	m.Ownership = cloud.Ownership{Key: r.Labels[ownerLabel], Claimed: true}
	todo := n.steps()
	if n != nil {
		m.Description = shortDescription(n.properties[descriptionProperty])
		n.properties.meta(&m)
	}
	switch {
	case r.failed():
		m.State, m.StateMessage = cloud.StateFailed, r.reason()
	case strings.HasPrefix(r.Status, "DELETE_"):
		m.State = cloud.StateDeleting
	case r.Status == "CREATE_IN_PROGRESS":
		m.State = cloud.StateCreating
	case r.inProgress():
		m.State, m.StateMessage = cloud.StateUpdating, "Magnum says "+r.Status+"."
	case len(todo) > 0:
		m.State, m.Unfinished, m.StateMessage = cloud.StateUpdating, true, "Magnum says "+r.Status+"."
	default:
		m.State = cloud.StateReady
	}
	return m
}

// reason is why something failed, in the words of Magnum and of its node groups.
func (r clusterRecord) reason() string {
	words := []string{r.StatusReason}
	for _, group := range slices.Sorted(maps.Keys(r.Faults)) {
		if said := r.Faults[group]; said != "" && said != r.StatusReason {
			words = append(words, group+": "+said)
		}
	}
	if strings.Contains(r.StatusReason, "trustee or trust") {
		words = append(words, "Keystone lets only users make trusts, which Magnum's drivers need, and application credentials none: "+
			"use a user's name and password for clusters.")
	}
	if text := strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " "); text != "" {
		return text
	}
	return "Magnum says " + r.Status + ", and not why."
}

// availability is that of the control plane: etcd outlives the loss of one of three.
func (r clusterRecord) availability() cloud.HighAvailability {
	if r.Masters >= mastersOfNode {
		return cloud.HighAvailabilityNode
	}
	return cloud.HighAvailabilityNone
}

// mastersOfNode is how many control planes outlive the failure of a node.
const mastersOfNode = 3

// cluster maps a cluster with its note, its node groups and the certificate of its authority.
func (s *session) cluster(r clusterRecord, n *clusterNote, groups []nodeGroup, authority string) cloud.ContainerCluster {
	c := cloud.ContainerCluster{
		Meta: r.meta(n), KubernetesVersion: r.version(), RunningVersion: r.version(), HighAvailability: r.availability(),
		NetworkID: s.declaredNetwork(r), NodePools: map[string]cloud.NodePoolState{}, APIEndpoint: r.APIAddress, CACertificate: authority,
	}
	if n != nil {
		c.DeletionProtection = n.properties[protectedProperty] != ""
		c.AutoPatch = n.properties[autoPatchProperty] != ""
		if declared := n.properties[versionProperty]; declared != "" {
			c.KubernetesVersion = declared
		}
	}
	for _, g := range groups {
		if g.Default && g.Nodes == 0 {
			continue // It is there because Magnum wants one.
		}
		c.NodePools[g.Name] = s.nodePool(g)
	}
	return c
}

func (s *session) nodePool(g nodeGroup) cloud.NodePoolState {
	p := cloud.NodePoolState{NodePoolSize: cloud.NodePoolSize{Size: g.Nodes}, CurrentSize: g.Nodes}
	for _, f := range s.catalogue.flavors {
		if f.ID == g.Flavor || f.Name == g.Flavor {
			p.VCPUs, p.MemoryMiB, p.BootDiskGiB = f.VCPUs, f.RAMMiB, f.DiskGiB
		}
	}
	return p
}

// declaredNetwork is the network that the cluster's order has named; that of the template was left to the operator.
func (s *session) declaredNetwork(r clusterRecord) string {
	i := slices.IndexFunc(s.catalogue.templates, func(t clusterTemplate) bool { return t.ID == r.TemplateID })
	if !validID(r.FixedNetwork) || i >= 0 && s.catalogue.templates[i].FixedNetwork == r.FixedNetwork {
		return ""
	}
	return r.FixedNetwork
}
