package serviceticket

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// maxSubject is what every desk takes; some take less, which they tell.
const maxSubject = 200

// subjectValidator takes what desks keep as it is: they cut subjects off, and make one line of several.
type subjectValidator struct{}

var _ validator.String = subjectValidator{}

// Description says what is taken.
func (subjectValidator) Description(context.Context) string {
	return fmt.Sprintf("one line of up to %d characters", maxSubject)
}

// MarkdownDescription says the same.
func (v subjectValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString refuses everything else.
func (subjectValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	subject := req.ConfigValue.ValueString()
	refuse := func(summary, detail string) { resp.Diagnostics.AddAttributeError(req.Path, summary, detail) }
	switch n := utf8.RuneCountInString(subject); {
	case strings.TrimSpace(subject) == "":
		refuse("The subject is empty", "Say in one line what is asked for.")
	case strings.ContainsAny(subject, "\r\n"):
		refuse("The subject has more than one line", "Desks keep one. Put the rest into description.")
	case strings.TrimSpace(subject) != subject:
		refuse("The subject has blanks at its ends", "Desks take them off. Leave them out, or use trimspace().")
	case n > maxSubject:
		refuse(fmt.Sprintf("The subject has %d characters, and desks keep %d", n, maxSubject), "Shorten it, and put the rest into description.")
	}
}

// periodValidator takes ISO 8601 periods.
type periodValidator struct{}

var _ validator.String = periodValidator{}

// Description says what is taken.
func (periodValidator) Description(context.Context) string { return "an ISO 8601 period such as P1M" }

// MarkdownDescription says the same.
func (v periodValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString refuses everything else.
func (periodValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parsePeriod(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, err.Error(),
			"Write P and a number of years (Y), months (M), weeks (W) or days (D): P1M is one month.")
	}
}
