package servicedesktest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// trouble are the scenarios of what goes wrong.
var trouble = []scenario{
	{"unknown id", testUnknownID},
	{"lost answers", testLostAnswers},
	{"interrupted before", testInterrupted},
	{"interrupted meanwhile", testInterruptedMeanwhile},
}

// oddIDs are no tickets, though each would lead to one if it were put into an address or a query as it is.
func oddIDs(of servicedesk.ID) []servicedesk.ID {
	return []servicedesk.ID{
		"", "no-such-ticket", "2147483600", "../" + of, "x/../" + of, of + "?x=1", of + "#x", of + "/", of + "/history",
		of + ".json", of + "%20", of + " OR id > 0", of + "' OR ''='", " " + of, of + "\n", "ā" + of,
	}
}

// testUnknownID asks for, and tries to change, what is no ticket; a real one beside it is not touched.
func testUnknownID(t *testing.T, h Harness) {
	n := h.full(h.plain(), "unknown id")
	ours := h.file(t, n)
	ctx := t.Context()
	for _, id := range oddIDs(ours.ID) {
		const words = "vdam-suite: said to nobody"
		ghost := ours
		ghost.ID = id
		_, err := h.Desk.Get(ctx, id)
		h.wantError(t, "look at no ticket "+string(id), err, cloud.ErrNotFound)
		_, err = h.Desk.Say(ctx, id, servicedesk.Message{Text: words})
		h.wantError(t, "message to no ticket "+string(id), err, cloud.ErrNotFound)
		err = h.Desk.Claim(ctx, id, n.Key)
		h.wantError(t, "claim of no ticket "+string(id), err, cloud.ErrNotFound)
		err = h.Desk.Update(ctx, ghost, servicedesk.Change{Subject: new("vdam-suite: nobody's")})
		h.wantError(t, "change of no ticket "+string(id), err, cloud.ErrNotFound)
		err = h.Desk.Transition(ctx, ghost, servicedesk.StatusCancelled, servicedesk.Message{Text: words})
		h.wantError(t, "cancelling of no ticket "+string(id), err, cloud.ErrNotFound)
		_, err = h.Desk.History(ctx, ghost)
		h.wantError(t, "history of no ticket "+string(id), err, cloud.ErrNotFound)
		if h.Desk.Describe().Attachments {
			_, err = h.Desk.Attach(ctx, id, servicedesk.File{Name: "nobody.txt", ContentType: "text/plain", Content: []byte("x")})
			h.wantError(t, "file for no ticket "+string(id), err, cloud.ErrNotFound)
			_, err = h.Desk.Attachments(ctx, id)
			h.wantError(t, "files of no ticket "+string(id), err, cloud.ErrNotFound)
		}
	}
	got := h.get(t, ours.ID)
	h.sameContent(t, got.Content, n.Content)
	if got.Status != ours.Status || got.Claimed != ours.Claimed {
		t.Errorf("orders for no ticket made ticket %s %s, claimed: %t", ours.ID, got.Status, got.Claimed)
	}
	h.quiet(t, ours.ID, "orders for no ticket")
}

// testLostAnswers: whatever becomes of an order without an answer, it says so, and it is carried out once at most.
func testLostAnswers(t *testing.T, h Harness) {
	if h.Losing == nil {
		t.Skip("the connection to this desk cannot be broken")
	}
	for _, after := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			n := h.draft(h.plain(), "lost answer")
			id, err := h.Losing(t, after).Create(t.Context(), n)
			if err != nil {
				h.wantError(t, "order whose answer was lost", err, cloud.ErrUnknownOutcome)
			}
			if err != nil && id != "" {
				t.Errorf("the outcome is not known, and yet it is ticket %s", id)
			}
			found := h.find(t, n.Key, 1)
			for _, f := range found {
				withdrawAtEnd(t, h, h.Desk, f.ID)
			}
			if len(found) > 1 {
				t.Errorf("one order was carried out %d times: %v", len(found), ids(found))
			}
			if err == nil && (len(found) != 1 || found[0].ID != id) {
				t.Errorf("the order was answered with ticket %s, and its key finds %v", id, ids(found))
			}
		})
	}
}

// inTime fails the test if a call does not end soon.
func (h Harness) inTime(t *testing.T, what string, call func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-time.After(h.patience()):
		t.Fatalf("%s was interrupted, and goes on after %v", what, h.patience())
		return nil
	}
}

// testInterrupted: nothing is done for somebody who has gone.
func testInterrupted(t *testing.T, h Harness) {
	ours := h.fileOne(t, h.plain(), "interrupted")
	n := h.draft(h.plain(), "interrupted")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for what, call := range map[string]func() error{
		"filing":           func() error { _, err := h.Desk.Create(ctx, n); return err },
		"search for a key": func() error { _, err := h.Desk.FindByKey(ctx, ours.Key); return err },
		"a look":           func() error { _, err := h.Desk.Get(ctx, ours.ID); return err },
		"a look at many":   func() error { _, err := h.Desk.Glance(ctx, []servicedesk.ID{ours.ID}, noTime); return err },
		"a message":        func() error { _, err := h.Desk.Say(ctx, ours.ID, servicedesk.Message{Text: "Too late."}); return err },
		"history":          func() error { _, err := h.Desk.History(ctx, ours); return err },
		"search": func() error {
			for _, err := range h.Desk.Search(ctx, servicedesk.Query{CreatedFrom: ours.CreatedAt}) {
				return err
			}
			return nil
		},
	} {
		if err := h.inTime(t, what, call); err == nil {
			t.Errorf("%s was interrupted before it began, and there is no error", what)
		}
	}
	h.wantNone(t, "filing was interrupted before it began", n.Key)
}

// testInterruptedMeanwhile: who is interrupted while an order is under way is not told that nothing was done.
func testInterruptedMeanwhile(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "interrupted meanwhile")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	var id servicedesk.ID
	err := h.inTime(t, "filing", func() (err error) { id, err = h.Desk.Create(ctx, n); return err })
	if err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) {
		h.Patience = min(h.patience(), 5*time.Second) // Nothing is to come.
	}
	found := h.find(t, n.Key, 1)
	for _, f := range found {
		withdrawAtEnd(t, h, h.Desk, f.ID)
	}
	switch {
	case err == nil && (len(found) != 1 || found[0].ID != id):
		t.Errorf("the order was answered with ticket %s, and its key finds %v", id, ids(found))
	case err != nil && len(found) > 0 && !errors.Is(err, cloud.ErrUnknownOutcome):
		t.Errorf("the order has made ticket %s, and the error does not say that it may have: %v", found[0].ID, err)
	case len(found) > 1:
		t.Errorf("one order was carried out %d times: %v", len(found), ids(found))
	}
}
