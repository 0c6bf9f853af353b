package tmf621

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// errGarbled marks a 2xx answer whose body cannot be used, errNoAPI an answer that is not one of the API at all.
var (
	errGarbled = errors.New("unusable answer")
	errNoAPI   = errors.New("not an answer of the API")
)

// advice is what to do about a refusal, where its reason says it all.
var advice = map[error]string{
	cloud.ErrUnauthenticated: "Check the desk's token, or its client_id and client_secret.",
	cloud.ErrForbidden:       "Ask the desk's operator for the right that this needs, or use another account.",
}

// problem is an Error of either version.
type problem struct {
	Code    text `json:"code"`
	Reason  text `json:"reason"`
	Message text `json:"message"`
}

// refusal maps an answer that is no 2xx.
func (d *desk) refusal(a driver.Answer, r request) error {
	e := &cloud.Error{
		Operator: d.name, RequestID: a.RequestID(), RetryAfter: a.RetryAfter(), Reason: a.Reason(r.writes()),
		Text: fmt.Sprintf("It answered %d %s.", a.Status, http.StatusText(a.Status)),
	}
	said, ok := problemIn(a)
	switch {
	case ok && a.Status == http.StatusNotFound:
		// Only the API's own 404 says that something is gone; a gateway's or that of a wrong address must not empty a state.
		e.Reason = cloud.ErrNotFound
	case !ok && a.Status == http.StatusNotFound, a.Status < 400,
		a.WebPage() && a.Status < 500 && a.Status != http.StatusUnauthorized:
		e.Cause = errNoAPI
		e.Text = fmt.Sprintf("It answered %d %s, and not in the form of TMF621.", a.Status, http.StatusText(a.Status))
	}
	e.Advice = advice[e.Reason]
	if !ok {
		return e
	}
	e.Text = said.words()
	if e.Reason == cloud.ErrInvalid { //nolint:errorlint // The reason is the sentinel itself.
		e.Fields = d.fieldsIn(said, r)
	}
	return e
}

// problemIn is the Error in an answer. A code or a reason is required of it, and gateways' own errors have neither.
func problemIn(a driver.Answer) (problem, bool) {
	var one problem
	if a.Decode(&one) != nil {
		var many []problem
		if a.Decode(&many) != nil || len(many) == 0 {
			return problem{}, false
		}
		one = many[0]
	}
	return one, one.Code != "" || one.Reason != ""
}

// words are what the desk says, as sentences.
func (p problem) words() string {
	var told []string
	for _, s := range []text{p.Reason, p.Message} {
		if sentence := driver.Sentence(string(s)); sentence != "" && !slices.Contains(told, sentence) {
			told = append(told, sentence)
		}
	}
	if len(told) == 0 {
		told = []string{driver.Sentence("It answered with the code " + string(p.Code))}
	}
	return driver.OneLine(strings.Join(told, " "), driver.DetailLimit)
}

// parts are what the model calls the fields of a ticket.
var parts = []struct{ field, pointer string }{
	{"ticketType", "/type"}, {"severity", "/severity"}, {"description", "/description"},
	{"requestedResolutionDate", "/requested_resolution_at"}, {"externalIdentifier", "/external_key"}, {"externalId", "/external_key"},
	{"relatedParty", "/watchers"}, {"troubleTicketRelationship", "/links"}, {"relatedEntity", "/affected_resources"}, {"name", "/subject"},
}

// fieldsIn finds out which part of the content a refusal is about. The definition has no place for that, so that it is
// what of the request is named in the words: a characteristic first, or else a field.
func (d *desk) fieldsIn(p problem, r request) []cloud.FieldError {
	body, ok := r.body.(map[string]any)
	if !ok {
		return nil
	}
	said := string(p.Message + " " + p.Reason + " " + p.Code)
	list, _ := body["troubleTicketCharacteristic"].([]any)
	var fields []cloud.FieldError
	for _, one := range list {
		own, ok := one.(map[string]any)
		name, _ := own["name"].(string)
		if ok && names(said, name) {
			fields = append(fields, cloud.FieldError{Pointer: fieldPointer(name), Text: p.words()})
		}
	}
	for _, part := range parts {
		if len(fields) > 0 {
			break
		}
		if _, sent := body[part.field]; sent && names(said, part.field) {
			pointer := part.pointer
			if part.field == "ticketType" && d.mapping.TypeOf(fmt.Sprint(body["ticketType"])) == "" {
				pointer = "/queue"
			}
			fields = append(fields, cloud.FieldError{Pointer: pointer, Text: p.words()})
		}
	}
	return fields
}

// names reports whether a name is in what was said, as a word of its own.
func names(said, name string) bool {
	for rest := said; name != ""; {
		i := strings.Index(rest, name)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(name):]
		if !endsInWord(before) && !startsWithWord(after) {
			return true
		}
		rest = rest[i+1:]
	}
	return false
}

func endsInWord(s string) bool { return s != "" && wordLetter(s[len(s)-1]) }

func startsWithWord(s string) bool { return s != "" && wordLetter(s[0]) }

func wordLetter(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// fieldPointer points at one of the desk's own fields (RFC 6901).
func fieldPointer(name string) string {
	return "/fields/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// garbled maps a 2xx answer that cannot be used. What it answered may have been done.
func (d *desk) garbled(a driver.Answer, err error, r request) error {
	e := d.strange(err.Error(), r.writes())
	e.RequestID = a.RequestID()
	if a.WebPage() {
		e.Advice = "Check the desk's endpoint; a login page in front of an API answers like this."
	}
	return e
}

// strange is an answer that is not one of the API.
func (d *desk) strange(what string, writing bool) *cloud.Error {
	reason := cloud.ErrUnavailable
	if writing {
		reason = cloud.ErrUnknownOutcome
	}
	return &cloud.Error{
		Reason: reason, Operator: d.name, Text: driver.Sentence("The answer is not one of TMF621: " + what),
		Cause: errors.Join(errGarbled, errNoAPI),
	}
}

// refused is a refusal of the driver's own.
func (d *desk) refused(reason error, text, advice string) *cloud.Error {
	return &cloud.Error{Reason: reason, Operator: d.name, Text: text, Advice: advice}
}

// noTicket says that an id cannot be one.
func (d *desk) noTicket(id string) *cloud.Error {
	return d.refused(cloud.ErrNotFound, fmt.Sprintf("%q cannot be a ticket.", driver.OneLine(id, driver.LineLimit)), "")
}

// invalid refuses one part of the content.
func (d *desk) invalid(pointer, text string) *cloud.Error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: d.name, Text: text,
		Fields: []cloud.FieldError{{Pointer: pointer, Text: text}}}
}

// promised says that the desk has accepted a change and not made it yet.
func (d *desk) promised(id string) *cloud.Error {
	return d.refused(cloud.ErrUnknownOutcome,
		fmt.Sprintf("It has accepted the request for ticket %s, without saying more, and the ticket does not show it yet.", id), "")
}
