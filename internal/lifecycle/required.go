package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Required asks for attributes of the objects in a list, set or map. The schema's own Required would refuse an element that
// is not known yet, as in rules = [var.rule] (framework v1.19).
func Required(attributes ...string) validator.Object { return required(attributes) }

type required []string

// Description implements validator.Describer.
func (r required) Description(context.Context) string { return "needs " + strings.Join(r, ", ") }

// MarkdownDescription implements validator.Describer.
func (r required) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// ValidateObject implements validator.Object.
func (r required) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, name := range r {
		if v, ok := req.ConfigValue.Attributes()[name]; ok && v.IsNull() {
			// An element of a set is named by its value, which helps nobody.
			at, _, inSet := strings.Cut(req.Path.String(), "[Value(")
			if inSet {
				at = "each of " + at
			}
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), fmt.Sprintf("%s is missing", name),
				fmt.Sprintf("Set %s in %s.", name, at))
		}
	}
}
