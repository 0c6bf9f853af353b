package transport

import (
	"fmt"
	"net/url"
	"strings"
)

// Kind says what sort of failure an [Error] is.
type Kind int

// The closed set of kinds.
const (
	// Unreachable means that there is no connection to the operator, or that it broke before there was an answer.
	Unreachable Kind = iota + 1
	// Timeout means that the answer did not come, or not to its end, in time.
	Timeout
	// TLS means that one side does not trust the other, or that they do not agree on how to be secure.
	TLS
	// Auth means that the credentials did not get an access token.
	Auth
	// NotAnAPI means that something else than the operator's API answers.
	NotAnAPI
	// UnknownOutcome means that a request that changes something was sent and may or may not have been carried out.
	UnknownOutcome
	// Canceled means that the caller gave up, before the request could have changed anything.
	Canceled
	// Misconfigured means that the configuration of the connection cannot work.
	Misconfigured
)

// Error is a request without an answer. It never holds a secret: what it says of addresses is without user
// information and query, and nothing of a header or a body is in it.
type Error struct {
	Kind Kind
	// Operator is its name in the configuration.
	Operator string
	// Method and URL name the request, URL without its query; both are empty if no request was made.
	Method, URL string
	// RequestID is the X-Request-Id that was sent with every try.
	RequestID string
	// Attempts counts the tries that were made.
	Attempts int
	// Detail says why, in words that continue a sentence.
	Detail string
	// Advice says what to do next, as sentences.
	Advice string
	// Cause is the underlying error, may be nil.
	Cause error
}

// Error says what happened, why, and what to do next.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s.", e.headline(), e.Detail)
	if e.Advice != "" {
		b.WriteString(" " + e.Advice)
	}
	switch {
	case e.RequestID != "" && e.Attempts > 1:
		fmt.Fprintf(&b, " (request %s, %d attempts)", e.RequestID, e.Attempts)
	case e.RequestID != "":
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) headline() string {
	request := strings.TrimSpace(e.Method + " " + e.URL)
	if request == "" {
		request = "the request"
	}
	switch e.Kind {
	case Timeout:
		return fmt.Sprintf("Operator %q did not answer %s in time", e.Operator, request)
	case TLS:
		return fmt.Sprintf("Operator %q has no secure connection for %s", e.Operator, request)
	case Auth:
		return fmt.Sprintf("Operator %q gave no access token for %s", e.Operator, request)
	case NotAnAPI:
		return fmt.Sprintf("The API of operator %q is not what answers %s", e.Operator, request)
	case UnknownOutcome:
		return fmt.Sprintf("Operator %q may or may not have carried out %s", e.Operator, request)
	case Canceled:
		return fmt.Sprintf("Operator %q was not waited for any longer after %s", e.Operator, request)
	case Misconfigured:
		return fmt.Sprintf("The connection to operator %q is not configured correctly", e.Operator)
	default:
		return fmt.Sprintf("Operator %q could not be reached for %s", e.Operator, request)
	}
}

// shown is an address without what could be a secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
