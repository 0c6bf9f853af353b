package transport

import (
	"cmp"
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
	// Operator is its name in the configuration, Noun what it is: "operator" if empty.
	Operator, Noun string
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
	who := fmt.Sprintf("%s %q", cmp.Or(e.Noun, "operator"), e.Operator)
	subject := strings.ToUpper(who[:1]) + who[1:]
	switch e.Kind {
	case Timeout:
		return fmt.Sprintf("%s did not answer %s in time", subject, request)
	case TLS:
		return fmt.Sprintf("%s has no secure connection for %s", subject, request)
	case Auth:
		return fmt.Sprintf("%s gave no access token for %s", subject, request)
	case NotAnAPI:
		return fmt.Sprintf("The API of %s is not what answers %s", who, request)
	case UnknownOutcome:
		return fmt.Sprintf("%s may or may not have carried out %s", subject, request)
	case Canceled:
		return fmt.Sprintf("%s was not waited for any longer after %s", subject, request)
	case Misconfigured:
		return fmt.Sprintf("The connection to %s is not configured correctly", who)
	default:
		return fmt.Sprintf("%s could not be reached for %s", subject, request)
	}
}

// shown is an address without what could be a secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
