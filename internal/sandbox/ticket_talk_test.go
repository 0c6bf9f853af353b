package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func TestTicketMessages(t *testing.T) {
	s := start(t, Options{})
	c, other := at(t, s, "lvrtc"), theOther(t, s, "lvrtc")
	was := c.filed("incident", "Slow")
	s.MoveClock(time.Minute)
	c.says(was.Id, "between us", false)
	if err := s.Agent("lvrtc").Say(t.Context(), was.Id, "among ourselves", false); err != nil {
		t.Fatal(err)
	}
	if got := c.ticket(was.Id); *got.Etag != *was.Etag || !got.UpdatedAt.Equal(was.UpdatedAt) {
		t.Errorf("what is not public has changed the ticket: ETag %s, was %s", *got.Etag, *was.Etag)
	}
	said := c.says(was.Id, "hello", true)
	if got := c.ticket(was.Id); *got.Etag == *was.Etag || !got.UpdatedAt.Equal(noon.Add(time.Minute)) || got.Status != "acknowledged" {
		t.Errorf("what is public has left the ticket as it was: %+v", got)
	}
	var all api.TicketMessageList
	c.get("tickets/" + was.Id + "/messages").into(&all)
	if last := all.Items[len(all.Items)-1]; last != said || said.Author != ClientID || !said.Own || said.Staff || !said.Public {
		t.Errorf("said %+v, listed %+v", said, last)
	}
	alike(t, "what I hear", c.hears(was.Id), []string{"between us", "hello"})
	alike(t, "what the other hears", other.hears(was.Id), []string{"hello"})
	for _, e := range append(c.events(was.Id), other.events(was.Id)...) {
		if e.Message != nil && e.Message.Text == "among ourselves" {
			t.Error("what the desk's people say among themselves is in the events")
		}
	}
	page := string(c.get("/desk/" + was.Id).is(http.StatusOK).body)
	if !strings.Contains(page, "Slow") || !strings.Contains(page, "hello") || strings.Contains(page, "us") {
		t.Errorf("the page for people:\n%s", page)
	}
}

// TestAnswerToAQuestion: what a client says in public gives the turn back, and does nothing else.
func TestAnswerToAQuestion(t *testing.T) {
	for _, tc := range []struct {
		name   string
		before []string
		public bool
		want   api.TicketStatus
	}{
		{"asked when new", []string{"ask"}, true, "acknowledged"},
		{"asked at work", []string{"start", "ask"}, true, "in_progress"},
		{"asked twice", []string{"start", "ask", "ask"}, true, "in_progress"},
		{"asked and held", []string{"ask", "hold"}, true, "held"},
		{"asked, answered in secret", []string{"start", "ask"}, false, "pending"},
		{"resolved", []string{"resolve"}, true, "resolved"},
		{"rejected", []string{"reject"}, true, "rejected"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			c := at(t, s, "lvrtc")
			id := c.filed("incident", "Slow").Id
			through(t, s, id, tc.before...)
			c.says(id, "Since Monday.", tc.public)
			if got := c.ticket(id); got.Status != tc.want {
				t.Errorf("it is %s, want %s", got.Status, tc.want)
			}
		})
	}
}

