package volumeattachment

import (
	"context"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	VolumeID         types.String `tfsdk:"volume_id"`
	VirtualMachineID types.String `tfsdk:"virtual_machine_id"`
	Device           types.String `tfsdk:"device"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func spec(_ context.Context, m, _ *resourceModel, _ *diag.Diagnostics) cloud.VolumeAttachmentSpec {
	volume, machine := lifecycle.ObjectID(m.VolumeID), lifecycle.ObjectID(m.VirtualMachineID)
	return cloud.VolumeAttachmentSpec{
		// Operators want a name; the pair determines it, so that the same pair cannot be ordered twice.
		SpecMeta:         cloud.SpecMeta{Name: "attachment-" + uuid.NewSHA1(uuid.Nil, []byte(volume+"/"+machine)).String()},
		VolumeID:         volume,
		VirtualMachineID: machine,
	}
}

func read(_ context.Context, operator string, v cloud.VolumeAttachment, a *attributes, _ *diag.Diagnostics) {
	a.VolumeID = lifecycle.Reference(operator, v.VolumeID)
	a.VirtualMachineID = lifecycle.Reference(operator, v.VirtualMachineID)
	a.Device = lifecycle.OptionalString(v.Device)
}
