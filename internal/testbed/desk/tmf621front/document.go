package tmf621front

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// The front's words for what the API leaves open.
const (
	keyType      = "vdam"
	unclaimed    = "-unclaimed"
	roleProject  = "project"
	roleResource = "affectedResource"
	roleWatcher  = "watcher"
	roleReporter = "reporter"
	stranger     = "another account"
)

// ticketTypes are the model's types.
var ticketTypes = map[servicedesk.Type]string{
	servicedesk.TypeChange: "change", servicedesk.TypeIncident: "incident", servicedesk.TypeServiceRequest: "serviceRequest",
}

// nativeStatuses are the standard's.
var nativeStatuses = map[servicedesk.Status]string{
	servicedesk.StatusAcknowledged: "acknowledged", servicedesk.StatusInProgress: "inProgress", servicedesk.StatusPending: "pending",
	servicedesk.StatusHeld: "held", servicedesk.StatusResolved: "resolved", servicedesk.StatusClosed: "closed",
	servicedesk.StatusCancelled: "cancelled", servicedesk.StatusRejected: "rejected", servicedesk.StatusUnknown: "inProgress",
}

var relationshipTypes = map[servicedesk.LinkType]string{
	servicedesk.LinkRefersTo: "reference", servicedesk.LinkDependsOn: "dependency", servicedesk.LinkParent: "isChild",
}

var linkRoles = map[servicedesk.LinkType]string{
	servicedesk.LinkRefersTo: "reference", servicedesk.LinkDependsOn: "dependency", servicedesk.LinkParent: "parent",
}

// StatusOf is how a front shows a status of the model.
func StatusOf(s servicedesk.Status) string { return nativeStatuses[s] }

// quick are the fields of which a desk tells with the ticket; others take more looks at it.
var quick = []string{
	"id", "href", "name", "description", "severity", "ticketType", "status", "statusChangeReason", "priority", "creationDate", "lastUpdate",
	"requestedResolutionDate", "expectedResolutionDate", "resolutionDate", "externalId", "externalIdentifier", "relatedEntity",
	"relatedParty", "troubleTicketRelationship", "troubleTicketCharacteristic",
}

// object is JSON's.
type object = map[string]any

// document is a ticket as the API shows it; of what takes more looks at the desk, only what is among the fields. No fields
// are all of them.
func (f *Front) document(ctx context.Context, c call, t servicedesk.Ticket, fields []string) (object, error) {
	wants := func(names ...string) bool {
		return len(fields) == 0 || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(fields, n) })
	}
	doc := f.plain(c, t)
	f.people(c, t, doc)
	f.about(t, doc)
	if wants("note", "statusChangeHistory", "statusChange", "statusChangeDate") {
		if err := f.past(ctx, c, t, doc); err != nil {
			return nil, err
		}
	}
	if wants("attachment") {
		files, err := c.account.Desk.Attachments(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		list := []object{}
		for _, a := range files {
			list = append(list, f.typed("Attachment", object{
				"id": a.ID, "name": a.Name, "mimeType": a.ContentType, "attachmentType": "file",
				"url": str(doc["href"]) + "/attachment/" + a.ID, "size": object{"amount": a.SizeBytes, "units": "bytes"},
			}))
		}
		doc["attachment"] = list
	}
	return f.trimmed(doc, fields)
}

func (f *Front) typed(name string, o object) object {
	if f.options.Version == 5 {
		o["@type"] = name
	}
	return o
}

