package securitygroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	Rules types.Set `tfsdk:"rules"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type ruleModel struct {
	Direction             types.String `tfsdk:"direction"`
	Protocol              types.String `tfsdk:"protocol"`
	PortMin               types.Int64  `tfsdk:"port_min"`
	PortMax               types.Int64  `tfsdk:"port_max"`
	RemoteCIDR            types.String `tfsdk:"remote_cidr"`
	RemoteSecurityGroupID types.String `tfsdk:"remote_security_group_id"`
	Description           types.String `tfsdk:"description"`
}

var ruleType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"direction": types.StringType, "protocol": types.StringType, "port_min": types.Int64Type, "port_max": types.Int64Type,
	"remote_cidr": types.StringType, "remote_security_group_id": types.StringType, "description": types.StringType,
}}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.SecurityGroupSpec {
	s := cloud.SecurityGroupSpec{SpecMeta: m.SpecMeta(ctx, diags), Rules: []cloud.SecurityRule{}}
	var rules []ruleModel
	if !m.Rules.IsNull() && !m.Rules.IsUnknown() {
		diags.Append(m.Rules.ElementsAs(ctx, &rules, false)...)
	}
	for _, r := range rules {
		s.Rules = append(s.Rules, cloud.SecurityRule{
			Direction: r.Direction.ValueString(), Protocol: r.Protocol.ValueString(),
			PortMin: r.PortMin.ValueInt64(), PortMax: r.PortMax.ValueInt64(),
			RemoteCIDR:            r.RemoteCIDR.ValueString(),
			RemoteSecurityGroupID: lifecycle.ObjectID(r.RemoteSecurityGroupID),
			Description:           r.Description.ValueString(),
		})
	}
	return s
}

func read(ctx context.Context, operator string, g cloud.SecurityGroup, a *attributes, diags *diag.Diagnostics) {
	if len(g.Rules) == 0 && (a.Rules.IsNull() || a.Rules.IsUnknown()) {
		a.Rules = types.SetNull(ruleType)
		return
	}
	rules := make([]ruleModel, 0, len(g.Rules))
	for _, r := range g.Rules {
		rules = append(rules, ruleModel{
			Direction: types.StringValue(r.Direction), Protocol: types.StringValue(r.Protocol),
			PortMin: optionalPort(r.PortMin), PortMax: optionalPort(r.PortMax),
			RemoteCIDR:            lifecycle.OptionalString(r.RemoteCIDR),
			RemoteSecurityGroupID: lifecycle.Reference(operator, r.RemoteSecurityGroupID),
			Description:           lifecycle.OptionalString(r.Description),
		})
	}
	var d diag.Diagnostics
	a.Rules, d = types.SetValueFrom(ctx, ruleType, rules)
	diags.Append(d...)
}

// optionalPort is null for zero, the port's "all ports".
func optionalPort(p int64) types.Int64 {
	if p == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(p)
}
