package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// Ticket is what tests, the demo and the desk's people see of a ticket.
type Ticket struct {
	Operator string `json:"operator"`
	Project  string `json:"project"`
	// Client has filed it.
	Client string `json:"client"`
	// Hidden says that no client sees it.
	Hidden bool `json:"hidden,omitempty"`
	api.Ticket
	// Events have also what is not public.
	Events      []api.TicketEvent      `json:"events"`
	Attachments []api.TicketAttachment `json:"attachments"`
}

// Tickets are all of an operator's desk, oldest first; of all desks if the name is empty.
func (s *Sandbox) Tickets(ctx context.Context, operator string) (all []Ticket, err error) {
	all = []Ticket{}
	for _, o := range s.operators {
		w := o.world
		if w.desk == nil || operator != "" && operator != w.profile.Name {
			continue
		}
		err := w.locked(ctx, func() {
			for _, p := range w.projects {
				for _, t := range w.desk.ordered[p.Name] {
					all = append(all, o.everythingOf(t))
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// everythingOf is a ticket in the eyes of who has filed it and of the desk's people.
func (s *operatorServer) everythingOf(t *ticket) Ticket {
	w := s.world
	out := Ticket{
		Operator: w.profile.Name, Project: t.Project, Client: t.Client, Hidden: w.hidden(t), Ticket: s.ticketAs(t, t.Client),
		Events: []api.TicketEvent{}, Attachments: []api.TicketAttachment{},
	}
	for _, e := range w.desk.events[t.ID] {
		out.Events = append(out.Events, e.render(t.Client, true))
	}
	for _, f := range w.desk.files[t.ID] {
		out.Attachments = append(out.Attachments, f.render(t.Client))
	}
	return out
}

// deed is what the desk's people do, in the words of the control interface.
type deed struct {
	Text   string `json:"text"`
	Public bool   `json:"public"`
	Into   string `json:"into"`
}

// deeds are an agent's, by the last part of their paths.
var deeds = map[string]func(context.Context, *Agent, string, deed) error{
	"approve": func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Approve(ctx, id) },
	"reject":  func(ctx context.Context, a *Agent, id string, d deed) error { return a.Reject(ctx, id, d.Text) },
	"start":   func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Start(ctx, id) },
	"hold":    func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Hold(ctx, id) },
	"ask":     func(ctx context.Context, a *Agent, id string, d deed) error { return a.Ask(ctx, id, d.Text) },
	"resolve": func(ctx context.Context, a *Agent, id string, d deed) error { return a.Resolve(ctx, id, d.Text) },
	"reopen":  func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Reopen(ctx, id) },
	"say":     func(ctx context.Context, a *Agent, id string, d deed) error { return a.Say(ctx, id, d.Text, d.Public) },
	"rename":  func(ctx context.Context, a *Agent, id string, d deed) error { return a.Rename(ctx, id, d.Text) },
	"merge":   func(ctx context.Context, a *Agent, id string, d deed) error { return a.Merge(ctx, id, d.Into) },
	"hide":    func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Hide(ctx, id) },
	"delete":  func(ctx context.Context, a *Agent, id string, _ deed) error { return a.Delete(ctx, id) },
}

// steerTickets serves what people and tests steer the desks with.
func (s *Sandbox) steerTickets(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/tickets", func(w http.ResponseWriter, r *http.Request) {
		tickets, err := s.Tickets(r.Context(), r.URL.Query().Get("operator"))
		if !failed(w, err) {
			writeJSON(w, http.StatusOK, mustJSON(tickets))
		}
	})
	mux.HandleFunc("POST /_sandbox/operators/{operator}/tickets/{id}/{deed}", func(w http.ResponseWriter, r *http.Request) {
		do := deeds[r.PathValue("deed")]
		if do == nil {
			http.Error(w, "nobody at a desk does that", http.StatusNotFound)
			return
		}
		var d deed
		if r.ContentLength != 0 && !decodeControl(w, r, &d) {
			return
		}
		if !failed(w, do(r.Context(), s.Agent(r.PathValue("operator")), r.PathValue("id"), d)) {
			w.WriteHeader(http.StatusNoContent)
		}
	})
	mux.HandleFunc("GET /_sandbox/operators/{operator}/tickets/{id}/attachments/{file}", func(w http.ResponseWriter, r *http.Request) {
		content, err := s.Agent(r.PathValue("operator")).File(r.Context(), r.PathValue("id"), r.PathValue("file"))
		if !failed(w, err) {
			w.Header().Set("Content-Type", "application/octet-stream")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		}
	})
}

// deskPath is where people see tickets, below an operator's endpoint.
const deskPath = "/desk/"

// deskPage shows a ticket to people, with what was said in public.
func (s *operatorServer) deskPage(w http.ResponseWriter, r *http.Request) {
	var page strings.Builder
	if !s.do(w, r, func(world *world) *problem {
		if world.desk == nil || world.desk.tickets[r.PathValue("id")] == nil {
			return notFound("ticket", r.PathValue("id"))
		}
		t, p := world.knownTicket(world.desk.tickets[r.PathValue("id")].Project, r.PathValue("id"))
		if p != nil {
			return p
		}
		_, _ = fmt.Fprintf(&page, "%s  %s\n%s, approval %s, in the queue %s\nfor %s\n\n%s\n", t.number(), t.Order.Subject, t.Status, t.Approval,
			t.Queue, value(t.Order.Requester), value(t.Order.Description))
		for _, e := range world.messagesHeardBy(t, "") {
			_, _ = fmt.Fprintf(&page, "\n%s, %s:\n%s\n", e.At.Format("2006-01-02 15:04"), e.By.Name, e.Message.Text)
		}
		return nil
	}) {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(page.String())) // The client may be gone.
}
