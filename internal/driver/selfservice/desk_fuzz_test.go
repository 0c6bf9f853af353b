package selfservice_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// deskCalls are a desk's methods, each about one ticket.
func deskCalls(t *testing.T, desk servicedesk.Desk) []func(context.Context) error {
	t.Helper()
	const id, key = servicedesk.ID("tkt-1"), "canned-0001"
	was := servicedesk.Ticket{ID: id, Type: "incident", Version: `"1"`}
	words := servicedesk.Message{Text: "ž", Public: true}
	some := func(id string, err error) error {
		if (err == nil) != (id != "") {
			t.Errorf("the id %q, and the error %v", id, err)
		}
		return err
	}
	return []func(context.Context) error{
		func(ctx context.Context) error {
			made, err := desk.Create(ctx, servicedesk.NewTicket{Type: "incident", Key: key, Content: servicedesk.Content{Subject: "ž"}})
			return some(string(made), err)
		},
		func(ctx context.Context) error {
			found, err := desk.FindByKey(ctx, key)
			for _, f := range found {
				if f.Key != key || f.ID == "" {
					t.Errorf("the key finds %+v", f)
				}
			}
			return err
		},
		func(ctx context.Context) error { return desk.Claim(ctx, id, key) },
		func(ctx context.Context) error {
			got, err := desk.Get(ctx, id)
			return some(string(got.ID), err)
		},
		func(ctx context.Context) error {
			seen, err := desk.Glance(ctx, []servicedesk.ID{id}, time.Time{})
			if len(seen.Briefs) > 0 && seen.Briefs[0].ID != id || len(seen.Missing) > 0 && seen.Missing[0] != id {
				t.Errorf("a look at %s shows %+v", id, seen)
			}
			return err
		},
		func(ctx context.Context) (last error) {
			for got, err := range desk.Search(ctx, servicedesk.Query{}) {
				if last = err; err == nil && got.ID == "" {
					t.Error("a ticket was found without an id")
				}
			}
			return last
		},
		func(ctx context.Context) error {
			return desk.Update(ctx, was, servicedesk.Change{Subject: new("x"), AddWatchers: []string{"w"}, Fields: map[string]string{"f": ""}})
		},
		func(ctx context.Context) error { return desk.Transition(ctx, was, servicedesk.StatusCancelled, words) },
		func(ctx context.Context) error { _, err := desk.History(ctx, was); return err },
		func(ctx context.Context) error { return some(desk.Say(ctx, id, words)) },
		func(ctx context.Context) error {
			return some(desk.Attach(ctx, id, servicedesk.File{Name: "x", ContentType: "x/y"}))
		},
		func(ctx context.Context) error { _, err := desk.Attachments(ctx, id); return err },
	}
}

// deskAnswers are added to answers: those of a desk that is well, and of one that is not quite.
var deskAnswers = []canned{
	{status: 200, tag: `"1"`, body: []byte(cannedTicket)},
	{status: 200, body: []byte(`{"items":[` + cannedTicket + `],"total":1,"missing":["tkt-1","../x"]}`)},
	{status: 200, body: []byte(`{"items":[{"id":"tkt-1","own":true,"external_key":"canned-0001","merged_into":"tkt-2","status":"closed",` +
		`"native_status":"x","created_at":"2026-11-23T10:00:00Z","updated_at":"2026-11-23T10:00:00Z"}],"total":1}`)},
	{status: 200, body: []byte(`{"items":[{"id":"e","kind":"status","at":"2026-11-23T10:00:00Z","to_native_status":"x"}]}`)},
	{status: 201, body: []byte(`{"id":"evt-1","text":"ž"}`)},
	{status: 409, body: []byte(`{"code":"wrong-status","detail":"It is over."}`)},
	{status: 501, body: []byte(`{"code":"unsupported"}`)},
}

func FuzzDesk(f *testing.F) {
	for _, c := range append(deskAnswers, answers...) {
		for method := range uint8(12) {
			f.Add(method, uint16(c.status), c.mediaType, c.retryAfter, c.request, c.tag, c.body, c.cut)
		}
	}
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, method uint8) error {
		calls := deskCalls(t, cannedDesk(ctx, t, c))
		return calls[int(method)%len(calls)](ctx)
	})
}

// FuzzOpenDesk opens a desk whose document is as it should be.
func FuzzOpenDesk(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, _ uint8) error {
		described := canned{status: http.StatusOK, body: []byte(deskDocument)}
		found, err := selfservice.Discover(ctx, described.client(), "lvrtc", "https://127.0.0.1:1")
		must(t, err)
		_, err = selfservice.OpenDesk(ctx, selfservice.DeskOptions{Name: "lvrtc", Project: "registry", HTTP: c.client(), Discovery: found})
		return err
	})
}
