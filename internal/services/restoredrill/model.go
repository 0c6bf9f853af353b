package restoredrill

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type model struct {
	ID                     types.String         `tfsdk:"id"`
	PlanID                 types.String         `tfsdk:"plan_id"`
	EncryptionKeyWO        types.String         `tfsdk:"encryption_key_wo"`
	EncryptionKeyWOVersion types.String         `tfsdk:"encryption_key_wo_version"`
	MaximumAge             timetypes.GoDuration `tfsdk:"maximum_age"`
	Class                  types.String         `tfsdk:"class"`
	Keepers                types.Map            `tfsdk:"keepers"`
	Operator               types.String         `tfsdk:"operator"`
	StartedAt              timetypes.RFC3339    `tfsdk:"started_at"`
	Result                 types.String         `tfsdk:"result"`
	RTOSeconds             types.Int64          `tfsdk:"rto_seconds"`
	Volumes                types.List           `tfsdk:"volumes"`
	Timeouts               timeouts.Value       `tfsdk:"timeouts"`
}

// volumeTypes are those of one of the volumes, which are the evidence.
var volumeTypes = map[string]attr.Type{
	"source_id": types.StringType, "name": types.StringType, "recovery_point_id": types.StringType,
	"taken_at": timetypes.RFC3339Type{}, "size_bytes": types.Int64Type, "tree_sha256": types.StringType,
	"seconds": types.Int64Type, "failure": types.StringType,
}

// record writes down what came of a drill.
func (m *model) record(plan cloud.ID, vaults string, started time.Time, out outcome) (diags diag.Diagnostics) {
	m.ID = types.StringValue(plan.String() + "/" + started.Format("20060102T150405Z"))
	m.Operator, m.StartedAt, m.RTOSeconds = types.StringValue(vaults), lifecycle.Timestamp(started), lifecycle.Seconds(out.took)
	m.Result = types.StringValue("passed")
	if len(out.failures()) > 0 {
		m.Result = types.StringValue("failed")
	}
	values := make([]attr.Value, 0, len(out.volumes))
	for _, v := range out.volumes {
		var point cloud.RecoveryPoint
		if v.volume.Newest != nil {
			point = *v.volume.Newest
		}
		object, d := types.ObjectValue(volumeTypes, map[string]attr.Value{
			"source_id": lifecycle.Reference(plan.Operator, v.volume.VolumeID), "name": types.StringValue(v.volume.Name),
			"recovery_point_id": lifecycle.OptionalString(point.ID), "taken_at": lifecycle.Timestamp(point.TakenAt),
			"size_bytes": types.Int64Value(point.SizeBytes), "tree_sha256": lifecycle.OptionalString(point.TreeSHA256),
			"seconds": lifecycle.Seconds(v.took), "failure": lifecycle.OptionalString(v.failure),
		})
		diags.Append(d...)
		values = append(values, object)
	}
	list, d := types.ListValue(types.ObjectType{AttrTypes: volumeTypes}, values)
	m.Volumes = list
	return append(diags, d...)
}
