package restoredrill

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// Schema implements resource.Resource.
func (r *drillResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Proves that what a backup plan protects can be restored: at the operator of the vault, into volumes of their own " +
			"that go again. It passes if each volume has a recovery point that is young enough, if all of it was restored, and if what that " +
			"operator has computed of it is the checksum of the backup. A drill that fails is an error, and the next apply has " +
			"another. Change `keepers` for another drill, such " +
			"as with the month. Destroying it does nothing.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The plan's id and the time of the drill.", Computed: true, PlanModifiers: keep},
			"plan_id": schema.StringAttribute{
				MarkdownDescription: "The backup plan, `<operator>/<id>`.", Required: true, PlanModifiers: again,
			},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "The key that the newest recovery points are encrypted with. The vault's operator gets it to restore, and " +
					"it is in no state and no plan.",
				Required: true, Sensitive: true, WriteOnly: true, Validators: []validator.String{lifecycle.BackupKeyValidator()},
			},
			"encryption_key_wo_version": schema.StringAttribute{
				MarkdownDescription: "Any text. Change it with the key, for a drill with the new one; before that, there has to be a " +
					"backup with it.",
				Optional: true, PlanModifiers: again,
			},
			"maximum_age": schema.StringAttribute{
				MarkdownDescription: "How old the newest recovery points may be, such as `26h`. Default is the plan's `rpo`, if it has one.",
				CustomType:          timetypes.GoDurationType{}, Optional: true, PlanModifiers: again,
			},
			"class": schema.StringAttribute{
				MarkdownDescription: "Class of the volumes that are restored into. Default is the operator's.", Optional: true, PlanModifiers: again,
			},
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Any values; when one of them changes, there is another drill.", ElementType: types.StringType, Optional: true,
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			},
			"operator": schema.StringAttribute{
				MarkdownDescription: "The vault's operator, where it was restored.", Computed: true, PlanModifiers: keep,
			},
			"started_at": schema.StringAttribute{
				MarkdownDescription: "When it began (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
			},
			"result": schema.StringAttribute{MarkdownDescription: "`passed` or `failed`.", Computed: true, PlanModifiers: keep},
			"rto_seconds": schema.Int64Attribute{
				MarkdownDescription: "How long it took until all of it was restored, in seconds.", Computed: true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"volumes": schema.ListNestedAttribute{
				MarkdownDescription: "The evidence: what came of each volume.", Computed: true,
				PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
				NestedObject:  schema.NestedAttributeObject{Attributes: volumeAttributes()},
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long restoring a volume, and removing it again, may take, such as `6h`. Default is `2h`.",
			}),
		},
	}
}

func volumeAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	return map[string]schema.Attribute{
		"source_id":         text("The volume, `<operator>/<id>`."),
		"name":              text("Its name."),
		"recovery_point_id": text("What was restored."),
		"taken_at": schema.StringAttribute{
			MarkdownDescription: "When the volume was so (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
		},
		"size_bytes": number("Its size."),
		"tree_sha256": text("SHA-256 of the SHA-256 of all blocks of 2 MiB in order, of the backup. If `failure` is null, it is also what the " +
			"vault's operator has computed of what it has restored."),
		"seconds": number("How long restoring it took."),
		"failure": text("What went wrong; null if nothing."),
	}
}
