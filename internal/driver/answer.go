package driver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// bodyLimit bounds what is read of one answer: a page of a hundred long tickets stays well below it.
const bodyLimit = 64 << 20

// Answer is a response that has been read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends a request and reads its answer. With an error, the status tells whether there was an answer at all: without
// one, the request is Lost; with one, it is the body that cannot be used.
func Send(c *http.Client, req *http.Request) (Answer, error) {
	return Read(c.Do(req)) //nolint:gosec,bodyclose // The user names the address in the provider block; Read closes.
}

// Read is Send for what has been sent already, as by a generated client.
func Read(resp *http.Response, err error) (Answer, error) {
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() // The body is read or given up by now.
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return a, errors.New("it was cut short")
	case len(a.Body) > bodyLimit:
		return a, errors.New("it is too large")
	}
	return a, nil
}

// Succeeded reports whether the status is a 2xx.
func (a Answer) Succeeded() bool { return a.Status >= 200 && a.Status <= 299 }

// MediaType is the Content-Type without parameters, in lower case.
func (a Answer) MediaType() string {
	t, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// WebPage reports whether the answer is one for people: of a login page, a gateway or a wrong address.
func (a Answer) WebPage() bool {
	start := bytes.ToLower(bytes.TrimSpace(a.Body[:min(len(a.Body), 256)]))
	return a.MediaType() == "text/html" || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// RequestID names the request at the operator.
func (a Answer) RequestID() string { return OneLine(a.Header.Get("X-Request-Id"), LineLimit) }

// RetryAfter is the operator's hint, as seconds or as a date (RFC 9110, section 10.2.3); zero without one.
func (a Answer) RetryAfter() time.Duration {
	v := strings.TrimSpace(a.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// Decode decodes JSON and says in a person's words, which continue "The answer cannot be used:", what is wrong with it.
func (a Answer) Decode(into any) error {
	err := json.Unmarshal(a.Body, into)
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case len(bytes.TrimSpace(a.Body)) == 0:
		return errors.New("it is empty")
	case a.MediaType() == "text/html":
		return errors.New("it is a web page (text/html)")
	case a.WebPage():
		return errors.New("it is a web page")
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(a.Body):
		return errors.New("it was cut short")
	case errors.As(err, &syntax):
		return errors.New("it is not JSON")
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("its field %q is of the wrong type (%s)", wrongType.Field, wrongType.Value)
	case errors.As(err, &wrongType):
		return fmt.Errorf("it is of the wrong type (%s)", wrongType.Value)
	default:
		return errors.New("it has a value of an unknown form")
	}
}

// Reason is what a status that is no success means by itself. A 404 is never "gone": only a driver can tell whether it is
// the API's own or that of a gateway or of a wrong address, which must not empty a state.
func (a Answer) Reason(writing bool) error {
	switch a.Status {
	case http.StatusUnauthorized:
		return cloud.ErrUnauthenticated
	case http.StatusForbidden:
		return cloud.ErrForbidden
	case http.StatusConflict, http.StatusPreconditionFailed:
		return cloud.ErrConflict
	case http.StatusTooManyRequests:
		return cloud.ErrBusy
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return cloud.ErrUnsupported
	case http.StatusNotFound:
		return cloud.ErrUnavailable
	}
	switch {
	case a.Status >= http.StatusInternalServerError && writing:
		return cloud.ErrUnknownOutcome
	case a.Status >= http.StatusInternalServerError, a.Status < http.StatusBadRequest:
		return cloud.ErrUnavailable
	default:
		return cloud.ErrInvalid
	}
}
