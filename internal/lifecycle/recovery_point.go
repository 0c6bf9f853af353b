package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// RecoveryPoint is a recovery point as resources and data sources show it.
type RecoveryPoint struct {
	ID            types.String      `tfsdk:"id"`
	VolumeID      types.String      `tfsdk:"volume_id"`
	VolumeName    types.String      `tfsdk:"volume_name"`
	TakenAt       timetypes.RFC3339 `tfsdk:"taken_at"`
	SizeBytes     types.Int64       `tfsdk:"size_bytes"`
	UploadedBytes types.Int64       `tfsdk:"uploaded_bytes"`
	TreeSHA256    types.String      `tfsdk:"tree_sha256"`
}

// RecoveryPointType is that of a RecoveryPoint.
var RecoveryPointType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id": types.StringType, "volume_id": types.StringType, "volume_name": types.StringType, "taken_at": timetypes.RFC3339Type{},
	"size_bytes": types.Int64Type, "uploaded_bytes": types.Int64Type, "tree_sha256": types.StringType,
}}

// NewRecoveryPoint shows a recovery point of a volume at an operator.
func NewRecoveryPoint(operator string, p cloud.RecoveryPoint) RecoveryPoint {
	return RecoveryPoint{
		ID: types.StringValue(p.ID), VolumeID: Reference(operator, p.VolumeID), VolumeName: types.StringValue(p.VolumeName),
		TakenAt: Timestamp(p.TakenAt), SizeBytes: types.Int64Value(p.SizeBytes), UploadedBytes: types.Int64Value(p.UploadedBytes),
		TreeSHA256: types.StringValue(p.TreeSHA256),
	}
}

// RecoveryPointAttributes are the schema of a RecoveryPoint.
func RecoveryPointAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "Id in the vault, as `restore_from` of `vdam_storage_volume` takes it.", Computed: true,
		},
		"volume_id":   schema.StringAttribute{MarkdownDescription: "The volume, `<operator>/<id>`; it may be gone by now.", Computed: true},
		"volume_name": schema.StringAttribute{MarkdownDescription: "What the volume was called.", Computed: true},
		"taken_at": schema.StringAttribute{
			MarkdownDescription: "When the volume was as it is in there (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
		},
		"size_bytes": schema.Int64Attribute{MarkdownDescription: "Size of the volume in bytes.", Computed: true},
		"uploaded_bytes": schema.Int64Attribute{
			MarkdownDescription: "What the run has put into the vault in bytes, compressed and encrypted.", Computed: true,
		},
		"tree_sha256": schema.StringAttribute{
			MarkdownDescription: "SHA-256 of the SHA-256 of all blocks of 2 MiB in order, in hex: a volume restored from it has the same.",
			Computed:            true,
		},
	}
}
