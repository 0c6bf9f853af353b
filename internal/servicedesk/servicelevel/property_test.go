package servicelevel_test

import (
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
)

func same(t *rapid.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\ngot  %+v\nwant %+v", what, got, want)
	}
}

func TestTicketsAreAsCountedByBeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		got := compute(t, x)
		var want []servicelevel.Ticket
		for _, r := range x.Records {
			if in([]servicelevel.Window{x.Period}, r.Ticket.CreatedAt) && !r.Ticket.CreatedAt.After(x.AsOf) {
				want = append(want, slowly(x, r))
			}
		}
		slices.SortStableFunc(want, func(a, b servicelevel.Ticket) int { return a.CreatedAt.Compare(b.CreatedAt) })
		if len(got.Tickets) != len(want) {
			t.Fatalf("got %d tickets, want %d", len(got.Tickets), len(want))
		}
		for i := range want {
			same(t, "ticket "+string(want[i].ID), got.Tickets[i], want[i])
		}
	})
}

func TestAvailabilityIsAsCountedByBeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		got := compute(t, x).Availability
		until := x.Period.To
		if x.AsOf.Before(until) {
			until = x.AsOf
		}
		want := servicelevel.Availability{Observed: servicelevel.Window{From: x.Period.From, To: until}}
		want.Maintenance = eachBeat(want.Observed, func(s time.Time) bool { return in(x.Maintenance, s) })
		want.Service = eachBeat(want.Observed, func(s time.Time) bool { return !in(x.Maintenance, s) })
		want.Unavailable = eachBeat(want.Observed, func(s time.Time) bool { return !in(x.Maintenance, s) && outage(x, s) })
		same(t, "availability", got, want)
		if share := got.Share(); share.Defined() != (want.Service > 0) {
			t.Fatalf("of %s service, the share is %v", want.Service, share)
		} else if share.Defined() {
			checkPercent(t, share)
		}
	})
}

// checkPercent holds a percentage to 0..100, and its text to the four digits below it.
func checkPercent(t *rapid.T, s servicelevel.Share) {
	p := s.Percent()
	if p.Sign() < 0 || p.Cmp(big.NewRat(100, 1)) > 0 {
		t.Fatalf("%d of %d is %s", s.Part, s.Whole, p)
	}
	shown, ok := new(big.Rat).SetString(s.String())
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	if cut := p.Sub(p, shown); cut.Sign() < 0 || cut.Cmp(big.NewRat(1, 10_000)) >= 0 {
		t.Fatalf("%d of %d is shown as %s, which is off by %s", s.Part, s.Whole, s, cut)
	}
}

func TestPercentages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64Min(1).Draw(t, "whole")
		checkPercent(t, servicelevel.Share{Part: rapid.Int64Range(0, whole).Draw(t, "part"), Whole: whole})
	})
}

func TestTotalsAndBreachesAreOfTheTickets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := compute(t, drawInput(t))
		want := servicelevel.Totals{Tickets: len(r.Tickets)}
		var breaches []servicelevel.Breach
		for _, ticket := range r.Tickets {
			for _, step := range []struct {
				kind  servicelevel.Kind
				m     servicelevel.Measure
				done  *int
				share *servicelevel.Share
			}{
				{"first_response", ticket.FirstResponse, &want.Responded, &want.FirstResponseMet},
				{"resolution", ticket.Resolution, &want.Resolved, &want.ResolutionMet},
			} {
				if !step.m.At.IsZero() {
					*step.done++
				}
				if step.m.Verdict == "met" {
					step.share.Part++
					step.share.Whole++
				}
				if step.m.Breached() {
					step.share.Whole++
					breaches = append(breaches, servicelevel.Breach{
						Ticket: ticket.ID, Kind: step.kind, At: step.m.BreachedAt,
						Minutes: int64(step.m.Elapsed.Minutes()), TargetMinutes: int64(step.m.Target.Minutes()),
					})
				}
			}
			if ticket.Outcome == "withdrawn" {
				want.Withdrawn++
			}
		}
		same(t, "totals", r.Totals, want)
		same(t, "breaches", r.Breaches, breaches)
	})
}

func TestShiftingChangesMomentsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		by := time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "by"))
		got := compute(t, mapTimes(x, func(at time.Time) time.Time { return at.Add(by) }))
		want := compute(t, x)
		same(t, "totals", got.Totals, want.Totals)
		move := func(at *time.Time) {
			if !at.IsZero() {
				*at = at.Add(by)
			}
		}
		for i := range want.Tickets {
			w := &want.Tickets[i]
			for _, at := range []*time.Time{
				&w.CreatedAt, &w.EndedAt, &w.FirstResponse.At, &w.FirstResponse.Until, &w.FirstResponse.BreachedAt,
				&w.Resolution.At, &w.Resolution.Until, &w.Resolution.BreachedAt,
			} {
				move(at)
			}
		}
		for i := range want.Breaches {
			move(&want.Breaches[i].At)
		}
		for _, at := range []*time.Time{
			&want.Period.From, &want.Period.To, &want.AsOf, &want.Availability.Observed.From, &want.Availability.Observed.To,
		} {
			move(at)
		}
		same(t, "report", got, want)
	})
}

func TestZonesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		local := mapTimes(x, func(at time.Time) time.Time {
			return at.In(time.FixedZone("", 3600*rapid.IntRange(-12, 14).Draw(t, "hours")))
		})
		same(t, "report", compute(t, local), compute(t, x))
	})
}

func TestOrderAndPiecesOfMaintenanceDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		want := compute(t, x)
		var pieces []servicelevel.Window
		for _, w := range x.Maintenance {
			cut := w.From.Add(time.Duration(rapid.Int64Range(0, int64(w.To.Sub(w.From))).Draw(t, "cut")))
			back := cut.Add(-time.Duration(rapid.Int64Range(0, int64(cut.Sub(w.From))).Draw(t, "overlap")))
			pieces = append(pieces, servicelevel.Window{From: w.From, To: cut}, servicelevel.Window{From: back, To: w.To})
		}
		x.Maintenance = rapid.Permutation(pieces).Draw(t, "pieces")
		x.Records = rapid.Permutation(x.Records).Draw(t, "records")
		same(t, "report", compute(t, x), want)
	})
}

func TestDurationAndMaintenanceAreTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		for _, ticket := range compute(t, x).Tickets {
			for _, m := range []servicelevel.Measure{ticket.FirstResponse, ticket.Resolution} {
				same(t, "wall", m.Elapsed+m.Maintenance, m.Until.Sub(ticket.CreatedAt))
				if m.Elapsed < 0 || m.Maintenance < 0 || m.Until.After(x.AsOf) {
					t.Fatalf("impossible: %+v", m)
				}
				if m.Breached() && !m.BreachedAt.Before(m.Until) {
					t.Fatalf("missed at %s, which is not before %s", m.BreachedAt, m.Until)
				}
			}
		}
	})
}

func TestAdjacentPeriodsPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		x.Period.To = x.Period.To.Add(beat)
		cut := x.Period.From.Add(time.Duration(rapid.Int64Range(1, int64(x.Period.To.Sub(x.Period.From))-1).Draw(t, "cut")))
		if x.AsOf.Before(cut) {
			x.AsOf = cut
		}
		first, second := x, x
		first.Period.To, second.Period.From = cut, cut
		all, a, b := compute(t, x), compute(t, first), compute(t, second)
		same(t, "tickets", append(a.Tickets, b.Tickets...), all.Tickets)
		same(t, "breaches", append(a.Breaches, b.Breaches...), all.Breaches)
		same(t, "service", a.Availability.Service+b.Availability.Service, all.Availability.Service)
		same(t, "unavailable", a.Availability.Unavailable+b.Availability.Unavailable, all.Availability.Unavailable)
	})
}

func TestLongerTargetsAreMissedLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		before := compute(t, x)
		longer := func(d *time.Duration) *time.Duration {
			if d == nil || rapid.IntRange(0, 9).Draw(t, "drop") == 0 {
				return nil
			}
			return new(*d + time.Duration(rapid.Int64Range(0, int64(10*beat)).Draw(t, "more")))
		}
		more := map[servicedesk.Severity]servicelevel.Target{}
		for _, s := range servicedesk.Severities[:2] {
			old := x.Targets.BySeverity[s]
			more[s] = servicelevel.Target{FirstResponse: longer(old.FirstResponse), Resolution: longer(old.Resolution)}
		}
		x.Targets.BySeverity = more
		after := compute(t, x)
		for i, ticket := range after.Tickets {
			was := before.Tickets[i]
			for _, m := range [][2]servicelevel.Measure{{was.FirstResponse, ticket.FirstResponse}, {was.Resolution, ticket.Resolution}} {
				if m[1].Breached() && (!m[0].Breached() || m[1].BreachedAt.Before(m[0].BreachedAt)) {
					t.Fatalf("with more time, ticket %s went from %+v to %+v", ticket.ID, m[0], m[1])
				}
				same(t, "elapsed", m[1].Elapsed, m[0].Elapsed)
			}
		}
	})
}

func TestTheFutureDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawInput(t)
		want := compute(t, x)
		next := x.AsOf.Add(1)
		for i := range x.Records {
			at := next.Add(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "at")))
			x.Records[i].History = append(x.Records[i].History, drawEvent(t, at))
		}
		x.Maintenance = append(x.Maintenance, servicelevel.Window{From: x.AsOf, To: x.AsOf.AddDate(400, 0, 0)})
		x.Records = append(x.Records, servicelevel.Record{Ticket: servicedesk.Ticket{
			ID: "future", Type: servicedesk.TypeIncident, CreatedAt: next, Content: servicedesk.Content{Severity: "critical"},
		}})
		same(t, "report", compute(t, x), want)
	})
}
