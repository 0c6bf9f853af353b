package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// theOther is at with another account.
func theOther(t testing.TB, s *Sandbox, operator string) *client {
	t.Helper()
	c := &client{t: t, base: s.Endpoint(operator)}
	c.token = c.login(OtherClientID, OtherClientSecret).is(http.StatusOK).text("access_token")
	return c
}

func ticketKeyOf(what string) string { return "test/" + what + "/" + uuid.NewString() }

// file posts a ticket; an empty key is replaced by one of its own.
func (c *client) file(id string, body m) answer {
	c.t.Helper()
	if id == "" {
		id = ticketKeyOf("any")
	}
	return c.do(http.MethodPost, "tickets", body, key, id)
}

// filed posts a small ticket of a type.
func (c *client) filed(ticketType, subject string) api.Ticket {
	c.t.Helper()
	return c.file("", m{"ticket_type": ticketType, "subject": subject}).is(http.StatusCreated).ticket()
}

func (c *client) ticket(id string) api.Ticket {
	c.t.Helper()
	return c.get("tickets/" + id).is(http.StatusOK).ticket()
}

func (c *client) end(id, how string, body any) answer {
	c.t.Helper()
	return c.do(http.MethodPost, "tickets/"+id+"/"+how, body)
}

func (c *client) says(id, text string, public bool) api.TicketMessage {
	c.t.Helper()
	var out api.TicketMessage
	c.do(http.MethodPost, "tickets/"+id+"/messages", m{"text": text, "public": public}).is(http.StatusCreated).into(&out)
	return out
}

func (c *client) events(id string) []api.TicketEvent {
	c.t.Helper()
	var out api.TicketEventList
	c.get("tickets/" + id + "/events").is(http.StatusOK).into(&out)
	return out.Items
}

// hears are the texts of a ticket's messages.
func (c *client) hears(id string) (texts []string) {
	c.t.Helper()
	var out api.TicketMessageList
	c.get("tickets/" + id + "/messages").is(http.StatusOK).into(&out)
	for _, message := range out.Items {
		texts = append(texts, message.Text)
	}
	return texts
}

func (c *client) tickets(query string) api.TicketList {
	c.t.Helper()
	var out api.TicketList
	c.get("tickets?" + query).is(http.StatusOK).into(&out)
	return out
}

func (a answer) ticket() api.Ticket {
	a.t.Helper()
	var out api.Ticket
	a.into(&out)
	return out
}

func subjects(l api.TicketList) (all []string) {
	for _, t := range l.Items {
		all = append(all, t.Subject)
	}
	return all
}

// told are events in short: who, what, and where the ticket then stood.
func told(events []api.TicketEvent) (all []string) {
	for _, e := range events {
		parts := []string{e.Author, string(e.Kind)}
		if e.FromNativeStatus != nil {
			parts = append(parts, "from "+*e.FromNativeStatus)
		}
		if e.Status != nil {
			parts = append(parts, "to "+string(*e.Status), string(*e.Approval), string(*e.Awaiting))
		}
		if e.Message != nil {
			parts = append(parts, "saying "+e.Message.Text)
		}
		if e.Detail != nil {
			parts = append(parts, *e.Detail)
		}
		all = append(all, strings.Join(parts, " "))
	}
	return all
}

// alike fails the test unless two lists are.
func alike(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// through brings a ticket through an agent's deeds, each a word of the control interface.
func through(t *testing.T, s *Sandbox, id string, words ...string) {
	t.Helper()
	for _, word := range words {
		if err := deeds[word](context.Background(), s.Agent("lvrtc"), id, deed{Text: word + " it", Public: true}); err != nil {
			t.Fatalf("%s: %v", word, err)
		}
	}
}

func query(pairs ...string) string {
	v := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		v.Set(pair[0], pair[1])
	}
	return v.Encode()
}
