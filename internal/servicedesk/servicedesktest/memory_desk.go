package servicedesktest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// memoryDesk is a Memory as one account sees it.
type memoryDesk struct {
	m       *Memory
	account string
}

var _ servicedesk.Desk = (*memoryDesk)(nil)

func (d *memoryDesk) Describe() servicedesk.Description {
	o := d.m.options
	out := servicedesk.Description{
		Name: o.Name, Kind: "memory", Endpoint: "memory://" + o.Name, Product: "Memory", Account: d.account, Mapping: d.m.mapping(),
		Capabilities: servicedesk.Capabilities{
			AtomicKeys: o.AtomicKeys, EditsDescription: !o.FixedDescription, History: !o.NoHistory, InternalMessages: true,
			Attachments: true, Requesters: true, DatesOnly: o.DatesOnly, MaxSubject: maxSubject, ServerTimeout: o.ServerTimeout,
		},
	}
	for _, typ := range servicedesk.Types {
		out.Queues = append(out.Queues, servicedesk.Queue{Name: out.Mapping.Types[typ].Queue, Fields: []string{impact}})
	}
	return out
}

func (d *memoryDesk) Create(ctx context.Context, n servicedesk.NewTicket) (servicedesk.ID, error) {
	return run(ctx, d, Call{Method: "Create", Key: n.Key}, true, func(c *Call) (servicedesk.ID, error) {
		queue, err := d.accept(n)
		if err != nil {
			return "", err
		}
		if d.m.options.AtomicKeys {
			for _, r := range d.m.records {
				if r.account != d.account || r.ticket.Key != n.Key {
					continue
				}
				if into, err := d.seen(r.ticket.ID); err == nil && !d.m.view(into, d.account).Status.Terminal() {
					c.ID = into.ticket.ID
					return c.ID, nil
				}
			}
		}
		c.ID = d.add(n, queue)
		return c.ID, nil
	})
}

// accept checks an order and finds its queue.
func (d *memoryDesk) accept(n servicedesk.NewTicket) (string, error) {
	types := d.m.mapping().Types
	queue := n.Queue
	if queue == "" {
		queue = types[n.Type].Queue
	}
	switch {
	case queue == "":
		return "", d.refuseField("/type", "There is no such type.")
	case queue == closedQueue:
		return "", d.refuse(cloud.ErrForbidden, "No rights in this queue.", nil)
	case d.m.mapping().TypeOf(queue) == "":
		return "", d.refuseField("/queue", "There is no such queue.")
	}
	return queue, d.acceptParts(n.Subject, n.Fields)
}

func (d *memoryDesk) acceptParts(subject string, fields map[string]string) error {
	if subject == "" || strings.ContainsAny(subject, "\r\n") || utf8.RuneCountInString(subject) > maxSubject {
		return d.refuseField("/subject", "A subject is one line of at most 200 letters.")
	}
	for name := range fields {
		if name != impact {
			return d.refuseField("/fields/"+name, "There is no such field.")
		}
	}
	return nil
}

// add makes a ticket.
func (d *memoryDesk) add(n servicedesk.NewTicket, queue string) servicedesk.ID {
	id := strconv.Itoa(len(d.m.records) + 1)
	at := now()
	t := servicedesk.Ticket{
		ID: servicedesk.ID(id), Number: "M" + id, URL: "memory://" + d.m.options.Name + "/" + id, Queue: queue,
		Type: d.m.mapping().TypeOf(queue), NativeStatus: "new", CreatedAt: at, UpdatedAt: at,
	}
	if t.Type == servicedesk.TypeChange && d.m.options.Approvals {
		t.NativeStatus = "requested"
	}
	if !d.m.drops["external_key"] {
		t.Key = n.Key
	}
	if t.Requester = n.Requester; t.Requester == "" {
		t.Requester = d.account
	}
	d.m.apply(&t, servicedesk.Change{
		Subject: &n.Subject, Description: &n.Description, Severity: &n.Severity, Project: &n.Project, Fields: n.Fields,
		RequestedResolutionAt: &n.RequestedResolutionAt, AffectedResources: &n.AffectedResources,
		AddWatchers: n.Watchers, AddLinks: n.Links,
	})
	r := &record{ticket: t, account: d.account, version: 1, foundFrom: at.Add(d.m.lag)}
	d.m.records = append(d.m.records, r)
	d.m.note(r, servicedesk.Event{Kind: servicedesk.EventCreated, Author: d.account, ToNative: t.NativeStatus})
	return t.ID
}

