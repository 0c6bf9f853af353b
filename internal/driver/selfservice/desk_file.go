package selfservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// keyPattern is the contract's. It keeps a key from being no header.
var keyPattern = regexp.MustCompile(`^[a-z0-9:._/-]{8,200}$`)

// Create implements servicedesk.Desk.
func (d *desk) Create(ctx context.Context, t servicedesk.NewTicket) (id servicedesk.ID, err error) {
	if !keyPattern.MatchString(t.Key) {
		return "", d.noSuchKey(t.Key)
	}
	params := &api.CreateTicketParams{IdempotencyKey: t.Key}
	body := d.order(t)
	err = d.write(func() (*http.Response, error) { return d.client.CreateTicket(ctx, d.project, params, body) }, func(a answer) error {
		made, err := d.decodeTicket(a)
		id = made.ID
		return err
	})
	if err != nil {
		return "", asksFor(err)
	}
	return id, nil
}

// order is a ticket as it is sent.
func (d *desk) order(t servicedesk.NewTicket) api.TicketCreate {
	o := api.TicketCreate{
		TicketType: api.TicketType(t.Type), Queue: optional(t.Queue), Subject: t.Subject, Description: optional(t.Description),
		Severity: optional(api.TicketSeverity(t.Severity)), Requester: optional(t.Requester), ProjectName: optional(t.Project),
		Watchers: list(t.Watchers), AffectedResources: list(t.AffectedResources), Links: list(links(t.Links)),
	}
	if t.Queue == "" {
		o.Queue = optional(d.described.Mapping.Types[t.Type].Queue)
	}
	if !t.RequestedResolutionAt.IsZero() {
		o.RequestedResolutionAt = &t.RequestedResolutionAt
	}
	if len(t.Fields) > 0 {
		fields := api.TicketFields(t.Fields)
		o.Fields = &fields
	}
	return o
}

func links(all []servicedesk.Link) (out []api.TicketLink) {
	for _, l := range all {
		out = append(out, api.TicketLink{Type: api.TicketLinkType(l.Type), Target: l.Target})
	}
	return out
}

func (d *desk) noSuchKey(key string) error {
	return &cloud.Error{
		Reason: cloud.ErrInvalid, Operator: d.operator,
		Text: fmt.Sprintf("%q cannot be the key of a ticket.", driver.OneLine(key, driver.LineLimit)),
		Fields: []cloud.FieldError{{
			Pointer: "/external_key", Text: "A key is 8 to 200 characters of a-z, 0-9, ':', '.', '_', '/' and '-'.",
		}},
	}
}

// FindByKey implements servicedesk.Desk. A ticket that was merged into another has that one's content.
func (d *desk) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	if !keyPattern.MatchString(key) {
		return nil, d.noSuchKey(key)
	}
	own, limit := true, pageSize
	params := &api.ListTicketsParams{Limit: &limit, ExternalKey: &key, Own: &own}
	var found []servicedesk.Ticket
	for rep, err := range d.list(ctx, params) {
		if err != nil {
			return nil, err
		}
		if deref(rep.ExternalKey) != key || !rep.Own {
			continue // The desk has ignored a filter.
		}
		t := d.ticket(&rep)
		if rep.MergedInto != nil {
			if t, err = d.merged(ctx, t); err != nil {
				return nil, err
			}
		}
		found = append(found, t)
	}
	return found, nil
}

// merged is a ticket with what is the case since it was merged into another.
func (d *desk) merged(ctx context.Context, t servicedesk.Ticket) (servicedesk.Ticket, error) {
	into, err := d.Get(ctx, t.ID)
	switch {
	case errors.Is(err, cloud.ErrNotFound), errors.Is(err, cloud.ErrForbidden):
		return t, nil // Nobody sees more than that it was merged.
	case err != nil:
		return t, err
	}
	into.ID, into.Key, into.Own = t.ID, t.Key, t.Own
	return into, nil
}

// Claim implements servicedesk.Desk. The desk makes one ticket of a key, so that a ticket has only to be there.
func (d *desk) Claim(ctx context.Context, id servicedesk.ID, _ string) error {
	_, err := d.Get(ctx, id)
	return err
}

// Get implements servicedesk.Desk.
func (d *desk) Get(ctx context.Context, id servicedesk.ID) (t servicedesk.Ticket, err error) {
	if !validID(string(id)) {
		return t, d.noSuchID(string(id))
	}
	err = d.read(func() (*http.Response, error) { return d.client.GetTicket(ctx, d.project, string(id)) }, func(a answer) (err error) {
		t, err = d.decodeTicket(a)
		return err
	})
	return t, err
}
