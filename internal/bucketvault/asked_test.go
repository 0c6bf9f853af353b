package bucketvault

import (
	"context"
	"errors"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// TestAsked asks again after what may pass, and neither after an answer nor after a refusal that lasts.
func TestAsked(t *testing.T) {
	for name, c := range map[string]struct {
		answers []error
		want    int
	}{
		"an answer":   {answers: []error{nil, nil}, want: 1},
		"a refusal":   {answers: []error{cloud.ErrInvalid, nil}, want: 1},
		"unreachable": {answers: []error{cloud.ErrUnavailable, nil, nil}, want: 2},
		"full":        {answers: []error{cloud.ErrQuota, nil, nil}, want: 2},
	} {
		n := 0
		a := asked{operator: "acme", ask: func(context.Context) (mover.Protection, error) {
			n++
			if c.answers[n-1] == nil {
				return mover.Protection{LockDays: 7}, nil
			}
			return mover.Protection{}, &cloud.Error{Reason: c.answers[n-1]}
		}}
		var p mover.Protection
		var err error
		for range c.answers {
			p, err = a.get(t.Context())
		}
		if last := c.answers[c.want-1]; n != c.want || !errors.Is(err, last) || last == nil && p.LockDays != 7 {
			t.Errorf("%s: after it was asked %d times it says %+v, %v", name, n, p, err)
		}
	}
}
