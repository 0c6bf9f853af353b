package servicedesktest

import (
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// people are the scenarios of what the desk's people do.
var people = []scenario{
	{"approved", testApprove},
	{"rejected", testReject},
	{"approval that passed quickly", testQuickApproval},
	{"asked back", testAsk},
	{"held", testHold},
	{"resolved and reopened", testResolve},
	{"said by the desk", testAgentSays},
	{"renamed by the desk", testRename},
	{"merged", testMerge},
	{"hidden", testHide},
	{"deleted by the desk", testDelete},
}

// begin makes the desk's people work on a ticket.
func (h Harness) begin(t *testing.T, ticket servicedesk.Ticket) {
	t.Helper()
	if h.approves(ticket.Type) {
		h.Agent.Approve(t, ticket.ID)
	}
	h.Agent.Start(t, ticket.ID)
}

// saidByStaff waits until the requester sees words of the desk's people.
func (h Harness) saidByStaff(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	e := h.happened(t, id, "the desk's words "+words, func(e servicedesk.Event) bool {
		return strings.TrimSpace(e.Message.Text) == words
	})
	if e.ID != "" && (!e.Message.Public || !e.Staff || e.Own || e.Author == "") {
		t.Errorf("%q is shown as public: %t, by staff: %t, own: %t, by %q; the desk's people have said it in public",
			words, e.Message.Public, e.Staff, e.Own, e.Author)
	}
}

// changedTo waits until the history tells of a change of status by the desk's people.
func (h Harness) changedTo(t *testing.T, id servicedesk.ID, what string, is func(servicedesk.Meaning) bool) {
	t.Helper()
	if !h.Desk.Describe().History {
		return
	}
	e := h.happened(t, id, "that it was "+what, func(e servicedesk.Event) bool {
		return e.Kind == servicedesk.EventStatus && is(e.To)
	})
	if e.ID != "" && (!e.Staff || e.Own || e.Author == "") {
		t.Errorf("the history says that it was %s by %q (staff: %t, own: %t); the desk's people did it", what, e.Author, e.Staff, e.Own)
	}
}

func (h Harness) changeForApproval(t *testing.T, what string) servicedesk.Ticket {
	t.Helper()
	if !h.Can.Approve {
		t.Skip("this desk knows no approvals")
	}
	return h.fileOne(t, servicedesk.TypeChange, what)
}

func testApprove(t *testing.T, h Harness) {
	id := h.changeForApproval(t, "approved").ID
	h.Agent.Approve(t, id)
	var got servicedesk.Ticket
	if !h.eventually(t, func() bool { got = h.get(t, id); return got.Approval == servicedesk.ApprovalApproved }) {
		t.Fatalf("the desk's people have approved it, and its approval is shown as %s (%s, %q)", got.Approval, got.Status, got.NativeStatus)
	}
	if got.Status.Terminal() || got.Awaiting == servicedesk.AwaitingApprover || got.Awaiting == servicedesk.AwaitingNobody {
		t.Errorf("an approved change is %s and awaits %s", got.Status, got.Awaiting)
	}
	h.changedTo(t, id, "approved", func(m servicedesk.Meaning) bool { return m.Approval == servicedesk.ApprovalApproved })
	h.Agent.Start(t, id)
	if got = h.becomes(t, id, servicedesk.StatusInProgress); got.Approval != servicedesk.ApprovalApproved {
		t.Errorf("while the work goes on, its approval is %s", got.Approval)
	}
}

func testReject(t *testing.T, h Harness) {
	id := h.changeForApproval(t, "rejected").ID
	const reason = "Not before the audit: lūdzu, vēlāk."
	h.Agent.Reject(t, id, reason)
	got := h.becomes(t, id, servicedesk.StatusRejected)
	if got.Approval != servicedesk.ApprovalRejected || got.Awaiting != servicedesk.AwaitingNobody {
		t.Errorf("a rejected change has the approval %s and awaits %s; want rejected, nobody", got.Approval, got.Awaiting)
	}
	h.changedTo(t, id, "rejected", func(m servicedesk.Meaning) bool { return m.Status == servicedesk.StatusRejected })
	h.saidByStaff(t, id, reason)
}

// testQuickApproval: a wait that looks now and then must find in the history what it has missed.
func testQuickApproval(t *testing.T, h Harness) {
	id := h.changeForApproval(t, "quick approval").ID
	h.Agent.Approve(t, id)
	h.Agent.Start(t, id)
	h.Agent.Resolve(t, id, "Done.")
	got := h.becomes(t, id, servicedesk.StatusResolved)
	h.changedTo(t, id, "approved", func(m servicedesk.Meaning) bool { return m.Approval == servicedesk.ApprovalApproved })
	h.changedTo(t, id, "in progress", func(m servicedesk.Meaning) bool { return m.Status == servicedesk.StatusInProgress })
	h.changedTo(t, id, "resolved", func(m servicedesk.Meaning) bool { return m.Status == servicedesk.StatusResolved })
	if h.Desk.Describe().History && got.Approval != servicedesk.ApprovalApproved {
		t.Errorf("it was approved and resolved, and its approval is shown as %s", got.Approval)
	}
}

func testAsk(t *testing.T, h Harness) {
	if !h.Can.Ask {
		t.Skip("this desk knows no status that waits for the requester")
	}
	got := h.fileOne(t, h.typeKnowing(t, servicedesk.StatusPending), "asked back")
	h.begin(t, got)
	const question = "Which rack? Kurš skapis?"
	h.Agent.Ask(t, got.ID, question)
	if after := h.becomes(t, got.ID, servicedesk.StatusPending); after.Awaiting != servicedesk.AwaitingRequester {
		t.Errorf("the desk has asked the requester, and the ticket awaits %s", after.Awaiting)
	}
	h.saidByStaff(t, got.ID, question)
}

// typeKnowing is a type of tickets that can have a status.
func (h Harness) typeKnowing(t *testing.T, status servicedesk.Status) servicedesk.Type {
	t.Helper()
	for _, typ := range []servicedesk.Type{h.plain(), servicedesk.TypeServiceRequest, servicedesk.TypeChange} {
		for _, m := range h.mapping(typ).Statuses {
			if m.Status == status {
				return typ
			}
		}
	}
	t.Fatalf("the agent can make tickets %s, and the mapping has no such status", status)
	return ""
}

func testHold(t *testing.T, h Harness) {
	if !h.Can.Hold {
		t.Skip("this desk holds nothing")
	}
	got := h.fileOne(t, h.typeKnowing(t, servicedesk.StatusHeld), "held")
	h.begin(t, got)
	h.Agent.Hold(t, got.ID)
	if after := h.becomes(t, got.ID, servicedesk.StatusHeld); after.Awaiting == servicedesk.AwaitingNobody {
		t.Error("a held ticket awaits nobody, as if it had ended")
	}
}

func testResolve(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "resolved")
	h.begin(t, got)
	h.becomes(t, got.ID, servicedesk.StatusInProgress)
	const words = "Twelve machines are there."
	h.Agent.Resolve(t, got.ID, words)
	if after := h.becomes(t, got.ID, servicedesk.StatusResolved); after.Awaiting != servicedesk.AwaitingNobody {
		t.Errorf("a resolved ticket awaits %s", after.Awaiting)
	}
	h.changedTo(t, got.ID, "resolved", func(m servicedesk.Meaning) bool { return m.Status == servicedesk.StatusResolved })
	h.saidByStaff(t, got.ID, words)
	if !h.Can.Reopen {
		return
	}
	h.Agent.Reopen(t, got.ID)
	if !h.eventually(t, func() bool { return !h.get(t, got.ID).Status.Terminal() }) {
		t.Errorf("the desk's people have taken it up again, and it is shown as %s", h.get(t, got.ID).Status)
	}
}

