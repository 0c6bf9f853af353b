package network

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	CIDR           types.String `tfsdk:"cidr"`
	GatewayAddress types.String `tfsdk:"gateway_address"`
	DNSServers     types.List   `tfsdk:"dns_servers"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.NetworkSpec {
	return cloud.NetworkSpec{
		SpecMeta:   m.SpecMeta(ctx, diags),
		CIDR:       m.CIDR.ValueString(),
		DNSServers: lifecycle.Strings(ctx, m.DNSServers, diags),
	}
}

func read(ctx context.Context, _ string, n cloud.Network, a *attributes, diags *diag.Diagnostics) {
	a.CIDR = types.StringValue(n.CIDR)
	a.GatewayAddress = lifecycle.OptionalString(n.GatewayAddress)
	a.DNSServers = lifecycle.StringList(ctx, a.DNSServers, n.DNSServers, diags)
}
