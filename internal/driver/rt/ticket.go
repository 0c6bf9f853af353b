package rt

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// keyLink begins the link by which a ticket is found, unclaimedLink the one that says that nobody has claimed it.
	keyLink       = "vdam://ticket/"
	unclaimedLink = "vdam://unclaimed/"
	ownLinks      = "vdam://"
)

// linkRefs are how RT shows the links of the model; linkNames how it takes them.
var (
	linkRefs = map[text]servicedesk.LinkType{
		"refers-to": servicedesk.LinkRefersTo, "depends-on": servicedesk.LinkDependsOn, "parent": servicedesk.LinkParent,
	}
	linkNames = map[servicedesk.LinkType]string{
		servicedesk.LinkRefersTo: "RefersTo", servicedesk.LinkDependsOn: "DependsOn", servicedesk.LinkParent: "MemberOf",
	}
)

// Get answers a ticket. Of one that was merged, RT answers the ticket that it was merged into, as if that were it.
func (d *desk) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	r, version, err := d.record(ctx, id)
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	return d.ticket(ctx, r, version)
}

// record reads a ticket as RT has it, with its ETag.
func (d *desk) record(ctx context.Context, id servicedesk.ID) (record, string, error) {
	var r record
	if _, ok := ticketID(string(id)); !ok {
		return r, "", d.missing(string(id))
	}
	a, err := d.read(ctx, "/ticket/"+string(id), url.Values{"fields[Queue]": {"Name"}}, &whole{&r})
	return r, a.Header.Get("ETag"), err
}

// whole is a ticket whose answer has what every ticket has.
type whole struct{ *record }

// UnmarshalJSON implements json.Unmarshaler.
func (w *whole) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, w.record); err != nil {
		return err
	}
	if _, ok := ticketID(string(w.ID)); !ok || w.Status == "" {
		return errors.New("no ticket")
	}
	return nil
}

// ticket maps a record. Links are only seen of a whole one.
func (d *desk) ticket(ctx context.Context, r record, version string) (servicedesk.Ticket, error) {
	account, err := d.account(ctx)
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	content, err := d.content(ctx, r)
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	key := d.keyOf(r)
	queue := cmp.Or(string(r.Queue.Name), d.queues.name(string(r.Queue.ID)))
	kind := d.mapping.TypeOf(queue)
	meaning := d.mapping.Meaning(kind, string(r.Status))
	t := servicedesk.Ticket{
		ID: servicedesk.ID(r.ID), Key: key, Claimed: !r.refersTo(unclaimedLink + key), Own: sameUser(string(r.Creator.ID), account),
		Type: kind, Content: content,
		Number: string(r.ID), URL: d.endpoint + "/Ticket/Display.html?id=" + string(r.ID), Version: version,
		Queue: queue, Status: meaning.Status, NativeStatus: string(r.Status), Approval: meaning.Approval, Awaiting: meaning.Awaiting,
		Priority: string(r.Priority), CreatedAt: r.Created.Time, UpdatedAt: r.LastUpdated.Time,
	}
	if !sameUser(string(r.Owner.ID), nobody) {
		t.Assignee = string(r.Owner.ID)
	}
	if meaning.Status.Terminal() { // RT keeps the time of an end that was undone.
		t.ResolvedAt = r.Resolved.Time
	}
	return t, nil
}

// content is the requester's part of a record. RT does not tell the description with a ticket.
func (d *desk) content(ctx context.Context, r record) (servicedesk.Content, error) {
	names := d.mapping.Fields
	c := servicedesk.Content{
		Subject: string(r.Subject), RequestedResolutionAt: r.Due.Time, Links: r.links(),
		Severity: servicedesk.Severity(r.place(names.Severity)), Project: r.place(names.Project),
	}
	if names.AffectedResources != "" {
		c.AffectedResources = slices.Sorted(slices.Values(r.values(names.AffectedResources)))
	}
	for _, f := range r.CustomFields {
		name := string(f.Name)
		if value := r.field(name); value != "" && d.partOf(name) == "" {
			if c.Fields == nil {
				c.Fields = make(map[string]string)
			}
			c.Fields[name] = value
		}
	}
	for _, u := range r.Cc {
		address, err := d.address(ctx, u)
		if err != nil {
			return c, err
		}
		if address != "" {
			c.Watchers = append(c.Watchers, address)
		}
	}
	slices.Sort(c.Watchers)
	var err error
	c.Requester, err = d.requester(ctx, r)
	return c, err
}

// place is the value of a field that holds a part of the model; empty if none does.
func (r record) place(name string) string {
	if name == "" {
		return ""
	}
	return r.field(name)
}

// partOf is the part of the model that a custom field holds, as the model calls it; empty if it is none of the driver's.
func (d *desk) partOf(field string) string {
	names := d.mapping.Fields
	switch field {
	case "":
		return ""
	case names.ExternalKey:
		return "external_key"
	case names.Severity:
		return "severity"
	case names.Project:
		return "project"
	case names.AffectedResources:
		return "affected_resources"
	}
	return ""
}

// keyOf is the key that a record was filed with. One into which others were merged has links of them all, and the field
// tells which is its own.
func (d *desk) keyOf(r record) string {
	field := r.place(d.mapping.Fields.ExternalKey)
	var keys []string
	for _, l := range r.Links {
		if key, ok := strings.CutPrefix(string(l.URL), keyLink); ok && l.Ref == "refers-to" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 || slices.Contains(keys, field) {
		return field
	}
	return slices.Min(keys)
}

// refersTo reports whether a record has a link to an address.
func (r record) refersTo(address string) bool {
	return slices.ContainsFunc(r.Links, func(l hyperlink) bool { return l.Ref == "refers-to" && string(l.URL) == address })
}

// links are the requester's, in an order that does not change from one look to the next, as RT's does.
func (r record) links() []servicedesk.Link {
	var out []servicedesk.Link
	for _, l := range r.Links {
		kind, ok := linkRefs[l.Ref]
		if !ok || strings.HasPrefix(string(l.URL), ownLinks) {
			continue
		}
		target := string(l.URL)
		if l.Type == "ticket" {
			target = string(l.ID)
		}
		out = append(out, servicedesk.Link{Type: kind, Target: target})
	}
	slices.SortFunc(out, func(a, b servicedesk.Link) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target, b.Target))
	})
	return out
}

// gone reports whether an error says that a ticket cannot be seen.
func gone(err error) bool {
	return errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden)
}
