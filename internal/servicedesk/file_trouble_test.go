package servicedesk_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestNothingFiled: a refusal is one, and a desk that cannot be searched gets no order.
func TestNothingFiled(t *testing.T) {
	for _, c := range []struct {
		method string
		reason error
		search int
	}{{"Create", cloud.ErrInvalid, 1}, {"Create", cloud.ErrUnavailable, 1}, {"FindByKey", cloud.ErrUnavailable, 1}} {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		m.FailNext(c.method, c.reason)
		got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
		wantError(t, err, c.reason)
		wantCalls(t, m, "FindByKey", c.search)
		if got.Ticket.ID != "" || len(m.Tickets()) > 0 {
			t.Errorf("%s: the filing answers %+v", c.method, got)
		}
	}
}

// TestTroubles: an error after there is a ticket would have the next run take it back and file another.
func TestTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		before int
		claims int
	}{
		"first look at rivals":  {"FindByKey", 1, 0},
		"claim":                 {"Claim", 0, 1},
		"second look at rivals": {"FindByKey", 2, 1},
		"last look":             {"Get", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m, d := newDesk(servicedesktest.MemoryOptions{})
			for range c.before {
				m.FailNext(c.method, nil)
			}
			m.FailNext(c.method, cloud.ErrUnavailable)
			got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
			if err != nil || got.Ticket.ID != "1" || got.Ticket.Subject != order(key).Subject || got.Ticket.Key != key || len(got.Dropped) > 0 {
				t.Errorf("the filing answers %+v: %v", got, err)
			}
			if want := servicedesk.StatusUnknown; (got.Ticket.Status == want) != (c.method == "Get") {
				t.Errorf("the ticket is %q", got.Ticket.Status)
			}
			wantError(t, errors.Join(got.Troubles...), cloud.ErrUnavailable)
			if len(got.Troubles) != 1 {
				t.Errorf("the troubles are %v", got.Troubles)
			}
			wantCalls(t, m, "Claim", c.claims)
			wantOpen(t, m, "1")
		})
	}
}

func TestTroubleWithAdoption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		m.FailNext("Claim", cloud.ErrForbidden)
		got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(t.Context())
		if err != nil || got.Ticket.ID != "1" || !got.Adopted || got.Known || len(got.Troubles) != 1 {
			t.Errorf("the filing answers %+v: %v", got, err)
		}
		wantError(t, errors.Join(got.Troubles...), cloud.ErrForbidden)
	})
}

// TestInTheMaking: whoever has made a ticket a moment ago may be about to take it back. So it is left to him for a while,
// and taken over then: he has ended.
func TestInTheMaking(t *testing.T) {
	for name, c := range map[string]struct {
		options servicedesktest.MemoryOptions
		age     time.Duration
		during  func(*servicedesk.Ticket) // Before 10 s are over.
		took    time.Duration
		want    servicedesk.ID
		known   bool
	}{
		"crashed just now":   {took: 30 * time.Second, want: "1"},
		"crashed, later":     {age: 55 * time.Second, took: 30 * time.Second, want: "1"},
		"crashed long ago":   {age: 91 * time.Second, want: "1"},
		"of an atomic desk":  {options: servicedesktest.MemoryOptions{AtomicKeys: true}, want: "1"},
		"claimed meanwhile":  {during: func(e *servicedesk.Ticket) { e.Claimed = true }, took: 10 * time.Second, want: "1", known: true},
		"taken back by then": {during: func(e *servicedesk.Ticket) { e.NativeStatus = "cancelled" }, took: 10 * time.Second, want: "2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, d := newDesk(c.options)
				created(t, d, key)
				time.Sleep(c.age)
				if c.during != nil {
					time.AfterFunc(9990*time.Millisecond, func() { m.Edit("1", c.during) })
				}
				began := time.Now()
				got := filed(t, d, key)
				if took := time.Since(began); took != c.took || got.Ticket.ID != c.want || got.Known != c.known || got.Adopted != (c.want == "1") {
					t.Errorf("after %v, the filing answers %+v", took, got)
				}
			})
		})
	}
}

// TestInterruptedAdoption: the ticket is there, and the state is to have it.
func TestInterruptedAdoption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		created(t, d, key)
		ctx, cancel := context.WithTimeout(t.Context(), 10100*time.Millisecond)
		defer cancel()
		began := time.Now()
		got, err := servicedesk.Filing{Desk: d, New: order(key)}.Run(ctx)
		took := time.Since(began)
		if err != nil || took != 10100*time.Millisecond || got.Ticket.ID != "1" || !got.Adopted || !got.Ticket.Claimed {
			t.Errorf("after %v, the filing answers %+v: %v", took, got, err)
		}
		wantCalls(t, m, "Create", 1)
	})
}

// TestKeyTakenAtAnAtomicDesk: the desk itself answers a second order of a key with the ticket of the first.
func TestKeyTakenAtAnAtomicDesk(t *testing.T) {
	m, d := newDesk(servicedesktest.MemoryOptions{AtomicKeys: true})
	m.Hook(func(c servicedesktest.Call) {
		if c.Method == "Create" && !c.Done {
			m.Hook(nil)
			created(t, d, c.Key)
		}
	})
	if got := filed(t, d, key); got.Ticket.ID != "1" || len(got.Others)+len(got.Withdrawn) > 0 {
		t.Errorf("the filing answers %+v", got)
	}
	wantOpen(t, m, "1")
	wantCalls(t, m, "FindByKey", 1)
	wantCalls(t, m, "Claim", 0)
}

// TestNeverFound: a desk whose searches are out of order keeps nobody from filing, though nobody can say that he is the
// only one.
func TestNeverFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, d := newDesk(servicedesktest.MemoryOptions{})
		m.Lag(time.Hour)
		began := time.Now()
		if got := filed(t, d, key); got.Ticket.ID != "1" || got.Adopted || !got.Ticket.Claimed {
			t.Errorf("the filing answers %+v", got)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}
