package virtualmachine

import (
	"context"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// lookUpTimeout bounds the look-up of one image, retries included.
const lookUpTimeout = time.Minute

// imageKey names an image by the operator's client, of which a provider block has one per operator.
type imageKey struct {
	operator *cloud.Operator
	id       string
}

type imageAnswer struct {
	image cloud.Image
	err   error
}

// images remembers the look-ups of this process, a plan or an apply: a thousand machines of one image are to ask for
// it once. The framework makes a resource anew for every request, so that no resource could remember it.
var images sync.Map

func lookUpImage(ctx context.Context, op *cloud.Operator, id string) (cloud.Image, error) {
	look, _ := images.LoadOrStore(imageKey{op, id}, sync.OnceValue(func() imageAnswer {
		// The first caller's interrupt must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTimeout)
		defer cancel()
		image, err := op.Images.Get(ctx, id)
		return imageAnswer{image, err}
	}))
	a := look.(func() imageAnswer)() //nolint:forcetypeassert // Nothing else is stored.
	return a.image, a.err
}
