package servicelevel_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
)

const (
	progress  = servicedesk.StatusInProgress
	resolved  = servicedesk.StatusResolved
	closed    = servicedesk.StatusClosed
	cancelled = servicedesk.StatusCancelled
	rejected  = servicedesk.StatusRejected
	unknown   = servicedesk.StatusUnknown
)

// fate is what becomes of a ticket: when and by which verdict it is answered and ended, and the minutes.
type fate struct {
	outcome            servicelevel.Outcome
	answered, answer   string
	answerMinutes      int64
	ended, resolution  string
	resolutionMinutes  int64
	maintenanceMinutes int64
}

type fates map[string]struct {
	history []servicedesk.Event
	want    fate
}

// check is of a ticket created on the 2nd at noon, with 15 minutes for an answer and 4 hours for a resolution, and
// maintenance on the 2nd from 13:00 to 14:00. AsOf is 30 days, or 43200 minutes, after the creation.
func (f fates) check(t *testing.T) {
	for name, c := range f {
		t.Run(name, func(t *testing.T) {
			in := march(t, critical(t, "1", "02 12:00:00", c.history...))
			in.Maintenance = []servicelevel.Window{window(t, "02 13:00:00", "02 14:00:00")}
			r := compute(t, in)
			if len(r.Tickets) != 1 {
				t.Fatalf("got %d tickets", len(r.Tickets))
			}
			got := r.Tickets[0]
			show := func(at time.Time) string {
				if at.IsZero() {
					return ""
				}
				return at.Format("02 15:04:05.999999999")
			}
			if g := (fate{
				got.Outcome, show(got.FirstResponse.At), string(got.FirstResponse.Verdict), got.FirstResponse.Minutes(),
				show(got.EndedAt), string(got.Resolution.Verdict), got.Resolution.Minutes(), got.Resolution.MaintenanceMinutes(),
			}); g != c.want {
				t.Errorf("got  %+v\nwant %+v", g, c.want)
			}
			if got.Resolution.Done() != (got.Outcome == servicelevel.OutcomeResolved) {
				t.Errorf("a ticket that is %s has the resolution %s", got.Outcome, got.Resolution.At)
			}
		})
	}
}

// at is ten minutes after the creation.
const at = "02 12:10:00"

func TestAnswers(t *testing.T) {
	fates{
		"nothing": {nil, fate{"open", "", "breached", 43140, "", "breached", 43140, 60}},
		"answered by status, resolved through maintenance": {
			[]servicedesk.Event{became(t, at, progress), became(t, "02 17:00:59", resolved)},
			fate{"resolved", at, "met", 10, "02 17:00:59", "breached", 240, 60},
		},
		"to the nanosecond in time": {
			[]servicedesk.Event{said(t, "02 12:15:00", true), became(t, "02 17:00:00", resolved)},
			fate{"resolved", "02 12:15:00", "met", 15, "02 17:00:00", "met", 240, 60},
		},
		"a nanosecond late": {
			[]servicedesk.Event{said(t, "02 12:15:00.000000001", true), became(t, "02 17:00:00.000000001", closed)},
			fate{"resolved", "02 12:15:00.000000001", "breached", 15, "02 17:00:00.000000001", "breached", 240, 60},
		},
		"neither whispers nor the requester answer": {
			[]servicedesk.Event{
				said(t, "02 12:01:00", false), byRequester(said(t, "02 12:02:00", true)), byRequester(became(t, "02 12:03:00", progress)),
				said(t, "02 12:14:59", true), became(t, "02 12:30:00", resolved),
			},
			fate{"resolved", "02 12:14:59", "met", 14, "02 12:30:00", "met", 30, 0},
		},
	}.check(t)
}

