package servicedesktest

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// letters are the scenarios of what people write.
var letters = []scenario{
	{"awkward letters", testAwkward},
	{"long texts", testLong},
	{"own field", testOwnField},
	{"unknown field", testUnknownField},
	{"unknown queue", testUnknownQueue},
	{"closed queue", testClosedQueue},
	{"another queue", testOtherQueue},
}

const awkward = `"Ģimenes ārsta" Žanis' C:\new\table 100% <b>&amp;</b> $HOME ${x} {{y}} 'OR' 1=1; -- „rīt” – 🇱🇻`

func testAwkward(t *testing.T, h Harness) {
	n := h.full(h.plain(), "letters")
	n.Subject += " " + awkward
	n.Description = awkward + "\n\n * list\n\n    indented\n\ttab\n--\n" + awkward
	n.Project = "Zemes dienests, Rīga: \"kadastrs\" 'n' 100% \\"
	n.AffectedResources = []string{"alpha/ā %_'\"\\", "beta/vdam-suite-2"}
	got := h.file(t, n)
	h.sameContent(t, got.Content, n.Content)
	if found := h.find(t, n.Key, 1); len(found) != 1 || found[0].Subject != n.Subject {
		t.Errorf("found by its key, the subject is not %q: %+v", n.Subject, found)
	}
	text := awkward + "\nsecond line"
	for _, public := range []bool{true, false} {
		id, err := h.Desk.Say(t.Context(), got.ID, servicedesk.Message{Text: text, Public: public})
		if err != nil {
			t.Fatalf("a message of awkward letters could not be said: %v", err)
		}
		e := h.happened(t, got.ID, "what was said", func(e servicedesk.Event) bool { return e.ID == id })
		if strings.TrimSpace(e.Message.Text) != text {
			t.Errorf("what was said is shown as %q; want %q", e.Message.Text, text)
		}
	}
}

// testLong goes to the limits.
func testLong(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "long texts")
	limit := h.Desk.Describe().MaxSubject
	if limit == 0 {
		limit = 200
	}
	room := limit - utf8.RuneCountInString(n.Subject) - 2
	if most := h.Desk.Describe().MaxSubjectBytes; most > 0 {
		room = min(room, (most-len(n.Subject)-2)/len("ž"))
	}
	n.Subject += " " + strings.Repeat("ž", room) + "."
	n.Description = "First line.\n" + strings.Repeat("Rinda ar tekstu, kas ir gara un kurā ir ķēdes.\n", 210) + "Last line."
	h.sameContent(t, h.file(t, n).Content, n.Content)
}

// testOwnField: a value that the desk does not take is refused or dropped, and never kept in secret.
func testOwnField(t *testing.T, h Harness) {
	if h.Field.Name == "" {
		t.Skip("this desk has no field of its own")
	}
	typ := h.typeWithField()
	n := h.draft(typ, "own field")
	n.Fields = map[string]string{h.Field.Name: h.Field.Good}
	good := h.file(t, n)
	if good.Fields[h.Field.Name] != h.Field.Good {
		t.Errorf("the field %q is %q; want %q", h.Field.Name, good.Fields[h.Field.Name], h.Field.Good)
	}
	bad := servicedesk.Change{Fields: map[string]string{h.Field.Name: h.Field.Bad}}
	if err := h.Desk.Update(t.Context(), good, bad); err != nil {
		h.wantField(t, "change of a field to what the desk does not take", err, "/fields/"+h.Field.Name)
	}
	if got := h.get(t, good.ID).Fields[h.Field.Name]; got != h.Field.Good {
		t.Errorf("after a value that the desk does not take, the field %q is %q; want %q still", h.Field.Name, got, h.Field.Good)
	}

	n = h.draft(typ, "own field")
	n.Fields = map[string]string{h.Field.Name: h.Field.Bad}
	id, err := h.Desk.Create(t.Context(), n)
	if err != nil {
		h.wantField(t, "filing with a value that the desk does not take", err, "/fields/"+h.Field.Name)
		h.wantNone(t, "a ticket was refused", n.Key)
		return
	}
	withdrawAtEnd(t, h, h.Desk, id)
	if got := h.get(t, id).Fields[h.Field.Name]; got == h.Field.Bad {
		t.Errorf("the field %q is shown as %q, which the desk does not take", h.Field.Name, got)
	}
}