// testAgentSays keeps apart what is public and what is not, where the desk does.
func testAgentSays(t *testing.T, h Harness) {
	id := h.fileOne(t, h.plain(), "said by the desk").ID
	const public, internal = "We look into it.", "Again they."
	h.Agent.Say(t, id, servicedesk.Message{Text: internal})
	h.Agent.Say(t, id, servicedesk.Message{Text: public, Public: true})
	h.saidByStaff(t, id, public)
	if !h.Desk.Describe().InternalMessages {
		return
	}
	for _, e := range h.history(t, id) {
		if strings.TrimSpace(e.Message.Text) == internal && e.Message.Public {
			t.Error("a message among the desk's people is shown as public")
		}
	}
}

func testRename(t *testing.T, h Harness) {
	id := h.fileOne(t, h.plain(), "renamed").ID
	want := newSubject("renamed by the desk")
	h.Agent.Rename(t, id, want)
	if !h.eventually(t, func() bool { return h.get(t, id).Subject == want }) {
		t.Errorf("the desk has renamed it, and the subject is %q; want %q", h.get(t, id).Subject, want)
	}
}

func testMerge(t *testing.T, h Harness) {
	if !h.Can.Merge {
		t.Skip("this desk merges nothing")
	}
	n := h.draft(h.plain(), "merged")
	old, target := h.create(t, n), h.fileOne(t, h.plain(), "target of a merge").ID
	h.Agent.Merge(t, old, target)
	var got servicedesk.Ticket
	if !h.eventually(t, func() bool { got = h.get(t, old); return got.ID == target }) {
		t.Fatalf("ticket %s was merged into %s, and is shown as %s", old, target, got.ID)
	}
	if got = h.get(t, target); got.ID != target || got.Status.Terminal() {
		t.Errorf("the target of a merge is %s and %s", got.ID, got.Status)
	}
	if !h.Can.MergedKey {
		return
	}
	found := h.find(t, n.Key, 1)
	if len(found) != 1 || found[0].ID != target && found[0].ID != old {
		t.Errorf("the key of a ticket that was merged into %s finds %v; a run would file it again", target, ids(found))
	}
}