func TestEndings(t *testing.T) {
	fates{
		"closing what is resolved": {
			[]servicedesk.Event{became(t, at, resolved), byRequester(became(t, "09 12:00:00", closed))},
			fate{"resolved", at, "met", 10, at, "met", 10, 0},
		},
		"reopened and resolved again": {
			[]servicedesk.Event{became(t, at, resolved), became(t, "02 14:00:00", progress), became(t, "02 18:00:00", resolved)},
			fate{"resolved", at, "met", 10, "02 18:00:00", "breached", 300, 60},
		},
		"reopened": {
			[]servicedesk.Event{became(t, at, resolved), became(t, "02 14:00:00", progress)},
			fate{"open", at, "met", 10, "", "breached", 43140, 60},
		},
		"rejected late": {
			[]servicedesk.Event{became(t, at, progress), became(t, "03 12:00:00", rejected), became(t, "09 12:00:00", closed)},
			fate{"withdrawn", at, "met", 10, "03 12:00:00", "void", 1380, 60},
		},
		"cancelled before an answer was due": {
			[]servicedesk.Event{byRequester(became(t, at, cancelled)), said(t, "03 12:00:00", true)},
			fate{"withdrawn", "", "void", 10, at, "void", 10, 0},
		},
		"cancelled after an answer was due": {
			[]servicedesk.Event{byRequester(became(t, "02 12:20:00", cancelled))},
			fate{"withdrawn", "", "breached", 20, "02 12:20:00", "void", 20, 0},
		},
		"cancelled in error": {
			[]servicedesk.Event{became(t, at, cancelled), became(t, "02 12:30:00", resolved)},
			fate{"resolved", at, "met", 10, "02 12:30:00", "met", 30, 0},
		},
		"the past of a merged ticket is not its own": {
			[]servicedesk.Event{said(t, "01 09:00:00", true), became(t, "01 10:00:00", resolved), became(t, "31 23:00:00", progress)},
			fate{"open", "31 23:00:00", "breached", 42360, "", "breached", 43140, 60},
		},
		"an unknown status changes nothing, but is an answer": {
			[]servicedesk.Event{became(t, at, unknown), became(t, "02 12:30:00", resolved), became(t, "02 12:40:00", unknown)},
			fate{"resolved", at, "met", 10, "02 12:30:00", "met", 30, 0},
		},
	}.check(t)
}

func TestWhatIsKnown(t *testing.T) {
	rec := critical(t, "1", "02 12:00:00",
		said(t, "02 12:15:00", true), became(t, "02 16:00:00", resolved), became(t, "02 17:00:00", progress))
	for asOf, want := range map[string][2]servicelevel.Verdict{
		"02 12:00:00":           {"pending", "pending"},
		"02 12:14:59":           {"pending", "pending"},
		"02 12:15:00":           {"met", "pending"},
		"02 15:59:59.999999999": {"met", "pending"},
		"02 16:00:00":           {"met", "met"},
		"02 16:59:59":           {"met", "met"},
		"02 17:00:00":           {"met", "breached"},
	} {
		in := march(t, rec)
		in.AsOf = clock(t, asOf)
		got := compute(t, in).Tickets[0]
		if v := [2]servicelevel.Verdict{got.FirstResponse.Verdict, got.Resolution.Verdict}; v != want {
			t.Errorf("as of %s: got %v, want %v", asOf, v, want)
		}
	}
	in := march(t, rec)
	in.AsOf = clock(t, "02 11:59:59")
	if r := compute(t, in); len(r.Tickets) != 0 || r.Totals.ResolutionMet.String() != "" {
		t.Errorf("a ticket is known before it is created: %+v", r)
	}
}

