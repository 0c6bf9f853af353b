package rt

import (
	"net/http"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

func TestTransition(t *testing.T) {
	f := newFake(t)
	f.on("POST /ticket/91/comment", reply(201, `["Comments added","Status changed from 'requested' to 'cancelled'"]`))
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "cancelled")))
	d := f.open()
	must(t, d.Transition(t.Context(), someTicket(), servicedesk.StatusCancelled, servicedesk.Message{Text: "Vairs nevajag."}))
	post := f.one("POST /ticket/91/comment")
	wantJSON(t, "body", post.json(t), `{"Content":"Vairs nevajag.\n","ContentType":"text/plain","Status":"cancelled"}`)
	wantEqual(t, "If-Match, which RT never finds met there", post.header.Get("If-Match"), "")

	f.on("PUT /ticket/91", reply(200, `["Status changed"]`))
	must(t, d.Transition(t.Context(), someTicket(), servicedesk.StatusCancelled, servicedesk.Message{}))
	wantJSON(t, "body", f.one("PUT /ticket/91").json(t), `{"Status":"cancelled"}`)

	f.on("POST /ticket/91/correspond", reply(201, `["Correspondence added"]`))
	f.on("GET /ticket/91", reply(200, ticketJSON("91", "resolved")))
	must(t, d.Transition(t.Context(), someTicket(), servicedesk.StatusClosed, servicedesk.Message{Text: "Paldies.", Public: true}))
	wantEqual(t, "status", f.one("POST /ticket/91/correspond").json(t)["Status"], any("resolved"))
}

// TestTransitionRefused: RT answers 201, and the ticket tells that nothing was done; the sentence only why.
func TestTransitionRefused(t *testing.T) {
	for name, c := range map[string]struct {
		post, ticket http.HandlerFunc
		reason       error
		text         string
	}{
		"in a sentence": {reply(201, `["Komentārs pievienots","Nevar mainīt statusu"]`), reply(200, ticketJSON("91", "rejected")),
			servicedesk.ErrTransition, "Nevar mainīt statusu."},
		"silently": {reply(201, `["Komentārs pievienots"]`), reply(200, ticketJSON("91", "rejected")),
			servicedesk.ErrTransition, "RT leaves the ticket rejected and does not say why."},
		"by right": {reply(400, `{"message":"Permission Denied"}`), reply(200, ticketJSON("91", "rejected")),
			servicedesk.ErrTransition, "Permission Denied."},
		"of nothing":   {reply(400, `{"message":"Permission Denied"}`), reply(404, `{"message":"Not Found"}`), cloud.ErrNotFound, "Not Found."},
		"out of sight": {reply(400, `{"message":"Permission Denied"}`), reply(403, `{"message":"Forbidden"}`), cloud.ErrForbidden, "Forbidden."},
		"of another": {reply(201, `[]`), reply(200, ticketJSON("92", "cancelled")),
			cloud.ErrConflict, "Ticket 91 was merged into 92 meanwhile."},
		"unseen": {reply(201, `["a","b"]`), reply(500, ``),
			cloud.ErrUnknownOutcome, "RT took the order, and could not be asked what it did."},
		"without a way": {broken, reply(200, ticketJSON("91", "rejected")), cloud.ErrUnknownOutcome, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /ticket/91/comment", c.post)
			f.on("GET /ticket/91", c.ticket)
			err := f.open().Transition(t.Context(), someTicket(), servicedesk.StatusCancelled, servicedesk.Message{Text: "x"})
			if e := refusal(t, err, c.reason); c.text != "" {
				wantEqual(t, "text", e.Text, c.text)
			}
		})
	}
}

func TestTransitionUnmapped(t *testing.T) {
	f := newFake(t)
	d := f.open()
	nowhere := someTicket()
	nowhere.Type = ""
	for _, err := range []error{
		d.Transition(t.Context(), nowhere, servicedesk.StatusCancelled, servicedesk.Message{Text: "x"}),
		d.Transition(t.Context(), someTicket(), servicedesk.StatusHeld, servicedesk.Message{Text: "x"}),
	} {
		wantError(t, err, cloud.ErrUnsupported)
	}
	wantEqual(t, "number of requests", len(f.seen), 0)
}

func TestSay(t *testing.T) {
	f := newFake(t)
	f.on("POST /ticket/91/comment", reply(201, `["x"]`, "Location", "/REST/2.0/transaction/85"))
	f.on("POST /ticket/91/correspond", reply(201, ``, "Location", "/rt/REST/2.0/transaction/86"))
	d := f.open()
	id, err := d.Say(t.Context(), "91", servicedesk.Message{Text: "0"})
	must(t, err)
	wantEqual(t, "id", id, "85")
	wantEqual(t, "a text that RT takes for none by itself", f.one("POST /ticket/91/comment").json(t)["Content"], any("0\n"))
	id, err = d.Say(t.Context(), "91", servicedesk.Message{Text: "x\n\n", Public: true})
	must(t, err)
	wantEqual(t, "id of an answer without a body", id, "86")
}

func TestSayRefused(t *testing.T) {
	denied := reply(400, `{"message":"Permission Denied"}`)
	for name, c := range map[string]struct {
		post, ticket http.HandlerFunc
		reason       error
	}{
		"by right":     {denied, reply(200, ticketJSON("91", "new")), cloud.ErrForbidden},
		"of nothing":   {denied, reply(404, `{"message":"Not Found"}`), cloud.ErrNotFound},
		"out of sight": {denied, reply(403, `{"message":"Forbidden"}`), cloud.ErrForbidden},
		"crash":        {reply(500, ``), reply(200, ticketJSON("91", "new")), cloud.ErrUnknownOutcome},
		"no id":        {reply(201, `["x"]`), reply(200, ticketJSON("91", "new")), cloud.ErrUnknownOutcome},
		"lost":         {broken, reply(200, ticketJSON("91", "new")), cloud.ErrUnknownOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on("POST /ticket/91/comment", c.post)
			f.on("GET /ticket/91", c.ticket)
			_, err := f.open().Say(t.Context(), "91", servicedesk.Message{Text: "x"})
			wantError(t, err, c.reason)
			f.one("POST /ticket/91/comment")
		})
	}
}
