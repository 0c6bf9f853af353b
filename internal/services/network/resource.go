// Package network is the service of private networks.
package network

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_network.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.NetworkSpec, cloud.Network] {
	return lifecycle.Definition[resourceModel, attributes, cloud.NetworkSpec, cloud.Network]{
		Kind: cloud.KindNetwork, Plural: "networks", Noun: "network",
		Schema:     networkSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.NetworkSpec, cloud.Network] { return o.Networks },
		Spec:       spec, Read: read,
		Replace: []string{"cidr"},
		InPlace: []string{"name", "description", "labels", "dns_servers"},
		Plan:    plan,
		Moves:   []lifecycle.Move{{Driver: "openstack", Type: "openstack_networking_network_v2"}},
	}
}

func networkSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A private network of the project.",
		Attributes: map[string]schema.Attribute{
			"cidr": schema.StringAttribute{
				MarkdownDescription: "IPv4 prefix from /8 to /29, or IPv6 prefix from /48 to /64, with all host bits zero. " +
					"A change makes a new network.",
				Required: true,
			},
			"gateway_address": schema.StringAttribute{
				MarkdownDescription: "Address of the gateway, chosen by the operator.", Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"dns_servers": schema.ListAttribute{
				MarkdownDescription: "Addresses of the name servers that machines are told, up to 8. Changed in place.",
				ElementType:         types.StringType, Optional: true,
				Validators: []validator.List{listvalidator.SizeBetween(1, 8)},
			},
		},
	}
}

// plan refuses addresses that are none.
func plan(_ context.Context, p *lifecycle.Planning[resourceModel]) {
	checkCIDR(p)
	for i, v := range p.Plan.DNSServers.Elements() {
		s, ok := v.(types.String)
		if !ok || s.IsUnknown() {
			continue
		}
		if _, err := netip.ParseAddr(s.ValueString()); err != nil {
			p.Diagnostics.AddAttributeError(path.Root("dns_servers").AtListIndex(i), "Not an IP address: "+s.ValueString(),
				"Write an IPv4 or IPv6 address, as in 10.20.0.2.")
		}
	}
}

func checkCIDR(p *lifecycle.Planning[resourceModel]) {
	if p.Plan.CIDR.IsUnknown() {
		return
	}
	at, text := path.Root("cidr"), p.Plan.CIDR.ValueString()
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		p.Diagnostics.AddAttributeError(at, "Not an address prefix: "+text, "Write it as in 10.20.0.0/24.")
		return
	}
	if prefix.Masked() != prefix {
		p.Diagnostics.AddAttributeError(at, text+" has host bits set", "The network is "+prefix.Masked().String()+".")
		return
	}
	if prefix.String() != text {
		p.Diagnostics.AddAttributeError(at, "Not the usual writing of an address prefix: "+text, "Write it as "+prefix.String()+".")
		return
	}
	low, high := 8, 29
	if prefix.Addr().Is6() {
		low, high = 48, 64
	}
	if prefix.Bits() < low || prefix.Bits() > high {
		p.Diagnostics.AddAttributeError(at, text+" is too large or too small a network",
			"IPv4 networks are /8 to /29, IPv6 networks /48 to /64.")
	}
}
