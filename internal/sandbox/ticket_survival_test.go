package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// record is all that a client sees of a ticket but its address, which has another port after a restart.
func (c *client) record(id string) string {
	c.t.Helper()
	var all strings.Builder
	t := c.ticket(id)
	t.Url = nil
	all.Write(mustJSON(t))
	for _, part := range []string{"/events", "/messages", "/attachments"} {
		all.Write(c.get("tickets/" + id + part).is(http.StatusOK).body)
	}
	return all.String()
}

func TestTicketsSurviveAKill(t *testing.T) {
	file, dir := build(t), t.TempDir()
	p := spawn(t, file, dir)
	p.enter()
	keyOf := map[string]string{}
	filed := func(subject string) string {
		id := ticketKeyOf("survival")
		made := p.file(id, m{"ticket_type": "change", "subject": subject, "fields": m{"Cost Centre": "4711"}}).is(http.StatusCreated).ticket()
		keyOf[made.Id] = id
		return made.Id
	}
	do := func(id string, words ...string) {
		for _, word := range words {
			p.steer.do(http.MethodPost, "/_sandbox/operators/lvrtc/tickets/"+id+"/"+word, m{"text": word}).is(http.StatusNoContent)
		}
	}
	fresh, asked, rejected, hidden, gone := filed("fresh"), filed("asked"), filed("rejected"), filed("hidden"), filed("gone")
	do(asked, "approve", "start", "ask", "say")
	p.says(asked, "to them alone", false)
	p.do(http.MethodPost, "tickets/"+asked+"/attachments", m{
		"name": "plan", "content_type": "x/y", "content_base64": base64.StdEncoding.EncodeToString([]byte("plāns")),
	}).is(http.StatusCreated)
	do(rejected, "reject")
	do(hidden, "hide")
	do(gone, "delete")
	was := map[string]string{fresh: p.record(fresh), asked: p.record(asked), rejected: p.record(rejected)}
	p.kill()

	p = spawn(t, file, dir)
	p.enter()
	for id, record := range was {
		if got := p.record(id); got != record {
			t.Errorf("after the kill:\n%s\nwas\n%s", got, record)
		}
	}
	p.get("tickets/"+hidden).refused(http.StatusForbidden, "forbidden")
	p.get("tickets/"+gone).refused(http.StatusNotFound, "not-found")
	body := m{"ticket_type": "change", "subject": "again"}
	for id, want := range map[string]int{fresh: 200, asked: 200, rejected: 201, hidden: 403, gone: 201} {
		p.file(keyOf[id], body).is(want)
	}
	var files api.TicketAttachmentList
	p.get("tickets/" + asked + "/attachments").into(&files)
	kept := p.steer.get("/_sandbox/operators/lvrtc/tickets/" + asked + "/attachments/" + files.Items[0].Id).is(http.StatusOK)
	if string(kept.body) != "plāns" {
		t.Errorf("the file has %q", kept.body)
	}
	p.says(asked, "Rack 7.", true)
	if got := p.ticket(asked); got.Status != "in_progress" {
		t.Errorf("a question that was answered after the kill leaves it %s", got.Status)
	}
	seen := map[string]bool{}
	for _, e := range append(p.events(asked), p.events(fresh)...) {
		if seen[e.Id] {
			t.Errorf("there are two events %s", e.Id)
		}
		seen[e.Id] = true
	}
}

func TestKilledInTheMiddleOfFiling(t *testing.T) {
	file, dir := build(t), t.TempDir()
	p := spawn(t, file, dir)
	p.enter()
	const clients, after = 6, 40
	type made struct{ key, id string }
	answered, asked := make(chan made), make(chan string, 100_000)
	var running sync.WaitGroup
	for n := range clients {
		running.Go(func() {
			for i := 0; ; i++ {
				id := ticketKeyOf(fmt.Sprint(n))
				asked <- id
				a := p.file(id, m{"ticket_type": "incident", "subject": fmt.Sprintf("%d of %d", i, n)})
				if a.err != nil {
					return
				}
				if a.status != http.StatusCreated {
					p.t.Errorf("%d: %s", a.status, a.body)
					return
				}
				answered <- made{id, a.ticket().Id}
			}
		})
	}
	go func() {
		running.Wait()
		close(answered)
		close(asked)
	}()
	there := map[string]string{}
	for one := range answered {
		if there[one.key] = one.id; len(there) == after {
			go p.kill()
		}
	}
	p.kill()

	p = spawn(t, file, dir)
	p.enter()
	for id := range asked {
		again := p.file(id, m{"ticket_type": "incident", "subject": "again"})
		if want, ok := there[id]; ok && again.is(http.StatusOK).text("id") != want {
			t.Errorf("the key of %s gives %s", want, again.body)
		}
		if got := p.tickets(query("external_key", id)); got.Total != 1 || len(p.events(got.Items[0].Id)) != 1 {
			t.Errorf("there are %d tickets of the key %s", got.Total, id)
		}
	}
	if len(there) < after {
		t.Errorf("only %d were answered", len(there))
	}
}
