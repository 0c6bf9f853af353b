package rt

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Update changes a ticket by one request, unless it has changed since it was read. RT looks at that before it writes and
// locks nothing, so that of two changes at the very same time both can be made. The description cannot be changed.
func (d *desk) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	if _, ok := ticketID(string(from.ID)); !ok {
		return d.missing(string(from.ID))
	}
	c.Description = nil
	if c.Empty() {
		return nil
	}
	q, err := d.queue(ctx, from.Queue)
	if err != nil && !gone(err) {
		return err
	}
	o := d.newOrder(q)
	o.change(c)
	match := from.Version
	if len(c.AddWatchers)+len(c.RemoveWatchers) > 0 {
		if match, err = o.watchers(ctx, from, c); err != nil {
			return err
		}
	}
	body, err := o.finish()
	if err != nil || len(body) == 0 {
		return err
	}
	var sentences []text
	_, err = d.send(ctx, request{method: http.MethodPut, path: "/ticket/" + string(from.ID), body: body, match: match}, &sentences)
	if errors.Is(err, cloud.ErrConflict) { // RT says the same of a ticket that is not there.
		if _, _, lookErr := d.record(ctx, from.ID); gone(lookErr) {
			return lookErr
		}
	}
	return err
}

// change puts everything but people.
func (o *order) change(c servicedesk.Change) {
	if c.Subject != nil {
		o.subject(*c.Subject)
	}
	if c.RequestedResolutionAt != nil {
		o.set("Due", stamp(*c.RequestedResolutionAt))
	}
	if c.Severity != nil {
		o.severity(*c.Severity)
	}
	if c.Project != nil {
		o.project(*c.Project)
	}
	if c.AffectedResources != nil {
		o.resources(*c.AffectedResources)
	}
	o.own(c.Fields)
	o.links("Add", c.AddLinks)
	o.links("Delete", c.RemoveLinks)
}

// watchers puts those that the ticket is to have. RT takes only all of them at once, so that they are read right before,
// by the names by which RT knows them, and the change is bound to what was read.
func (o *order) watchers(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) (version string, err error) {
	d := o.desk
	r, version, err := d.record(ctx, from.ID)
	if err != nil {
		return "", err
	}
	if r.ID != text(from.ID) || from.Version != "" && from.Version != version {
		return "", d.failure(cloud.ErrConflict, "The ticket has changed since it was read")
	}
	cc, known := []string{}, []string{}
	for _, u := range r.Cc {
		address, err := d.address(ctx, u)
		if err != nil {
			return "", err
		}
		has := func(who string) bool { return sameUser(who, address) || sameUser(who, string(u.ID)) }
		if u.Type != "group" && slices.ContainsFunc(c.RemoveWatchers, has) {
			continue
		}
		if u.Type != "group" && digits(string(u.ID)) {
			return "", d.failure(cloud.ErrUnsupported,
				"The account %s watches the ticket, and RT would take its name for the number of another account; change the watchers in RT", u.ID)
		}
		cc, known = append(cc, string(u.ID)), append(known, address)
	}
	for _, who := range c.AddWatchers {
		if err := d.checkPerson(ctx, "/watchers", who, &o.problems); err != nil {
			return "", err
		}
		if !slices.ContainsFunc(append(slices.Clone(cc), known...), func(has string) bool { return sameUser(has, who) }) {
			cc = append(cc, who)
		}
	}
	o.set("Cc", cc)
	return version, nil
}
