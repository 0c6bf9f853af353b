package cloudtest

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const deployment = "cloudtest"

// kind is one kind of an operator under test.
type kind[S any, O cloud.Object] struct {
	h          Harness
	kind       cloud.Kind
	collection cloud.Collection[S, O]
	// spec is a valid specification; what it needs is made for the test.
	spec func(t *testing.T) S
	// meta finds the part of a specification that all kinds have.
	meta func(*S) *cloud.SpecMeta
	// pair is a kind whose id may follow from what it connects.
	pair bool
	// locked is a kind of which an object cannot be deleted as long as there is something in it.
	locked bool
	// local is a kind that no operator's API has.
	local bool
	// change makes a change in place that is the kind's own; nil where there is none.
	change func(*S)
	// check compares what is the kind's own.
	check func(t *testing.T, spec S, obj O)
}

// newName is unique, so that leftovers of an earlier run do no harm.
func newName(what string) string { return "ct-" + what + "-" + strings.ToLower(rand.Text()[:8]) }

func newKey() string { return uuid.NewString() }

func (h Harness) patience() time.Duration {
	if h.Patience == 0 {
		return time.Minute
	}
	return h.Patience
}

// named is a valid specification with a description and labels, as far as the kind has them at the operator.
func (k *kind[S, O]) named(t *testing.T) S {
	t.Helper()
	spec := k.spec(t)
	k.write(&spec, "made by a test", map[string]string{"suite": "cloudtest", "step": "one"})
	return spec
}

// write describes a specification, as far as the operator keeps that of the kind.
func (k *kind[S, O]) write(spec *S, description string, labels map[string]string) {
	m := k.meta(spec)
	if k.keeps("description") {
		m.Description = description
	}
	if k.keeps("labels") {
		m.Labels = labels
	}
}

// keeps reports whether the operator changes a field of the kind in place.
func (k *kind[S, O]) keeps(field string) bool {
	return k.h.Operator.Capabilities.Updates(k.kind, field)
}

// order creates an object and deletes it at the end of the test.
func (k *kind[S, O]) order(t *testing.T, spec S, key string) O {
	t.Helper()
	obj, err := k.create(t, spec, key)
	if err != nil {
		t.Fatalf("create %s: %v", k.kind, err)
	}
	return obj
}

// create is an order that may be refused.
func (k *kind[S, O]) create(t *testing.T, spec S, key string) (O, error) {
	t.Helper()
	obj, err := k.collection.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: key, Deployment: deployment})
	if err == nil {
		k.deleteAtEnd(t, obj.Metadata().ID)
	}
	return obj, err
}

func (k *kind[S, O]) deleteAtEnd(t *testing.T, id string) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), k.h.patience())
		defer cancel()
		if err := k.settleAndDelete(ctx, id); err != nil && (!k.locked || !errors.Is(err, cloud.ErrConflict)) {
			t.Errorf("clean up %s %s: %v", k.kind, id, err)
		}
	})
}

// settleAndDelete deletes an object in whatever state it is, and waits until it is gone.
func (k *kind[S, O]) settleAndDelete(ctx context.Context, id string) error {
	for {
		err := k.collection.Delete(ctx, id)
		if errors.Is(err, cloud.ErrNotFound) {
			return nil
		}
		if err != nil && !errors.Is(err, cloud.ErrBusy) {
			return err
		}
		obj, err := k.collection.Await(ctx, id, time.Second)
		if errors.Is(err, cloud.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := pause(ctx, obj.Metadata()); err != nil {
			return err
		}
	}
}

// ready orders an object and waits until it is ready.
func (k *kind[S, O]) ready(t *testing.T, spec S, key string) O {
	t.Helper()
	return k.becomes(t, k.order(t, spec, key).Metadata().ID, cloud.StateReady)
}

// becomes waits until an object settles in a state.
func (k *kind[S, O]) becomes(t *testing.T, id string, state cloud.State) O {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), k.h.patience())
	defer cancel()
	for {
		obj, err := k.collection.Await(ctx, id, 10*time.Second)
		if err != nil {
			t.Fatalf("await %s %s: %v", k.kind, id, err)
		}
		m := obj.Metadata()
		if m.State == state {
			return obj
		}
		if m.State.Settled() {
			t.Fatalf("%s %s settled as %s (%s), want %s", k.kind, id, m.State, m.StateMessage, state)
		}
		if err := pause(ctx, m); err != nil {
			t.Fatalf("%s %s is still %s (%s)", k.kind, id, m.State, m.StateMessage)
		}
	}
}

