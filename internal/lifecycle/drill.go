package lifecycle

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Drill is what came of a restore drill, as resources and data sources show it.
type Drill struct {
	StartedAt  timetypes.RFC3339 `tfsdk:"started_at"`
	Passed     types.Bool        `tfsdk:"passed"`
	RTOSeconds types.Int64       `tfsdk:"rto_seconds"`
}

// DrillType is that of a Drill.
var DrillType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"started_at": timetypes.RFC3339Type{}, "passed": types.BoolType, "rto_seconds": types.Int64Type,
}}

// NewDrill shows a drill; null if there was none.
func NewDrill(d *cloud.Drill) *Drill {
	if d == nil {
		return nil
	}
	return &Drill{StartedAt: Timestamp(d.StartedAt), Passed: types.BoolValue(d.Passed), RTOSeconds: Seconds(d.RTO)}
}

// Seconds rounds up: what took half a second took no nothing.
func Seconds(d time.Duration) types.Int64 {
	return types.Int64Value(int64((d + time.Second - 1) / time.Second))
}

// DrillAttributes are the schema of a Drill.
func DrillAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"started_at": schema.StringAttribute{
			MarkdownDescription: "When it began (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
		},
		"passed": schema.BoolAttribute{
			MarkdownDescription: "Whether all that the plan protects was restored, with the checksums of the backups.", Computed: true,
		},
		"rto_seconds": schema.Int64Attribute{
			MarkdownDescription: "How long it took until all was restored, in seconds; of a drill that did not pass, until it was over.",
			Computed:            true,
		},
	}
}
