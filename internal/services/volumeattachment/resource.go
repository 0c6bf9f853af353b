// Package volumeattachment is the service of volumes plugged into machines.
package volumeattachment

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_volume_attachment.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.VolumeAttachmentSpec, cloud.VolumeAttachment] {
	return lifecycle.Definition[resourceModel, attributes, cloud.VolumeAttachmentSpec, cloud.VolumeAttachment]{
		Kind: cloud.KindVolumeAttachment, Plural: "volume_attachments", Noun: "volume attachment",
		Schema:     attachmentSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment] {
			return o.VolumeAttachments
		},
		Spec: spec, Read: read,
		Replace:    []string{"volume_id", "virtual_machine_id"},
		OperatorOf: func(a *attributes) types.String { return lifecycle.OperatorOf(a.VirtualMachineID) },
		Plan:       plan,
		Moves:      []lifecycle.Move{{Driver: "openstack", Type: "openstack_compute_volume_attach_v2", ID: movedID}},
	}
}

func attachmentSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A volume plugged into a machine of the same operator and zone. It is unplugged before either of them is destroyed.",
		Attributes: map[string]schema.Attribute{
			"volume_id": schema.StringAttribute{
				MarkdownDescription: "The volume, `<operator>/<id>`. A change makes a new attachment.", Required: true,
			},
			"virtual_machine_id": schema.StringAttribute{
				MarkdownDescription: "The machine, `<operator>/<id>`. A change makes a new attachment.", Required: true,
			},
			"device": schema.StringAttribute{
				MarkdownDescription: "Where the guest finds the volume, as in `/dev/vdb`.", Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
		},
	}
}

// movedID makes our <machine>:<volume> of the other provider's <machine>/<volume>.
func movedID(id string) string {
	machine, volume, ok := strings.Cut(id, "/")
	if !ok || machine == "" || volume == "" {
		return ""
	}
	return machine + ":" + volume
}

// plan refuses a pair that is not at one operator, or not in one zone.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	operator := p.Plan.Operator.ValueString()
	machineKnown := lifecycle.CheckReference(&p.Diagnostics, path.Root("virtual_machine_id"), operator, "virtual machine",
		p.Plan.VirtualMachineID)
	volumeKnown := lifecycle.CheckReference(&p.Diagnostics, path.Root("volume_id"), operator, "storage volume", p.Plan.VolumeID)
	if !machineKnown || !volumeKnown || p.Operator == nil || p.State != nil || p.Operator.Capabilities.AttachesAcrossZones {
		return
	}
	// Errors of these reads are left to apply: what is not there now may be by then.
	volume, err := p.Operator.StorageVolumes.Get(ctx, lifecycle.ObjectID(p.Plan.VolumeID))
	if err != nil {
		return
	}
	machine, err := p.Operator.VirtualMachines.Get(ctx, lifecycle.ObjectID(p.Plan.VirtualMachineID))
	if err != nil || volume.Zone == machine.Zone {
		return
	}
	p.Diagnostics.AddAttributeError(path.Root("volume_id"),
		fmt.Sprintf("Storage volume %q is in zone %s, virtual machine %q in %s", volume.Name, volume.Zone, machine.Name, machine.Zone),
		"A volume can be plugged into machines of its own zone only. Make one of them in the other's zone.")
}
