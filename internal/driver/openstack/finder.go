package openstack

import (
	"context"
	"slices"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// finder looks up names before orders, for many orders by one request: who comes while a look-up is under way waits for
// the next one, which is then for all of them. An answer is always to a request that was begun after the question.
type finder[T any] struct {
	// fetch answers all objects that have one of the names.
	fetch func(ctx context.Context, names []string) ([]T, string, error)
	name  func(T) string

	mu      sync.Mutex
	waiting []*question[T]
	running bool
	held    sync.Map
}

// hold keeps other orders of a name in this process out until release is called: OpenStack would make both.
func (f *finder[T]) hold(name string) (release func()) {
	lock, _ := f.held.LoadOrStore(name, new(sync.Mutex))
	mu := lock.(*sync.Mutex) //nolint:forcetypeassert // Nothing else is stored.
	mu.Lock()
	return mu.Unlock
}

// question is one name that somebody asks for.
type question[T any] struct {
	name      string
	done      chan struct{}
	found     []T
	requestID string
	err       error
}

// mostNames bounds a look-up, whose names are in its address.
const mostNames = 50

// find returns the objects of a name, and the id of the request that found them.
func (f *finder[T]) find(ctx context.Context, name string) ([]T, string, error) {
	q := &question[T]{name: name, done: make(chan struct{})}
	f.mu.Lock()
	f.waiting = append(f.waiting, q)
	if !f.running {
		f.running = true
		// It is for all who wait: it outlives the one who came first.
		go f.run(context.WithoutCancel(ctx))
	}
	f.mu.Unlock()
	select {
	case <-q.done:
		return q.found, q.requestID, q.err
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
}

func (f *finder[T]) run(ctx context.Context) {
	for {
		f.mu.Lock()
		asked := f.waiting[:min(len(f.waiting), mostNames)]
		f.waiting = f.waiting[len(asked):]
		f.running = len(asked) > 0
		f.mu.Unlock()
		if len(asked) == 0 {
			return
		}
		f.answer(ctx, asked)
	}
}

func (f *finder[T]) answer(ctx context.Context, asked []*question[T]) {
	var names []string
	byName := map[string][]*question[T]{}
	for _, q := range asked {
		if len(byName[q.name]) == 0 {
			names = append(names, q.name)
		}
		byName[q.name] = append(byName[q.name], q)
	}
	found, requestID, err := f.fetch(ctx, names)
	for _, o := range found {
		for _, q := range byName[f.name(o)] {
			q.found = append(q.found, o)
		}
	}
	for _, q := range asked {
		q.requestID, q.err = requestID, err
		close(q.done)
	}
}

// eachNamed looks up names where a service takes one at a time, all at once.
func eachNamed[T any](s *session, names []string, one func(name string) ([]T, string, error)) ([]T, string, error) {
	found, ids, asks := make([][]T, len(names)), make([]string, len(names)), make([]func() error, len(names))
	for i, name := range names {
		asks[i] = func() (err error) { found[i], ids[i], err = one(name); return err }
	}
	if err := s.together(asks...); err != nil {
		return nil, "", err
	}
	return slices.Concat(found...), ids[0], nil
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func holder[T any](
	ctx context.Context, s *session, names *finder[T], meta func(T) cloud.Meta, name, key string,
) (*cloud.Meta, error) {
	found, requestID, err := names.find(ctx, name)
	if err != nil {
		return nil, err
	}
	metas := make([]cloud.Meta, len(found))
	for i, r := range found {
		metas[i] = meta(r)
	}
	return driver.Claimant(metas, key, s.operator, requestID)
}
