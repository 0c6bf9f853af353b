package rt

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// text is a value that RT writes as a string in one place and as a number, null or an object in another. What is neither
// string nor number is empty.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
	case 'n', 't', 'f', '{', '[':
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// number is what the text says as a number, or else another one.
func (t text) number(otherwise int64) int64 {
	n, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// moment is a time; that of a ticket which has none is the beginning of 1970, which is zero here.
type moment struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(raw []byte) error {
	var s text
	if err := s.UnmarshalJSON(raw); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, string(s))
	if err != nil || at.Unix() <= 0 {
		at = time.Time{}
	}
	m.Time = at.UTC()
	return nil
}

// several is a list, which RT writes as an empty string where it is empty, and as its one element where it thinks that
// there can be no more.
type several[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *several[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	switch raw[0] {
	case '[':
		return json.Unmarshal(raw, (*[]T)(l))
	case '{':
		*l = make([]T, 1)
		return json.Unmarshal(raw, &(*l)[0])
	}
	return nil
}

// reference is a record that another one names, with as much of it as was asked for. A user's id is the name.
type reference struct {
	Type, Name, EmailAddress text
	ID                       text `json:"id"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *reference) UnmarshalJSON(raw []byte) error {
	*r = reference{}
	if raw[0] != '{' {
		return r.ID.UnmarshalJSON(raw)
	}
	type plain reference
	return json.Unmarshal(raw, (*plain)(r))
}

// page is one of a list.
type page[T any] struct {
	Items several[T] `json:"items"`
	// Total is empty where RT does not know how much the account may see of what there is. Then a page can be short, or
	// empty, and not be the last.
	Total text `json:"total"`
}

// record is a ticket, whole or as in a list.
type record struct {
	ID                        text `json:"id"`
	Subject, Status, Priority text
	Queue, Owner, Creator     reference
	Requestor, Cc             several[reference]

	Created, LastUpdated, Due, Resolved moment

	CustomFields several[customField]
	Links        several[hyperlink] `json:"_hyperlinks"`
}

// customField is one of a ticket's. A value can be null, which is no value.
type customField struct {
	Name   text          `json:"name"`
	Values several[text] `json:"values"`
}

// hyperlink is one of many kinds, told apart by Ref.
type hyperlink struct {
	Ref  text `json:"ref"`
	Type text `json:"type"`
	ID   text `json:"id"`
	URL  text `json:"_url"`
}

// field is the value of a custom field; of one with many values, they are lines.
func (r record) field(name string) string { return strings.Join(r.values(name), "\n") }

// values are those of a custom field that say something.
func (r record) values(name string) []string {
	var out []string
	for _, f := range r.CustomFields {
		if string(f.Name) != name {
			continue
		}
		for _, v := range f.Values {
			if v != "" {
				out = append(out, string(v))
			}
		}
	}
	return out
}

// stamp is how RT takes times: in UTC, without saying so. Zero is its way to say that there is none.
func stamp(at time.Time) string {
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	return at.UTC().Format(time.DateTime)
}

// ticketID checks an id that comes from outside. RT's ids are numbers of 31 bits without leading zeros; anything else
// could mean another ticket in an address or a query.
func ticketID(id string) (int64, bool) {
	n, err := strconv.ParseInt(id, 10, 32)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == id
}
