package containercluster

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// planLacks refuses what the operator's clusters have no place for.
func planLacks(p *lifecycle.Planning[resourceModel]) {
	clusters := p.Operator.Capabilities.Clusters
	if !clusters.Has("auto_patch") && p.Plan.AutoPatch.ValueBool() {
		p.Diagnostics.AddAttributeError(path.Root("auto_patch"), p.Operator.Name+" installs no patches by itself",
			"Set auto_patch to false, and kubernetes_version to a later patch when there is one.")
	}
	for _, a := range []struct {
		name  string
		value attr.Value
	}{{"pod_cidr", p.Config.PodCIDR}, {"service_cidr", p.Config.ServiceCIDR}} {
		if !clusters.Has(a.name) && !a.value.IsNull() {
			p.Diagnostics.AddAttributeError(path.Root(a.name), p.Operator.Name+" chooses the addresses inside a cluster itself",
				"Leave "+a.name+" out, or choose another operator.")
		}
	}
}

// planPool refuses what the operator's pools have no place for, and a change of nodes that stay as they are. Was is the
// pool before, nil if there was none.
func planPool(p *lifecycle.Planning[resourceModel], at path.Path, was *lifecycle.NodePool, pool lifecycle.NodePool) {
	if p.Operator == nil {
		return
	}
	clusters := p.Operator.Capabilities.Clusters
	for _, a := range []struct {
		name  string
		empty bool
	}{
		{"zone", pool.Zone.ValueString() == ""},
		{"node_labels", len(pool.NodeLabels.Elements()) == 0},
		{"taints", len(pool.Taints.Elements()) == 0},
	} {
		if !clusters.Has("node_pools."+a.name) && !a.empty {
			p.Diagnostics.AddAttributeError(at.AtName(a.name), fmt.Sprintf("%s gives the nodes of a pool no %s", p.Operator.Name, a.name),
				"Leave "+a.name+" out, or choose another operator.")
		}
	}
	if !clusters.FixedNodes || was == nil {
		return
	}
	for _, a := range []struct {
		name        string
		was, wanted attr.Value
	}{
		{"vcpus", was.VCPUs, pool.VCPUs}, {"memory_mib", was.MemoryMiB, pool.MemoryMiB}, {"boot_disk_gib", was.BootDiskGiB, pool.BootDiskGiB},
	} {
		if !a.wanted.IsUnknown() && !a.wanted.Equal(a.was) {
			p.Diagnostics.AddAttributeError(at.AtName(a.name), fmt.Sprintf("%s cannot change %s of a pool", p.Operator.Name, a.name),
				"Add a pool of other nodes under another name, move over, and remove this one.")
		}
	}
}
