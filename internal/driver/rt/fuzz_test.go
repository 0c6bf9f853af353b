package rt

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// The texts of an error, in letters: what the driver says around RT's words is short.
const longestText = 4500

// canned answers every request alike.
type canned struct {
	// status 0 is no answer at all.
	status                    int
	mediaType, location, etag string
	body                      []byte
	// cut lets the connection break behind the body.
	cut bool
	// asked counts the requests.
	asked int
}

// RoundTrip implements http.RoundTripper.
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.asked++; c.status == 0 || c.asked > 1000 {
		return nil, errors.New(string(c.body))
	}
	var body io.Reader = bytes.NewReader(c.body)
	if c.cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	resp := &http.Response{
		StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(body), ContentLength: -1, Request: req,
	}
	for name, text := range map[string]string{"Content-Type": c.mediaType, "Location": c.location, "ETag": c.etag, "Retry-After": c.location} {
		if text != "" {
			resp.Header.Set(name, text)
		}
	}
	return resp, nil
}

// desk is one that was opened properly and answers everything alike from then on.
func (c *canned) desk(name string) *desk {
	return &desk{
		name: name, endpoint: "https://desk.example", api: "https://desk.example" + apiPath, mapping: defaults(),
		http: &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		queues: &queues{all: []queue{{ID: "3", Name: "Change Requests", Fields: several[customField]{
			{Name: "Cost Centre"}, {Name: "Severity"}, {Name: "Project"}, {Name: "External Key"}, {Name: "Affected Resources"},
		}}}},
		people: &people{me: "terraform", addresses: map[string]string{"terraform": "terraform@agency.test"}},
	}
}

// calls are what a desk can be asked.
func calls(d *desk) map[string]func(context.Context) error {
	ticket := someTicket()
	watching := fullChange()
	watching.AddWatchers = []string{"x@agency.test"}
	return map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			id, err := d.Create(ctx, newTicket())
			return something(string(id), err)
		},
		"find": func(ctx context.Context) error {
			found, err := d.FindByKey(ctx, "vdam-0123")
			for _, f := range found {
				err = errors.Join(err, something(string(f.ID), nil))
			}
			return err
		},
		"claim": func(ctx context.Context) error { return d.Claim(ctx, "91", "vdam-0123") },
		"get": func(ctx context.Context) error {
			got, err := d.Get(ctx, "91")
			return something(string(got.ID), err)
		},
		"glance": func(ctx context.Context) error {
			_, err := d.Glance(ctx, []servicedesk.ID{"91", "92"}, epoch)
			return err
		},
		"search": func(ctx context.Context) error {
			for _, err := range d.Search(ctx, servicedesk.Query{CreatedFrom: epoch}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"update": func(ctx context.Context) error { return d.Update(ctx, ticket, watching) },
		"transition": func(ctx context.Context) error {
			return d.Transition(ctx, ticket, servicedesk.StatusCancelled, servicedesk.Message{Text: "x"})
		},
		"history": func(ctx context.Context) error { _, err := d.History(ctx, ticket); return err },
		"say": func(ctx context.Context) error {
			id, err := d.Say(ctx, "91", servicedesk.Message{Text: "x"})
			return something(id, err)
		},
		"attach": func(ctx context.Context) error {
			id, err := d.Attach(ctx, "91", servicedesk.File{Name: "x", Content: []byte("x")})
			return something(id, err)
		},
		"attachments": func(ctx context.Context) error { _, err := d.Attachments(ctx, "91"); return err },
		"queues":      d.listQueues,
		"version":     func(ctx context.Context) error { _, err := d.version(ctx); return err },
	}
}

// errNothing is success without a result.
var errNothing = errors.New("it succeeded, and there is no id")

func something(id string, err error) error {
	if err == nil && id == "" {
		return errNothing
	}
	return err
}

func FuzzAnswers(f *testing.F) {
	for _, c := range []canned{
		{status: 200, mediaType: "application/json", etag: `"63"`, body: []byte(ticketJSON("91", "cancelled", unclaimed))},
		{status: 200, body: []byte(ticketJSON("92", "new"))},
		{status: 201, location: "/REST/2.0/ticket/91", body: []byte(`{"id":"91"}`)},
		{status: 200, body: []byte(emptyPage)},
		{status: 200, body: []byte(`{"items":[` + ofKey(91, "terraform") + `],"total":1}`)},
		{status: 200, body: []byte(list(done("63", "Create", "", "", "terraform"), done("85", "Comment", "", "", "agent")))},
		{status: 200, body: []byte(`{"items":{"id":[1],"CustomFields":{"values":"x"},"Requestor":"bob","Created":7,"_hyperlinks":[null,7]},` +
			`"total":{}}`)},
		{status: 200, body: []byte(`["Ticket 91: Permission Denied\u001b[31m",null,7]`)},
		{status: 200, body: []byte(`null`)}, {status: 200, body: []byte(`[`)}, {status: 204}, {status: 0, body: []byte("reset\x1b[31m\nby peer")},
		{status: 200, mediaType: "text/html; charset=utf-8", body: []byte("<!doctype html><title>Sign in</title>")},
		{status: 200, body: []byte(`{"id":"91","Status":"ne`), cut: true},
		{status: 302, location: "/", body: []byte("Login required")},
		{status: 404, body: []byte(`{"message":"Not Found"}`)}, {status: 404, body: []byte(`{"message":"no Route matched with those values"}`)},
		{status: 403, body: []byte(`{"message":"No.\nReally\u0000 \u202e no"}`)},
		{status: 412, body: []byte(`{"message":"Precondition Failed"}`)},
		{status: 400, body: []byte(`{"message":"` + strings.Repeat("ā", 5000) + `"}`)}, {status: 400, body: []byte(`{"message":{}}`)},
		{status: 429, location: "Mon, 23 Nov 2026 10:00:00 GMT"}, {status: 500}, {status: 503, location: "4294967295"}, {status: 600},
	} {
		f.Add(uint16(c.status), c.mediaType, c.location, c.etag, c.body, c.cut)
	}
	f.Fuzz(func(t *testing.T, status uint16, mediaType, location, etag string, body []byte, cut bool) {
		for _, what := range slices.Sorted(maps.Keys(calls(&desk{}))) { // In one order, so that one input does one thing.
			c := &canned{status: int(status) % 1000, mediaType: mediaType, location: location, etag: etag, body: body, cut: cut}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			err := calls(c.desk("rt"))[what](ctx)
			if ctx.Err() != nil || c.asked > 1000 {
				t.Fatalf("%s did not end: %d requests", what, c.asked)
			}
			cancel()
			if err != nil {
				c.examine(t, what, err)
			}
		}
	})
}

// examine holds an error against what the port promises of all of them.
func (c *canned) examine(t *testing.T, what string, err error) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || e.Reason == nil || e.Operator != "rt" || e.Text == "" {
		t.Fatalf("%s: the error is a %T: %v", what, err, err)
	}
	if errors.Is(err, cloud.ErrNotFound) && (c.status != http.StatusNotFound || !bytes.Contains(c.body, []byte("message"))) {
		t.Errorf("%s: a %d with the body %q passes for %q", what, c.status, c.body, cloud.ErrNotFound)
	}
	for _, s := range []string{e.Error(), e.Text, e.Advice, e.RequestID} {
		plays := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
		if utf8.RuneCountInString(s) > longestText || strings.ContainsFunc(s, plays) || !utf8.ValidString(s) {
			t.Errorf("%s: not fit to be shown: %q", what, s)
		}
	}
	if e.RetryAfter < 0 {
		t.Errorf("%s: a pause of %s", what, e.RetryAfter)
	}
}
