package tmf621

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// whatever answers everything alike.
type whatever struct {
	status int
	body   string
}

func (w whatever) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: w.status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(w.body)),
	}, nil
}

// FuzzAnswers gives every request an answer of any form: none may break the driver, and what is no ticket may not be taken
// for one, or for one that is gone.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[]", `"x"`, "<html>", "[null]", `[{"id":7,"status":"held"}]`, `{"id":"7","status":"held"}`,
		`{"id":"../7","status":"x"}`,
		`{"id":"7","status":"held","note":null,"attachment":{"id":"1","content":"?","size":{"amount":-1}},"lastUpdate":7,"creationDate":{}}`,
		`{"id":"7","status":"held","externalIdentifier":[null,7,{"id":"some-key","externalIdentifierType":"vdam"}],"relatedParty":[{"role":7}]}`,
		`{"id":"7","status":"held","note":[{"text":"x"},{"id":"","text":"x"},[],{"id":"note-2","date":"x"}],"statusChange":[{"status":"x"}]}`,
		`{"id":"7","status":"held","externalId":"vdam:some-key","relatedEntity":[{"entity":null,"role":"project"},{"role":"project","id":"x"}]}`,
		`{"id":"7","status":"cancelled","troubleTicketCharacteristic":[{"name":"a","value":[1,[]]},{"name":"a","value":null},{"name":7}]}`,
		`{"code":7,"reason":"ticketType"}`, `[{"code":"1"}]`, `{"code":{}}`, `[{"id":"7","externalIdentifier":{}},{"id":"7"}]`,
	} {
		for _, status := range []int{200, 202, 206, 400, 404} {
			f.Add(status, body)
		}
	}
	f.Add(204, "")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		for _, v := range []version{v4, v5} {
			d := &desk{
				name: "helpdesk", endpoint: "http://desk.test", account: "agency", version: v, mapping: defaults(), now: time.Now,
				http: &http.Client{Transport: whatever{status, body}}, authors: make(map[string]bool),
			}
			d.describe(true)
			checkAnswers(t, d, status, body)
		}
	})
}

// checkAnswers calls everything once.
func checkAnswers(t *testing.T, d *desk, status int, body string) {
	t.Helper()
	ctx := context.Background()
	check := func(what string, err error) {
		var e *cloud.Error
		if err != nil && (!errors.As(err, &e) || e.Operator != "helpdesk" || e.Reason == nil) {
			t.Errorf("%s: got %#v", what, err)
		}
		if errors.Is(err, cloud.ErrNotFound) && (status != http.StatusNotFound || !strings.Contains(body, "{")) {
			t.Errorf("%s: %d %q is taken for gone", what, status, body)
		}
	}
	got, err := d.Get(ctx, "7")
	check("a look", err)
	if err == nil && (got.ID == "" || got.CreatedAt.Location() != time.UTC || got.UpdatedAt.Location() != time.UTC) {
		t.Errorf("got %+v", got)
	}
	id, err := d.Create(ctx, servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "some-key"})
	check("filing", err)
	if err == nil && !validID(string(id)) {
		t.Errorf("it was filed as %q", id)
	}
	found, err := d.FindByKey(ctx, "some-key")
	check("a search for a key", err)
	for _, one := range found {
		if one.Key != "some-key" || !one.Own {
			t.Errorf("found %+v", one)
		}
	}
	g, err := d.Glance(ctx, []servicedesk.ID{"7", "8"}, time.Now())
	check("a look at many", err)
	if err == nil && len(g.Briefs)+len(g.Missing) != 2 {
		t.Errorf("a look at two tickets shows %+v", g)
	}
	events, err := d.History(ctx, servicedesk.Ticket{ID: "7"})
	check("history", err)
	ids := make(map[string]bool)
	for _, e := range events {
		if e.ID == "" || ids[e.ID] {
			t.Errorf("an event has the id %q, like another one of %+v", e.ID, events)
		}
		ids[e.ID] = true
	}
	_, err = d.Say(ctx, "7", servicedesk.Message{Text: "x"})
	check("a message", err)
	_, err = d.Attach(ctx, "7", servicedesk.File{Name: "x"})
	check("a file", err)
	_, err = d.Attachments(ctx, "7")
	check("files", err)
	check("a claim", d.Claim(ctx, "7", "some-key"))
	check("an end", d.Transition(ctx, servicedesk.Ticket{ID: "7"}, servicedesk.StatusCancelled, servicedesk.Message{}))
	check("a change", d.Update(ctx, servicedesk.Ticket{ID: "7"}, servicedesk.Change{
		Subject: new("x"), Project: new("y"), AddWatchers: []string{"a"},
		AddLinks: []servicedesk.Link{{Type: servicedesk.LinkParent, Target: "5"}},
	}))
	for _, err := range d.Search(ctx, servicedesk.Query{}) {
		check("a search", err)
	}
	d.described.Kind = ""
	_, err = d.probe(ctx, []candidate{{"http://desk.test", d.version}})
	if err != nil {
		check("opening", err)
	}
}

// FuzzCharacteristics: what is set is read again, and what is not stays as it is.
func FuzzCharacteristics(f *testing.F) {
	f.Add(`[{"name":"a","value":40},{"name":"b","value":"x"},7]`, "a", "41")
	f.Add(`[{"name":"a","value":"40"},{"name":"a","value":true}]`, "a", "false")
	f.Add(`[{"name":"a","value":[1,2]}]`, "a", `"`)
	f.Add(`[]`, "b", "null")
	f.Add(`[{"name":"a","value":10}]`, "a", "null")
	f.Add(`[{"name":"a","value":10}]`, "a", " 0")
	f.Fuzz(func(t *testing.T, list, name, value string) {
		var in items
		if name == "" || value == "" || json.Unmarshal([]byte(list), &in) != nil || !validText(name) || !validText(value) {
			return
		}
		d := &desk{version: v5}
		out := d.characteristics(in, map[string]string{name: value})
		var back items
		must(t, json.Unmarshal(marshalled(t, out), &back))
		got := ""
		for _, c := range each[characteristic](back) {
			if string(c.Name) == name && got == "" {
				got = c.String()
			}
		}
		if got != value {
			t.Errorf("%s: %q was set to %q, and is %q in %s", list, name, value, got, marshalled(t, out))
		}
		if len(out) > len(in)+1 {
			t.Errorf("%d became %d", len(in), len(out))
		}
	})
}
