package virtualmachine

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func machineSchema() schema.Schema {
	all := make(map[string]schema.Attribute)
	for _, part := range []map[string]schema.Attribute{sizeAttributes(), bootAttributes(), guestAttributes()} {
		maps.Copy(all, part)
	}
	return schema.Schema{
		MarkdownDescription: "A virtual machine, booted from an image or a recovery point onto a disk of its own, or from a volume that exists.",
		Attributes:          all,
	}
}

// sizeAttributes say where a machine is and how large.
func sizeAttributes() map[string]schema.Attribute {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return map[string]schema.Attribute{
		"zone": schema.StringAttribute{
			MarkdownDescription: "Zone of the operator. Default is the boot volume's, else the operator's. " +
				"A change makes a new machine.",
			Optional: true, Computed: true, PlanModifiers: keep,
		},
		"vcpus": schema.Int64Attribute{
			MarkdownDescription: "Number of virtual processors. With `memory_mib`, one of the operator's sizes " +
				"(`data.vdam_machine_sizes`). Changed in place.",
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"memory_mib": schema.Int64Attribute{
			MarkdownDescription: "Memory in MiB. Changed in place.",
			Required:            true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"power_state": schema.StringAttribute{
			MarkdownDescription: "`running` or `stopped`. Left out, a new machine is started, and one that exists stays " +
				"as it is. Changed in place.",
			Optional: true, Computed: true, PlanModifiers: keep,
			Validators: []validator.String{stringvalidator.OneOf(string(cloud.PowerRunning), string(cloud.PowerStopped))},
		},
		"deletion_protection": schema.BoolAttribute{
			MarkdownDescription: "Whether destroying or replacing the machine is refused, here at plan and by the operator. " +
				"Default is `false`. Changed in place.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
		},
		"metered_since": schema.StringAttribute{
			MarkdownDescription: "Start of the first metered minute (RFC 3339, UTC).",
			CustomType:          timetypes.RFC3339Type{}, Computed: true,
			// Not yet metered is null, and must not be kept.
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
		},
	}
}

// bootAttributes say what a machine boots.
func bootAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image": schema.StringAttribute{
			MarkdownDescription: "The image to boot, `<operator>/<id>`, as `data.vdam_image` gives it; together with " +
				"`boot_disk`. A change makes a new machine: where the newest image is looked up, " +
				"`lifecycle { ignore_changes = [image] }` keeps the machines that exist.",
			Optional: true,
			Validators: []validator.String{
				stringvalidator.AlsoRequires(path.MatchRoot("boot_disk")), stringvalidator.ConflictsWith(path.MatchRoot("restore_from")),
			},
		},
		"boot_disk": schema.SingleNestedAttribute{
			MarkdownDescription: "The volume that is made of `image` or `restore_from`. Either this or `boot_volume_id`.",
			Optional:            true,
			Validators: []validator.Object{
				objectvalidator.ExactlyOneOf(path.MatchRoot("boot_disk"), path.MatchRoot("boot_volume_id")),
			},
			Attributes: map[string]schema.Attribute{
				"size_gib": schema.Int64Attribute{
					MarkdownDescription: "Size in GiB, at least what the image or the recovery point needs. Grows in place; shrinking is refused.",
					Required:            true, Validators: []validator.Int64{int64validator.AtLeast(1)},
				},
				"class": schema.StringAttribute{
					MarkdownDescription: "Volume class from the operator's catalogue. Default is the operator's. " +
						"A change is refused.",
					Optional: true, Computed: true,
					PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				},
				"on_destroy": schema.StringAttribute{
					MarkdownDescription: "What becomes of the disk when the machine is destroyed or replaced: `delete`, or " +
						"`retain` as an ordinary volume. Changed in place.",
					Required: true, Validators: []validator.String{stringvalidator.OneOf(onDestroyDelete, onDestroyRetain)},
				},
			},
		},
		"boot_volume_id": schema.StringAttribute{
			MarkdownDescription: "The volume that the machine boots, `<operator>/<id>`. Set it to boot a volume that exists, " +
				"which outlives the machine; otherwise it is the `boot_disk`'s. A change makes a new machine.",
			Optional: true, Computed: true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"restore_from": lifecycle.RestoreFromAttribute("What the boot disk is filled with in the place of an image: a recovery point of a vault "+
			"at the machine's own operator. The machine boots when all bytes are there and have been compared; it is waited for as long as 6 "+
			"hours, unless `timeouts` say otherwise. Volumes that were attached are restored by `vdam_storage_volume`. Something else makes a "+
			"new machine; taking it away, or writing down what the machine was restored from, changes nothing.",
			"The machine that was backed up, or the volume that it booted",
			objectvalidator.AlsoRequires(path.MatchRoot("boot_disk"))),
		"restored": lifecycle.RestoredAttribute("What the boot volume was restored from."),
	}
}