// plain are a ticket's simple fields.
func (f *Front) plain(c call, t servicedesk.Ticket) object {
	f.mu.Lock()
	claimed, description := f.claims[t.ID], f.descriptions[t.ID]
	f.mu.Unlock()
	doc := f.typed("TroubleTicket", object{
		"id": string(t.ID), "href": "http://" + c.Host + f.Path() + "/troubleTicket/" + string(t.ID),
		"name": t.Subject, "description": cmp.Or(description, t.Description), "severity": title(string(t.Severity)),
		"ticketType": cmp.Or(ticketTypes[t.Type], t.Queue), "status": nativeStatuses[t.Status], "priority": t.Priority,
		"statusChangeReason": cmp.Or(t.StatusReason, t.Resolution),
		"creationDate":       stamp(t.CreatedAt), "lastUpdate": stamp(t.UpdatedAt),
		"requestedResolutionDate": stamp(t.RequestedResolutionAt), "expectedResolutionDate": stamp(t.ExpectedResolutionAt),
		"resolutionDate": stamp(t.ResolvedAt),
	})
	if t.Key == "" {
		return doc
	}
	kind := keyType
	if !claimed {
		kind += unclaimed
	}
	if f.options.Version == 4 {
		doc["externalId"] = kind + ":" + t.Key
	} else {
		doc["externalIdentifier"] = []object{f.typed("ExternalIdentifier", object{"id": t.Key, "externalIdentifierType": kind})}
	}
	return doc
}

// people are who has to do with a ticket.
func (f *Front) people(c call, t servicedesk.Ticket, doc object) {
	parties := []object{}
	add := func(role, id string) {
		party := object{"id": id, "name": id, "@referredType": "Individual"}
		if f.options.Version == 4 {
			party["role"] = role
			parties = append(parties, party)
			return
		}
		parties = append(parties, f.typed("RelatedPartyRefOrPartyRoleRef", object{
			"role": role, "partyOrPartyRole": f.typed("PartyRef", party),
		}))
	}
	if !f.options.Manners.OwnOnly {
		by := stranger
		if t.Own {
			by = c.account.Name
		}
		add("originator", by)
	}
	if t.Requester != "" && t.Requester != c.account.Name {
		add(roleReporter, t.Requester)
	}
	for _, w := range t.Watchers {
		add(roleWatcher, w)
	}
	if t.Assignee != "" {
		add("assignee", t.Assignee)
	}
	doc["relatedParty"] = parties
}

// about is what a ticket is about.
func (f *Front) about(t servicedesk.Ticket, doc object) {
	entities, related, own := []object{}, []object{}, []object{}
	add := func(role, id, what string) {
		e := object{"id": id, "name": id, "@referredType": what}
		if f.options.Version == 4 {
			e["role"] = role
			entities = append(entities, e)
			return
		}
		entities = append(entities, f.typed("RelatedEntity", object{"role": role, "entity": f.typed("EntityRef", e)}))
	}
	if t.Project != "" {
		add(roleProject, t.Project, "Project")
	}
	for _, r := range t.AffectedResources {
		add(roleResource, r, "Resource")
	}
	for _, l := range t.Links {
		if strings.Contains(l.Target, ":") {
			add(linkRoles[l.Type], l.Target, "URI")
			continue
		}
		related = append(related, f.typed("TroubleTicketRelationship", object{"id": l.Target, "relationshipType": relationshipTypes[l.Type]}))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Fields)) {
		own = append(own, f.typed("StringCharacteristic", object{"name": name, "valueType": "string", "value": t.Fields[name]}))
	}
	doc["relatedEntity"], doc["troubleTicketRelationship"] = entities, related
	if f.options.Version == 5 {
		doc["troubleTicketCharacteristic"] = own
	}
}

// trimmed leaves out what was not asked for, and what is empty if that is the manner. Strings and times without a value are
// left out in any case.
func (f *Front) trimmed(doc object, fields []string) (object, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out object
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	always := []string{"id", "href", "@type"}
	maps.DeleteFunc(out, func(name string, value any) bool {
		list, isList := value.([]any)
		return value == "" || isList && len(list) == 0 && f.options.Manners.OmitsEmpty ||
			len(fields) > 0 && !slices.Contains(fields, name) && !slices.Contains(always, name)
	})
	return out, nil
}

func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// history are the events of a ticket that the account may see.
func history(ctx context.Context, d servicedesk.Desk, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	events, err := d.History(ctx, t)
	for i, e := range events {
		if !e.Own && !e.Message.Public {
			events[i].Message = servicedesk.Message{}
		}
	}
	return events, err
}