// missing waits until a look at many tickets does not find one.
func (h Harness) missing(t *testing.T, id servicedesk.ID) bool {
	t.Helper()
	return h.eventually(t, func() bool { return slices.Contains(h.glance(t, []servicedesk.ID{id}, noTime).Missing, id) })
}

func testHide(t *testing.T, h Harness) {
	if !h.Can.Hide {
		t.Skip("nothing is out of sight at this desk")
	}
	id := h.fileOne(t, h.plain(), "hidden").ID
	h.Agent.Hide(t, id)
	var err error
	h.eventually(t, func() bool { _, err = h.Desk.Get(t.Context(), id); return err != nil })
	h.wantError(t, "look at a ticket that was moved out of sight", err, cloud.ErrForbidden, cloud.ErrNotFound)
	if !h.missing(t, id) {
		t.Errorf("a look at many tickets does not say that %s is out of sight", id)
	}
}

func testDelete(t *testing.T, h Harness) {
	if !h.Can.Delete {
		t.Skip("this desk deletes nothing")
	}
	id := h.fileOne(t, h.plain(), "deleted").ID
	h.Agent.Delete(t, id)
	var got servicedesk.Ticket
	var err error
	h.eventually(t, func() bool {
		got, err = h.Desk.Get(t.Context(), id)
		return err != nil || got.Status == servicedesk.StatusCancelled
	})
	if err == nil && got.Status != servicedesk.StatusCancelled {
		t.Errorf("a deleted ticket is %s (%q)", got.Status, got.NativeStatus)
	}
	if err != nil {
		h.wantError(t, "look at a deleted ticket", err, cloud.ErrNotFound)
	}
}
