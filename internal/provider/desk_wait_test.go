package provider_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

const waitType = "vdam_service_ticket_wait"

// waiting is a wait for a ticket at a desk in memory that knows approvals. Its hours pass at once.
type waiting struct {
	*terraform
	memory *servicedesktest.Memory
	agent  servicedesktest.Agent
	ticket state
}

// wait plays a case in a bubble of synctest.
func wait(t *testing.T, name string, f func(t *testing.T, w *waiting)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			memory := servicedesktest.NewMemory(servicedesktest.MemoryOptions{Approvals: true})
			w := &waiting{startAt(t, memory.Desk("terraform")), memory, memory.Agent(), state{}}
			w.ticket = w.create(t, ticketType, ticket("Jauda", nil))
			f(t, w)
			<-time.After(10 * time.Minute) // Who looks for all that wait notices that nobody does any more.
		})
	})
}

// in lets the people do something after a while.
func (w *waiting) in(t *testing.T, d time.Duration, deed func(t *testing.T, id servicedesk.ID)) {
	t.Helper()
	time.AfterFunc(d, func() { deed(t, "1") })
}

// wait waits, and answers what is said and how long it took.
func (w *waiting) wait(t *testing.T, more object) (s state, said string, took time.Duration) {
	t.Helper()
	config := object{"ticket_id": text(w.ticket.value, "id"), "for": "approved"}
	for k, v := range more {
		config[k] = v
	}
	began := time.Now()
	s, said = w.order(t, waitType, config)
	return s, said, time.Since(began)
}

// reached checks what a wait has come to.
func reached(t *testing.T, s state, said string, want map[string]string) {
	t.Helper()
	if said != "\n" || s.value.IsNull() {
		t.Fatalf("it is said: %s", said)
	}
	for at, v := range want {
		if got := text(s.value, at); got != v {
			t.Errorf("%s is %q, not %q", at, got, v)
		}
	}
}

func TestWaits(t *testing.T) {
	wait(t, "reached", func(t *testing.T, w *waiting) {
		w.in(t, 10*time.Minute, func(t *testing.T, id servicedesk.ID) {
			t.Helper()
			w.agent.Say(t, id, servicedesk.Message{Text: "Skatāmies.", Public: true})
		})
		w.in(t, 3*time.Hour, w.agent.Approve)
		due := time.Now().Add(3 * time.Hour).UTC().Format(time.RFC3339)
		s, said, took := w.wait(t, nil)
		reached(t, s, said, map[string]string{
			"id": "memory/1/approved", "outcome": "in_progress", "by": "agent", "message": "Skatāmies.", "reached_at": due,
		})
		if took < 3*time.Hour || took > 3*time.Hour+5*time.Minute+time.Second {
			t.Errorf("it took %s", took)
		}
		if n := w.memory.Calls("Glance"); n < 60 || n > 120 { // The pause is a twentieth of the time waited, up to five minutes.
			t.Errorf("the desk was looked at %d times", n)
		}
		// What was reached stays so, whatever becomes of the ticket, and asks nobody.
		w.agent.Reject(t, "1", "Tomēr nē.")
		calls := w.memory.Calls("Get")
		read, diags := w.read(t, waitType, s)
		clean(t, "reading", diags)
		config := object{"ticket_id": "memory/1", "for": "approved", "timeouts": object{"create": "1h"}, "fail_on": []any{"pending"}}
		p := w.plan(t, waitType, read, config)
		clean(t, "the plan", p.diags)
		after, diags := w.apply(t, waitType, read, p, config)
		clean(t, "the change", diags)
		clean(t, "the destruction", w.applied(t, waitType, after, nil))
		if n := w.memory.Calls("Get"); n != calls || !read.value.Equal(s.value) || len(p.replace) > 0 {
			t.Errorf("it was asked %d times, and read as %s", n-calls, read.value)
		}
	})
	wait(t, "reached before", func(t *testing.T, w *waiting) {
		w.agent.Approve(t, "1")
		s, said, took := w.wait(t, nil)
		reached(t, s, said, map[string]string{"outcome": "in_progress", "message": ""})
		if took > 0 {
			t.Errorf("it took %s", took)
		}
	})
	wait(t, "passed between two looks", func(t *testing.T, w *waiting) {
		w.in(t, time.Hour+time.Second, w.agent.Approve)
		w.in(t, time.Hour+2*time.Second, w.agent.Start)
		w.in(t, time.Hour+3*time.Second, func(t *testing.T, id servicedesk.ID) { t.Helper(); w.agent.Resolve(t, id, "Gatavs.") })
		due := time.Now().Add(time.Hour + time.Second).UTC().Format(time.RFC3339)
		s, said, _ := w.wait(t, nil)
		reached(t, s, said, map[string]string{"outcome": "in_progress", "reached_at": due})
	})
	wait(t, "merged", func(t *testing.T, w *waiting) {
		w.create(t, ticketType, ticket("Lielais", nil))
		w.in(t, time.Hour, func(t *testing.T, id servicedesk.ID) { t.Helper(); w.agent.Merge(t, id, "2") })
		time.AfterFunc(2*time.Hour, func() { w.agent.Approve(t, "2") })
		s, said, _ := w.wait(t, nil)
		reached(t, s, said, map[string]string{"id": "memory/1/approved", "outcome": "in_progress"})
	})
	wait(t, "at a desk that is away for a while", func(t *testing.T, w *waiting) {
		for range 5 {
			w.memory.FailNext("Glance", cloud.ErrUnavailable)
			w.memory.FailNext("Get", nil, cloud.ErrUnavailable, cloud.ErrBusy)
		}
		w.in(t, time.Hour, w.agent.Approve)
		s, said, _ := w.wait(t, nil)
		reached(t, s, said, map[string]string{"outcome": "in_progress"})
	})
	wait(t, "with a pause of its own", func(t *testing.T, w *waiting) {
		w.in(t, time.Hour, w.agent.Approve)
		s, said, _ := w.wait(t, object{"poll_interval": "10m"})
		reached(t, s, said, nil)
		if n := w.memory.Calls("Glance"); n < 5 || n > 7 {
			t.Errorf("the desk was looked at %d times", n)
		}
	})
}

