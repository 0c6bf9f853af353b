package cloud

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Federation is the operators of one provider block, each opened at first use.
type Federation struct {
	// DefaultOperator is used where a resource names none; may be empty. DefaultOperatorUnknown says that it is so only
	// for now.
	DefaultOperator        string
	DefaultOperatorUnknown bool
	// DefaultLabels are merged under every object's own labels. DefaultLabelsUnknown says that there will be others.
	DefaultLabels        map[string]string
	DefaultLabelsUnknown bool
	// SeparateReads makes each object be read by itself, where a shared list would do harm.
	SeparateReads bool
	// WhenRecorded runs what may be done only when the answer of the running call is in the state. Nil runs it at once.
	WhenRecorded func(func(context.Context))
	// Abandoned reports that what asked for the running calls is gone. Nil means never.
	Abandoned func() bool
	// DeploymentID distinguishes this configuration's objects from all others.
	DeploymentID string

	known   bool
	entries map[string]*Lazy[*Operator]
}

// Opener makes an operator's client.
type Opener func(ctx context.Context) (*Operator, error)

// NewFederation makes a federation of the operators named. If known is false, the names themselves are not known yet
// and every operator answers ErrNotConfigured.
func NewFederation(known bool, operators map[string]Opener) *Federation {
	f := &Federation{known: known, entries: make(map[string]*Lazy[*Operator], len(operators))}
	for name, open := range operators {
		f.entries[name] = NewLazy(name, open)
	}
	return f
}

// Names returns the operators' names in order.
func (f *Federation) Names() []string { return slices.Sorted(maps.Keys(f.entries)) }

// Known reports whether the operators' names are known yet.
func (f *Federation) Known() bool { return f.known }

// Has reports whether an operator is, or may turn out to be, configured.
func (f *Federation) Has(name string) bool {
	_, ok := f.entries[name]
	return ok || !f.known
}

// Operator opens an operator, or returns it if it is open already.
func (f *Federation) Operator(ctx context.Context, name string) (*Operator, error) {
	e, ok := f.entries[name]
	switch {
	case ok:
	case !f.known:
		return nil, &Error{Reason: ErrNotConfigured, Operator: name, Text: "The provider block holds values that are not known yet."}
	default:
		return nil, &Error{Reason: ErrInvalid, Operator: name,
			Text: "The provider block configures no operator of this name. It has: " + strings.Join(f.Names(), ", ") + "."}
	}
	return e.Get(ctx)
}
