package backupvault

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
	if !kept.IsUnknown() && kept.ValueInt64() < p.State.RetentionDays.ValueInt64() {
		planShorter(ctx, p)
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

// planShorter warns of what goes at once when a vault keeps things for fewer days, and refuses what would break the promise
// of a plan that can be seen.
func planShorter(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	days, name := p.Plan.RetentionDays.ValueInt64(), p.State.Name.ValueString()
	vault, ok := cloud.ParseID(p.State.ID.ValueString())
	if !ok {
		return
	}
	operators := p.Federation.Names()
	found := make([]diag.Diagnostics, len(operators))
	var looking sync.WaitGroup
	for i, operator := range operators {
		looking.Go(func() {
			lifecycle.Glance(ctx, p.Federation, operator, func(ctx context.Context, op *cloud.Operator) {
				found[i] = broken(ctx, op, vault, name, days)
			})
		})
	}
	looking.Wait()
	for _, diags := range found {
		p.Diagnostics.Append(diags...)
	}
	if !p.Diagnostics.HasError() {
		p.Diagnostics.AddAttributeWarning(path.Root("retention_days"),
			fmt.Sprintf("Backup vault %q deletes at once what is older than %d days", name, days),
			fmt.Sprintf("Recovery points that rely on it are lost, whatever was promised. Runs of plans whose retention is longer than %d days "+
				"fail.", days-1))
	}
}

// broken are the plans of an operator that promise more than a vault is to keep. Each needs a day more than its retention.
func broken(ctx context.Context, op *cloud.Operator, vault cloud.ID, name string, days int64) (diags diag.Diagnostics) {
	if op.BackupPlans == nil {
		return nil
	}
	const day = 24 * time.Hour
	longest := time.Duration(days-1) * day
	for plan, err := range op.BackupPlans.List(ctx, cloud.ListOptions{}) {
		if err != nil {
			return diags
		}
		if plan.Vault.Operator != vault.Operator || plan.Vault.ID != vault.Object || plan.Retention <= longest {
			continue
		}
		needed := int64((plan.Retention+day-1)/day) + 1
		diags.AddAttributeError(path.Root("retention_days"),
			fmt.Sprintf("Backup plan %q at %s needs a vault that keeps what was written for %d days", plan.Name, op.Name, needed),
			fmt.Sprintf("With retention_days = %d, recovery points of vault %q that the plan has promised would be deleted at once. Set "+
				"retention_days to %d or more, or lower the plan's retention first, in an apply of its own.", days, name, needed))
	}
	return diags
}
