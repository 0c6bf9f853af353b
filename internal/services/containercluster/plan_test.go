package containercluster

import (
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

var now = time.Date(2026, time.November, 25, 0, 0, 0, 0, time.UTC)

// clusterAt is a cluster in the state, or in a plan.
func clusterAt(version, running, pods string) *resourceModel {
	m := &resourceModel{}
	m.Operator, m.Status = types.StringValue("lvrtc"), types.StringValue("ready")
	m.KubernetesVersion, m.RunningVersion = types.StringValue(version), types.StringValue(running)
	m.HighAvailability, m.PodCIDR, m.ServiceCIDR = types.StringValue("none"), types.StringValue(pods), types.StringValue("10.43.0.0/16")
	return m
}

// planning changes a cluster that runs 1.34.4 to another version, where 1.34 has come to its end and 1.33 is gone.
func planning(state *resourceModel, version, pods string) *lifecycle.Planning[resourceModel] {
	p := &lifecycle.Planning[resourceModel]{State: state, Plan: clusterAt(version, "", pods), Config: &resourceModel{}}
	p.Operator = &cloud.Operator{Name: "lvrtc"}
	p.Operator.Catalogue.KubernetesVersions = []cloud.KubernetesVersion{
		{Version: "1.35.4"}, {Version: "1.34.6", EndOfLife: now.AddDate(0, 0, -1)}, {Version: "1.32.9"},
	}
	p.Operator.Capabilities.Clusters.HighAvailability = []cloud.HighAvailability{cloud.HighAvailabilityNone}
	return p
}

func TestPlanVersion(t *testing.T) {
	const pods, others = "10.42.0.0/16", "10.50.0.0/16"
	for name, c := range map[string]struct {
		declared, running, wanted, pods string
		say                             string
	}{
		"the minor that runs, at its end": {"1.34.4", "1.34.4", "1.34", pods, ""},
		"the patch that runs":             {"1.34", "1.34.4", "1.34.4", pods, ""},
		"a later patch, at its end":       {"1.34", "1.34.4", "1.34.6", pods, ""},
		"a minor that is gone, and runs":  {"1.33.2", "1.33.2", "1.33", pods, ""},
		"a patch that there is not":       {"1.34", "1.34.4", "1.34.5", pods, "lvrtc offers no Kubernetes 1.34.5"},
		"an older patch":                  {"1.34", "1.34.4", "1.34.3", pods, "A cluster that runs 1.34.4 cannot go to 1.34.3"},
		"the next minor":                  {"1.34", "1.34.4", "1.35", pods, ""},
		"the next minor, at its end":      {"1.33", "1.33.2", "1.34", pods, "Kubernetes 1.34 has been without patches since 2026-11-24"},
		"a minor back":                    {"1.34", "1.34.4", "1.32", pods, "A cluster that runs 1.34.4 cannot go to 1.32"},
		"a minor back, in a new cluster":  {"1.34", "1.34.4", "1.32", others, ""},
		"over a minor, in a new cluster":  {"1.32", "1.32.9", "1.35", others, ""},
		"at its end, in a new cluster":    {"1.34.4", "1.34.4", "1.34", others, "Kubernetes 1.34 has been without patches since 2026-11-24"},
	} {
		t.Run(name, func(t *testing.T) {
			p := planning(clusterAt(c.declared, c.running, pods), c.wanted, c.pods)
			planVersion(p, now)
			if c.say == "" && len(p.Diagnostics) > 0 || c.say != "" && (len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary() != c.say) {
				t.Errorf("got %v, want %q", p.Diagnostics, c.say)
			}
		})
	}
}

// TestPrior tells a cluster that is changed from one that is made anew.
func TestPrior(t *testing.T) {
	was := clusterAt("1.34", "1.34.4", "10.42.0.0/16")
	was.HighAvailability = types.StringValue("zone")
	for name, c := range map[string]struct {
		change func(p *lifecycle.Planning[resourceModel])
		kept   bool
	}{
		"as it was":                {func(*lifecycle.Planning[resourceModel]) {}, true},
		"another network":          {func(p *lifecycle.Planning[resourceModel]) { p.Plan.NetworkID = types.StringValue("lvrtc/n") }, false},
		"other pods":               {func(p *lifecycle.Planning[resourceModel]) { p.Plan.PodCIDR = types.StringValue("10.0.0.0/16") }, false},
		"other services":           {func(p *lifecycle.Planning[resourceModel]) { p.Plan.ServiceCIDR = types.StringValue("10.0.0.0/16") }, false},
		"another operator":         {func(p *lifecycle.Planning[resourceModel]) { p.Plan.Operator = types.StringValue("iem-ic") }, false},
		"what was being deleted":   {func(p *lifecycle.Planning[resourceModel]) { p.State.Status = types.StringValue("deleting") }, false},
		"what is left to somebody": {func(p *lifecycle.Planning[resourceModel]) { p.Plan.NetworkID = types.StringUnknown() }, true},
		"a network to come": {func(p *lifecycle.Planning[resourceModel]) {
			p.Plan.NetworkID, p.Config.NetworkID = types.StringUnknown(), types.StringUnknown()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			state := *was
			p := planning(&state, "1.34", "10.42.0.0/16")
			c.change(p)
			if kept := prior(p) != nil; kept != c.kept {
				t.Errorf("it is %t that it is kept", kept)
			}
			if planAvailability(p); p.Diagnostics.HasError() != c.kept {
				t.Errorf("a new cluster may be less available: %v", p.Diagnostics)
			}
		})
	}
}

// TestEmptyClaims are refused, as they would come back as null.
func TestEmptyClaims(t *testing.T) {
	oidc := networkAttributes()["oidc"].(schema.SingleNestedAttribute)
	for _, name := range []string{"username_claim", "groups_claim"} {
		var resp validator.StringResponse
		for _, v := range oidc.Attributes[name].(schema.StringAttribute).Validators {
			v.ValidateString(t.Context(), validator.StringRequest{ConfigValue: types.StringValue("")}, &resp)
		}
		if !resp.Diagnostics.HasError() {
			t.Errorf("%s may be empty", name)
		}
	}
}

// TestLacks refuses what an operator's clusters have no place for, and nothing else.
func TestLacks(t *testing.T) {
	pool := lifecycle.NodePool{VCPUs: types.Int64Value(2), MemoryMiB: types.Int64Value(4096), Size: types.Int64Value(1),
		Zone: types.StringValue("riga-1")}
	pool.NodeLabels = types.MapValueMust(types.StringType, map[string]attr.Value{"tier": types.StringValue("web")})
	was := pool
	was.VCPUs = types.Int64Value(1)
	for name, c := range map[string]struct {
		can  cloud.ClusterCapabilities
		want []string
	}{
		"nothing is lacking": {},
		"Magnum": {
			cloud.ClusterCapabilities{FixedNodes: true, Lacks: []string{"auto_patch", "pod_cidr", "service_cidr", "node_pools.zone"}},
			[]string{"auto_patch", "pod_cidr", `node_pools["std"].zone`, `node_pools["std"].vcpus`},
		},
		"domains of labels": {cloud.ClusterCapabilities{NodeLabelDomains: []string{"example.org"}}, []string{`node_pools["std"].node_labels`}},
		"labels":            {cloud.ClusterCapabilities{Lacks: []string{"node_pools.node_labels"}}, []string{`node_pools["std"].node_labels`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := planning(nil, "1.34", "10.42.0.0/16")
			p.Operator.Capabilities.Clusters = c.can
			p.Config.PodCIDR, p.Config.AutoPatch = types.StringValue("10.42.0.0/16"), types.BoolValue(true)
			planLacks(p)
			pool.Check(t.Context(), p.Operator, &was, path.Root("node_pools").AtMapKey("std"), &p.Diagnostics)
			var got []string
			for _, d := range p.Diagnostics {
				got = append(got, d.(diag.DiagnosticWithPath).Path().String())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("refused are %q, want %q", got, c.want)
			}
		})
	}
}
