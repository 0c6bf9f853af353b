package tmf621

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Get answers a ticket. Merging is nothing that the API knows; a desk that merges nevertheless shows under the old id the
// ticket that is left, whose own id tells.
func (d *desk) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	t, etag, err := d.ticket(ctx, string(id), d.version.contentFields())
	if err != nil {
		return servicedesk.Ticket{}, err
	}
	return d.read(t, etag), nil
}

// read is a ticket in the model's words.
func (d *desk) read(t ticket, etag string) servicedesk.Ticket {
	out := servicedesk.Ticket{
		ID: servicedesk.ID(t.ID), Number: string(t.ID), URL: d.address(t), Version: cmp.Or(etag, t.LastUpdate.raw), Own: d.own(t),
		Type: d.mapping.TypeOf(string(t.TicketType)), Queue: string(t.TicketType),
		NativeStatus: string(t.Status), StatusReason: string(t.StatusChangeReason), Priority: string(t.Priority),
		CreatedAt: t.CreationDate.at, UpdatedAt: cmp.Or(t.LastUpdate.at, t.CreationDate.at), ExpectedResolutionAt: t.Expected.at,
	}
	out.Key, out.Claimed = d.key(t)
	meaning := d.mapping.Meaning(out.Type, out.NativeStatus)
	out.Status, out.Approval, out.Awaiting = meaning.Status, meaning.Approval, meaning.Awaiting
	if out.Status.Terminal() {
		out.ResolvedAt, out.Resolution = t.Resolved.at, out.StatusReason
	}
	out.Content = servicedesk.Content{
		Subject: string(t.Name), Description: string(t.Description), RequestedResolutionAt: t.Requested.at, Links: d.links(t),
	}
	severity := servicedesk.Severity(strings.ToLower(string(t.Severity)))
	if slices.Contains(servicedesk.Severities, severity) {
		out.Severity = severity
	}
	for _, c := range each[characteristic](t.Characteristics) {
		if value := c.String(); c.Name != "" && value != "" {
			if out.Fields == nil {
				out.Fields = make(map[string]string)
			}
			out.Fields[string(c.Name)] = value
		}
	}
	d.readEntities(t, &out)
	d.readParties(t, &out)
	return out
}

// address is where the ticket is; the API tells no other than its own.
func (d *desk) address(t ticket) string {
	if u, err := url.Parse(string(t.Href)); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		return u.String()
	}
	return d.endpoint + collection + "/" + url.PathEscape(string(t.ID))
}

// key is the one that a ticket was filed with, and whether it is claimed.
func (d *desk) key(t ticket) (key string, claimed bool) {
	keyType := d.mapping.Fields.ExternalKey
	for _, i := range each[identifier](t.Identifiers) {
		switch string(i.Type) {
		case keyType:
			return string(i.ID), true
		case keyType + unclaimed:
			key = string(i.ID)
		}
	}
	if id, ok := strings.CutPrefix(string(t.ExternalID), keyType+":"); ok {
		return id, true
	}
	if id, ok := strings.CutPrefix(string(t.ExternalID), keyType+unclaimed+":"); ok {
		return id, false
	}
	return key, false
}

// own reports whether the account has filed a ticket: it has a key, and names nobody else as its originator.
func (d *desk) own(t ticket) bool {
	key, _ := d.key(t)
	if key == "" || d.account == "" {
		return key != ""
	}
	by, told := originator(t)
	return !told || samePerson(by, d.account)
}

// originator is who has filed a ticket, if the desk tells.
func originator(t ticket) (ref, bool) {
	for _, p := range each[party](t.Parties) {
		if p.is(roleOriginator) {
			return p.target(), true
		}
	}
	return ref{}, false
}

func samePerson(r ref, name string) bool {
	return strings.EqualFold(string(r.ID), name) || strings.EqualFold(string(r.Name), name)
}

// readEntities takes apart what a ticket is about.
func (d *desk) readEntities(t ticket, out *servicedesk.Ticket) {
	for _, e := range each[entity](t.Entities) {
		target := cmp.Or(string(e.target().ID), string(e.target().Name))
		switch role := string(e.Role); {
		case target == "" || role == "":
		case role == d.mapping.Fields.Project && out.Project == "":
			out.Project = target
		case role == d.mapping.Fields.AffectedResources:
			out.AffectedResources = append(out.AffectedResources, target)
		}
	}
	slices.Sort(out.AffectedResources)
	out.AffectedResources = slices.Compact(out.AffectedResources)
}

// readParties finds who has to do with a ticket. Who has filed it is the requester unless somebody else is named.
func (d *desk) readParties(t ticket, out *servicedesk.Ticket) {
	filedBy, owner := "", ""
	for _, p := range each[party](t.Parties) {
		switch r := p.target(); {
		case p.is(roleReporter):
			out.Requester = cmp.Or(out.Requester, r.address())
		case p.is(roleOriginator):
			filedBy = r.address()
		case p.is(roleWatcher) && r.address() != "":
			out.Watchers = append(out.Watchers, r.address())
		case p.is(roleAssignee):
			out.Assignee = r.label()
		case p.is(roleOwner):
			owner = r.label()
		}
	}
	if out.Own {
		filedBy = cmp.Or(filedBy, d.account)
	}
	out.Requester = cmp.Or(out.Requester, filedBy)
	out.Assignee = cmp.Or(out.Assignee, owner)
	slices.Sort(out.Watchers)
	out.Watchers = slices.Compact(out.Watchers)
}

// links are to other tickets, and to what has an address. They are sorted.
func (d *desk) links(t ticket) []servicedesk.Link {
	var out []servicedesk.Link
	for _, r := range each[relationship](t.Relationships) {
		if typ := r.link(); typ != "" && r.ID != "" {
			out = append(out, servicedesk.Link{Type: typ, Target: string(r.ID)})
		}
	}
	for _, e := range each[entity](t.Entities) {
		if typ := linkType(linkRoles, string(e.Role)); typ != "" && e.target().ID != "" {
			out = append(out, servicedesk.Link{Type: typ, Target: string(e.target().ID)})
		}
	}
	slices.SortFunc(out, compareLinks)
	return slices.Compact(out)
}

func compareLinks(a, b servicedesk.Link) int {
	return cmp.Or(strings.Compare(string(a.Type), string(b.Type)), strings.Compare(a.Target, b.Target))
}

// link is what a relationship is among the model's links, empty if it is another one.
func (r relationship) link() servicedesk.LinkType { return linkType(relationshipTypes, string(r.Type)) }

func linkType(words map[servicedesk.LinkType]string, word string) servicedesk.LinkType {
	for _, typ := range servicedesk.LinkTypes {
		if strings.EqualFold(words[typ], word) {
			return typ
		}
	}
	return ""
}
