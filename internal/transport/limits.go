package transport

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// kind is what requests wait by: those of one kind in the order in which they came, the kinds by turns. Reads and
// writes of a collection are apart so that no write waits for a thousand reads, and long polls, with which streams are
// counted, have their own limit.
type kind struct {
	collection   string
	writes, poll bool
}

// kind is the kind of the exchange's request. Where the path is not of the self-service API, all of a host is one
// collection: other APIs have a host or a port per service.
func (x *exchange) kind() kind {
	k := kind{collection: x.req.URL.Host, writes: x.class.writes(), poll: x.wait > 0 || x.stream}
	if _, path, ok := strings.Cut(x.req.URL.Path, "/v1/projects/"); ok {
		_, path, _ = strings.Cut(path, "/")
		if collection, _, _ := strings.Cut(path, "/"); collection != "" {
			k.collection = collection
		}
	}
	return k
}

// queue has who waits of one kind; what is sent to each when it is admitted is its number.
type queue struct {
	kind    kind
	waiting []chan int64
}

// gate admits the requests of a client: no faster and no more at once than its pace has it, and none while the operator
// wants a pause. A limit of requests counts for all of them, and those that do not know of it would only make it worse.
type gate struct {
	mu            sync.Mutex
	pace          pace
	flying, polls int
	// turns has the kinds of which requests wait, the one whose turn is next first.
	turns []*queue
	timer *time.Timer
}

func newGate(parallel int) *gate {
	return &gate{pace: pace{window: float64(parallel), ceiling: float64(parallel)}}
}

// enter returns the number of the request when it is admitted. One that comes again goes before those of its kind.
func (g *gate) enter(ctx context.Context, k kind, again bool) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	g.mu.Lock()
	if now := time.Now(); len(g.turns) == 0 && g.room(k) && !g.pace.due(now).After(now) {
		defer g.mu.Unlock()
		return g.admit(k, now), nil
	}
	admitted := make(chan int64, 1)
	g.join(k, admitted, again)
	g.dispatch()
	g.mu.Unlock()
	select {
	case n := <-admitted:
		return n, nil
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.quit(admitted) { // It was admitted meanwhile.
			g.free(<-admitted, k)
		}
		g.dispatch()
		return 0, ctx.Err()
	}
}

// leave ends a request that was admitted.
func (g *gate) leave(n int64, k kind) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free(n, k)
	g.dispatch()
}

// learn has the pace take from the answer to a request what it says of the operator's limits.
func (g *gate) learn(n int64, k kind, a lesson) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pace.learn(time.Now(), n, k.poll, a)
	g.dispatch()
}

// dispatch admits who may go. Whatever lets more go calls it, or its own timer does.
func (g *gate) dispatch() {
	for len(g.turns) > 0 {
		now := time.Now()
		if left := g.pace.due(now).Sub(now); left > 0 {
			if g.timer != nil {
				g.timer.Reset(left)
				return
			}
			g.timer = time.AfterFunc(left, func() {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.dispatch()
			})
			return
		}
		i := slices.IndexFunc(g.turns, func(q *queue) bool { return g.room(q.kind) })
		if i < 0 {
			return
		}
		q := g.turns[i]
		q.waiting[0] <- g.admit(q.kind, now)
		q.waiting = q.waiting[1:]
		g.turns = slices.Delete(g.turns, i, i+1)
		if len(q.waiting) > 0 {
			g.turns = append(g.turns, q)
		}
	}
	if g.timer != nil {
		g.timer.Stop()
	}
}

// places gives how many requests are in flight where one of a kind would be, and how many may be.
func (g *gate) places(k kind) (taken *int, all int) {
	if k.poll {
		return &g.polls, maxLongPolls
	}
	return &g.flying, int(g.pace.window)
}

func (g *gate) room(k kind) bool {
	taken, all := g.places(k)
	return *taken < all
}

func (g *gate) admit(k kind, now time.Time) int64 {
	taken, _ := g.places(k)
	*taken++
	return g.pace.admit(now)
}

func (g *gate) free(n int64, k kind) {
	taken, _ := g.places(k)
	*taken--
	g.pace.close(n)
}

func (g *gate) join(k kind, w chan int64, first bool) {
	i := slices.IndexFunc(g.turns, func(q *queue) bool { return q.kind == k })
	switch {
	case i < 0:
		g.turns = append(g.turns, &queue{kind: k, waiting: []chan int64{w}})
	case first:
		g.turns[i].waiting = slices.Insert(g.turns[i].waiting, 0, w)
	default:
		g.turns[i].waiting = append(g.turns[i].waiting, w)
	}
}

// quit takes out who does not want to wait any longer; it reports whether they still did.
func (g *gate) quit(w chan int64) bool {
	for i, q := range g.turns {
		if at := slices.Index(q.waiting, w); at >= 0 {
			if q.waiting = slices.Delete(q.waiting, at, at+1); len(q.waiting) == 0 {
				g.turns = slices.Delete(g.turns, i, i+1)
			}
			return true
		}
	}
	return false
}

// sleep waits for d, or until the context is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
