package tmf621

import (
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk/tmf621front"
)

func overMemory(t *testing.T, m *servicedesktest.Memory, manners tmf621front.Manners) *front {
	t.Helper()
	return newFront(t, tmf621front.Options{Manners: manners, Accounts: map[string]tmf621front.Account{
		"one": {Name: "cadastre", Desk: m.Desk("cadastre")},
	}})
}

// TestFilingAccepted: a desk that accepts everything and says nothing gets one ticket, and one message.
func TestFilingAccepted(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	f := overMemory(t, m, tmf621front.Manners{AcceptsPost: true, AcceptsPatch: true, OmitsEmpty: true})
	m.Lag(100 * time.Millisecond) // Searches show it later.
	n := newOrder()
	n.Links = nil
	var first servicedesk.ID
	for run := range 2 {
		d := f.open(t, "one", "cadastre")
		filed, err := servicedesk.Filing{Desk: d, New: n}.Run(t.Context())
		must(t, err)
		if run == 0 {
			first = filed.Ticket.ID
		}
		if filed.Ticket.ID != first || !filed.Ticket.Claimed || filed.Adopted != (run > 0) || len(filed.Troubles)+len(filed.Dropped) > 0 {
			t.Errorf("run %d has filed %+v", run, filed)
		}
		_, err = servicedesk.Say(t.Context(), d, first, servicedesk.Message{Text: "Please hurry.", Public: true})
		must(t, err)
		_, err = servicedesk.Attach(t.Context(), d, first, servicedesk.File{Name: "plan.txt", ContentType: "text/plain", Content: []byte("x")})
		must(t, err)
	}
	d := f.open(t, "one", "cadastre")
	ticket, err := d.Get(t.Context(), first)
	must(t, err)
	events, err := d.History(t.Context(), ticket)
	must(t, err)
	files, err := d.Attachments(t.Context(), first)
	must(t, err)
	if len(m.Tickets()) != 1 || len(events) != 2 || len(files) != 1 {
		t.Errorf("there are %d tickets, the events %+v, and the files %+v", len(m.Tickets()), events, files)
	}
	ended, err := servicedesk.End(t.Context(), d, first, servicedesk.EndCancel, "")
	must(t, err)
	if ended.Refused != nil || m.Tickets()[0].Status != servicedesk.StatusCancelled {
		t.Errorf("it has ended as %+v: %v", m.Tickets()[0], ended.Refused)
	}
}

// TestFilingAtTheSameTime: of runs that file one order at the same time, one ticket stays.
func TestFilingAtTheSameTime(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	f := overMemory(t, m, tmf621front.Manners{})
	var group sync.WaitGroup
	filed, errs := make([]servicedesk.Filed, 4), make([]error, 4)
	for i := range filed {
		d := f.open(t, "one", "cadastre")
		group.Go(func() { filed[i], errs[i] = servicedesk.Filing{Desk: d, New: newOrder()}.Run(t.Context()) })
	}
	group.Wait()
	open := 0
	for _, one := range m.Tickets() {
		if !one.Status.Terminal() {
			open++
		}
	}
	for i := range filed {
		must(t, errs[i])
		if filed[i].Ticket.ID != filed[0].Ticket.ID || open != 1 {
			t.Errorf("of %d open tickets, run %d has %s: %v", open, i, filed[i].Ticket.ID, filed[i].Troubles)
		}
	}
}
