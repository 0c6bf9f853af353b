package sandbox

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// world is everything that exists at one operator. All methods but open, close and locked need the lock.
type world struct {
	profile  profile
	projects []Project
	clock    *clock
	// transition is how long an object stays in a passing state.
	transition time.Duration
	store      *store
	disks      *disks
	// planes are nil where container clusters are only played.
	planes *planes
	// vaults are those of all operators.
	vaults    *vaults
	transfers *transfers

	mu      sync.Mutex
	seq     int64
	objects map[string]*object
	// ordered has the objects of a collection, oldest first.
	ordered map[collectionKey][]*object
	names   map[nameKey]*object
	// keys has the unclaimed objects by the key that ordered them.
	keys map[keyKey]*object
	// pending are the objects that are not settled.
	pending map[string]*object
	used    map[string]usage
	// addresses tell which machine has an address of a network.
	addresses map[string]map[string]string
	// lowest has for a network an address below which none is free.
	lowest map[string]netip.Addr
	// plans are those of all projects.
	plans map[string]*object
	// planned tells that there is another plan, or that one has changed.
	planned chan struct{}
	// held keeps everything from settling.
	held bool
	// moved is closed when time has made a jump or the hold is over.
	moved chan struct{}

	dirty   map[string]*object
	removed []string

	// desk is nil at an operator without one.
	desk *desk
	// decides says that the desk approves by itself, after a transition.
	decides bool
}

type collectionKey struct{ kind, project string }

type nameKey struct{ kind, project, name string }

type keyKey struct{ kind, project, key string }

