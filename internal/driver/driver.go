// Package driver is what the drivers of all API families share: how a request without an answer is told in the port's
// terms, and how an operator's words are made fit to be shown.
package driver

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

const (
	// DetailLimit bounds an operator's words, in letters.
	DetailLimit = 2000
	// LineLimit bounds, in letters, what is shown of an answer in no known form.
	LineLimit = 200
)

// connectionReasons maps what the transport tells apart. Requests of these kinds were surely not carried out, except
// those of an unknown outcome.
var connectionReasons = map[transport.Kind]error{
	transport.Unreachable:    cloud.ErrUnavailable,
	transport.Timeout:        cloud.ErrUnavailable,
	transport.TLS:            cloud.ErrUnavailable,
	transport.Auth:           cloud.ErrUnauthenticated,
	transport.NotAnAPI:       cloud.ErrUnavailable,
	transport.UnknownOutcome: cloud.ErrUnknownOutcome,
	transport.Canceled:       cloud.ErrUnavailable,
	transport.Misconfigured:  cloud.ErrInvalid,
}

// Lost maps the error of a request that has no answer. Writing says that the request was to change something.
func Lost(operator string, err error, writing bool) *cloud.Error {
	e := &cloud.Error{Operator: operator, Cause: err}
	var t *transport.Error
	if errors.As(err, &t) && connectionReasons[t.Kind] != nil {
		e.Reason, e.RequestID, e.Advice = connectionReasons[t.Kind], t.RequestID, t.Advice
		short := *t
		short.Advice, short.RequestID = "", "" // They have places of their own.
		e.Text = Sentence(short.Error())
		return e
	}
	e.Reason, e.Text = cloud.ErrUnavailable, Sentence(err.Error())
	if writing {
		e.Reason = cloud.ErrUnknownOutcome
	}
	return e
}

// Sentence makes an operator's words fit to be shown: one line that ends like a sentence.
func Sentence(s string) string {
	s = OneLine(s, DetailLimit)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// ageIdentity is what encrypts backups. It goes to operators, whose words may quote it, whole or cut short.
var ageIdentity = regexp.MustCompile(`AGE-SECRET-KEY-[0-9A-Z-]*`)

// OneLine leaves out what could play with a terminal and keys of backups, joins white space, and cuts at a number of
// letters.
func OneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	s = ageIdentity.ReplaceAllLiteralString(strings.Join(strings.Fields(s), " "), "(the encryption key)")
	if letters := []rune(s); len(letters) > limit {
		return strings.TrimSpace(string(letters[:limit])) + "…"
	}
	return s
}