func (h Harness) typeWithField() servicedesk.Type {
	for _, typ := range servicedesk.Types {
		if _, ok := h.Desk.Describe().Mapping.Types[typ]; ok && h.hasField(typ) {
			return typ
		}
	}
	return h.plain()
}

// testUnknownField: a desk that says which fields it has refuses others before anything is filed.
func testUnknownField(t *testing.T, h Harness) {
	const name = "VDAM suite: no such field"
	n := h.draft(h.plain(), "unknown field")
	n.Fields = map[string]string{name: "x"}
	id, err := h.Desk.Create(t.Context(), n)
	switch {
	case err != nil:
		h.wantField(t, "filing with an unknown field", err, "/fields/"+name)
		h.wantNone(t, "a ticket with an unknown field was refused", n.Key)
	case h.tellsFields(n.Type):
		withdrawAtEnd(t, h, h.Desk, id)
		t.Errorf("ticket %s was filed although the desk's queue has no field %q", id, name)
	default:
		withdrawAtEnd(t, h, h.Desk, id)
		if got, ok := h.get(t, id).Fields[name]; ok {
			t.Errorf("an unknown field is shown as %q", got)
		}
	}
	got := h.fileOne(t, h.plain(), "unknown field")
	err = h.Desk.Update(t.Context(), got, servicedesk.Change{Fields: n.Fields})
	if err != nil || h.tellsFields(n.Type) {
		h.wantField(t, "change of an unknown field", err, "/fields/"+name)
	}
}

func (h Harness) tellsFields(typ servicedesk.Type) bool {
	for _, q := range h.Desk.Describe().Queues {
		if q.Name == h.mapping(typ).Queue {
			return q.Fields != nil
		}
	}
	return false
}

func testUnknownQueue(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "unknown queue")
	n.Queue = "VDAM suite: no such queue"
	id, err := h.Desk.Create(t.Context(), n)
	if err == nil {
		withdrawAtEnd(t, h, h.Desk, id)
	}
	h.wantField(t, "filing in an unknown queue", err, "/queue")
	h.wantNone(t, "a ticket in an unknown queue was refused", n.Key)
}

func testClosedQueue(t *testing.T, h Harness) {
	if h.ClosedQueue == "" {
		t.Skip("this desk has no queue that is closed to the account")
	}
	n := h.draft(h.plain(), "closed queue")
	n.Queue = h.ClosedQueue
	id, err := h.Desk.Create(t.Context(), n)
	if err == nil {
		withdrawAtEnd(t, h, h.Desk, id)
	}
	h.wantError(t, "filing in a closed queue", err, cloud.ErrForbidden, cloud.ErrInvalid)
	h.wantNone(t, "a ticket in a closed queue was refused", n.Key)
}

// testOtherQueue overrides where a type goes.
func testOtherQueue(t *testing.T, h Harness) {
	n := h.draft(h.plain(), "another queue")
	for _, typ := range servicedesk.Types {
		if queue := h.mapping(typ).Queue; queue != "" && queue != h.mapping(n.Type).Queue {
			n.Queue = queue
		}
	}
	if n.Queue == "" {
		t.Skip("all types go to one queue at this desk")
	}
	if got := h.file(t, n); got.Queue != n.Queue {
		t.Errorf("it was filed in queue %q; want %q", got.Queue, n.Queue)
	}
}

// wantField fails the test unless an order was refused because of one field.
func (h Harness) wantField(t *testing.T, doing string, err error, pointer string) {
	t.Helper()
	e := h.refusal(t, doing, err, cloud.ErrInvalid)
	if !slices.ContainsFunc(e.Fields, func(f cloud.FieldError) bool { return f.Pointer == pointer && f.Text != "" }) {
		t.Errorf("%s: the error is about %+v; want %s", doing, e.Fields, pointer)
	}
}
