package tmf621

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

var theirs = object{"@type": "Note", "id": "n1", "author": "eve", "date": "2026-11-25T11:00:00Z", "text": "Hurry", "extra": 1}

// TestSay adds a note and touches no other, where there is JSON Patch.
func TestSay(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	f.live(plain("7", object{"note": []any{theirs}}), true)
	for i, want := range []string{"note-2", "note-3"} {
		id, err := d.Say(t.Context(), "7", servicedesk.Message{Text: "Hurry", Public: true})
		must(t, err)
		if id != want {
			t.Errorf("message %d is %q", i, id)
		}
	}
	writes := f.writes()
	if len(writes) != 2 || writes[0].media != jsonPatch {
		t.Fatalf("it sent %+v", writes)
	}
	same(t, "the change", json.RawMessage(writes[0].body), json.RawMessage(
		`[{"op":"add","path":"/note/-","value":{"@type":"Note","author":"agency","date":"2026-11-25T12:00:00Z","text":"Hurry"}}]`))
}

// TestSayByMergePatch sends the notes that there are as they are, where a desk refuses JSON Patch: for good, or this time,
// and in v4 always.
func TestSayByMergePatch(t *testing.T) {
	for name, c := range map[string]struct {
		version version
		refusal int
		media   []string
	}{
		"unknown":      {v5, http.StatusUnsupportedMediaType, []string{jsonPatch, mergePatch, mergePatch}},
		"no such note": {v5, http.StatusBadRequest, []string{jsonPatch, mergePatch, jsonPatch, mergePatch}},
		"v4":           {v4, 0, []string{plainJSON, plainJSON}},
	} {
		f := newFake(t, c.version)
		d := f.open(t)
		doc := plain("7", object{"note": []any{theirs}})
		f.live(doc, true)
		f.mu.Lock()
		live := f.routes["PATCH "+f.api+collection+"/7"]
		f.mu.Unlock()
		f.on(http.MethodPatch, "/7", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Content-Type") == jsonPatch {
				w.WriteHeader(c.refusal)
				return
			}
			live(w, r)
		})
		for range 2 {
			_, err := d.Say(t.Context(), "7", servicedesk.Message{Text: "Please"})
			must(t, err)
		}
		var media []string
		for _, w := range f.writes() {
			media = append(media, w.media)
		}
		same(t, name+": the list of media types", media, c.media)
		ours := d.version.typed("Note", object{"author": "agency", "date": "2026-11-25T12:00:00Z", "text": "Please"})
		same(t, name+": the list of notes", doc["note"], []any{theirs, ours, ours})
	}
}

// TestSayToNobody tells what was not done from what may still be.
func TestSayToNobody(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	say := func() error {
		_, err := d.Say(t.Context(), "7", servicedesk.Message{Text: "Hurry"})
		return err
	}
	wantError(t, say(), cloud.ErrNotFound)
	f.ticket(plain("7", object{"note": []any{theirs}}))
	wantError(t, say(), cloud.ErrForbidden, "did not take the message")
	f.on(http.MethodPatch, "/7", says(202, ""))
	wantError(t, say(), cloud.ErrUnknownOutcome, "accepted")
	f.on(http.MethodPatch, "/7", breaks)
	wantError(t, say(), cloud.ErrUnknownOutcome)
	f.on(http.MethodPatch, "/7", says(403, `{"code":"1","reason":"Closed"}`))
	wantError(t, say(), cloud.ErrForbidden, "Closed.")
	f.calls()
	f.on(http.MethodGet, "/7", says(200, `{"id":"8","status":"held"}`))
	wantError(t, say(), cloud.ErrConflict, "merged into 8")
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("it sent %+v", writes)
	}
}

