package rt

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// maxTexts bounds the messages of a ticket of which the text is read, counted from the last.
	maxTexts = 200
	// textsPerPage bounds what one answer can be.
	textsPerPage = 50
	// notMail leaves out of a history the record of every mail that RT has sent.
	notMail = `[{"field":"Type","operator":"!=","value":"EmailRecord","entry_aggregator":"AND"},` +
		`{"field":"Type","operator":"!=","value":"CommentEmailRecord","entry_aggregator":"AND"}]`
)

// transaction is one of a ticket's.
type transaction struct {
	ID text `json:"id"`
	// Class is "transaction". Without a field of its own it would pass for the Type, which differs in its first letter.
	Class                     text `json:"type"`
	Type                      text `json:"Type"`
	Field, OldValue, NewValue text
	Creator                   reference
	Created                   moment
}

func (t transaction) number() int64 { return t.ID.number(0) }

func (t transaction) isMessage() bool { return t.Type == "Correspond" || t.Type == "Comment" }

// History answers what has happened, but for mails that were sent. Public is what was said as a reply, or by mail.
// Somebody counts as the desk's if it is neither the account, the requester, a watcher nor RT itself.
func (d *desk) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	if _, ok := ticketID(string(t.ID)); !ok {
		return nil, d.missing(string(t.ID))
	}
	done, err := d.transactions(ctx, string(t.ID), t.Version, notMail)
	if err != nil {
		return nil, err
	}
	if len(done) == 0 { // RT answers the same for a ticket that is not there.
		_, _, err := d.record(ctx, t.ID)
		return nil, err
	}
	texts, err := d.texts(ctx, string(t.ID), done)
	if err != nil {
		return nil, err
	}
	account, err := d.account(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]servicedesk.Event, len(done))
	for i, x := range done {
		e := servicedesk.Event{
			ID: string(x.ID), Kind: servicedesk.EventOther, At: x.Created.Time, Author: string(x.Creator.ID),
			Own: sameUser(string(x.Creator.ID), account),
		}
		if e.Staff, err = d.staff(ctx, t, x.Creator, e.Own); err != nil {
			return nil, err
		}
		switch {
		case x.Type == "Create" && i == 0: // Others are those of tickets that were merged into this one.
			e.Kind, e.ToNative = servicedesk.EventCreated, firstStatus(t, done)
			e.To = d.mapping.Meaning(t.Type, e.ToNative)
		case x.Type == "Status" || x.Type == "Set" && x.Field == "Status":
			e.Kind, e.FromNative, e.ToNative = servicedesk.EventStatus, string(x.OldValue), string(x.NewValue)
			e.To = d.mapping.Meaning(t.Type, e.ToNative)
		case x.isMessage():
			e.Kind, e.Message = servicedesk.EventMessage, servicedesk.Message{Text: texts[x.ID], Public: x.Type == "Correspond"}
		}
		out[i] = e
	}
	return out, nil
}

// firstStatus is the one that a ticket was filed with, which RT tells only by the first change of it.
func firstStatus(t servicedesk.Ticket, done []transaction) string {
	for _, x := range done {
		if x.Type == "Status" || x.Type == "Set" && x.Field == "Status" {
			return string(x.OldValue)
		}
	}
	return t.NativeStatus
}

// staff reports whether an author is one of the desk's people.
func (d *desk) staff(ctx context.Context, t servicedesk.Ticket, author reference, own bool) (bool, error) {
	if own || sameUser(string(author.ID), system) {
		return false, nil
	}
	address, err := d.address(ctx, author)
	is := func(who string) bool { return sameUser(who, address) || sameUser(who, string(author.ID)) }
	return err == nil && address != "" && !is(t.Requester) && !slices.ContainsFunc(t.Watchers, is), err
}

// transactions reads a ticket's by a filter, oldest first. Newest is the ETag of the ticket, by which the last page is
// known; it may be empty.
func (d *desk) transactions(ctx context.Context, id, newest, filter string) ([]transaction, error) {
	last := text(strings.Trim(newest, `"`)).number(0)
	return pages(ctx, d, "/ticket/"+id+"/history", perPage, url.Values{
		"fields": {"Type,Field,OldValue,NewValue,Creator,Created"}, "query": {filter},
	}, func(t transaction) bool { return last > 0 && t.number() >= last })
}

// texts reads what was said in the last messages, by transaction.
func (d *desk) texts(ctx context.Context, id string, done []transaction) (map[text]string, error) {
	var messages []transaction
	for _, t := range done {
		if t.isMessage() {
			messages = append(messages, t)
		}
	}
	if len(messages) == 0 {
		return nil, nil
	}
	first, last := messages[max(0, len(messages)-maxTexts)].ID, messages[len(messages)-1].ID.number(0)
	found, err := pages(ctx, d, "/ticket/"+id+"/attachments", textsPerPage, url.Values{
		"fields": {"TransactionId,ContentType,Content"},
		"query": {fmt.Sprintf(`[{"field":"TransactionId","operator":">=","value":"%d"},`+
			`{"field":"ContentType","operator":"STARTSWITH","value":"text/"},{"field":"Filename","operator":"IS","value":"NULL"}]`,
			first.number(0))},
	}, func(p passage) bool { return p.TransactionID.number(0) >= last })
	if err != nil {
		return nil, err
	}
	return wordsOf(found), nil
}
