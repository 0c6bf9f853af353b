package selfservice

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// reasons maps the contract's codes. Those that depend on more than the code are in reasonOf.
var reasons = map[string]error{
	"invalid":                cloud.ErrInvalid,
	"unauthenticated":        cloud.ErrUnauthenticated,
	"forbidden":              cloud.ErrForbidden,
	"not-found":              cloud.ErrNotFound,
	"name-taken":             cloud.ErrConflict,
	"conflict":               cloud.ErrConflict,
	"in-use":                 cloud.ErrConflict,
	"protected":              cloud.ErrConflict,
	"wrong-status":           servicedesk.ErrTransition,
	"quota-exceeded":         cloud.ErrQuota,
	"capacity-exhausted":     cloud.ErrQuota,
	"unsupported":            cloud.ErrUnsupported,
	"precondition-required":  cloud.ErrConflict,
	"precondition-failed":    cloud.ErrConflict,
	"too-large":              cloud.ErrInvalid,
	"unsupported-media-type": cloud.ErrInvalid,
	"rate-limited":           cloud.ErrBusy,
	"unavailable":            cloud.ErrUnavailable,
}

// refusal maps an answer that is no 2xx.
func (s *session) refusal(a answer, in intent) error {
	e := &cloud.Error{Operator: s.operator, RequestID: a.RequestID(), RetryAfter: a.RetryAfter()}
	p, ok := problemOf(a)
	e.Reason = reasonOf(a, p.Code, in)
	if a.Status == http.StatusPreconditionFailed {
		e.Cause = errStale
	}
	if !ok {
		e.Text = formless(a)
		return e
	}
	e.Text = driver.Sentence(cmp.Or(deref(p.Detail), p.Title, http.StatusText(a.Status)))
	e.RequestID = cmp.Or(e.RequestID, driver.OneLine(deref(p.RequestId), driver.LineLimit))
	for _, f := range deref(p.Errors) {
		e.Fields = append(e.Fields, cloud.FieldError{
			// The contract writes plain pointers, others the fragment form.
			Pointer: strings.TrimPrefix(driver.OneLine(f.Pointer, driver.LineLimit), "#"),
			Text:    driver.Sentence(f.Detail),
		})
	}
	if p.Existing != nil && e.Reason == cloud.ErrConflict { //nolint:errorlint // The reason is the sentinel itself.
		e.Existing = existing(p.Existing)
	}
	if q := p.Quota; q != nil {
		e.Quota = &cloud.QuotaError{
			Resource: driver.OneLine(q.Resource, driver.LineLimit), Limit: q.Limit, Used: q.Used, Requested: q.Requested,
		}
	}
	return e
}

// problemOf reads an answer as a problem (RFC 9457); only one with the contract's code counts.
func problemOf(a answer) (api.Problem, bool) {
	var p api.Problem
	if err := json.Unmarshal(a.Body, &p); err != nil {
		// A field of the wrong type spoils neither the code nor the words, as far as they were read.
		return api.Problem{Code: p.Code, Detail: p.Detail, Title: p.Title}, p.Code != ""
	}
	return p, p.Code != ""
}

// reasonOf decides by the contract's code first, by the status only where there is none that it knows.
//
// A 404 is believed to mean "gone" only with the contract's code: one of a gateway or of a wrong address would
// otherwise empty the state.
func reasonOf(a answer, code string, in intent) error {
	reason, known := reasons[code]
	waits := a.RetryAfter() > 0 || a.Header.Get("Retry-After") == "0"
	if reason == cloud.ErrNotFound && a.Status != http.StatusNotFound { //nolint:errorlint // The sentinel itself.
		known = false // A contradiction must not empty the state.
	}
	switch {
	case known && reason == cloud.ErrConflict && code != "name-taken" && waits: //nolint:errorlint // The sentinel itself.
		return cloud.ErrBusy
	case code == "unavailable" && waits && in == writing:
		return cloud.ErrBusy // Nothing was done, and the operator says when it can be.
	case known:
		return reason
	}
	return a.Reason(in == writing)
}

// garbled maps a 2xx answer that cannot be used. What it answered may have been done.
func (s *session) garbled(a answer, err error, in intent) error {
	reason := cloud.ErrUnavailable
	if in == writing {
		reason = cloud.ErrUnknownOutcome
	}
	return &cloud.Error{
		Reason: reason, Operator: s.operator, RequestID: a.RequestID(),
		Text:  driver.Sentence("The answer is not one of the VDAM Self-Service API: " + err.Error()),
		Cause: fmt.Errorf("%w: %w", errGarbled, err),
	}
}

// invalid is a refusal of the driver's own, before anything is sent.
func (s *session) invalid(text string) error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: s.operator, Text: text}
}

// formless describes an answer that is no problem document, with at most one line of what it says.
func formless(a answer) string {
	text := fmt.Sprintf("It answered %d %s, not in the form of the VDAM Self-Service API", a.Status, http.StatusText(a.Status))
	if a.MediaType() == "text/plain" {
		for line := range strings.Lines(string(a.Body)) {
			if line = driver.OneLine(line, driver.LineLimit); line != "" {
				return driver.Sentence(text + ": " + line)
			}
		}
	}
	return text + "."
}
