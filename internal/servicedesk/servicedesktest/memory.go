package servicedesktest

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// MemoryOptions say what kind of a desk a Memory is. The zero value is one as most are: it keeps versions and history,
// makes as many tickets of a key as it is asked to, edits descriptions, and approves nothing.
type MemoryOptions struct {
	// Name is the desk's in the configuration; default is "memory".
	Name string
	// Approvals makes changes need an approval. Only the statuses "requested", "approved", "implementing" and "rejected"
	// tell of it: in all others Get answers an empty Approval, as drivers do, and the history has it.
	Approvals bool
	// AtomicKeys makes one ticket of a key and an account, until that has ended.
	AtomicKeys bool
	// NoHistory keeps what was said, and forgets changes of status.
	NoHistory bool
	// NoVersions takes every change, from whatever it was made.
	NoVersions bool
	// FixedDescription keeps descriptions as they were filed.
	FixedDescription bool
	// DatesOnly keeps of RequestedResolutionAt the day alone.
	DatesOnly bool
	// ServerTimeout is what the desk says of itself; default is a minute.
	ServerTimeout time.Duration
}

// Memory is a desk in memory. It does what it is asked to and nothing by itself, so that a test decides what happens in
// which order; its clock is time.Now, also that of a testing/synctest bubble. It is used by many goroutines at a time.
type Memory struct {
	options MemoryOptions

	mu      sync.Mutex
	records []*record
	calls   map[string]int
	faults  map[string][]fault
	hook    func(Call)
	// drops, forbidden, lag and ignoresFilter are lasting faults.
	drops         map[string]bool
	forbidden     map[servicedesk.Status]bool
	lag           time.Duration
	ignoresFilter bool
	// serial counts everything that gets an id, but tickets.
	serial int
}

// Call is a call of a desk's method, as a hook sees it.
type Call struct {
	// Method is the method's name in servicedesk.Desk, Account whose desk it is.
	Method, Account string
	// ID is the ticket that it is about, also the one that Create has made; Key what it was filed with or is sought by.
	ID  servicedesk.ID
	Key string
	// Done says that it was carried out and is about to be answered; before, it is about to be carried out.
	Done bool
}

// fault is what befalls one call.
type fault struct {
	reason error
	lost   bool
}

// NewMemory makes a desk without tickets.
func NewMemory(o MemoryOptions) *Memory {
	o.Name = cmp.Or(o.Name, "memory")
	o.ServerTimeout = cmp.Or(o.ServerTimeout, time.Minute)
	return &Memory{
		options: o, calls: make(map[string]int), faults: make(map[string][]fault), drops: make(map[string]bool),
		forbidden: make(map[servicedesk.Status]bool),
	}
}

// Desk is the desk as an account sees it. All accounts see all tickets, but those that the agent has hidden.
func (m *Memory) Desk(account string) servicedesk.Desk { return &memoryDesk{m: m, account: account} }

// Agent plays the desk's people, who are all called "agent".
func (m *Memory) Agent() Agent { return memoryAgent{m} }

// Calls counts the calls of a method of servicedesk.Desk by all accounts, also those that were refused or lost.
func (m *Memory) Calls(method string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[method]
}

// Tickets are all that were ever filed, oldest first, also those merged, hidden or deleted. Own is true of all.
func (m *Memory) Tickets() []servicedesk.Ticket {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]servicedesk.Ticket, len(m.records))
	for i, r := range m.records {
		out[i] = m.view(r, r.account)
	}
	return out
}

// FailNext refuses the next calls of a method for these reasons, before anything is done; nil lets one pass. A reason is
// a sentinel of package cloud or servicedesk: with cloud.ErrUnknownOutcome, it is a request that was lost on its way.
// A further order of this kind, or of LoseNext, is for the calls after those.
func (m *Memory) FailNext(method string, reasons ...error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range reasons {
		m.faults[method] = append(m.faults[method], fault{reason: r})
	}
}

