package sandbox

import (
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// NoteDrill implements api.ServerInterface.
func (s *operatorServer) NoteDrill(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var drill api.BackupDrill
	if decoded(w, r, &drill) && s.do(w, r, func(world *world) *problem { return world.drilled(project, id, drill) }) {
		w.WriteHeader(http.StatusNoContent)
	}
}

// drilled writes a drill down at its plan, unless a later one is there.
func (w *world) drilled(project, id string, drill api.BackupDrill) *problem {
	o, p := w.known(&backupPlanKind, project, id)
	if p != nil {
		return p
	}
	if now := w.clock.now(); drill.StartedAt.Sub(now) > day {
		return refused([]api.FieldError{fieldError("/started_at",
			"By the operator's clock, which shows %s, it begins more than a day from now.", now.UTC().Format("2006-01-02 15:04:05"))})
	}
	if last := o.Derived.Runs.LastDrill; last != nil && last.StartedAt.After(drill.StartedAt) {
		return nil
	}
	next := o.copy()
	next.Derived.Runs.LastDrill = &drill
	w.note(next)
	return nil
}
