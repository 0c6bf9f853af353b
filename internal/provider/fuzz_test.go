package provider_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// spoilt is a fuzzed answer.
type spoilt struct {
	status          int
	mediaType, etag string
	body            []byte
}

// middleman stands before an operator and, on order, answers the GET of one object itself.
type middleman struct {
	proxy   *httputil.ReverseProxy
	instead atomic.Pointer[spoilt]
	about   string
}

// ServeHTTP implements http.Handler.
func (m *middleman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := m.instead.Load()
	if s == nil || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/"+m.about) {
		m.proxy.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", s.mediaType)
	w.Header().Set("ETag", s.etag)
	w.WriteHeader(s.status)
	_, _ = w.Write(s.body) // To some statuses there is no body.
}

// repeated has the statuses after which a read is sent again for up to two minutes; the transport's tests have them.
var repeated = map[int]bool{429: true, 500: true, 502: true, 503: true, 504: true}

// FuzzRead refreshes a resource whose operator answers anything: it stays in the state unless the answer is the
// contract's 404, and what stays is either as it was or as a readable answer about the same object has it.
func FuzzRead(f *testing.F) {
	for i, body := range []string{
		`{"status":404,"code":"not-found","title":"Gone"}`,
		`{"status":404,"title":"Gone"}`, `404 page not found`, ``, `null`, `[]`, `{}`, `{"items":[]}`,
		`<!doctype html><title>Sign in</title>`,
		`{"id":"ID","name":"front","state":"ready","cidr":"10.20.0.0/24","labels":{},"ownership":{"claimed":true},` +
			`"created_at":"2026-11-23T10:00:00Z","updated_at":"2026-11-23T10:00:00Z","gateway_address":"10.20.0.1"}`,
		`{"id":"ID","name":"front","state":"ready"}`, `{"id":"ID","name":"\u0000","state":"gone","labels":{"":""},"dns_servers":[""]}`,
		`{"id":"ID","name":"front","state":"deleting","ownership":{"key":"x","claimed":false}}`,
		`{"id":"other","name":"front","state":"ready"}`, `{"id":"ID","name":"front","state":"rea`,
	} {
		for j, status := range []uint16{200, 404, 403, 410, 507, 301, 409} {
			if i < 3 || j < 2 {
				f.Add(status, "application/json", `"1"`, []byte(body))
			}
		}
	}
	tf, s, m := readable(f)
	f.Fuzz(func(t *testing.T, status uint16, mediaType, etag string, body []byte) {
		a := &spoilt{int(status), printable(mediaType), printable(etag), []byte(strings.ReplaceAll(string(body), "ID", m.about))}
		if a.status < 200 || a.status > 999 {
			a.status = 200 + int(status)%600
		}
		if repeated[a.status] {
			t.Skip("the transport asks again after this status, for longer than an input may take; its own tests cover that")
		}
		m.instead.Store(a)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		reading := *tf
		reading.ctx = ctx
		after, diags := reading.read(t, "vdam_network", s)
		switch {
		case ctx.Err() != nil:
			t.Fatal("it did not end")
		case after.value.IsNull() && !a.gone():
			t.Fatalf("a %d with the body %q removes the resource from the state", a.status, a.body)
		case !after.value.IsNull() && a.gone():
			t.Fatalf("a %d with the body %q does not remove the resource from the state", a.status, a.body)
		case hasError(diags) && !after.value.Equal(s.value):
			t.Fatalf("after an error, the state has\n%s\ninstead of\n%s", after.value, s.value)
		case !after.value.IsNull() && text(after.value, "id") != text(s.value, "id"):
			t.Fatalf("the resource has become %s", after.value)
		}
	})
}

// gone reports whether the answer is the contract's way to say that there is no such object.
func (s *spoilt) gone() bool {
	var p struct{ Code string }
	_ = json.Unmarshal(s.body, &p) // What is no problem document has no code.
	return s.status == http.StatusNotFound && p.Code == "not-found"
}

// readable is a network in a state, and the one who answers for it.
func readable(f *testing.F) (*terraform, state, *middleman) {
	f.Helper()
	box, err := sandbox.Start(f.Context(), sandbox.Options{Dir: f.TempDir(), Operators: []string{"lvrtc"}})
	if err != nil {
		f.Fatal(err)
	}
	operator, err := url.Parse(box.Endpoint("lvrtc"))
	if err != nil {
		f.Fatal(err)
	}
	m := &middleman{proxy: httputil.NewSingleHostReverseProxy(operator)}
	server := httptest.NewServer(m)
	f.Cleanup(func() {
		server.Close()
		if err := box.Close(); err != nil {
			f.Error(err)
		}
	})
	tf := start(f, object{"operators": object{"lvrtc": entry(server.URL)}, "default_operator": "lvrtc", "deployment_id": "tests"})
	s := tf.create(f, "vdam_network", minimal["vdam_network"])
	for range 10 { // Until all that a list had is used up: what follows is asked for by GET.
		tf.read(f, "vdam_network", s)
	}
	_, m.about, _ = strings.Cut(text(s.value, "id"), "/")
	return tf, s, m
}

// printable leaves out what cannot be in a header.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}
