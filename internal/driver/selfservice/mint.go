package selfservice

import (
	"context"
	"errors"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// mint orders credentials, and reads them. There is nothing that would find credentials again whose answer was lost: what
// becomes of them then is the advice lost.
func mint[T any](s *session, lost string, send func() (*http.Response, error), read func(answer) (T, error)) (minted T, err error) {
	err = s.write(send, func(a answer) (err error) {
		minted, err = read(a)
		return err
	})
	var e *cloud.Error
	if errors.Is(err, cloud.ErrUnknownOutcome) && errors.As(err, &e) {
		e.Advice = lost
	}
	if err != nil {
		var none T
		return none, err
	}
	return minted, nil
}

// part is one of credentials, which are of no use without it.
type part struct{ name, value string }

// complete refuses credentials that lack a part. It quotes nothing of them, as there is a secret in them.
func complete(parts ...part) error {
	for _, p := range parts {
		if p.value == "" {
			return errors.New("the credentials have no " + p.name)
		}
	}
	return nil
}

// writeTwice sends what is done once however often it is sent, and again if the first answer was lost.
func (s *session) writeTwice(ctx context.Context, send func() (*http.Response, error)) error {
	err := s.write(send, ignore)
	if errors.Is(err, cloud.ErrUnknownOutcome) && ctx.Err() == nil {
		err = s.write(send, ignore)
	}
	return err
}
