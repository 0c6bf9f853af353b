package selfservice

import (
	"errors"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

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
type answer struct{ driver.Answer }

// do sends a request once and decodes a 2xx answer.
func (s *session) do(send call, in intent, decode func(answer) error) error {
	read, err := driver.Read(send()) //nolint:bodyclose // Read closes it.
	a := answer{read}
	switch {
	case err != nil && a.Status == 0:
		return driver.Lost(s.operator, err, in == writing)
	case !a.Succeeded():
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

// ignore is the decoding of an answer whose body says nothing.
func ignore(answer) error { return nil }
