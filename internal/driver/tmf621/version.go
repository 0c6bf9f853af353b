package tmf621

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// version is one of the API. What comes is read alike in both, what goes is written as each has it.
type version int

const (
	v4 version = 4
	v5 version = 5
)

// String is the version as paths have it.
func (v version) String() string { return fmt.Sprintf("v%d", int(v)) }

// The roles of parties. The first three are the standard's own examples.
const (
	roleOriginator = "originator"
	roleReporter   = "reporter"
	roleOwner      = "owner"
	roleAssignee   = "assignee"
	roleWatcher    = "watcher"
)

// unclaimed comes after the type of an identifier whose ticket nobody has claimed.
const unclaimed = "-unclaimed"

// relationshipTypes are what links between tickets are; linkRoles are the roles of what is no ticket.
var (
	relationshipTypes = map[servicedesk.LinkType]string{
		servicedesk.LinkRefersTo: "reference", servicedesk.LinkDependsOn: "dependency", servicedesk.LinkParent: "isChild",
	}
	linkRoles = map[servicedesk.LinkType]string{
		servicedesk.LinkRefersTo: "reference", servicedesk.LinkDependsOn: "dependency", servicedesk.LinkParent: "parent",
	}
)

// contentFields are the parts of a ticket that the model knows, but what has happened and files, which can be long.
func (v version) contentFields() string {
	fields := "id,href,name,description,severity,ticketType,status,statusChangeReason,priority,creationDate,lastUpdate," +
		"requestedResolutionDate,expectedResolutionDate,resolutionDate,relatedEntity,relatedParty,troubleTicketRelationship,"
	if v == v4 {
		return fields + "externalId"
	}
	return fields + "externalIdentifier,troubleTicketCharacteristic"
}

// keyFields are what a ticket is found by.
func (v version) keyFields() string {
	fields := "id,status,creationDate,relatedParty,"
	if v == v4 {
		return fields + "externalId"
	}
	return fields + "externalIdentifier"
}

// historyFields are what tells of the past.
func (v version) historyFields() string {
	fields := "id,status,ticketType,statusChangeDate,statusChangeReason,creationDate,lastUpdate,note,relatedParty,"
	if v == v4 {
		return fields + "externalId,statusChange"
	}
	return fields + "externalIdentifier,statusChangeHistory"
}

// typed adds the @type that v5 requires of everything; in v4 it says no more than the place does.
func (v version) typed(name string, fields map[string]any) map[string]any {
	if v >= v5 {
		fields["@type"] = name
	}
	return fields
}

// identify sets the key. What identifiers of others there are, is kept; v4 has a place for one alone.
func (v version) identify(into map[string]any, keyType, key string, claimed bool, others items) {
	if !claimed {
		keyType += unclaimed
	}
	if v == v4 {
		into["externalId"] = keyType + ":" + key
		return
	}
	into["externalIdentifier"] = others.with(v.typed("ExternalIdentifier", map[string]any{
		"id": key, "owner": nameless, "externalIdentifierType": keyType,
	}))
}

// entity is a relatedEntity. In v4 it has itself what in v5 it refers to.
func (v version) entity(role, id, what string) map[string]any {
	entity := map[string]any{"id": id, "name": id, "@referredType": what}
	if strings.Contains(id, "://") {
		entity["href"] = id
	}
	if v == v4 {
		entity["role"] = role
		return entity
	}
	return v.typed("RelatedEntity", map[string]any{"role": role, "entity": v.typed("EntityRef", entity)})
}

// party is a relatedParty.
func (v version) party(role, id string) map[string]any {
	party := map[string]any{"id": id, "name": id, "@referredType": "Individual"}
	if v == v4 {
		party["role"] = role
		return party
	}
	return v.typed("RelatedPartyRefOrPartyRoleRef", map[string]any{"role": role, "partyOrPartyRole": v.typed("PartyRef", party)})
}

func (v version) relationship(l servicedesk.Link) map[string]any {
	return v.typed("TroubleTicketRelationship", map[string]any{"id": l.Target, "relationshipType": relationshipTypes[l.Type]})
}

func (v version) characteristic(name, value string) map[string]any {
	return v.typed("StringCharacteristic", map[string]any{"name": name, "valueType": "string", "value": value})
}

func (v version) note(author, words string, at time.Time) map[string]any {
	return v.typed("Note", map[string]any{"author": author, "text": words, "date": stamp(at)})
}

// attachment is a file by value.
func (v version) attachment(f servicedesk.File) map[string]any {
	return v.typed("Attachment", map[string]any{
		"name": f.Name, "mimeType": f.ContentType, "attachmentType": "file",
		"content": base64.StdEncoding.EncodeToString(f.Content),
		"size":    map[string]any{"amount": len(f.Content), "units": "bytes"},
	})
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
