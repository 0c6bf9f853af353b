package cloud

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The closed set of reasons why an operator's answer is not the one hoped for; ask with errors.Is.
var (
	ErrNotFound        = errors.New("not found")
	ErrConflict        = errors.New("conflict with another object or with the object's state")
	ErrBusy            = errors.New("busy; the same request will work in a while")
	ErrQuota           = errors.New("quota or capacity exceeded")
	ErrForbidden       = errors.New("not allowed with these credentials")
	ErrUnauthenticated = errors.New("credentials not accepted")
	ErrInvalid         = errors.New("invalid")
	ErrUnavailable     = errors.New("operator unavailable")
	ErrUnknownOutcome  = errors.New("outcome unknown; the request may have been carried out")
	ErrUnsupported     = errors.New("not supported by this operator")
	ErrFailed          = errors.New("failed for good")
	// ErrNotConfigured means that the provider configuration of the operator is not known yet, as happens at plan.
	ErrNotConfigured = errors.New("operator configuration not known yet")
)

// Error is an operator's refusal or failure, with everything that a person needs to act on it.
type Error struct {
	// Reason is one of the sentinels above.
	Reason error
	// Operator is its name in the configuration.
	Operator string
	// Text is what the operator or the connection said, as a sentence, without secrets.
	Text string
	// Advice says what to do where the driver knows better than the reason tells; may be empty.
	Advice string
	// RequestID names the request at the operator; may be empty.
	RequestID string
	// Fields are the parts of the specification that were refused.
	Fields []FieldError
	// Existing is the object that has the name already; only with ErrConflict.
	Existing *Meta
	// Quota has the figures, where the operator gives them; only with ErrQuota.
	Quota *QuotaError
	// RetryAfter is the operator's hint; zero without one.
	RetryAfter time.Duration
	// Cause is the underlying error, may be nil.
	Cause error
}

// FieldError is one refused part of a specification.
type FieldError struct {
	// Pointer is a JSON pointer (RFC 6901) in the specification's snake-case terms: /boot_disk/size_gib.
	Pointer string
	Text    string
}

// QuotaError has the figures of a quota that does not suffice.
type QuotaError struct {
	Resource               string
	Limit, Used, Requested int64
}

// Error gives one line; diagnostics are made of the fields.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Operator, e.Reason)
	if e.Text != "" {
		fmt.Fprintf(&b, ": %s", e.Text)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Is reports whether target is the error's reason.
func (e *Error) Is(target error) bool { return target == e.Reason }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
