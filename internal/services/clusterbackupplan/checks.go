package clusterbackupplan

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// commandValidator asks for something that a hook runs.
type commandValidator struct{}

// Description implements validator.Describer.
func (commandValidator) Description(context.Context) string { return "needs pre or post" }

// MarkdownDescription implements validator.Describer.
func (c commandValidator) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateObject implements validator.Object.
func (commandValidator) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	all := req.ConfigValue.Attributes()
	if pre, post := all["pre"], all["post"]; pre != nil && pre.IsNull() && post != nil && post.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "This hook runs nothing", "Set pre, post, or both.")
	}
}

// renewal plans another key where most of the time of the one that there is will be over.
type renewal struct{ now func() time.Time }

// Description implements planmodifier.Describer.
func (renewal) Description(context.Context) string {
	return "a key that ends soon makes place for another"
}

// MarkdownDescription implements planmodifier.Describer.
func (r renewal) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (r renewal) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	end, err := time.Parse(time.RFC3339, req.StateValue.ValueString())
	switch {
	case req.StateValue.IsNull():
	case err == nil && r.now().After(end.Add(-cloud.ClusterKeyRenewal)):
		resp.PlanValue = types.StringUnknown()
	default:
		resp.PlanValue = req.StateValue
	}
}

// secretsValidator refuses what Velero cannot do, and says so.
type secretsValidator struct{}

// Description implements validator.Describer.
func (secretsValidator) Description(context.Context) string { return "must be include or exclude" }

// MarkdownDescription implements validator.Describer.
func (s secretsValidator) MarkdownDescription(ctx context.Context) string { return s.Description(ctx) }

// ValidateString implements validator.String.
func (secretsValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	const choice = "Set include if the operator of the vault may know them, or exclude and bring them to the other cluster in another way, " +
		"such as by an operator for external secrets."
	switch v := req.ConfigValue.ValueString(); {
	case req.ConfigValue.IsNull(), req.ConfigValue.IsUnknown(), v == secretsInclude, v == secretsExclude:
	case v == secretsEncrypt:
		resp.Diagnostics.AddAttributeError(req.Path, "Velero cannot encrypt Secrets",
			"It writes all objects into the vault as they are, and has no key of its own. "+choice)
	default:
		resp.Diagnostics.AddAttributeError(req.Path, "secrets is either include or exclude", choice)
	}
}
