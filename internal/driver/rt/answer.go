package rt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// errGarbled marks a 2xx answer that cannot be used.
var errGarbled = errors.New("unusable answer")

// request is one of REST2. Only those that read have a query: RT puts the query of a write over its body.
type request struct {
	method string
	// path is below REST2, its segments escaped.
	path  string
	query url.Values
	body  any
	// match is the ETag that the ticket must still have; empty if any will do.
	match string
}

func (r request) writes() bool { return r.method != http.MethodGet }

// answer is a response that has been read to its end.
type answer struct{ driver.Answer }

// read sends a GET and decodes its answer. What was cut short on its way is asked for once more.
func (d *desk) read(ctx context.Context, path string, query url.Values, into any) (answer, error) {
	r := request{method: http.MethodGet, path: path, query: query}
	a, err := d.send(ctx, r, into)
	if errors.Is(err, errGarbled) && ctx.Err() == nil {
		a, err = d.send(ctx, r, into)
	}
	return a, err
}

// send sends a request once and decodes a 2xx answer.
func (d *desk) send(ctx context.Context, r request, into any) (answer, error) {
	a, err := d.exchange(ctx, r)
	switch {
	case err != nil && a.Status == 0:
		return a, driver.Lost(d.name, err, r.writes())
	case !a.Succeeded():
		return a, d.refusal(a, r)
	case err == nil && into != nil:
		err = a.Decode(into)
	}
	if err != nil {
		return a, d.garbled(a, err, r)
	}
	return a, nil
}

// exchange sends a request and reads its answer. With an error, the status tells whether there was an answer at all.
func (d *desk) exchange(ctx context.Context, r request) (answer, error) {
	var body io.Reader
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(raw)
	}
	address := d.api + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "application/json")
	// What compresses on the way makes an ETag of its own, with which no If-Match is ever met.
	req.Header.Set("Accept-Encoding", "identity")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.match != "" {
		req.Header.Set("If-Match", r.match)
	}
	a, err := driver.Send(d.http, req)
	return answer{a}, err
}

// words are RT's own in an answer: the one message of a refusal, or the sentences on what came of a write. They are in
// the user's language, so that they are shown and never understood.
func (a answer) words() []string {
	var sentences []string
	if json.Unmarshal(a.Body, &sentences) == nil {
		return sentences
	}
	if m := a.message(); m != "" {
		return []string{m}
	}
	return nil
}

// message is that of an error answer, empty if it has none.
func (a answer) message() string {
	var m struct{ Message string }
	if json.Unmarshal(a.Body, &m) != nil {
		return ""
	}
	return m.Message
}

// located is the id of what a POST has made.
func (a answer) located() string {
	id := path.Base(a.Header.Get("Location"))
	if _, err := strconv.ParseUint(id, 10, 63); err != nil {
		return ""
	}
	return id
}
