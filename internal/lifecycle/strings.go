package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Strings are the elements of a list of strings; empty for null and unknown.
func Strings(ctx context.Context, l types.List, diags *diag.Diagnostics) []string {
	out := []string{}
	if !l.IsNull() && !l.IsUnknown() {
		diags.Append(l.ElementsAs(ctx, &out, false)...)
	}
	return out
}

// StringList is the list of what an operator answers. An empty answer stays null where prior was: an operator's "none"
// must not fight with an attribute that was left out.
func StringList(ctx context.Context, prior types.List, values []string, diags *diag.Diagnostics) types.List {
	if len(values) == 0 && (prior.IsNull() || prior.IsUnknown()) {
		return types.ListNull(types.StringType)
	}
	if values == nil {
		values = []string{}
	}
	l, d := types.ListValueFrom(ctx, types.StringType, values)
	diags.Append(d...)
	return l
}
