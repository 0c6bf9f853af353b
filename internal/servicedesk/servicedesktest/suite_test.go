package servicedesktest_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// faults are what a driver can do wrong, with the scenario that notices.
var faults = map[string]string{
	"drops the severity":                 "each type is filed",
	"shows a link of its own":            "each type is filed",
	"shows the description as a message": "history of a new ticket",
	"takes the requester for the owner":  "filed for somebody else",
	"claims nothing":                     "found by its key and claimed",
	"ignores the filter":                 "key of no ticket",
	"finds what begins with the key":     "key of no ticket",
	"finds strangers' tickets":           "key of another account",
	"forgets what has ended":             "key of a ticket that has ended",
	"finds the newest first":             "key used twice",
	"cuts texts":                         "long texts",
	"drops unknown fields":               "unknown field",
	"sends everything at every change":   "changed by somebody else meanwhile",
	"takes any version":                  "changed by somebody else meanwhile",
	"forgets quick approvals":            "approval that passed quickly",
	"shows the desk's talk":              "said by the desk",
	"loses merged tickets":               "merged",
	"believes a change of status":        "each type cancelled",
	"cancels without a word":             "each type cancelled",
	"has no word for a refusal":          "cancelled when resolved",
	"misses what has not changed":        "glance",
	"searches for all time":              "search by time",
	"finds operators by their beginning": "search by what it is about",
	"answers another message's id":       "said in public",
	"reads the number in an id":          "unknown id",
	"orders twice":                       "lost answers",
	"says that nothing was done":         "lost answers",
	"goes on for nobody":                 "interrupted before",
}

const faultVariable = "VDAM_SUITE_FAULT"

