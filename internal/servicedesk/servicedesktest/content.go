package servicedesktest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// someDay is late in the day, so that a desk that counts days elsewhere than in UTC gets another one.
func someDay(days int) time.Time {
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days).Add(22*time.Hour + 45*time.Minute + 10*time.Second)
}

// full is a ticket with everything but people and links.
func (h Harness) full(typ servicedesk.Type, what string) servicedesk.NewTicket {
	n := h.draft(typ, what)
	n.Severity = servicedesk.SeverityMajor
	n.RequestedResolutionAt = someDay(7)
	n.Project = newSubject("project")
	n.AffectedResources = []string{"alpha/vdam-suite-1", "beta/vdam-suite-2"}
	if h.Field.Name != "" && h.hasField(typ) {
		n.Fields = map[string]string{h.Field.Name: h.Field.Good}
	}
	return n
}

// hasField reports whether the desk's own field is in the type's queue, as far as the desk tells.
func (h Harness) hasField(typ servicedesk.Type) bool {
	for _, q := range h.Desk.Describe().Queues {
		if q.Name == h.mapping(typ).Queue && q.Fields != nil {
			return slices.Contains(q.Fields, h.Field.Name)
		}
	}
	return true
}

func (h Harness) watchers() []string {
	if len(h.Watchers) > 0 {
		return h.Watchers
	}
	return []string{"vdam-suite-a@example.org", "vdam-suite-b@example.org"}
}

// approves reports whether tickets of a type need an approval.
func (h Harness) approves(typ servicedesk.Type) bool {
	for _, m := range h.mapping(typ).Statuses {
		if m.Approval == servicedesk.ApprovalApproved {
			return true
		}
	}
	return typ == servicedesk.TypeChange && h.Can.Approve
}

// sameContent compares what a desk keeps with what it was told, where it has a place for it.
func (h Harness) sameContent(t *testing.T, got, want servicedesk.Content) {
	t.Helper()
	d := h.Desk.Describe()
	if got.Subject != want.Subject {
		t.Errorf("the subject is %q; want %q", got.Subject, want.Subject)
	}
	// White space at the end is what desks add or take away, and nobody sees.
	if blank := " \r\n\t"; got.Description != "" && strings.TrimRight(got.Description, blank) != strings.TrimRight(want.Description, blank) {
		t.Errorf("the description is %q; want %q", got.Description, want.Description)
	}
	if !d.SameTime(want.RequestedResolutionAt, got.RequestedResolutionAt) || got.RequestedResolutionAt.Location() != time.UTC {
		t.Errorf("it is requested for %v; want %v", got.RequestedResolutionAt, want.RequestedResolutionAt)
	}
	h.samePlace(t, "severity", d.Mapping.Fields.Severity, string(got.Severity), string(want.Severity))
	h.samePlace(t, "project", d.Mapping.Fields.Project, got.Project, want.Project)
	h.samePlace(t, "list of affected resources", d.Mapping.Fields.AffectedResources,
		strings.Join(got.AffectedResources, " "), strings.Join(want.AffectedResources, " "))
	for name, value := range want.Fields {
		if got.Fields[name] != value {
			t.Errorf("the field %q is %q; want %q", name, got.Fields[name], value)
		}
	}
	h.sameLinks(t, got.Links, want.Links)
	h.sameWatchers(t, got.Watchers, want.Watchers)
}

// samePlace compares what is kept in a field of the desk, if it has one for that.
func (h Harness) samePlace(t *testing.T, what, field, got, want string) {
	t.Helper()
	switch {
	case field != "" && got != want:
		t.Errorf("the %s is %q; want %q", what, got, want)
	case field == "" && got != "":
		t.Errorf("the %s is %q, and the mapping names no field for it, so that nobody would tell the desk of a change", what, got)
	}
}

func (h Harness) sameLinks(t *testing.T, got, want []servicedesk.Link) {
	t.Helper()
	for _, l := range got {
		if !slices.Contains(want, l) {
			t.Errorf("it shows the link %+v, which nobody has made", l)
		}
	}
	for _, l := range want {
		// A desk that links tickets need not link anything else.
		if h.Can.Link && !strings.Contains(l.Target, ":") && !slices.Contains(got, l) {
			t.Errorf("the link %+v is missing from %+v", l, got)
		}
	}
}

func (h Harness) sameWatchers(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.IsSorted(got) {
		t.Errorf("watchers are %q, in no order", got)
	}
	for _, w := range got {
		if !slices.ContainsFunc(want, func(x string) bool { return strings.EqualFold(x, w) }) {
			t.Errorf("%s watches it, whom nobody has named", w)
		}
	}
	for _, w := range want {
		if h.Can.Watch && !slices.ContainsFunc(got, func(x string) bool { return strings.EqualFold(x, w) }) {
			t.Errorf("%s does not watch it; those who do: %q", w, got)
		}
	}
}
