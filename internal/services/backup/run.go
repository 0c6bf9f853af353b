package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// actionLabel is on backups of actions, which go when they are over. Its value stands for the configuration and the plan.
const actionLabel = "vdam-action"

// leaving is how long it may take until the operator has forgotten a backup, ending until this machine has ended one: what was
// stopped for it has to start.
const (
	leaving = time.Minute
	ending  = 20 * time.Minute
)

// run is one backup of a plan.
type run struct {
	op     *cloud.Operator
	plan   cloud.BackupPlan
	key    cloud.BackupKey
	series string
	limit  time.Duration
}

// do has the backup made, and lets the operator forget it: its recovery points stay. One that was cut off is forgotten by a
// later one, when it is surely over.
func (r *run) do(ctx context.Context, tell lifecycle.Tell) (diags diag.Diagnostics) {
	lifecycle.SweepPassed(ctx, r.op, r.op.Backups, actionLabel, r.series, r.limit)
	// No two are one: a backup that an earlier invocation has begun is of how things were then.
	id := uuid.NewString()
	spec := cloud.BackupSpec{
		SpecMeta: cloud.SpecMeta{
			Name: "action-" + id, Description: "A backup by an action of Terraform; it goes by itself.",
			Labels: lifecycle.PassingLabels(actionLabel, r.series, r.limit),
		},
		PlanID: r.plan.ID, Key: r.key,
	}
	tell("Backing up what backup plan %s at %s protects: %d volumes.", r.plan.Name, r.op.Name, len(r.plan.Protected))
	made, _, err := lifecycle.Passing(ctx, r.op, lifecycle.Watched(r.op.Backups, changes(tell)), spec, id, r.limit)
	if made.ID != "" {
		r.leave(ctx, made.ID, &diags)
	}
	diags.Append(r.verdict(made, err, tell)...)
	return diags
}

// leave has a backup forgotten, and ended if it is still on.
func (r *run) leave(ctx context.Context, id string, diags *diag.Diagnostics) {
	limit, still := leaving, "It was to be forgotten when it is over, and the operator did not do so. Nobody needs it, and its recovery "+
		"points do not depend on it. A later backup by an action removes it."
	if r.op.Capabilities.BackupsRunHere {
		limit, still = ending, "It was to be forgotten when it is over, and that did not work. Its recovery points do not depend on it. See "+
			"whether virtual machines are off that were stopped for it: the next backup of the plan starts them, and removes what is left over."
	}
	if lifecycle.PassAway(ctx, r.op, r.op.Backups, id, limit) != nil {
		diags.AddWarning(fmt.Sprintf("The backup %s is still there", cloud.ID{Operator: r.op.Name, Object: id}), still)
	}
}

// changes tells what an operator says of a backup when it says something else.
func changes(tell lifecycle.Tell) func(cloud.Backup) {
	last := ""
	return func(b cloud.Backup) {
		if b.StateMessage != last && b.StateMessage != "" && !b.State.Settled() {
			tell("%s", b.StateMessage)
		}
		last = b.StateMessage
	}
}

// verdict tells what came of it.
func (r *run) verdict(made cloud.Backup, err error, tell lifecycle.Tell) (diags diag.Diagnostics) {
	const safe = "What earlier runs have made can be restored all the same. Invoke the action again for another backup."
	at, summary := path.Root("plan_id"), fmt.Sprintf("%s did not back up what backup plan %q protects", r.op.Name, r.plan.Name)
	var ce *cloud.Error
	switch {
	case lifecycle.GaveUp(err):
		goesOn := "It may go on, and may make recovery points: last_success_at of the plan tells."
		if r.op.Capabilities.BackupsRunHere {
			goesOn = "This machine made it, and so it ends as well. Recovery points of those volumes that were done stay, and what was uploaded " +
				"of the others is not uploaded again."
		}
		diags.AddAttributeError(at, fmt.Sprintf("The backup of backup plan %q at %s is not over", r.plan.Name, r.op.Name),
			lifecycle.Paragraphs(fmt.Sprintf("It was not ready within %s, or the run was interrupted. %s", r.limit, goesOn), safe))
	case errors.As(err, &ce) && len(ce.Fields) > 0:
		for _, f := range ce.Fields {
			diags.AddAttributeError(at, summary, lifecycle.Paragraphs(f.Text, safe, lifecycle.RequestLine(ce.RequestID)))
		}
	case err != nil:
		diags.Append(lifecycle.RefusedFor(at, summary, r.op.Name, err))
	case made.State == cloud.StateFailed:
		diags.AddAttributeError(at, summary, lifecycle.Paragraphs(made.StateMessage, safe))
	default:
		for _, p := range made.RecoveryPoints {
			tell("%s (%s) can be restored to %s, by recovery point %s: %d bytes were moved.", p.VolumeName,
				cloud.ID{Operator: r.op.Name, Object: p.VolumeID}, p.TakenAt.Format(time.RFC3339), p.ID, p.UploadedBytes)
		}
	}
	return diags
}
