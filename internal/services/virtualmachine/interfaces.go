package virtualmachine

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type interfaceModel struct {
	NetworkID        types.String `tfsdk:"network_id"`
	IPAddress        types.String `tfsdk:"ip_address"`
	MACAddress       types.String `tfsdk:"mac_address"`
	SecurityGroupIDs types.Set    `tfsdk:"security_group_ids"`
}

var interfaceType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"network_id": types.StringType, "ip_address": types.StringType, "mac_address": types.StringType,
	"security_group_ids": types.SetType{ElemType: types.StringType},
}}

// interfaces decodes a list whose elements are known; their parts need not be.
func interfaces(ctx context.Context, l types.List, diags *diag.Diagnostics) []interfaceModel {
	var out []interfaceModel
	if !l.IsNull() && !l.IsUnknown() {
		diags.Append(l.ElementsAs(ctx, &out, false)...)
	}
	return out
}

func interfaceSpecs(ctx context.Context, l types.List, diags *diag.Diagnostics) []cloud.NetworkInterface {
	specs := []cloud.NetworkInterface{}
	for _, n := range interfaces(ctx, l, diags) {
		s := cloud.NetworkInterface{
			NetworkID: lifecycle.ObjectID(n.NetworkID),
			IPAddress: n.IPAddress.ValueString(), MACAddress: n.MACAddress.ValueString(),
			SecurityGroupIDs: []string{},
		}
		for _, v := range n.SecurityGroupIDs.Elements() {
			if group, ok := v.(types.String); ok {
				s.SecurityGroupIDs = append(s.SecurityGroupIDs, lifecycle.ObjectID(group))
			}
		}
		slices.Sort(s.SecurityGroupIDs) // A set has no order; the specification is to be the same each time.
		specs = append(specs, s)
	}
	return specs
}

func readInterfaces(
	ctx context.Context, operator string, found []cloud.NetworkInterface, a *attributes, diags *diag.Diagnostics,
) {
	prior := interfaces(ctx, a.NetworkInterfaces, diags)
	addresses := []string{}
	models := make([]interfaceModel, 0, len(found))
	for i, n := range found {
		m := interfaceModel{
			NetworkID:  lifecycle.Reference(operator, n.NetworkID),
			IPAddress:  lifecycle.OptionalString(n.IPAddress),
			MACAddress: lifecycle.OptionalString(n.MACAddress),
		}
		// No groups stay null where none were declared, and an empty set where that was declared.
		m.SecurityGroupIDs = types.SetNull(types.StringType)
		if len(n.SecurityGroupIDs) > 0 || i < len(prior) && known(prior[i].SecurityGroupIDs) {
			m.SecurityGroupIDs = references(operator, n.SecurityGroupIDs, diags)
		}
		models = append(models, m)
		if n.IPAddress != "" {
			addresses = append(addresses, n.IPAddress)
		}
	}
	var d diag.Diagnostics
	a.Addresses, d = types.ListValueFrom(ctx, types.StringType, addresses)
	diags.Append(d...)
	if len(models) == 0 && !known(a.NetworkInterfaces) {
		a.NetworkInterfaces = types.ListNull(interfaceType)
		return
	}
	a.NetworkInterfaces, d = types.ListValueFrom(ctx, interfaceType, models)
	diags.Append(d...)
}

func references(operator string, ids []string, diags *diag.Diagnostics) types.Set {
	values := make([]attr.Value, 0, len(ids))
	for _, id := range ids {
		values = append(values, lifecycle.Reference(operator, id))
	}
	set, d := types.SetValue(types.StringType, values)
	diags.Append(d...)
	return set
}

// planInterfaces keeps the addresses of interfaces that stay where they are: the operator does so too, and a change of
// the machine's memory must not make "known after apply" of all that refers to its addresses.
func planInterfaces(p *lifecycle.Planning[resourceModel]) {
	planned := p.Plan.NetworkInterfaces
	p.Plan.Addresses = types.ListUnknown(types.StringType)
	if planned.IsUnknown() {
		return
	}
	var prior []attr.Value
	finished := false
	if p.State != nil {
		prior = p.State.NetworkInterfaces.Elements()
		finished = p.State.Status.ValueString() == string(cloud.StateReady)
	}
	declared := p.Config.NetworkInterfaces.Elements()
	elements, addresses, settled := planned.Elements(), []attr.Value{}, true
	for i, v := range elements {
		o, ok := v.(types.Object)
		if !ok || o.IsUnknown() || i >= len(declared) {
			settled = false
			continue
		}
		fields := o.Attributes()
		was, _ := at(prior, i).(types.Object)
		keepAddresses(fields, was.Attributes(), at(declared, i), finished)
		kept, diags := types.ObjectValue(interfaceType.AttrTypes, fields)
		p.Diagnostics.Append(diags...)
		elements[i] = kept
		addresses = append(addresses, fields["ip_address"])
		settled = settled && known(fields["ip_address"])
	}
	var diags diag.Diagnostics
	if !planned.IsNull() {
		p.Plan.NetworkInterfaces, diags = types.ListValue(interfaceType, elements)
		p.Diagnostics.Append(diags...)
	}
	if settled {
		p.Plan.Addresses, diags = types.ListValue(types.StringType, addresses)
		p.Diagnostics.Append(diags...)
	}
}

// keepAddresses fills planned from what was, if that is the same network's interface. What the operator has still to
// choose is unknown; a null is kept only from a machine that was finished, where it means that nothing is to come.
func keepAddresses(planned, was map[string]attr.Value, declared attr.Value, finished bool) {
	config, _ := declared.(types.Object)
	asked := config.Attributes()["ip_address"]
	same := known(planned["network_id"]) && planned["network_id"].Equal(was["network_id"])
	if asked == nil || asked.IsNull() {
		planned["ip_address"] = types.StringUnknown()
		if same && (finished || known(was["ip_address"])) {
			planned["ip_address"] = was["ip_address"]
		}
	}
	planned["mac_address"] = types.StringUnknown()
	if same && (finished || known(was["mac_address"])) && planned["ip_address"].Equal(was["ip_address"]) {
		planned["mac_address"] = was["mac_address"]
	}
}

func at(values []attr.Value, i int) attr.Value {
	if i < len(values) {
		return values[i]
	}
	return nil
}

func known(v attr.Value) bool { return v != nil && !v.IsNull() && !v.IsUnknown() }
