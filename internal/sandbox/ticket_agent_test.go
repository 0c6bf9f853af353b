package sandbox

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// TestDeedsNeedTheirStatus: an agent who clicks the wrong thing is told, and nothing is done.
func TestDeedsNeedTheirStatus(t *testing.T) {
	for _, tc := range []struct {
		ticketType string
		before     []string
		refused    []string
	}{
		{"change", nil, []string{"start", "resolve", "reopen"}},
		{"change", []string{"approve"}, []string{"approve", "reopen"}},
		{"change", []string{"ask"}, []string{"start", "resolve", "reopen"}},
		{"change", []string{"approve", "start"}, []string{"approve", "start", "reopen"}},
		{"change", []string{"reject"}, []string{"approve", "reject", "start", "hold", "ask", "resolve"}},
		{"change", []string{"reject", "reopen"}, []string{"start", "resolve", "reopen"}},
		{"incident", nil, []string{"approve", "reopen"}},
		{"incident", []string{"hold"}, []string{"approve", "hold", "reopen"}},
		{"incident", []string{"resolve"}, []string{"approve", "reject", "start", "hold", "ask", "resolve"}},
	} {
		t.Run(tc.ticketType+" "+strings.Join(tc.before, " "), func(t *testing.T) {
			s := start(t, Options{})
			c := at(t, s, "lvrtc")
			id := c.filed(tc.ticketType, "Slow").Id
			through(t, s, id, tc.before...)
			was := c.get("tickets/" + id).is(http.StatusOK)
			for _, word := range tc.refused {
				err := deeds[word](t.Context(), s.Agent("lvrtc"), id, deed{Text: "x"})
				if err == nil || !strings.Contains(err.Error(), "wrong-status") {
					t.Errorf("%s is not refused: %v", word, err)
				}
			}
			if is := c.get("tickets/" + id); string(is.body) != string(was.body) {
				t.Errorf("what was refused has made it %s", is.body)
			}
		})
	}
}

func TestDeedsAtNoTicket(t *testing.T) {
	s := start(t, Options{})
	for _, operator := range []string{"lvrtc", "lnb", "nobody"} {
		for word, do := range deeds {
			if err := do(t.Context(), s.Agent(operator), "tkt-0", deed{Text: "x", Into: "tkt-1"}); err == nil {
				t.Errorf("%s of no ticket at %s is no error", word, operator)
			}
		}
	}
}

// TestDeedsByHTTP does by the control interface what people do, and looks at what came of it.
func TestDeedsByHTTP(t *testing.T) {
	s := start(t, Options{})
	c, steer := at(t, s, "lvrtc"), control(t, s)
	do := func(id, word string, body any) answer {
		return steer.do(http.MethodPost, "/_sandbox/operators/lvrtc/tickets/"+id+"/"+word, body)
	}
	change, target, gone := c.filed("change", "Change"), c.filed("incident", "Target"), c.filed("incident", "Gone")
	no := c.filed("change", "No")
	for _, step := range []struct {
		id, word string
		body     any
	}{
		{change.Id, "approve", nil}, {change.Id, "start", m{}}, {change.Id, "hold", nil}, {change.Id, "ask", m{"text": "Which?"}},
		{change.Id, "resolve", m{"text": "Done."}}, {change.Id, "reopen", nil}, {change.Id, "say", m{"text": "Hm."}},
		{change.Id, "say", m{"text": "Again.", "public": true}}, {change.Id, "rename", m{"text": "Renamed"}},
		{no.Id, "reject", m{"text": "Never."}}, {change.Id, "merge", m{"into": target.Id}}, {target.Id, "hide", nil},
		{gone.Id, "delete", nil},
	} {
		do(step.id, step.word, step.body).is(http.StatusNoContent)
	}
	do(change.Id, "promote", m{}).is(http.StatusNotFound)
	do(no.Id, "say", m{"colour": "red"}).is(http.StatusBadRequest)
	do(no.Id, "approve", nil).is(http.StatusBadRequest)
	if got := c.ticket(no.Id); got.Status != "rejected" || got.Approval != "rejected" || *got.StatusReason != "Never." {
		t.Errorf("rejected: %+v", got)
	}
	var all []Ticket
	steer.get("/_sandbox/tickets?operator=lvrtc").is(http.StatusOK).into(&all)
	var seen []string
	for _, one := range all {
		seen = append(seen, one.Operator+" "+one.Project+" "+one.Client+" "+one.Subject)
		if one.Id == target.Id != one.Hidden {
			t.Errorf("%s is hidden: %t", one.Subject, one.Hidden)
		}
	}
	alike(t, "tickets", seen, []string{
		"lvrtc registry sandbox Renamed", "lvrtc registry sandbox Target", "lvrtc registry sandbox No",
	})
	if texts := strings.Join(told(all[0].Events), "\n"); !strings.Contains(texts, "saying Hm.") || !strings.Contains(texts, "saying Again.") {
		t.Errorf("the desk's people do not see all that was said:\n%s", texts)
	}
	steer.get("/_sandbox/tickets?operator=lnb").is(http.StatusOK).into(&all)
	if len(all) != 0 {
		t.Errorf("an operator without a desk has %+v", all)
	}
}

