package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// attachmentLimit bounds the content of a ticket's file.
const attachmentLimit = 5 << 20

type clientKey struct{}

func withClient(ctx context.Context, client string) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}

// clientOf is who has asked.
func clientOf(ctx context.Context) string {
	client, _ := ctx.Value(clientKey{}).(string)
	return client
}

// ticketAs is a ticket as a client sees it.
func (s *operatorServer) ticketAs(t *ticket, client string) api.Ticket {
	return t.render(client, s.endpoint+deskPath+t.ID)
}

func (s *operatorServer) writeTicket(w http.ResponseWriter, r *http.Request, status int, t *ticket) {
	w.Header().Set("ETag", t.etag())
	writeJSON(w, status, mustJSON(s.ticketAs(t, clientOf(r.Context()))))
}

// readBody decodes a body that is known to be valid but for what no schema says; done is false if it has answered.
func readBody(w http.ResponseWriter, r *http.Request, into any) (done bool) {
	body, _ := io.ReadAll(r.Body) // In memory since its validation.
	if err := json.Unmarshal(body, into); err != nil {
		newProblem(http.StatusBadRequest, "invalid", "The body is not as the contract says: %v.", err).write(w)
		return false
	}
	return true
}

// ListTickets implements api.ServerInterface.
func (s *operatorServer) ListTickets(w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListTicketsParams) {
	client := clientOf(r.Context())
	var page ticketPage
	if !s.do(w, r, func(world *world) (p *problem) {
		page, p = world.listTickets(project, client, &params)
		return p
	}) {
		return
	}
	out := api.TicketList{Items: []api.Ticket{}, Total: page.total, Missing: page.missing, NextCursor: page.next}
	for _, t := range page.tickets {
		out.Items = append(out.Items, s.ticketAs(t, client))
	}
	writeJSON(w, http.StatusOK, mustJSON(out))
}

// CreateTicket implements api.ServerInterface.
func (s *operatorServer) CreateTicket(w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateTicketParams) {
	var order api.TicketCreate
	if !readBody(w, r, &order) {
		return
	}
	var t *ticket
	var status int
	if s.do(w, r, func(world *world) (p *problem) {
		t, status, p = world.file(project, clientOf(r.Context()), params.IdempotencyKey, order)
		return p
	}) {
		s.writeTicket(w, r, status, t)
	}
}

// GetTicket implements api.ServerInterface.
func (s *operatorServer) GetTicket(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var t *ticket
	if s.do(w, r, func(world *world) (p *problem) {
		t, p = world.knownTicket(project, id)
		return p
	}) {
		s.writeTicket(w, r, http.StatusOK, t)
	}
}

// UpdateTicket implements api.ServerInterface.
func (s *operatorServer) UpdateTicket(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateTicketParams,
) {
	patch, _ := io.ReadAll(r.Body) // In memory since its validation.
	var t *ticket
	if s.do(w, r, func(world *world) (p *problem) {
		if t, p = world.knownTicket(project, id); p == nil {
			t, p = world.amend(t, clientOf(r.Context()), value(params.IfMatch), patch)
		}
		return p
	}) {
		s.writeTicket(w, r, http.StatusOK, t)
	}
}

// CancelTicket implements api.ServerInterface.
func (s *operatorServer) CancelTicket(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	s.endTicket(w, r, project, id, api.TicketStatusCancelled)
}

// CloseTicket implements api.ServerInterface.
func (s *operatorServer) CloseTicket(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	s.endTicket(w, r, project, id, api.TicketStatusClosed)
}

func (s *operatorServer) endTicket(w http.ResponseWriter, r *http.Request, project, id string, to api.TicketStatus) {
	var ending api.TicketEnding
	if !readBody(w, r, &ending) {
		return
	}
	var m *message
	if ending.Message != nil {
		m = said(*ending.Message)
	}
	var t *ticket
	if s.do(w, r, func(world *world) (p *problem) {
		if t, p = world.knownTicket(project, id); p == nil {
			t, p = world.end(t, to, clientOf(r.Context()), m)
		}
		return p
	}) {
		s.writeTicket(w, r, http.StatusOK, t)
	}
}

