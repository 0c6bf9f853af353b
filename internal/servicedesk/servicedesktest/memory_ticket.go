package servicedesktest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// staff is what the people of a Memory are called.
const staff = "agent"

// closedQueue is one in which no account has rights.
const closedQueue = "Closed"

// impact is the one field of a Memory's own, with the values that it takes.
const impact = "Impact"

var impacts = []string{"", "one office", "all of us"}

const maxSubject = 200

// record is a ticket as the desk keeps it. Status, Approval, Awaiting, Own and Version follow from the rest.
type record struct {
	ticket  servicedesk.Ticket
	account string
	version int
	// foundFrom is when searches find it.
	foundFrom       time.Time
	mergedInto      *record
	hidden, deleted bool
	events          []servicedesk.Event
	files           []servicedesk.Attachment
}

// mapping is what the model's words are at the desk.
func (m *Memory) mapping() servicedesk.Mapping {
	usual := map[string]servicedesk.Meaning{
		"new": {Status: servicedesk.StatusAcknowledged}, "open": {Status: servicedesk.StatusInProgress},
		"waiting": {Status: servicedesk.StatusPending}, "onhold": {Status: servicedesk.StatusHeld},
		"resolved": {Status: servicedesk.StatusResolved}, "closed": {Status: servicedesk.StatusClosed},
		"cancelled": {Status: servicedesk.StatusCancelled}, "rejected": {Status: servicedesk.StatusRejected},
	}
	changes := usual
	if m.options.Approvals {
		changes = maps.Clone(usual)
		delete(changes, "new")
		delete(changes, "open")
		changes["requested"] = servicedesk.Meaning{Status: servicedesk.StatusAcknowledged, Approval: servicedesk.ApprovalRequested}
		changes["approved"] = servicedesk.Meaning{Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalApproved}
		changes["implementing"] = servicedesk.Meaning{Status: servicedesk.StatusInProgress, Approval: servicedesk.ApprovalApproved}
		changes["rejected"] = servicedesk.Meaning{Status: servicedesk.StatusRejected, Approval: servicedesk.ApprovalRejected}
	}
	in := func(queue string, statuses map[string]servicedesk.Meaning) servicedesk.TypeMapping {
		return servicedesk.TypeMapping{Queue: queue, Statuses: statuses, CancelStatus: "cancelled", CloseStatus: "closed"}
	}
	return servicedesk.Mapping{
		Types: map[servicedesk.Type]servicedesk.TypeMapping{
			servicedesk.TypeChange: in("Changes", changes), servicedesk.TypeIncident: in("Incidents", usual),
			servicedesk.TypeServiceRequest: in("Requests", usual),
		},
		Fields: servicedesk.FieldNames{
			ExternalKey: "External Key", Severity: "Severity", Project: "Project", AffectedResources: "Affected Resources",
		},
	}
}

// record finds a ticket by its id.
func (m *Memory) record(id servicedesk.ID) *record {
	n, err := strconv.Atoi(string(id))
	if err != nil || n < 1 || n > len(m.records) || strconv.Itoa(n) != string(id) {
		return nil
	}
	return m.records[n-1]
}

// view is a ticket as an account sees it.
func (m *Memory) view(r *record, account string) servicedesk.Ticket {
	t := r.ticket
	meaning := m.mapping().Meaning(t.Type, t.NativeStatus)
	t.Status, t.Approval, t.Awaiting = meaning.Status, meaning.Approval, meaning.Awaiting
	t.Own = r.account == account
	if !m.options.NoVersions {
		t.Version = strconv.Itoa(r.version)
	}
	t.Watchers, t.AffectedResources, t.Links = slices.Clone(t.Watchers), slices.Clone(t.AffectedResources), slices.Clone(t.Links)
	t.Fields = maps.Clone(t.Fields)
	return t
}

func now() time.Time { return time.Now().UTC().Round(0) }

// touch marks a ticket as changed.
func (m *Memory) touch(r *record) {
	r.version++
	r.ticket.UpdatedAt = now()
}

// note adds to a ticket's history, and answers the event's id.
func (m *Memory) note(r *record, e servicedesk.Event) string {
	m.serial++
	e.ID, e.At = "e"+strconv.Itoa(m.serial), now()
	if e.ToNative != "" {
		e.To = m.mapping().Meaning(r.ticket.Type, e.ToNative)
	}
	if m.options.NoHistory && e.Kind == servicedesk.EventStatus {
		if e.Message.Text == "" {
			return e.ID
		}
		e.Kind, e.FromNative, e.ToNative, e.To = servicedesk.EventMessage, "", "", servicedesk.Meaning{}
	}
	r.events = append(r.events, e)
	return e.ID
}

// move brings a ticket into a status, with words if there are any.
func (m *Memory) move(r *record, native, author string, words servicedesk.Message) {
	before := r.ticket.NativeStatus
	r.ticket.NativeStatus, r.ticket.ResolvedAt = native, time.Time{}
	m.touch(r)
	if native == "resolved" {
		r.ticket.ResolvedAt, r.ticket.Resolution = now(), words.Text
	}
	m.note(r, servicedesk.Event{
		Kind: servicedesk.EventStatus, Author: author, FromNative: before, ToNative: native, Message: words,
	})
}

// apply changes the part of a ticket that the requester owns, but what the desk was told to forget.
func (m *Memory) apply(t *servicedesk.Ticket, c servicedesk.Change) {
	put(m, "subject", &t.Subject, c.Subject)
	put(m, "description", &t.Description, c.Description)
	put(m, "severity", &t.Severity, c.Severity)
	put(m, "project", &t.Project, c.Project)
	put(m, "requested_resolution_at", &t.RequestedResolutionAt, c.RequestedResolutionAt)
	put(m, "affected_resources", &t.AffectedResources, c.AffectedResources)
	t.AffectedResources = slices.Sorted(slices.Values(t.AffectedResources))
	if m.options.DatesOnly {
		t.RequestedResolutionAt = t.RequestedResolutionAt.UTC().Truncate(24 * time.Hour)
	}
	for name, value := range c.Fields {
		if m.drops["fields."+name] || !slices.Contains(impacts, value) {
			continue
		}
		fields := maps.Clone(t.Fields)
		if fields == nil {
			fields = make(map[string]string, 1)
		}
		if fields[name] = value; value == "" {
			delete(fields, name)
		}
		t.Fields = fields
	}
	if !m.drops["watchers"] {
		t.Watchers = without(t.Watchers, slices.Concat(c.AddWatchers, c.RemoveWatchers), strings.EqualFold)
		t.Watchers = slices.Sorted(slices.Values(append(t.Watchers, c.AddWatchers...)))
	}
	if !m.drops["links"] {
		same := func(a, b servicedesk.Link) bool { return a == b }
		t.Links = append(without(t.Links, slices.Concat(c.AddLinks, c.RemoveLinks), same), c.AddLinks...)
	}
}

func put[T any](m *Memory, part string, into, value *T) {
	if value != nil && !m.drops[part] {
		*into = *value
	}
}

func without[T any](all, some []T, same func(T, T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(a T) bool {
		return slices.ContainsFunc(some, func(b T) bool { return same(a, b) })
	})
}
