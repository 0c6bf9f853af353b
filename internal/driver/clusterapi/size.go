package clusterapi

import (
	"fmt"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// labelDomains are those whose labels Cluster API takes from machines to their nodes by itself ("Metadata propagation").
var labelDomains = []string{"node-role.kubernetes.io", "node-restriction.kubernetes.io", "node.cluster.x-k8s.io"}

// checkSizes refuses sizes that cannot be told from one another.
func (o Options) checkSizes(refused func(text string) error) error {
	type amount struct{ vcpus, memoryMiB int64 }
	amounts, classes := map[amount]string{}, map[string]string{}
	for _, s := range o.Sizes {
		if other, ok := amounts[amount{s.VCPUs, s.MemoryMiB}]; ok {
			return refused(fmt.Sprintf("The sizes %q and %q have the same vcpus and memory_mib.", other, s.Name))
		}
		amounts[amount{s.VCPUs, s.MemoryMiB}] = s.Name
		if other, ok := classes[s.WorkerClass]; ok && o.SizeVariable == "" {
			return refused(fmt.Sprintf("Without machine_size_variable, nothing tells the sizes %q and %q apart.", other, s.Name))
		}
		classes[s.WorkerClass] = s.Name
	}
	return nil
}

// changeSize gives a pool the class and the variable that stand for a size.
func (s *session) changeSize(p object, of class, to cloud.NodePoolSize, at string) error {
	size, ok := s.sizeFor(to)
	if !ok {
		return s.invalid(at+"/vcpus", fmt.Sprintf("There is no size of %d vCPU and %d MiB.", to.VCPUs, to.MemoryMiB))
	}
	class, ok := of.workerClass(size)
	if !ok {
		return s.refused(cloud.ErrInvalid,
			fmt.Sprintf("The size %q says no worker class, or one that the class %q has not.", size.Name, of.Metadata.Name),
			"Set worker_class of the size in cluster_api.machine_sizes to one of the ClusterClass.")
	}
	if was, _ := p["class"].(string); was != class && was != "" {
		return s.invalid(at+"/vcpus", "A pool cannot go over to another worker class. "+
			"Add a pool of the new size beside it, then remove this one.")
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
