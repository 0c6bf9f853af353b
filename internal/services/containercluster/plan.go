package containercluster

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// plan refuses what the catalogue, the state and arithmetic show to be impossible.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	planVersion(p, time.Now())
	planAvailability(p)
	if p.Operator != nil {
		planLacks(p)
		planRanges(p)
	}
	checkRanges(ctx, p)
	var before map[string]poolModel
	if was := prior(p); was != nil {
		before = poolsOf(ctx, was.NodePools, &p.Diagnostics)
	}
	lifecycle.CheckReference(&p.Diagnostics, path.Root("network_id"), p.Plan.Operator.ValueString(), "network", p.Plan.NetworkID)
	for _, name := range slices.Sorted(maps.Keys(p.Plan.NodePools.Elements())) {
		if o, ok := p.Plan.NodePools.Elements()[name].(types.Object); ok && !unknownParts(o) {
			pool := pools(ctx, types.MapValueMust(poolType, map[string]attr.Value{name: o}), &p.Diagnostics)[name]
			var was *lifecycle.NodePool
			if b, ok := before[name]; ok {
				was = &b.NodePool
			}
			pool.Check(ctx, p.Operator, was, path.Root("node_pools").AtMapKey(name), &p.Diagnostics)
		}
	}
	if p.Operator == nil {
		return
	}
	can := p.Operator.Capabilities.Clusters
	if !can.OIDC && !p.Plan.OIDC.IsNull() {
		p.Diagnostics.AddAttributeError(path.Root("oidc"), p.Operator.Name+" trusts no other issuers in its clusters",
			"Leave oidc out, or choose another operator.")
	}
	if !can.APIAllowList && !p.Plan.APIAllowedCIDRs.IsNull() {
		p.Diagnostics.AddAttributeError(path.Root("api_allowed_cidrs"), p.Operator.Name+" cannot restrict from where a cluster's API is reached",
			"Leave api_allowed_cidrs out, or choose another operator.")
	}
}

// unknownParts reports whether the pool's shape is not known yet.
func unknownParts(o types.Object) bool {
	return o.IsUnknown() || o.Attributes()["size"].IsUnknown() || o.Attributes()["autoscaling"].IsUnknown()
}

// prior is the cluster that the plan goes on with; nil if it makes another, as at another operator or with other addresses.
func prior(p *lifecycle.Planning[resourceModel]) *resourceModel {
	if p.State == nil || !p.State.Operator.Equal(p.Plan.Operator) || p.State.Status.ValueString() == string(cloud.StateDeleting) {
		return nil
	}
	for _, r := range []struct{ was, planned, configured types.String }{
		{p.State.NetworkID, p.Plan.NetworkID, p.Config.NetworkID},
		{p.State.PodCIDR, p.Plan.PodCIDR, p.Config.PodCIDR},
		{p.State.ServiceCIDR, p.Plan.ServiceCIDR, p.Config.ServiceCIDR},
	} {
		left := r.planned.IsUnknown() && r.configured.IsNull() && r.was.IsNull()
		if !left && !r.planned.Equal(r.was) {
			return nil
		}
	}
	return p.State
}

// planVersion refuses versions that there are not, ways back, and steps over a minor. What a cluster runs already it may
// go on running, whatever has become of the offer.
func planVersion(p *lifecycle.Planning[resourceModel], now time.Time) {
	wanted, was := p.Plan.KubernetesVersion.ValueString(), prior(p)
	if p.Plan.KubernetesVersion.IsUnknown() || was != nil && was.KubernetesVersion.Equal(p.Plan.KubernetesVersion) {
		return
	}
	at, sameMinor := path.Root("kubernetes_version"), false
	if was != nil {
		running := was.RunningVersion.ValueString()
		if running == "" {
			running = was.KubernetesVersion.ValueString()
		}
		if !stepAllowed(running, wanted) {
			p.Diagnostics.AddAttributeError(at, fmt.Sprintf("A cluster that runs %s cannot go to %s", running, wanted),
				lifecycle.Paragraphs("Kubernetes goes up one minor at a time, and never back.", nextVersions(p.Operator, running)))
			return
		}
		sameMinor = cloud.Minor(running) == cloud.Minor(wanted)
		if sameMinor && (wanted == running || wanted == cloud.Minor(wanted)) {
			return
		}
	}
	if p.Operator == nil || len(p.Operator.Catalogue.KubernetesVersions) == 0 {
		return
	}
	offered := p.Operator.Catalogue.KubernetesVersions
	i := slices.IndexFunc(offered, func(v cloud.KubernetesVersion) bool { return v.Version == wanted || cloud.Minor(v.Version) == wanted })
	if i < 0 {
		p.Diagnostics.AddAttributeError(at, fmt.Sprintf("%s offers no Kubernetes %s", p.Operator.Name, wanted),
			"It offers "+listed(supported(offered, now))+".")
		return
	}
	if end := offered[i].EndOfLife; !sameMinor && !end.IsZero() && !now.Before(end) {
		p.Diagnostics.AddAttributeError(at, fmt.Sprintf("Kubernetes %s has been without patches since %s", wanted, end.Format(time.DateOnly)),
			"It offers "+listed(supported(offered, now))+".")
	}
}

// supported are the versions that still get patches.
func supported(all []cloud.KubernetesVersion, now time.Time) []cloud.KubernetesVersion {
	return slices.DeleteFunc(slices.Clone(all), func(v cloud.KubernetesVersion) bool {
		return !v.EndOfLife.IsZero() && !now.Before(v.EndOfLife)
	})
}

