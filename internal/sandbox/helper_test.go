package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// noon is when the tests begin: their clocks stand still unless a test moves them.
var noon = time.Date(2026, time.November, 23, 12, 0, 30, 0, time.UTC)

// start runs a sandbox whose answers are checked against the contract.
func start(t *testing.T, o Options) *Sandbox {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	o.ValidateResponses = true
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		for _, v := range s.Violations() {
			t.Errorf("not as the contract says: %s", v)
		}
	})
	return s
}

// client is one of an operator's customers.
type client struct {
	t     testing.TB
	base  string
	token string
}

// at is a client with a token; its paths are below the project registry.
func at(t testing.TB, s *Sandbox, operator string) *client {
	t.Helper()
	c := &client{t: t, base: s.Endpoint(operator)}
	c.token = c.login(ClientID, ClientSecret).text("access_token")
	if c.token == "" {
		t.Fatalf("%s gave no token", operator)
	}
	return c
}

func (c *client) login(id, secret string) answer {
	c.t.Helper()
	return c.form(url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
}

func (c *client) form(v url.Values) answer {
	c.t.Helper()
	return c.do(http.MethodPost, "/oauth/token", v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// answer is what a client gets.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
	err    error
}

// do asks; err is set if there is no whole answer. Paths that do not start with a slash are below registry.
func (c *client) do(method, path string, body any, header ...string) answer {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/v1/projects/registry/" + path
	}
	var content io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		content, kind = strings.NewReader(b), "application/json"
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		content, kind = bytes.NewReader(raw), "application/json"
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	if method == http.MethodPatch {
		kind = "application/merge-patch+json"
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for pair := range slices.Chunk(header, 2) {
		if r.Header.Set(pair[0], pair[1]); pair[1] == "" {
			r.Header.Del(pair[0])
		}
	}
	a := answer{t: c.t}
	resp, err := (&http.Client{CheckRedirect: stay}).Do(r)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	a.status, a.header = resp.StatusCode, resp.Header
	a.body, a.err = io.ReadAll(resp.Body)
	return a
}

// stay follows no redirect.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (c *client) get(path string, header ...string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil, header...)
}

// order posts with a key of its own, unless the header has one.
func (c *client) order(kind string, body any, header ...string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, kind, body, append([]string{"Idempotency-Key", uuid.NewString()}, header...)...)
}

func (c *client) patch(path, etag, body string) answer {
	c.t.Helper()
	return c.do(http.MethodPatch, path, body, "If-Match", etag)
}

func (c *client) remove(path string) answer {
	c.t.Helper()
	return c.do(http.MethodDelete, path, nil)
}

// made orders and returns what it is when it is settled, if nothing holds it up.
func (c *client) made(kind string, body any) view {
	c.t.Helper()
	v := c.order(kind, body).is(http.StatusCreated).view()
	return c.get(kind + "/" + v.ID).is(http.StatusOK).view()
}

// is ends the test if the status is another one.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.err != nil || a.status != status {
		a.t.Fatalf("status %d, want %d; %v\n%s", a.status, status, a.err, a.body)
	}
	return a
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%v in the answer %d:\n%s", err, a.status, a.body)
	}
}

// text is a property of the answer, empty if there is none.
func (a answer) text(name string) string {
	a.t.Helper()
	var m map[string]any
	a.into(&m)
	s, _ := m[name].(string)
	return s
}

func (a answer) view() (v view) {
	a.t.Helper()
	a.into(&v)
	return v
}

func (a answer) refusal() (r refusal) {
	a.t.Helper()
	a.into(&r)
	return r
}

// refused checks that an answer is a problem of the contract's form, and returns it.
func (a answer) refused(status int, code string) refusal {
	a.t.Helper()
	r := a.is(status).refusal()
	if r.Code != code || r.Status != status || r.Title == "" || r.Detail == "" {
		a.t.Errorf("code %q, want %q; status %d, title %q, detail %q", r.Code, code, r.Status, r.Title, r.Detail)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("content type is %q", got)
	}
	if id := a.header.Get("X-Request-Id"); id == "" || id != r.RequestID {
		a.t.Errorf("request_id is %q, X-Request-Id %q", r.RequestID, id)
	}
	return r
}

// view is an object of any kind, as the API shows it.
type view struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	Labels       map[string]string `json:"labels"`
	State        string            `json:"state"`
	StateMessage string            `json:"state_message"`
	Etag         string            `json:"etag"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
	MeteredSince time.Time         `json:"metered_since"`
	Ownership    struct {
		Key, Deployment string
		Claimed         bool
	} `json:"ownership"`
	SizeGiB           int64  `json:"size_gib"`
	Class             string `json:"class"`
	Zone              string `json:"zone"`
	ImageID           string `json:"image_id"`
	VirtualMachineID  string `json:"virtual_machine_id"`
	BootVolumeID      string `json:"boot_volume_id"`
	PowerState        string `json:"power_state"`
	GatewayAddress    string `json:"gateway_address"`
	Device            string `json:"device"`
	NetworkInterfaces []struct {
		NetworkID  string `json:"network_id"`
		IPAddress  string `json:"ip_address"`
		MACAddress string `json:"mac_address"`
	} `json:"network_interfaces"`
}

// refusal is a problem, as the API shows it.
type refusal struct {
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
	Errors    []struct{ Pointer, Detail string }
	Existing  *view `json:"existing"`
	Quota     *struct {
		Resource               string
		Limit, Used, Requested int64
	} `json:"quota"`
}

func (r refusal) pointers() (all []string) {
	for _, e := range r.Errors {
		all = append(all, e.Pointer)
	}
	slices.Sort(all)
	return all
}

// list is one page.
func (c *client) list(path string) (items []view, next string) {
	c.t.Helper()
	a := c.get(path).is(http.StatusOK)
	var p struct {
		Items []view `json:"items"`
	}
	a.into(&p)
	return p.Items, a.text("next_cursor")
}

func names(items []view) (all []string) {
	for _, v := range items {
		all = append(all, v.Name)
	}
	return all
}
