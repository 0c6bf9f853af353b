package selfservice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// bodyLimit bounds what is read of one answer: a page of 500 machines with many keys stays well below it.
const bodyLimit = 64 << 20

var (
	// errGarbled marks a 2xx answer whose body cannot be used.
	errGarbled = errors.New("unusable answer")
	// errStale marks a change refused because the object has another ETag by now.
	errStale = errors.New("the object has changed since it was read")
)

// intent says what a request wants, which decides what a lost or broken answer means.
type intent bool

const (
	reading intent = false
	writing intent = true
)

// call sends one request of the generated client.
type call func() (*http.Response, error)

// answer is a response that has been read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) succeeded() bool { return a.status >= 200 && a.status <= 299 }

// mediaType is the Content-Type without parameters, in lower case.
func (a answer) mediaType() string {
	t, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// retryAfter is the operator's hint, as seconds or as a date (RFC 9110, section 10.2.3); zero without one.
func (a answer) retryAfter() time.Duration {
	v := strings.TrimSpace(a.header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// do sends a request once and decodes a 2xx answer.
func (s *session) do(send call, in intent, decode func(answer) error) error {
	a, err := receive(send)
	switch {
	case err != nil && a.status == 0:
		return driver.Lost(s.operator, err, in == writing)
	case !a.succeeded():
		return s.refusal(a, in)
	case err == nil:
		err = decode(a)
	}
	if err != nil {
		return s.garbled(a, err, in)
	}
	return nil
}

// read is a do for requests that change nothing: a body that was cut short on its way is asked for once more.
func (s *session) read(send call, decode func(answer) error) error {
	err := s.do(send, reading, decode)
	if errors.Is(err, errGarbled) {
		err = s.do(send, reading, decode)
	}
	return err
}

// write is a do for requests that change something.
func (s *session) write(send call, decode func(answer) error) error {
	return s.do(send, writing, decode)
}

// receive reads an answer. With an error, the status tells whether there was an answer at all.
func receive(send call) (answer, error) {
	resp, err := send()
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }() // The body is read or given up by now.
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return a, errors.New("it was cut short")
	case len(a.body) > bodyLimit:
		return a, errors.New("it is too large")
	}
	return a, nil
}

// ignore is the decoding of an answer whose body says nothing.
func ignore(answer) error { return nil }

// unmarshal decodes JSON and says in a person's words what is wrong with it.
func unmarshal(a answer, into any) error {
	err := json.Unmarshal(a.body, into)
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case len(a.body) == 0:
		return errors.New("it is empty")
	case a.mediaType() == "text/html":
		return errors.New("it is a web page (text/html)")
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(a.body):
		return errors.New("it was cut short")
	case errors.As(err, &syntax):
		return errors.New("it is not JSON")
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return fmt.Errorf("its field %q is of the wrong type (%s)", wrongType.Field, wrongType.Value)
	case errors.As(err, &wrongType):
		return fmt.Errorf("it is of the wrong type (%s)", wrongType.Value)
	default:
		return errors.New("it has a value that is not as the contract says")
	}
}

// requestID names the request at the operator.
func (a answer) requestID() string {
	return driver.OneLine(a.header.Get("X-Request-Id"), driver.LineLimit)
}
