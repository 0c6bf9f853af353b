package selfservice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// History implements servicedesk.Desk.
func (d *desk) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	if !validID(string(t.ID)) {
		return nil, d.noSuchID(string(t.ID))
	}
	limit := pageSize
	params := &api.ListTicketEventsParams{Limit: &limit}
	var events []servicedesk.Event
	for it, err := range pages[api.TicketEvent](d.session, func(cursor *string) (*http.Response, error) {
		params.Cursor = cursor
		return d.client.ListTicketEvents(ctx, d.project, string(t.ID), params)
	}) {
		if err != nil {
			return nil, err
		}
		events = append(events, d.event(t.Type, it.rep))
	}
	return events, nil
}

// eventKinds are the contract's; those that its later versions add are told as something else.
var eventKinds = map[api.TicketEventKind]servicedesk.EventKind{
	api.TicketEventKindCreated: servicedesk.EventCreated,
	api.TicketEventKindStatus:  servicedesk.EventStatus,
	api.TicketEventKindMessage: servicedesk.EventMessage,
	api.TicketEventKindOther:   servicedesk.EventOther,
}

func (d *desk) event(typ servicedesk.Type, rep api.TicketEvent) servicedesk.Event {
	e := servicedesk.Event{
		ID: rep.Id, Kind: eventKinds[rep.Kind], At: rep.At.UTC(), Author: rep.Author, Own: rep.Own, Staff: rep.Staff,
		FromNative: deref(rep.FromNativeStatus), ToNative: deref(rep.ToNativeStatus),
	}
	if e.Kind == "" {
		e.Kind = servicedesk.EventOther
	}
	if e.ToNative != "" {
		e.To = d.meaning(typ, e.ToNative, deref(rep.Status), deref(rep.Approval), deref(rep.Awaiting))
	}
	if m := rep.Message; m != nil {
		e.Message = servicedesk.Message{Text: m.Text, Public: m.Public}
	}
	return e
}

// Say implements servicedesk.Desk.
func (d *desk) Say(ctx context.Context, id servicedesk.ID, m servicedesk.Message) (string, error) {
	if !validID(string(id)) {
		return "", d.noSuchID(string(id))
	}
	body := api.TicketMessageCreate{Text: m.Text, Public: &m.Public}
	return d.add(func() (*http.Response, error) { return d.client.CreateTicketMessage(ctx, d.project, string(id), body) })
}

// Attach implements servicedesk.Desk.
func (d *desk) Attach(ctx context.Context, id servicedesk.ID, f servicedesk.File) (string, error) {
	if !validID(string(id)) {
		return "", d.noSuchID(string(id))
	}
	raw := sha256.Sum256(f.Content)
	sum := hex.EncodeToString(raw[:])
	body := api.TicketAttachmentCreate{Name: f.Name, ContentType: f.ContentType, ContentBase64: f.Content, Sha256: &sum}
	if body.ContentBase64 == nil {
		body.ContentBase64 = []byte{} // Of an empty file; nil would be null.
	}
	return d.add(func() (*http.Response, error) {
		return d.client.CreateTicketAttachment(ctx, d.project, string(id), body)
	})
}

// add sends what becomes a part of a ticket, and answers the part's id.
func (d *desk) add(send call) (id string, err error) {
	err = d.write(send, func(a answer) error {
		var part struct {
			ID string `json:"id"`
		}
		if err := a.Decode(&part); err != nil {
			return err
		}
		if id = part.ID; id == "" {
			return errors.New("it has no id")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// Attachments implements servicedesk.Desk.
func (d *desk) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	if !validID(string(id)) {
		return nil, d.noSuchID(string(id))
	}
	limit := pageSize
	params := &api.ListTicketAttachmentsParams{Limit: &limit}
	var files []servicedesk.Attachment
	for it, err := range pages[api.TicketAttachment](d.session, func(cursor *string) (*http.Response, error) {
		params.Cursor = cursor
		return d.client.ListTicketAttachments(ctx, d.project, string(id), params)
	}) {
		if err != nil {
			return nil, err
		}
		f := it.rep
		files = append(files, servicedesk.Attachment{
			ID: f.Id, Name: f.Name, ContentType: f.ContentType, SizeBytes: f.SizeBytes, SHA256: f.Sha256, CreatedAt: f.CreatedAt.UTC(),
		})
	}
	return files, nil
}
