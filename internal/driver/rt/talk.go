package rt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Transition brings a ticket to an end, with the message in the same request: a public reply by itself would move the
// ticket, and reopen one that has ended. Whether RT has let us is seen on the ticket.
func (d *desk) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	if _, ok := ticketID(string(t.ID)); !ok {
		return d.missing(string(t.ID))
	}
	native, err := d.nativeEnd(t, to)
	if err != nil {
		return err
	}
	a, err := d.end(ctx, t.ID, native, m)
	refused := errors.Is(err, cloud.ErrInvalid) || errors.Is(err, cloud.ErrForbidden)
	if err != nil && !refused {
		return err
	}
	r, _, lookErr := d.record(ctx, t.ID)
	switch {
	case lookErr != nil && !refused && !gone(lookErr):
		return &cloud.Error{Reason: cloud.ErrUnknownOutcome, Operator: d.name, Text: "RT took the order, and could not be asked what it did.",
			Cause: lookErr}
	case lookErr != nil:
		return lookErr
	case r.ID != text(t.ID):
		return d.failure(cloud.ErrConflict, "Ticket %s was merged into %s meanwhile", t.ID, r.ID)
	case string(r.Status) == native:
		return nil
	}
	words := a.words()
	if m.Text != "" && !refused && len(words) > 0 {
		words = words[1:] // The first is about the message.
	}
	return &cloud.Error{Reason: servicedesk.ErrTransition, Operator: d.name, Cause: err,
		Text: cmp.Or(said(words), fmt.Sprintf("RT leaves the ticket %s and does not say why.", r.Status))}
}

// nativeEnd is the status by which a requester ends a ticket of its type.
func (d *desk) nativeEnd(t servicedesk.Ticket, to servicedesk.Status) (string, error) {
	tm := d.mapping.Types[t.Type]
	native := ""
	switch to {
	case servicedesk.StatusCancelled:
		native = tm.CancelStatus
	case servicedesk.StatusClosed:
		native = tm.CloseStatus
	case servicedesk.StatusAcknowledged, servicedesk.StatusInProgress, servicedesk.StatusPending, servicedesk.StatusHeld,
		servicedesk.StatusResolved, servicedesk.StatusRejected, servicedesk.StatusUnknown:
	}
	if native == "" {
		return "", d.failure(cloud.ErrUnsupported,
			"The desk's mapping has no status by which a requester makes a ticket of the queue %q %s", t.Queue, to)
	}
	return native, nil
}

// end sends the status, with the message if there is one.
func (d *desk) end(ctx context.Context, id servicedesk.ID, native string, m servicedesk.Message) (answer, error) {
	if m.Text == "" {
		r := request{method: http.MethodPut, path: "/ticket/" + string(id), body: map[string]any{"Status": native}}
		return d.send(ctx, r, &[]text{})
	}
	body := messageBody(m)
	body["Status"] = native
	return d.send(ctx, request{method: http.MethodPost, path: messagePath(id, m.Public), body: body}, &[]text{})
}

// Say adds a message and answers the id of its transaction.
func (d *desk) Say(ctx context.Context, id servicedesk.ID, m servicedesk.Message) (string, error) {
	if _, ok := ticketID(string(id)); !ok {
		return "", d.missing(string(id))
	}
	return d.post(ctx, id, messagePath(id, m.Public), messageBody(m))
}

// post adds a transaction to a ticket and answers its id.
func (d *desk) post(ctx context.Context, id servicedesk.ID, path string, body map[string]any) (string, error) {
	r := request{method: http.MethodPost, path: path, body: body}
	a, err := d.send(ctx, r, &[]text{})
	said := a.located()
	switch {
	case said != "" && (err == nil || errors.Is(err, errGarbled)):
		return said, nil
	case err == nil:
		return "", d.garbled(a, errors.New("it does not say what it has added"), r)
	}
	var e *cloud.Error
	// RT answers 400 for a ticket that is not there, for one that the account does not see, and where it lacks the right.
	if errors.Is(err, cloud.ErrInvalid) && errors.As(err, &e) {
		if _, _, lookErr := d.record(ctx, id); lookErr != nil {
			return "", lookErr
		}
		e.Reason = cloud.ErrForbidden
	}
	return "", err
}

func messagePath(id servicedesk.ID, public bool) string {
	if public {
		return "/ticket/" + string(id) + "/correspond"
	}
	return "/ticket/" + string(id) + "/comment"
}

// messageBody has the text with an end of line: RT takes the text "0" for none.
func messageBody(m servicedesk.Message) map[string]any {
	return map[string]any{"Content": strings.TrimRight(m.Text, "\n") + "\n", "ContentType": "text/plain"}
}
