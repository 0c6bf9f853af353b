package sandbox

import (
	"fmt"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// ticket is something that is asked of an operator's people; it is what is stored. It is never changed: a changed copy
// takes its place, as answers are written without the lock.
type ticket struct {
	Seq     int64  `json:"seq"`
	Project string `json:"project"`
	ID      string `json:"id"`
	// Client has filed it, with Key.
	Client  string `json:"client"`
	Key     string `json:"key"`
	Version int64  `json:"version"`

	// Order is the requester's part, with defaults filled in. Queue is where the ticket is now.
	Order    api.TicketCreate   `json:"order"`
	Queue    string             `json:"queue"`
	Status   api.TicketStatus   `json:"status"`
	Approval api.TicketApproval `json:"approval"`
	// Reason is why the ticket is in its status.
	Reason   string `json:"reason,omitempty"`
	Assignee string `json:"assignee,omitempty"`
	// Before is the status to which the requester's answer leads back from pending.
	Before     api.TicketStatus `json:"before,omitempty"`
	Resolution string           `json:"resolution,omitempty"`
	MergedInto string           `json:"merged_into,omitempty"`
	// Due is when the desk decides by itself; zero if people decide.
	Due time.Time `json:"due,omitzero"`

	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	ExpectedAt time.Time `json:"expected_at"`
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
}

// numberPrefixes start the numbers by which people call tickets.
var numberPrefixes = map[api.TicketType]string{
	api.TicketTypeChange: "CHG", api.TicketTypeIncident: "INC", api.TicketTypeServiceRequest: "REQ",
}

// priorities are the desk's own view of what a requester calls a severity, and the time that it gives itself.
var priorities = map[api.TicketSeverity]struct {
	name string
	time time.Duration
}{
	api.TicketSeverityCritical: {"P1", 4 * time.Hour},
	api.TicketSeverityMajor:    {"P2", 24 * time.Hour},
	api.TicketSeverityMinor:    {"P3", 5 * 24 * time.Hour},
}

func (t *ticket) number() string {
	return fmt.Sprintf("%s%06d", numberPrefixes[t.Order.TicketType], t.Seq)
}

func (t *ticket) etag() string { return fmt.Sprintf(`"%d"`, t.Version) }

// ended reports whether nobody works on a ticket any more.
func ended(s api.TicketStatus) bool {
	return s == api.TicketStatusResolved || s == api.TicketStatusClosed || s == api.TicketStatusCancelled || s == api.TicketStatusRejected
}

// awaiting is whose turn it is.
func awaiting(s api.TicketStatus, a api.TicketApproval) api.TicketAwaiting {
	switch {
	case ended(s):
		return api.TicketAwaitingNobody
	case s == api.TicketStatusPending:
		return api.TicketAwaitingRequester
	case a == api.TicketApprovalRequested:
		return api.TicketAwaitingApprover
	}
	return api.TicketAwaitingDesk
}

// render is a ticket as a client sees it; url is where people do.
func (t *ticket) render(client, url string) api.Ticket {
	o, etag := t.Order, t.etag()
	out := api.Ticket{
		Id: t.ID, Number: t.number(), Url: &url, Own: t.Client == client, TicketType: o.TicketType, Queue: t.Queue,
		Subject: o.Subject, Description: optional(value(o.Description)), Severity: value(o.Severity), Requester: value(o.Requester),
		Watchers: value(o.Watchers), RequestedResolutionAt: o.RequestedResolutionAt, ProjectName: o.ProjectName,
		AffectedResources: value(o.AffectedResources), Fields: value(o.Fields), Links: value(o.Links), ExternalKey: &t.Key,
		Status: t.Status, NativeStatus: string(t.Status), StatusReason: optional(t.Reason), Approval: t.Approval,
		Awaiting: awaiting(t.Status, t.Approval), Priority: optional(priorities[value(o.Severity)].name),
		Assignee: optional(t.Assignee), ExpectedResolutionAt: &t.ExpectedAt, Resolution: optional(t.Resolution),
		MergedInto: optional(t.MergedInto), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Etag: &etag,
	}
	if !t.ResolvedAt.IsZero() {
		out.ResolvedAt = &t.ResolvedAt
	}
	return out
}

// ticketEvent is one of a ticket's history.
type ticketEvent struct {
	Seq     int64               `json:"seq"`
	Ticket  string              `json:"ticket"`
	Kind    api.TicketEventKind `json:"kind"`
	At      time.Time           `json:"at"`
	By      author              `json:"by"`
	From    api.TicketStatus    `json:"from,omitempty"`
	To      api.TicketStatus    `json:"to,omitempty"`
	Message *message            `json:"message,omitempty"`
	// Approval is what it was with To.
	Approval api.TicketApproval `json:"approval,omitempty"`
	Detail   string             `json:"detail,omitempty"`
}

// author is who did something: a client, or one of the desk's people.
type author struct {
	Name  string `json:"name"`
	Staff bool   `json:"staff"`
}

// message is something said.
type message struct {
	Text   string `json:"text"`
	Public bool   `json:"public"`
}

// is reports whether a client is the author.
func (a author) is(client string) bool { return !a.Staff && a.Name == client }

func (e *ticketEvent) id() string { return fmt.Sprintf("evt-%d", e.Seq) }

// hears reports whether a client hears what was said.
func (e *ticketEvent) hears(client string) bool {
	return e.Message != nil && (e.Message.Public || e.By.is(client))
}

// visible reports whether a client sees anything of an event.
func (e *ticketEvent) visible(client string) bool {
	return e.Kind != api.TicketEventKindMessage || e.hears(client)
}

func (e *ticketEvent) render(client string, everything bool) api.TicketEvent {
	out := api.TicketEvent{
		Id: e.id(), Kind: e.Kind, At: e.At, Author: e.By.Name, Own: e.By.is(client), Staff: e.By.Staff, Detail: optional(e.Detail),
		FromNativeStatus: optional(string(e.From)), ToNativeStatus: optional(string(e.To)),
	}
	if e.To != "" {
		turn := awaiting(e.To, e.Approval)
		out.Status, out.Approval, out.Awaiting = &e.To, &e.Approval, &turn
	}
	if everything && e.Message != nil || e.hears(client) {
		out.Message = &api.TicketEventMessage{Text: e.Message.Text, Public: e.Message.Public}
	}
	return out
}

func (e *ticketEvent) renderMessage(client string) api.TicketMessage {
	return api.TicketMessage{
		Id: e.id(), Text: e.Message.Text, Public: e.Message.Public, Author: e.By.Name, Own: e.By.is(client), Staff: e.By.Staff,
		CreatedAt: e.At,
	}
}

// ticketFile is a file of a ticket. The store alone has its content.
type ticketFile struct {
	Seq         int64     `json:"seq"`
	Ticket      string    `json:"ticket"`
	Name        string    `json:"name"`
	ContentType string    `json:"content_type"`
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	By          author    `json:"by"`
	At          time.Time `json:"at"`
}

func (f *ticketFile) id() string { return fmt.Sprintf("file-%d", f.Seq) }

func (f *ticketFile) render(client string) api.TicketAttachment {
	return api.TicketAttachment{
		Id: f.id(), Name: f.Name, ContentType: f.ContentType, SizeBytes: f.Size, Sha256: f.SHA256, Author: f.By.Name,
		Own: f.By.is(client), Staff: f.By.Staff, CreatedAt: f.At,
	}
}
