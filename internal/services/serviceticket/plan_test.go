package serviceticket

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestNotKnownYet: what may turn out to be the same is no change of a ticket that has ended, and what is known to be
// different is one.
func TestNotKnownYet(t *testing.T) {
	state := &model{Description: types.StringValue("Twelve machines.")}
	state.Subject, state.Fields = types.StringValue("Capacity"), types.MapNull(types.StringType)
	state.Watchers, state.AffectedResources = types.SetNull(types.StringType), types.SetNull(types.StringType)
	state.Links = types.SetNull(linkTypes)
	var r ticketResource
	for name, c := range map[string]struct {
		change func(*model)
		speaks bool
	}{
		"nothing":                {func(*model) {}, false},
		"an unknown description": {func(m *model) { m.Description = types.StringUnknown() }, false},
		"an unknown field": {func(m *model) {
			m.Fields = types.MapValueMust(types.StringType, map[string]attr.Value{"Cost Centre": types.StringUnknown()})
		}, false},
		"another subject beside it": {func(m *model) {
			m.Description, m.Subject = types.StringUnknown(), types.StringValue("More capacity")
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			plan := *state
			c.change(&plan)
			if got := r.speaks(state, known(t.Context(), &plan, state)); got != c.speaks {
				t.Errorf("it counts as a change: %v", got)
			}
		})
	}
}