// TestSuiteNotices: a suite that passes whatever a driver does proves nothing.
func TestSuiteNotices(t *testing.T) {
	for fault, scenario := range faults {
		t.Run(fault, func(t *testing.T) {
			name := "TestFaulty/" + strings.ReplaceAll(scenario, " ", "_")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$")
			cmd.Env = append(os.Environ(), faultVariable+"="+fault)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: "+name) || strings.Contains(string(out), "panic:") {
				t.Errorf("the scenario does not notice: %v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}

// TestFaulty is run by TestSuiteNotices, in a process of its own.
func TestFaulty(t *testing.T) {
	fault := os.Getenv(faultVariable)
	if fault == "" {
		t.Skip("for TestSuiteNotices")
	}
	o := servicedesktest.MemoryOptions{Approvals: true}
	servicedesktest.Run(t, func(t *testing.T) servicedesktest.Harness {
		h := newHarness(o, 0)(t)
		h.Patience = 100 * time.Millisecond
		losing := h.Losing
		h.Losing = func(t *testing.T, after time.Duration) servicedesk.Desk {
			return &faulty{losing(t, after), h.Other, fault}
		}
		h.Desk = &faulty{h.Desk, h.Other, fault}
		return h
	})
}

// faulty is a desk with a driver that does one thing wrong.
type faulty struct {
	servicedesk.Desk
	other servicedesk.Desk
	fault string
}

func (f *faulty) Create(ctx context.Context, n servicedesk.NewTicket) (servicedesk.ID, error) {
	switch f.fault {
	case "drops the severity":
		n.Severity = ""
	case "cuts texts":
		n.Subject = n.Subject[:min(len(n.Subject), 150)]
	case "drops unknown fields":
		n.Fields = nil
	case "goes on for nobody":
		ctx = context.WithoutCancel(ctx)
	}
	id, err := f.Desk.Create(ctx, n)
	switch {
	case f.fault == "orders twice" && errors.Is(err, cloud.ErrUnknownOutcome):
		return f.Desk.Create(ctx, n)
	case f.fault == "says that nothing was done" && err != nil:
		return "", &cloud.Error{Reason: cloud.ErrUnavailable, Operator: "memory", Text: "Reset."}
	}
	return id, err
}

func (f *faulty) FindByKey(ctx context.Context, key string) ([]servicedesk.Ticket, error) {
	found, err := f.Desk.FindByKey(ctx, key)
	switch f.fault {
	case "finds strangers' tickets":
		theirs, _ := f.other.FindByKey(ctx, key)
		return append(found, theirs...), err
	case "forgets what has ended":
		found = slices.DeleteFunc(found, func(t servicedesk.Ticket) bool { return t.Status.Terminal() })
	case "finds the newest first":
		slices.Reverse(found)
	case "ignores the filter", "finds what begins with the key":
		found = nil
		for t, err := range f.Desk.Search(ctx, servicedesk.Query{Own: true}) {
			if err == nil && (f.fault == "ignores the filter" || strings.HasPrefix(t.Key, key)) {
				found = append(found, t)
			}
		}
	}
	return found, err
}

func (f *faulty) Claim(ctx context.Context, id servicedesk.ID, key string) error {
	if f.fault == "claims nothing" {
		return nil
	}
	return f.Desk.Claim(ctx, id, key)
}

func (f *faulty) Get(ctx context.Context, id servicedesk.ID) (servicedesk.Ticket, error) {
	if f.fault == "reads the number in an id" {
		id = servicedesk.ID(strings.Trim(string(id), " ./?x#\n"))
	}
	t, err := f.Desk.Get(ctx, id)
	switch {
	case f.fault == "shows a link of its own":
		t.Links = append(t.Links, servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: "tf://vdam/" + t.Key})
	case f.fault == "takes the requester for the owner":
		t.Own = t.Requester == f.Describe().Account
	case f.fault == "loses merged tickets" && t.ID != id:
		return servicedesk.Ticket{}, &cloud.Error{Reason: cloud.ErrNotFound, Operator: "memory"}
	}
	return t, err
}

func (f *faulty) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	switch f.fault {
	case "drops unknown fields":
		c.Fields = nil
	case "sends everything at every change", "takes any version":
		now, err := f.Desk.Get(ctx, from.ID)
		if err != nil {
			return err
		}
		if f.fault == "sends everything at every change" {
			c.Subject = cmp.Or(c.Subject, &from.Subject)
		}
		from = now
	}
	return f.Desk.Update(ctx, from, c)
}

func (f *faulty) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	switch f.fault {
	case "believes a change of status":
		return nil
	case "cancels without a word":
		m = servicedesk.Message{}
	}
	err := f.Desk.Transition(ctx, t, to, m)
	if f.fault == "has no word for a refusal" && err != nil {
		return &cloud.Error{Reason: cloud.ErrConflict, Operator: "memory"}
	}
	return err
}

func (f *faulty) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	events, err := f.Desk.History(ctx, t)
	switch f.fault {
	case "shows the description as a message":
		words := servicedesk.Message{Text: "x"}
		events = append(events, servicedesk.Event{ID: "d", Kind: servicedesk.EventMessage, At: time.Now(), Message: words})
	case "forgets quick approvals":
		events = slices.DeleteFunc(events, func(e servicedesk.Event) bool {
			return e.Kind == servicedesk.EventStatus && e.ToNative != "resolved"
		})
	case "shows the desk's talk":
		for i := range events {
			events[i].Message.Public = true
		}
	}
	return events, err
}

func (f *faulty) Glance(ctx context.Context, ids []servicedesk.ID, since time.Time) (servicedesk.Glance, error) {
	g, err := f.Desk.Glance(ctx, ids, since)
	if f.fault == "misses what has not changed" {
		for _, id := range ids {
			if !slices.ContainsFunc(g.Briefs, func(b servicedesk.Brief) bool { return b.ID == id }) {
				g.Missing = append(g.Missing, id)
			}
		}
	}
	return g, err
}

func (f *faulty) Search(ctx context.Context, q servicedesk.Query) iter.Seq2[servicedesk.Ticket, error] {
	switch f.fault {
	case "searches for all time":
		q.CreatedBefore = time.Time{}
	case "finds operators by their beginning":
		q.AffectedResource = strings.TrimSuffix(q.AffectedResource, "/")
		if !strings.Contains(q.AffectedResource, "/") {
			q.AffectedResource = ""
		}
	}
	return f.Desk.Search(ctx, q)
}

func (f *faulty) Say(ctx context.Context, id servicedesk.ID, m servicedesk.Message) (string, error) {
	said, err := f.Desk.Say(ctx, id, m)
	if f.fault == "answers another message's id" {
		return "e1", err
	}
	return said, err
}
