package virtualmachine

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// checkAddresses refuses declared addresses that machines in their networks cannot have. Networks that are still to be
// made are left to the operator.
func checkAddresses(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	if !p.Operator.Capabilities.Offers(cloud.KindNetwork) {
		return
	}
	for i, v := range p.Config.NetworkInterfaces.Elements() {
		nic, _ := v.(types.Object)
		reference, _ := nic.Attributes()["network_id"].(types.String)
		declared, _ := nic.Attributes()["ip_address"].(types.String)
		id := lifecycle.ObjectID(reference)
		if !known(declared) || id == "" {
			continue
		}
		network, err := lookUp(ctx, p.Operator, "network", id, p.Operator.Networks.Get)
		if err != nil {
			continue // What is not there now may be by then.
		}
		if why := misplaced(declared.ValueString(), network); why != "" {
			p.Diagnostics.AddAttributeError(path.Root("network_interfaces").AtListIndex(i).AtName("ip_address"),
				fmt.Sprintf("No machine can have the address %s in network %q", declared.ValueString(), network.Name),
				why+" Choose another, or leave it out and the operator chooses.")
		}
	}
}

// misplaced says why an address is not one for machines of a network; empty if it is.
func misplaced(address string, network cloud.Network) string {
	a, err := netip.ParseAddr(address)
	prefix, prefixErr := netip.ParsePrefix(network.CIDR)
	switch {
	case err != nil || prefixErr != nil:
		return ""
	case !prefix.Contains(a):
		return fmt.Sprintf("The network is %s, and the address is not in it.", network.CIDR)
	case a == prefix.Masked().Addr():
		return fmt.Sprintf("It is the address of the network %s itself.", network.CIDR)
	case address == network.GatewayAddress:
		return "It is the network's gateway."
	}
	return ""
}
