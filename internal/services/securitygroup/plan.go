package securitygroup

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// plan refuses rules that no operator accepts.
func plan(_ context.Context, p *lifecycle.Planning[resourceModel]) {
	for _, v := range p.Plan.Rules.Elements() {
		o, ok := v.(types.Object)
		if !ok || o.IsUnknown() {
			continue
		}
		checkRule(p, path.Root("rules").AtSetValue(v), o)
	}
}

func checkRule(p *lifecycle.Planning[resourceModel], at path.Path, o types.Object) {
	text := func(name string) types.String {
		s, _ := o.Attributes()[name].(types.String)
		return s
	}
	protocol := text("protocol")
	if port, ok := o.Attributes()["port_min"]; ok && known(port) && known(protocol) &&
		protocol.ValueString() != "tcp" && protocol.ValueString() != "udp" {
		p.Diagnostics.AddAttributeError(at.AtName("port_min"), "Ports have no meaning for "+protocol.ValueString(),
			"Leave port_min and port_max out, or set protocol to tcp or udp.")
	}
	if cidr := text("remote_cidr"); known(cidr) {
		prefix, err := netip.ParsePrefix(cidr.ValueString())
		switch {
		case err != nil:
			p.Diagnostics.AddAttributeError(at.AtName("remote_cidr"), "Not an address prefix: "+cidr.ValueString(),
				"Write it as in 10.20.0.0/24, and one address as in 10.20.0.7/32.")
		case prefix.Masked() != prefix:
			p.Diagnostics.AddAttributeError(at.AtName("remote_cidr"), cidr.ValueString()+" has host bits set",
				"The network is "+prefix.Masked().String()+".")
		case prefix.String() != cidr.ValueString():
			p.Diagnostics.AddAttributeError(at.AtName("remote_cidr"), "Not the usual writing of an address prefix: "+cidr.ValueString(),
				"Write it as "+prefix.String()+".")
		}
	}
	operator := p.Plan.Operator.ValueString()
	lifecycle.CheckReference(&p.Diagnostics, at.AtName("remote_security_group_id"), operator, "security group",
		text("remote_security_group_id"))
}

func known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }
