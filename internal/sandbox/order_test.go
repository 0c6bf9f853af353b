package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

const key = "Idempotency-Key"

// m is the JSON of an order or a change.
type m = map[string]any

// machineOf is the order of a small machine.
func machineOf(name string, more m) m {
	order := m{
		"name": name, "vcpus": 2, "memory_mib": 4096, "image_id": "debian-13-20260601",
		"boot_disk": m{"size_gib": 20, "on_destroy": "delete"},
	}
	for k, v := range more {
		if order[k] = v; v == nil {
			delete(order, k)
		}
	}
	return order
}

func TestSameKeyUnclaimedIsTheSameObject(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	id := uuid.NewString()
	first := c.order("storage-volumes", m{"name": "data", "size_gib": 10}, key, id).is(http.StatusCreated).view()
	if first.Ownership.Key != id || first.Ownership.Claimed {
		t.Errorf("ownership %+v, want the key %s and no claim", first.Ownership, id)
	}
	settled := c.get("storage-volumes/" + first.ID).is(http.StatusOK).view()
	for name, body := range map[string]any{
		"same body":         m{"name": "data", "size_gib": 10},
		"another name":      m{"name": "other", "size_gib": 10},
		"another size":      m{"name": "data", "size_gib": 99},
		"impossible values": m{"name": "data", "size_gib": 10, "zone": "nowhere"},
	} {
		again := c.order("storage-volumes", body, key, id).is(http.StatusOK)
		if v := again.view(); v.ID != first.ID || v.Name != "data" || v.SizeGiB != 10 || v.Etag != settled.Etag {
			t.Errorf("%s: %+v, want the object as it is: %+v", name, v, settled)
		}
		if again.header.Get("ETag") != settled.Etag {
			t.Errorf("%s: ETag %q, want %q", name, again.header.Get("ETag"), settled.Etag)
		}
	}
	// Keys count per project and kind, and per operator.
	c.order("networks", m{"name": "data", "cidr": "10.0.0.0/24"}, key, id).is(http.StatusCreated)
	c.order("/v1/projects/cadastre/storage-volumes", m{"name": "data", "size_gib": 1}, key, id).is(http.StatusCreated)
	at(t, s, "lnb").order("storage-volumes", m{"name": "data", "size_gib": 1}, key, id).is(http.StatusCreated)
	if items, _ := c.list("storage-volumes"); len(items) != 1 {
		t.Errorf("there are %v, want one", names(items))
	}
}

func TestKeyOfAClaimedObjectIsAnOrdinaryOrder(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	id := uuid.NewString()
	first := c.order("storage-volumes", m{"name": "data", "size_gib": 10}, key, id).is(http.StatusCreated).view()
	c.do(http.MethodPost, "storage-volumes/"+first.ID+"/claim", nil).is(http.StatusNoContent)
	r := c.order("storage-volumes", m{"name": "data", "size_gib": 10}, key, id).refused(http.StatusConflict, "name-taken")
	if e := r.Existing; e == nil || e.ID != first.ID || e.Name != "data" || e.State != "ready" || !e.Ownership.Claimed ||
		e.Ownership.Key != id || !e.CreatedAt.Equal(first.CreatedAt) {
		t.Errorf("existing is %+v, want %s", e, first.ID)
	}
	second := c.order("storage-volumes", m{"name": "data-2", "size_gib": 10}, key, id).is(http.StatusCreated).view()
	if second.ID == first.ID {
		t.Error("another object has the same id")
	}
}

func TestKeyOfADeletingObject(t *testing.T) {
	s := start(t, Options{Transition: 7 * time.Second})
	c := at(t, s, "lvrtc")
	id := uuid.NewString()
	body := m{"name": "data", "size_gib": 10}
	first := c.order("storage-volumes", body, key, id).is(http.StatusCreated).view()
	s.MoveClock(7 * time.Second)
	c.remove("storage-volumes/" + first.ID).is(http.StatusAccepted)
	a := c.order("storage-volumes", body, key, id)
	a.refused(http.StatusConflict, "conflict")
	if got := a.header.Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After is %q, want 7", got)
	}
	s.MoveClock(7 * time.Second)
	if second := c.order("storage-volumes", body, key, id).is(http.StatusCreated).view(); second.ID == first.ID {
		t.Error("the id of an object that is gone is used again")
	}
}

func TestClaimChangesNothingElse(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	made := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24", "ownership": m{"deployment": "reģistrs/prod"}})
	for range 2 {
		c.do(http.MethodPost, "networks/"+made.ID+"/claim", nil).is(http.StatusNoContent)
		a := c.get("networks/" + made.ID).is(http.StatusOK)
		v := a.view()
		if !v.Ownership.Claimed || v.Ownership.Key != made.Ownership.Key || v.Ownership.Deployment != "reģistrs/prod" {
			t.Errorf("ownership %+v", v.Ownership)
		}
		if v.Etag != made.Etag || a.header.Get("ETag") != made.Etag || !v.UpdatedAt.Equal(made.UpdatedAt) || v.State != "ready" {
			t.Errorf("%+v\nwas\n%+v", v, made)
		}
	}
	c.patch("networks/"+made.ID, made.Etag, `{"description":"still the same ETag"}`).is(http.StatusOK)
}

