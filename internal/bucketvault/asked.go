package bucketvault

import (
	"context"
	"errors"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// asked is what a bucket has said of itself. It is asked once, so that one that refuses is not asked again for each of a hundred
// plans; but what may pass by itself is asked again.
type asked struct {
	operator string
	ask      func(context.Context) (mover.Protection, error)

	mu   sync.Mutex
	once *cloud.Lazy[mover.Protection]
}

func (a *asked) get(ctx context.Context) (mover.Protection, error) {
	a.mu.Lock()
	if a.once == nil {
		a.once = cloud.NewLazy(a.operator, a.ask)
	}
	once := a.once
	a.mu.Unlock()
	p, err := once.Get(ctx)
	if err != nil && !errors.Is(err, cloud.ErrInvalid) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.once == once {
			a.once = nil
		}
	}
	return p, err
}
