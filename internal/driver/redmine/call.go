package redmine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// intent says what a request wants, which decides what a lost or broken answer means.
type intent bool

const (
	reading intent = false
	writing intent = true
)

// request is one request to the API.
type request struct {
	method string
	// path is what follows the endpoint; it is made of words of the API and of numbers alone, but for escaped parts.
	path  string
	query url.Values
	// body is sent as JSON, file as it is; at most one of them is set.
	body any
	file []byte
}

func (r request) intent() intent { return intent(r.method != http.MethodGet) }

// do sends a request once, as far as the transport does not repeat it, and decodes the answer; into may be nil.
func (d *desk) do(ctx context.Context, r request, into any) error {
	req, err := d.request(ctx, r)
	if err != nil {
		return driver.Lost(d.name, err, false)
	}
	a, err := driver.Send(d.http, req)
	switch {
	case err != nil && a.Status == 0:
		return driver.Lost(d.name, err, bool(r.intent()))
	case !a.Succeeded():
		return d.refusal(a, r.intent())
	case err != nil:
		return d.garbled(a, err, r.intent())
	case into == nil && !a.WebPage():
		return nil
	case into == nil:
		return d.garbled(a, errors.New("it is a web page"), r.intent())
	}
	if err := a.Decode(into); err != nil {
		return d.garbled(a, err, r.intent())
	}
	return nil
}

// request makes the HTTP request.
func (d *desk) request(ctx context.Context, r request) (*http.Request, error) {
	address := d.endpoint + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	content, kind := r.file, "application/octet-stream"
	if r.body != nil {
		var err error
		if content, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
		kind = "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if r.intent() == writing {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// get reads. A body that was cut short on its way is asked for once more.
func (d *desk) get(ctx context.Context, path string, query url.Values, into any) error {
	r := request{method: http.MethodGet, path: path, query: query}
	err := d.do(ctx, r, into)
	if errors.Is(err, errGarbled) && ctx.Err() == nil {
		err = d.do(ctx, r, into)
	}
	return err
}

func (d *desk) post(ctx context.Context, path string, body, into any) error {
	return d.do(ctx, request{method: http.MethodPost, path: path, body: body}, into)
}

// put changes an issue to what may be said twice: the transport sends it again if an answer is lost.
func (d *desk) put(ctx context.Context, id int64, attributes map[string]any) error {
	return d.do(ctx, request{method: http.MethodPut, path: issuePath(id), body: map[string]any{"issue": attributes}}, nil)
}

// patch adds to an issue what must not be said twice. For Redmine it is the same as a put; the transport does not repeat
// it.
func (d *desk) patch(ctx context.Context, id int64, attributes map[string]any) error {
	return d.do(ctx, request{method: http.MethodPatch, path: issuePath(id), body: map[string]any{"issue": attributes}}, nil)
}

func issuePath(id int64) string { return fmt.Sprintf("/issues/%d.json", id) }

// issue reads one issue.
func (d *desk) issue(ctx context.Context, id int64, include string) (issue, error) {
	query := url.Values{}
	if include != "" {
		query.Set("include", include)
	}
	var out struct{ Issue issue }
	if err := d.get(ctx, issuePath(id), query, &out); err != nil {
		return issue{}, err
	}
	if out.Issue.ID != id {
		return issue{}, d.strange("it is not of the ticket that was asked for", reading)
	}
	d.fields.learn(d.project.ID, out.Issue)
	return out.Issue, nil
}

// issues reads a part of a list. What may not be said about it: that its rows are those that were asked for.
func (d *desk) issues(ctx context.Context, query url.Values, offset, limit int) (page, error) {
	query = cloned(query)
	query.Set("limit", fmt.Sprint(limit))
	if offset > 0 {
		query.Set("offset", fmt.Sprint(offset))
	}
	if !query.Has("status_id") {
		query.Set("status_id", "*") // Redmine leaves closed ones out otherwise.
	}
	var p page
	if err := d.get(ctx, "/issues.json", query, &p); err != nil {
		return page{}, err
	}
	for _, i := range p.Issues {
		if i.ID <= 0 {
			return page{}, d.strange("it has an issue without an id", reading)
		}
		d.fields.learn(d.project.ID, i)
	}
	return p, nil
}

func cloned(query url.Values) url.Values {
	out := make(url.Values, len(query)+3)
	for k, v := range query {
		out[k] = v
	}
	return out
}
