package servicedesk_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// waited is what a wait ended with, and after how long.
type waited struct {
	servicedesk.Outcome
	ticket servicedesk.Ticket
	err    error
	took   time.Duration
}

// start starts a wait, and answers what is to be called for its end.
func start(ctx context.Context, w servicedesk.Wait) func() waited {
	began, done := time.Now(), make(chan waited, 1)
	go func() {
		var out waited
		out.ticket, out.Outcome, out.err = w.Run(ctx)
		out.took = time.Since(began)
		done <- out
	}()
	return func() waited { return <-done }
}

// waitFor is a wait for ticket 1, as users have it by default.
func waitFor(d servicedesk.Desk, goal servicedesk.Goal) servicedesk.Wait {
	return servicedesk.Wait{
		Watcher: servicedesk.NewWatcher(d), ID: "1", Goal: goal, Limit: 8 * time.Hour,
		FailOn: []servicedesk.Status{servicedesk.StatusRejected, servicedesk.StatusCancelled},
	}
}

// script is what people do to ticket 1.
type script func(t *testing.T, m *servicedesktest.Memory)

// become brings the ticket from one native status into the next, at moments that differ.
func become(natives ...string) script {
	return func(_ *testing.T, m *servicedesktest.Memory) {
		for _, native := range natives {
			time.Sleep(time.Second)
			m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = native })
		}
	}
}

// TestGoals tells waits by what has happened before them, and between two of their looks, after 15 and 30 seconds.
func TestGoals(t *testing.T) {
	const (
		during           = 17 * time.Second
		now, next, never = 0, 30 * time.Second, 8 * time.Hour

		approved, resolved, closed = servicedesk.GoalApproved, servicedesk.GoalResolved, servicedesk.GoalClosed
		acknowledged, inProgress   = servicedesk.GoalAcknowledged, servicedesk.GoalInProgress
	)
	for name, c := range map[string]struct {
		goal           servicedesk.Goal
		before, during script
		took           time.Duration
		failed         bool
		status         servicedesk.Status // What did it.
		at             int                // When it did, in seconds of its script.
	}{
		"approved meanwhile":           {approved, nil, become("approved"), next, false, "in_progress", 1},
		"approval passes":              {approved, nil, become("approved", "requested"), next, false, "in_progress", 1},
		"approval passes into work":    {approved, nil, become("approved", "implementing", "resolved"), next, false, "in_progress", 1},
		"approval, then no word of it": {approved, nil, become("approved", "waiting"), next, false, "in_progress", 1},
		"work without a word":          {approved, nil, become("implementing"), next, false, "in_progress", 1},
		"no word of an approval":       {approved, nil, become("waiting", "onhold"), never, false, "", 0},
		"done without an approval":     {approved, nil, become("waiting", "onhold", "resolved"), next, true, "resolved", 3},
		"approved before":              {approved, become("approved"), nil, now, false, "in_progress", 1},
		"approved before, held":        {approved, become("approved", "onhold"), nil, now, false, "in_progress", 1},
		"approved before, ended":       {approved, become("approved", "closed"), nil, now, false, "in_progress", 1},
		"approval withdrawn before":    {approved, become("approved", "requested"), nil, never, false, "", 0},
		"approved again":               {approved, become("approved", "requested"), become("approved"), next, false, "in_progress", 1},
		"approved, then rejected":      {approved, nil, become("approved", "rejected"), next, true, "rejected", 2},
		"approved, then cancelled":     {approved, nil, become("approved", "cancelled"), next, true, "cancelled", 2},
		"rejected meanwhile":           {approved, nil, become("rejected"), next, true, "rejected", 1},
		"rejected before":              {resolved, become("rejected"), nil, now, true, "rejected", 1},
		"rejected twice":               {approved, nil, become("rejected", "requested", "rejected"), next, true, "rejected", 3},
		"rejected, reopened before":    {approved, become("rejected", "requested"), nil, never, false, "", 0},
		"rejected, reopened meanwhile": {approved, nil, become("rejected", "requested"), never, false, "", 0},
		"rejected, approved after all": {approved, nil, become("rejected", "approved"), next, false, "in_progress", 2},
		"cancelled":                    {resolved, nil, become("implementing", "cancelled"), next, true, "cancelled", 2},
		"acknowledged":                 {acknowledged, nil, nil, now, false, "acknowledged", 0},
		"begun":                        {inProgress, become("waiting", "onhold"), become("implementing"), next, false, "in_progress", 1},
		"resolved":                     {resolved, become("implementing"), become("resolved"), next, false, "resolved", 1},
		"resolved before":              {resolved, become("implementing", "resolved"), nil, now, false, "resolved", 2},
		"resolved and closed before":   {resolved, become("resolved", "closed"), nil, now, false, "resolved", 1},
		"reopened before":              {resolved, become("resolved", "implementing"), nil, never, false, "", 0},
		"reopened meanwhile":           {resolved, nil, become("resolved", "implementing"), next, false, "resolved", 1},
		"closed without a solution":    {resolved, nil, become("closed"), next, false, "closed", 1},
		"resolved, not closed":         {closed, nil, become("resolved"), never, false, "", 0},
		"closed":                       {closed, nil, become("resolved", "closed"), next, false, "closed", 2},
		"status of no meaning":         {resolved, become("lost"), become("found"), never, false, "", 0},
		"reached, then no meaning":     {resolved, become("resolved", "lost"), nil, now, false, "resolved", 1},
		"failed, then no meaning":      {resolved, become("rejected", "lost"), nil, now, true, "rejected", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
				created(t, d, key)
				began := time.Now()
				if c.before != nil {
					c.before(t, m)
				}
				waits := time.Now()
				end := start(t.Context(), waitFor(d, c.goal))
				if c.during != nil {
					time.Sleep(during)
					c.during(t, m)
				}
				got := end()
				ends := c.took != never
				if got.took != c.took || got.Reached != (ends && !c.failed) || got.Failed != c.failed {
					t.Fatalf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
				}
				if !ends {
					wantError(t, got.err, servicedesk.ErrGaveUp)
					return
				}
				if c.took == next {
					began = waits.Add(during)
				}
				if at := got.At.Sub(began); got.err != nil || got.Status != c.status || at != time.Duration(c.at)*time.Second {
					t.Errorf("it was %q that did it, after %v: %v", got.Status, at, got.err)
				}
				if want := map[bool]string{false: us, true: "agent"}[c.at > 0]; got.By != want {
					t.Errorf("it was done by %q; want %q", got.By, want)
				}
			})
		})
	}
}

