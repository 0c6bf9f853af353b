package servicedesk

import "time"

// ID is a desk's own id of a ticket.
type ID string

// Type is what a ticket asks for. TMF621 calls it ticketType.
type Type string

// The types of tickets. Which queue, tracker or table a type goes to is the desk's Mapping.
const (
	TypeChange         Type = "change"
	TypeIncident       Type = "incident"
	TypeServiceRequest Type = "service_request"
)

// Types are all of them.
var Types = []Type{TypeChange, TypeIncident, TypeServiceRequest}

// Severity is the requester's view of how bad it is; the desk's own view is the priority (TMF621, severity and
// priority).
type Severity string

// The severities.
const (
	SeverityCritical Severity = "critical"
	SeverityMajor    Severity = "major"
	SeverityMinor    Severity = "minor"
)

// Severities are all of them.
var Severities = []Severity{SeverityCritical, SeverityMajor, SeverityMinor}

// Status is where a ticket stands (TMF621, TroubleTicketStatusType, in snake case).
type Status string

// The statuses. StatusUnknown is a desk's status that its Mapping does not have.
const (
	StatusAcknowledged Status = "acknowledged"
	StatusInProgress   Status = "in_progress"
	StatusPending      Status = "pending"
	StatusHeld         Status = "held"
	StatusResolved     Status = "resolved"
	StatusClosed       Status = "closed"
	StatusCancelled    Status = "cancelled"
	StatusRejected     Status = "rejected"
	StatusUnknown      Status = "unknown"
)

// Statuses are all of them.
var Statuses = []Status{
	StatusAcknowledged, StatusInProgress, StatusPending, StatusHeld, StatusResolved, StatusClosed, StatusCancelled,
	StatusRejected, StatusUnknown,
}

// Terminal reports whether nobody works on a ticket any more. What is resolved can be reopened; so can, at many desks,
// all of these.
func (s Status) Terminal() bool {
	switch s {
	case StatusResolved, StatusClosed, StatusCancelled, StatusRejected:
		return true
	default:
		return false
	}
}

// Approval is a dimension of its own, which TMF621 lacks and most desks have.
type Approval string

// The states of an approval.
const (
	ApprovalNotRequired Approval = "not_required"
	ApprovalRequested   Approval = "requested"
	ApprovalApproved    Approval = "approved"
	ApprovalRejected    Approval = "rejected"
)

// Awaiting is whose turn it is.
type Awaiting string

// Whose turn it can be.
const (
	AwaitingDesk      Awaiting = "desk"
	AwaitingRequester Awaiting = "requester"
	AwaitingApprover  Awaiting = "approver"
	AwaitingNobody    Awaiting = "nobody"
)

// LinkType is what a link says.
type LinkType string

// The links between tickets, and from a ticket to anything that has a URI.
const (
	LinkRefersTo  LinkType = "refers_to"
	LinkDependsOn LinkType = "depends_on"
	LinkParent    LinkType = "parent"
)

// LinkTypes are all of them.
var LinkTypes = []LinkType{LinkRefersTo, LinkDependsOn, LinkParent}

// Link is a relation of a ticket. Target is the id of a ticket of the same desk, or a URI.
type Link struct {
	Type   LinkType
	Target string
}

// Content is the part of a ticket that its requester owns.
type Content struct {
	// Subject is one line.
	Subject string
	// Description is what the ticket was filed with; empty in what a desk answers if it does not tell.
	Description string
	// Severity is empty at a desk that has no place for it.
	Severity Severity
	// Requester is an e-mail address or account; empty means the account that files the ticket.
	Requester string
	// Watchers are addresses or accounts that are told of everything, sorted.
	Watchers []string
	// RequestedResolutionAt is when the requester wants it done (TMF621, requestedResolutionDate); zero without.
	RequestedResolutionAt time.Time
	// Project and AffectedResources are what it is about (TMF621, relatedEntity). Resources are sorted.
	Project           string
	AffectedResources []string
	// Fields are the desk's own fields, by the names that its people see.
	Fields map[string]string
	Links  []Link
}