// said fills in what a message leaves out.
func said(m api.TicketMessageCreate) *message {
	return &message{Text: m.Text, Public: m.Public == nil || *m.Public}
}

// ListTicketEvents implements api.ServerInterface.
func (s *operatorServer) ListTicketEvents(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.ListTicketEventsParams,
) {
	client := clientOf(r.Context())
	out := api.TicketEventList{Items: []api.TicketEvent{}}
	if s.do(w, r, func(world *world) *problem {
		t, p := world.knownTicket(project, id)
		if p != nil {
			return p
		}
		events, next, p := pageOf(world.eventsSeenBy(t, client), params.Limit, params.Cursor)
		for _, e := range events {
			out.Items = append(out.Items, e.render(client, false))
		}
		out.NextCursor = next
		return p
	}) {
		writeJSON(w, http.StatusOK, mustJSON(out))
	}
}

// ListTicketMessages implements api.ServerInterface.
func (s *operatorServer) ListTicketMessages(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.ListTicketMessagesParams,
) {
	client := clientOf(r.Context())
	out := api.TicketMessageList{Items: []api.TicketMessage{}}
	if s.do(w, r, func(world *world) *problem {
		t, p := world.knownTicket(project, id)
		if p != nil {
			return p
		}
		events, next, p := pageOf(world.messagesHeardBy(t, client), params.Limit, params.Cursor)
		for _, e := range events {
			out.Items = append(out.Items, e.renderMessage(client))
		}
		out.NextCursor = next
		return p
	}) {
		writeJSON(w, http.StatusOK, mustJSON(out))
	}
}

// CreateTicketMessage implements api.ServerInterface.
func (s *operatorServer) CreateTicketMessage(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var m api.TicketMessageCreate
	if !readBody(w, r, &m) {
		return
	}
	client := clientOf(r.Context())
	var e *ticketEvent
	if s.do(w, r, func(world *world) *problem {
		t, p := world.knownTicket(project, id)
		if p == nil {
			e = world.say(t, client, *said(m))
		}
		return p
	}) {
		writeJSON(w, http.StatusCreated, mustJSON(e.renderMessage(client)))
	}
}

// ListTicketAttachments implements api.ServerInterface.
func (s *operatorServer) ListTicketAttachments(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.ListTicketAttachmentsParams,
) {
	out := api.TicketAttachmentList{Items: []api.TicketAttachment{}}
	if s.do(w, r, func(world *world) *problem {
		t, p := world.knownTicket(project, id)
		if p != nil {
			return p
		}
		files, next, p := pageOf(world.desk.files[t.ID], params.Limit, params.Cursor)
		for _, f := range files {
			out.Items = append(out.Items, f.render(clientOf(r.Context())))
		}
		out.NextCursor = next
		return p
	}) {
		writeJSON(w, http.StatusOK, mustJSON(out))
	}
}

// CreateTicketAttachment implements api.ServerInterface.
func (s *operatorServer) CreateTicketAttachment(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var file api.TicketAttachmentCreate
	if !readBody(w, r, &file) {
		return
	}
	client := clientOf(r.Context())
	raw := sha256.Sum256(file.ContentBase64)
	sum := hex.EncodeToString(raw[:])
	var f *ticketFile
	if s.do(w, r, func(world *world) *problem {
		t, p := world.knownTicket(project, id)
		switch {
		case p != nil:
			return p
		case len(file.ContentBase64) > attachmentLimit:
			return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The file is over %d bytes.", attachmentLimit)
		case file.Sha256 != nil && *file.Sha256 != sum:
			return refused([]api.FieldError{fieldError("/sha256", "The content's SHA-256 is %s.", sum)})
		}
		f = world.attach(t, ticketFile{Name: file.Name, ContentType: file.ContentType, SHA256: sum, By: author{Name: client}}, file.ContentBase64)
		return nil
	}) {
		writeJSON(w, http.StatusCreated, mustJSON(f.render(client)))
	}
}
