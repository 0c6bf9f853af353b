package sandbox

import (
	"net/http"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

var backupKind = kind{
	segment: backupSegment, noun: "backup", prefix: "backup", schema: "BackupCreate",
	offered: func(p *profile) bool { return p.Backups },
	fresh:   func() any { return &api.BackupCreate{} },
	admit:   admitBackup,
	accepted: func(w *world, o *object) {
		// A fault that was ordered has the last word.
		if o.State == api.StateCreating && o.Next != api.StateFailed && !o.Due.IsZero() {
			o.Due = time.Time{}
			w.transfers.backUp(w, backupSpec(o).PlanId, o.ID)
		}
	},
	usage:  func(*object) usage { return nil },
	render: renderBackup,
}

func backupSpec(o *object) *api.BackupCreate {
	return o.spec.(*api.BackupCreate) //nolint:forcetypeassert // Made by fresh.
}

func admitBackup(w *world, o, old *object) *problem {
	if old != nil {
		return nil // What it was made of cannot be changed.
	}
	spec := backupSpec(o)
	plan := w.lasting(planSegment, o.Project, spec.PlanId)
	switch {
	case plan == nil:
		return refused([]api.FieldError{fieldError("/plan_id", "There is no backup plan %s in this project.", spec.PlanId)})
	case plan.State == api.StateFailed:
		return newProblem(http.StatusConflict, "conflict", "The backup plan %s has failed.", plan.common.Name)
	case plan.State == api.StateCreating:
		return w.busy(plan)
	}
	return nil
}

func renderBackup(o *object, m api.Meta) any {
	points := o.Derived.Points
	if points == nil {
		points = []api.RecoveryPoint{}
	}
	return api.Backup{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		PlanId: backupSpec(o).PlanId, RecoveryPoints: points,
	}
}
