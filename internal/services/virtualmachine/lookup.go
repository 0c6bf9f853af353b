package virtualmachine

import (
	"context"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// lookUpTimeout bounds one look-up, retries included.
const lookUpTimeout = time.Minute

// lookUpKey names an object by the operator's client, of which a provider block has one per operator.
type lookUpKey struct {
	operator *cloud.Operator
	id       string
}

// memo remembers the look-ups of this process, a plan or an apply: a thousand machines of one image or network are to
// ask for it once. The framework makes a resource anew for every request, so that no resource could remember it.
type memo[T any] struct{ answers sync.Map }

type answer[T any] struct {
	object T
	err    error
}

func (m *memo[T]) lookUp(ctx context.Context, op *cloud.Operator, id string, get func(context.Context, string) (T, error)) (T, error) {
	look, _ := m.answers.LoadOrStore(lookUpKey{op, id}, sync.OnceValue(func() answer[T] {
		// The first caller's interrupt must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTimeout)
		defer cancel()
		object, err := get(ctx, id)
		return answer[T]{object, err}
	}))
	a := look.(func() answer[T])() //nolint:forcetypeassert // Nothing else is stored.
	return a.object, a.err
}

// images and networks never change in what is looked at here.
var (
	images   memo[cloud.Image]
	networks memo[cloud.Network]
)
