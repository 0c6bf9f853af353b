package tmf621front_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk/tmf621front"
)

// client speaks to a front without a driver.
type client struct {
	t     *testing.T
	front *tmf621front.Front
}

func start(t *testing.T, version int, manners tmf621front.Manners) (client, *servicedesktest.Memory) {
	t.Helper()
	m := servicedesktest.NewMemory(servicedesktest.MemoryOptions{})
	return client{t, tmf621front.New(tmf621front.Options{Version: version, Manners: manners, Accounts: map[string]tmf621front.Account{
		"secret": {Name: "cadastre", Desk: m.Desk("cadastre")},
	}})}, m
}

// send sends a request below the collection, with a body in a media type if there is one.
func (c client) send(method, rest, media, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, c.front.Path()+"/troubleTicket"+rest, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer secret")
	r.Header.Set("Content-Type", media)
	w := httptest.NewRecorder()
	c.front.ServeHTTP(w, r)
	return w
}

func (c client) want(status int, method, rest, media, body string) map[string]any {
	c.t.Helper()
	w := c.send(method, rest, media, body)
	if w.Code != status {
		c.t.Errorf("%s %s %s was answered %d %s; want %d", method, rest, body, w.Code, w.Body, status)
	}
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil && w.Body.Len() > 0 {
		c.t.Errorf("%s %s was answered %s", method, rest, w.Body)
	}
	return out
}

const (
	plain  = "application/json"
	merge  = "application/merge-patch+json"
	patch  = "application/json-patch+json"
	ticket = `{"@type":"TroubleTicket","name":"x","description":"y","severity":"Minor","ticketType":"incident"}`
)

// TestChecks: what is not as the definition says is refused and told.
func TestChecks(t *testing.T) {
	five, _ := start(t, 5, tmf621front.Manners{})
	four, _ := start(t, 4, tmf621front.Manners{})
	five.want(http.StatusCreated, "POST", "", plain, ticket)
	four.want(http.StatusCreated, "POST", "", plain, strings.Replace(ticket, `"@type":"TroubleTicket",`, "", 1))
	for violation, c := range map[string]struct {
		client client
		method string
		media  string
		body   string
	}{
		"has no severity":           {five, "POST", plain, `{"@type":"TroubleTicket","description":"y","ticketType":"incident"}`},
		"has no @type":              {five, "POST", plain, `{"description":"y","severity":"Minor","ticketType":"incident"}`},
		"has no ticketType":         {four, "POST", plain, `{"description":"y","severity":"Minor"}`},
		"externalId, which is not":  {five, "PATCH", merge, `{"@type":"TroubleTicket","externalId":"x"}`},
		"Characteristic, which is":  {four, "PATCH", plain, `{"troubleTicketCharacteristic":[]}`},
		"status is done":            {five, "PATCH", merge, `{"@type":"TroubleTicket","status":"done"}`},
		"requestedResolutionDate":   {five, "PATCH", merge, `{"@type":"TroubleTicket","requestedResolutionDate":"soon"}`},
		"relatedEntity[0] has no":   {four, "PATCH", plain, `{"relatedEntity":[{"id":"x","@referredType":"Project"}]}`},
		"note[1] is no object":      {four, "PATCH", plain, `{"note":[{"text":"x"},7]}`},
		"note is x":                 {four, "PATCH", plain, `{"note":"x"}`},
		"/creationDate is not":      {five, "PATCH", patch, `[{"op":"add","path":"/creationDate","value":"2026-11-25T10:00:00Z"}]`},
		"/note/- has no @type":      {five, "PATCH", patch, `[{"op":"add","path":"/note/-","value":{"text":"x"}}]`},
		"attachment/-.content is ?": {five, "PATCH", patch, attached(`"content":"?"`)},
		"size.amount is x":          {five, "PATCH", patch, attached(`"size":{"amount":"x"}`)},
	} {
		rest := ""
		if c.method == "PATCH" {
			rest = "/1"
		}
		c.client.want(http.StatusBadRequest, c.method, rest, c.media, c.body)
		all := c.client.front.Violations()
		if len(all) == 0 || !strings.Contains(all[len(all)-1], violation) {
			t.Errorf("%s was told as %q; want %q in it", c.body, all, violation)
		}
	}
	before := len(five.front.Violations())
	five.want(http.StatusMethodNotAllowed, "DELETE", "/1", "", "")
	five.send("GET", "?color=blue", "", "")
	if all := five.front.Violations(); len(all) != before+2 {
		t.Errorf("there are the violations %q", all)
	}
}

