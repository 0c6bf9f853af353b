package servicelevel

import (
	"math/big"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Report is how well the service level was kept in a period, as known at a moment.
type Report struct {
	Period Window
	AsOf   time.Time
	// Tickets are those created in the period and known at AsOf, oldest first, those of one moment by id.
	Tickets []Ticket
	Totals  Totals
	// Breaches are the missed targets, in the order of the tickets, the first response before the resolution.
	Breaches     []Breach
	Availability Availability
}

// Ticket is one ticket of the period.
type Ticket struct {
	ID        servicedesk.ID
	Type      servicedesk.Type
	Severity  servicedesk.Severity
	CreatedAt time.Time
	Outcome   Outcome
	// EndedAt is when the ticket was resolved or withdrawn; zero while it is open.
	EndedAt                   time.Time
	FirstResponse, Resolution Measure
	// UnknownStatuses are the native statuses of the history that the desk's mapping does not have, sorted. Where there
	// are any, the ticket may have been resolved or reopened without the report knowing it.
	UnknownStatuses []string
}

// Measure is how long a step took, or has taken so far.
type Measure struct {
	// At is when it was done; zero if it was not.
	At time.Time
	// Until is when the time stopped: At, else the end of the ticket, else AsOf.
	Until time.Time
	// Elapsed is the time from the creation to Until, less Maintenance, which is what of it was planned maintenance.
	Elapsed, Maintenance time.Duration
	// Target is nil if nothing is agreed.
	Target  *time.Duration
	Verdict Verdict
	// BreachedAt is the last moment at which the step would have been in time; zero unless the target is missed. Like
	// the verdict, it does not change when the step is done late.
	BreachedAt time.Time
}

// Done reports whether the step was done.
func (m Measure) Done() bool { return !m.At.IsZero() }

// Breached reports whether the target is missed.
func (m Measure) Breached() bool { return m.Verdict == VerdictBreached }

// Minutes is Elapsed in whole minutes, rounded down.
func (m Measure) Minutes() int64 { return minutes(m.Elapsed) }

// MaintenanceMinutes is Maintenance in whole minutes, rounded down.
func (m Measure) MaintenanceMinutes() int64 { return minutes(m.Maintenance) }

// TargetMinutes is Target in whole minutes, rounded down; nil without a target.
func (m Measure) TargetMinutes() *int64 {
	if m.Target == nil {
		return nil
	}
	return new(minutes(*m.Target))
}

func minutes(d time.Duration) int64 { return int64(d / time.Minute) }

// Verdict is what a measure is by its target.
type Verdict string

// The verdicts.
const (
	// VerdictNoTarget means that nothing is agreed.
	VerdictNoTarget Verdict = "no_target"
	// VerdictMet means that it was done in time.
	VerdictMet Verdict = "met"
	// VerdictBreached means that the target is missed, whether or not it was done later.
	VerdictBreached Verdict = "breached"
	// VerdictPending means that it is not done and there is time left.
	VerdictPending Verdict = "pending"
	// VerdictVoid means that the ticket ended without it and without its being late.
	VerdictVoid Verdict = "void"
)

// Kind is what a target is for.
type Kind string

// The kinds.
const (
	KindFirstResponse Kind = "first_response"
	KindResolution    Kind = "resolution"
)

// Breach is a missed target.
type Breach struct {
	Ticket servicedesk.ID
	Kind   Kind
	// Minutes and TargetMinutes are whole ones, rounded down; they are equal for a breach by less than a minute.
	Minutes, TargetMinutes int64
	// At is the last moment at which it would have been in time: the target was missed from just after it.
	At time.Time
}

// Totals count the tickets of the period.
type Totals struct {
	Tickets, Responded, Resolved, Withdrawn int
	// FirstResponseMet and ResolutionMet are of the tickets of which it is decided whether the target is met or missed.
	FirstResponseMet, ResolutionMet Share
}

// Availability is how long no critical incident was open.
type Availability struct {
	// Observed is the period as far as it is known at AsOf.
	Observed Window
	// Maintenance is what of it was planned maintenance.
	Maintenance time.Duration
	// Service is the rest of it, and Unavailable the part of the rest in which a critical incident was open.
	Service, Unavailable time.Duration
}

// Share is the part of Service that was available; undefined if there was none.
func (a Availability) Share() Share {
	return Share{Part: int64(a.Service - a.Unavailable), Whole: int64(a.Service)}
}

// Share is an exact part of a whole: of a number of tickets, or of nanoseconds.
type Share struct{ Part, Whole int64 }

// Defined reports whether there is a whole to have a part of.
func (s Share) Defined() bool { return s.Whole > 0 }

// Percent is the exact percentage, from 0 to 100; nil if it is undefined.
func (s Share) Percent() *big.Rat {
	if !s.Defined() {
		return nil
	}
	return new(big.Rat).Mul(big.NewRat(s.Part, s.Whole), big.NewRat(100, 1))
}

// String is the percentage with four digits after the point, rounded down, so that it never claims more than was
// delivered: 100.0000 is said of nothing less. It is empty if the percentage is undefined.
func (s Share) String() string {
	if !s.Defined() {
		return ""
	}
	const scale = 10_000
	p := new(big.Rat).Mul(s.Percent(), big.NewRat(scale, 1))
	// What is cut off is exact after this: the number has no more than four digits.
	p.SetFrac(new(big.Int).Quo(p.Num(), p.Denom()), big.NewInt(scale))
	return p.FloatString(4)
}
