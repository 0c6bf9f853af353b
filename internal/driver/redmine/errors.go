package redmine

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// errGarbled marks a 2xx answer whose body cannot be used.
var errGarbled = errors.New("unusable answer")

// advice is what to do about a refusal, where its reason says it all.
var advice = map[error]string{
	cloud.ErrUnauthenticated: "Check the desk's API key: Redmine shows it to its account under \"My account\".",
	cloud.ErrForbidden:       "Ask the desk's operator for the permission that this needs, or use another account.",
}

// refusal maps an answer that is no 2xx.
func (d *desk) refusal(a driver.Answer, in intent) error {
	e := &cloud.Error{
		Operator: d.name, RequestID: a.RequestID(), RetryAfter: a.RetryAfter(), Reason: a.Reason(bool(in)),
		Text: fmt.Sprintf("It answered %d %s.", a.Status, http.StatusText(a.Status)),
	}
	// Redmine's own refusals have no body, but those of what was sent. A web page is a gateway's or that of a wrong
	// address, and its 404 must not empty a state.
	if a.Status == http.StatusNotFound && len(bytes.TrimSpace(a.Body)) == 0 {
		e.Reason, e.Text = cloud.ErrNotFound, "There is no such ticket."
	}
	e.Advice = advice[e.Reason]
	var said struct{ Errors []string }
	switch {
	case a.WebPage():
		e.Text = fmt.Sprintf("It answered %d %s with a web page, which Redmine's API does not do.", a.Status, http.StatusText(a.Status))
		return e
	case a.Decode(&said) != nil:
		return e
	}
	if len(said.Errors) == 0 {
		return e
	}
	e.Cause = sentences(said.Errors)
	told := make([]string, len(said.Errors))
	for i, words := range said.Errors {
		told[i] = driver.Sentence(words)
		if pointer := d.pointerOf(words); pointer != "" {
			e.Fields = append(e.Fields, cloud.FieldError{Pointer: pointer, Text: told[i]})
		}
	}
	e.Text = driver.OneLine(strings.Join(told, " "), driver.DetailLimit)
	return e
}

// sentences are what Redmine says about what was sent, in the account's language.
type sentences []string

// Error joins them.
func (s sentences) Error() string { return strings.Join(s, "; ") }

// standard are the parts of the content that Redmine names by itself, in English.
var standard = map[string]string{
	"Subject": "/subject", "Description": "/description", "Due date": "/requested_resolution_at", "Tracker": "/queue",
	"Parent task": "/links",
}

// pointerOf finds out which part of the content a sentence is about. It begins with the name of the field: that of a
// custom field as its people named it, as far as Rails lets it be, those of others in the account's language.
func (d *desk) pointerOf(sentence string) string {
	names := d.fields.names()
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // "Project Code" before "Project".
	for _, name := range names {
		if strings.HasPrefix(humanised(sentence), humanised(name)+" ") {
			return d.pointer(name)
		}
	}
	for name, pointer := range standard {
		if strings.HasPrefix(sentence, name+" ") {
			return pointer
		}
	}
	return ""
}

// humanised is what Rails makes of the name of a field before it puts it into a sentence: "Cost Centre_id" becomes "Cost
// centre".
func humanised(name string) string {
	return strings.ToLower(strings.TrimLeft(strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", " "), " "))
}

// pointer is where the model has what a custom field holds.
func (d *desk) pointer(field string) string {
	switch own := d.mapping.Fields; field {
	case own.ExternalKey:
		return "/external_key"
	case own.Severity:
		return "/severity"
	case own.Project:
		return "/project"
	case own.AffectedResources:
		return "/affected_resources"
	}
	return fieldPointer(field)
}

// fieldPointer points at one of the desk's own fields (RFC 6901).
func fieldPointer(name string) string {
	return "/fields/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// garbled maps a 2xx answer that cannot be used. What it answered may have been done.
func (d *desk) garbled(a driver.Answer, err error, in intent) error {
	e := d.strange(err.Error(), in)
	e.RequestID = a.RequestID()
	if a.WebPage() {
		e.Advice = "Check the desk's endpoint; a login page in front of Redmine answers like this."
	}
	return e
}

// strange is an answer that is not one of Redmine.
func (d *desk) strange(what string, in intent) *cloud.Error {
	reason := cloud.ErrUnavailable
	if in == writing {
		reason = cloud.ErrUnknownOutcome
	}
	return &cloud.Error{
		Reason: reason, Operator: d.name, Text: driver.Sentence("The answer is not one of Redmine's API: " + what), Cause: errGarbled,
	}
}

// refused is a refusal of the driver's own, before anything is sent.
func (d *desk) refused(reason error, text, advice string) *cloud.Error {
	return &cloud.Error{Reason: reason, Operator: d.name, Text: text, Advice: advice}
}

// invalid refuses one part of the content.
func (d *desk) invalid(pointer, text string) *cloud.Error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: d.name, Text: text,
		Fields: []cloud.FieldError{{Pointer: pointer, Text: text}}}
}

// listed are names for a sentence.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", driver.OneLine(name, driver.LineLimit))
	}
	return strings.Join(quoted, ", ")
}
