package lifecycle

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// stepped is an operator whose machines are of 1 to 32 vCPU.
func stepped() *cloud.Operator {
	return &cloud.Operator{Name: "lvrtc", Catalogue: cloud.Catalogue{MachineSizes: []cloud.MachineSize{
		{Name: "general", VCPUs: cloud.Range{Min: 1, Max: 32, Step: 1}, MemoryMiB: cloud.Range{Min: 1024, Max: 131072, Step: 1024}},
	}}}
}

func taints(all ...Taint) types.Set {
	var elements []attr.Value
	for _, t := range all {
		elements = append(elements, types.ObjectValueMust(taintType.AttrTypes, map[string]attr.Value{
			"key": t.Key, "value": t.Value, "effect": t.Effect,
		}))
	}
	return types.SetValueMust(taintType, elements)
}

func poolOf(vcpus, memoryMiB int64, all ...Taint) NodePool {
	return NodePool{
		VCPUs: types.Int64Value(vcpus), MemoryMiB: types.Int64Value(memoryMiB), Size: types.Int64Value(1),
		Autoscaling: types.ObjectNull(autoscalingTypes), Taints: taints(all...),
	}
}

func TestCheckNodePool(t *testing.T) {
	text := types.StringValue
	taint := func(key, value, effect types.String) Taint { return Taint{Key: key, Value: value, Effect: effect} }
	unknown, small, large := poolOf(2, 4096), poolOf(63, 2048), poolOf(63, 4096)
	unknown.VCPUs = types.Int64Unknown()
	for name, c := range map[string]struct {
		pool    NodePool
		was     *NodePool
		at, say string
	}{
		"offered":   {pool: poolOf(2, 4096)},
		"not known": {pool: unknown},
		"too large": {pool: poolOf(63, 2048), at: `node_pools["web"].vcpus`, say: `Operator "lvrtc" has no size for 63 vCPU and 2048 MiB`},
		"as it was": {pool: poolOf(63, 2048), was: &small},
		"more than it": {
			pool: poolOf(63, 2048), was: &large, at: `node_pools["web"].vcpus`, say: `Operator "lvrtc" has no size for 63 vCPU and 2048 MiB`,
		},
		"memory alone": {pool: poolOf(2, 2047), at: `node_pools["web"].memory_mib`, say: `Operator "lvrtc" has no size for 2 vCPU and 2047 MiB`},
		"two taints": {
			pool: poolOf(2, 4096, taint(text("a"), text("x"), text("NoSchedule")), taint(text("a"), text("y"), text("NoSchedule"))),
			at:   `node_pools["web"].taints`, say: `Two taints have the key "a" and the effect "NoSchedule"`,
		},
		"two effects": {pool: poolOf(2, 4096, taint(text("a"), text("x"), text("NoSchedule")), taint(text("a"), text("x"), text("NoExecute")))},
		"a key to come": {pool: poolOf(2, 4096, taint(types.StringUnknown(), text("x"), text("NoSchedule")),
			taint(types.StringUnknown(), text("y"), text("NoSchedule")))},
	} {
		t.Run(name, func(t *testing.T) {
			var diags diag.Diagnostics
			c.pool.Check(t.Context(), stepped(), c.was, path.Root("node_pools").AtMapKey("web"), &diags)
			if c.say == "" {
				if len(diags) > 0 {
					t.Error(diags)
				}
				return
			}
			d, ok := diags[0].(diag.DiagnosticWithPath)
			if len(diags) != 1 || !ok || d.Path().String() != c.at || d.Summary() != c.say {
				t.Errorf("got %v, want %s at %s", diags, c.say, c.at)
			}
		})
	}
}

// refuses reports whether validators refuse a text.
func refuses(t *testing.T, validators []validator.String, value string) bool {
	t.Helper()
	var resp validator.StringResponse
	for _, v := range validators {
		v.ValidateString(t.Context(), validator.StringRequest{ConfigValue: types.StringValue(value)}, &resp)
	}
	return resp.Diagnostics.HasError()
}

// TestPoolTexts has texts that operators or Kubernetes cannot take, or that come back as null.
func TestPoolTexts(t *testing.T) {
	pool := NodePoolAttributes(true)
	of := func(attributes map[string]schema.Attribute, name string) []validator.String {
		return attributes[name].(schema.StringAttribute).Validators
	}
	for _, c := range []struct {
		validators []validator.String
		good, bad  []string
	}{
		{of(pool, "zone"), []string{"riga-1"}, []string{""}},
		{of(taintAttributes(), "value"), []string{"web", "a.b_c-D"}, []string{"", "-a", "a b", strings.Repeat("a", 64)}},
		{
			of(taintAttributes(), "key"), []string{"a", "example.org/A_b.c", "a.b-c/d"},
			[]string{"", "a..b/c", "a.-b/c", "a-.b/c", ".a/b", "a/", "/a", "a/b/c", strings.Repeat("a", 254) + "/" + strings.Repeat("b", 63)},
		},
	} {
		for _, value := range c.good {
			if refuses(t, c.validators, value) {
				t.Errorf("%q is refused", value)
			}
		}
		for _, value := range c.bad {
			if !refuses(t, c.validators, value) {
				t.Errorf("%q is taken", value)
			}
		}
	}
	labels := pool["node_labels"].(schema.MapAttribute).Validators
	for _, c := range []struct {
		key, value string
		good       bool
	}{{"example.org/tier", "web", true}, {"tier", "", true}, {"a..b/c", "web", false}, {"tier", "a b", false}} {
		var resp validator.MapResponse
		value := types.MapValueMust(types.StringType, map[string]attr.Value{c.key: types.StringValue(c.value)})
		for _, v := range labels {
			v.ValidateMap(t.Context(), validator.MapRequest{ConfigValue: value}, &resp)
		}
		if resp.Diagnostics.HasError() == c.good {
			t.Errorf("%s = %q: %v", c.key, c.value, resp.Diagnostics)
		}
	}
}
