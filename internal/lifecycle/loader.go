package lifecycle

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// readsAlone is how many Reads of a kind ask for their own object before a list is begun.
	readsAlone = 2
	// pagesAhead is how many pages may be asked for on trust, and how many a Read waits for.
	pagesAhead = 2
	// freshFor is how long a listed object may answer a Read.
	freshFor = 5 * time.Minute
	// listPatience is how long a Read waits for a list that does not come forward.
	listPatience = 3 * time.Second
	// idleLimit ends a list that nobody has waited for in a while.
	idleLimit = time.Minute
)

// loader answers the Reads of one kind in one project at one operator: many of them by a list that they share. It is
// no cache. A listed object answers one Read, of a process that has not written to it since the page was asked for,
// and what a list does not have is asked for by itself.
//
// Pages are fetched while somebody waits and the pages so far have been worth it (ski rental), so that a project full
// of other people's objects costs two pages more than no list at all.
type loader[O cloud.Object] struct {
	get  func(context.Context, string) (O, error)
	list func(context.Context, cloud.ListOptions) iter.Seq2[O, error]

	mu    sync.Mutex
	reads int
	// pages have been asked for so far, the last of them at asked; hits is how many Reads they have answered.
	pages, hits int
	asked       time.Time
	listed      map[string]listing[O]
	waiting     map[string][]*waiting[O]
	written     map[string]time.Time
	begun, over bool
	// gate is closed when the pager should look again whether to fetch on.
	gate chan struct{}
}

type listing[O any] struct {
	object O
	asked  time.Time
}

// waiting is a Read that hopes for the next pages.
type waiting[O any] struct {
	// answer gets the object; it is closed when the Read should help itself.
	answer chan O
	// since is how many pages had been asked for when it began.
	since int
}

type loaderKey cloud.Kind

// loaderOf is the operator's loader of a kind.
func loaderOf[S any, O cloud.Object](op *cloud.Operator, kind cloud.Kind, c cloud.Collection[S, O]) *loader[O] {
	return op.Shared(loaderKey(kind), func() any { //nolint:forcetypeassert // A kind has one type of object.
		return newLoader(c.Get, c.List)
	}).(*loader[O])
}

func newLoader[O cloud.Object](
	get func(context.Context, string) (O, error), list func(context.Context, cloud.ListOptions) iter.Seq2[O, error],
) *loader[O] {
	return &loader[O]{
		get: get, list: list, listed: map[string]listing[O]{}, waiting: map[string][]*waiting[O]{},
		written: map[string]time.Time{}, gate: make(chan struct{}),
	}
}

// load reads one object.
func (l *loader[O]) load(ctx context.Context, id string) (O, error) {
	object, w := l.enter(id)
	if w == nil {
		if object != nil {
			return *object, nil
		}
		return l.get(ctx, id)
	}
	patience := time.NewTimer(listPatience)
	defer patience.Stop()
	select {
	case o, ok := <-w.answer:
		if ok {
			return o, nil
		}
	case <-patience.C:
	case <-ctx.Done():
	}
	return l.get(ctx, id)
}

// enter answers from what is listed, or queues a Read for the next pages, or does neither: then it helps itself.
func (l *loader[O]) enter(id string) (*O, *waiting[O]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if found, ok := l.listed[id]; ok {
		delete(l.listed, id)
		if l.fresh(id, found.asked) {
			l.hits++
			l.look()
			return &found.object, nil
		}
		return nil, nil
	}
	if l.reads <= readsAlone || l.over || !l.worthwhile() {
		return nil, nil
	}
	w := &waiting[O]{answer: make(chan O, 1), since: l.pages}
	l.waiting[id] = append(l.waiting[id], w)
	if l.begun {
		l.look()
	} else {
		l.begun = true
		go l.run()
	}
	return nil, w
}

// wrote keeps pages asked for until now from answering for an object.
func (l *loader[O]) wrote(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written[id] = time.Now()
	delete(l.listed, id)
}

func (l *loader[O]) fresh(id string, asked time.Time) bool {
	return time.Since(asked) < freshFor && asked.After(l.written[id])
}

// worthwhile reports whether one more page may be asked for.
func (l *loader[O]) worthwhile() bool { return l.pages < pagesAhead+l.hits/2 }

// look makes the pager look again.
func (l *loader[O]) look() {
	close(l.gate)
	l.gate = make(chan struct{})
}

// run fetches the list, on a context of its own: no caller's interrupt may fail the others.
func (l *loader[O]) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// After an error, the Reads that wait ask for themselves, and find out what is wrong.
	_, _ = cloud.Caught(func() (struct{}, error) {
		for o, err := range l.list(ctx, cloud.ListOptions{OnPage: func() { l.nextPage(cancel) }}) {
			if err != nil {
				return struct{}{}, err
			}
			l.deliver(o)
		}
		return struct{}{}, nil
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.dismiss(func(*waiting[O]) bool { return true })
}

// nextPage returns when the next page should be asked for; nobody waiting for long ends the list.
func (l *loader[O]) nextPage(end func()) {
	idle := time.NewTimer(idleLimit)
	defer idle.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		worthwhile := l.worthwhile()
		l.dismiss(func(w *waiting[O]) bool { return !worthwhile || l.pages-w.since >= pagesAhead })
		if worthwhile && len(l.waiting) > 0 {
			l.pages++
			l.asked = time.Now()
			return
		}
		gate := l.gate
		l.mu.Unlock()
		select {
		case <-gate:
			l.mu.Lock()
		case <-idle.C:
			end()
			l.mu.Lock()
			return
		}
	}
}

// deliver hands an object to the Reads that wait for it, or keeps it for one to come.
func (l *loader[O]) deliver(o O) {
	id := o.Metadata().ID
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.fresh(id, l.asked) {
		return
	}
	for _, w := range l.waiting[id] {
		w.answer <- o // It has room for the only answer that it gets.
		l.hits++
	}
	if len(l.waiting[id]) == 0 {
		l.listed[id] = listing[O]{o, l.asked}
	}
	delete(l.waiting, id)
}

// dismiss lets Reads help themselves.
func (l *loader[O]) dismiss(which func(*waiting[O]) bool) {
	for id, all := range l.waiting {
		var kept []*waiting[O]
		for _, w := range all {
			if which(w) {
				close(w.answer)
			} else {
				kept = append(kept, w)
			}
		}
		if l.waiting[id] = kept; len(kept) == 0 {
			delete(l.waiting, id)
		}
	}
}
