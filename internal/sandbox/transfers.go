package sandbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

const (
	// transfersAtOnce is how many move bytes at once: more would all be slower.
	transfersAtOnce = 2
	// sweepEvery is how often vaults are looked through at least for what they need not keep any more.
	sweepEvery = time.Hour
	// pauseOfTrials is until what must not fail is tried again.
	pauseOfTrials = 5 * time.Second
	// patienceWithStores is how long an S3 may keep an operator from all else.
	patienceWithStores = 10 * time.Second
	// shortestWait keeps a schedule that is held from being looked at all the time.
	shortestWait = time.Second
)

// transfers move the bytes of backups and restores. They outlive the requests that begin them, and what the end of the
// sandbox cuts off is begun again at its next start.
type transfers struct {
	vaults  *vaults
	logger  *slog.Logger
	ctx     context.Context //nolint:containedctx // That of all transfers, which outlive the requests that begin them.
	cancel  context.CancelFunc
	running sync.WaitGroup
	width   chan struct{}
	pause   time.Duration
	// patience is for an S3 while everybody waits for the operator.
	patience time.Duration
	// open is closed when all operators are there.
	open chan struct{}

	mu sync.Mutex
	// begun are the ids of objects for whose sake one is not over.
	begun map[string]bool
}

func newTransfers(v *vaults, logger *slog.Logger) *transfers {
	t := &transfers{
		vaults: v, logger: logger, width: make(chan struct{}, transfersAtOnce), open: make(chan struct{}), begun: map[string]bool{},
		pause: pauseOfTrials, patience: patienceWithStores,
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

func (t *transfers) close() {
	t.cancel()
	t.running.Wait()
	if t.vaults.store != nil {
		t.vaults.store.Close()
	}
}

// begin does something for the sake of an object, unless that is being done. What f returns writes down what has become of
// it, unless it was cut off.
func (t *transfers) begin(w *world, id string, f func() (end func())) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun[id] {
		return
	}
	t.begun[id] = true
	t.running.Go(func() {
		select {
		case <-t.open:
		case <-t.ctx.Done():
			return
		}
		end := f()
		t.look(w, func() {
			end()
			t.mu.Lock()
			defer t.mu.Unlock()
			delete(t.begun, id)
		})
	})
}

// look does something with what there is at an operator, unless the sandbox is being closed.
func (t *transfers) look(w *world, f func()) {
	if t.ctx.Err() != nil {
		return
	}
	if err := w.locked(t.ctx, f); err != nil {
		t.logger.Error("state", "operator", w.profile.Name, "error", err)
	}
}

// turn waits until nobody else moves bytes into a vault, and until there is room for one more transfer. It is not ok if there
// is no such vault, or if the sandbox is being closed.
func (t *transfers) turn(a agreement) (done func(), ok bool) {
	turn := t.vaults.turn(a)
	if turn == nil {
		return nil, false
	}
	turn.Lock() // Whoever has it is told to stop, too, when the sandbox is closed.
	select {
	case t.width <- struct{}{}:
		return func() { <-t.width; turn.Unlock() }, true
	case <-t.ctx.Done():
		turn.Unlock()
		return nil, false
	}
}

// resume goes on with what was cut off, and begins to look at the schedules.
func (t *transfers) resume(worlds []*world) {
	for _, w := range worlds {
		w.mu.Lock()
		for _, o := range w.objects {
			switch {
			case o.Derived.OffFor > 0:
				w.powerOn(o, o.Derived.OffFor) // Whoever has powered it off begins again.
			case o.Kind == planSegment && o.Derived.Runs.Begun:
				t.backUp(w, o.ID, "")
			case o.Kind == vaultSegment && o.Derived.Bucket && !o.settled() && o.Due.IsZero():
				t.resumeVault(w, o)
			case o.State != api.StateCreating || !o.Due.IsZero():
			case o.Kind == backupSegment:
				t.backUp(w, backupSpec(o).PlanId, o.ID)
			case o.Kind == volumeSegment && volumeSpec(o).RestoreFrom != nil:
				t.restore(w, o.ID)
			}
		}
		w.mu.Unlock()
		if w.profile.Backups {
			t.running.Go(func() { t.watch(w) })
		}
	}
	close(t.open)
}

func (t *transfers) resumeVault(w *world, o *object) {
	if o.State == api.StateDeleting {
		t.eraseVault(w, o)
		return
	}
	t.prepareVault(w, o)
}

// watch lets the schedules of an operator begin their runs when nobody asks the operator for anything, and its vaults let go
// of what they need not keep any more.
func (t *transfers) watch(w *world) {
	for t.ctx.Err() == nil {
		wait, vaultIDs := sweepEvery, []string(nil)
		var moved chan struct{}
		t.look(w, func() {
			for _, plan := range w.plans {
				if plan.waits() {
					wait = min(wait, plan.Derived.Runs.NextAt.Sub(w.clock.now()))
				}
			}
			for id, o := range w.objects {
				if o.Kind == vaultSegment {
					vaultIDs = append(vaultIDs, id)
				}
			}
			moved = w.moved
		})
		for _, id := range vaultIDs {
			t.vaults.sweep(t.ctx, id)
		}
		if next := t.endKeys(w); !next.IsZero() {
			wait = min(wait, next.Sub(w.clock.now()))
		}
		timer := time.NewTimer(max(wait, shortestWait))
		select {
		case <-timer.C:
		case <-moved:
		case <-w.planned:
		case <-t.ctx.Done():
		}
		timer.Stop()
	}
}
