package servicelevel

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// What can be wrong with an input.
var (
	ErrPeriod = errors.New("no usable period")
	ErrAsOf   = errors.New("no usable moment up to which is known")
	ErrWindow = errors.New("no usable maintenance window")
	ErrTarget = errors.New("no usable target")
	ErrRecord = errors.New("no usable ticket")
)

// Input is all that a report depends on.
type Input struct {
	Period Window
	// AsOf is the moment up to which is known. It may lie after the period, which lets late answers be seen, but not
	// before it.
	AsOf time.Time
	// Records are tickets in any order. Those created in the period are reported on; critical incidents created before
	// it count for the availability, so the caller has to give all that may still have been open when it began.
	Records []Record
	Targets Targets
	// Maintenance are the planned windows, in any order; they may overlap, and reach out of the period.
	Maintenance []Window
}

// Record is a ticket with all of its history.
type Record struct {
	Ticket  servicedesk.Ticket
	History []servicedesk.Event
}

// Targets are how soon things are to happen.
type Targets struct {
	// BySeverity has no default: a severity that is missing has no target.
	BySeverity map[servicedesk.Severity]Target
	// Default is for tickets without a severity.
	Default Target
}

// Target is the most time that each step may take; nil if nothing is agreed.
type Target struct{ FirstResponse, Resolution *time.Duration }

func (t Targets) of(s servicedesk.Severity) Target {
	if s == "" {
		return t.Default
	}
	return t.BySeverity[s]
}

// check reports everything that is wrong, so that it can be put right in one go.
func (in Input) check() error {
	return errors.Join(in.checkTimes(), in.checkWindows(), in.checkTargets(), in.checkRecords())
}

func (in Input) checkTimes() error {
	var errs []error
	from, to := in.Period.From, in.Period.To
	if !from.Before(to) {
		errs = append(errs, fmt.Errorf("%w: from %s, which is not before %s", ErrPeriod, text(from), text(to)))
	} else if !countable(from, to) {
		errs = append(errs, fmt.Errorf("%w: longer than can be counted in nanoseconds, some 292 years", ErrPeriod))
	}
	if in.AsOf.Before(from) {
		errs = append(errs, fmt.Errorf("%w: %s, which is before the period begins on %s", ErrAsOf, text(in.AsOf), text(from)))
	} else if !countable(from, in.AsOf) {
		errs = append(errs, fmt.Errorf("%w: more than some 292 years after the period begins", ErrAsOf))
	}
	return errors.Join(errs...)
}

func (in Input) checkWindows() error {
	var errs []error
	for i, w := range in.Maintenance {
		if w.To.Before(w.From) {
			errs = append(errs, fmt.Errorf("%w: number %d ends on %s, before it starts on %s", ErrWindow, i+1, text(w.To), text(w.From)))
		}
	}
	return errors.Join(errs...)
}

func (in Input) checkTargets() error {
	errs := []error{in.Targets.Default.check("tickets without severity")}
	for _, s := range slices.Sorted(maps.Keys(in.Targets.BySeverity)) {
		if !slices.Contains(servicedesk.Severities, s) {
			errs = append(errs, fmt.Errorf("%w: there is no severity %q", ErrTarget, s))
		}
		errs = append(errs, in.Targets.BySeverity[s].check(fmt.Sprintf("severity %q", s)))
	}
	return errors.Join(errs...)
}

func (t Target) check(of string) error {
	var errs []error
	for _, step := range []struct {
		kind   Kind
		target *time.Duration
	}{{KindFirstResponse, t.FirstResponse}, {KindResolution, t.Resolution}} {
		if step.target != nil && *step.target < 0 {
			errs = append(errs, fmt.Errorf("%w: %s of %s is negative: %s", ErrTarget, step.kind, of, *step.target))
		}
	}
	return errors.Join(errs...)
}

// checkRecords refuses what would be counted wrongly in silence.
func (in Input) checkRecords() error {
	var errs []error
	seen := make(map[servicedesk.ID]bool, len(in.Records))
	for _, r := range in.Records {
		id := r.Ticket.ID
		if seen[id] {
			errs = append(errs, fmt.Errorf("%w: %q is there twice", ErrRecord, id))
		}
		seen[id] = true
		if r.Ticket.CreatedAt.IsZero() {
			errs = append(errs, fmt.Errorf("%w: %q has no time of creation", ErrRecord, id))
		}
		if slices.ContainsFunc(r.History, func(e servicedesk.Event) bool { return e.At.IsZero() }) {
			errs = append(errs, fmt.Errorf("%w: %q has an event without time", ErrRecord, id))
		}
	}
	return errors.Join(errs...)
}

// countable reports whether the time between two moments fits into a duration; Sub answers too little where it does not.
func countable(from, to time.Time) bool { return from.Add(to.Sub(from)).Equal(to) }

func text(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
