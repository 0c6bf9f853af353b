package tmf621

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// collection is where tickets are, below the endpoint.
const collection = "/troubleTicket"

// The media types of a change.
const (
	plainJSON  = "application/json"
	mergePatch = "application/merge-patch+json"
	jsonPatch  = "application/json-patch+json"
)

// request is one request to the API.
type request struct {
	method string
	// id is the ticket's, empty for all.
	id    string
	query url.Values
	body  any
	media string
}

func (r request) writes() bool { return r.method != http.MethodGet }

// do sends a request once, as far as the transport does not repeat it, and decodes the answer. One that says that the
// request was accepted, and no more, is left to the caller, as is into if it is nil.
func (d *desk) do(ctx context.Context, r request, into any) (driver.Answer, error) {
	req, err := d.request(ctx, r)
	if err != nil {
		return driver.Answer{}, driver.Lost(d.name, err, false)
	}
	a, err := driver.Send(d.http, req)
	switch {
	case err != nil && a.Status == 0:
		return a, driver.Lost(d.name, err, r.writes())
	case !a.Succeeded():
		return a, d.refusal(a, r)
	case err == nil && a.WebPage():
		err = errors.New("it is a web page")
	case err == nil && into != nil && !silent(a):
		err = a.Decode(into)
	}
	if err != nil {
		return a, d.garbled(a, err, r)
	}
	return a, nil
}

// silent reports whether an answer says nothing of what became of a request, which it may.
func silent(a driver.Answer) bool {
	return (a.Status == http.StatusAccepted || a.Status == http.StatusNoContent) && len(bytes.TrimSpace(a.Body)) == 0
}

func (d *desk) request(ctx context.Context, r request) (*http.Request, error) {
	address := d.endpoint + collection
	if r.id != "" {
		address += "/" + url.PathEscape(r.id)
	}
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", plainJSON)
	if r.body != nil {
		req.Header.Set("Content-Type", r.media)
	}
	return req, nil
}

// get reads. A body that was cut short on its way is asked for once more.
func (d *desk) get(ctx context.Context, id string, query url.Values, into any) (driver.Answer, error) {
	r := request{method: http.MethodGet, id: id, query: query}
	a, err := d.do(ctx, r, into)
	if errors.Is(err, errGarbled) && ctx.Err() == nil {
		a, err = d.do(ctx, r, into)
	}
	return a, err
}

// ticket reads parts of one ticket, with its ETag if it has one. What cannot be an id is never sent: it could become
// another path.
func (d *desk) ticket(ctx context.Context, id, fields string) (ticket, string, error) {
	if !validID(id) {
		return ticket{}, "", d.noTicket(id)
	}
	var t ticket
	a, err := d.get(ctx, id, url.Values{"fields": {fields}}, &t)
	switch {
	case err != nil:
		return ticket{}, "", err
	case t.ID == "" || t.Status == "":
		return ticket{}, "", d.strange("it has no ticket", false)
	}
	return t, a.Header.Get("ETag"), nil
}

// validID reports whether an id can be one. The standard's are opaque; those that are known are of such letters.
func validID(id string) bool {
	for _, r := range id {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_', r == '.', r == ':', r == '~':
		default:
			return false
		}
	}
	return id != "" && id != "." && id != ".." && len(id) <= 200
}

// page is a part of a list; total is -1 where the desk does not tell.
type page struct {
	rows  []ticket
	total int
}

// page reads a part of a list. What may not be said about it: that its rows are those that were asked for. Some desks
// answer 404 where there is nothing.
func (d *desk) page(ctx context.Context, query url.Values, offset, limit int) (page, error) {
	asked := url.Values{"limit": {strconv.Itoa(limit)}}
	if offset > 0 {
		asked.Set("offset", strconv.Itoa(offset))
	}
	for name, values := range query {
		asked[name] = values
	}
	p := page{total: -1}
	a, err := d.get(ctx, "", asked, &p.rows)
	if errors.Is(err, cloud.ErrNotFound) && d.described.Kind != "" { // Once it is known that there is a list at all.
		return page{}, nil
	}
	if err != nil {
		return page{}, err
	}
	for _, t := range p.rows {
		if !validID(string(t.ID)) {
			return page{}, d.strange("it has a ticket without an id", false)
		}
	}
	if total, err := strconv.Atoi(a.Header.Get("X-Total-Count")); err == nil && total >= 0 {
		p.total = total
	}
	return p, nil
}

// merge changes parts of a ticket. Accepted says that the desk has only promised it.
func (d *desk) merge(ctx context.Context, id servicedesk.ID, changes map[string]any) (accepted bool, err error) {
	r := request{method: http.MethodPatch, id: string(id), body: d.version.typed("TroubleTicket", changes), media: mergePatch}
	if d.version < v5 || d.noMergePatch.Load() {
		r.media = plainJSON
	}
	a, err := d.do(ctx, r, nil)
	if a.Status == http.StatusUnsupportedMediaType && r.media == mergePatch {
		d.noMergePatch.Store(true)
		r.media = plainJSON
		a, err = d.do(ctx, r, nil)
	}
	return a.Status == http.StatusAccepted, err
}

// operation is one of JSON Patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// add adds an element to one of a ticket's arrays, and sets other parts in the same request. By JSON Patch, no other
// element is touched. Where the desk does not take that, all of them are sent, as they were read just before.
func (d *desk) add(
	ctx context.Context, id servicedesk.ID, array string, element map[string]any, beside map[string]any,
) (accepted bool, err error) {
	if d.version >= v5 && !d.noJSONPatch.Load() {
		operations := make([]operation, 0, len(beside)+1)
		for _, name := range []string{"status", "statusChangeReason"} {
			if value, ok := beside[name]; ok {
				operations = append(operations, operation{"add", "/" + name, value})
			}
		}
		operations = append(operations, operation{"add", "/" + array + "/-", element})
		a, err := d.do(ctx, request{method: http.MethodPatch, id: string(id), body: operations, media: jsonPatch}, nil)
		switch a.Status {
		case http.StatusUnsupportedMediaType, http.StatusMethodNotAllowed, http.StatusNotImplemented:
			d.noJSONPatch.Store(true)
		case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
			// Also where the ticket has no such array yet.
		default:
			return a.Status == http.StatusAccepted, err
		}
	}
	t, _, err := d.ticket(ctx, string(id), "id,status,"+array)
	if err != nil {
		return false, err
	}
	changes := map[string]any{array: t.array(array).with(element)}
	for name, value := range beside {
		changes[name] = value
	}
	return d.merge(ctx, id, changes)
}

// The arrays to which something is added.
const (
	notes       = "note"
	attachments = "attachment"
)

func (t ticket) array(name string) items {
	if name == notes {
		return t.Notes
	}
	return t.Attachments
}
