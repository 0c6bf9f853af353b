package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/uuid"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func newID(prefix string) string { return prefix + "-" + uuid.NewString()[:18] }

// newObject is an object without a specification yet.
func (w *world) newObject(kindName, project, id string) *object {
	w.seq++
	now := w.clock.now()
	return &object{
		Seq: w.seq, Kind: kindName, Project: project, ID: id, Version: 1, CreatedAt: now, UpdatedAt: now,
		changed: make(chan struct{}),
	}
}

// order makes an object, or finds the unclaimed one of the key.
func (w *world) order(k *kind, project, key string, body []byte, f *Fault) (o *object, status int, p *problem) {
	if known := w.keys[keyKey{k.segment, project, key}]; known != nil {
		if known.State == api.StateDeleting {
			return nil, 0, w.busy(known)
		}
		return known, http.StatusOK, nil
	}
	o = w.newObject(k.segment, project, newID(k.prefix))
	o.Key = key
	if err := o.declare(body); err != nil {
		return nil, 0, newProblem(http.StatusBadRequest, "invalid", "The body is not as the contract says: %v.", err)
	}
	if own := o.common.Ownership; own != nil {
		o.Deployment = value(own.Deployment)
	}
	if p := faultsOfLabels(o); p != nil {
		return nil, 0, p
	}
	if taken := w.names[nameKey{k.segment, project, o.common.Name}]; taken != nil {
		p := newProblem(http.StatusConflict, "name-taken", "There is a %s called %s already.", k.noun, taken.common.Name)
		p.Existing = taken.existing()
		return nil, 0, p
	}
	if p := k.admit(w, o, nil); p != nil {
		return nil, 0, p
	}
	if p := w.afford(project, nil, k.demand(o)); p != nil {
		return nil, 0, p
	}
	o.restate()
	w.begin(o, api.StateCreating, api.StateReady, f)
	w.put(o)
	if k.accepted != nil {
		k.accepted(w, o)
	}
	return o, http.StatusCreated, nil
}

// change applies a merge patch.
func (w *world) change(k *kind, o *object, etag string, patch []byte, f *Fault) (*object, *problem) {
	switch {
	case etag == "":
		return nil, newProblem(http.StatusPreconditionRequired, "precondition-required", "A change needs If-Match.")
	case etag != o.etag():
		return nil, newProblem(http.StatusPreconditionFailed, "precondition-failed", "The %s has changed since it was read.", k.noun)
	case o.State == api.StateFailed && !onlyProtection(patch):
		return nil, newProblem(http.StatusConflict, "conflict", "The %s has failed and can only be deleted: %s", k.noun, o.Message)
	case !o.settled():
		return nil, w.busy(o)
	}
	merged, err := jsonpatch.MergePatch(o.Declared, patch)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "invalid", "The body is not a merge patch.")
	}
	next := o.copy()
	if err := next.declare(merged); err != nil {
		return nil, newProblem(http.StatusBadRequest, "invalid", "The change is not as the contract says: %v.", err)
	}
	if p := faultsOfLabels(next); p != nil {
		return nil, p
	}
	if taken := w.names[nameKey{k.segment, o.Project, next.common.Name}]; taken != nil && taken.ID != o.ID {
		p := newProblem(http.StatusConflict, "name-taken", "There is a %s called %s already.", k.noun, taken.common.Name)
		p.Existing = taken.existing()
		return nil, p
	}
	if p := k.admit(w, next, o); p != nil {
		return nil, p
	}
	next.restate()
	if jsonpatch.Equal(next.Declared, o.Declared) {
		return o, nil
	}
	if p := w.afford(o.Project, k.demand(o), k.demand(next)); p != nil {
		return nil, p
	}
	if o.State == api.StateFailed {
		w.put(next) // It stays what it is.
		return next, nil
	}
	w.begin(next, api.StateUpdating, api.StateReady, f)
	w.put(next)
	if k.accepted != nil {
		k.accepted(w, next)
	}
	return next, nil
}

// onlyProtection reports whether a change is of deletion_protection alone, which also what has failed takes.
func onlyProtection(patch []byte) bool {
	var fields map[string]any
	if json.Unmarshal(patch, &fields) != nil {
		return false
	}
	_, ok := fields["deletion_protection"]
	return ok && len(fields) == 1
}

// giveBack begins an object's deletion.
func (w *world) giveBack(k *kind, o *object, f *Fault) *problem {
	switch o.State {
	case api.StateDeleting:
		return nil
	case api.StateCreating, api.StateUpdating:
		return w.busy(o)
	case api.StateReady, api.StateFailed:
	}
	if k.held != nil {
		if p := k.held(w, o); p != nil {
			return p
		}
	}
	next := o.copy()
	w.begin(next, api.StateDeleting, gone, f)
	w.put(next)
	if k.leaving != nil {
		k.leaving(w, next)
	}
	return nil
}

// claim confirms an object. Its representation counts as the same.
func (w *world) claim(o *object) {
	if o.Claimed {
		return
	}
	next := o.copy()
	next.Claimed = true
	w.note(next)
}

// faultsOfLabels checks what the schema cannot say.
func faultsOfLabels(o *object) *problem {
	var faults []api.FieldError
	if n := len(o.common.Labels); n > labelLimit {
		faults = append(faults, fieldError("/labels", "There would be %d labels, and %d are the limit.", n, labelLimit))
	}
	for key := range o.common.Labels {
		if !labelKey.MatchString(key) {
			faults = append(faults, fieldError("/labels", "The label key %q is not 1 to 63 characters of a-z, 0-9, '.', '_', '/' and '-'.", key))
		}
	}
	return refused(faults)
}

// waitFor is how long an answer about an object is held back at most; asked is in seconds.
func (w *world) waitFor(asked int) time.Duration {
	return time.Duration(min(asked, w.profile.LongPollSeconds)) * time.Second
}

// page is a part of a list.
type page struct {
	items      [][]byte
	nextCursor string
}

// json joins what is rendered already: encoding it again would take most of an answer's time.
func (p page) json() []byte {
	out := slices.Concat([]byte(`{"items":[`), bytes.Join(p.items, []byte(",")), []byte("]"))
	if p.nextCursor != "" {
		out = fmt.Appendf(out, `,"next_cursor":%q`, p.nextCursor)
	}
	return append(out, '}')
}