// guestAttributes are what the guest sees: its networks, and what it reads at boot.
func guestAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network_interfaces": schema.ListNestedAttribute{
			MarkdownDescription: "The machine's places in networks, in the guest's order, up to 16. Changed in place.",
			Optional:            true,
			Validators:          []validator.List{listvalidator.SizeAtMost(16)},
			NestedObject: schema.NestedAttributeObject{
				Attributes: interfaceAttributes(), Validators: []validator.Object{lifecycle.Required("network_id")},
			},
		},
		"addresses": schema.ListAttribute{
			MarkdownDescription: "The addresses of all `network_interfaces`, in their order.",
			ElementType:         types.StringType, Computed: true,
		},
		"ssh_authorized_keys": schema.ListAttribute{
			MarkdownDescription: "Public keys in the `authorized_keys` format, up to 64. Changed in place: the guest reads " +
				"them at its next boot.",
			ElementType: types.StringType, Optional: true,
			Validators: []validator.List{
				listvalidator.SizeAtMost(64), listvalidator.ValueStringsAre(stringvalidator.UTF8LengthBetween(1, 4096)),
			},
		},
		"user_data": schema.StringAttribute{
			MarkdownDescription: "For cloud-init or its like. It is stored in the state; prefer `user_data_wo`. Changed in " +
				"place: the guest reads it at its next boot. The operator never shows it, so changes made elsewhere go unseen.",
			Optional: true, Sensitive: true,
			Validators: []validator.String{
				stringvalidator.UTF8LengthAtMost(65536), stringvalidator.ConflictsWith(path.MatchRoot("user_data_wo")),
			},
		},
		"user_data_wo": schema.StringAttribute{
			MarkdownDescription: "Like `user_data`, but never stored in plan or state (Terraform 1.11 or later). It is handed " +
				"over again when `user_data_wo_version` changes.",
			Optional: true, Sensitive: true, WriteOnly: true,
			Validators: []validator.String{
				stringvalidator.UTF8LengthAtMost(65536), stringvalidator.AlsoRequires(path.MatchRoot("user_data_wo_version")),
			},
		},
		"user_data_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Version of `user_data_wo`; change it together with the value. Changed in place: the guest " +
				"reads the new value at its next boot.",
			Optional: true, Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("user_data_wo"))},
		},
	}
}

func interfaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"network_id": schema.StringAttribute{
			MarkdownDescription: "Required. The network, `<operator>/<id>`.", Optional: true,
		},
		"ip_address": schema.StringAttribute{
			MarkdownDescription: "Address in the network. Default is one that the operator chooses, and that stays while the " +
				"interface keeps its place and network.",
			Optional: true, Computed: true,
		},
		"mac_address": schema.StringAttribute{
			MarkdownDescription: "Hardware address, chosen by the operator.", Computed: true,
		},
		"security_group_ids": schema.SetAttribute{
			MarkdownDescription: "The security groups that filter the interface, each `<operator>/<id>`, up to 16.",
			ElementType:         types.StringType, Optional: true,
			Validators: []validator.Set{setvalidator.SizeAtMost(16)},
		},
	}
}
