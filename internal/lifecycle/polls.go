package lifecycle

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// togetherFrom is how many objects in one state are worth a list.
	togetherFrom = 3
	// togetherWithin is how much earlier than its own time an object is asked for if others are.
	togetherWithin = pollFloor
)

// polls follows all pending objects of one kind at an operator that holds no answers back. A tick asks for what is due:
// few objects one by one, many by a list of those still in their passing state. Who is not on it any more has come out
// of it, and is asked for by itself; so is who waits for the next request of what takes several.
type polls[O cloud.Object] struct {
	get  func(context.Context, string) (O, error)
	list func(context.Context, cloud.ListOptions) iter.Seq2[O, error]

	mu      sync.Mutex
	due     map[*poll[O]]struct{}
	running bool
	// sooner is closed when a poll has come that may be due before the next tick.
	sooner chan struct{}
}

// poll is one wish to hear of an object again.
type poll[O any] struct {
	id     string
	state  cloud.State
	at     time.Time
	answer chan polled[O]
}

type polled[O any] struct {
	object O
	err    error
}

type pollsKey cloud.Kind

// pollsOf is the operator's polls of a kind; nil where answers are held back.
func pollsOf[S any, O cloud.Object](op *cloud.Operator, kind cloud.Kind, c cloud.Collection[S, O]) *polls[O] {
	if op.Capabilities.LongPoll > 0 {
		return nil
	}
	return op.Shared(pollsKey(kind), func() any { //nolint:forcetypeassert // A kind has one type of object.
		return newPolls(func(ctx context.Context, id string) (O, error) { return c.Await(ctx, id, 0) }, c.List)
	}).(*polls[O])
}

func newPolls[O cloud.Object](
	get func(context.Context, string) (O, error), list func(context.Context, cloud.ListOptions) iter.Seq2[O, error],
) *polls[O] {
	return &polls[O]{get: get, list: list, due: map[*poll[O]]struct{}{}, sooner: make(chan struct{})}
}

// next answers about an object after a pause.
func (p *polls[O]) next(ctx context.Context, meta cloud.Meta, pause time.Duration) (O, error) {
	q := &poll[O]{id: meta.ID, state: meta.State, at: time.Now().Add(pause), answer: make(chan polled[O], 1)}
	p.mu.Lock()
	p.due[q] = struct{}{}
	close(p.sooner)
	p.sooner = make(chan struct{})
	if !p.running {
		p.running = true
		go p.run()
	}
	p.mu.Unlock()
	select {
	case a := <-q.answer:
		return a.object, a.err
	case <-ctx.Done():
		p.mu.Lock()
		delete(p.due, q)
		p.mu.Unlock()
		var none O
		return none, ctx.Err()
	}
}

// run ticks while there is anything to wait for.
func (p *polls[O]) run() {
	for {
		p.mu.Lock()
		if len(p.due) == 0 {
			p.running = false
			p.mu.Unlock()
			return
		}
		first := time.Time{}
		for q := range p.due {
			if first.IsZero() || q.at.Before(first) {
				first = q.at
			}
		}
		sooner := p.sooner
		p.mu.Unlock()
		timer := time.NewTimer(time.Until(first))
		select {
		case <-timer.C:
			p.tick()
		case <-sooner:
			timer.Stop()
		}
	}
}

// tick asks for everything that is due.
func (p *polls[O]) tick() {
	byState := map[cloud.State][]*poll[O]{}
	p.mu.Lock()
	for q := range p.due {
		if time.Until(q.at) <= togetherWithin {
			byState[q.state] = append(byState[q.state], q)
			delete(p.due, q)
		}
	}
	p.mu.Unlock()
	var wg sync.WaitGroup
	for state, due := range byState {
		wg.Go(func() { p.ask(state, due) })
	}
	wg.Wait()
}

// ask answers polls of objects that were last seen in a state, on a context of its own: no caller's interrupt may fail
// the others. The operator's own time limits bound it.
func (p *polls[O]) ask(state cloud.State, due []*poll[O]) {
	ctx := context.Background()
	pending := map[string]O{}
	if len(due) >= togetherFrom {
		// What was not listed is asked for by itself.
		_, _ = cloud.Caught(func() (struct{}, error) {
			for o, err := range p.list(ctx, cloud.ListOptions{State: state}) {
				if err != nil {
					return struct{}{}, err
				}
				pending[o.Metadata().ID] = o
			}
			return struct{}{}, nil
		})
	}
	var wg sync.WaitGroup
	for _, q := range due {
		if o, ok := pending[q.id]; ok && !o.Metadata().Unfinished {
			q.answer <- polled[O]{object: o}
			continue
		}
		wg.Go(func() {
			o, err := cloud.Caught(func() (O, error) { return p.get(ctx, q.id) })
			q.answer <- polled[O]{o, err}
		})
	}
	wg.Wait()
}
