package storagevolume

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

func restoreFromAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What the volume is filled with when it is made: a recovery point of a vault at its own operator. The volume is " +
			"ready when all bytes are there and have been compared; it is waited for as long as 6 hours, unless `timeouts` say otherwise. " +
			"Something else needs a new volume; taking it away, or writing down what the volume was restored from, changes nothing.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"vault_id": schema.StringAttribute{
				MarkdownDescription: "The `vdam_backup_vault`, `<operator>/<id>`, at the volume's operator.", Required: true,
			},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "The age identity with which it was encrypted; never stored in plan or state (Terraform 1.11 or later).",
				Required:            true, Sensitive: true, WriteOnly: true, Validators: []validator.String{lifecycle.BackupKeyValidator()},
			},
			"recovery_point_id": schema.StringAttribute{
				MarkdownDescription: "The recovery point. Either this or `source_id`.", Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 200),
					stringvalidator.ExactlyOneOf(path.MatchRelative(), path.MatchRelative().AtParent().AtName("source_id")),
				},
			},
			"source_id": schema.StringAttribute{
				MarkdownDescription: "The volume that was backed up, `<operator>/<id>`, for its newest recovery point. It need not exist any more, " +
					"and neither need its operator.",
				Optional: true,
			},
		},
	}
}

func restoredAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What the volume was restored from.", Computed: true,
		PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		Attributes: map[string]schema.Attribute{
			"recovery_point_id": schema.StringAttribute{MarkdownDescription: "The recovery point.", Computed: true},
			"source_volume_id": schema.StringAttribute{
				MarkdownDescription: "The volume that was backed up, by the id at its own operator.", Computed: true,
			},
			"taken_at": schema.StringAttribute{
				MarkdownDescription: "When that volume was so (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
			},
			"tree_sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the SHA-256 of all blocks of 2 MiB in order, in hex, as it was found after the restore." +
					"", Computed: true,
			},
			"vault_id": schema.StringAttribute{MarkdownDescription: "The vault, `<operator>/<id>`.", Computed: true},
		},
	}
}