func TestDeskWithoutHistory(t *testing.T) {
	third, fifth := clock(t, "03 12:00:00"), clock(t, "05 12:00:00")
	for name, c := range map[string]struct {
		ticket servicedesk.Ticket
		want   servicelevel.Outcome
		ended  string
	}{
		"resolved":            {servicedesk.Ticket{Status: resolved, ResolvedAt: third, UpdatedAt: fifth}, "resolved", "03"},
		"closed, nobody says": {servicedesk.Ticket{Status: closed, UpdatedAt: fifth}, "resolved", "05"},
		"cancelled":           {servicedesk.Ticket{Status: cancelled, UpdatedAt: fifth}, "withdrawn", "05"},
		"open once more":      {servicedesk.Ticket{Status: progress, ResolvedAt: third, UpdatedAt: fifth}, "open", ""},
		"unknown":             {servicedesk.Ticket{Status: unknown, NativeStatus: "odd", UpdatedAt: fifth}, "open", ""},
	} {
		c.ticket.ID, c.ticket.CreatedAt = "1", clock(t, "02 12:00:00")
		got := compute(t, march(t, servicelevel.Record{Ticket: c.ticket, History: []servicedesk.Event{said(t, "02 12:30:00", true)}})).Tickets[0]
		ended := ""
		if !got.EndedAt.IsZero() {
			ended = got.EndedAt.Format("02")
		}
		if got.Outcome != c.want || ended != c.ended || got.FirstResponse.Verdict != servicelevel.VerdictMet {
			t.Errorf("%s: got %s on %q, answered %s", name, got.Outcome, ended, got.FirstResponse.Verdict)
		}
		if odd := slices.Equal(got.UnknownStatuses, []string{"odd"}); odd != (name == "unknown") {
			t.Errorf("%s: unknown statuses %q", name, got.UnknownStatuses)
		}
	}
}

func TestTotalsAndBreaches(t *testing.T) {
	plain := critical(t, "3", "04 08:00:00", said(t, "04 09:30:00", true), became(t, "05 08:00:00", resolved))
	plain.Ticket.Severity, plain.Ticket.Type = "", servicedesk.TypeServiceRequest
	major := critical(t, "4", "04 08:00:00")
	major.Ticket.Severity = servicedesk.SeverityMajor
	in := march(t,
		major, plain,
		critical(t, "2", "03 08:00:00", became(t, "03 08:10:00", rejected)),
		critical(t, "1", "02 12:00:00", became(t, "02 18:00:00", resolved)),
		critical(t, "0", "01 00:00:00", became(t, "01 00:00:30", resolved)),
	)
	// The first response to ticket 1 was due by 12:15, when this begins, the resolution by 16:00 and half an hour more.
	in.Maintenance = []servicelevel.Window{window(t, "02 12:15:00", "02 12:45:00")}
	r := compute(t, in)
	ids := []servicedesk.ID{}
	for _, ticket := range r.Tickets {
		ids = append(ids, ticket.ID)
	}
	if want := []servicedesk.ID{"0", "1", "2", "3", "4"}; !slices.Equal(ids, want) {
		t.Errorf("got tickets %q, want %q", ids, want)
	}
	if want := (servicelevel.Totals{
		Tickets: 5, Responded: 4, Resolved: 3, Withdrawn: 1,
		FirstResponseMet: servicelevel.Share{Part: 2, Whole: 4}, ResolutionMet: servicelevel.Share{Part: 2, Whole: 3},
	}); r.Totals != want {
		t.Errorf("got totals %+v, want %+v", r.Totals, want)
	}
	if got := r.Totals.FirstResponseMet.String() + " " + r.Totals.ResolutionMet.String(); got != "50.0000 66.6666" {
		t.Errorf("got shares %s", got)
	}
	if want := []servicelevel.Breach{
		{Ticket: "1", Kind: "first_response", Minutes: 330, TargetMinutes: 15, At: clock(t, "02 12:45:00")},
		{Ticket: "1", Kind: "resolution", Minutes: 330, TargetMinutes: 240, At: clock(t, "02 16:30:00")},
		{Ticket: "3", Kind: "first_response", Minutes: 90, TargetMinutes: 60, At: clock(t, "04 09:00:00")},
	}; !reflect.DeepEqual(r.Breaches, want) {
		t.Errorf("got breaches  %+v\nwant %+v", r.Breaches, want)
	}
	if m := r.Tickets[4].Resolution; m.Verdict != servicelevel.VerdictNoTarget || m.TargetMinutes() != nil || m.Breached() {
		t.Errorf("a severity without target: %+v", m)
	}
}

