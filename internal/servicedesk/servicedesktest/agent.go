// Package servicedesktest is the suite that every driver of a service desk passes, and a desk in memory whose faults
// are ordered by a test.
//
// A scenario files tickets with keys and subjects of its own, so that the suite runs at a desk with other tickets in
// it, and leaves them there: tickets are records.
package servicedesktest

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Agent plays the desk's people. Its methods end the test if the desk does not let them.
type Agent interface {
	// Approve and Reject decide about a ticket of a type that knows approvals. Rejecting says the reason in public, in the
	// same step where the desk can.
	Approve(t *testing.T, id servicedesk.ID)
	Reject(t *testing.T, id servicedesk.ID, reason string)
	// Start begins the work, after an approval where the type knows them; Hold pauses it.
	Start(t *testing.T, id servicedesk.ID)
	Hold(t *testing.T, id servicedesk.ID)
	// Ask says something in public and brings the ticket into a status that waits for the requester.
	Ask(t *testing.T, id servicedesk.ID, question string)
	// Resolve ends the work with public words; Reopen takes it up again.
	Resolve(t *testing.T, id servicedesk.ID, words string)
	Reopen(t *testing.T, id servicedesk.ID)
	// Say adds a message.
	Say(t *testing.T, id servicedesk.ID, m servicedesk.Message)
	// Rename gives a ticket another subject, behind the requester's back.
	Rename(t *testing.T, id servicedesk.ID, subject string)
	// Merge joins a ticket into another.
	Merge(t *testing.T, id, into servicedesk.ID)
	// Hide moves a ticket to where the requester does not see it.
	Hide(t *testing.T, id servicedesk.ID)
	// Delete does what the desk calls deleting.
	Delete(t *testing.T, id servicedesk.ID)
}

// Can says what a desk knows beyond what all desks do; scenarios of the rest are left out.
type Can struct {
	// Approve to Delete are an agent's deeds.
	Approve, Hold, Ask, Reopen, Merge, Hide, Delete bool
	// MergedKey says that a ticket is found by its key even after it was merged into another.
	MergedKey bool
	// Link says that the desk keeps links between tickets of all types; Watch that it keeps Harness.Watchers. Where it
	// does not, it drops them.
	Link, Watch bool
}

// Harness is a desk under test.
type Harness struct {
	// Desk is the desk as the requester sees it, Other the same desk with another agency's account.
	Desk, Other servicedesk.Desk
	Agent       Agent
	Can         Can
	// ClosedQueue is one in which the requester has no rights; empty if there is no such.
	ClosedQueue string
	// Watchers are two people whom the desk can tell of a ticket; addresses at example.org by default.
	Watchers []string
	// Field is one of the desk's own fields with a value that it takes and one that it does not; its name is empty if
	// there is no such.
	Field struct{ Name, Good, Bad string }
	// Losing is the desk through a connection that breaks this long after a request that creates a ticket was sent; nil
	// if that cannot be had.
	Losing func(t *testing.T, after time.Duration) servicedesk.Desk
	// Patience is how long the desk may take for what it does by itself; default is ten seconds.
	Patience time.Duration
}
