package servicelevel_test

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
)

// The properties' time goes by beats from an epoch: so few that events, windows, targets and the period's ends often fall
// together, and so long that some make a minute.
const beat = 20 * time.Second

var epoch = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func onBeat(n int) time.Time { return epoch.Add(time.Duration(n) * beat) }

func drawTime(t *rapid.T, from, to int, what string) time.Time {
	return onBeat(rapid.IntRange(from, to).Draw(t, what))
}

func drawInput(t *rapid.T) servicelevel.Input {
	from := rapid.IntRange(5, 15).Draw(t, "from")
	in := servicelevel.Input{
		Period: servicelevel.Window{From: onBeat(from), To: drawTime(t, from+1, from+30, "to")},
		AsOf:   drawTime(t, from, from+45, "as of"),
		Targets: servicelevel.Targets{
			BySeverity: map[servicedesk.Severity]servicelevel.Target{},
			Default:    drawTarget(t),
		},
	}
	for _, s := range servicedesk.Severities[:2] {
		in.Targets.BySeverity[s] = drawTarget(t)
	}
	for i := range rapid.IntRange(0, 10).Draw(t, "records") {
		in.Records = append(in.Records, drawRecord(t, i))
	}
	for range rapid.IntRange(0, 4).Draw(t, "windows") {
		from := rapid.IntRange(0, 50).Draw(t, "window from")
		in.Maintenance = append(in.Maintenance, servicelevel.Window{From: onBeat(from), To: drawTime(t, from, from+8, "window to")})
	}
	return in
}

func drawTarget(t *rapid.T) servicelevel.Target {
	maybe := rapid.Custom(func(t *rapid.T) *time.Duration {
		if rapid.IntRange(0, 3).Draw(t, "no target") == 0 {
			return nil
		}
		return new(time.Duration(rapid.IntRange(0, 20).Draw(t, "beats")) * beat)
	})
	return servicelevel.Target{FirstResponse: maybe.Draw(t, "first response"), Resolution: maybe.Draw(t, "resolution")}
}

func drawRecord(t *rapid.T, i int) servicelevel.Record {
	// Critical incidents are common, so that outages overlap.
	kind := rapid.SampledFrom([]servicedesk.Type{servicedesk.TypeIncident, servicedesk.TypeIncident, servicedesk.TypeChange, ""})
	severity := rapid.SampledFrom([]servicedesk.Severity{"critical", "critical", "major", "minor", ""})
	created := rapid.IntRange(0, 45).Draw(t, "created")
	r := servicelevel.Record{Ticket: servicedesk.Ticket{
		ID: servicedesk.ID(strconv.Itoa(i)), Type: kind.Draw(t, "type"), CreatedAt: onBeat(created),
		Content: servicedesk.Content{Severity: severity.Draw(t, "severity")},
	}}
	at := created - 2
	for range rapid.IntRange(0, 8).Draw(t, "events") {
		at += rapid.IntRange(0, 6).Draw(t, "pause")
		r.History = append(r.History, drawEvent(t, onBeat(at)))
	}
	return r
}

// anyStatus is an end more often than not: what comes after an end is where the rules differ.
var anyStatus = rapid.SampledFrom(append([]servicedesk.Status{resolved, closed, cancelled, rejected}, servicedesk.Statuses...))

func drawEvent(t *rapid.T, at time.Time) servicedesk.Event {
	e := servicedesk.Event{
		At: at, Staff: rapid.Bool().Draw(t, "staff"),
		Kind: rapid.SampledFrom([]servicedesk.EventKind{"status", "status", "status", "message", "other", "created"}).Draw(t, "kind"),
	}
	switch e.Kind {
	case servicedesk.EventStatus:
		e.To.Status = anyStatus.Draw(t, "status")
		e.ToNative = string(e.To.Status)
	case servicedesk.EventMessage:
		e.Message.Public = rapid.Bool().Draw(t, "public")
	default:
	}
	return e
}

// mapTimes is the input with every moment changed.
func mapTimes(in servicelevel.Input, f func(time.Time) time.Time) servicelevel.Input {
	span := func(w servicelevel.Window) servicelevel.Window {
		return servicelevel.Window{From: f(w.From), To: f(w.To)}
	}
	out := servicelevel.Input{Period: span(in.Period), AsOf: f(in.AsOf), Targets: in.Targets}
	for _, w := range in.Maintenance {
		out.Maintenance = append(out.Maintenance, span(w))
	}
	for _, r := range in.Records {
		r.Ticket.CreatedAt = f(r.Ticket.CreatedAt)
		history := r.History
		r.History = nil
		for _, e := range history {
			e.At = f(e.At)
			r.History = append(r.History, e)
		}
		out.Records = append(out.Records, r)
	}
	return out
}
