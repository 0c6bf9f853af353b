package servicedesktest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// keys are the scenarios of finding a ticket again.
var keys = []scenario{
	{"found by its key and claimed", testClaim},
	{"key of no ticket", testUnknownKey},
	{"key of every letter", testLongKey},
	{"key of another account", testStrangersKey},
	{"key of a ticket that has ended", testEndedKey},
	{"key used twice", testKeyTwice},
	{"many at a time", testManyAtATime},
}

// testClaim claims twice, which is claiming once.
func testClaim(t *testing.T, h Harness) {
	n := h.full(h.plain(), "claim")
	id := h.create(t, n)
	found := h.find(t, n.Key, 1)
	if len(found) != 1 || found[0].ID != id || found[0].Key != n.Key || !found[0].Own {
		t.Fatalf("a run that was cut off would look for key %s, and find %+v; want %s alone", n.Key, found, id)
	}
	h.sameContent(t, found[0].Content, n.Content)
	if found[0].Claimed && !h.Desk.Describe().AtomicKeys {
		t.Error("it is found as claimed before anybody has claimed it, so that no run would take it over")
	}
	for range 2 {
		if err := h.Desk.Claim(t.Context(), id, n.Key); err != nil {
			t.Fatalf("ticket %s could not be claimed: %v", id, err)
		}
	}
	got := h.get(t, id)
	if !got.Claimed || got.Key != n.Key {
		t.Errorf("after the claim, claimed and key are %t and %q; want true and %q", got.Claimed, got.Key, n.Key)
	}
	h.sameContent(t, got.Content, n.Content)
	if found = h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != id || !found[0].Claimed {
		t.Errorf("after the claim, the key finds %+v; want %s, claimed", found, id)
	}
	h.quiet(t, id, "the claim")
}

// testUnknownKey asks for keys that are nearly those of a ticket: one found by them would be taken over by mistake.
func testUnknownKey(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "unknown key")
	n.Key += "-a.b:c"
	h.create(t, n)
	h.find(t, n.Key, 1)
	h.wantNone(t, "search for the key of no ticket", newKey())
	for what, key := range map[string]string{
		"the beginning of a key": strings.TrimSuffix(n.Key, ":c"), "the end of a key": strings.TrimPrefix(n.Key, "vdam-"),
		"a key with more letters": n.Key + "d", "a key with a wildcard of SQL in it": strings.Replace(n.Key, "-a", "_a", 1),
		"a key with another letter for a point": strings.Replace(n.Key, "a.b", "acb", 1),
	} {
		if found := h.find(t, key, 0); len(found) > 0 {
			t.Errorf("search for %s finds the ticket of another key: %v", what, ids(found))
		}
	}
}

func testLongKey(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "long key")
	n.Key = "vdam-suite:0123456789_-./abcdefghijklmnopqrstuvwxyz/" + newKey()
	n.Key += strings.Repeat("x", 200-len(n.Key))
	id := h.create(t, n)
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != id || found[0].Key != n.Key {
		t.Fatalf("a key of 200 letters finds %v; want %s", ids(found), id)
	}
	if err := h.Desk.Claim(t.Context(), id, n.Key); err != nil {
		t.Errorf("a ticket with a key of 200 letters could not be claimed: %v", err)
	}
	if got := h.get(t, id); !got.Claimed || got.Key != n.Key {
		t.Errorf("a ticket with a key of 200 letters is claimed: %t, and has the key %q", got.Claimed, got.Key)
	}
}

// testStrangersKey: what another agency has filed is never ours, whatever key it has.
func testStrangersKey(t *testing.T, h Harness) {
	if h.Other == nil {
		t.Skip("there is no other account at this desk")
	}
	n := h.draft(h.plain(), "key of another account")
	theirs, err := h.Other.Create(t.Context(), n)
	if err != nil {
		t.Fatalf("the other account could not file a ticket: %v", err)
	}
	withdrawAtEnd(t, h, h.Other, theirs)
	other := Harness{Desk: h.Other, Patience: h.Patience}
	if found := other.find(t, n.Key, 1); len(found) != 1 || found[0].ID != theirs {
		t.Fatalf("the other account finds %v by its key; want %s", ids(found), theirs)
	}
	if found := h.find(t, n.Key, 0); len(found) > 0 {
		t.Errorf("the key finds what another account has filed: %v", ids(found))
	}
	ours := h.create(t, n)
	if ours == theirs {
		t.Fatalf("a ticket filed with another account's key is that account's ticket %s", theirs)
	}
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != ours {
		t.Errorf("a key that two accounts use finds %v; want ours, %s", ids(found), ours)
	}
}

