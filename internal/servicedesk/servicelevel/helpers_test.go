package servicelevel_test

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
)

// clock is a moment of March 2026, the month of the examples.
func clock(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse("02 15:04:05.999999999 2006-01", s+" 2026-03")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func window(t *testing.T, from, to string) servicelevel.Window {
	t.Helper()
	return servicelevel.Window{From: clock(t, from), To: clock(t, to)}
}

// march is the month as known half a day after its end, with targets for what is critical and for what has no severity.
func march(t *testing.T, records ...servicelevel.Record) servicelevel.Input {
	t.Helper()
	from := clock(t, "01 00:00:00")
	return servicelevel.Input{
		Period:  servicelevel.Window{From: from, To: from.AddDate(0, 1, 0)},
		AsOf:    from.AddDate(0, 1, 0).Add(12 * time.Hour),
		Records: records,
		Targets: servicelevel.Targets{
			BySeverity: map[servicedesk.Severity]servicelevel.Target{
				servicedesk.SeverityCritical: {FirstResponse: new(15 * time.Minute), Resolution: new(4 * time.Hour)},
			},
			Default: servicelevel.Target{FirstResponse: new(time.Hour), Resolution: new(48 * time.Hour)},
		},
	}
}

// critical is a critical incident.
func critical(t *testing.T, id servicedesk.ID, created string, history ...servicedesk.Event) servicelevel.Record {
	t.Helper()
	return servicelevel.Record{Ticket: servicedesk.Ticket{
		ID: id, Type: servicedesk.TypeIncident, CreatedAt: clock(t, created),
		Content: servicedesk.Content{Severity: servicedesk.SeverityCritical},
	}, History: history}
}

// became is a change of status by staff.
func became(t *testing.T, at string, s servicedesk.Status) servicedesk.Event {
	t.Helper()
	return servicedesk.Event{
		Kind: servicedesk.EventStatus, At: clock(t, at), Staff: true, ToNative: "native " + string(s), To: servicedesk.Meaning{Status: s},
	}
}

// byRequester makes the event one of the requester.
func byRequester(e servicedesk.Event) servicedesk.Event {
	e.Staff = false
	return e
}

// said is a message of staff.
func said(t *testing.T, at string, public bool) servicedesk.Event {
	t.Helper()
	return servicedesk.Event{
		Kind: servicedesk.EventMessage, At: clock(t, at), Staff: true, Message: servicedesk.Message{Text: "words", Public: public},
	}
}

// compute is for input that is right.
func compute(t interface {
	Helper()
	Fatal(args ...any)
}, in servicelevel.Input,
) servicelevel.Report {
	t.Helper()
	r, err := servicelevel.Compute(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