// NewTicket is a ticket to be filed.
type NewTicket struct {
	Type Type
	// Queue overrides where the Mapping sends the type; empty means that.
	Queue string
	// Key finds the ticket again: 8 to 200 of a-z, 0-9 and :._/- .
	Key string
	Content
}

// Ticket is one that a desk has.
type Ticket struct {
	ID ID
	// Key is the one that the ticket was filed with, empty if none can be seen on it.
	Key string
	// Claimed says that who filed it has seen that it is the only one of its key.
	Claimed bool
	// Own says that the account that looks has filed it.
	Own bool
	// Type is empty if the ticket is in a queue of none.
	Type Type
	Content

	// Number is what people call it, URL where they see it.
	Number, URL string
	// Version is for a change to be refused if the ticket has changed since; empty where the desk does not know that.
	Version string
	// Queue is where it is now.
	Queue        string
	Status       Status
	NativeStatus string
	// StatusReason is the desk's word on why, if it has a place for it.
	StatusReason string
	Approval     Approval
	Awaiting     Awaiting
	Priority     string
	Assignee     string
	// Resolution is the desk's word on how it ended.
	Resolution string

	CreatedAt, UpdatedAt time.Time
	// ExpectedResolutionAt and ResolvedAt are the desk's; zero without.
	ExpectedResolutionAt, ResolvedAt time.Time
}

// Brief is what a look at many tickets tells of one.
type Brief struct {
	ID           ID
	NativeStatus string
	UpdatedAt    time.Time
}

// Change is what is to become different of the part that the requester owns; nil and empty mean "as it is".
type Change struct {
	Subject               *string
	Description           *string
	Severity              *Severity
	RequestedResolutionAt *time.Time
	Project               *string
	AffectedResources     *[]string
	AddWatchers           []string
	RemoveWatchers        []string
	Fields                map[string]string
	AddLinks, RemoveLinks []Link
}

// Empty reports whether nothing is to change.
func (c Change) Empty() bool {
	return c.Subject == nil && c.Description == nil && c.Severity == nil && c.RequestedResolutionAt == nil &&
		c.Project == nil && c.AffectedResources == nil && len(c.AddWatchers) == 0 && len(c.RemoveWatchers) == 0 &&
		len(c.Fields) == 0 && len(c.AddLinks) == 0 && len(c.RemoveLinks) == 0
}

// Message is something said in a ticket. What is not public is for the desk's people, where the desk can tell.
type Message struct {
	Text   string
	Public bool
}

// File is an attachment to be.
type File struct {
	Name, ContentType string
	Content           []byte
}

// Attachment is a file of a ticket. SHA256 is in lower-case hex; empty where the desk does not tell without the
// content being fetched.
type Attachment struct {
	ID, Name, ContentType string
	SizeBytes             int64
	SHA256                string
	CreatedAt             time.Time
}

// EventKind is what an event of a ticket's history is.
type EventKind string

// The kinds of events.
const (
	EventCreated EventKind = "created"
	EventStatus  EventKind = "status"
	EventMessage EventKind = "message"
	EventOther   EventKind = "other"
)

// Event is one of a ticket's history.
type Event struct {
	ID     string
	Kind   EventKind
	At     time.Time
	Author string
	// Own says that the account that looks did it, Staff that one of the desk's people did.
	Own, Staff bool
	// FromNative and ToNative are the desk's statuses; for EventStatus, and ToNative for EventCreated where it is known.
	FromNative, ToNative string
	// To is what ToNative means by the mapping of the ticket's type.
	To Meaning
	// Message is what was said; for EventMessage, and for EventStatus where both came in one.
	Message Message
}

// Query selects tickets; empty fields select all. Only tickets that the account may see are found.
type Query struct {
	Type    Type
	Project string
	// AffectedResource is a resource's id, or an operator's name and a slash for all of that operator.
	AffectedResource string
	// Open leaves out what is terminal.
	Open bool
	// CreatedFrom and CreatedBefore bound when tickets were filed; either may be zero.
	CreatedFrom, CreatedBefore time.Time
	// Own leaves out what others have filed.
	Own bool
}
