package backupplan

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// atLeast asks for a duration of whole seconds that is no shorter.
type atLeast time.Duration

// Description implements validator.Describer.
func (a atLeast) Description(context.Context) string {
	return "must be whole seconds, at least " + short(time.Duration(a))
}

// MarkdownDescription implements validator.Describer.
func (a atLeast) MarkdownDescription(ctx context.Context) string { return a.Description(ctx) }

// ValidateString implements validator.String.
func (a atLeast) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	d, err := time.ParseDuration(req.ConfigValue.ValueString())
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || err != nil {
		return // The attribute's type tells what is no duration.
	}
	if d < time.Duration(a) || d%time.Second != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, fmt.Sprintf("%s cannot be %s", req.Path, req.ConfigValue.ValueString()),
			fmt.Sprintf("Set it to whole seconds, %s or more.", short(time.Duration(a))))
	}
}

// sameDuration keeps the state's writing of a duration, as 24h0m0s, where the configuration writes the same as 24h: after an
// import there is nothing to change.
type sameDuration struct{}

// Description implements planmodifier.Describer.
func (sameDuration) Description(context.Context) string {
	return "another writing of the same is no change"
}

// MarkdownDescription implements planmodifier.Describer.
func (s sameDuration) MarkdownDescription(ctx context.Context) string { return s.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (sameDuration) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	was, errWas := time.ParseDuration(req.StateValue.ValueString())
	planned, errPlanned := time.ParseDuration(req.PlanValue.ValueString())
	if errWas == nil && errPlanned == nil && was == planned {
		resp.PlanValue = req.StateValue
	}
}
