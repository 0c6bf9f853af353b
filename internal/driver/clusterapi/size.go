package clusterapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// labelDomains are those whose labels Cluster API takes from machines to their nodes by itself ("Metadata propagation").
var labelDomains = []string{"node-role.kubernetes.io", "node-restriction.kubernetes.io", "node.cluster.x-k8s.io"}

// reachesNodes reports whether a label of a pool becomes one of its nodes.
func (s *session) reachesNodes(label string) bool {
	domain, _, _ := strings.Cut(label, "/")
	return slices.ContainsFunc(slices.Concat(labelDomains, s.options.LabelDomains), func(d string) bool {
		return domain == d || strings.HasSuffix(domain, "."+d)
	})
}

// changeSize gives a pool the class and the variable that stand for a size.
func (s *session) changeSize(p object, to cloud.NodePoolSize, at string) error {
	size, ok := s.sizeFor(to)
	if !ok {
		return s.invalid(at+"/vcpus", fmt.Sprintf("There is no size of %d vCPU and %d MiB.", to.VCPUs, to.MemoryMiB))
	}
	class, ok := s.anyWorkerClass(size)
	if !ok {
		return s.refused(cloud.ErrInvalid, fmt.Sprintf("The size %q does not say of which worker class it is, or of one that there is "+
			"not.", size.Name),
			"Set worker_class of the size in cluster_api.machine_sizes to one of the ClusterClass.")
	}
	if was, _ := p["class"].(string); was != class && was != "" {
		return s.invalid(at+"/vcpus", "A pool cannot go over to another worker class. Add a pool of the new size beside it, then remove this "+
			"one.")
	}
	p["class"] = class
	if s.options.SizeVariable == "" {
		return nil
	}
	variables := p.at("variables")
	overrides := variables.list("overrides")
	v, ok := named(overrides, s.options.SizeVariable)
	if !ok {
		v = object{"name": s.options.SizeVariable}
		overrides = append(overrides, map[string]any(v))
	}
	v["value"] = size.Name
	variables["overrides"] = overrides
	return nil
}

// anyWorkerClass is the worker class of a size, which has one name in all of the operator's classes.
func (s *session) anyWorkerClass(size Size) (string, bool) {
	for _, c := range s.classes {
		if name, ok := c.workerClass(size); ok {
			return name, true
		}
	}
	return "", false
}