// TestLastWords: why a ticket was rejected is what its people have said last, in public; not what we have.
func TestLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
		created(t, d, key)
		end := start(t.Context(), waitFor(d, servicedesk.GoalApproved))
		time.Sleep(time.Second)
		m.Agent().Say(t, "1", servicedesk.Message{Text: "Which hosts?", Public: true})
		_, err := d.Say(t.Context(), "1", servicedesk.Message{Text: "All of ours.", Public: true})
		m.Agent().Reject(t, "1", "Too many.")
		m.Agent().Say(t, "1", servicedesk.Message{Text: "They never learn."})
		if err == nil {
			_, err = d.Say(t.Context(), "1", servicedesk.Message{Text: "What a pity.", Public: true})
		}
		got := end()
		if err != nil || got.err != nil || !got.Failed || got.took != 15*time.Second || got.Words != "Too many." {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
		if got.ticket.Approval != servicedesk.ApprovalRejected || got.ticket.Number != "M1" {
			t.Errorf("the ticket is %+v", got.ticket)
		}
	})
}

// TestFailOn: users decide what ends a wait, but for one that would wait for an approval after it was denied.
func TestFailOn(t *testing.T) {
	const pending, rejected = servicedesk.StatusPending, servicedesk.StatusRejected
	for name, c := range map[string]struct {
		goal        servicedesk.Goal
		failOn      []servicedesk.Status
		ask, reject int // After how many seconds; never, if it is zero.
		took        int
		status      servicedesk.Status
	}{
		"nothing":         {servicedesk.GoalResolved, nil, 1, 17, 8 * 60 * 60, ""},
		"denied":          {servicedesk.GoalApproved, nil, 1, 17, 30, rejected},
		"asked":           {servicedesk.GoalResolved, []servicedesk.Status{pending}, 1, 0, 15, pending},
		"rejected":        {servicedesk.GoalResolved, []servicedesk.Status{rejected}, 1, 17, 30, rejected},
		"what comes last": {servicedesk.GoalResolved, []servicedesk.Status{rejected, pending}, 17, 18, 30, rejected},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
				created(t, d, key)
				w := waitFor(d, c.goal)
				w.FailOn = c.failOn
				end := start(t.Context(), w)
				time.Sleep(time.Duration(c.ask) * time.Second)
				m.Agent().Ask(t, "1", "Which port?")
				if c.reject > 0 {
					time.Sleep(time.Duration(c.reject-c.ask) * time.Second)
					m.Agent().Reject(t, "1", "")
				}
				got := end()
				if got.took != time.Duration(c.took)*time.Second || got.Failed != (c.status != "") || got.Reached || got.Status != c.status {
					t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
				}
				if got.Words != "Which port?" {
					t.Errorf("it was said %q", got.Words)
				}
			})
		})
	}
}

