package redmine

import (
	"context"
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
		"", "{}", "null", "[]", `"x"`, "<html>", `{"issue":null}`, `{"issue":{"id":7}}`, `{"issue":{"id":"7"}}`, `{"issue":{"id":-7}}`,
		`{"issue":{"id":7,"custom_fields":[{"id":11,"name":"External Key","value":["a",null,{"b":[]},"key?"]}],"due_date":"soon"}}`,
		`{"issue":{"id":7,"journals":[{"id":1,"details":[{"property":"attr","name":"status_id","old_value":null,"new_value":"x"}]}],
			"attachments":[{"id":1}],"watchers":[{"id":0}],"relations":[{"issue_id":7,"issue_to_id":7,"relation_type":"relates"}]}}`,
		`{"issue":{"id":7,"created_on":"yesterday"}}`, `{"issues":[{"id":7,"author":{"id":5}}],"total_count":-1}`,
		`{"issues":[{"id":7},{"id":7}],"total_count":1000000}`, `{"issues":[{"id":0}]}`,
		`{"errors":["External Key is wrong",""]}`, `{"errors":[7]}`,
		`{"upload":{"id":1,"token":""}}`,
	} {
		f.Add(200, body)
		f.Add(422, body)
	}
	f.Add(204, "")
	f.Add(404, "")
	f.Add(404, "{}")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		d := &desk{
			name: "helpdesk", endpoint: "http://desk.test", http: &http.Client{Transport: whatever{status, body}}, now: time.Now,
			account: account{ID: 5, Login: "terraform"}, project: project{ID: 1, Identifier: "desk", Trackers: []ref{{1, "Bug"}}},
			statuses: []ref{{1, "New"}, {6, "Rejected"}}, fields: newFields(), people: newPeople(), mapping: defaults(),
		}
		d.fields.add(11, "External Key")
		d.describe()
		ctx := context.Background()
		check := func(what string, err error) {
			var e *cloud.Error
			if err != nil && (!errors.As(err, &e) || e.Operator != "helpdesk" || e.Reason == nil) {
				t.Errorf("%s: got %#v", what, err)
			}
			if errors.Is(err, cloud.ErrNotFound) && (status != http.StatusNotFound || strings.TrimSpace(body) != "") {
				t.Errorf("%s: %d %q is taken for gone", what, status, body)
			}
		}
		got, err := d.Get(ctx, "7")
		check("a look", err)
		if err == nil && (got.ID != "7" || got.CreatedAt.Location() != time.UTC || got.UpdatedAt.Location() != time.UTC) {
			t.Errorf("got %+v", got)
		}
		id, err := d.Create(ctx, servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "some-key"})
		check("filing", err)
		if _, ok := numberOf(id); err == nil && !ok {
			t.Errorf("it was filed as %q", id)
		}
		found, err := d.FindByKey(ctx, "some-key")
		check("a search for a key", err)
		for _, one := range found {
			if one.Key != "some-key" || !one.Own {
				t.Errorf("found %+v", one)
			}
		}
		_, err = d.Glance(ctx, []servicedesk.ID{"7", "8"}, time.Now())
		check("a look at many", err)
		_, err = d.History(ctx, servicedesk.Ticket{ID: "7"})
		check("history", err)
		_, err = d.Say(ctx, "7", servicedesk.Message{Text: "x"})
		check("a message", err)
		_, err = d.Attach(ctx, "7", servicedesk.File{Name: "x"})
		check("a file", err)
		check("a claim", d.Claim(ctx, "7", "some-key"))
		check("an end", d.Transition(ctx, servicedesk.Ticket{ID: "7"}, servicedesk.StatusCancelled, servicedesk.Message{}))
		check("a change", d.Update(ctx, servicedesk.Ticket{ID: "7"}, servicedesk.Change{Subject: new("x")}))
		for _, err := range d.Search(ctx, servicedesk.Query{}) {
			check("a search", err)
		}
		for _, step := range []func(context.Context) error{d.whoAmI, d.learnPermissions, d.learnStatuses, d.learnFields} {
			check("opening", step(ctx))
		}
	})
}
