package lifecycle

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// nothingToPlan reports, on the values as they came and without decoding a model, that there is nothing to plan: most
// resources of most plans are so.
func (r *Resource[M, A, S, O]) nothingToPlan(req resource.ModifyPlanRequest) bool {
	if req.State.Raw.IsNull() || !req.Plan.Raw.Equal(req.State.Raw) {
		return false
	}
	var attributes map[string]tftypes.Value
	var status string
	if req.Plan.Raw.As(&attributes) != nil || attributes["status"].As(&status) != nil {
		return false
	}
	return cloud.State(status).Settled() && (r.def.Named == nil || r.labelsHold(attributes))
}

// labelsHold reports whether the labels still come to what is in the state; default_labels may have changed.
func (r *Resource[M, A, S, O]) labelsHold(attributes map[string]tftypes.Value) bool {
	own, ownOK := labelsOf(attributes["labels"])
	effective, effectiveOK := labelsOf(attributes["effective_labels"])
	if !ownOK || !effectiveOK || r.federation.DefaultLabelsUnknown {
		return false
	}
	merged := maps.Clone(r.federation.DefaultLabels)
	if merged == nil {
		merged = make(map[string]string, len(own))
	}
	maps.Copy(merged, own)
	return maps.Equal(merged, effective)
}

// labelsOf is a map of strings; ok is false while it is not known.
func labelsOf(v tftypes.Value) (labels map[string]string, ok bool) {
	var elements map[string]tftypes.Value
	if !v.IsFullyKnown() || v.As(&elements) != nil {
		return nil, false
	}
	labels = make(map[string]string, len(elements))
	for key, element := range elements {
		var text string
		if element.As(&text) != nil {
			return nil, false
		}
		labels[key] = text
	}
	return labels, true
}