func openWorld(ctx context.Context, p profile, o Options, c *clock, v *vaults) (*world, error) {
	s, err := openStore(ctx, o.Dir, p.Name)
	if err != nil {
		return nil, err
	}
	objects, seq, err := s.load(ctx)
	var kept deskRecords
	if err == nil {
		kept, err = s.loadDesk(ctx)
	}
	if err != nil {
		_ = s.close()
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	w := &world{
		profile: p, projects: o.Projects, clock: c, transition: o.Transition, store: s, disks: newDisks(o.Dir, p.Name),
		seq: seq, objects: map[string]*object{}, ordered: map[collectionKey][]*object{}, names: map[nameKey]*object{}, keys: map[keyKey]*object{},
		pending: map[string]*object{}, used: map[string]usage{}, addresses: map[string]map[string]string{},
		lowest: map[string]netip.Addr{}, vaults: v, plans: map[string]*object{}, planned: make(chan struct{}, 1),
		moved: make(chan struct{}), dirty: map[string]*object{}, decides: o.TicketDecision == DecideApprove,
	}
	if p.ServiceDesk != nil {
		w.desk = newDesk(kept)
	}
	slices.SortFunc(objects, func(a, b *object) int { return int(a.Seq - b.Seq) })
	for _, obj := range objects {
		w.index(obj)
	}
	return w, nil
}

// locked runs f on the state as it is by now, and writes down what it changed before anybody can see it.
func (w *world) locked(ctx context.Context, f func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance()
	f()
	var tickets deskChanges
	if w.desk != nil {
		tickets, w.desk.unsaved = w.desk.unsaved, deskChanges{}
	}
	if len(w.dirty) == 0 && len(w.removed) == 0 && tickets.empty() {
		return nil
	}
	// A client that goes away must not stop the writing of what has been done.
	err := w.store.save(context.WithoutCancel(ctx), w.seq, w.dirty, w.removed, &tickets)
	w.dirty, w.removed = map[string]*object{}, nil
	return err
}

// advance brings objects whose time has come into their next state, in the order of their times.
func (w *world) advance() {
	if w.held {
		return
	}
	now := w.clock.now()
	var due []*object
	for _, o := range w.pending {
		if !o.Due.IsZero() && !o.Due.After(now) {
			due = append(due, o)
		}
	}
	slices.SortFunc(due, func(a, b *object) int { return a.Due.Compare(b.Due) })
	for _, o := range due {
		if w.objects[o.ID] == o { // It may have gone with another one.
			w.arrive(o)
		}
	}
	w.decide(now)
	w.advancePlans(now)
}

// arrive ends a transition.
func (w *world) arrive(o *object) {
	if o.Next == gone {
		w.remove(o)
		return
	}
	next := o.copy()
	next.State, next.Message, next.UpdatedAt = o.Next, o.Failure, o.Due
	if next.State == api.StateReady && next.MeteredSince.IsZero() {
		next.MeteredSince = o.Due.Truncate(meteringResolution)
	}
	if arrived := kindOf(o.Kind).arrived; arrived != nil && next.State == api.StateReady {
		arrived(next)
	}
	next.Due, next.Next, next.Failure = time.Time{}, "", ""
	w.put(next)
}

// begin puts a copied or new object into a passing state; f may make it stay there or fail.
func (w *world) begin(o *object, state, next api.State, f *Fault) {
	now := w.clock.now()
	o.State, o.Next, o.Message, o.Failure, o.UpdatedAt = state, next, "", "", now
	o.Due = now.Add(w.transition)
	if f == nil {
		return
	}
	if f.Fail != "" {
		o.Next, o.Failure = api.StateFailed, f.Fail
	}
	if f.Stuck {
		o.Due = time.Time{}
	}
}

// put stores a new object, or a changed copy in place of the one it was made from.
func (w *world) put(o *object) {
	if old := w.objects[o.ID]; old != nil {
		w.unindex(old)
		o.Version++
		defer close(old.changed)
		defer w.freed(old)
	}
	o.changed = make(chan struct{})
	w.index(o)
	w.dirty[o.ID] = o
}

// note stores a changed copy whose representation counts as the same.
func (w *world) note(o *object) {
	o.Version-- // Which put counts up again.
	w.put(o)
}

// remove ends an object's existence with what only lived by it.
func (w *world) remove(o *object) {
	w.unindex(o)
	w.freed(o)
	key := collectionKey{o.Kind, o.Project}
	if i, ok := slices.BinarySearchFunc(w.ordered[key], o.Seq, bySeq); ok {
		w.ordered[key] = slices.Delete(w.ordered[key], i, i+1)
	}
	delete(w.objects, o.ID)
	delete(w.dirty, o.ID)
	w.removed = append(w.removed, o.ID)
	close(o.changed)
	if removed := kindOf(o.Kind).removed; removed != nil {
		removed(w, o)
	}
}

func bySeq(o *object, seq int64) int { return int(o.Seq - seq) }

// index enters an object everywhere. It is rendered here, as answers are written without the lock.
func (w *world) index(o *object) {
	o.rendered = mustJSON(kindOf(o.Kind).render(o, o.meta()))
	key := collectionKey{o.Kind, o.Project}
	if i, ok := slices.BinarySearchFunc(w.ordered[key], o.Seq, bySeq); ok {
		w.ordered[key][i] = o
	} else {
		w.ordered[key] = slices.Insert(w.ordered[key], i, o)
	}
	w.objects[o.ID] = o
	w.names[nameKey{o.Kind, o.Project, o.common.Name}] = o
	if o.Key != "" && !o.Claimed {
		w.keys[keyKey{o.Kind, o.Project, o.Key}] = o
	}
	if !o.settled() {
		w.pending[o.ID] = o
	}
	if entered := kindOf(o.Kind).entered; entered != nil {
		entered(w, o)
	}
	w.used[o.Project] = w.used[o.Project].plus(kindOf(o.Kind).usage(o), 1)
	for _, nic := range o.Derived.Interfaces {
		if w.addresses[nic.NetworkId] == nil {
			w.addresses[nic.NetworkId] = map[string]string{}
		}
		w.addresses[nic.NetworkId][nic.IpAddress] = o.ID
	}
}

// unindex takes an object out of everything that a changed copy could enter differently.
func (w *world) unindex(o *object) {
	delete(w.names, nameKey{o.Kind, o.Project, o.common.Name})
	if w.keys[keyKey{o.Kind, o.Project, o.Key}] == o {
		delete(w.keys, keyKey{o.Kind, o.Project, o.Key})
	}
	delete(w.pending, o.ID)
	w.used[o.Project] = w.used[o.Project].plus(kindOf(o.Kind).usage(o), -1)
	for _, nic := range o.Derived.Interfaces {
		delete(w.addresses[nic.NetworkId], nic.IpAddress)
	}
}

// current is an object as it is to be answered now.
func (w *world) current(o *object) *object {
	live := kindOf(o.Kind).live
	if live == nil {
		return o
	}
	now := *o
	now.rendered = mustJSON(live(w, o))
	return &now
}

// find returns an object of a project and kind, nil if there is none.
func (w *world) find(kind, project, id string) *object {
	o := w.objects[id]
	if o == nil || o.Kind != kind || o.Project != project {
		return nil
	}
	return o
}

// lasting is find without objects that are being deleted: nothing new can stand on them.
func (w *world) lasting(kind, project, id string) *object {
	if o := w.find(kind, project, id); o != nil && o.State != api.StateDeleting {
		return o
	}
	return nil
}

// jolt wakes everybody who waits.
func (w *world) jolt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.moved)
	w.moved = make(chan struct{})
}
