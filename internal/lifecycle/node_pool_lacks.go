package lifecycle

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// checkLacks refuses what the operator's pools have no place for, and a change of nodes that stay as they are. Was is the
// pool before, nil if there was none.
func (p *NodePool) checkLacks(op *cloud.Operator, was *NodePool, at path.Path, diags *diag.Diagnostics) {
	clusters := op.Capabilities.Clusters
	for _, a := range []struct {
		name  string
		empty bool
	}{
		{"zone", p.Zone.ValueString() == ""},
		{"boot_disk_gib", p.BootDiskGiB.ValueInt64() == 0},
		{"node_labels", len(p.NodeLabels.Elements()) == 0},
		{"taints", len(p.Taints.Elements()) == 0},
	} {
		if !clusters.Has("node_pools."+a.name) && !a.empty {
			diags.AddAttributeError(at.AtName(a.name), fmt.Sprintf("%s gives the nodes of a pool no %s", op.Name, a.name),
				"Leave "+a.name+" out, or choose another operator.")
		}
	}
	for label := range p.NodeLabels.Elements() {
		if !clusters.LabelReachesNodes(label) {
			diags.AddAttributeError(at.AtName("node_labels"), fmt.Sprintf("The label %q would not reach the nodes", label),
				fmt.Sprintf("%s lets labels of these domains through: %s. Choose one of them, or set labels in the cluster itself.",
					op.Name, strings.Join(clusters.NodeLabelDomains, ", ")))
		}
	}
	if !clusters.FixedNodes || was == nil {
		return
	}
	for _, a := range []struct {
		name        string
		was, wanted attr.Value
	}{
		{"vcpus", was.VCPUs, p.VCPUs}, {"memory_mib", was.MemoryMiB, p.MemoryMiB}, {"boot_disk_gib", was.BootDiskGiB, p.BootDiskGiB},
	} {
		if !a.wanted.IsUnknown() && !a.wanted.Equal(a.was) {
			diags.AddAttributeError(at.AtName(a.name), fmt.Sprintf("%s cannot change %s of a pool", op.Name, a.name),
				"Add a pool of other nodes under another name, move over, and remove this one.")
		}
	}
}
