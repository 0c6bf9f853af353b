package servicedesk_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// us is the account whose tickets the tests are about.
const us = "cadastre"

// newDesk makes a desk, and the client that our account has of it.
func newDesk(o servicedesktest.MemoryOptions) (*servicedesktest.Memory, servicedesk.Desk) {
	m := servicedesktest.NewMemory(o)
	return m, m.Desk(us)
}

// order is a change with something in each part that a desk can drop.
func order(key string) servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: servicedesk.TypeChange, Key: key, Content: servicedesk.Content{
		Subject: "Open port 5432", Description: "From the registry's hosts alone.", Severity: servicedesk.SeverityMajor,
		Project: "cadastre", AffectedResources: []string{"alpha/db-1"}, Watchers: []string{"ilze@example.org"},
		Fields: map[string]string{"Impact": "one office"},
		Links:  []servicedesk.Link{{Type: servicedesk.LinkRefersTo, Target: "https://git.example.org/cadastre"}},
	}}
}

// created files a ticket as a run does that ends right after: nobody has claimed it.
func created(t *testing.T, d servicedesk.Desk, key string) servicedesk.ID {
	t.Helper()
	id, err := d.Create(t.Context(), order(key))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// filed files a ticket and wants it to be without trouble.
func filed(t *testing.T, d servicedesk.Desk, key string) servicedesk.Filed {
	t.Helper()
	f, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
	if err != nil || len(f.Troubles) > 0 {
		t.Fatalf("the filing ended with %v and the troubles %v", err, f.Troubles)
	}
	return f
}

// open are the tickets on which somebody works.
func open(m *servicedesktest.Memory) []servicedesk.ID {
	var ids []servicedesk.ID
	for _, t := range m.Tickets() {
		if !t.Status.Terminal() {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

func wantOpen(t *testing.T, m *servicedesktest.Memory, want ...servicedesk.ID) {
	t.Helper()
	if got := open(m); !slices.Equal(got, want) {
		t.Errorf("tickets %v are open; want %v", got, want)
	}
}

func wantCalls(t *testing.T, m *servicedesktest.Memory, method string, want int) {
	t.Helper()
	if got := m.Calls(method); got != want {
		t.Errorf("%s was called %d times; want %d", method, got, want)
	}
}

func wantError(t *testing.T, err, reason error) {
	t.Helper()
	if !errors.Is(err, reason) {
		t.Errorf("the error is %v; want %v", err, reason)
	}
}

// ticket is one as our account sees it.
func ticket(t *testing.T, d servicedesk.Desk, id servicedesk.ID) servicedesk.Ticket {
	t.Helper()
	got, err := d.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// sayings are the messages in a ticket, oldest first.
func sayings(t *testing.T, d servicedesk.Desk, id servicedesk.ID) []string {
	t.Helper()
	events, err := d.History(t.Context(), ticket(t, d, id))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range events {
		if e.Message.Text != "" {
			said = append(said, e.Message.Text)
		}
	}
	return said
}

// faulty is a desk some of whose calls fail as the test says.
type faulty struct {
	servicedesk.Desk
	fault func(ctx context.Context, method string) error
}

// hung is what a call ends with that nobody answers.
func hung(ctx context.Context) error {
	<-ctx.Done()
	return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: "memory", Text: "No answer.", Cause: ctx.Err()}
}

func (f faulty) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	if err := f.fault(ctx, "FindByKey"); err != nil {
		return nil, err
	}
	return f.Desk.FindByKey(ctx, key)
}

func (f faulty) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	if err := f.fault(ctx, "Get"); err != nil {
		return servicedesk.Ticket{}, err
	}
	return f.Desk.Get(ctx, id)
}

func (f faulty) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	if err := f.fault(ctx, "Glance"); err != nil {
		return servicedesk.Glance{}, err
	}
	return f.Desk.Glance(ctx, ids, since)
}

func (f faulty) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	events, err := f.Desk.History(ctx, t)
	return events, cmp.Or(f.fault(ctx, "History"), err)
}
