package servicedesktest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

func incident(key string) servicedesk.NewTicket {
	return servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: key, Content: servicedesk.Content{
		Subject: "No light", Severity: servicedesk.SeverityMajor, Project: "cadastre", Watchers: []string{"b@x.lv"},
		Fields: map[string]string{"Impact": "one office"},
	}}
}

func mustCreate(t *testing.T, d servicedesk.Desk, key string) servicedesk.ID {
	t.Helper()
	id, err := d.Create(t.Context(), incident(key))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wantReason(t *testing.T, err, reason error) {
	t.Helper()
	if !errors.Is(err, reason) {
		t.Errorf("got %v; want %v", err, reason)
	}
}

func TestMemoryLosesAnswers(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{Name: "desk"})
	d := m.Desk("cadastre")
	m.FailNext("Create", cloud.ErrUnknownOutcome, nil)
	m.LoseNext("Create")
	_, err := d.Create(t.Context(), incident("key-never"))
	wantReason(t, err, cloud.ErrUnknownOutcome)
	mustCreate(t, d, "key-made")
	_, err = d.Create(t.Context(), incident("key-lost"))
	wantReason(t, err, cloud.ErrUnknownOutcome)
	if all := m.Tickets(); len(all) != 2 || all[1].Key != "key-lost" {
		t.Errorf("there are %+v", all)
	}
	m.LoseNext("Get")
	_, err = d.Get(t.Context(), "1")
	wantReason(t, err, cloud.ErrUnavailable)
	if m.Calls("Create") != 3 || m.Calls("Get") != 1 || m.Calls("Say") != 0 {
		t.Errorf("calls: %d, %d, %d", m.Calls("Create"), m.Calls("Get"), m.Calls("Say"))
	}
	m.FailNext("Search", cloud.ErrBusy)
	for _, err := range d.Search(t.Context(), servicedesk.Query{}) {
		wantReason(t, err, cloud.ErrBusy)
	}
}

// TestMemoryInterrupted loses the answer of a call that is interrupted while it is carried out.
func TestMemoryInterrupted(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	m.Hook(func(c servicedesktest.Call) {
		if c.Done {
			cancel()
		}
	})
	_, err := m.Desk("cadastre").Create(ctx, incident("key"))
	wantReason(t, err, cloud.ErrUnknownOutcome)
	wantReason(t, err, context.Canceled)
	if len(m.Tickets()) != 1 {
		t.Errorf("there are %+v", m.Tickets())
	}
}

func TestMemoryLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
		d := m.Desk("cadastre")
		m.Lag(2 * time.Second)
		id := mustCreate(t, d, "key-late")
		for i, want := range []int{0, 0, 1} {
			found, err := d.FindByKey(t.Context(), "key-late")
			if err != nil || len(found) != want {
				t.Errorf("after %d s, %d were found: %v", i, len(found), err)
			}
			<-time.After(time.Second)
		}
		if _, err := d.Get(t.Context(), id); err != nil {
			t.Error(err)
		}
	})
}

// TestMemoryHook lets a rival file between two steps of another.
func TestMemoryHook(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	d := m.Desk("cadastre")
	var calls []servicedesktest.Call
	m.Hook(func(c servicedesktest.Call) {
		calls = append(calls, c)
		if c.Method == "Create" && c.Done {
			m.Hook(nil)
			mustCreate(t, d, c.Key)
		}
	})
	if id := mustCreate(t, d, "key-raced"); id != "1" {
		t.Errorf("the first is %s", id)
	}
	found, err := d.FindByKey(t.Context(), "key-raced")
	if err != nil || len(found) != 2 || found[1].ID != "2" {
		t.Errorf("there are %+v: %v", found, err)
	}
	want := []servicedesktest.Call{
		{Method: "Create", Account: "cadastre", Key: "key-raced"},
		{Method: "Create", Account: "cadastre", Key: "key-raced", ID: "1", Done: true},
	}
	if !slices.Equal(calls, want) {
		t.Errorf("the hook saw %+v", calls)
	}
}

func TestMemoryDrops(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	d := m.Desk("cadastre")
	m.Drop("severity", "project", "watchers", "fields.Impact", "external_key")
	got, err := d.Get(t.Context(), mustCreate(t, d, "key-dropped"))
	if err != nil || got.Key != "" || got.Severity != "" || got.Project != "" || len(got.Watchers)+len(got.Fields) > 0 {
		t.Errorf("the desk keeps %+v: %v", got, err)
	}
	if got.Subject != "No light" {
		t.Errorf("the subject is %q", got.Subject)
	}
	m.Drop()
	severity := servicedesk.SeverityMinor
	if err := d.Update(t.Context(), got, servicedesk.Change{Severity: &severity}); err != nil {
		t.Fatal(err)
	}
	if got, err = d.Get(t.Context(), got.ID); err != nil || got.Severity != severity {
		t.Errorf("the severity is %q: %v", got.Severity, err)
	}
}

func TestMemoryForbidsAndEdits(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	d := m.Desk("cadastre")
	id := mustCreate(t, d, "key")
	got, _ := d.Get(t.Context(), id)
	m.Forbid(servicedesk.StatusCancelled)
	wantReason(t, d.Transition(t.Context(), got, servicedesk.StatusCancelled, servicedesk.Message{}), servicedesk.ErrTransition)
	if err := d.Transition(t.Context(), got, servicedesk.StatusClosed, servicedesk.Message{}); err != nil {
		t.Error(err)
	}
	m.Edit(id, func(e *servicedesk.Ticket) { e.NativeStatus, e.Priority = "lost", "P1" })
	if got, _ = d.Get(t.Context(), id); got.Status != servicedesk.StatusUnknown || got.Priority != "P1" {
		t.Errorf("the ticket is %+v", got)
	}
	events, _ := d.History(t.Context(), got)
	if last := events[len(events)-1]; last.ToNative != "lost" || !last.Staff || last.To.Status != servicedesk.StatusUnknown {
		t.Errorf("the history ends with %+v", last)
	}
}

func TestMemoryIgnoresFilters(t *testing.T) {
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	mustCreate(t, m.Desk("police"), "key-theirs")
	mustCreate(t, m.Desk("cadastre"), "key-one")
	mustCreate(t, m.Desk("cadastre"), "key-two")
	m.IgnoreFilter(true)
	found, err := m.Desk("cadastre").FindByKey(t.Context(), "key-none")
	if err != nil || len(found) != 2 || found[0].Key != "key-one" {
		t.Errorf("found %+v: %v", found, err)
	}
}
