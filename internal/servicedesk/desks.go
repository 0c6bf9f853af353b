package servicedesk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Desks are the service desks of one provider block, each opened at first use.
type Desks struct {
	// Default is the desk of tickets that name none; may be empty. DefaultUnknown says that it is so only for now.
	Default        string
	DefaultUnknown bool
	// OfOperator has the desks that operators name.
	OfOperator map[string]string
	// DeploymentID is part of keys that are derived.
	DeploymentID string

	known   bool
	entries map[string]*cloud.Lazy[*Opened]
}

// Opened is a desk in use.
type Opened struct {
	Desk
	Watcher *Watcher

	mu   sync.Mutex
	keys map[string]bool
}

// Reserve takes a key for one ticket of this process; false means that another one has it.
func (o *Opened) Reserve(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keys[key] {
		return false
	}
	o.keys[key] = true
	return true
}

// Release gives back a key under which nothing was filed.
func (o *Opened) Release(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.keys, key)
}

// Opener makes a desk's client.
type Opener func(ctx context.Context) (Desk, error)

// NewDesks makes the set of the desks named. If known is false, the names themselves are not known yet.
func NewDesks(known bool, desks map[string]Opener) *Desks {
	d := &Desks{known: known, entries: make(map[string]*cloud.Lazy[*Opened], len(desks))}
	for name, open := range desks {
		d.entries[name] = cloud.NewLazy(name, func(ctx context.Context) (*Opened, error) {
			desk, err := open(ctx)
			if err != nil {
				return nil, err
			}
			return &Opened{Desk: desk, Watcher: NewWatcher(desk), keys: make(map[string]bool)}, nil
		})
	}
	return d
}

// Names returns the desks' names in order.
func (d *Desks) Names() []string { return slices.Sorted(maps.Keys(d.entries)) }

// Known reports whether the desks' names are known yet.
func (d *Desks) Known() bool { return d.known }

// Has reports whether a desk is, or may turn out to be, configured.
func (d *Desks) Has(name string) bool {
	_, ok := d.entries[name]
	return ok || !d.known
}

// Choose finds the desk of a ticket that names none: that of its operator, the default, or the only one. It is empty if
// there is none of these.
func (d *Desks) Choose(operator string) string {
	if name := d.OfOperator[operator]; name != "" {
		return name
	}
	if d.Default != "" || d.DefaultUnknown || !d.known {
		return d.Default
	}
	if len(d.entries) == 1 {
		return d.Names()[0]
	}
	return ""
}

// Open opens a desk, or returns it if it is open already.
func (d *Desks) Open(ctx context.Context, name string) (*Opened, error) {
	e, ok := d.entries[name]
	switch {
	case ok:
		return e.Get(ctx)
	case !d.known:
		return nil, &cloud.Error{Reason: cloud.ErrNotConfigured, Operator: name, Text: "The provider block holds values that are not known yet."}
	}
	return nil, &cloud.Error{Reason: cloud.ErrInvalid, Operator: name,
		Text: "The provider block configures no service desk of this name. It has: " + strings.Join(d.Names(), ", ") + "."}
}
