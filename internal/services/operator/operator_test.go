package operator

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

func testFederation() *cloud.Federation {
	opener := func(op *cloud.Operator) cloud.Opener {
		return func(context.Context) (*cloud.Operator, error) { return op, nil }
	}
	return cloud.NewFederation(true, map[string]cloud.Opener{
		"lvrtc": opener(&cloud.Operator{
			Name: "lvrtc", LegalName: "LVRTC", Driver: "selfservice", Endpoint: "https://lvrtc.example",
			Qualification: cloud.Qualification{Tier: 3, RackUnits: 400, VirsisID: "V-1"},
			Capabilities: cloud.Capabilities{
				Kinds:              map[cloud.Kind]cloud.KindCapabilities{cloud.KindVirtualMachine: {}, cloud.KindNetwork: {}},
				MeteringResolution: time.Minute,
			},
			Catalogue: cloud.Catalogue{
				Zones: []cloud.Zone{{Name: "a", Title: "Rīga"}}, DefaultZone: "a",
				VolumeClasses: []cloud.VolumeClass{{Name: "fast", SizeGiB: cloud.Range{Min: 10, Max: 100, Step: 10}}},
				Prices:        []cloud.Price{{Component: "vcpu", Unit: "vCPU", Per: "minute", Amount: "0.00012", Currency: "EUR"}},
			},
		}),
		"iem-ic": opener(&cloud.Operator{Name: "iem-ic", Driver: "selfservice", Endpoint: "https://iem-ic.example"}),
	})
}

// readState runs a data source; name is its argument, or empty if it takes none.
func readState(t *testing.T, d datasource.DataSource, f *cloud.Federation, name string) *datasource.ReadResponse {
	t.Helper()
	ctx := t.Context()
	if c, ok := d.(datasource.DataSourceWithConfigure); ok {
		c.Configure(ctx, datasource.ConfigureRequest{ProviderData: &lifecycle.Configured{Federation: f}}, &datasource.ConfigureResponse{})
	}
	var s datasource.SchemaResponse
	d.Schema(ctx, datasource.SchemaRequest{}, &s)
	if diags := s.Schema.ValidateImplementation(ctx); len(diags) > 0 {
		t.Fatal(diags)
	}
	raw := tftypes.NewValue(s.Schema.Type().TerraformType(ctx), nil)
	config := tfsdk.State{Schema: s.Schema, Raw: raw}
	if name != "" {
		if diags := config.SetAttribute(ctx, path.Root("name"), name); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
	resp := &datasource.ReadResponse{State: tfsdk.State{Schema: s.Schema, Raw: raw}}
	d.Read(ctx, datasource.ReadRequest{Config: tfsdk.Config{Schema: s.Schema, Raw: config.Raw}}, resp)
	return resp
}

func TestOneOperator(t *testing.T) {
	resp := readState(t, NewDataSource(), testFederation(), "lvrtc")
	var got model
	if resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...); len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics)
	}
	if got.Name.ValueString() != "lvrtc" || got.Qualification.RackUnits.ValueInt64() != 400 ||
		!slices.Equal(got.Kinds, []string{"network", "virtual_machine"}) || got.MeteringResolution.ValueInt64() != 60 ||
		got.Zones[0].Title.ValueString() != "Rīga" || got.VolumeClasses[0].SizeGiB.Max.ValueInt64() != 100 ||
		got.Prices[0].Amount.ValueString() != "0.00012" || !got.Prices[0].ValidFrom.IsNull() {
		t.Errorf("got %+v", got)
	}
}

func TestAllOperators(t *testing.T) {
	resp := readState(t, NewListDataSource(), testFederation(), "")
	var got listModel
	if resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...); len(resp.Diagnostics) > 0 {
		t.Fatal(resp.Diagnostics)
	}
	if len(got.Operators) != 2 || got.Operators[0].Name.ValueString() != "iem-ic" || got.Operators[0].Prices == nil {
		t.Errorf("got %+v", got)
	}
}

func TestAllThatAreDownAreTold(t *testing.T) {
	down := func(name string) cloud.Opener {
		return func(context.Context) (*cloud.Operator, error) {
			return nil, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: name}
		}
	}
	f := cloud.NewFederation(true, map[string]cloud.Opener{"a": down("a"), "b": down("b")})
	resp := readState(t, NewListDataSource(), f, "")
	if len(resp.Diagnostics) != 2 || !strings.Contains(resp.Diagnostics[1].Summary(), `"b"`) {
		t.Errorf("got %v", resp.Diagnostics)
	}
}

func TestUnknownName(t *testing.T) {
	resp := readState(t, NewDataSource(), testFederation(), "lvtrc")
	want := diag.NewAttributeErrorDiagnostic(path.Root("name"), `The provider block configures no operator "lvtrc"`,
		"It has: iem-ic, lvrtc. Add it to operators, or choose one of these.")
	if len(resp.Diagnostics) != 1 || !resp.Diagnostics[0].Equal(want) {
		t.Errorf("got %v", resp.Diagnostics)
	}
}

func TestOperatorsNotKnownYet(t *testing.T) {
	resp := readState(t, NewListDataSource(), cloud.NewFederation(false, nil), "")
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary() != "The operators are not known yet" {
		t.Errorf("got %v", resp.Diagnostics)
	}
	if model := modelOf(&cloud.Operator{}); model.Description != types.StringNull() {
		t.Errorf("an empty description is null, not %s", model.Description)
	}
}