func TestAttach(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	doc := plain("7", object{"attachment": []any{object{"id": "f1", "name": "plan.txt", "url": "https://x.test"}}})
	f.live(doc, true)
	id, err := d.Attach(t.Context(), "7", servicedesk.File{Name: "plan.txt", Content: []byte("xy")})
	must(t, err)
	if id != "attachment-2" {
		t.Errorf("it is %q", id)
	}
	same(t, "the list", doc["attachment"], []any{object{"id": "f1", "name": "plan.txt", "url": "https://x.test"}, object{
		"@type": "Attachment", "name": "plan.txt", "mimeType": "application/octet-stream", "attachmentType": "file", "content": "eHk=",
		"size": object{"amount": 2, "units": "bytes"},
	}})
	f.ticket(doc)
	attach := func() error {
		_, err := d.Attach(t.Context(), "7", servicedesk.File{Name: "plan.txt"})
		return err
	}
	wantError(t, attach(), cloud.ErrForbidden, "did not take the file")
	f.on(http.MethodPatch, "/7", says(202, ""))
	wantError(t, attach(), cloud.ErrUnknownOutcome)
	f.on(http.MethodGet, "/7", says(200, `{"id":"8","status":"held"}`))
	wantError(t, attach(), cloud.ErrConflict)
}

// TestTransition sends status, reason and words in one request, and does not believe the answer.
func TestTransition(t *testing.T) {
	f := newFake(t, v5)
	d := f.open(t)
	ticket := servicedesk.Ticket{ID: "7", Type: servicedesk.TypeIncident}
	cancel := func(words string) error {
		return d.Transition(t.Context(), ticket, servicedesk.StatusCancelled, servicedesk.Message{Text: words})
	}
	f.live(plain("7", object{"note": []any{theirs}}), true)
	must(t, cancel("Not needed"))
	writes := f.writes()
	if len(writes) != 1 || writes[0].media != jsonPatch {
		t.Fatalf("it sent %+v", writes)
	}
	same(t, "the change", json.RawMessage(writes[0].body), json.RawMessage(`[{"op":"add","path":"/status","value":"cancelled"},`+
		`{"op":"add","path":"/statusChangeReason","value":"Not needed"},`+
		`{"op":"add","path":"/note/-","value":{"@type":"Note","author":"agency","date":"2026-11-25T12:00:00Z","text":"Not needed"}}]`))
	must(t, cancel("Once more"))
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("it sent %+v", writes)
	}
	f.live(plain("7", object{"note": []any{theirs}}), false)
	must(t, cancel(""))
	writes = f.writes()
	words := "The requester has cancelled this ticket."
	same(t, "the merge patch", writes[len(writes)-1].object(t), object{
		"@type": "TroubleTicket", "status": "cancelled", "statusChangeReason": words,
		"note": []any{theirs, d.version.note("agency", words, noon)},
	})
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		reason error
	}{
		"ignored":       {says(200, `{}`), servicedesk.ErrTransition},
		"no such way":   {says(409, `{"code":"1","reason":"No way"}`), servicedesk.ErrTransition},
		"not for us":    {says(403, `{"code":"1","reason":"No way"}`), servicedesk.ErrTransition},
		"not known":     {says(400, `{"code":"1","reason":"No way"}`), servicedesk.ErrTransition},
		"promised":      {says(202, ""), cloud.ErrUnknownOutcome},
		"gone":          {says(404, `{"code":"1","reason":"Gone"}`), cloud.ErrNotFound},
		"token expired": {says(401, ""), cloud.ErrUnauthenticated},
		"boom":          {says(500, ""), cloud.ErrUnknownOutcome},
	} {
		f.ticket(plain("7"))
		f.on(http.MethodPatch, "/7", c.answer)
		err := cancel("x")
		t.Log(name, err)
		wantError(t, err, c.reason)
	}
	f.on(http.MethodGet, "/7", says(200, `{"id":"8","status":"held"}`))
	wantError(t, cancel("x"), cloud.ErrConflict, "merged")
	err := d.Transition(t.Context(), servicedesk.Ticket{ID: "7"}, servicedesk.StatusHeld, servicedesk.Message{})
	wantError(t, err, cloud.ErrUnsupported)
}
