package servicelevel_test

import (
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
)

// The rules once more, slowly: beat by beat, and each history from its end.

// eachBeat is for how much of a window something holds.
func eachBeat(w servicelevel.Window, holds func(time.Time) bool) time.Duration {
	var n time.Duration
	for s := w.From; s.Before(w.To); s = s.Add(beat) {
		if holds(s) {
			n += beat
		}
	}
	return n
}

func in(windows []servicelevel.Window, s time.Time) bool {
	return slices.ContainsFunc(windows, func(w servicelevel.Window) bool { return !s.Before(w.From) && s.Before(w.To) })
}

func withdrawal(s servicedesk.Status) bool { return s == cancelled || s == rejected }

// ending tells what has become of a ticket: the end is what its history has after it was last open.
func ending(r servicelevel.Record, asOf time.Time) (servicelevel.Outcome, time.Time) {
	var end []servicedesk.Event
	for _, e := range slices.Backward(r.History) {
		status := e.To.Status
		if e.At.After(asOf) || e.At.Before(r.Ticket.CreatedAt) || status == "" || status == unknown {
			continue
		}
		if !status.Terminal() {
			break
		}
		end = slices.Insert(end, 0, e)
	}
	if len(end) == 0 {
		return "open", time.Time{}
	}
	last := -1
	for i, e := range end {
		if withdrawal(e.To.Status) {
			last = i
		}
	}
	if last < 0 {
		return "resolved", end[0].At
	}
	for _, e := range end[last:] {
		if e.To.Status == resolved {
			return "resolved", e.At
		}
	}
	return "withdrawn", end[0].At
}

// answer is when staff first responded, while the ticket had not ended.
func answer(r servicelevel.Record, until time.Time) time.Time {
	for _, e := range r.History {
		loud := e.Kind == "status" || e.Kind == "message" && e.Message.Public
		if e.Staff && loud && !e.At.Before(r.Ticket.CreatedAt) && !e.At.After(until) {
			return e.At
		}
	}
	return time.Time{}
}

// measured is what a step that was done, or stopped waiting to be, is by a target.
func measured(
	x servicelevel.Input, created, done, until time.Time, outcome servicelevel.Outcome, target *time.Duration,
) servicelevel.Measure {
	if !done.IsZero() {
		until = done
	}
	span := servicelevel.Window{From: created, To: until}
	m := servicelevel.Measure{At: done, Until: until, Target: target, Verdict: "no_target"}
	m.Maintenance = eachBeat(span, func(s time.Time) bool { return in(x.Maintenance, s) })
	m.Elapsed = eachBeat(span, func(s time.Time) bool { return !in(x.Maintenance, s) })
	switch {
	case target == nil:
	case m.Elapsed > *target:
		m.Verdict = "breached"
		var passed time.Duration
		m.BreachedAt = created
		for ; in(x.Maintenance, m.BreachedAt) || passed < *target; m.BreachedAt = m.BreachedAt.Add(beat) {
			if !in(x.Maintenance, m.BreachedAt) {
				passed += beat
			}
		}
	case !done.IsZero():
		m.Verdict = "met"
	case outcome == "open":
		m.Verdict = "pending"
	default:
		m.Verdict = "void"
	}
	return m
}

// slowly is what Compute is to say of one ticket.
func slowly(x servicelevel.Input, r servicelevel.Record) servicelevel.Ticket {
	t := servicelevel.Ticket{ID: r.Ticket.ID, Type: r.Ticket.Type, Severity: r.Ticket.Severity, CreatedAt: r.Ticket.CreatedAt}
	t.Outcome, t.EndedAt = ending(r, x.AsOf)
	until, done := x.AsOf, time.Time{}
	if t.Outcome != "open" {
		until = t.EndedAt
	}
	if t.Outcome == "resolved" {
		done = t.EndedAt
	}
	target := x.Targets.Default
	if t.Severity != "" {
		target = x.Targets.BySeverity[t.Severity]
	}
	t.FirstResponse = measured(x, t.CreatedAt, answer(r, until), until, t.Outcome, target.FirstResponse)
	t.Resolution = measured(x, t.CreatedAt, done, until, t.Outcome, target.Resolution)
	if t.Outcome == "withdrawn" && target.Resolution != nil {
		t.Resolution.Verdict, t.Resolution.BreachedAt = "void", time.Time{}
	}
	for _, e := range r.History {
		if e.To.Status == unknown && !e.At.Before(t.CreatedAt) && !e.At.After(x.AsOf) {
			t.UnknownStatuses = []string{"unknown"}
		}
	}
	return t
}

// outage reports whether a critical incident was open at a moment.
func outage(x servicelevel.Input, s time.Time) bool {
	return slices.ContainsFunc(x.Records, func(r servicelevel.Record) bool {
		outcome, end := ending(r, x.AsOf)
		return r.Ticket.Type == "incident" && r.Ticket.Severity == "critical" &&
			!s.Before(r.Ticket.CreatedAt) && (outcome == "open" || s.Before(end))
	})
}
