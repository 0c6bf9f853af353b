package restoredrill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// note has the plan remember what came of a drill. One that was interrupted has proven nothing, and is not remembered.
func (d *drill) note(ctx context.Context, started time.Time, out outcome) (diags diag.Diagnostics) {
	if d.source.DrillLog == nil || ctx.Err() != nil {
		return nil
	}
	passed := len(out.failures()) == 0
	err := d.source.DrillLog.Note(ctx, d.plan.ID, cloud.Drill{StartedAt: started, Passed: passed, RTO: out.took})
	if err == nil {
		return nil
	}
	said, result := err.Error(), "failed"
	var ce *cloud.Error
	if errors.As(err, &ce) {
		said = lifecycle.Paragraphs(ce.Text, ce.Advice, lifecycle.RequestLine(ce.RequestID))
	}
	if passed {
		result = "passed"
	}
	diags.AddWarning(fmt.Sprintf("The drill is not written down at backup plan %q", d.plan.Name),
		lifecycle.Paragraphs(fmt.Sprintf("All was done at %s, and %s was to take this note alone: the drill counts all the same, and has %s. "+
			"last_drill of the plan, and data.vdam_backup_coverage, show the one before it until the next drill.",
			d.vaults.Name, d.source.Name, result), said))
	return diags
}
