package servicelevel

import (
	"cmp"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Compute makes the report, by the rules that the package describes. Its errors are those of this package, all that
// apply in one.
func Compute(in Input) (Report, error) {
	if err := in.check(); err != nil {
		return Report{}, err
	}
	c := calculation{
		period:  Window{in.Period.From.UTC(), in.Period.To.UTC()},
		asOf:    in.AsOf.UTC(),
		targets: in.Targets,
	}
	// Nothing is measured outside these bounds, and in them every duration can be counted.
	c.maintenance = newTimeline(in.Maintenance, Window{c.period.From, c.asOf})
	r := Report{Period: c.period, AsOf: c.asOf}
	var outages []Window
	for _, rec := range in.Records {
		if rec.Ticket.CreatedAt.After(c.asOf) {
			continue
		}
		way := follow(rec, c.asOf)
		if c.period.contains(rec.Ticket.CreatedAt) {
			r.Tickets = append(r.Tickets, c.ticket(rec.Ticket, way))
		}
		if rec.Ticket.Type == servicedesk.TypeIncident && rec.Ticket.Severity == servicedesk.SeverityCritical {
			outages = append(outages, Window{rec.Ticket.CreatedAt.UTC(), c.until(way)})
		}
	}
	slices.SortFunc(r.Tickets, func(a, b Ticket) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	for _, t := range r.Tickets {
		r.Totals.count(t)
		r.Breaches = append(r.Breaches, t.breaches()...)
	}
	r.Availability = c.availability(outages)
	return r, nil
}

// calculation is what all tickets are measured by.
type calculation struct {
	period      Window
	asOf        time.Time
	targets     Targets
	maintenance timeline
}

// until is when a ticket's time stopped.
func (c calculation) until(way course) time.Time {
	if way.outcome == OutcomeOpen {
		return c.asOf
	}
	return way.end
}

func (c calculation) ticket(t servicedesk.Ticket, way course) Ticket {
	target := c.targets.of(t.Severity)
	created := t.CreatedAt.UTC()
	out := Ticket{
		ID: t.ID, Type: t.Type, Severity: t.Severity, CreatedAt: created, Outcome: way.outcome, EndedAt: way.end,
		FirstResponse:   c.measure(created, way.response, c.until(way), target.FirstResponse),
		UnknownStatuses: way.unknown,
	}
	var resolved time.Time
	if way.outcome == OutcomeResolved {
		resolved = way.end
	}
	out.Resolution = c.measure(created, resolved, c.until(way), target.Resolution)
	if out.FirstResponse.Verdict == VerdictPending && way.outcome != OutcomeOpen {
		out.FirstResponse.Verdict = VerdictVoid
	}
	if out.Resolution.Target != nil && way.outcome == OutcomeWithdrawn {
		out.Resolution.Verdict, out.Resolution.BreachedAt = VerdictVoid, time.Time{}
	}
	return out
}

// measure judges a step that was done at a moment, or, if that is zero, was not done until another.
func (c calculation) measure(created, at, until time.Time, target *time.Duration) Measure {
	if !at.IsZero() {
		until = at
	}
	span := Window{created, until}
	m := Measure{At: at, Until: until, Maintenance: c.maintenance.within(span), Verdict: VerdictNoTarget}
	m.Elapsed = span.length() - m.Maintenance
	if target == nil {
		return m
	}
	m.Target = new(*target)
	switch {
	case m.Elapsed > *target:
		m.Verdict, m.BreachedAt = VerdictBreached, c.maintenance.exhausted(created, *target)
	case m.Done():
		m.Verdict = VerdictMet
	default:
		m.Verdict = VerdictPending
	}
	return m
}

func (c calculation) availability(outages []Window) Availability {
	a := Availability{Observed: Window{c.period.From, earlier(c.period.To, c.asOf)}}
	a.Maintenance = c.maintenance.within(a.Observed)
	a.Service = a.Observed.length() - a.Maintenance
	for _, o := range newTimeline(outages, a.Observed) {
		a.Unavailable += o.length() - c.maintenance.within(o)
	}
	return a
}

func (t *Totals) count(of Ticket) {
	t.Tickets++
	if of.FirstResponse.Done() {
		t.Responded++
	}
	switch of.Outcome {
	case OutcomeResolved:
		t.Resolved++
	case OutcomeWithdrawn:
		t.Withdrawn++
	case OutcomeOpen:
	}
	t.FirstResponseMet = t.FirstResponseMet.and(of.FirstResponse.Verdict)
	t.ResolutionMet = t.ResolutionMet.and(of.Resolution.Verdict)
}

// and is the share with one more verdict in it.
func (s Share) and(v Verdict) Share {
	switch v {
	case VerdictMet:
		return Share{s.Part + 1, s.Whole + 1}
	case VerdictBreached:
		return Share{s.Part, s.Whole + 1}
	case VerdictNoTarget, VerdictPending, VerdictVoid:
	}
	return s
}

func (t Ticket) breaches() []Breach {
	var out []Breach
	for _, step := range []struct {
		kind Kind
		m    Measure
	}{{KindFirstResponse, t.FirstResponse}, {KindResolution, t.Resolution}} {
		if step.m.Breached() {
			out = append(out, Breach{
				Ticket: t.ID, Kind: step.kind, Minutes: step.m.Minutes(), TargetMinutes: *step.m.TargetMinutes(), At: step.m.BreachedAt,
			})
		}
	}
	return out
}
