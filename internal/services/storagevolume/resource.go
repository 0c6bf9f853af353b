// Package storagevolume is the service of block storage.
package storagevolume

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_storage_volume.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.StorageVolumeSpec, cloud.StorageVolume] {
	return lifecycle.Definition[resourceModel, attributes, cloud.StorageVolumeSpec, cloud.StorageVolume]{
		Kind: cloud.KindStorageVolume, Plural: "storage_volumes", Noun: "storage volume",
		Schema:     volumeSchema(),
		Omit:       []string{"restore_from"},
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume] {
			return o.StorageVolumes
		},
		Spec: spec, Read: read,
		Replace: []string{"class", "zone"},
		ReplaceIf: map[string]func(ctx context.Context, state, plan *resourceModel) bool{
			"restore_from": func(ctx context.Context, state, plan *resourceModel) bool {
				return lifecycle.RestoresAnother(ctx, state.Restored, plan.RestoreFrom)
			},
		},
		InPlace: []string{"name", "description", "labels", "size_gib", "deletion_protection"},
		Fields: map[string]string{
			"image": "image_id", "restore_from.encryption_key_wo": "restore_from.encryption_key",
			"restore_from.source_id": "restore_from.volume_id",
		},
		Timeout:    func(m *resourceModel) time.Duration { return lifecycle.RestoreTimeout(m.RestoreFrom) },
		Protection: func(a *attributes) types.Bool { return a.DeletionProtection },
		Forget:     func(m *resourceModel) { m.RestoreFrom = lifecycle.NoRestoreFrom() },
		Plan:       plan,
		Moves:      []lifecycle.Move{{Driver: "openstack", Type: "openstack_blockstorage_volume_v3"}},
	}
}

func volumeSchema() schema.Schema {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "Block storage. It grows in place and never shrinks; what would destroy its data is refused " +
			"until `deletion_protection` is taken off.",
		Attributes: map[string]schema.Attribute{
			"size_gib": schema.Int64Attribute{
				MarkdownDescription: "Size in GiB, in the range and steps of its class. Grows in place, also while attached; shrinking is refused.",
				Required:            true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"class": schema.StringAttribute{
				MarkdownDescription: "Volume class from the operator's catalogue. Default is the operator's. A change needs a new volume.",
				Optional:            true, Computed: true, PlanModifiers: keep,
			},
			"zone": schema.StringAttribute{
				MarkdownDescription: "Zone of the operator. Default is the operator's. A change needs a new volume.",
				Optional:            true, Computed: true, PlanModifiers: keep,
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether destroying or replacing the volume is refused, here at plan and by the operator. Default is `true`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"image": schema.StringAttribute{
				MarkdownDescription: "The image that a boot volume was made from, `<operator>/<id>`.", Computed: true, PlanModifiers: keep,
			},
			"virtual_machine_id": schema.StringAttribute{
				MarkdownDescription: "The machine that the volume is plugged into or boots, `<operator>/<id>`.", Computed: true,
			},
			"metered_since": schema.StringAttribute{
				MarkdownDescription: "Start of the first metered minute (RFC 3339, UTC).",
				CustomType:          timetypes.RFC3339Type{}, Computed: true,
				// Not yet metered is null, and must not be kept.
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"restore_from": lifecycle.RestoreFromAttribute("What the volume is filled with when it is made: a recovery point of a vault at its "+
				"own operator. The volume is ready when all bytes are there and have been compared; it is waited for as long as 6 hours, unless "+
				"`timeouts` say otherwise. Something else needs a new volume; taking it away, or writing down what the volume was restored from, "+
				"changes nothing.", "The volume that was backed up"),
			"restored": lifecycle.RestoredAttribute("What the volume was restored from."),
		},
	}
}

// plan refuses what the catalogue and the state show to be impossible.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	size := p.Plan.SizeGiB
	if p.State != nil && !size.IsUnknown() && size.ValueInt64() < p.State.SizeGiB.ValueInt64() {
		p.Diagnostics.AddAttributeError(path.Root("size_gib"),
			fmt.Sprintf("Storage volume %q cannot shrink from %d to %d GiB",
				p.State.Name.ValueString(), p.State.SizeGiB.ValueInt64(), size.ValueInt64()),
			"Shrinking would cut data off. Leave the size, or make a smaller volume beside this one and copy what is needed.")
		return
	}
	p.Plan.Restored = lifecycle.PlanRestore(ctx, p, func(m *resourceModel) lifecycle.Restorable {
		return lifecycle.Restorable{
			Noun: "storage volume", Operator: m.Operator, Name: m.Name, RestoreFrom: m.RestoreFrom, Restored: m.Restored,
			SizeGiB: m.SizeGiB, SizeAt: path.Root("size_gib"),
		}
	})
	if p.Operator == nil {
		return
	}
	if p.Operator.Capabilities.MeteringResolution == 0 && p.Plan.MeteredSince.IsUnknown() {
		p.Plan.MeteredSince = timetypes.NewRFC3339Null()
	}
	CheckPlacement(p.Operator, p.Plan.Class, p.Plan.Zone, size, path.Empty(), &p.Diagnostics)
	lifecycle.CheckQuota(&p.Diagnostics, path.Root("size_gib"), p.Operator.Name, "GiB of volumes", size, p.Operator.Catalogue.Quotas.VolumeGiB)
}
