package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Duration is zero for what is not there.
func Duration(d timetypes.GoDuration, diags *diag.Diagnostics) time.Duration {
	if d.IsNull() || d.IsUnknown() {
		return 0
	}
	value, problems := d.ValueGoDuration()
	diags.Append(problems...)
	return value
}

// OptionalDuration is null for none.
func OptionalDuration(d time.Duration) timetypes.GoDuration {
	if d == 0 {
		return timetypes.NewGoDurationNull()
	}
	return timetypes.NewGoDurationValueFromStringMust(ShortDuration(d))
}

// ShortDuration writes a duration without the zeros at its end.
func ShortDuration(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"0s", "0m"} {
		if rest, ok := strings.CutSuffix(text, zero); ok && (strings.HasSuffix(rest, "h") || strings.HasSuffix(rest, "m")) {
			text = rest
		}
	}
	return text
}

// AtLeast asks for a duration of whole seconds that is no shorter.
func AtLeast(d time.Duration) validator.String { return atLeast(d) }

// atLeast asks for a duration of whole seconds that is no shorter.
type atLeast time.Duration

// Description implements validator.Describer.
func (a atLeast) Description(context.Context) string {
	return "must be whole seconds, at least " + ShortDuration(time.Duration(a))
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
			fmt.Sprintf("Set it to whole seconds, %s or more.", ShortDuration(time.Duration(a))))
	}
}

// SameDuration keeps the state's writing of a duration where the configuration writes the same otherwise.
func SameDuration() planmodifier.String { return sameDuration{} }

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
