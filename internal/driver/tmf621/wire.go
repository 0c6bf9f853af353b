package tmf621

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"time"
)

// ticket is a TroubleTicket of either version, as far as the model has words for it.
type ticket struct {
	ID                 text   `json:"id"`
	Href               text   `json:"href"`
	Name               text   `json:"name"`
	Description        text   `json:"description"`
	Severity           text   `json:"severity"`
	TicketType         text   `json:"ticketType"`
	Status             text   `json:"status"`
	StatusChangeReason text   `json:"statusChangeReason"`
	Priority           text   `json:"priority"`
	StatusChangeDate   moment `json:"statusChangeDate"`
	CreationDate       moment `json:"creationDate"`
	LastUpdate         moment `json:"lastUpdate"`
	Requested          moment `json:"requestedResolutionDate"`
	Expected           moment `json:"expectedResolutionDate"`
	Resolved           moment `json:"resolutionDate"`

	// ExternalID and Changes4 are v4's, Identifiers, Characteristics and Changes5 are v5's.
	ExternalID      text  `json:"externalId"`
	Changes4        items `json:"statusChange"`
	Identifiers     items `json:"externalIdentifier"`
	Characteristics items `json:"troubleTicketCharacteristic"`
	Changes5        items `json:"statusChangeHistory"`

	Entities      items `json:"relatedEntity"`
	Parties       items `json:"relatedParty"`
	Relationships items `json:"troubleTicketRelationship"`
	Notes         items `json:"note"`
	Attachments   items `json:"attachment"`
}

// changes are the changes of status that the desk tells.
func (t ticket) changes() []statusChange {
	var out []statusChange
	for _, c := range each[statusChange](append(append(items{}, t.Changes5...), t.Changes4...)) {
		if c.Status != "" {
			out = append(out, c)
		}
	}
	return out
}

// items are the elements of an array, each as it came, so that those of others can be sent back as they are.
type items []json.RawMessage

// UnmarshalJSON implements json.Unmarshaler. Some desks leave the brackets of an only element out.
func (i *items) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("{")) {
		*i = items{bytes.Clone(raw)}
		return nil
	}
	return json.Unmarshal(raw, (*[]json.RawMessage)(i))
}

// each decodes elements; one of an unknown form is nothing that the model has words for.
func each[T any](in items) iter.Seq2[json.RawMessage, T] {
	return func(yield func(json.RawMessage, T) bool) {
		for _, raw := range in {
			var one T
			if json.Unmarshal(raw, &one) == nil && !yield(raw, one) {
				return
			}
		}
	}
}

// without leaves out the elements that are of a kind; those of an unknown form stay.
func without[T any](in items, is func(T) bool) items {
	out := items{}
	for _, raw := range in {
		var one T
		if json.Unmarshal(raw, &one) != nil || !is(one) {
			out = append(out, raw)
		}
	}
	return out
}

// with adds elements of our own.
func (i items) with(elements ...map[string]any) []any {
	out := make([]any, 0, len(i)+len(elements))
	for _, raw := range i {
		out = append(out, raw)
	}
	for _, e := range elements {
		out = append(out, e)
	}
	return out
}

// identifier is an ExternalIdentifier.
type identifier struct {
	ID   text `json:"id"`
	Type text `json:"externalIdentifierType"`
}

// ref is what refers to something else.
type ref struct {
	ID   text `json:"id"`
	Name text `json:"name"`
}

// address is the one of both that we may have written: servers put ids of their own for people that they know.
func (r ref) address() string {
	if strings.Contains(string(r.Name), "@") && !strings.Contains(string(r.ID), "@") || r.ID == "" {
		return string(r.Name)
	}
	return string(r.ID)
}

// label is what people call it.
func (r ref) label() string {
	if r.Name == "" {
		return string(r.ID)
	}
	return string(r.Name)
}

// entity is a RelatedEntity.
type entity struct {
	ref

	Role   text `json:"role"`
	Entity *ref `json:"entity"`
}

func (e entity) target() ref {
	if e.Entity != nil {
		return *e.Entity
	}
	return e.ref
}

// party is a RelatedParty, in v5 a RelatedPartyRefOrPartyRoleRef.
type party struct {
	ref

	Role  text `json:"role"`
	Party *ref `json:"partyOrPartyRole"`
}

func (p party) target() ref {
	if p.Party != nil {
		return *p.Party
	}
	return p.ref
}

func (p party) is(role string) bool { return strings.EqualFold(string(p.Role), role) }

// relationship is a TroubleTicketRelationship.
type relationship struct {
	ID   text `json:"id"`
	Type text `json:"relationshipType"`
}

// characteristic is a Characteristic; its value is of any type.
type characteristic struct {
	Name  text            `json:"name"`
	Value json.RawMessage `json:"value"`
}

// String is the value as people write it.
func (c characteristic) String() string {
	var s text
	if json.Unmarshal(c.Value, &s) == nil {
		return string(s)
	}
	var many []text
	if json.Unmarshal(c.Value, &many) != nil {
		return string(c.Value)
	}
	parts := make([]string, len(many))
	for i, one := range many {
		parts[i] = string(one)
	}
	return strings.Join(parts, ", ")
}

// note is a Note.
type note struct {
	ID     text   `json:"id"`
	Author text   `json:"author"`
	Text   text   `json:"text"`
	Date   moment `json:"date"`
}

// statusChange is a StatusChange; v4 has shorter names.
type statusChange struct {
	Status  text   `json:"status"`
	Date5   moment `json:"statusChangeDate"`
	Reason5 text   `json:"statusChangeReason"`
	Date4   moment `json:"changeDate"`
	Reason4 text   `json:"changeReason"`
}

func (c statusChange) at() time.Time {
	if c.Date5.at.IsZero() {
		return c.Date4.at
	}
	return c.Date5.at
}

func (c statusChange) reason() string { return string(c.Reason5 + c.Reason4) }

// attachment is an AttachmentRefOrValue.
type attachment struct {
	ID       text     `json:"id"`
	Name     text     `json:"name"`
	MIMEType text     `json:"mimeType"`
	Content  text     `json:"content"`
	Size     quantity `json:"size"`
	ValidFor struct {
		Start moment `json:"startDateTime"`
	} `json:"validFor"`
}

// quantity is a Quantity.
type quantity struct {
	Amount float64 `json:"amount"`
	Units  text    `json:"units"`
}

// text is a string, or what a desk gives instead of one: some write ids as numbers.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return json.Unmarshal(raw, (*string)(t))
	}
	switch raw[0] {
	case '{', '[':
		return errors.New("neither a string nor a number")
	case 'n':
		return nil
	}
	*t = text(raw)
	return nil
}

// moment is a time, with what it was written as. One that cannot be read is none.
type moment struct {
	at  time.Time
	raw string
}

// layouts are RFC 3339 and what is near it: an offset without a colon, or none, which means UTC.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly}

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var s text
	if json.Unmarshal(raw, &s) == nil {
		m.raw, m.at = string(s), parse(string(s))
	}
	return nil
}

func parse(s string) time.Time {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
