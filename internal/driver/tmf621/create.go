package tmf621

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Create files a ticket by one request, with its key and the mark that nobody has claimed it. A desk that only promises
// to make it does not say which it will be: that is an unknown outcome, as a lost answer is.
func (d *desk) Create(ctx context.Context, t servicedesk.NewTicket) (servicedesk.ID, error) {
	body, err := d.newTicket(t)
	if err != nil {
		return "", err
	}
	var made ticket
	r := request{method: http.MethodPost, body: body, media: plainJSON}
	a, err := d.do(ctx, r, &made)
	if err == nil || errors.Is(err, errGarbled) {
		if id := cmp.Or(string(made.ID), located(a)); validID(id) {
			return servicedesk.ID(id), nil // The answer's body may have been lost, and its head not.
		}
	}
	var e *cloud.Error
	switch {
	case err == nil && silent(a):
		return "", d.refused(cloud.ErrUnknownOutcome, "It has accepted the ticket, without saying which it will be.", "")
	case err == nil:
		return "", d.garbled(a, errors.New("it does not say which ticket was made"), r)
	case errors.Is(err, cloud.ErrNotFound) && errors.As(err, &e):
		e.Reason = cloud.ErrInvalid // Something that the ticket refers to is not there.
	}
	return "", err
}

// located is the id in the address of what was made.
func located(a driver.Answer) string {
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.Status != http.StatusCreated || u.Path == "" || path.Base(u.Path) == path.Base(collection) {
		return ""
	}
	return path.Base(u.Path)
}

// newTicket is a TroubleTicket_FVO, in v4 a TroubleTicket_Create, with everything that is to be in it.
func (d *desk) newTicket(t servicedesk.NewTicket) (map[string]any, error) {
	ticketType := cmp.Or(t.Queue, d.mapping.Types[t.Type].Queue)
	if ticketType == "" {
		return nil, d.invalid("/type", fmt.Sprintf("The desk's mapping has no ticketType for tickets of the type %q.", t.Type))
	}
	if err := d.checkFields(t.Fields); err != nil {
		return nil, err
	}
	body := d.version.typed("TroubleTicket", map[string]any{
		"name": t.Subject, "ticketType": ticketType,
		// Both are required.
		"description": cmp.Or(t.Description, t.Subject), "severity": severities[cmp.Or(t.Severity, servicedesk.SeverityMinor)],
	})
	if t.Key != "" {
		d.version.identify(body, d.mapping.Fields.ExternalKey, t.Key, false, nil)
	}
	if !t.RequestedResolutionAt.IsZero() {
		body["requestedResolutionDate"] = stamp(t.RequestedResolutionAt)
	}
	if entities := d.entities(nil, t.Project, t.AffectedResources, t.Links); len(entities) > 0 {
		body["relatedEntity"] = entities
	}
	if parties := d.parties(t); len(parties) > 0 {
		body["relatedParty"] = parties
	}
	if related := d.related(nil, t.Links, nil); len(related) > 0 {
		body["troubleTicketRelationship"] = related
	}
	if own := d.characteristics(nil, t.Fields); len(own) > 0 {
		body["troubleTicketCharacteristic"] = own
	}
	return body, nil
}

// parties are who has to do with a new ticket.
func (d *desk) parties(t servicedesk.NewTicket) []any {
	out := d.watched(nil, t.Watchers, nil)
	if d.account != "" {
		out = append(out, d.version.party(roleOriginator, d.account))
	}
	if t.Requester != "" {
		out = append(out, d.version.party(roleReporter, t.Requester))
	}
	return out
}

// Claim takes the mark off the key's type, and looks whether the desk has done so.
func (d *desk) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	t, _, err := d.ticket(ctx, string(id), d.version.keyFields())
	if err != nil {
		return err
	}
	if string(t.ID) != string(id) {
		return d.merged(string(id), t)
	}
	if has, claimed := d.key(t); has == key && claimed {
		return nil
	}
	keyType := d.mapping.Fields.ExternalKey
	others := without(t.Identifiers, func(i identifier) bool { return string(i.Type) == keyType || string(i.Type) == keyType+unclaimed })
	changes := make(map[string]any, 2)
	d.version.identify(changes, keyType, key, true, others)
	accepted, err := d.merge(ctx, id, changes)
	if err != nil {
		return err
	}
	if t, _, err = d.ticket(ctx, string(id), d.version.keyFields()); err != nil {
		return err
	}
	switch has, claimed := d.key(t); {
	case has == key && claimed:
		return nil
	case accepted:
		return d.promised(string(id))
	}
	return d.refused(cloud.ErrForbidden, fmt.Sprintf("The desk did not take the key of ticket %s, and did not say why.", id),
		"Ask the desk's operator to let the account change the external identifiers of its own tickets.")
}