// pause keeps operators that hold no answer back from being asked without end.
func pause(ctx context.Context, m cloud.Meta) error {
	timer := time.NewTimer(min(max(m.PollAfter, 5*time.Millisecond), time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// update changes an object and waits until it is ready again.
func (k *kind[S, O]) update(t *testing.T, id string, from, to S) O {
	t.Helper()
	obj, err := k.collection.Update(t.Context(), id, cloud.Change[S]{From: from, To: to})
	if err != nil {
		t.Fatalf("update %s %s: %v", k.kind, id, err)
	}
	if got := obj.Metadata().ID; got != id {
		t.Fatalf("update of %s answered with %s", id, got)
	}
	return k.becomes(t, id, cloud.StateReady)
}

// delete deletes an object and waits until it is gone.
func (k *kind[S, O]) delete(t *testing.T, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), k.h.patience())
	defer cancel()
	if err := k.settleAndDelete(ctx, id); err != nil {
		t.Fatalf("delete %s %s: %v", k.kind, id, err)
	}
}

// goes waits until an object is gone that somebody else deletes.
func (k *kind[S, O]) goes(t *testing.T, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), k.h.patience())
	defer cancel()
	for {
		obj, err := k.collection.Await(ctx, id, 10*time.Second)
		if errors.Is(err, cloud.ErrNotFound) {
			return
		}
		if err == nil {
			err = pause(ctx, obj.Metadata())
		}
		if err != nil {
			t.Fatalf("%s %s does not go: %v", k.kind, id, err)
		}
	}
}

// find lists, and fails the test if that fails.
func (k *kind[S, O]) find(t *testing.T, opts cloud.ListOptions) map[string]O {
	t.Helper()
	found := make(map[string]O)
	for obj, err := range k.collection.List(t.Context(), opts) {
		if err != nil {
			t.Fatalf("list %s %+v: %v", k.kind, opts, err)
		}
		if _, twice := found[obj.Metadata().ID]; twice {
			t.Errorf("list %s: %s comes twice", k.kind, obj.Metadata().ID)
		}
		found[obj.Metadata().ID] = obj
	}
	return found
}

// verify compares an object with its specification.
func (k *kind[S, O]) verify(t *testing.T, spec S, obj O) {
	t.Helper()
	want, got := k.meta(&spec), obj.Metadata()
	if got.Name != want.Name || got.Description != want.Description {
		t.Errorf("name and description are %q, %q; want %q, %q", got.Name, got.Description, want.Name, want.Description)
	}
	if !maps.Equal(got.Labels, want.Labels) {
		t.Errorf("labels are %v; want %v", got.Labels, want.Labels)
	}
	k.check(t, spec, obj)
}

// wantError fails the test unless an error has a reason.
func wantError(t *testing.T, what string, err, reason error) {
	t.Helper()
	_ = refusal(t, what, err, reason) // Nobody looks closer.
}

// refusal is a wantError that returns the error for a closer look.
func refusal(t *testing.T, what string, err, reason error) *cloud.Error {
	t.Helper()
	var e *cloud.Error
	if !errors.Is(err, reason) || !errors.As(err, &e) {
		t.Fatalf("%s: got %v; want %q", what, err, reason)
	}
	if e.Operator == "" {
		t.Errorf("%s: the error names no operator: %v", what, err)
	}
	return e
}
