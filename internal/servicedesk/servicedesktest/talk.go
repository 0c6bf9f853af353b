package servicedesktest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// talk are the scenarios of messages and files.
var talk = []scenario{
	{"said in public", func(t *testing.T, h Harness) { testSay(t, h, true) }},
	{"said to the desk's people", func(t *testing.T, h Harness) { testSay(t, h, false) }},
	{"order of what is said", testOrder},
	{"files", testFiles},
}

func testSay(t *testing.T, h Harness, public bool) {
	got := h.fileOne(t, h.plain(), "said")
	const text = "It is urgent.\n\nDivas rindas."
	id, err := h.Desk.Say(t.Context(), got.ID, servicedesk.Message{Text: text, Public: public})
	if err != nil || id == "" {
		t.Fatalf("a message got the id %q: %v", id, err)
	}
	e := h.happened(t, got.ID, "what we have said, as "+id, func(e servicedesk.Event) bool { return e.ID == id })
	if e.Kind != servicedesk.EventMessage || strings.TrimSpace(e.Message.Text) != text || !e.Own || e.Staff {
		t.Errorf("our message is shown as %+v", e)
	}
	if h.Desk.Describe().InternalMessages && e.Message.Public != public {
		t.Errorf("our message is shown as public: %t; want %t", e.Message.Public, public)
	}
	if time.Since(e.At).Abs() > time.Hour || e.At.Location() != time.UTC {
		t.Errorf("our message was said at %v; now it is %v", e.At, time.Now().UTC())
	}
	n := 0
	for _, e := range h.history(t, got.ID) {
		if strings.TrimSpace(e.Message.Text) == text {
			n++
		}
	}
	if n != 1 {
		t.Errorf("what was said once is shown %d times", n)
	}
	if after := h.get(t, got.ID); after.Status.Terminal() || after.Subject != got.Subject {
		t.Errorf("a message made it %s, with the subject %q", after.Status, after.Subject)
	}
}

// testOrder: a conversation is read from above.
func testOrder(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "conversation")
	want := []string{"first", "second", "third"}
	for i, text := range want {
		if i == 1 {
			h.Agent.Say(t, got.ID, servicedesk.Message{Text: text, Public: true})
			continue
		}
		if _, err := h.Desk.Say(t.Context(), got.ID, servicedesk.Message{Text: text, Public: true}); err != nil {
			t.Fatalf("a message could not be said: %v", err)
		}
	}
	var said []string
	if !h.eventually(t, func() bool {
		said = nil
		for _, e := range h.history(t, got.ID) {
			if text := strings.TrimSpace(e.Message.Text); slices.Contains(want, text) {
				said = append(said, text)
			}
		}
		return slices.Equal(said, want)
	}) {
		t.Errorf("the conversation is shown as %q; want %q", said, want)
	}
}

func testFiles(t *testing.T, h Harness) {
	got := h.fileOne(t, h.plain(), "files")
	binary := bytes.Repeat([]byte{0, 1, 0xff, '\r', '\n', 0x80, 'x'}, 3000)
	files := []servicedesk.File{
		{Name: "plan.txt", ContentType: "text/plain", Content: []byte("Plāns\nar divām rindām\n")},
		{Name: "Rīgas plāns (1).bin", ContentType: "application/octet-stream", Content: binary},
	}
	if !h.Desk.Describe().Attachments {
		_, err := h.Desk.Attach(t.Context(), got.ID, files[0])
		h.wantError(t, "file for a desk that takes none", err, cloud.ErrUnsupported)
		return
	}
	if had := h.attachments(t, got.ID); len(had) > 0 {
		t.Errorf("a new ticket has the files %+v", had)
	}
	var added []string
	for _, f := range files {
		id, err := h.Desk.Attach(t.Context(), got.ID, f)
		if err != nil || id == "" {
			t.Fatalf("the file %q got the id %q: %v", f.Name, id, err)
		}
		added = append(added, id)
	}
	var kept []servicedesk.Attachment
	h.eventually(t, func() bool { kept = h.attachments(t, got.ID); return len(kept) == len(files) })
	if len(kept) != len(files) {
		t.Fatalf("the ticket has the files %+v; want two", kept)
	}
	for i, f := range files {
		sum := sha256.Sum256(f.Content)
		k := kept[i]
		if k.ID != added[i] || k.Name != f.Name || k.SizeBytes != int64(len(f.Content)) {
			t.Errorf("a file is shown as %s, %q of %d bytes; want %s, %q of %d", k.ID, k.Name, k.SizeBytes, added[i], f.Name, len(f.Content))
		}
		if !strings.HasPrefix(k.ContentType, f.ContentType) {
			t.Errorf("the file %q is shown as a %q; want %q", f.Name, k.ContentType, f.ContentType)
		}
		if k.SHA256 != "" && k.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("the file %q has the sum %s; want %x", f.Name, k.SHA256, sum)
		}
		if time.Since(k.CreatedAt).Abs() > time.Hour || k.CreatedAt.Location() != time.UTC {
			t.Errorf("the file %q was added at %v; now it is %v", f.Name, k.CreatedAt, time.Now().UTC())
		}
	}
}

func (h Harness) attachments(t *testing.T, id servicedesk.ID) []servicedesk.Attachment {
	t.Helper()
	kept, err := h.Desk.Attachments(t.Context(), id)
	if err != nil {
		t.Fatalf("the files of ticket %s could not be listed: %v", id, err)
	}
	return kept
}
