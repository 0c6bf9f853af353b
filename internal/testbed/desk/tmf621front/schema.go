package tmf621front

// The tables are written by hand after the schemas of the same names in the definitions of TMF621 v5.0.1 (OpenAPI 3) and
// v4.0.0 (Swagger 2), as far as a client sends them. Where one schema stands for several by its @type, or the same fields
// are in one to file (_FVO) and one to change (_MVO) that differ only in what is required, it says so.

// kind is what a value is.
type kind int

const (
	aString kind = iota
	aDate
	aNumber
	aBase64
	anObject
	anArray
	anything
)

// field is one of a schema.
type field struct {
	name string
	kind kind
	// of is the schema of an object, or of the elements of an array.
	of string
	// required says that a schema to file has to have it; always, that any has.
	required, always bool
	values           []string
}

// troubleTicketStatus is the enumeration TroubleTicketStatusType, of both versions.
var troubleTicketStatus = []string{"acknowledged", "rejected", "pending", "held", "inProgress", "resolved", "cancelled", "closed"}

// extensible are the fields of all that v5 can extend, and addressable those of what has an address; both are v4's, too, in
// which @type is not required.
var (
	extensible = []field{
		{name: "@type", always: true}, {name: "@baseType"}, {name: "@schemaLocation"},
	}
	addressable = []field{{name: "id"}, {name: "href"}}
	// reference are those of EntityRef.
	reference = []field{{name: "id", required: true}, {name: "href"}, {name: "name"}, {name: "@referredType"}}
	// ticketCommon are those of a ticket in both versions, that a client sends.
	ticketCommon = []field{
		{name: "name"}, {name: "description", required: true}, {name: "severity", required: true}, {name: "ticketType", required: true},
		{name: "attachment", kind: anArray, of: "Attachment"}, {name: "channel", kind: anObject, of: "ChannelRef"},
		{name: "requestedResolutionDate", kind: aDate}, {name: "expectedResolutionDate", kind: aDate}, {name: "resolutionDate", kind: aDate},
		{name: "note", kind: anArray, of: "Note"}, {name: "priority"}, {name: "relatedEntity", kind: anArray, of: "RelatedEntity"},
		{name: "relatedParty", kind: anArray, of: "RelatedParty"}, {name: "status", values: troubleTicketStatus}, {name: "statusChangeReason"},
		{name: "troubleTicketRelationship", kind: anArray, of: "TroubleTicketRelationship"},
	}
	// attachmentCommon are those of an Attachment in both versions.
	attachmentCommon = []field{
		{name: "name"}, {name: "description"}, {name: "url"}, {name: "content", kind: aBase64}, {name: "size", kind: anObject, of: "Quantity"},
		{name: "validFor", kind: anObject, of: "TimePeriod"},
	}
	noteCommon     = []field{{name: "id"}, {name: "author"}, {name: "date", kind: aDate}, {name: "text"}}
	quantityFields = []field{{name: "amount", kind: aNumber}, {name: "units"}}
	periodFields   = []field{{name: "startDateTime", kind: aDate}, {name: "endDateTime", kind: aDate}}
)

func joined(lists ...[]field) []field {
	var out []field
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// schemas are those of both versions. RelatedParty is v5's RelatedPartyRefOrPartyRoleRef, PartyRef both of those, Attachment
// the AttachmentRefOrValue by value, and Characteristic the one of each type of value.
var schemas = map[int]map[string][]field{
	5: {
		"TroubleTicket_FVO": joined(extensible, addressable, ticketCommon, []field{{name: "statusChangeDate", kind: aDate}}, ticket5),
		"TroubleTicket_MVO": joined(extensible, addressable, ticketCommon, []field{
			{name: "statusChangeHistory", kind: anArray, of: "StatusChange"},
		}, ticket5),
		"Attachment": joined(extensible, addressable, attachmentCommon, []field{
			{name: "attachmentType", required: true}, {name: "mimeType", required: true},
		}),
		"ChannelRef": joined(extensible, reference),
		"Characteristic": joined(extensible, []field{
			{name: "id"}, {name: "name", required: true}, {name: "valueType"}, {name: "value", kind: anything, required: true},
			{name: "characteristicRelationship", kind: anArray, of: "CharacteristicRelationship"},
		}),
		"CharacteristicRelationship": joined(extensible, []field{{name: "id", required: true}, {name: "relationshipType", required: true}}),
		"EntityRef":                  joined(extensible, reference),
		"ExternalIdentifier": joined(extensible, []field{
			{name: "owner"}, {name: "externalIdentifierType"}, {name: "id", required: true},
		}),
		"Note":     joined(extensible, noteCommon),
		"PartyRef": joined(extensible, reference, []field{{name: "partyId"}, {name: "partyName"}}),
		"Quantity": quantityFields,
		"RelatedEntity": joined(extensible, []field{
			{name: "role", required: true}, {name: "entity", kind: anObject, of: "EntityRef", required: true},
		}),
		"RelatedParty": joined(extensible, []field{
			{name: "role", required: true}, {name: "partyOrPartyRole", kind: anObject, of: "PartyRef"},
		}),
		"StatusChange": joined(extensible, []field{
			{name: "statusChangeDate", kind: aDate}, {name: "statusChangeReason"}, {name: "status", values: troubleTicketStatus},
		}),
		"TimePeriod":                periodFields,
		"TroubleTicketRelationship": joined(extensible, reference, []field{{name: "relationshipType", required: true}}),
	},
	4: {
		"TroubleTicket_FVO": joined(extensible, ticketCommon, []field{
			{name: "creationDate", kind: aDate}, {name: "externalId"}, {name: "lastUpdate", kind: aDate}, {name: "statusChangeDate", kind: aDate},
			{name: "statusChange", kind: anArray, of: "StatusChange"},
		}),
		"TroubleTicket_MVO": joined(extensible, ticketCommon, []field{{name: "externalId"}}),
		"Attachment": joined(extensible, addressable, attachmentCommon, []field{
			{name: "attachmentType"}, {name: "mimeType"}, {name: "@referredType"},
		}),
		"ChannelRef":                joined(extensible, reference),
		"Note":                      joined(extensible, noteCommon),
		"Quantity":                  quantityFields,
		"RelatedEntity":             joined(extensible, reference4, []field{{name: "role", always: true}}),
		"RelatedParty":              joined(extensible, reference4, []field{{name: "role"}}),
		"StatusChange":              joined(extensible, []field{{name: "changeDate", kind: aDate}, {name: "changeReason"}, {name: "status"}}),
		"TimePeriod":                periodFields,
		"TroubleTicketRelationship": joined(extensible, addressable, []field{{name: "name"}, {name: "relationshipType"}}),
	},
}

// ticket5 are the fields of a ticket that v5 has more, but troubleTicketSpecification, which is never sent.
var ticket5 = []field{
	{name: "externalIdentifier", kind: anArray, of: "ExternalIdentifier"},
	{name: "troubleTicketCharacteristic", kind: anArray, of: "Characteristic"},
}

// reference4 are those of v4's RelatedEntity and RelatedParty, which are their own references.
var reference4 = []field{{name: "id", always: true}, {name: "href"}, {name: "name"}, {name: "@referredType", always: true}}
