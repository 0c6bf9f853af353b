package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// openTimeout bounds the making of one operator's client, retries included.
const openTimeout = 3 * time.Minute

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
	entries map[string]*entry
}

// entry opens one operator once: one opening, and one refusal, serves all resources of the process, so that a wrong
// credential makes no storm.
type entry struct {
	open Opener
	once sync.Once
	op   *Operator
	err  error
}

func (e *entry) operator(ctx context.Context) (*Operator, error) {
	e.once.Do(func() {
		// The first caller's interrupt must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openTimeout)
		defer cancel()
		e.op, e.err = e.open(ctx)
	})
	return e.op, e.err
}

// Opener makes an operator's client.
type Opener func(ctx context.Context) (*Operator, error)

// NewFederation makes a federation of the operators named. If known is false, the names themselves are not known yet
// and every operator answers ErrNotConfigured.
func NewFederation(known bool, operators map[string]Opener) *Federation {
	f := &Federation{known: known, entries: make(map[string]*entry, len(operators))}
	for name, open := range operators {
		f.entries[name] = &entry{open: open}
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
	type result struct {
		op  *Operator
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil { // It would end the process, and every call in flight with it.
				done <- result{err: &Error{Reason: ErrUnavailable, Operator: name,
					Text: fmt.Sprintf("The provider stumbled over an answer (%T). Please report this.", v)}}
			}
		}()
		op, err := e.operator(ctx)
		done <- result{op, err}
	}()
	select {
	case r := <-done:
		return r.op, r.err
	case <-ctx.Done():
		return nil, &Error{Reason: ErrUnavailable, Operator: name, Text: "Interrupted while connecting.", Cause: ctx.Err()}
	}
}
