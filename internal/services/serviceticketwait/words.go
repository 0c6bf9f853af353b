package serviceticketwait

import (
	"fmt"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// number is what people call the ticket.
func number(m *model, t servicedesk.Ticket) string {
	if t.Number != "" {
		return t.Number
	}
	return m.TicketID.ValueString()
}

// ended is the status that made a wait senseless.
func ended(t servicedesk.Ticket, out servicedesk.Outcome, g servicedesk.Goal) string {
	switch {
	case t.Approval == servicedesk.ApprovalRejected, out.Status == servicedesk.StatusRejected:
		return "rejected"
	case out.Status == servicedesk.StatusPending:
		return "given back to the requester"
	case g == servicedesk.GoalApproved && (out.Status == servicedesk.StatusResolved || out.Status == servicedesk.StatusClosed):
		return string(out.Status) + " without an approval"
	}
	return string(out.Status)
}

func where(t servicedesk.Ticket) string {
	if t.URL == "" {
		return ""
	}
	return " (" + t.URL + ")"
}

// indented puts all lines of somebody's words under the first.
func indented(words string) string {
	return strings.ReplaceAll(strings.TrimSpace(words), "\n", "\n    ")
}

// answer tells how to give the turn back.
func answer(t servicedesk.Ticket) string {
	return "The desk waits for an answer of the requester: give it in the ticket" + where(t) + ", or with vdam_service_ticket_message."
}

// standing tells where a ticket stands; nothing if it was never seen.
func standing(t servicedesk.Ticket) string {
	if t.Status == "" {
		return ""
	}
	if t.Status == servicedesk.StatusUnknown {
		return fmt.Sprintf("It is in the status %q, of which nobody says what it means: add it to ticket_types of the desk in the "+
			"provider block%s.", t.NativeStatus, where(t))
	}
	return fmt.Sprintf("It is %s, and it is %s turn%s.", t.Status, whose(t.Awaiting), where(t))
}

func whose(a servicedesk.Awaiting) string {
	if a == servicedesk.AwaitingNobody {
		return "nobody's"
	}
	return "the " + string(a) + "'s"
}

// short writes 8h0m0s as people do.
func short(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if rest, ok := strings.CutSuffix(text, zero); ok {
			text = rest + zero[:1]
		}
	}
	return text
}