func TestNameIsTakenInEveryState(t *testing.T) {
	s := start(t, Options{Transition: time.Second})
	c := at(t, s, "lvrtc")
	body := m{"name": "data", "size_gib": 10}
	v := c.order("storage-volumes", body).is(http.StatusCreated).view()
	taken := func(state string) {
		t.Helper()
		if r := c.order("storage-volumes", body).refused(http.StatusConflict, "name-taken"); r.Existing == nil || r.Existing.State != state {
			t.Errorf("existing is %+v, want it %s", r.Existing, state)
		}
	}
	taken("creating")
	s.MoveClock(time.Second)
	taken("ready")
	if err := s.Fail(t.Context(), "lvrtc", v.ID, "The disk broke."); err != nil {
		t.Fatal(err)
	}
	taken("failed")
	c.remove("storage-volumes/" + v.ID).is(http.StatusAccepted)
	taken("deleting")
	s.MoveClock(time.Second)
	other := c.order("storage-volumes", body).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	third := c.order("storage-volumes", m{"name": "third", "size_gib": 1}).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	etag := c.get("storage-volumes/" + third.ID).view().Etag
	r := c.patch("storage-volumes/"+third.ID, etag, `{"name":"data"}`).refused(http.StatusConflict, "name-taken")
	if r.Existing == nil || r.Existing.ID != other.ID {
		t.Errorf("existing is %+v, want %s", r.Existing, other.ID)
	}
	c.patch("storage-volumes/"+third.ID, etag, `{"name":"fourth"}`).is(http.StatusOK)
	c.order("storage-volumes", m{"name": "third", "size_gib": 1}).is(http.StatusCreated)
}

func TestOneKeyAtOnceMakesOneObject(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	id := uuid.NewString()
	const clients = 64
	answers := make([]answer, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			answers[i] = c.order("storage-volumes", m{"name": fmt.Sprintf("data-%d", i), "size_gib": 1 + i}, key, id)
		})
	}
	all.Wait()
	statuses, ids := map[int]int{}, map[string]bool{}
	for _, a := range answers {
		statuses[a.status]++
		ids[a.view().ID] = true
	}
	if statuses[http.StatusCreated] != 1 || statuses[http.StatusOK] != clients-1 || len(ids) != 1 {
		t.Errorf("statuses %v, ids %v", statuses, slices.Collect(maps.Keys(ids)))
	}
	if items, _ := c.list("storage-volumes"); len(items) != 1 {
		t.Errorf("there are %v, want one", names(items))
	}
}

func TestOneNameAtOnceMakesOneObject(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	answers := make([]answer, 16)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = c.order("storage-volumes", m{"name": "data", "size_gib": 1}) })
	}
	all.Wait()
	made := 0
	for _, a := range answers {
		if a.status == http.StatusCreated {
			made++
		} else {
			a.refused(http.StatusConflict, "name-taken")
		}
	}
	if made != 1 {
		t.Errorf("%d were made, want 1", made)
	}
}

func TestChangeThatChangesNothingKeepsTheETag(t *testing.T) {
	s := start(t, Options{Transition: time.Second})
	c := at(t, s, "lvrtc")
	v := c.order("storage-volumes", m{"name": "data", "size_gib": 10, "labels": m{"env": "test"}}).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	path := "storage-volumes/" + v.ID
	before := c.get(path).is(http.StatusOK)
	for _, patch := range []string{
		`{}`, `{"size_gib":10}`, `{"name":"data"}`, `{"labels":{"env":"test"}}`, `{"labels":{"gone":null}}`, `{"description":null}`,
	} {
		a := c.patch(path, before.view().Etag, patch).is(http.StatusOK)
		if string(a.body) != string(before.body) || a.header.Get("ETag") != before.header.Get("ETag") {
			t.Errorf("%s changed it to\n%s\nfrom\n%s", patch, a.body, before.body)
		}
	}
	etag := before.view().Etag
	seen := map[string]bool{etag: true}
	for _, patch := range []string{`{"size_gib":11}`, `{"labels":{"env":null}}`, `{"description":"x"}`, `{"name":"other"}`} {
		a := c.patch(path, etag, patch).is(http.StatusOK)
		if v := a.view(); v.State != "updating" || seen[v.Etag] {
			t.Errorf("%s: state %s, ETag %s seen before: %v", patch, v.State, v.Etag, seen[v.Etag])
		}
		seen[a.view().Etag] = true
		s.MoveClock(time.Second)
		etag = c.get(path).is(http.StatusOK).view().Etag
		seen[etag] = true
	}
	if len(seen) != 9 {
		t.Errorf("%d ETags, want one for each of 9 representations", len(seen))
	}
}

func TestLatvianLettersSurvive(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir})
	const text = `Āčēģīķļņšūž ĀČĒĢĪĶĻŅŠŪŽ „pēdiņas” <&> 🇱🇻 a\u0304`
	labels := map[string]string{"vdam.lv/owner": "Valsts zemes dienests — Rīga", "empty": "", "x.y_z-1": text}
	order := m{"name": "data", "size_gib": 1, "description": text, "labels": labels, "ownership": m{"deployment": text}}
	check := func(v view) {
		t.Helper()
		if v.Description != text || v.Ownership.Deployment != text || !maps.Equal(v.Labels, labels) {
			t.Errorf("%+v, want %q and %q", v, text, labels)
		}
	}
	c := at(t, s, "lvrtc")
	made := c.made("storage-volumes", order)
	check(made)
	items, _ := c.list("storage-volumes?label=x.y_z-1%3D" + "wrong")
	if len(items) != 0 {
		t.Errorf("a filter that does not match found %v", names(items))
	}
	check(c.patch("storage-volumes/"+made.ID, made.Etag, `{"size_gib":2}`).is(http.StatusOK).view())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(at(t, start(t, Options{Dir: dir}), "lvrtc").get("storage-volumes/" + made.ID).is(http.StatusOK).view())
}