// testEndedKey: a run must see that its order was filed and has ended; if it files it again, that is a new ticket.
func testEndedKey(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "key of the past")
	got := h.file(t, n)
	if h.mapping(n.Type).CancelStatus == "" {
		h.begin(t, got)
		h.Agent.Resolve(t, got.ID, "Done.")
	} else if err := h.Desk.Transition(t.Context(), got, servicedesk.StatusCancelled, servicedesk.Message{Text: "Not needed."}); err != nil {
		t.Fatalf("ticket %s could not be cancelled: %v", got.ID, err)
	}
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != got.ID || !found[0].Status.Terminal() {
		t.Errorf("the key of a ticket that has ended finds %+v; want %s, ended", found, got.ID)
	}
	again := h.create(t, n)
	if found := h.find(t, n.Key, 2); !slices.Equal(ids(found), []servicedesk.ID{got.ID, again}) {
		t.Errorf("after it was filed again, as %s, the key of ended ticket %s finds %v; want both", again, got.ID, ids(found))
	}
}

// testKeyTwice files twice with a key, as two runs at the same time may do.
func testKeyTwice(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "key used twice")
	first, second := h.create(t, n), h.create(t, n)
	if h.Desk.Describe().AtomicKeys {
		if first != second {
			t.Errorf("the desk says that it makes one ticket of a key, and has made %s and %s", first, second)
		}
		if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].ID != first {
			t.Errorf("the key finds %v; want %s", ids(found), first)
		}
		return
	}
	if found := h.find(t, n.Key, 2); !slices.Equal(ids(found), []servicedesk.ID{first, second}) {
		t.Errorf("the key finds %v; want %s and %s, oldest first, so that two runs agree on the one that stays", ids(found), first, second)
	}
	// Two runs may both claim before either sees the other.
	claimed := make(map[servicedesk.ID]bool)
	for _, id := range []servicedesk.ID{second, first} {
		claimed[id] = h.Desk.Claim(t.Context(), id, n.Key) == nil
	}
	found := h.find(t, n.Key, 2)
	if len(found) != 2 || !claimed[first] && !claimed[second] {
		t.Fatalf("after claims (done: %v), the key finds %v; want both, and one claimed", claimed, ids(found))
	}
	for _, f := range found {
		if f.Claimed != claimed[f.ID] {
			t.Errorf("ticket %s was claimed: %t; its key finds it as claimed: %t", f.ID, claimed[f.ID], f.Claimed)
		}
	}
}

// testManyAtATime files as Terraform does: in parallel.
func testManyAtATime(t *testing.T, h Harness) {
	const number = 8
	drafts, made := make([]servicedesk.NewTicket, number), make([]servicedesk.ID, number)
	errs := make([]error, number)
	var group sync.WaitGroup
	for i := range number {
		drafts[i] = h.draft(h.plain(), "many at a time")
		group.Go(func() { made[i], errs[i] = h.Desk.Create(t.Context(), drafts[i]) })
	}
	group.Wait()
	seen := make(map[servicedesk.ID]bool, number)
	for i, id := range made {
		if errs[i] != nil {
			t.Errorf("one of %d tickets filed at a time was not: %v", number, errs[i])
			continue
		}
		withdrawAtEnd(t, h, h.Desk, id)
		if seen[id] {
			t.Errorf("two orders with keys of their own were answered with ticket %s", id)
		}
		seen[id] = true
		if found := h.find(t, drafts[i].Key, 1); len(found) != 1 || found[0].ID != id || found[0].Subject != drafts[i].Subject {
			t.Errorf("key %s finds %v; want %s", drafts[i].Key, ids(found), id)
		}
	}
}
