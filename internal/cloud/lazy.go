package cloud

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// openTimeout bounds the making of one client, retries included.
const openTimeout = 3 * time.Minute

// Lazy is a client that is made when something first needs it, once: one opening, and one refusal, serves all resources
// of the process, so that a wrong credential makes no storm.
type Lazy[T any] struct {
	name string
	open func(context.Context) (T, error)
	once sync.Once
	made T
	err  error
}

// NewLazy makes a Lazy of what is called name in the configuration.
func NewLazy[T any](name string, open func(context.Context) (T, error)) *Lazy[T] {
	return &Lazy[T]{name: name, open: open}
}

// Get makes the client, or returns it if it is made already. An interrupt ends the waiting, never the making, for which
// others may be waiting too.
func (l *Lazy[T]) Get(ctx context.Context) (T, error) {
	type result struct {
		made T
		err  error
	}
	done := make(chan result, 1)
	go func() {
		made, err := Caught(func() (T, error) { return l.make(ctx) })
		done <- result{made, err}
	}()
	select {
	case r := <-done:
		return r.made, r.err
	case <-ctx.Done():
		var none T
		return none, &Error{Reason: ErrUnavailable, Operator: l.name, Text: "Interrupted while connecting.", Cause: ctx.Err()}
	}
}

func (l *Lazy[T]) make(ctx context.Context) (T, error) {
	l.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTimeout)
		defer cancel()
		l.made, l.err = Caught(func() (T, error) { return l.open(ctx) })
	})
	return l.made, l.err
}

// Caught turns a panic into an error. Goroutines need it: a panic of theirs would end the process, and with it every
// create in flight.
func Caught[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the provider stumbled over an answer (%T); please report this", v)
		}
	}()
	return f()
}
