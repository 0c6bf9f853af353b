package restoredrill

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// wish is what a drill is asked for.
type wish struct {
	planID     types.String
	key        cloud.BackupKey
	class      types.String
	maximumAge timetypes.GoDuration
	limit      time.Duration
}

// prepare finds what is to be restored, and where.
func prepare(ctx context.Context, f *cloud.Federation, w wish, diags *diag.Diagnostics) (d *drill, ok bool) {
	source, id, ok := sourceOf(ctx, f, w.planID, diags)
	if !ok {
		return nil, false
	}
	d = &drill{source: source, key: w.key.Value, class: w.class.ValueString(), limit: w.limit, tell: func(string, ...any) {}}
	var err error
	if d.plan, err = source.BackupPlans.Get(ctx, id.Object); err != nil {
		diags.Append(lifecycle.RefusedFor(path.Root("plan_id"),
			fmt.Sprintf("%s does not show backup plan %s", source.Name, id), source.Name, err))
		return nil, false
	}
	if d.vaults, ok = lifecycle.OpenOperator(ctx, f, types.StringValue(d.plan.Vault.Operator), diags); !ok {
		return nil, false
	}
	d.maximumAge = d.plan.RPO
	if !w.maximumAge.IsNull() {
		var problems diag.Diagnostics
		d.maximumAge, problems = w.maximumAge.ValueGoDuration()
		diags.Append(problems...)
	}
	d.series = uuid.NewSHA1(uuid.NameSpaceURL, []byte(f.DeploymentID+"|"+id.String())).String()
	return d, !diags.HasError()
}

// verdict tells what went wrong, and what a drill has left behind.
func verdict(d *drill, out outcome) (diags diag.Diagnostics) {
	gone := "what the drill had restored is gone again. "
	for _, v := range out.volumes {
		if v.leftover != "" {
			gone = "something of what the drill had restored is still there: see the warning. "
			diags.AddWarning(fmt.Sprintf("The drill's storage volume %s is still there", v.leftover),
				"It was to go again, and the operator did not remove it. Nobody needs it: delete it by the operator's own means.")
		}
	}
	if failures := out.failures(); len(failures) > 0 {
		diags.AddAttributeError(path.Root("plan_id"),
			fmt.Sprintf("The restore drill of backup plan %q failed at %s", d.plan.Name, d.vaults.Name),
			lifecycle.Paragraphs(strings.Join(failures, "\n"),
				"What lives was not touched, and "+gone+"Find out why, make a new backup if need be, and "+d.again))
	}
	return diags
}
