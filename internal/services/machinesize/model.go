package machinesize

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type model struct {
	Operator     types.String  `tfsdk:"operator"`
	VCPUs        types.Int64   `tfsdk:"vcpus"`
	MemoryMiB    types.Int64   `tfsdk:"memory_mib"`
	MachineSizes []familyModel `tfsdk:"machine_sizes"`
}

type familyModel struct {
	Name      types.String `tfsdk:"name"`
	Title     types.String `tfsdk:"title"`
	VCPUs     rangeModel   `tfsdk:"vcpus"`
	MemoryMiB rangeModel   `tfsdk:"memory_mib"`
	// LocalDiskGiB is null for sizes without a disk of their own.
	LocalDiskGiB types.Int64 `tfsdk:"local_disk_gib"`
}

type rangeModel struct {
	Min  types.Int64 `tfsdk:"min"`
	Max  types.Int64 `tfsdk:"max"`
	Step types.Int64 `tfsdk:"step"`
}

// read shows the families of an operator that the model's filters let pass.
func (m *model) read(op *cloud.Operator) {
	m.Operator = types.StringValue(op.Name)
	m.MachineSizes = []familyModel{}
	for _, f := range op.Catalogue.MachineSizes {
		if !passes(f.VCPUs, m.VCPUs) || !passes(f.MemoryMiB, m.MemoryMiB) {
			continue
		}
		m.MachineSizes = append(m.MachineSizes, familyModel{
			Name: types.StringValue(f.Name), Title: lifecycle.OptionalString(f.Title),
			VCPUs: rangeOf(f.VCPUs), MemoryMiB: rangeOf(f.MemoryMiB), LocalDiskGiB: localDisk(f.LocalDiskGiB),
		})
	}
}

func localDisk(sizeGiB int64) types.Int64 {
	if sizeGiB == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(sizeGiB)
}

func passes(r cloud.Range, filter types.Int64) bool {
	return filter.IsNull() || r.Contains(filter.ValueInt64())
}

func rangeOf(r cloud.Range) rangeModel {
	return rangeModel{types.Int64Value(r.Min), types.Int64Value(r.Max), types.Int64Value(max(r.Step, 1))}
}
