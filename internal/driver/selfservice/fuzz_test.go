package selfservice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
)

// The texts of an error, in letters: what the driver says around the operator's words is short.
const (
	longestText = 2300
	longestName = 300
	mostFields  = 1000
)

// objectID is the one that all fuzzed requests are about, ownerKey its order's.
const (
	objectID = "vol-1"
	ownerKey = "7c1f0c2e-5d1b-5a53-9d6c-0c3c5b1e7a10"
)

// canned answers every request alike.
type canned struct {
	// status 0 is no answer at all.
	status                              int
	mediaType, retryAfter, request, tag string
	body                                []byte
	// cut lets the connection break behind the body.
	cut bool
}

// RoundTrip implements http.RoundTripper.
func (c *canned) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.status == 0 {
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
	for name, text := range map[string]string{
		"Content-Type": c.mediaType, "Retry-After": c.retryAfter, "X-Request-Id": c.request, "ETag": c.tag, "Location": c.request,
	} {
		if text != "" {
			resp.Header.Set(name, text)
		}
	}
	return resp, nil
}

func (c *canned) client() *http.Client {
	return &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// documents answers what opening an operator reads.
type documents struct{}

// RoundTrip implements http.RoundTripper.
func (documents) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{}`
	if strings.HasSuffix(req.URL.Path, "/v1/operator") {
		body = operatorDocument
	}
	return (&canned{status: http.StatusOK, mediaType: "application/json", body: []byte(body)}).RoundTrip(req)
}

// switching is a round tripper that a test exchanges.
type switching struct{ http.RoundTripper }

const operatorDocument = `{"name":"lvrtc","legal_name":"LVRTC","api_versions":["1.0"],"token_endpoint":"https://127.0.0.1:1/token",
	"qualification":{"tier":3,"rack_units":1200},
	"capabilities":{"kinds":[{"kind":"networks","updates_in_place":["dns_servers"]},{"kind":"container-clusters","updates_in_place":[]},
	{"kind":"node-pools","updates_in_place":[]},{"kind":"backup-vaults","updates_in_place":[]},
	{"kind":"backup-plans","updates_in_place":[]},{"kind":"backups","updates_in_place":[]}],"long_poll_seconds":30,
	"metering_resolution_seconds":60}}`

// fuzzed is an operator that was opened properly and answers everything alike from then on.
func fuzzed(ctx context.Context, t *testing.T, c *canned) *cloud.Operator {
	t.Helper()
	rt := &switching{documents{}}
	client := &http.Client{Transport: rt, CheckRedirect: c.client().CheckRedirect}
	found, err := selfservice.Discover(ctx, client, "lvrtc", "https://127.0.0.1:1")
	must(t, err)
	op, err := selfservice.Open(ctx, selfservice.Options{Name: "lvrtc", Project: "registry", HTTP: client, Discovery: found})
	must(t, err)
	rt.RoundTripper = c
	return op
}

// calls are a collection's methods without their kind.
type calls struct {
	get, await, list, create, update, remove, claim func(context.Context) error
}

func callsOf[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], from, to S) calls {
	t.Helper()
	about := func(o O, err error) error {
		if id := o.Metadata().ID; err == nil && id != objectID {
			t.Errorf("an answer about %q passes for one about %q", id, objectID)
		}
		return err
	}
	return calls{
		get:   func(ctx context.Context) error { return about(c.Get(ctx, objectID)) },
		await: func(ctx context.Context) error { return about(c.Await(ctx, objectID, time.Minute)) },
		list: func(ctx context.Context) (last error) {
			for o, err := range c.List(ctx, cloud.ListOptions{}) {
				if last = err; err == nil && o.Metadata().ID == "" {
					t.Error("a list has an object without an id")
				}
			}
			return last
		},
		create: func(ctx context.Context) error {
			o, err := c.Create(ctx, to, cloud.CreateOptions{OwnerKey: ownerKey, Deployment: "tests"})
			if err == nil && o.Metadata().ID == "" {
				t.Error("an order was accepted without an id")
			}
			return err
		},
		update: func(ctx context.Context) error {
			return about(c.Update(ctx, objectID, cloud.Change[S]{From: from, To: to}))
		},
		remove: func(ctx context.Context) error { return c.Delete(ctx, objectID) },
		claim:  func(ctx context.Context) error { return c.Claim(ctx, objectID) },
	}
}

// callsOfKind are those of one of the ten kinds.
func callsOfKind(t *testing.T, op *cloud.Operator, n uint8) calls {
	t.Helper()
	was, is := cloud.SpecMeta{Name: "a"}, cloud.SpecMeta{Name: "b", Description: "ž", Labels: map[string]string{"k": "v"}}
	switch n % 10 {
	case 0:
		return callsOf(t, op.Networks, cloud.NetworkSpec{SpecMeta: was}, cloud.NetworkSpec{SpecMeta: is})
	case 1:
		return callsOf(t, op.SecurityGroups, cloud.SecurityGroupSpec{SpecMeta: was}, cloud.SecurityGroupSpec{SpecMeta: is})
	case 2:
		return callsOf(t, op.StorageVolumes, cloud.StorageVolumeSpec{SpecMeta: was}, cloud.StorageVolumeSpec{SpecMeta: is})
	case 3:
		return callsOf(t, op.VirtualMachines, cloud.VirtualMachineSpec{SpecMeta: was}, cloud.VirtualMachineSpec{SpecMeta: is})
	case 4:
		return callsOf(t, op.ContainerClusters, cloud.ContainerClusterSpec{SpecMeta: was}, cloud.ContainerClusterSpec{SpecMeta: is})
	case 5:
		return callsOf(t, op.NodePools, cloud.NodePoolSpec{SpecMeta: was}, cloud.NodePoolSpec{SpecMeta: is})
	case 6:
		return callsOf(t, op.BackupVaults, cloud.BackupVaultSpec{SpecMeta: was}, cloud.BackupVaultSpec{SpecMeta: is})
	case 7:
		return callsOf(t, op.BackupPlans, cloud.BackupPlanSpec{SpecMeta: was}, cloud.BackupPlanSpec{SpecMeta: is})
	case 8:
		return callsOf(t, op.Backups, cloud.BackupSpec{SpecMeta: was}, cloud.BackupSpec{SpecMeta: is})
	}
	return callsOf(t, op.VolumeAttachments, cloud.VolumeAttachmentSpec{SpecMeta: was}, cloud.VolumeAttachmentSpec{SpecMeta: is})
}

// answers are what operators, gateways and portals have been seen to answer, and what only an enemy would.
var answers = []canned{
	{status: 200, mediaType: "application/json", tag: `"1"`, body: []byte(`{"id":"vol-1","name":"data","state":"ready","ownership":` +
		`{"claimed":true},"labels":{},"created_at":"2026-11-23T10:00:00Z","updated_at":"2026-11-23T10:00:00Z","size_gib":10}`)},
	{status: 201, body: []byte(`{"id":"../x","name":"data","state":"ready"}`)},
	{status: 200, body: []byte(`{"id":"vol-2","name":"data","state":"ready"}`)},
	{status: 200, body: []byte(`{"items":[{"id":"vol-1","name":"data","state":"ready"},{"id":"vol-1"}],"next_cursor":"x"}`)},
	{status: 200, body: []byte(`{"items":null}`)},
	{status: 200, mediaType: "text/html; charset=utf-8", body: []byte("<!doctype html><title>Sign in</title>")},
	{status: 200, body: []byte(`{"id":"vol-1","name":"da`), cut: true},
	{status: 200, body: []byte(`null`)},
	{status: 204},
	{status: 302, request: "https://login.example/", body: []byte("Found")},
	{status: 404, body: []byte(`{"type":"about:blank","status":404,"code":"not-found","title":"Gone","request_id":"r\u001b[31m"}`)},
	{status: 403, body: []byte(`{"code":"not-found"}`)},
	{status: 503, body: []byte(`{"code":"not-found"}`)},
	{status: 409, body: []byte(`{"code":"name-taken","existing":{"id":"x\u001b[2J\n$(reboot)","name":"\u007f","state":"ready",` +
		`"ownership":{"deployment":"` + strings.Repeat("a", 5000) + `"}}}`)},
	{status: 404, mediaType: "text/plain", body: []byte("404 page not\x1b[2J found\r\nX")},
	{status: 404, body: []byte(`{"message":"no Route matched with those values"}`)},
	{status: 403, body: []byte(`{"code":"forbidden","detail":"No.\nReally\u0000 \u202e no"}`)},
	{status: 403, body: []byte(`{"code":"forbidden","detail":{},"errors":7}`)},
	{status: 409, retryAfter: "1", body: []byte(`{"code":"conflict","detail":"busy"}`)},
	{status: 409, body: []byte(`{"code":"name-taken","existing":{"id":"vol-2","name":"data","state":"ready","ownership":{"claimed":true}}}`)},
	{status: 409, body: []byte(`{"code":"quota-exceeded",` +
		`"quota":{"resource":"a\u0007b","limit":1,"used":1,"requested":-9223372036854775808}}`)},
	{status: 412, body: []byte(`{"code":"precondition-failed"}`)},
	{status: 422, body: []byte(`{"code":"invalid","errors":[{"pointer":"#/size_gib\n","detail":""},{"pointer":"","detail":"\t"}]}`)},
	{status: 429, retryAfter: "Mon, 23 Nov 2026 10:00:00 GMT", body: []byte(`{"code":"rate-limited"}`)},
	{status: 500, request: "r\x1b]0;x\a", body: []byte(`{"code":"unheard-of","title":"` + strings.Repeat("ā", 5000) + `"}`)},
	{status: 503, retryAfter: "4294967295"},
	{status: 600, body: []byte(`{"code":"unavailable"}`)},
	{status: 0, body: []byte("reset\x1b[31m\nby peer")},
}

// fuzz has one call answered by anything.
func fuzz(f *testing.F, ask func(ctx context.Context, t *testing.T, c *canned, kind uint8) error) {
	f.Helper()
	for i, c := range answers {
		f.Add(uint8(i), uint16(c.status), c.mediaType, c.retryAfter, c.request, c.tag, c.body, c.cut)
	}
	f.Fuzz(func(t *testing.T, kind uint8, status uint16, mediaType, retryAfter, request, tag string, body []byte, cut bool) {
		c := &canned{int(status) % 1000, mediaType, retryAfter, request, tag, body, cut}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := ask(ctx, t, c, kind)
		if ctx.Err() != nil {
			t.Fatal("it did not end")
		}
		if err != nil {
			examine(t, c, err)
		}
	})
}

// examine holds an error against what the port promises of all of them.
func examine(t *testing.T, c *canned, err error) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || e.Reason == nil || e.Operator != "lvrtc" {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	if errors.Is(err, cloud.ErrNotFound) && !c.gone() {
		t.Errorf("a %d with the body %q passes for %q", c.status, c.body, cloud.ErrNotFound)
	}
	texts := map[string]string{"error": e.Error(), "text": e.Text, "advice": e.Advice}
	names := map[string]string{"request": e.RequestID}
	if len(e.Fields) > mostFields {
		t.Errorf("there are %d fields", len(e.Fields))
	}
	for _, f := range e.Fields {
		names["a pointer "+f.Pointer], texts["a field "+f.Text] = f.Pointer, f.Text
	}
	if e.Quota != nil {
		names["quota"] = e.Quota.Resource
	}
	if x := e.Existing; x != nil {
		names["existing id"], names["existing name"], names["existing deployment"] = x.ID, x.Name, x.Ownership.Deployment
	}
	for what, s := range texts {
		fitToShow(t, what, s, longestText)
	}
	for what, s := range names {
		fitToShow(t, what, s, longestName)
	}
	if e.RetryAfter < 0 {
		t.Errorf("a pause of %s", e.RetryAfter)
	}
}

// gone reports whether the answer is the contract's way to say that there is no such object.
func (c *canned) gone() bool {
	var p struct{ Code string }
	_ = json.Unmarshal(c.body, &p) // What is no problem document has no code.
	return c.status == http.StatusNotFound && p.Code == "not-found"
}

func fitToShow(t *testing.T, what, s string, limit int) {
	t.Helper()
	if n := utf8.RuneCountInString(s); n > limit {
		t.Errorf("%s has %d letters", what, n)
	}
	plays := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	if strings.ContainsFunc(s, plays) || !utf8.ValidString(s) {
		t.Errorf("%s could play with a terminal: %q", what, s)
	}
}

func FuzzGet(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		if kind%2 == 1 {
			return callsOfKind(t, fuzzed(ctx, t, c), kind/2).await(ctx)
		}
		return callsOfKind(t, fuzzed(ctx, t, c), kind/2).get(ctx)
	})
}

