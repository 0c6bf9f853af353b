package lifecycle

import (
	"context"
	"iter"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// collection is the operator's, or one that says that it has none.
func (d *Definition[M, A, S, O]) collection(op *cloud.Operator) cloud.Collection[S, O] {
	if c := d.Collection(op); c != nil {
		return c
	}
	return notOffered[S, O]{&cloud.Error{
		Reason: cloud.ErrUnsupported, Operator: op.Name, Text: op.Name + " offers no " + d.Noun + "s.",
		Advice: "Choose another operator; data.vdam_operators lists what each of them offers.",
	}}
}

// notOffered is the collection of a kind that an operator does not have.
type notOffered[S any, O cloud.Object] struct{ err error }

// Create implements cloud.Collection.
func (n notOffered[S, O]) Create(context.Context, S, cloud.CreateOptions) (none O, err error) {
	return none, n.err
}

// Get implements cloud.Collection.
func (n notOffered[S, O]) Get(context.Context, string) (none O, err error) { return none, n.err }

// Await implements cloud.Collection.
func (n notOffered[S, O]) Await(context.Context, string, time.Duration) (none O, err error) {
	return none, n.err
}

// List implements cloud.Collection.
func (n notOffered[S, O]) List(context.Context, cloud.ListOptions) iter.Seq2[O, error] {
	return func(yield func(O, error) bool) {
		var none O
		yield(none, n.err)
	}
}

// Update implements cloud.Collection.
func (n notOffered[S, O]) Update(context.Context, string, cloud.Change[S]) (none O, err error) {
	return none, n.err
}

// Delete implements cloud.Collection.
func (n notOffered[S, O]) Delete(context.Context, string) error { return n.err }

// Claim implements cloud.Collection.
func (n notOffered[S, O]) Claim(context.Context, string) error { return n.err }
