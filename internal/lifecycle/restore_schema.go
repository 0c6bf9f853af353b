package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// RestoreFromAttribute is restore_from, with what it is there for and what source_id may be.
func RestoreFromAttribute(description, source string, validators ...validator.Object) schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: description, Optional: true, Validators: validators,
		Attributes: map[string]schema.Attribute{
			"vault_id": schema.StringAttribute{
				MarkdownDescription: "The `vdam_backup_vault`, `<operator>/<id>`, at the same operator, or a bucket that the provider block " +
					"has there, `<operator>/<name>`.", Required: true,
			},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "The age identity with which it was encrypted; never stored in plan or state (Terraform 1.11 or later).",
				Required:            true, Sensitive: true, WriteOnly: true, Validators: []validator.String{BackupKeyValidator()},
			},
			"recovery_point_id": schema.StringAttribute{
				MarkdownDescription: "The recovery point. Either this or `source_id`.", Optional: true,
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 200),
					stringvalidator.ExactlyOneOf(path.MatchRelative(), path.MatchRelative().AtParent().AtName("source_id")),
				},
			},
			"source_id": schema.StringAttribute{
				MarkdownDescription: source + ", `<operator>/<id>`, for the newest recovery point. It need not exist any more, and neither need " +
					"its operator.",
				Optional: true,
			},
		},
	}
}

// RestoredAttribute is restored, of which a description says what it is of.
func RestoredAttribute(description string) schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: description, Computed: true,
		PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		Attributes: map[string]schema.Attribute{
			"recovery_point_id": schema.StringAttribute{MarkdownDescription: "The recovery point.", Computed: true},
			"source_volume_id": schema.StringAttribute{
				MarkdownDescription: "The volume that was backed up, by the id at its own operator.", Computed: true,
			},
			"source_virtual_machine_id": schema.StringAttribute{
				MarkdownDescription: "The machine that booted that volume, by the id at its own operator.", Computed: true,
			},
			"taken_at": schema.StringAttribute{
				MarkdownDescription: "When that volume was so (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
			},
			"tree_sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the SHA-256 of all blocks of 2 MiB in order, in hex, as it was found after the restore.",
				Computed:            true,
			},
			"vault_id": schema.StringAttribute{MarkdownDescription: "The vault, `<operator>/<id>`.", Computed: true},
		},
	}
}