func FuzzList(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		return callsOfKind(t, fuzzed(ctx, t, c), kind).list(ctx)
	})
}

func FuzzCreate(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		return callsOfKind(t, fuzzed(ctx, t, c), kind).create(ctx)
	})
}

func FuzzUpdate(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		return callsOfKind(t, fuzzed(ctx, t, c), kind).update(ctx)
	})
}

func FuzzDelete(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		return callsOfKind(t, fuzzed(ctx, t, c), kind).remove(ctx)
	})
}

func FuzzClaim(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		return callsOfKind(t, fuzzed(ctx, t, c), kind).claim(ctx)
	})
}

// FuzzAccess mints and revokes credentials. What goes wrong shows nothing of a key.
func FuzzAccess(f *testing.F) {
	const key = "PLANTED-KEY"
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, kind uint8) error {
		c.body = bytes.ReplaceAll(c.body, []byte("ready"), []byte(key))
		access := fuzzed(ctx, t, c).ClusterAccess
		if kind%2 == 1 {
			return access.Revoke(ctx, objectID, "some-id")
		}
		minted, err := access.Mint(ctx, objectID, cloud.AccessWish{Role: "admin", TTL: time.Hour})
		if err == nil && (minted.Host == "" || minted.ClientKey == "") {
			t.Errorf("credentials without all of their parts: %+v", minted)
		}
		if c.status < 300 && err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("the error has what was answered: %v", err)
		}
		return err
	})
}

func FuzzDiscover(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, _ uint8) error {
		_, err := selfservice.Discover(ctx, c.client(), "lvrtc", "https://127.0.0.1:1")
		if errors.Is(err, cloud.ErrNotFound) {
			t.Error("no object was asked for")
		}
		return err
	})
}

// FuzzOpen opens an operator whose document is as it should be.
func FuzzOpen(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, _ uint8) error {
		found, err := selfservice.Discover(ctx, &http.Client{Transport: documents{}}, "lvrtc", "https://127.0.0.1:1")
		must(t, err)
		_, err = selfservice.Open(ctx, selfservice.Options{Name: "lvrtc", Project: "registry", HTTP: c.client(), Discovery: found})
		return err
	})
}
