package clusterbackupplan

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestRenewal plans another key in the last third of the life of the one that there is, and no earlier.
func TestRenewal(t *testing.T) {
	end := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for left, another := range map[time.Duration]bool{31 * day: false, 29 * day: true, -day: true} {
		r := renewal{func() time.Time { return end.Add(-left) }}
		state := types.StringValue(end.Format(time.RFC3339))
		resp := planmodifier.StringResponse{PlanValue: state}
		r.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: state, PlanValue: state}, &resp)
		if resp.PlanValue.IsUnknown() != another || !another && !resp.PlanValue.Equal(state) {
			t.Errorf("with %s left, key_expires_at is planned as %s", left, resp.PlanValue)
		}
	}
	resp := planmodifier.StringResponse{PlanValue: types.StringUnknown()}
	renewal{time.Now}.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: types.StringNull()}, &resp)
	if !resp.PlanValue.IsUnknown() {
		t.Errorf("a new plan's key_expires_at is planned as %s", resp.PlanValue)
	}
}