func attached(with string) string {
	return `[{"op":"add","path":"/attachment/-","value":{"@type":"Attachment","attachmentType":"file","mimeType":"x",` + with + `}}]`
}

// TestPatches changes one ticket in all ways.
func TestPatches(t *testing.T) {
	c, m := start(t, 5, tmf621front.Manners{})
	c.want(http.StatusCreated, "POST", "", plain, ticket)
	c.want(http.StatusOK, "PATCH", "/1", merge, `{"@type":"TroubleTicket","name":"z","requestedResolutionDate":"2026-12-01T12:00:00Z"}`)
	c.want(http.StatusOK, "PATCH", "/1", patch, `[{"op":"test","path":"/name","value":"z"},{"op":"remove","path":"/requestedResolutionDate"},
		{"op":"replace","path":"/severity","value":"Major"},{"op":"add","path":"/note/-","value":{"@type":"Note","text":"Hurry"}}]`)
	got := m.Tickets()[0]
	if got.Subject != "z" || !got.RequestedResolutionAt.IsZero() || got.Severity != servicedesk.SeverityMajor {
		t.Errorf("the ticket is %+v", got)
	}
	for _, wrong := range []string{
		`[{"op":"test","path":"/name","value":"y"},{"op":"replace","path":"/name","value":"never"}]`, `{}`,
		`[{"op":"replace","path":"/statusChangeReason/x","value":"y"}]`, `[{"op":"remove","path":"/note/7"}]`, `[{"op":"copy","path":"/name"}]`,
	} {
		c.want(http.StatusBadRequest, "PATCH", "/1", patch, wrong)
	}
	c.want(http.StatusUnsupportedMediaType, "PATCH", "/1", "text/plain", "x")
	c.want(http.StatusConflict, "PATCH", "/1", merge, `{"@type":"TroubleTicket","status":"held"}`)
	c.want(http.StatusBadRequest, "PATCH", "/1", merge, `{"@type":"TroubleTicket","ticketType":7}`)
	c.want(http.StatusOK, "PATCH", "/1", merge, `{"@type":"TroubleTicket","status":"cancelled","statusChangeReason":"Not needed"}`)
	doc := c.want(http.StatusOK, "GET", "/1", "", "")
	changes := doc["statusChangeHistory"].([]any)
	if last := changes[len(changes)-1].(map[string]any); doc["status"] != "cancelled" || last["statusChangeReason"] != "Not needed" {
		t.Errorf("the ticket is %v", doc)
	}
	c.want(http.StatusNotFound, "PATCH", "/2", merge, `{}`)
	if m.Tickets()[0].Subject != "z" {
		t.Errorf("the subject is %q", m.Tickets()[0].Subject)
	}
	// Who sends an array without what is in it takes that away.
	c.want(http.StatusOK, "PATCH", "/1", merge, `{"@type":"TroubleTicket","note":[]}`)
	if all := c.front.Violations(); !slices.ContainsFunc(all, func(v string) bool { return strings.Contains(v, "takes away note") }) {
		t.Errorf("there are the violations %q", all)
	}
}

// TestLists shows parts, in both orders, with what was asked for.
func TestLists(t *testing.T) {
	c, _ := start(t, 5, tmf621front.Manners{PageLimit: 2})
	for range 3 {
		c.want(http.StatusCreated, "POST", "", plain, ticket)
	}
	for query, want := range map[string]string{
		"?fields=id": "1 2", "?fields=id&offset=2": "3", "?fields=id&sort=-creationDate&limit=1": "3", "?fields=id&id=1,3,7": "1 3",
		"?fields=id&offset=9": "",
	} {
		w := c.send("GET", query, "", "")
		var rows []map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &rows); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, row := range rows {
			ids = append(ids, row["id"].(string))
			if len(row) != 3 {
				t.Errorf("%s shows %v", query, row)
			}
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s shows %q; want %q", query, ids, want)
		}
	}
	c.want(http.StatusBadRequest, "GET", "?filter=x", "", "")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, c.front.Path()+"/troubleTicket", nil)
	w := httptest.NewRecorder()
	if c.front.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("nobody was answered %d", w.Code)
	}
	r.URL.Path = "/tmf-api/troubleTicket/v4/troubleTicket"
	r.Header.Set("Authorization", "Bearer secret")
	w = httptest.NewRecorder()
	if c.front.ServeHTTP(w, r); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "ERR") {
		t.Errorf("another version was answered %d %s", w.Code, w.Body)
	}
}