// TestWithoutHistory: at a desk that keeps none, a wait goes by how things are when it looks.
func TestWithoutHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true, NoHistory: true})
		created(t, d, key)
		become("approved", "waiting")(t, m) // It does not tell any more that it was approved.
		end := start(t.Context(), waitFor(d, servicedesk.GoalApproved))
		become("approved", "requested")(t, m)
		time.Sleep(time.Minute)
		become("approved")(t, m)
		at := time.Now()
		got := end()
		if !got.Reached || got.Status != servicedesk.StatusInProgress || got.took != 75*time.Second || !got.At.Equal(at) || got.err != nil {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
		wantCalls(t, m, "History", 0)
	})
}

// TestGoalsThatADeskHasNot tells at once that nobody will ever approve, and takes what is resolved for closed where no
// status says that.
func TestGoalsThatADeskHasNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		if got := start(t.Context(), waitFor(d, servicedesk.GoalApproved))(); !errors.Is(got.err, servicedesk.ErrNoApproval) || got.took != 0 {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.Edit("1", func(e *servicedesk.Ticket) { e.NativeStatus = "resolved" })
		open := withoutClosed{d}
		if got := start(t.Context(), waitFor(open, servicedesk.GoalClosed))(); !got.Reached || got.took != 0 {
			t.Errorf("after %v, it ended with %+v: %v", got.took, got.Outcome, got.err)
		}
	})
}

// withoutClosed is a desk none of whose statuses means closed.
type withoutClosed struct{ servicedesk.Desk }

func (w withoutClosed) Describe() servicedesk.Description {
	d := w.Desk.Describe()
	types := make(map[servicedesk.Type]servicedesk.TypeMapping)
	for typ, m := range d.Mapping.Types {
		m.Statuses = maps.Clone(m.Statuses)
		maps.DeleteFunc(m.Statuses, func(_ string, meaning servicedesk.Meaning) bool { return meaning.Status == servicedesk.StatusClosed })
		types[typ] = m
	}
	d.Mapping.Types = types
	return d
}

// TestDeskSilent tells that it was the desk that did not answer.
func TestDeskSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{Approvals: true})
		created(t, d, key)
		end := start(t.Context(), waitFor(d, servicedesk.GoalApproved))
		time.Sleep(time.Hour)
		m.FailNext("Glance", slices.Repeat([]error{cloud.ErrUnavailable}, 1000)...)
		got := end()
		if !errors.Is(got.err, servicedesk.ErrGaveUp) || !errors.Is(got.err, cloud.ErrUnavailable) {
			t.Errorf("it ended with %v", got.err)
		}
	})
}
