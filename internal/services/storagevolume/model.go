package storagevolume

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	SizeGiB            types.Int64       `tfsdk:"size_gib"`
	Class              types.String      `tfsdk:"class"`
	Zone               types.String      `tfsdk:"zone"`
	DeletionProtection types.Bool        `tfsdk:"deletion_protection"`
	ImageID            types.String      `tfsdk:"image"`
	VirtualMachineID   types.String      `tfsdk:"virtual_machine_id"`
	MeteredSince       timetypes.RFC3339 `tfsdk:"metered_since"`
	Restored           types.Object      `tfsdk:"restored"`
}

// resourceModel has besides what no operator answers: what came of restore_from is in restored.
type resourceModel struct {
	attributes
	RestoreFrom types.Object   `tfsdk:"restore_from"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

func spec(ctx context.Context, m, config *resourceModel, diags *diag.Diagnostics) cloud.StorageVolumeSpec {
	return cloud.StorageVolumeSpec{
		SpecMeta:           m.SpecMeta(ctx, diags),
		SizeGiB:            m.SizeGiB.ValueInt64(),
		Class:              m.Class.ValueString(),
		Zone:               m.Zone.ValueString(),
		DeletionProtection: m.DeletionProtection.ValueBool(),
		RestoreFrom:        lifecycle.RestoreSpec(ctx, m.RestoreFrom, config.RestoreFrom, diags),
	}
}

func read(ctx context.Context, operator string, v cloud.StorageVolume, a *attributes, diags *diag.Diagnostics) {
	a.SizeGiB = types.Int64Value(v.SizeGiB)
	a.Class = types.StringValue(v.Class)
	a.Zone = types.StringValue(v.Zone)
	a.DeletionProtection = types.BoolValue(v.DeletionProtection)
	a.ImageID = lifecycle.Reference(operator, v.ImageID)
	a.VirtualMachineID = lifecycle.Reference(operator, v.VirtualMachineID)
	a.MeteredSince = lifecycle.Timestamp(v.MeteredSince)
	a.Restored = lifecycle.Restored(ctx, operator, v.Restored, diags)
}
