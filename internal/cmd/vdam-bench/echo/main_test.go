package main

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"       //nolint:depguard // The floor is a provider.
	"github.com/hashicorp/terraform-plugin-framework/providerserver" //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	vdam "github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

// TestSameSchemas holds the comparison's first condition: both providers have the same resources to serve.
func TestSameSchemas(t *testing.T) {
	t.Parallel()
	ours, floor := schemas(t, vdam.New("test")()), schemas(t, newEcho())
	if len(ours) == 0 || len(ours) != len(floor) {
		t.Fatalf("the floor has %d resources, the provider %d", len(floor), len(ours))
	}
	for name, schema := range ours {
		if floor[name] == nil || !floor[name].ValueType().Equal(schema.ValueType()) {
			t.Errorf("%s has another schema", name)
		}
	}
}

// TestEchoes holds the second: the floor takes orders and knows an answer to each.
func TestEchoes(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(newEcho())()
	kind := schemas(t, newEcho())["vdam_network"].ValueType().(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, typ := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(typ, nil)
	}
	values["name"] = tftypes.NewValue(tftypes.String, "front")
	for _, open := range []string{"id", "operator", "effective_labels"} {
		values[open] = tftypes.NewValue(kind.AttributeTypes[open], tftypes.UnknownValue)
	}
	wire := func(v tftypes.Value) *tfprotov6.DynamicValue {
		d, err := tfprotov6.NewDynamicValue(kind, v)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	plan, none := wire(tftypes.NewValue(kind, values)), wire(tftypes.NewValue(kind, nil))
	resp, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "vdam_network", PriorState: none, PlannedState: plan, Config: plan,
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, resp.Diagnostics)
	}
	v, err := resp.NewState.Unmarshal(kind)
	if err != nil || !v.IsFullyKnown() {
		t.Errorf("it was answered with %s (%v)", v, err)
	}
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "vdam_network", CurrentState: resp.NewState})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, read.Diagnostics)
	}
	if again, err := read.NewState.Unmarshal(kind); err != nil || !again.Equal(v) {
		t.Errorf("it was read as %s (%v)", again, err)
	}
}

func schemas(t *testing.T, p provider.Provider) map[string]*tfprotov6.Schema {
	t.Helper()
	resp, err := providerserver.NewProtocol6(p)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, resp.Diagnostics)
	}
	return resp.ResourceSchemas
}
