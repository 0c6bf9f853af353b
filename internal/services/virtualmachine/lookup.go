package virtualmachine

import (
	"context"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// lookUpTimeout bounds one look-up, retries included.
const lookUpTimeout = time.Minute

type lookUpKey struct {
	kind, id string
}

// lookUp reads something that never changes in what a plan looks at, and remembers it as long as the operator's
// client: a thousand machines of one image are to ask for it once.
func lookUp[T any](
	ctx context.Context, op *cloud.Operator, kind, id string, get func(context.Context, string) (T, error),
) (T, error) {
	type answer struct {
		object T
		err    error
	}
	look := op.Shared(lookUpKey{kind, id}, func() any {
		return sync.OnceValue(func() answer {
			// The first caller's interrupt must not fail the others.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTimeout)
			defer cancel()
			object, err := get(ctx, id)
			return answer{object, err}
		})
	})
	a := look.(func() answer)() //nolint:forcetypeassert // A kind has one type of object.
	return a.object, a.err
}
