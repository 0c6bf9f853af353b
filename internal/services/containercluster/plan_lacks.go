package containercluster

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// planLacks refuses what the operator's clusters have no place for.
func planLacks(p *lifecycle.Planning[resourceModel]) {
	clusters := p.Operator.Capabilities.Clusters
	if !clusters.Has("auto_patch") && p.Config.AutoPatch.ValueBool() { // By default, it is on wherever there is such a thing.
		p.Diagnostics.AddAttributeError(path.Root("auto_patch"), p.Operator.Name+" installs no patches by itself",
			"Leave auto_patch out, and set kubernetes_version to a later patch when there is one.")
	}
	if !clusters.Has("network_id") && !p.Config.NetworkID.IsNull() {
		p.Diagnostics.AddAttributeError(path.Root("network_id"), p.Operator.Name+" chooses the network of the nodes itself",
			"Leave network_id out, or choose another operator.")
	}
	if !clusters.Has("node_pools") && len(p.Plan.NodePools.Elements()) > 0 {
		p.Diagnostics.AddAttributeError(path.Root("node_pools"), "Nothing says which sizes of nodes "+p.Operator.Name+" has",
			"Set machine_sizes in cluster_api of its entry in the provider block.")
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
