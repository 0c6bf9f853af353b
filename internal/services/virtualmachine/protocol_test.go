package virtualmachine

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// machines hold one machine, which is ready at once.
type machines struct {
	one  cloud.VirtualMachine
	data *cloud.UserData
}

func (c *machines) make(s cloud.VirtualMachineSpec) cloud.VirtualMachine {
	v := objectOf(s)
	v.Meta = cloud.Meta{ID: "vm-1", Name: s.Name, Labels: s.Labels, State: cloud.StateReady, CreatedAt: time.Unix(0, 0)}
	v.Zone = "a"
	for i := range v.NetworkInterfaces {
		if v.NetworkInterfaces[i].IPAddress == "" {
			v.NetworkInterfaces[i].IPAddress = "10.0.0.7"
		}
		v.NetworkInterfaces[i].MACAddress = "02:00:00:00:00:07"
	}
	c.one, c.data = v, s.UserData
	return v
}

func (c *machines) Create(
	_ context.Context, s cloud.VirtualMachineSpec, _ cloud.CreateOptions,
) (cloud.VirtualMachine, error) {
	return c.make(s), nil
}

func (c *machines) Update(
	_ context.Context, _ string, change cloud.Change[cloud.VirtualMachineSpec],
) (cloud.VirtualMachine, error) {
	return c.make(change.To), nil
}

func (c *machines) Get(context.Context, string) (cloud.VirtualMachine, error) { return c.one, nil }

func (c *machines) Await(context.Context, string, time.Duration) (cloud.VirtualMachine, error) {
	return c.one, nil
}

func (c *machines) List(context.Context, cloud.ListOptions) iter.Seq2[cloud.VirtualMachine, error] {
	return func(func(cloud.VirtualMachine, error) bool) {}
}

func (c *machines) Delete(context.Context, string) error { return nil }

func (c *machines) Claim(context.Context, string) error { return nil }

// testProvider offers machines alone.
type testProvider struct{ federation *cloud.Federation }

func (testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vdam"
}

func (testProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (p testProvider) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	resp.ResourceData = &lifecycle.Configured{Federation: p.federation}
}

func (testProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (testProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewResource}
}

// terraform does with one resource what Terraform does.
type terraform struct {
	server tfprotov6.ProviderServer
	schema resource.SchemaResponse
}

func newTerraform(t *testing.T, c *machines) *terraform {
	t.Helper()
	op := testOperator(&imageSource{image: cloud.Image{MinDiskGiB: 10}})
	op.VirtualMachines = c
	op.Capabilities.Kinds = map[cloud.Kind]cloud.KindCapabilities{
		cloud.KindVirtualMachine: {UpdatesInPlace: []string{"memory_mib", "vcpus", "user_data"}},
	}
	f := cloud.NewFederation(true, map[string]cloud.Opener{
		"lnb": func(context.Context) (*cloud.Operator, error) { return op, nil },
	})
	f.DefaultOperator = "lnb"
	tf := &terraform{server: providerserver.NewProtocol6(testProvider{f})()}
	nothing := tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{})
	empty, err := tfprotov6.NewDynamicValue(tftypes.Object{}, nothing)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tf.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &empty})
	if err != nil {
		t.Fatal(err)
	}
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, &tf.schema)
	return tf
}

