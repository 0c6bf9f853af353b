package servicedesk

import (
	"context"
	"iter"
	"time"
)

// Desk is one service desk, seen with one account. It is used by many goroutines at a time.
//
// A driver maps and does nothing else: no retry of a write, no wait, no decision. Its errors are cloud.Error.
type Desk interface {
	// Describe says what the desk is and can do. It is known from opening on and asks nothing.
	Describe() Description
	// Create sends one request that makes a ticket, unclaimed, with the key in it. An answer that was lost or that
	// leaves it open whether the ticket was made is ErrUnknownOutcome. Parts of the content that the desk dropped are no
	// error: they are missing in what Get answers then.
	Create(ctx context.Context, t NewTicket) (ID, error)
	// FindByKey answers the account's own tickets of a key, by id, oldest first, claimed or not, in whatever status,
	// also those merged into others. The driver has seen the key in each of them: a desk may ignore a filter.
	FindByKey(ctx context.Context, key string) ([]Ticket, error)
	// Claim marks a ticket as the one of its key. Claiming twice is claiming once.
	Claim(ctx context.Context, id ID, key string) error
	// Get answers a ticket. Another id in it than the one asked for means that the ticket was merged into that one.
	// ErrNotFound means that it is gone, ErrForbidden that it is out of sight.
	Get(ctx context.Context, id ID) (Ticket, error)
	// Glance looks at many tickets by as few requests as the desk allows. Those not updated since may be left out.
	Glance(ctx context.Context, ids []ID, since time.Time) (Glance, error)
	// Search answers tickets by a query, oldest first, without Description, Links and Claimed.
	Search(ctx context.Context, q Query) iter.Seq2[Ticket, error]
	// Update changes a ticket from what was read, in one request where the desk can. ErrConflict means that it was
	// changed since, and that nothing was done. What the desk dropped is no error.
	Update(ctx context.Context, from Ticket, c Change) error
	// Transition brings a ticket into the native status that the mapping has for StatusCancelled or StatusClosed, with
	// the message in the same request where the desk can. ErrTransition means that the desk does not let us.
	Transition(ctx context.Context, t Ticket, to Status, m Message) error
	// History answers what has happened, oldest first.
	History(ctx context.Context, t Ticket) ([]Event, error)
	// Say adds a message and answers its id.
	Say(ctx context.Context, id ID, m Message) (string, error)
	// Attach adds a file and answers its id.
	Attach(ctx context.Context, id ID, f File) (string, error)
	// Attachments answers a ticket's files, oldest first.
	Attachments(ctx context.Context, id ID) ([]Attachment, error)
}

// Glance is what many tickets look like at a time.
type Glance struct {
	Briefs []Brief
	// Missing are those that the desk does not show: merged, moved out of sight, or deleted.
	Missing []ID
}

// Description is what a desk is.
type Description struct {
	// Name is its key in the provider's configuration, Kind its driver's name.
	Name, Kind string
	Endpoint   string
	// Product and Version are what runs there; Version may be empty.
	Product, Version string
	// Account is who the desk takes us for.
	Account string
	Queues  []Queue
	Mapping Mapping
	Capabilities
}

// Queue is a place for tickets that the account sees: a queue, a tracker, a table.
type Queue struct {
	Name string
	// Fields are the desk's own fields there, by name, sorted; nil where the desk does not tell.
	Fields []string
}

// Capabilities say what a desk's API can do.
type Capabilities struct {
	// AtomicKeys says that the desk itself never makes two open tickets of one key and account: it answers a second order
	// with the ticket of the first. Where that has ended, the order makes another.
	AtomicKeys bool
	// EditsDescription says that the description can be changed; elsewhere a change is said in the ticket.
	EditsDescription bool
	// History says that status changes are kept; without it, a wait can miss what passes quickly.
	History bool
	// InternalMessages says that there are messages that requesters do not see.
	InternalMessages bool
	Attachments      bool
	// Requesters says that a ticket can be filed for somebody else than the account.
	Requesters bool
	// DatesOnly says that the desk keeps of RequestedResolutionAt only the day, in UTC.
	DatesOnly bool
	// MaxSubject is the longest subject, in letters; zero without a limit.
	MaxSubject int
	// MaxSubjectBytes is the longest subject in bytes of UTF-8, at a desk that counts these; zero without such a limit.
	MaxSubjectBytes int
	// ServerTimeout is how long a request without an answer may still be carried out.
	ServerTimeout time.Duration
}
