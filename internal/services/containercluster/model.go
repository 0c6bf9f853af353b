package containercluster

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	KubernetesVersion  types.String `tfsdk:"kubernetes_version"`
	RunningVersion     types.String `tfsdk:"running_version"`
	HighAvailability   types.String `tfsdk:"high_availability"`
	APIAllowedCIDRs    types.Set    `tfsdk:"api_allowed_cidrs"`
	NetworkID          types.String `tfsdk:"network_id"`
	PodCIDR            types.String `tfsdk:"pod_cidr"`
	ServiceCIDR        types.String `tfsdk:"service_cidr"`
	OIDC               types.Object `tfsdk:"oidc"`
	NodePools          types.Map    `tfsdk:"node_pools"`
	AutoPatch          types.Bool   `tfsdk:"auto_patch"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
	APIEndpoint        types.String `tfsdk:"api_endpoint"`
	CACertificate      types.String `tfsdk:"ca_certificate"`
	Simulated          types.Bool   `tfsdk:"simulated"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type oidcModel struct {
	IssuerURL     types.String `tfsdk:"issuer_url"`
	ClientID      types.String `tfsdk:"client_id"`
	UsernameClaim types.String `tfsdk:"username_claim"`
	GroupsClaim   types.String `tfsdk:"groups_claim"`
}

var oidcTypes = map[string]attr.Type{
	"issuer_url": types.StringType, "client_id": types.StringType, "username_claim": types.StringType, "groups_claim": types.StringType,
}

// poolModel is a pool that the cluster declares itself.
type poolModel struct {
	lifecycle.NodePool
	CurrentSize types.Int64 `tfsdk:"current_size"`
}

var poolType = types.ObjectType{AttrTypes: poolTypes()}

func poolTypes() map[string]attr.Type {
	all := lifecycle.NodePoolTypes()
	all["current_size"] = types.Int64Type
	return all
}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.ContainerClusterSpec {
	s := cloud.ContainerClusterSpec{
		SpecMeta:           m.SpecMeta(ctx, diags),
		KubernetesVersion:  m.KubernetesVersion.ValueString(),
		HighAvailability:   cloud.HighAvailability(m.HighAvailability.ValueString()),
		NetworkID:          lifecycle.ObjectID(m.NetworkID),
		PodCIDR:            m.PodCIDR.ValueString(),
		ServiceCIDR:        m.ServiceCIDR.ValueString(),
		AutoPatch:          m.AutoPatch.ValueBool(),
		DeletionProtection: m.DeletionProtection.ValueBool(),
		NodePools:          make(map[string]cloud.NodePoolSize),
	}
	if !m.APIAllowedCIDRs.IsNull() && !m.APIAllowedCIDRs.IsUnknown() {
		diags.Append(m.APIAllowedCIDRs.ElementsAs(ctx, &s.APIAllowedCIDRs, false)...)
		slices.Sort(s.APIAllowedCIDRs)
	}
	if !m.OIDC.IsNull() && !m.OIDC.IsUnknown() {
		var o oidcModel
		diags.Append(m.OIDC.As(ctx, &o, basetypes.ObjectAsOptions{})...)
		s.OIDC = &cloud.OIDC{
			IssuerURL: o.IssuerURL.ValueString(), ClientID: o.ClientID.ValueString(),
			UsernameClaim: o.UsernameClaim.ValueString(), GroupsClaim: o.GroupsClaim.ValueString(),
		}
	}
	for name, p := range pools(ctx, m.NodePools, diags) {
		s.NodePools[name] = p.Spec(ctx, diags)
	}
	return s
}

// pools decodes the pools that are known.
func pools(ctx context.Context, m types.Map, diags *diag.Diagnostics) map[string]poolModel {
	out := make(map[string]poolModel)
	for name, v := range m.Elements() {
		o, ok := v.(types.Object)
		if !ok || o.IsNull() || o.IsUnknown() {
			continue
		}
		var p poolModel
		diags.Append(o.As(ctx, &p, basetypes.ObjectAsOptions{})...)
		out[name] = p
	}
	return out
}

func read(ctx context.Context, operator string, c cloud.ContainerCluster, a *attributes, diags *diag.Diagnostics) {
	a.KubernetesVersion = types.StringValue(c.KubernetesVersion)
	a.RunningVersion = lifecycle.OptionalString(c.RunningVersion)
	a.HighAvailability = types.StringValue(string(c.HighAvailability))
	a.NetworkID = lifecycle.Reference(operator, c.NetworkID)
	a.PodCIDR, a.ServiceCIDR = lifecycle.OptionalString(c.PodCIDR), lifecycle.OptionalString(c.ServiceCIDR)
	a.AutoPatch, a.DeletionProtection = types.BoolValue(c.AutoPatch), types.BoolValue(c.DeletionProtection)
	a.APIEndpoint, a.CACertificate = lifecycle.OptionalString(c.APIEndpoint), lifecycle.OptionalString(c.CACertificate)
	a.Simulated = types.BoolValue(c.Simulated)
	var d diag.Diagnostics
	if len(c.APIAllowedCIDRs) > 0 || !a.APIAllowedCIDRs.IsNull() && !a.APIAllowedCIDRs.IsUnknown() {
		a.APIAllowedCIDRs, d = types.SetValueFrom(ctx, types.StringType, append([]string{}, c.APIAllowedCIDRs...))
		diags.Append(d...)
	} else {
		a.APIAllowedCIDRs = types.SetNull(types.StringType)
	}
	a.OIDC = types.ObjectNull(oidcTypes)
	if c.OIDC != nil {
		a.OIDC, d = types.ObjectValueFrom(ctx, oidcTypes, oidcModel{
			IssuerURL: types.StringValue(c.OIDC.IssuerURL), ClientID: types.StringValue(c.OIDC.ClientID),
			UsernameClaim: lifecycle.OptionalString(c.OIDC.UsernameClaim), GroupsClaim: lifecycle.OptionalString(c.OIDC.GroupsClaim),
		})
		diags.Append(d...)
	}
	readPools(ctx, c.NodePools, a, diags)
}

// readPools keeps null for no pools: they may be objects of their own.
func readPools(ctx context.Context, pools map[string]cloud.NodePoolState, a *attributes, diags *diag.Diagnostics) {
	if len(pools) == 0 && (a.NodePools.IsNull() || a.NodePools.IsUnknown()) {
		a.NodePools = types.MapNull(poolType)
		return
	}
	prior := poolsOf(ctx, a.NodePools, diags)
	out := make(map[string]poolModel, len(pools))
	for name, state := range pools {
		p := prior[name]
		p.Read(ctx, state.NodePoolSize, diags)
		p.CurrentSize = types.Int64Value(state.CurrentSize)
		out[name] = p
	}
	var d diag.Diagnostics
	a.NodePools, d = types.MapValueFrom(ctx, poolType, out)
	diags.Append(d...)
}

// poolsOf are the pools as they were, by which "left to the operator" is kept.
func poolsOf(ctx context.Context, m types.Map, diags *diag.Diagnostics) map[string]poolModel {
	if m.IsNull() || m.IsUnknown() {
		return map[string]poolModel{}
	}
	return pools(ctx, m, diags)
}
