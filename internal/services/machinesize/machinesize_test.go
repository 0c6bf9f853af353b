package machinesize

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func TestFilters(t *testing.T) {
	op := &cloud.Operator{Name: "lnb", Catalogue: cloud.Catalogue{MachineSizes: []cloud.MachineSize{
		{Name: "small", VCPUs: cloud.Range{Min: 1, Max: 1}, MemoryMiB: cloud.Range{Min: 2048, Max: 2048}},
		{Name: "general", Title: "General",
			VCPUs: cloud.Range{Min: 1, Max: 8, Step: 1}, MemoryMiB: cloud.Range{Min: 1024, Max: 65536, Step: 1024}},
		{Name: "large",
			VCPUs: cloud.Range{Min: 16, Max: 64, Step: 16}, MemoryMiB: cloud.Range{Min: 65536, Max: 524288, Step: 65536}},
	}}}
	for want, m := range map[string]*model{
		"small general large": {},
		"small general":       {VCPUs: types.Int64Value(1)},
		"general large":       {MemoryMiB: types.Int64Value(65536)},
		"general":             {VCPUs: types.Int64Value(8), MemoryMiB: types.Int64Value(65536)},
		"":                    {VCPUs: types.Int64Value(17)},
	} {
		m.read(op)
		var names []string
		for _, f := range m.MachineSizes {
			names = append(names, f.Name.ValueString())
		}
		if strings.Join(names, " ") != want || m.MachineSizes == nil {
			t.Errorf("got %q, want %q", names, want)
		}
	}
}

func TestSchemaHoldsTheModel(t *testing.T) {
	ctx := t.Context()
	var s datasource.SchemaResponse
	NewListDataSource().Schema(ctx, datasource.SchemaRequest{}, &s)
	diags := s.Schema.ValidateImplementation(ctx)
	m := model{Operator: types.StringValue("lnb"), MachineSizes: []familyModel{{}}}
	state := tfsdk.State{Schema: s.Schema, Raw: tftypes.NewValue(s.Schema.Type().TerraformType(ctx), nil)}
	if diags.Append(state.Set(ctx, &m)...); len(diags) > 0 {
		t.Error(diags)
	}
}
