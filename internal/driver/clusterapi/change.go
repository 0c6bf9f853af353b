package clusterapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// redundant is how many machines a control plane has that outlives one of them: etcd needs a majority, so that two are
// worse than one, and even numbers are refused by the controllers, but not by the API.
const redundant = 3

// The ranges of clusters for which none are declared.
const (
	defaultPods     = "10.42.0.0/16"
	defaultServices = "10.43.0.0/16"
)

// change writes into an object what differs between two specifications. A new cluster is a change from nothing, and has an
// empty record.
func (s *session) change(o object, r record, from, to cloud.ContainerClusterSpec) error {
	metadata, topology := o.at("metadata"), o.at("spec", "topology")
	notes := metadata.at("annotations")
	if from.Description != to.Description {
		notes.set(descriptionNote, to.Description)
	}
	if !maps.Equal(from.Labels, to.Labels) {
		notes.set(labelsNote, labelsText(to.Labels))
	}
	if from.AutoPatch != to.AutoPatch {
		notes.set(autoPatchNote, flag(to.AutoPatch))
	}
	if from.DeletionProtection != to.DeletionProtection {
		notes.set(protectionNote, flag(to.DeletionProtection))
	}
	if from.KubernetesVersion != to.KubernetesVersion {
		patch, err := s.patchOf(to.KubernetesVersion, r.runs())
		if err != nil {
			return err
		}
		notes.set(versionNote, to.KubernetesVersion)
		topology["version"] = "v" + patch
		s.changeClass(topology, patch)
	}
	if from.HighAvailability != to.HighAvailability {
		topology.at("controlPlane")["replicas"] = controlPlanes(to.HighAvailability)
	}
	if names := poolNames(to.NodePools); names != poolNames(from.NodePools) && (r.ours() || r.Metadata.UID == "") {
		notes.set(poolsNote, names)
	}
	metadata.prune("annotations")
	return s.changePools(topology, r, from.NodePools, to.NodePools)
}

func poolNames(pools map[string]cloud.NodePoolSize) string {
	return strings.Join(slices.Sorted(maps.Keys(pools)), ",")
}

// runs is the patch that the cluster is to run; empty for a new one.
func (r record) runs() string {
	if r.Spec.Topology == nil {
		return ""
	}
	return r.version()
}

func controlPlanes(wanted cloud.HighAvailability) int {
	if wanted == cloud.HighAvailabilityNode {
		return redundant
	}
	return 1
}

func flag(set bool) string {
	if set {
		return yes
	}
	return ""
}

func labelsText(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	text, _ := json.Marshal(labels) //nolint:errchkjson // Texts can always be written.
	return string(text)
}

// patchOf is the patch that a declared version leads to: of a minor the newest, but what runs rather than an older one.
func (s *session) patchOf(declared, runs string) (string, error) {
	best := ""
	if declared == runs || declared == cloud.Minor(runs) {
		best = runs
	}
	for _, patch := range slices.Sorted(maps.Keys(s.classes)) {
		fits := patch == declared || cloud.Minor(patch) == declared
		if fits && (best == "" || cloud.CompareVersions(patch, best) > 0) {
			best = patch
		}
	}
	if best == "" {
		return "", s.invalid("/kubernetes_version", "There is no Kubernetes "+declared+".")
	}
	return best, nil
}

// changeClass has the cluster made from a class that is for its version, unless its own class is.
func (s *session) changeClass(topology object, patch string) {
	offered, ok := s.classes[patch]
	if !ok {
		return // It runs already what no class offers any more.
	}
	ref := topology.at("classRef")
	own, _ := ref["name"].(string)
	elsewhere, _ := ref["namespace"].(string)
	if own == "" || !s.isFor(own, patch) && (elsewhere == "" || elsewhere == s.namespace) {
		ref["name"] = offered.Metadata.Name
	}
}

// isFor reports whether a class is for a version.
func (s *session) isFor(class, patch string) bool {
	for _, c := range s.classes {
		if c.Metadata.Name == class && slices.ContainsFunc(c.Spec.Versions, func(v string) bool { return v == "v"+patch || v == patch }) {
			return true
		}
	}
	return s.options.Class == class
}

