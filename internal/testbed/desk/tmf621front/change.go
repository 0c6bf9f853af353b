package tmf621front

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// create files a ticket.
func (f *Front) create(ctx context.Context, w http.ResponseWriter, c call) {
	var doc object
	if err := json.Unmarshal(c.body, &doc); err != nil || c.media != "application/json" {
		refuse(w, http.StatusBadRequest, "A ticket is an object in JSON")
		return
	}
	if wrong := f.check("TroubleTicket_FVO", doc); len(wrong) > 0 {
		f.violated(wrong...)
		refuse(w, http.StatusBadRequest, strings.Join(wrong, "; "))
		return
	}
	key, _ := keyOf(doc)
	n := servicedesk.NewTicket{Key: key, Content: f.content(doc)}
	n.Type, n.Queue = typeOf(str(doc["ticketType"]))
	id, err := c.account.Desk.Create(ctx, n)
	if err != nil {
		fail(w, err)
		return
	}
	f.mu.Lock()
	f.descriptions[id], f.claims[id] = n.Description, false
	f.mu.Unlock()
	if f.options.Manners.AcceptsPost {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	t, err := f.get(ctx, c, id)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	made, err := f.document(ctx, c, t, quick)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Location", str(made["href"]))
	answer(w, http.StatusCreated, made)
}

// typeOf is the model's type of a ticketType; one that is none is for the desk to know, as a queue.
func typeOf(ticketType string) (servicedesk.Type, string) {
	for typ, name := range ticketTypes {
		if name == ticketType {
			return typ, ""
		}
	}
	return servicedesk.TypeIncident, ticketType
}

// patch changes a ticket.
func (f *Front) patch(ctx context.Context, w http.ResponseWriter, c call, id servicedesk.ID) {
	from, err := f.get(ctx, c, id)
	if err != nil {
		fail(w, err)
		return
	}
	before, err := f.document(ctx, c, from, touched(c.body))
	if err != nil {
		fail(w, err)
		return
	}
	after, status, wrong := f.patched(c, before)
	if status != 0 {
		refuse(w, status, wrong)
		return
	}
	if err := f.carryOut(ctx, c, from, before, after); err != nil {
		fail(w, err)
		return
	}
	if f.options.Manners.AcceptsPatch {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	after, err = f.changed(ctx, c, id)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, after)
}

// touched are the fields that a change can be about.
func touched(body []byte) []string {
	fields := slices.Clone(quick)
	for _, array := range []string{"note", "attachment"} {
		if bytes.Contains(body, []byte(array)) {
			fields = append(fields, array)
		}
	}
	return fields
}

// changed is what a ticket is after a change.
func (f *Front) changed(ctx context.Context, c call, id servicedesk.ID) (object, error) {
	t, err := f.get(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return f.document(ctx, c, t, quick)
}

// patched is the document that a request wants; a status says that it cannot be had.
func (f *Front) patched(c call, before object) (after object, status int, wrong string) {
	manners := f.options.Manners
	switch {
	case c.media == "application/json-patch+json" && (manners.RefusesJSONPatch || f.options.Version == 4),
		c.media == "application/merge-patch+json" && (manners.RefusesMergePatch || f.options.Version == 4):
		return nil, http.StatusUnsupportedMediaType, c.media + " is not known here"
	case c.media == "application/json-patch+json":
		var operations []operation
		if err := json.Unmarshal(c.body, &operations); err != nil {
			return nil, http.StatusBadRequest, "A JSON Patch is an array of operations"
		}
		if violations := f.checkOperations(operations); len(violations) > 0 {
			f.violated(violations...)
			return nil, http.StatusBadRequest, strings.Join(violations, "; ")
		}
		after, err := apply(before, operations)
		if err != nil {
			return nil, http.StatusBadRequest, err.Error()
		}
		return after, 0, ""
	case c.media != "application/json" && c.media != "application/merge-patch+json":
		return nil, http.StatusUnsupportedMediaType, c.media + " is not known here"
	}
	var changes object
	if err := json.Unmarshal(c.body, &changes); err != nil {
		return nil, http.StatusBadRequest, "A merge patch is an object"
	}
	if violations := f.check("TroubleTicket_MVO", changes); len(violations) > 0 {
		f.violated(violations...)
		return nil, http.StatusBadRequest, strings.Join(violations, "; ")
	}
	after = maps.Clone(before)
	for name, value := range changes {
		if after[name] = value; value == nil {
			delete(after, name)
		}
	}
	return after, 0, ""
}

// carryOut does at the desk what makes the one document of the other.
func (f *Front) carryOut(ctx context.Context, c call, from servicedesk.Ticket, before, after object) error {
	desk := c.account.Desk
	was, is := f.content(before), f.content(after)
	change := changeOf(was, is)
	if change.Description != nil && !desk.Describe().EditsDescription {
		change.Description = nil
	}
	if !change.Empty() {
		if err := desk.Update(ctx, from, change); err != nil {
			return err
		}
	}
	if is.Description != "" {
		f.mu.Lock()
		f.descriptions[from.ID] = is.Description
		f.mu.Unlock()
	}
	if key, claimed := keyOf(after); claimed && key == from.Key && !from.Claimed {
		if err := desk.Claim(ctx, from.ID, key); err != nil {
			return err
		}
	} else if key != from.Key {
		return &cloud.Error{Reason: cloud.ErrInvalid, Text: "The key of a ticket stays as it is."}
	}
	said := f.added(before, after, "note")
	if str(after["status"]) != str(before["status"]) {
		words := str(after["statusChangeReason"])
		if len(said) > 0 {
			words, said = str(said[0]["text"]), said[1:]
		}
		to, err := ending(desk, from.Type, str(after["status"]))
		if err == nil {
			err = desk.Transition(ctx, from, to, servicedesk.Message{Text: words})
		}
		if err != nil {
			return err
		}
	}
	for _, n := range said {
		if _, err := desk.Say(ctx, from.ID, servicedesk.Message{Text: str(n["text"]), Public: true}); err != nil {
			return err
		}
	}
	for _, a := range f.added(before, after, "attachment") {
		content, err := base64.StdEncoding.DecodeString(str(a["content"]))
		if err != nil {
			return &cloud.Error{Reason: cloud.ErrInvalid, Text: "The content is not in base64."}
		}
		file := servicedesk.File{Name: str(a["name"]), ContentType: str(a["mimeType"]), Content: content}
		if _, err := desk.Attach(ctx, from.ID, file); err != nil {
			return err
		}
	}
	return nil
}

// ending is how a requester brings a ticket into a status, if that is one in which a requester takes leave.
func ending(d servicedesk.Desk, typ servicedesk.Type, status string) (servicedesk.Status, error) {
	m := d.Describe().Mapping
	for _, to := range []servicedesk.Status{servicedesk.StatusCancelled, servicedesk.StatusClosed} {
		native := m.Types[typ].CancelStatus
		if to == servicedesk.StatusClosed {
			native = m.Types[typ].CloseStatus
		}
		if native != "" && nativeStatuses[m.Meaning(typ, native).Status] == status {
			return to, nil
		}
	}
	return "", &cloud.Error{Reason: servicedesk.ErrTransition, Text: "A requester cannot bring a ticket into the status " + status + "."}
}

// added are the elements of an array that were not there before. That all others are there still has to be so: the desk
// keeps them, but a server that does what it is told would not.
func (f *Front) added(before, after object, array string) []object {
	known := make(map[string]bool)
	for _, e := range objects(before[array]) {
		known[str(e["id"])] = true
	}
	var out []object
	for _, e := range objects(after[array]) {
		if id := str(e["id"]); id != "" && known[id] {
			delete(known, id)
			continue
		}
		out = append(out, e)
	}
	if len(known) > 0 {
		f.violated(fmt.Sprintf("a change takes away %s %q", array, slices.Sorted(maps.Keys(known))))
	}
	return out
}