// seen finds a ticket, also through its having been merged.
func (d *memoryDesk) seen(id servicedesk.ID) (*record, error) {
	r := d.m.record(id)
	for r != nil && r.mergedInto != nil {
		r = r.mergedInto
	}
	switch {
	case r == nil || r.deleted:
		return nil, d.refuse(cloud.ErrNotFound, "There is no such ticket.", nil)
	case r.hidden:
		return nil, d.refuse(cloud.ErrForbidden, "No rights in this queue.", nil)
	}
	return r, nil
}

func (d *memoryDesk) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	_, err := run(ctx, d, Call{Method: "Claim", ID: id, Key: key}, true, func(*Call) (any, error) {
		r, err := d.seen(id)
		if err != nil || r.ticket.Claimed {
			return nil, err
		}
		r.ticket.Claimed = true
		d.m.touch(r)
		return nil, nil
	})
	return err
}

func (d *memoryDesk) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	_, err := run(ctx, d, Call{Method: "Update", ID: from.ID}, true, func(*Call) (any, error) {
		r, err := d.seen(from.ID)
		if err != nil || c.Empty() {
			return nil, err
		}
		subject := r.ticket.Subject
		if c.Subject != nil {
			subject = *c.Subject
		}
		if err := d.acceptParts(subject, c.Fields); err != nil {
			return nil, err
		}
		if !d.m.options.NoVersions && from.Version != strconv.Itoa(r.version) {
			return nil, d.refuse(cloud.ErrConflict, "Somebody has changed it meanwhile.", nil)
		}
		if d.m.options.FixedDescription {
			c.Description = nil
		}
		d.m.apply(&r.ticket, c)
		d.m.touch(r)
		d.m.note(r, servicedesk.Event{Kind: servicedesk.EventOther, Author: d.account})
		return nil, nil
	})
	return err
}

func (d *memoryDesk) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, words servicedesk.Message) error {
	_, err := run(ctx, d, Call{Method: "Transition", ID: t.ID}, true, func(*Call) (any, error) {
		r, err := d.seen(t.ID)
		if err != nil {
			return nil, err
		}
		status := d.m.view(r, d.account).Status
		if d.m.forbidden[to] || status.Terminal() && (status != servicedesk.StatusResolved || to != servicedesk.StatusClosed) {
			return nil, d.refuse(servicedesk.ErrTransition, "A ticket that is "+r.ticket.NativeStatus+" cannot be "+string(to)+".", nil)
		}
		m := d.m.mapping().Types[r.ticket.Type]
		native := m.CancelStatus
		if to == servicedesk.StatusClosed {
			native = m.CloseStatus
		}
		d.m.move(r, native, d.account, words)
		return nil, nil
	})
	return err
}

func (d *memoryDesk) Say(ctx context.Context, id servicedesk.ID, words servicedesk.Message) (string, error) {
	return run(ctx, d, Call{Method: "Say", ID: id}, true, func(*Call) (string, error) {
		r, err := d.seen(id)
		if err != nil {
			return "", err
		}
		d.m.touch(r)
		return d.m.note(r, servicedesk.Event{Kind: servicedesk.EventMessage, Author: d.account, Message: words}), nil
	})
}

func (d *memoryDesk) Attach(ctx context.Context, id servicedesk.ID, f servicedesk.File) (string, error) {
	return run(ctx, d, Call{Method: "Attach", ID: id}, true, func(*Call) (string, error) {
		r, err := d.seen(id)
		if err != nil {
			return "", err
		}
		d.m.serial++
		sum := sha256.Sum256(f.Content)
		a := servicedesk.Attachment{
			ID: "f" + strconv.Itoa(d.m.serial), Name: f.Name, ContentType: f.ContentType, SizeBytes: int64(len(f.Content)),
			SHA256: hex.EncodeToString(sum[:]), CreatedAt: now(),
		}
		r.files = append(r.files, a)
		d.m.touch(r)
		d.m.note(r, servicedesk.Event{Kind: servicedesk.EventOther, Author: d.account})
		return a.ID, nil
	})
}

func (d *memoryDesk) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	return run(ctx, d, Call{Method: "Attachments", ID: id}, false, func(*Call) ([]servicedesk.Attachment, error) {
		r, err := d.seen(id)
		if err != nil {
			return nil, err
		}
		return slices.Clone(r.files), nil
	})
}

func (d *memoryDesk) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	return run(ctx, d, Call{Method: "History", ID: t.ID}, false, func(*Call) ([]servicedesk.Event, error) {
		r, err := d.seen(t.ID)
		if err != nil {
			return nil, err
		}
		events := slices.Clone(r.events)
		for i := range events {
			events[i].Own, events[i].Staff = events[i].Author == d.account, events[i].Author == staff
		}
		return events, nil
	})
}
