package rt

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
)

// filing is an order of an incident under a key of its own.
func filing(d servicedesk.Desk, key string) servicedesk.Filing {
	return servicedesk.Filing{Desk: d, New: servicedesk.NewTicket{
		Type: servicedesk.TypeIncident, Key: key,
		Content: servicedesk.Content{Subject: "vdam-suite proof " + key, Description: "A proof.", Severity: servicedesk.SeverityMinor},
	}}
}

func newKey() string { return "vdam-suite-" + uuid.NewString() }

// onlyTicket checks that there is one open ticket of a key, and that it is in order.
func onlyTicket(t *testing.T, d servicedesk.Desk, key string) servicedesk.ID {
	t.Helper()
	found, err := d.FindByKey(t.Context(), key)
	must(t, err)
	var open []servicedesk.Ticket
	for _, f := range found {
		if !f.Status.Terminal() {
			open = append(open, f)
		}
	}
	if len(open) != 1 {
		t.Fatalf("there are %d open tickets of the key %s, of %d in all", len(open), key, len(found))
	}
	if !open[0].Claimed {
		t.Errorf("nobody has claimed ticket %s", open[0].ID)
	}
	return open[0].ID
}

// TestDeskLostAnswers has the answer to an order get lost, early and late, and one ticket come of it each time.
func TestDeskLostAnswers(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	for _, ms := range []int{20, 100, 300, 1000} {
		after := time.Duration(ms) * time.Millisecond
		lossy := byToken(t, bed, "terraform", losing(t, after))
		for range 5 {
			key := newKey()
			filed, err := filing(lossy, key).Run(t.Context())
			must(t, err)
			if id := onlyTicket(t, d, key); filed.Ticket.ID != id {
				t.Errorf("after %s: %s was taken for the ticket, and it is %s", after, filed.Ticket.ID, id)
			}
			if len(filed.Troubles) > 0 {
				t.Errorf("after %s: %v", after, filed.Troubles)
			}
		}
	}
}

// TestDeskManyAtOnce files more tickets at once than RT has workers.
func TestDeskManyAtOnce(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	const tickets = 40
	var all sync.WaitGroup
	keys, ids := make([]string, tickets), make([]servicedesk.ID, tickets)
	for i := range tickets {
		keys[i] = newKey()
		all.Go(func() {
			filed, err := filing(d, keys[i]).Run(t.Context())
			if err != nil || len(filed.Troubles) > 0 {
				t.Errorf("ticket %d: %v %v", i, err, filed.Troubles)
				return
			}
			ids[i] = filed.Ticket.ID
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	seen := make(map[servicedesk.ID]bool)
	for i, key := range keys {
		if id := onlyTicket(t, d, key); id != ids[i] || seen[id] {
			t.Errorf("ticket %s of the key %s was taken for %s", id, key, ids[i])
		}
		seen[ids[i]] = true
	}
}

// TestDeskRaces lets two runs, with a process's connections each, file one key at the same moment.
func TestDeskRaces(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	runs := []servicedesk.Desk{byToken(t, bed, "terraform", ""), byToken(t, bed, "terraform", "")}
	for range 10 {
		key := newKey()
		var both sync.WaitGroup
		ids := make([]servicedesk.ID, len(runs))
		for i, d := range runs {
			both.Go(func() {
				filed, err := filing(d, key).Run(t.Context())
				if err != nil || len(filed.Troubles) > 0 {
					t.Errorf("run %d: %v %v", i, err, filed.Troubles)
				}
				ids[i] = filed.Ticket.ID
			})
		}
		both.Wait()
		if id := onlyTicket(t, runs[0], key); ids[0] != id || ids[1] != id {
			t.Errorf("the runs have the tickets %s and %s, and %s is open", ids[0], ids[1], id)
		}
	}
}

// counted is a desk that counts its glances and reads.
type counted struct {
	*desk
	glances, reads *atomic.Int64
}

func (c counted) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	c.glances.Add(1)
	return c.desk.Glance(ctx, ids, since)
}

func (c counted) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	c.reads.Add(1)
	return c.desk.Get(ctx, id)
}

// TestDeskManyWaits waits for 200 tickets at once. After each has been looked at once, one search at a time asks for all.
func TestDeskManyWaits(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	const tickets = 200
	ids := make([]servicedesk.ID, tickets)
	var all sync.WaitGroup
	for i := range tickets {
		all.Go(func() {
			id, err := d.Create(t.Context(), filing(d, newKey()).New)
			if err != nil {
				t.Errorf("ticket %d: %v", i, err)
			}
			ids[i] = id
		})
	}
	if all.Wait(); t.Failed() {
		return
	}
	c := counted{d, new(atomic.Int64), new(atomic.Int64)}
	watcher := servicedesk.NewWatcher(c)
	ctx, cancel := context.WithCancel(t.Context())
	reached := make(chan string, tickets)
	for _, id := range ids {
		all.Go(func() {
			_, out, err := servicedesk.Wait{
				Watcher: watcher, ID: id, Goal: servicedesk.GoalResolved, Pause: 2 * time.Second, Limit: 10 * time.Minute,
			}.Run(ctx)
			if out.Reached {
				reached <- fmt.Sprint(id)
			} else if err == nil || ctx.Err() == nil {
				t.Errorf("the wait for %s ended with %+v, %v", id, out, err)
			}
		})
	}
	until(t, time.Minute*5, func() bool { return c.glances.Load() >= 3 && c.reads.Load() >= tickets })
	reads, glances := c.reads.Load(), c.glances.Load()
	until(t, time.Minute, func() bool { return c.glances.Load() >= glances+5 })
	if more := c.reads.Load() - reads; more > 0 {
		t.Errorf("quiet tickets were read %d times by themselves during 5 searches", more)
	}
	agent{byToken(t, bed, "agent", "")}.Resolve(t, ids[7], "Done.")
	select {
	case id := <-reached:
		if id != string(ids[7]) {
			t.Errorf("the wait for %s ended, and %s was resolved", id, ids[7])
		}
	case <-time.After(time.Minute):
		t.Error("nobody has noticed that a ticket was resolved")
	}
	t.Logf("%d tickets: %d reads at first, %d searches in all", tickets, reads, c.glances.Load())
	cancel()
	all.Wait()
}

// until waits for a real desk.
func until(t *testing.T, limit time.Duration, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(100*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("it takes too long")
		}
	}
}
