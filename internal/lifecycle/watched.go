package lifecycle

import (
	"context"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Watched is a collection that shows what an operator answers to whoever waits for an object.
func Watched[S any, O cloud.Object](c cloud.Collection[S, O], seen func(O)) cloud.Collection[S, O] {
	return watched[S, O]{c, seen}
}

type watched[S any, O cloud.Object] struct {
	cloud.Collection[S, O]

	seen func(O)
}

// Await implements cloud.Collection.
func (w watched[S, O]) Await(ctx context.Context, id string, limit time.Duration) (O, error) {
	obj, err := w.Collection.Await(ctx, id, limit)
	if err == nil {
		w.seen(obj)
	}
	return obj, err
}