// changePools adds, changes and removes machine deployments, and leaves all others alone.
func (s *session) changePools(topology object, r record, from, to map[string]cloud.NodePoolSize) error {
	workers := topology.at("workers")
	all := workers.list("machineDeployments")
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if _, own := r.note(name); own {
			return s.refused(cloud.ErrConflict, fmt.Sprintf("The cluster has a node pool %s that is declared by itself.", name),
				"Declare it in one place: as vdam_node_pool, or in node_pools.")
		}
		p, ok := named(all, name)
		if !ok {
			p = object{"name": name}
			all = append(all, map[string]any(p))
		}
		if err := s.changePool(p, s.classOf(topology), "/node_pools/"+name, from[name], to[name], !ok); err != nil {
			return err
		}
	}
	workers["machineDeployments"] = slices.DeleteFunc(all, func(v any) bool {
		p, _ := v.(map[string]any)
		name, _ := p["name"].(string)
		_, own := r.note(name)
		_, had := from[name]
		_, has := to[name]
		return had && !has && !own
	})
	workers.prune("machineDeployments")
	topology.prune("workers")
	return nil
}

// classOf is the class that a topology is made from; unknown if it is none of those that were read.
func (s *session) classOf(topology object) class {
	name, _ := topology.at("classRef")["name"].(string)
	for _, version := range slices.Sorted(maps.Keys(s.classes)) {
		if c := s.classes[version]; c.Metadata.Name == name {
			return c
		}
	}
	return class{}
}

// changePool changes one machine deployment of a class of clusters, which is at a place of the specification.
func (s *session) changePool(p object, of class, at string, from, to cloud.NodePoolSize, added bool) error {
	if added {
		from = cloud.NodePoolSize{}
	}
	if added || from.VCPUs != to.VCPUs || from.MemoryMiB != to.MemoryMiB {
		if err := s.changeSize(p, of, to, at); err != nil {
			return err
		}
	}
	if from.Zone != to.Zone && to.Zone != "" {
		return s.invalid(at+"/zone", "The operator's clusters have no zones to choose from.")
	}
	if from.BootDiskGiB != to.BootDiskGiB && to.BootDiskGiB != 0 {
		return s.invalid(at+"/boot_disk_gib", "The size of nodes says what disks they have.")
	}
	metadata := p.at("metadata")
	labels, notes := metadata.at("labels"), metadata.at("annotations")
	for _, key := range changedKeys(from.NodeLabels, to.NodeLabels) {
		value, wanted := to.NodeLabels[key]
		if !wanted {
			delete(labels, key)
			continue
		}
		if !s.clusters().LabelReachesNodes(key) {
			return s.invalid(at+"/node_labels", key+" would not reach the nodes: the operator lets only labels of certain domains through.")
		}
		labels[key] = value
	}
	changeCount(p, notes, from, to, added)
	metadata.prune("labels", "annotations")
	p.prune("metadata")
	if len(to.Taints) > 0 && !s.options.Taints {
		return s.invalid(at+"/taints", "Nothing says that the operator lets Cluster API manage the taints of nodes.")
	}
	changeTaints(p, from.Taints, to.Taints)
	return nil
}

// changeCount writes how many nodes there are, or between which bounds the autoscaler chooses.
func changeCount(p, notes object, from, to cloud.NodePoolSize, added bool) {
	bounds := func(a *cloud.Autoscaling) cloud.Autoscaling {
		if a == nil {
			return cloud.Autoscaling{Min: -1}
		}
		return *a
	}
	if !added && from.Size == to.Size && bounds(from.Autoscaling) == bounds(to.Autoscaling) {
		return
	}
	if a := to.Autoscaling; a != nil {
		delete(p, "replicas") // They are the autoscaler's.
		notes[minSizeNote], notes[maxSizeNote] = strconv.FormatInt(a.Min, 10), strconv.FormatInt(a.Max, 10)
		return
	}
	delete(notes, minSizeNote)
	delete(notes, maxSizeNote)
	p["replicas"] = to.Size
}

// changeTaints adds and removes taints, each of which is known by its key and effect.
func changeTaints(p object, from, to []cloud.Taint) {
	all := p.list("taints")
	drop := func(t cloud.Taint) {
		all = slices.DeleteFunc(all, func(v any) bool {
			o, _ := v.(map[string]any)
			return o["key"] == t.Key && o["effect"] == t.Effect
		})
	}
	for _, t := range from {
		if !slices.Contains(to, t) {
			drop(t)
		}
	}
	for _, t := range to {
		if slices.Contains(from, t) {
			continue
		}
		drop(t)
		taint := object{"key": t.Key, "effect": t.Effect, "propagation": "Always"}
		taint.set("value", t.Value)
		all = append(all, map[string]any(taint))
	}
	p["taints"] = all
	p.prune("taints")
}
