package rt

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// notFound has what RT itself says of a record that is not there, which it does not translate. Any other 404 is one of a
// gateway or of a wrong address, and must not pass for a ticket that is gone.
var notFound = map[string]bool{"Not Found": true, "Resource does not exist; use POST to create": true}

// checkEndpoint is the advice where something else than REST2 answers.
const checkEndpoint = "Check the desk's endpoint: it is the address where people open RT, as in https://desk.example. " +
	"RT has to be 5.0 or later."

// refusal maps an answer that is no 2xx.
func (d *desk) refusal(a answer, r request) error {
	e := &cloud.Error{Operator: d.name, RequestID: a.RequestID(), RetryAfter: a.RetryAfter(), Reason: reasonOf(a, r)}
	e.Text = said(a.words())
	if e.Text == "" {
		e.Text = fmt.Sprintf("RT answered %d %s.", a.Status, http.StatusText(a.Status))
	}
	if a.Status == http.StatusNotFound && errors.Is(e, cloud.ErrUnavailable) || a.Status < 400 {
		e.Text = fmt.Sprintf("What answers is not RT's API REST2 (%d %s).", a.Status, http.StatusText(a.Status))
		e.Advice = checkEndpoint
	}
	return e
}

func reasonOf(a answer, r request) error {
	if a.Status == http.StatusNotFound && notFound[a.message()] {
		return cloud.ErrNotFound
	}
	return a.Reason(r.writes())
}

// garbled maps a 2xx answer that cannot be used. What it answers may have been done.
func (d *desk) garbled(a answer, err error, r request) error {
	e := &cloud.Error{
		Reason: cloud.ErrUnavailable, Operator: d.name, RequestID: a.RequestID(), Advice: checkEndpoint,
		Text:  driver.Sentence("What answers is not RT's API REST2: " + err.Error()),
		Cause: fmt.Errorf("%w: %w", errGarbled, err),
	}
	if r.writes() {
		e.Reason = cloud.ErrUnknownOutcome
	}
	return e
}

// said joins RT's sentences, which are not all written as such.
func said(sentences []string) string {
	var out []string
	for _, s := range sentences {
		if s = driver.Sentence(s); s != "" {
			out = append(out, s)
		}
	}
	return driver.OneLine(strings.Join(out, " "), driver.DetailLimit)
}

// problems are what is wrong with an order before anything is sent.
type problems []cloud.FieldError

func (p *problems) add(pointer, format string, args ...any) {
	*p = append(*p, cloud.FieldError{Pointer: pointer, Text: driver.Sentence(fmt.Sprintf(format, args...))})
}

// refused makes an error of the problems; nil if there are none.
func (d *desk) refused(p problems) error {
	if len(p) == 0 {
		return nil
	}
	texts := make([]string, len(p))
	for i, f := range p {
		texts[i] = f.Text
	}
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: d.name, Text: said(texts), Fields: p}
}

// failure is an error that is not an answer's.
func (d *desk) failure(reason error, format string, args ...any) error {
	return &cloud.Error{Reason: reason, Operator: d.name, Text: driver.Sentence(fmt.Sprintf(format, args...))}
}

// missing is the error of an id that RT cannot have.
func (d *desk) missing(id string) error {
	return d.failure(cloud.ErrNotFound, "There is no ticket %q", driver.OneLine(id, driver.LineLimit))
}

// fieldPointer is that of one of the desk's own fields (RFC 6901).
func fieldPointer(name string) string {
	return "/fields/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// quoted lists names for a person.
func quoted(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", driver.OneLine(n, driver.LineLimit))
	}
	return strings.Join(out, ", ")
}
