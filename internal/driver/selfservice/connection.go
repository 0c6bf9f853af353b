package selfservice

import (
	"errors"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
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

// lost maps a request that has no answer.
func (s *session) lost(err error, in intent) error {
	e := &cloud.Error{Operator: s.operator, Cause: err}
	var t *transport.Error
	if errors.As(err, &t) && connectionReasons[t.Kind] != nil {
		e.Reason, e.RequestID, e.Advice = connectionReasons[t.Kind], t.RequestID, t.Advice
		short := *t
		short.Advice, short.RequestID = "", "" // They have places of their own.
		e.Text = sentence(short.Error())
		return e
	}
	e.Reason, e.Text = cloud.ErrUnavailable, sentence(err.Error())
	if in == writing {
		e.Reason = cloud.ErrUnknownOutcome
	}
	return e
}
