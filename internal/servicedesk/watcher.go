package servicedesk

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// lookBack is how much later than others a change may become visible that was made before theirs.
const lookBack = 5 * time.Minute

// Watcher looks at all tickets that are waited for at one desk by one search at a time, however many there are.
type Watcher struct {
	desk Desk

	mu      sync.Mutex
	waiting map[*watched]struct{}
	// running says that somebody looks. He is nudged when a wait has come, or the last one has gone.
	running bool
	nudge   chan struct{}
	// looked is when the last look ended.
	looked time.Time
	// newest is the last change seen, by the desk's clock; zero makes the next look a complete one.
	newest time.Time
	// joined counts the waits that have come.
	joined int
	// trouble is why the last look showed nothing; nil if it did.
	trouble error
}

// watched is one ticket that somebody waits for.
type watched struct {
	seen Brief
	// since is when it was seen, pause how long it may be until the next look, which depends on when that is asked.
	since time.Time
	pause func() time.Duration
	// woken gets the error that ends the wait, nil for a change.
	woken chan error
}

// NewWatcher makes the watcher of a desk.
func NewWatcher(d Desk) *Watcher {
	return &Watcher{desk: d, waiting: make(map[*watched]struct{}), nudge: make(chan struct{}, 1)}
}

// changed waits until the ticket looks different from what was seen of it, or cannot be seen any more.
func (w *Watcher) changed(ctx context.Context, seen Brief, pause func() time.Duration) error {
	mine := &watched{seen: seen, since: time.Now(), pause: pause, woken: make(chan error, 1)}
	w.mu.Lock()
	w.waiting[mine] = struct{}{}
	// It may have changed between the last common look and the one that this wait has had of its own.
	w.newest = time.Time{}
	w.joined++
	if !w.running {
		w.running = true
		go w.run() //nolint:contextcheck // It looks for all who wait, also when this one has gone.
	}
	w.nudged()
	w.mu.Unlock()
	defer w.forget(mine)
	select {
	case err := <-mine.woken:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Watcher) nudged() {
	select {
	case w.nudge <- struct{}{}:
	default: // He has not felt the last one yet.
	}
}

func (w *Watcher) forget(mine *watched) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if delete(w.waiting, mine); len(w.waiting) == 0 {
		w.nudged()
	}
}

// run looks as long as somebody waits.
func (w *Watcher) run() {
	for {
		w.mu.Lock()
		if len(w.waiting) == 0 {
			w.running = false
			w.mu.Unlock()
			return
		}
		pause := w.untilDue()
		w.mu.Unlock()
		select {
		case <-time.After(pause):
			w.look()
		case <-w.nudge:
		}
	}
}

// untilDue is how long it is until the first of those who wait wants a look.
func (w *Watcher) untilDue() time.Duration {
	due := time.Duration(math.MaxInt64)
	for m := range w.waiting {
		last := m.since
		if w.looked.After(last) {
			last = w.looked
		}
		due = min(due, m.pause()-time.Since(last))
	}
	return due
}

// look asks once for all, and wakes those whose ticket has changed.
func (w *Watcher) look() {
	w.mu.Lock()
	ids := make([]ID, 0, len(w.waiting))
	for m := range w.waiting {
		ids = append(ids, m.seen.ID)
	}
	since, joined := w.newest, w.joined
	w.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	from := since
	if !since.IsZero() {
		from = since.Add(-lookBack)
	}
	g, err := cloud.Caught(func() (Glance, error) { return w.desk.Glance(ctx, ids, from) })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looked, w.trouble = time.Now(), err
	if err != nil {
		w.refused(err)
		return
	}
	newest := w.tell(g, since)
	if w.joined == joined { // Else somebody came in between, whose ticket this look did not cover.
		w.newest = newest
	}
}

// silence is why nobody knows how things stand by now; nil if the last look showed it.
func (w *Watcher) silence() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

// refused ends all waits by an error that no further look would change. If it is none of the desk's, but something that
// went wrong with its answer, then each wait may still do by itself.
func (w *Watcher) refused(err error) {
	if !permanent(err) {
		return
	}
	var ofDesk *cloud.Error
	if !errors.As(err, &ofDesk) {
		err = nil
	}
	for m := range w.waiting {
		w.wake(m, err)
	}
}

// tell wakes whom a look concerns, and answers the last change. What is missing is found out about by a look at that
// ticket alone.
func (w *Watcher) tell(g Glance, newest time.Time) time.Time {
	briefs := make(map[ID]Brief, len(g.Briefs))
	for _, b := range g.Briefs {
		briefs[b.ID] = b
		if b.UpdatedAt.After(newest) {
			newest = b.UpdatedAt
		}
	}
	missing := make(map[ID]bool, len(g.Missing))
	for _, id := range g.Missing {
		missing[id] = true
	}
	for m := range w.waiting {
		b, ok := briefs[m.seen.ID]
		if missing[m.seen.ID] || ok && (b.NativeStatus != m.seen.NativeStatus || !b.UpdatedAt.Equal(m.seen.UpdatedAt)) {
			w.wake(m, nil)
		}
	}
	return newest
}

func (w *Watcher) wake(m *watched, err error) {
	delete(w.waiting, m)
	m.woken <- err
}
