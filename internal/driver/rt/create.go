package rt

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// created is RT's answer to a new ticket.
type created struct {
	ID text `json:"id"`
}

// Create files a ticket by one request, with its key and the mark that nobody has claimed it.
func (d *desk) Create(ctx context.Context, t servicedesk.NewTicket) (servicedesk.ID, error) {
	body, err := d.newTicket(ctx, t)
	if err != nil {
		return "", err
	}
	var c created
	a, err := d.send(ctx, request{method: http.MethodPost, path: "/ticket", body: body}, &c)
	d.filed()
	id := string(c.ID)
	if _, ok := ticketID(id); !ok {
		id = a.located() // The answer's body may have been lost, and its head not.
	}
	if _, ok := ticketID(id); ok && (err == nil || errors.Is(err, errGarbled)) {
		return servicedesk.ID(id), nil
	}
	if err == nil {
		err = d.garbled(a, errors.New("it does not say which ticket it has made"), request{method: http.MethodPost})
	}
	var e *cloud.Error
	if errors.As(err, &e) && errors.Is(err, cloud.ErrForbidden) {
		e.Fields = []cloud.FieldError{{Pointer: "/queue", Text: e.Text}}
	}
	return "", err
}

// newTicket makes the request's body, after it has seen that RT would take all of it. What RT does not take it drops.
func (d *desk) newTicket(ctx context.Context, t servicedesk.NewTicket) (map[string]any, error) {
	var p problems
	name := cmp.Or(t.Queue, d.mapping.Types[t.Type].Queue)
	if name == "" {
		p.add("/type", "The desk's mapping has no queue for the type %q", driver.OneLine(string(t.Type), driver.LineLimit))
		return nil, d.refused(p)
	}
	q, err := d.usable(ctx, name, &p)
	if err != nil {
		return nil, err
	}
	if err := d.refused(p); err != nil {
		return nil, err
	}
	o := d.newOrder(q)
	if err := d.checkPeople(ctx, t.Content, &o.problems); err != nil {
		return nil, err
	}
	requester := t.Requester
	if requester == "" {
		if requester, err = d.ourselves(ctx); err != nil {
			return nil, err
		}
	}
	o.set("Queue", name)
	o.subject(t.Subject)
	o.set("Content", t.Description)
	o.set("ContentType", "text/plain")
	if requester != "" {
		o.set("Requestor", []string{requester})
	}
	if len(t.Watchers) > 0 {
		o.set("Cc", t.Watchers)
	}
	if !t.RequestedResolutionAt.IsZero() {
		o.set("Due", stamp(t.RequestedResolutionAt))
	}
	o.newFields(t)
	o.links("", t.Links)
	if t.Key != "" {
		others, _ := o.body["RefersTo"].([]string)
		o.set("RefersTo", append([]string{keyLink + t.Key, unclaimedLink + t.Key}, others...))
	}
	return o.finish()
}

// newFields puts what a new ticket has in custom fields.
func (o *order) newFields(t servicedesk.NewTicket) {
	if t.Key != "" {
		o.place("external_key", o.desk.mapping.Fields.ExternalKey, o.desk.named.ExternalKey, t.Key)
	}
	if t.Severity != "" {
		o.severity(t.Severity)
	}
	if t.Project != "" {
		o.project(t.Project)
	}
	if len(t.AffectedResources) > 0 {
		o.resources(t.AffectedResources)
	}
	o.own(t.Fields)
}
