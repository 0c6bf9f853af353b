package servicedesk_test

import (
	"maps"
	"reflect"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

type (
	mapping     = servicedesk.Mapping
	typeMapping = servicedesk.TypeMapping
	meanings    = map[string]servicedesk.Meaning
)

// defaults are those of a kind of desk whose changes need an approval.
func defaults() mapping {
	return mapping{
		Types: map[servicedesk.Type]typeMapping{
			servicedesk.TypeChange: {Queue: "Changes", CancelStatus: "withdrawn", CloseStatus: "closed", Statuses: meanings{
				"new":      {Status: servicedesk.StatusAcknowledged, Approval: servicedesk.ApprovalRequested},
				"approved": {Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalApproved},
				"stalled":  {Status: servicedesk.StatusPending},
				"testing":  {Status: servicedesk.StatusInProgress, Awaiting: servicedesk.AwaitingRequester},
				"closed":   {Status: servicedesk.StatusClosed},
				"done":     {Status: servicedesk.StatusResolved},
			}},
			servicedesk.TypeIncident: {Queue: "Incidents", CloseStatus: "closed", Statuses: meanings{
				"new": {Status: servicedesk.StatusAcknowledged}, "closed": {Status: servicedesk.StatusClosed},
				"done": {Status: servicedesk.StatusClosed},
			}},
		},
		Fields: servicedesk.FieldNames{ExternalKey: "External Key", Severity: "Severity", Project: "Project", AffectedResources: "Resources"},
	}
}

// TestMappingOverDefaults: a user says what is different at his desk, and nothing else.
func TestMappingOverDefaults(t *testing.T) {
	for name, c := range map[string]struct{ own, want func(*mapping) }{
		"nothing": {func(*mapping) {}, func(*mapping) {}},
		"a queue": {
			func(m *mapping) { m.Types = map[servicedesk.Type]typeMapping{servicedesk.TypeChange: {Queue: "RFC"}} },
			func(m *mapping) { edited(m, servicedesk.TypeChange, func(t *typeMapping) { t.Queue = "RFC" }) },
		},
		"statuses": {
			func(m *mapping) {
				m.Types = map[servicedesk.Type]typeMapping{servicedesk.TypeIncident: {CancelStatus: "void", CloseStatus: "over", Statuses: meanings{
					"void": {Status: servicedesk.StatusCancelled}, "new": {Status: servicedesk.StatusPending},
				}}}
			},
			func(m *mapping) {
				edited(m, servicedesk.TypeIncident, func(t *typeMapping) {
					t.CancelStatus, t.CloseStatus = "void", "over"
					t.Statuses["void"] = servicedesk.Meaning{Status: servicedesk.StatusCancelled}
					t.Statuses["new"] = servicedesk.Meaning{Status: servicedesk.StatusPending}
				})
			},
		},
		"a type of its own": {
			func(m *mapping) {
				m.Types = map[servicedesk.Type]typeMapping{"service_request": {Queue: "Asks", Statuses: meanings{"x": {Status: "held"}}}}
			},
			func(m *mapping) {
				m.Types["service_request"] = typeMapping{Queue: "Asks", Statuses: meanings{"x": {Status: servicedesk.StatusHeld}}}
			},
		},
		"fields": {
			func(m *mapping) { m.Fields = servicedesk.FieldNames{Severity: "Gravity", ExternalKey: "Key"} },
			func(m *mapping) { m.Fields.Severity, m.Fields.ExternalKey = "Gravity", "Key" },
		},
		"other fields": {
			func(m *mapping) { m.Fields = servicedesk.FieldNames{Project: "P", AffectedResources: "R"} },
			func(m *mapping) { m.Fields.Project, m.Fields.AffectedResources = "P", "R" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var own mapping
			c.own(&own)
			base, want := defaults(), defaults()
			c.want(&want)
			if got := own.Over(base); !reflect.DeepEqual(got, want) {
				t.Errorf("it is %+v; want %+v", got, want)
			}
			// The defaults serve other desks, too.
			if !reflect.DeepEqual(base, defaults()) {
				t.Errorf("the defaults became %+v", base)
			}
			if got := own.Over(mapping{}); !maps.Equal(keysOf(got), keysOf(own)) {
				t.Errorf("over nothing, it is %+v", got)
			}
		})
	}
}

func edited(m *mapping, of servicedesk.Type, edit func(*typeMapping)) {
	t := m.Types[of]
	edit(&t)
	m.Types[of] = t
}

func keysOf(m mapping) map[servicedesk.Type]string {
	queues := make(map[servicedesk.Type]string)
	for t, tm := range m.Types {
		queues[t] = tm.Queue
	}
	return queues
}

func TestMeanings(t *testing.T) {
	const anyType = servicedesk.Type("")
	for _, c := range []struct {
		of     servicedesk.Type
		native string
		want   servicedesk.Meaning
	}{
		// Where a type knows approvals, a status that does not tell of them leaves it to the history.
		{servicedesk.TypeChange, "new", servicedesk.Meaning{Status: "acknowledged", Approval: "requested", Awaiting: "approver"}},
		{servicedesk.TypeChange, "approved", servicedesk.Meaning{Status: "in_progress", Approval: "approved", Awaiting: "desk"}},
		{servicedesk.TypeChange, "stalled", servicedesk.Meaning{Status: "pending", Awaiting: "requester"}},
		{servicedesk.TypeChange, "testing", servicedesk.Meaning{Status: "in_progress", Awaiting: "requester"}},
		{servicedesk.TypeChange, "done", servicedesk.Meaning{Status: "resolved", Awaiting: "nobody"}},
		{servicedesk.TypeChange, "New", servicedesk.Meaning{Status: "unknown", Awaiting: "desk"}},
		{servicedesk.TypeIncident, "new", servicedesk.Meaning{Status: "acknowledged", Approval: "not_required", Awaiting: "desk"}},
		{servicedesk.TypeIncident, "stalled", servicedesk.Meaning{Status: "unknown", Approval: "not_required", Awaiting: "desk"}},
		// In a queue of no type, it goes by what all types say of a status.
		{anyType, "new", servicedesk.Meaning{Status: "acknowledged", Approval: "not_required", Awaiting: "desk"}},
		{anyType, "closed", servicedesk.Meaning{Status: "closed", Approval: "not_required", Awaiting: "nobody"}},
		{anyType, "stalled", servicedesk.Meaning{Status: "pending", Approval: "not_required", Awaiting: "requester"}},
		{anyType, "done", servicedesk.Meaning{Status: "unknown", Awaiting: "desk"}},
		{anyType, "nowhere", servicedesk.Meaning{Status: "unknown", Awaiting: "desk"}},
		{servicedesk.TypeServiceRequest, "approved", servicedesk.Meaning{Status: "in_progress", Approval: "not_required", Awaiting: "desk"}},
	} {
		for range 20 { // Maps have no order, and it must not matter.
			if got := defaults().Meaning(c.of, c.native); got != c.want {
				t.Fatalf("%q of a %q is %+v; want %+v", c.native, c.of, got, c.want)
			}
		}
	}
}

func TestTypeOfQueue(t *testing.T) {
	m := defaults()
	m.Types[servicedesk.TypeServiceRequest] = typeMapping{Queue: "Incidents"}
	for queue, want := range map[string]servicedesk.Type{"Changes": servicedesk.TypeChange, "Incidents": "", "changes": "", "": ""} {
		if got := m.TypeOf(queue); got != want {
			t.Errorf("%q is for a %q; want %q", queue, got, want)
		}
	}
}

func TestTerminal(t *testing.T) {
	terminal := map[servicedesk.Status]bool{"resolved": true, "closed": true, "cancelled": true, "rejected": true}
	for _, s := range servicedesk.Statuses {
		if s.Terminal() != terminal[s] {
			t.Errorf("%s is terminal: %t", s, s.Terminal())
		}
	}
}
