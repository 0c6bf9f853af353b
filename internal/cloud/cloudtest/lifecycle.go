package cloudtest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// testLifecycle orders, reads, claims and deletes.
func testLifecycle[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec := k.named(t)
	key := newKey()
	ordered := k.order(t, spec, key)
	m := ordered.Metadata()
	if m.ID == "" || m.Replayed {
		t.Fatalf("the order was answered with %+v", m)
	}
	if m.Ownership.Key != key || m.Ownership.Deployment != deployment || m.Ownership.Claimed {
		t.Errorf("ownership is %+v", m.Ownership)
	}
	obj := k.becomes(t, m.ID, cloud.StateReady)
	k.verify(t, spec, obj)
	if created := obj.Metadata().CreatedAt; time.Since(created).Abs() > time.Hour || created.Location() != time.UTC {
		t.Errorf("it was created at %v", created)
	}
	for range 2 { // Claiming twice is claiming once.
		if err := k.collection.Claim(t.Context(), m.ID); err != nil {
			t.Fatalf("claim: %v", err)
		}
	}
	got, err := k.collection.Get(t.Context(), m.ID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if !got.Metadata().Ownership.Claimed {
		t.Error("it is not claimed")
	}
	k.verify(t, spec, got)
	k.delete(t, m.ID)
	_, err = k.collection.Get(t.Context(), m.ID)
	wantError(t, "get of what was deleted", err, cloud.ErrNotFound)
	wantError(t, "deletion of what was deleted", k.collection.Delete(t.Context(), m.ID), cloud.ErrNotFound)
}

// testUpdate changes what all kinds have, and what is the kind's own.
func testUpdate[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	from := k.named(t)
	id := k.ready(t, from, newKey()).Metadata().ID
	to := from
	if k.keeps("name") {
		k.meta(&to).Name = newName("renamed")
	}
	k.write(&to, "changed by a test", map[string]string{"suite": "cloudtest", "step": "two", "new": "yes"})
	if k.change != nil {
		k.change(&to)
	}
	k.verify(t, to, k.update(t, id, from, to))

	bare := to
	k.write(&bare, "", nil)
	k.verify(t, bare, k.update(t, id, to, bare))
}

func testNothingToUpdate[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec := k.named(t)
	id := k.ready(t, spec, newKey()).Metadata().ID
	obj, err := k.collection.Update(t.Context(), id, cloud.Change[S]{From: spec, To: spec})
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	if state := obj.Metadata().State; state != cloud.StateReady {
		t.Errorf("an update without a change made it %s", state)
	}
}

// testSameKey orders twice with a key: there is one object while it is unclaimed.
func testSameKey[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec, key := k.named(t), newKey()
	first := k.order(t, spec, key).Metadata()
	second := k.order(t, spec, key).Metadata()
	if second.ID != first.ID || !second.Replayed {
		t.Errorf("the second order made %s (replayed: %t), the first %s", second.ID, second.Replayed, first.ID)
	}
	k.becomes(t, first.ID, cloud.StateReady)
	if err := k.collection.Claim(t.Context(), first.ID); err != nil {
		t.Fatalf("claim: %v", err)
	}
	_, err := k.create(t, spec, key)
	wantError(t, "order with the key of a claimed object", err, cloud.ErrConflict)
}

func testNameTaken[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec := k.named(t)
	first := k.ready(t, spec, newKey()).Metadata()
	_, err := k.create(t, spec, newKey())
	e := refusal(t, "order of a name that is taken", err, cloud.ErrConflict)
	if e.Existing == nil || e.Existing.ID != first.ID || e.Existing.Ownership.Deployment != deployment {
		t.Errorf("the error shows %+v as what has the name; want %s", e.Existing, first.ID)
	}
	if e.RequestID == "" && !k.local {
		t.Error("the error has no request id")
	}
}

func testSameKeyAfterDeletion[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec, key := k.named(t), newKey()
	first := k.ready(t, spec, key).Metadata().ID
	k.delete(t, first)
	second := k.ready(t, spec, key).Metadata()
	if second.ID == first && !k.pair || second.Replayed {
		t.Errorf("an order after the deletion was answered with %s (replayed: %t), before it was %s", second.ID, second.Replayed, first)
	}
}

// testList finds objects by everything that a list can be narrowed by.
func testList[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec, key := k.named(t), newKey()
	k.write(&spec, "made by a test", map[string]string{"suite": "cloudtest", "only": newName("label")})
	want := k.ready(t, spec, key)
	id, m := want.Metadata().ID, k.meta(&spec)
	for what, opts := range map[string]cloud.ListOptions{
		"name":      {Name: m.Name},
		"owner key": {OwnerKey: key},
		"labels":    {Labels: m.Labels},
		"all":       {Name: m.Name, OwnerKey: key, Labels: m.Labels},
	} {
		found := k.find(t, opts)
		if len(found) != 1 || found[id].Metadata().ID != id {
			t.Errorf("list by %s found %d objects; want %s alone", what, len(found), id)
			continue
		}
		k.verify(t, spec, found[id])
		if got := found[id].Metadata().Ownership.Key; got != key {
			t.Errorf("a listed object has the owner key %q", got)
		}
	}
	if _, ok := k.find(t, cloud.ListOptions{})[id]; !ok {
		t.Error("the whole list lacks the object")
	}
	if found := k.find(t, cloud.ListOptions{Name: newName("none")}); len(found) != 0 {
		t.Errorf("a list of a name that nothing has found %d objects", len(found))
	}
}

// testLetters keeps what people write.
func testLetters[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec := k.named(t)
	k.write(&spec, "Ģimenes ārsts Žanis šķūrē ēku; „rīt” – ne šodien\n2. rinda", map[string]string{
		"iestade": "Valsts zemes dienests, Rīga", "zime": "ĀČĒĢĪĶĻŅŠŪŽ 🇱🇻", "vards/otrs": strings.Repeat("garš \\ ", 30),
	})
	k.verify(t, spec, k.ready(t, spec, newKey()))
}

func testUnknownID[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	spec := k.named(t)
	for _, id := range []string{"no-such-object", "../operator", ""} {
		_, err := k.collection.Get(t.Context(), id)
		wantError(t, "get of "+id, err, cloud.ErrNotFound)
		wantError(t, "deletion of "+id, k.collection.Delete(t.Context(), id), cloud.ErrNotFound)
		wantError(t, "claim of "+id, k.collection.Claim(t.Context(), id), cloud.ErrNotFound)
		changed := spec
		k.meta(&changed).Description = "another"
		_, err = k.collection.Update(t.Context(), id, cloud.Change[S]{From: spec, To: changed})
		wantError(t, "update of "+id, err, cloud.ErrNotFound)
	}
}

// testAwait answers when the object settles, and after the limit if it does not.
func testAwait[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	if k.h.Hold == nil {
		t.Skip("this operator cannot be made to hold objects")
	}
	spec := k.named(t)
	release := k.h.Hold(t)
	id := k.order(t, spec, newKey()).Metadata().ID
	obj, err := k.collection.Await(t.Context(), id, time.Second)
	if err != nil {
		t.Fatalf("await: %v", err)
	}
	if m := obj.Metadata(); m.State != cloud.StateCreating {
		t.Errorf("a held object is %s", m.State)
	}
	release()
	k.becomes(t, id, cloud.StateReady)
}

// testAnswerLost finds what an order made whose answer never came.
func testAnswerLost[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	if k.h.LoseCreateAnswer == nil {
		t.Skip("answers of this operator cannot be lost on order")
	}
	spec, key := k.named(t), newKey()
	k.h.LoseCreateAnswer(t, k.kind)
	_, err := k.create(t, spec, key)
	wantError(t, "order whose answer is lost", err, cloud.ErrUnknownOutcome)
	m := k.order(t, spec, key).Metadata()
	if !m.Replayed {
		t.Error("the second order is not said to be a replay")
	}
	if found := k.find(t, cloud.ListOptions{OwnerKey: key}); len(found) != 1 {
		t.Errorf("there are %d objects of the key; want 1", len(found))
	}
	k.becomes(t, m.ID, cloud.StateReady)
}

// testChangedElsewhere changes one property although somebody else has changed another in between.
func testChangedElsewhere[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	if k.h.Describe == nil || !k.keeps("description") {
		t.Skip("objects of this operator cannot be changed behind the driver's back")
	}
	from := k.named(t)
	id := k.ready(t, from, newKey()).Metadata().ID
	k.h.Describe(t, k.kind, id, "changed at the portal")
	k.becomes(t, id, cloud.StateReady)
	to := from
	k.write(&to, k.meta(&from).Description, map[string]string{"suite": "cloudtest", "step": "two"})
	want := to
	k.meta(&want).Description = "changed at the portal" // Which nobody asked to change back.
	k.verify(t, want, k.update(t, id, from, to))
}

func testRemovedElsewhere[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	if k.h.Remove == nil {
		t.Skip("objects of this operator cannot be removed behind the driver's back")
	}
	spec := k.named(t)
	id := k.ready(t, spec, newKey()).Metadata().ID
	k.h.Remove(t, k.kind, id)
	_, err := k.collection.Get(t.Context(), id)
	wantError(t, "get", err, cloud.ErrNotFound)
	if found := k.find(t, cloud.ListOptions{Name: k.meta(&spec).Name}); len(found) != 0 {
		t.Errorf("the list still has %d", len(found))
	}
	to := spec
	k.meta(&to).Description = "another"
	_, err = k.collection.Update(t.Context(), id, cloud.Change[S]{From: spec, To: to})
	wantError(t, "update", err, cloud.ErrNotFound)
}

// testFailed shows the operator's words about what failed for good, which can then be deleted.
func testFailed[S any, O cloud.Object](t *testing.T, k *kind[S, O]) {
	if k.h.FailNext == nil {
		t.Skip("orders of this operator cannot be made to fail")
	}
	spec := k.named(t)
	const message = "No host has room for it: mēģiniet vēlāk."
	k.h.FailNext(t, k.kind, message)
	id := k.order(t, spec, newKey()).Metadata().ID
	obj := k.becomes(t, id, cloud.StateFailed)
	if got := obj.Metadata().StateMessage; got != message {
		t.Errorf("the operator said %q; want %q", got, message)
	}
	to := spec
	k.meta(&to).Description = "another"
	_, err := k.collection.Update(t.Context(), id, cloud.Change[S]{From: spec, To: to})
	if !errors.Is(err, cloud.ErrConflict) {
		t.Errorf("change of what failed: got %v; want %q", err, cloud.ErrConflict)
	}
	k.delete(t, id)
}
