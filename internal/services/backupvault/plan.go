package backupvault

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// plan refuses what would let backups go earlier than was promised.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	p.Plan.UsedBytes = types.Int64Unknown() // Others write into it at any time.
	lock := immutability(ctx, p.Plan.Immutability, &p.Diagnostics)
	kept, at := p.Plan.RetentionDays, path.Root("immutability")
	if !kept.IsUnknown() && !lock.Days.IsUnknown() && kept.ValueInt64() < lock.Days.ValueInt64() {
		p.Diagnostics.AddAttributeError(path.Root("retention_days"),
			fmt.Sprintf("retention_days of %d is less than the %d days for which everything is locked", kept.ValueInt64(), lock.Days.ValueInt64()),
			fmt.Sprintf("Nothing can expire while it is locked. Set retention_days to %d or more.", lock.Days.ValueInt64()))
	}
	if p.State == nil || !p.State.Operator.Equal(p.Plan.Operator) || !p.State.Beneficiary.Equal(p.Plan.Beneficiary) {
		return // Another vault is made, which has promised nothing yet.
	}
	was, name := immutability(ctx, p.State.Immutability, &p.Diagnostics), p.State.Name.ValueString()
	if !lock.Days.IsUnknown() && lock.Days.ValueInt64() < was.Days.ValueInt64() {
		p.Diagnostics.AddAttributeError(at.AtName("days"),
			fmt.Sprintf("Backup vault %q cannot go from %d days of immutability to %d", name, was.Days.ValueInt64(), lock.Days.ValueInt64()),
			fmt.Sprintf("What is in it stays locked as it was promised. Set immutability.days to %d or more, or make another vault for the "+
				"backups to come.", was.Days.ValueInt64()))
	}
	if was.Mode.ValueString() == string(cloud.ImmutabilityCompliance) && lock.Mode.ValueString() == string(cloud.ImmutabilityGovernance) {
		p.Diagnostics.AddAttributeError(at.AtName("mode"), fmt.Sprintf("Backup vault %q cannot go back from compliance to governance", name),
			"In the mode compliance nobody ends a lock, and nobody weakens the mode. What is in it stays locked. Set immutability.mode to "+
				"\"compliance\", or make another vault for the backups to come.")
	}
}