// TestWaitsInVain has waits that end without what was waited for. Each leaves nothing behind, and the next apply goes on.
func TestWaitsInVain(t *testing.T) {
	out := &said{T: t}
	note := func(what string, s state, said string) {
		t.Helper()
		kept(t, s, false)
		_, _ = fmt.Fprintf(out, "# %s\n\n%s\n", what, said)
	}
	wait(t, "rejected", func(t *testing.T, w *waiting) {
		w.in(t, time.Minute, func(t *testing.T, id servicedesk.ID) {
			t.Helper()
			w.agent.Reject(t, id, "Nav līdzekļu.\nNākamgad.")
		})
		s, said, took := w.wait(t, nil)
		note("rejected", s, said)
		if took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
		s, said, _ = w.wait(t, nil)
		note("rejected, once more", s, said)
		w.in(t, time.Minute, w.agent.Reopen)
		s, said, _ = w.wait(t, object{"fail_on": []any{"cancelled"}, "for": "in_progress"})
		reached(t, s, said, map[string]string{"outcome": "in_progress"})
	})
	wait(t, "rejected without a word", func(t *testing.T, w *waiting) {
		w.agent.Reject(t, "1", "")
		s, said, _ := w.wait(t, nil)
		note("rejected without a word", s, said)
	})
	wait(t, "withdrawn", func(t *testing.T, w *waiting) {
		clean(t, "the destruction", w.applied(t, ticketType, w.ticket, nil))
		s, said, _ := w.wait(t, nil)
		note("withdrawn", s, said)
	})
	wait(t, "resolved without an approval", func(t *testing.T, w *waiting) {
		w.memory.Edit("1", func(t *servicedesk.Ticket) { t.NativeStatus = "closed" })
		s, said, took := w.wait(t, object{"fail_on": []any{"closed"}})
		note("closed, which fails", s, said)
		if took > 0 {
			t.Errorf("it took %s", took)
		}
	})
	wait(t, "asked", func(t *testing.T, w *waiting) {
		w.in(t, time.Minute, func(t *testing.T, id servicedesk.ID) { t.Helper(); w.agent.Ask(t, id, "Cik daudz?\nUn kur?") })
		s, said, took := w.wait(t, object{"fail_on": []any{"rejected", "pending"}})
		note("asked, which fails", s, said)
		if took > 2*time.Minute {
			t.Errorf("it took %s", took)
		}
		s, said, took = w.wait(t, object{"timeouts": object{"create": "90m"}})
		note("asked, and not answered in time", s, said)
		if took != 90*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
	wait(t, "too late", func(t *testing.T, w *waiting) {
		s, said, took := w.wait(t, nil)
		note("not decided in time", s, said)
		if took != 8*time.Hour {
			t.Errorf("it took %s", took)
		}
		w.in(t, time.Hour, w.agent.Approve)
		s, said, _ = w.wait(t, nil)
		reached(t, s, said, map[string]string{"outcome": "in_progress"})
		if n := w.memory.Calls("Create"); n != 1 {
			t.Errorf("%d tickets were filed", n)
		}
	})
	wait(t, "interrupted", func(t *testing.T, w *waiting) {
		ctx, interrupt := context.WithCancel(w.ctx)
		w.ctx = ctx
		time.AfterFunc(time.Hour, interrupt)
		s, said, took := w.wait(t, nil)
		note("interrupted", s, said)
		if took != time.Hour {
			t.Errorf("it took %s", took)
		}
	})
	wait(t, "gone", func(t *testing.T, w *waiting) {
		w.in(t, time.Minute, w.agent.Delete)
		s, said, _ := w.wait(t, nil)
		note("deleted meanwhile", s, said)
	})
	wait(t, "hidden", func(t *testing.T, w *waiting) {
		w.in(t, time.Minute, w.agent.Hide)
		s, said, _ := w.wait(t, nil)
		note("hidden meanwhile", s, said)
	})
	wait(t, "a status that nobody knows", func(t *testing.T, w *waiting) {
		w.memory.Edit("1", func(t *servicedesk.Ticket) { t.NativeStatus = "triage" })
		s, said, _ := w.wait(t, object{"timeouts": object{"create": "1h30m10s"}})
		note("in a status that the mapping has not", s, said)
	})
	golden(t, "desks/waits", out.String())
}