func TestTicketHistory(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	id := c.filed("change", "Twelve machines").Id
	through(t, s, id, "approve", "start", "hold", "start", "ask")
	c.says(id, "Rack 7.", true)
	through(t, s, id, "resolve", "reopen", "say", "resolve")
	c.end(id, "close", m{"message": m{"text": "Thanks.", "public": false}}).is(http.StatusOK)
	want := []string{
		"sandbox created to acknowledged requested approver",
		"agent status from acknowledged to acknowledged approved desk",
		"agent status from acknowledged to in_progress approved desk",
		"agent status from in_progress to held approved desk",
		"agent status from held to in_progress approved desk",
		"agent status from in_progress to pending approved requester saying ask it",
		"sandbox message saying Rack 7.",
		"sandbox status from pending to in_progress approved desk",
		"agent status from in_progress to resolved approved nobody saying resolve it",
		"agent status from resolved to in_progress approved desk",
		"agent message saying say it",
		"agent status from in_progress to resolved approved nobody saying resolve it",
		"sandbox status from resolved to closed approved nobody saying Thanks.",
	}
	alike(t, "events", told(c.events(id)), want)
	want[12] = strings.TrimSuffix(want[12], " saying Thanks.")
	alike(t, "events as another sees them", told(theOther(t, s, "lvrtc").events(id)), want)
	var paged []api.TicketEvent
	for path := "tickets/" + id + "/events?limit=5"; path != ""; {
		var page api.TicketEventList
		if c.get(path).is(http.StatusOK).into(&page); len(page.Items) > 5 {
			t.Errorf("a page of 5 has %d", len(page.Items))
		}
		paged = append(paged, page.Items...)
		if path = ""; page.NextCursor != nil {
			path = "tickets/" + id + "/events?limit=5&cursor=" + *page.NextCursor
		}
	}
	if len(paged) != len(want) {
		t.Errorf("%d events by pages", len(paged))
	}
	got := c.ticket(id)
	if *got.Resolution != "resolve it" || got.ResolvedAt == nil || *got.Assignee != "agent" || got.StatusReason != nil {
		t.Errorf("in the end, it is %+v", got)
	}
}

func TestTicketFiles(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	was := c.filed("incident", "Slow")
	path := "tickets/" + was.Id + "/attachments"
	largest := bytes.Repeat([]byte{0, 0xff, 'x', '\n', 7}, attachmentLimit/5)
	contents := [][]byte{[]byte("plāns\r\n"), {}, largest}
	for i, content := range contents {
		sum := sha256.Sum256(content)
		body := m{"name": "plāns.bin", "content_type": "text/plain; charset=utf-8", "content_base64": base64.StdEncoding.EncodeToString(content)}
		if i > 0 {
			body["sha256"] = hex.EncodeToString(sum[:])
		}
		var made api.TicketAttachment
		c.do(http.MethodPost, path, body).is(http.StatusCreated).into(&made)
		want := api.TicketAttachment{
			Id: made.Id, Name: "plāns.bin", ContentType: "text/plain; charset=utf-8", SizeBytes: int64(len(content)), Author: ClientID, Own: true,
			Sha256: hex.EncodeToString(sum[:]), CreatedAt: noon,
		}
		if made != want {
			t.Errorf("added %+v, want %+v", made, want)
		}
		var all api.TicketAttachmentList
		if c.get(path).is(http.StatusOK).into(&all); len(all.Items) != i+1 || all.Items[i] != want {
			t.Errorf("listed %+v, want %+v", all.Items, want)
		}
		kept := control(t, s).get("/_sandbox/operators/lvrtc/tickets/" + was.Id + "/attachments/" + made.Id).is(http.StatusOK)
		if !bytes.Equal(kept.body, content) {
			t.Errorf("%d bytes are kept, want %d", len(kept.body), len(content))
		}
	}
	if got := c.ticket(was.Id); *got.Etag == *was.Etag {
		t.Error("a file has left the ticket as it was")
	}
	body := m{"name": "x", "content_type": "x/y", "content_base64": base64.StdEncoding.EncodeToString(append(largest, 1))}
	c.do(http.MethodPost, path, body).refused(http.StatusRequestEntityTooLarge, "too-large")
	body["content_base64"] = strings.Repeat("A", fileBodyLimit)
	c.do(http.MethodPost, path, body).refused(http.StatusRequestEntityTooLarge, "too-large")
	for _, id := range []string{"file-0", "file-999", "x", "1"} {
		control(t, s).get("/_sandbox/operators/lvrtc/tickets/" + was.Id + "/attachments/" + id).is(http.StatusBadRequest)
	}
}