// stepAllowed reports whether one upgrade leads from what runs to what is wanted: to a later patch, or to the next
// minor. The minor of what runs is no step at all.
func stepAllowed(running, wanted string) bool {
	switch cloud.Minor(wanted) {
	case cloud.NextMinor(running):
		return true
	case cloud.Minor(running):
		return wanted == cloud.Minor(wanted) || cloud.CompareVersions(wanted, running) >= 0
	}
	return false
}

// nextVersions names what an upgrade can lead to.
func nextVersions(op *cloud.Operator, running string) string {
	if op == nil {
		return ""
	}
	next := slices.DeleteFunc(slices.Clone(op.Catalogue.KubernetesVersions), func(v cloud.KubernetesVersion) bool {
		return v.Version == running || !stepAllowed(running, v.Version)
	})
	if len(next) == 0 {
		return op.Name + " has nothing newer for it."
	}
	return "From there it can go to " + listed(next) + "."
}

func listed(versions []cloud.KubernetesVersion) string {
	names := make([]string, len(versions))
	for i, v := range versions {
		names[i] = v.Version
	}
	slices.SortFunc(names, cloud.CompareVersions)
	return strings.Join(names, ", ")
}

// degrees order what a control plane outlives.
var degrees = map[string]int{"none": 0, "node": 1, "zone": 2}

func planAvailability(p *lifecycle.Planning[resourceModel]) {
	wanted := p.Plan.HighAvailability
	if wanted.IsUnknown() || wanted.IsNull() {
		return
	}
	at := path.Root("high_availability")
	if was := prior(p); was != nil && degrees[wanted.ValueString()] < degrees[was.HighAvailability.ValueString()] {
		p.Diagnostics.AddAttributeError(at, fmt.Sprintf("The control plane cannot go back from %q to %q",
			was.HighAvailability.ValueString(), wanted.ValueString()), "Leave it, or make another cluster beside this one and move over.")
		return
	}
	if p.Operator == nil {
		return
	}
	if offered := p.Operator.Capabilities.Clusters.HighAvailability; !slices.Contains(offered, cloud.HighAvailability(wanted.ValueString())) {
		names := make([]string, len(offered))
		for i, o := range offered {
			names[i] = string(o)
		}
		p.Diagnostics.AddAttributeError(at, fmt.Sprintf("%s has no control planes of the availability %q", p.Operator.Name, wanted.ValueString()),
			"It has "+strings.Join(names, ", ")+". Choose one of these, or another operator.")
	}
}

// named is a range with the attribute that says it.
type named struct {
	attribute string
	prefix    netip.Prefix
}

// planRanges fills in what a new cluster gets that declares no ranges.
func planRanges(p *lifecycle.Planning[resourceModel]) {
	if prior(p) != nil {
		return
	}
	can := p.Operator.Capabilities.Clusters
	for _, r := range []struct {
		configured types.String
		planned    *types.String
		byDefault  string
	}{{p.Config.PodCIDR, &p.Plan.PodCIDR, can.PodCIDR}, {p.Config.ServiceCIDR, &p.Plan.ServiceCIDR, can.ServiceCIDR}} {
		if r.configured.IsNull() && r.byDefault != "" {
			*r.planned = types.StringValue(r.byDefault)
		}
	}
}

// checkRanges refuses ranges that are none, and those that overlap: nothing would tell where a packet is to go.
func checkRanges(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	var all []named
	for _, r := range []struct {
		attribute string
		value     types.String
	}{{"pod_cidr", p.Plan.PodCIDR}, {"service_cidr", p.Plan.ServiceCIDR}} {
		if r.value.IsNull() || r.value.IsUnknown() {
			continue
		}
		prefix, ok := parsePrefix(r.value.ValueString(), path.Root(r.attribute), &p.Diagnostics)
		if ok {
			all = append(all, named{r.attribute, prefix})
		}
	}
	for _, v := range p.Plan.APIAllowedCIDRs.Elements() {
		if s, ok := v.(types.String); ok && !s.IsUnknown() {
			parsePrefix(s.ValueString(), path.Root("api_allowed_cidrs"), &p.Diagnostics)
		}
	}
	if network, ok := networkRange(ctx, p); ok {
		all = append(all, named{"network_id", network})
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if a.prefix.Overlaps(b.prefix) {
				p.Diagnostics.AddAttributeError(path.Root(b.attribute),
					fmt.Sprintf("%s %s overlaps with %s %s", b.attribute, b.prefix, a.attribute, a.prefix),
					"Pods, services and nodes need ranges of their own. Choose another one, outside of what the agency uses elsewhere.")
			}
		}
	}
}

func parsePrefix(text string, at path.Path, diags *diag.Diagnostics) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil || prefix.Masked() != prefix {
		diags.AddAttributeError(at, fmt.Sprintf("%q is not a range of addresses", text), "Write it like 10.42.0.0/16, with its host bits zero.")
		return prefix, false
	}
	return prefix, true
}

// networkRange is that of the nodes' network. Errors of the read are left to apply.
func networkRange(ctx context.Context, p *lifecycle.Planning[resourceModel]) (netip.Prefix, bool) {
	if p.Operator == nil || p.Operator.Networks == nil || prior(p) != nil || p.Plan.NetworkID.IsNull() || p.Plan.NetworkID.IsUnknown() {
		return netip.Prefix{}, false
	}
	network, err := p.Operator.Networks.Get(ctx, lifecycle.ObjectID(p.Plan.NetworkID))
	if err != nil {
		return netip.Prefix{}, false
	}
	prefix, err := netip.ParsePrefix(network.CIDR)
	return prefix, err == nil
}