func TestAvailability(t *testing.T) {
	major := critical(t, "major", "03 00:00:00")
	major.Ticket.Severity = servicedesk.SeverityMajor
	request := critical(t, "request", "03 00:00:00")
	request.Ticket.Type = servicedesk.TypeServiceRequest
	old := critical(t, "old", "01 00:00:00", became(t, "01 02:00:00", resolved))
	old.Ticket.CreatedAt = old.Ticket.CreatedAt.AddDate(0, -1, 0)
	in := march(t, major, request, old,
		critical(t, "a", "10 10:00:00", became(t, "10 12:00:00", resolved)),
		critical(t, "b", "10 11:00:00", became(t, "10 13:00:00", cancelled)),
		critical(t, "open", "31 23:00:00"),
	)
	in.Maintenance = []servicelevel.Window{window(t, "10 11:30:00", "10 12:30:00"), window(t, "20 00:00:00", "20 01:00:00")}
	a := compute(t, in).Availability
	// 744 hours less 2; 2 hours of February's, 3 less 1 on the 10th, 1 on the 31st.
	if a.Service != 742*time.Hour || a.Maintenance != 2*time.Hour || a.Unavailable != 5*time.Hour || a.Share().String() != "99.3261" {
		t.Errorf("got %+v: %s", a, a.Share())
	}
	in.AsOf = clock(t, "01 04:00:00")
	if a := compute(t, in).Availability; a.Service != 4*time.Hour || a.Share().String() != "50.0000" {
		t.Errorf("what is to come is not known, got %+v: %s", a, a.Share())
	}
	in.AsOf = in.Period.From
	if a := compute(t, in).Availability; a.Share().Defined() || a.Share().Percent() != nil || a.Share().String() != "" {
		t.Errorf("of nothing, got %+v", a)
	}
}

func TestShareRoundsDown(t *testing.T) {
	for want, s := range map[string]servicelevel.Share{
		"0.0000": {Part: 0, Whole: 7}, "14.2857": {Part: 1, Whole: 7}, "66.6666": {Part: 2, Whole: 3},
		"99.9999": {Part: 1<<62 - 1, Whole: 1 << 62}, "100.0000": {Part: 1 << 62, Whole: 1 << 62},
	} {
		if s.String() != want {
			t.Errorf("%d of %d: got %s, want %s", s.Part, s.Whole, s, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*servicelevel.Input)
		want  error
	}{
		"empty period":     {func(in *servicelevel.Input) { in.Period.To = in.Period.From }, servicelevel.ErrPeriod},
		"backward period":  {func(in *servicelevel.Input) { in.Period.To = in.Period.From.Add(-1) }, servicelevel.ErrPeriod},
		"endless period":   {func(in *servicelevel.Input) { in.Period.To = in.Period.From.AddDate(300, 0, 0) }, servicelevel.ErrPeriod},
		"early":            {func(in *servicelevel.Input) { in.AsOf = in.Period.From.Add(-1) }, servicelevel.ErrAsOf},
		"far in future":    {func(in *servicelevel.Input) { in.AsOf = in.Period.From.AddDate(300, 0, 0) }, servicelevel.ErrAsOf},
		"backward window":  {func(in *servicelevel.Input) { in.Maintenance[0].To = in.Maintenance[0].From.Add(-1) }, servicelevel.ErrWindow},
		"negative target":  {func(in *servicelevel.Input) { in.Targets.Default.Resolution = new(time.Duration(-1)) }, servicelevel.ErrTarget},
		"unknown severity": {func(in *servicelevel.Input) { in.Targets.BySeverity["urgent"] = servicelevel.Target{} }, servicelevel.ErrTarget},
		"twice":            {func(in *servicelevel.Input) { in.Records = append(in.Records, in.Records[0]) }, servicelevel.ErrRecord},
		"no creation":      {func(in *servicelevel.Input) { in.Records[0].Ticket.CreatedAt = time.Time{} }, servicelevel.ErrRecord},
		"timeless event":   {func(in *servicelevel.Input) { in.Records[0].History[0].At = time.Time{} }, servicelevel.ErrRecord},
	} {
		in := march(t, critical(t, "1", "02 12:00:00", said(t, "02 12:10:00", true)))
		in.Maintenance = []servicelevel.Window{window(t, "05 00:00:00", "05 00:00:00")}
		compute(t, in)
		c.spoil(&in)
		if r, err := servicelevel.Compute(in); !errors.Is(err, c.want) || !reflect.DeepEqual(r, servicelevel.Report{}) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