func TestTicketOutOfSight(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	hidden, deleted := c.filed("incident", "Hidden"), c.filed("incident", "Deleted")
	through(t, s, hidden.Id, "hide")
	through(t, s, deleted.Id, "delete")
	for id, want := range map[string]int{hidden.Id: http.StatusForbidden, deleted.Id: http.StatusNotFound} {
		code := codeOf(want)
		for _, part := range []string{"", "/events", "/messages", "/attachments"} {
			c.get("tickets/"+id+part).refused(want, code)
		}
		c.end(id, "cancel", m{}).refused(want, code)
		c.do(http.MethodPost, "tickets/"+id+"/messages", m{"text": "x"}).refused(want, code)
		c.patch("tickets/"+id, *hidden.Etag, `{"subject":"x"}`).refused(want, code)
		c.get("/desk/"+id).refused(want, code)
	}
	if got := c.tickets("ids=" + hidden.Id + "," + deleted.Id); len(got.Items) != 0 || got.Total != 0 || len(*got.Missing) != 2 {
		t.Errorf("the list has %+v", got)
	}
}

func TestTicketMerged(t *testing.T) {
	s := start(t, Options{})
	c, other := at(t, s, "lvrtc"), theOther(t, s, "lvrtc")
	id := ticketKeyOf("merged")
	first := c.file(id, m{"ticket_type": "incident", "subject": "First"}).is(http.StatusCreated).ticket()
	second, third := other.filed("incident", "Second"), c.filed("incident", "Third")
	agent := s.Agent("lvrtc")
	for _, into := range [][2]string{{first.Id, second.Id}, {second.Id, third.Id}} {
		if err := agent.Merge(t.Context(), into[0], into[1]); err != nil {
			t.Fatal(err)
		}
	}
	for _, into := range [][2]string{{third.Id, third.Id}, {third.Id, first.Id}, {first.Id, third.Id}, {third.Id, "tkt-0"}} {
		if err := agent.Merge(t.Context(), into[0], into[1]); err == nil {
			t.Errorf("%s was merged into %s", into[0], into[1])
		}
	}
	if got := c.ticket(first.Id); got.Id != third.Id || got.Subject != "Third" || got.MergedInto != nil || got.Status != "acknowledged" {
		t.Errorf("the id of a merged ticket answers %+v", got)
	}
	c.says(first.Id, "Still slow.", true)
	alike(t, "what is heard in the target", c.hears(third.Id), []string{"Still slow."})
	if got := c.file(id, m{"ticket_type": "incident", "subject": "Again"}).is(http.StatusOK).ticket(); got.Id != third.Id {
		t.Errorf("the key of a merged ticket gives %s, want %s", got.Id, third.Id)
	}
	alike(t, "the list", subjects(c.tickets("")), []string{"Third"})
	if got := c.tickets(query("external_key", id)).Items; len(got) != 1 || got[0].Id != first.Id || *got[0].MergedInto != second.Id {
		t.Errorf("the list of the key has %+v", got)
	}
	if got := c.tickets("ids=" + first.Id); len(got.Items) != 0 || !slices.Equal(*got.Missing, []string{first.Id}) {
		t.Errorf("the list of the id has %+v", got)
	}
	through(t, s, third.Id, "resolve")
	c.file(id, m{"ticket_type": "incident", "subject": "Again"}).is(http.StatusCreated)
	through(t, s, third.Id, "delete")
	c.get("tickets/"+first.Id).refused(http.StatusNotFound, "not-found")
}

func TestDeskDecidesByItself(t *testing.T) {
	s := start(t, Options{Transition: tick, TicketDecision: DecideApprove})
	c := at(t, s, "lvrtc")
	ids := map[string]string{}
	for _, name := range []string{"waits", "rejected", "cancelled", "incident"} {
		ticketType := "change"
		if name == "incident" {
			ticketType = name
		}
		ids[name] = c.filed(ticketType, name).Id
	}
	through(t, s, ids["rejected"], "reject")
	c.end(ids["cancelled"], "cancel", m{}).is(http.StatusOK)
	approvals := func() map[string]api.TicketApproval {
		all := map[string]api.TicketApproval{}
		for name, id := range ids {
			all[name] = c.ticket(id).Approval
		}
		return all
	}
	want := map[string]api.TicketApproval{"waits": "requested", "rejected": "rejected", "cancelled": "requested", "incident": "not_required"}
	s.MoveClock(tick - time.Second)
	if got := approvals(); !maps.Equal(got, want) {
		t.Errorf("before its time: %v", got)
	}
	release := s.Hold()
	s.MoveClock(time.Minute)
	if got := approvals(); !maps.Equal(got, want) {
		t.Errorf("while all is held: %v", got)
	}
	release()
	want["waits"] = "approved"
	if got := approvals(); !maps.Equal(got, want) {
		t.Errorf("after its time: %v", got)
	}
	events := c.events(ids["waits"])
	if last := events[len(events)-1]; last.Author != "desk" || !last.Staff || !last.At.Equal(noon.Add(tick)) {
		t.Errorf("it was approved by %+v", last)
	}
	if _, err := Start(t.Context(), Options{Dir: t.TempDir(), TicketDecision: "maybe"}); err == nil || errors.Is(err, http.ErrServerClosed) {
		t.Errorf("an unknown decision starts: %v", err)
	}
}