// LoseNext carries the next call of a method out and loses the answer: cloud.ErrUnknownOutcome for what changes
// something, cloud.ErrUnavailable for a look.
func (m *Memory) LoseNext(method string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[method] = append(m.faults[method], fault{lost: true})
}

// Drop makes the desk forget, from now on and without a word, parts of what it is told: subject, severity,
// requested_resolution_at, project, affected_resources, watchers, links, fields.<name>, description, external_key.
func (m *Memory) Drop(parts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.drops)
	for _, p := range parts {
		m.drops[p] = true
	}
}

// Forbid refuses, from now on, Transition to these statuses alone.
func (m *Memory) Forbid(statuses ...servicedesk.Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.forbidden)
	for _, s := range statuses {
		m.forbidden[s] = true
	}
}

// Lag makes FindByKey and Search find what is filed from now on only that much later. Get shows it at once.
func (m *Memory) Lag(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lag = d
}

// IgnoreFilter makes FindByKey answer all own tickets, whatever their key, as a careless driver of some desks would.
func (m *Memory) IgnoreFilter(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ignoresFilter = on
}

// Hook calls f before and after each call is carried out, in the goroutine of the call and without a lock: it may wait,
// or call the desk itself, such as to file a rival's ticket between two steps. Its own calls are hooked too. Nil ends it.
func (m *Memory) Hook(f func(Call)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hook = f
}

// Edit changes a ticket in any way, as the desk's people do; what follows from NativeStatus is worked out, and another
// NativeStatus, also one that the mapping does not have, gets into the history.
func (m *Memory) Edit(id servicedesk.ID, change func(*servicedesk.Ticket)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.record(id)
	if r == nil {
		panic("no ticket " + id)
	}
	before := r.ticket.NativeStatus
	change(&r.ticket)
	m.touch(r)
	if after := r.ticket.NativeStatus; after != before {
		m.note(r, servicedesk.Event{Kind: servicedesk.EventStatus, Author: staff, FromNative: before, ToNative: after})
	}
}

// run carries one call out, with what was ordered to befall it.
func run[T any](ctx context.Context, d *memoryDesk, c Call, writes bool, do func(*Call) (T, error)) (T, error) {
	var none T
	c.Account = d.account
	f, hook := d.m.begin(c.Method)
	if hook != nil {
		hook(c)
	}
	if err := ctx.Err(); err != nil {
		return none, d.refuse(cloud.ErrUnavailable, "Interrupted.", err)
	}
	if f.reason != nil {
		return none, d.refuse(f.reason, "It was ordered to fail.", nil)
	}
	d.m.mu.Lock()
	out, err := do(&c)
	d.m.mu.Unlock()
	if hook != nil {
		c.Done = true
		hook(c)
	}
	if f.lost || ctx.Err() != nil {
		reason := cloud.ErrUnavailable
		if writes {
			reason = cloud.ErrUnknownOutcome
		}
		return none, d.refuse(reason, "The answer was lost.", ctx.Err())
	}
	return out, err
}

// begin counts a call and finds out what is to befall it.
func (m *Memory) begin(method string) (fault, func(Call)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[method]++
	var f fault
	if left := m.faults[method]; len(left) > 0 {
		f, m.faults[method] = left[0], left[1:]
	}
	return f, m.hook
}

// refuse makes the error of a refusal.
func (d *memoryDesk) refuse(reason error, text string, cause error) error {
	return &cloud.Error{Reason: reason, Operator: d.m.options.Name, Text: text, Cause: cause}
}

// refuseField makes the error of a refusal because of one field.
func (d *memoryDesk) refuseField(pointer, text string) error {
	err := d.refuse(cloud.ErrInvalid, text, nil)
	var e *cloud.Error
	if errors.As(err, &e) {
		e.Fields = []cloud.FieldError{{Pointer: pointer, Text: text}}
	}
	return err
}
