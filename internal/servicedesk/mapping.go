package servicedesk

import (
	"maps"
	"slices"
)

// Mapping is what the model's words are at one desk.
type Mapping struct {
	Types  map[Type]TypeMapping
	Fields FieldNames
}

// TypeMapping is what a type of tickets is at one desk.
type TypeMapping struct {
	// Queue is where tickets of the type go.
	Queue string
	// Statuses are the desk's own, by what they mean.
	Statuses map[string]Meaning
	// CancelStatus and CloseStatus are the native statuses by which a requester withdraws or closes a ticket; empty if
	// there is none.
	CancelStatus, CloseStatus string
}

// Meaning is what a desk's status means. Approval is empty where the status tells nothing of it: then the history does.
type Meaning struct {
	Status   Status
	Approval Approval
	Awaiting Awaiting
}

// FieldNames are the names of the desk's fields that hold parts of the model; an empty name means that the desk has no
// place for it.
type FieldNames struct {
	ExternalKey, Severity, Project, AffectedResources string
}

// Over puts what is set in m over the defaults of a kind of desk.
func (m Mapping) Over(defaults Mapping) Mapping {
	out := Mapping{Types: maps.Clone(defaults.Types), Fields: m.Fields.over(defaults.Fields)}
	if out.Types == nil {
		out.Types = make(map[Type]TypeMapping, len(m.Types))
	}
	for t, own := range m.Types {
		merged := out.Types[t]
		if own.Queue != "" {
			merged.Queue = own.Queue
		}
		if len(own.Statuses) > 0 {
			statuses := maps.Clone(merged.Statuses)
			if statuses == nil {
				statuses = make(map[string]Meaning, len(own.Statuses))
			}
			maps.Copy(statuses, own.Statuses)
			merged.Statuses = statuses
		}
		if own.CancelStatus != "" {
			merged.CancelStatus = own.CancelStatus
		}
		if own.CloseStatus != "" {
			merged.CloseStatus = own.CloseStatus
		}
		out.Types[t] = merged
	}
	return out
}

func (f FieldNames) over(defaults FieldNames) FieldNames {
	for _, p := range []struct{ own, def *string }{
		{&f.ExternalKey, &defaults.ExternalKey}, {&f.Severity, &defaults.Severity},
		{&f.Project, &defaults.Project}, {&f.AffectedResources, &defaults.AffectedResources},
	} {
		if *p.own == "" {
			*p.own = *p.def
		}
	}
	return f
}

// TypeOf finds the type whose tickets go to a queue; empty if there is none, or several.
func (m Mapping) TypeOf(queue string) Type {
	var found []Type
	for t, tm := range m.Types {
		if tm.Queue == queue {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// Meaning is what a native status means for a type; for an empty type, what it means wherever that is the same.
func (m Mapping) Meaning(t Type, native string) Meaning {
	if tm, ok := m.Types[t]; ok {
		return tm.meaning(native)
	}
	var all []Meaning
	for _, tm := range m.Types {
		if _, ok := tm.Statuses[native]; ok {
			all = append(all, tm.meaning(native))
		}
	}
	if len(all) == 0 || slices.ContainsFunc(all, func(o Meaning) bool { return o.Status != all[0].Status }) {
		return Meaning{Status: StatusUnknown, Awaiting: AwaitingDesk}
	}
	same := Meaning{Status: all[0].Status, Approval: ApprovalNotRequired, Awaiting: all[0].Awaiting}
	if slices.ContainsFunc(all, func(o Meaning) bool { return o.Awaiting != same.Awaiting }) {
		same.Awaiting = same.whoseTurn()
	}
	return same
}

func (tm TypeMapping) meaning(native string) Meaning {
	m, ok := tm.Statuses[native]
	if !ok {
		m.Status = StatusUnknown
	}
	if m.Approval == "" && !tm.approves() {
		m.Approval = ApprovalNotRequired
	}
	return m.Complete()
}

// Complete says whose turn it is where the meaning does not.
func (m Meaning) Complete() Meaning {
	if m.Awaiting == "" {
		m.Awaiting = m.whoseTurn()
	}
	return m
}

// approves reports whether the type knows approvals at all.
func (tm TypeMapping) approves() bool {
	for _, m := range tm.Statuses {
		if m.Approval == ApprovalApproved {
			return true
		}
	}
	return false
}

func (m Meaning) whoseTurn() Awaiting {
	switch {
	case m.Status.Terminal():
		return AwaitingNobody
	case m.Status == StatusPending:
		return AwaitingRequester
	case m.Approval == ApprovalRequested:
		return AwaitingApprover
	}
	return AwaitingDesk
}