// value is a model on the wire; nil is the null of what does not exist.
func (tf *terraform) value(t *testing.T, m *resourceModel) *tfprotov6.DynamicValue {
	t.Helper()
	typ := tf.schema.Schema.Type().TerraformType(t.Context())
	state := tfsdk.State{Schema: tf.schema.Schema, Raw: tftypes.NewValue(typ, nil)}
	if m != nil {
		if diags := state.Set(t.Context(), m); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
	v, err := tfprotov6.NewDynamicValue(typ, state.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

func (tf *terraform) model(t *testing.T, v *tfprotov6.DynamicValue) *resourceModel {
	t.Helper()
	raw, err := v.Unmarshal(tf.schema.Schema.Type().TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var m resourceModel
	state := tfsdk.State{Schema: tf.schema.Schema, Raw: raw}
	if diags := state.Get(t.Context(), &m); len(diags) > 0 {
		t.Fatal(diags)
	}
	return &m
}

// plan returns what is planned, given what Terraform proposes.
func (tf *terraform) plan(t *testing.T, prior, proposed, config *resourceModel) *resourceModel {
	t.Helper()
	resp, err := tf.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: "vdam_virtual_machine", Config: tf.value(t, config),
		PriorState: tf.value(t, prior), ProposedNewState: tf.value(t, proposed),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics)+len(resp.RequiresReplace) > 0 {
		t.Fatal(*resp.Diagnostics[0], resp.RequiresReplace)
	}
	return tf.model(t, resp.PlannedState)
}

func (tf *terraform) apply(t *testing.T, prior, planned, config *resourceModel) *resourceModel {
	t.Helper()
	resp, err := tf.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "vdam_virtual_machine", Config: tf.value(t, config),
		PriorState: tf.value(t, prior), PlannedState: tf.value(t, planned),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		t.Fatal(*resp.Diagnostics[0])
	}
	return tf.model(t, resp.NewState)
}

// testConfig leaves out all that can be.
func testConfig() *resourceModel {
	m := new(resourceModel)
	m.Name, m.VCPUs, m.MemoryMiB = types.StringValue("db-1"), types.Int64Value(2), types.Int64Value(4096)
	m.Labels, m.EffectiveLabels = types.MapNull(types.StringType), types.MapNull(types.StringType)
	m.Image = types.StringValue("lnb/img-1")
	m.BootDisk = types.ObjectValueMust(bootDiskTypes, map[string]attr.Value{
		"size_gib": types.Int64Value(40), "class": types.StringNull(), "on_destroy": types.StringValue("delete"),
	})
	m.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{
		nic("lnb/net-1", types.StringNull(), types.StringNull()),
	})
	m.SSHAuthorizedKeys, m.Addresses = types.ListNull(types.StringType), types.ListNull(types.StringType)
	m.UserDataWO, m.UserDataWOVersion = types.StringValue("secret"), types.Int64Value(1)
	m.RestoreFrom, m.Restored = lifecycle.NoRestoreFrom(), lifecycle.Restored(context.Background(), "lnb", nil, nil)
	m.Timeouts = timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		"create": types.StringType, "update": types.StringType, "delete": types.StringType,
	})}
	return m
}

func TestCreateAndResize(t *testing.T) {
	c := &machines{}
	tf, config := newTerraform(t, c), testConfig()
	planned := tf.plan(t, nil, config, config)
	if planned.PowerState.ValueString() != "running" || !planned.Addresses.IsUnknown() || !planned.UserDataWO.IsNull() {
		t.Errorf("planned %s, %s, %s", planned.PowerState, planned.Addresses, planned.UserDataWO)
	}
	state := tf.apply(t, nil, planned, config)
	if !state.Addresses.Equal(texts("10.0.0.7")) || c.data == nil || c.data.Value != "secret" ||
		!state.UserDataWO.IsNull() {
		t.Errorf("addresses %s, user data %+v, in state %s", state.Addresses, c.data, state.UserDataWO)
	}
	if again := tf.plan(t, state, state, config); !tf.same(t, again, state) {
		t.Errorf("the second plan is not empty: %+v", again)
	}

	config.MemoryMiB, config.VCPUs = types.Int64Value(8192), types.Int64Value(4)
	config.UserDataWO, config.UserDataWOVersion = types.StringValue("another"), types.Int64Value(2)
	proposed := *state
	proposed.MemoryMiB, proposed.VCPUs = config.MemoryMiB, config.VCPUs
	proposed.UserDataWOVersion = config.UserDataWOVersion
	planned = tf.plan(t, state, &proposed, config)
	proposed.Status = types.StringUnknown()
	if !tf.same(t, planned, &proposed) {
		t.Errorf("planned %+v\nnot %+v", planned, proposed)
	}
	state = tf.apply(t, state, planned, config)
	if state.MemoryMiB.ValueInt64() != 8192 || c.data.Value != "another" || c.data.Revision != "wo:2" {
		t.Errorf("memory %s, user data %+v", state.MemoryMiB, c.data)
	}
}

// same compares models as Terraform does.
func (tf *terraform) same(t *testing.T, a, b *resourceModel) bool {
	t.Helper()
	return string(tf.value(t, a).MsgPack) == string(tf.value(t, b).MsgPack)
}
