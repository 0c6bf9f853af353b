package provider_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// discarded is a log that nobody reads.
var discarded = log.New(io.Discard, "", 0)

// secret is in all credentials of these tests, and must be in nothing that anybody sees.
const secret = "s3cr3t-Vērtība"

// logs is a log of everything, at TRACE.
type logs struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// catch makes a context whose logs are caught.
func (l *logs) catch(ctx context.Context) context.Context {
	return tfsdklogtest.RootLogger(tflogtest.RootLogger(ctx, l), l)
}

// threePlans plans three resources of a configuration that cannot work, and returns the one text that all of them give.
//
// Terraform plans them all at once; in a bubble of synctest they have to be planned one after the other, as a goroutine
// that waits for a mutex stops the time.
func threePlans(t *testing.T, b object, inTurn bool) string {
	t.Helper()
	l := &logs{}
	tf := connect(t)
	tf.ctx = l.catch(tf.ctx)
	diags := tf.configure(t, b)
	text := show(diags)
	if !hasError(diags) {
		clean(t, "the configuration", diags)
		texts := make([]string, 3)
		var planning sync.WaitGroup
		for i, c := range []struct {
			name   string
			config object
		}{
			{"vdam_network", minimal["vdam_network"]}, {"vdam_storage_volume", minimal["vdam_storage_volume"]},
			{"vdam_network", object{"name": "another", "cidr": "10.21.0.0/24"}},
		} {
			planning.Go(func() { texts[i] = show(tf.plan(t, c.name, state{}, c.config).diags) })
			if inTurn {
				planning.Wait()
			}
		}
		planning.Wait()
		text = texts[0]
		if texts[1] != text || texts[2] != text {
			t.Errorf("the texts differ:\n%s", strings.Join(texts, "\n"))
		}
	}
	for what, s := range map[string]string{"the diagnostics": text, "the log": l.String()} {
		if strings.Contains(s, secret) {
			t.Errorf("the secret is in %s:\n%s", what, s)
		}
	}
	if !strings.Contains(l.String(), "TRACE") && !strings.Contains(l.String(), "trace") {
		t.Error("nothing was logged at TRACE")
	}
	return text
}

// with is a copy of the provider block with more in the entry of lvrtc. Nil takes out.
func with(b object, more object) object {
	for k, v := range more {
		b = set(b, "operators.lvrtc."+k, v)
	}
	return b
}

// TestBadOperators plans three resources at an operator that cannot be used. They are told the same, at the cost of
// a handful of requests.
func TestBadOperators(t *testing.T) {
	type test struct {
		more   object
		faults []sandbox.Fault
		// requests is how many there may be, tokens apart.
		requests int
	}
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	noSecret := func(more object) object {
		out := object{"client_id": nil, "client_secret": nil}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	for name, c := range map[string]test{
		"wrong_client_secret": {more: object{"client_secret": secret}, requests: 1},
		"client_secret_alone": {more: object{"client_secret": secret, "client_id": nil}, requests: 1},
		"wrong_token":         {more: noSecret(object{"token": secret}), requests: 5},
		"unknown_project":     {more: object{"project": "no-such-project"}, requests: 3},
		"no_project":          {more: object{"project": nil}},
		"web_page":            {faults: []sandbox.Fault{{Path: "^/v1/operator$", HTML: true}}, requests: 2},
		"web_page_for_tokens": {
			more: object{"client_secret": secret}, requests: 1,
			faults: []sandbox.Fault{{Path: "/oauth/token", HTML: true}},
		},
		"not_found":             {faults: []sandbox.Fault{{Path: "^/v1/operator$", Status: 404, Body: "<h1>Not here</h1>"}}, requests: 1},
		"forbidden_catalogue":   {faults: []sandbox.Fault{{Path: "/catalogue$", Status: 403}}, requests: 3},
		"http_elsewhere":        {more: object{"endpoint": "http://cloud.example"}},
		"no_url":                {more: object{"endpoint": "cloud.example"}},
		"url_with_secret":       {more: object{"endpoint": "http://u:" + secret + "@127.0.0.1:1/?key=" + secret}},
		"url_with_query":        {more: object{"endpoint": "http://127.0.0.1:1/?key=" + secret}},
		"url_with_password":     {more: object{"endpoint": "http://u:p4ss@127.0.0.1:1"}},
		"no_credentials":        {more: noSecret(nil), requests: 1},
		"no_token_file":         {more: noSecret(object{"token_file": filepath.Join(dir, "no-such.token")}), requests: 1},
		"empty_token_file":      {more: noSecret(object{"token_file": file("empty.token", "\n")}), requests: 1},
		"no_workload_token":     {more: noSecret(object{"workload_identity": object{"token_file": filepath.Join(dir, "no.jwt")}}), requests: 1},
		"wrong_workload_token":  {more: noSecret(object{"workload_identity": object{"token_file": file("w.jwt", secret)}}), requests: 1},
		"unknown_kind":          {more: object{"kind": "mainframe", "client_secret": secret}},
		"two_credentials":       {more: object{"client_secret": secret, "token": secret}},
		"no_ca_file":            {more: object{"tls": object{"ca_file": filepath.Join(dir, "no.pem")}}},
		"ca_file_is_no_pem":     {more: object{"tls": object{"ca_file": file("ca.pem", "no PEM")}}},
		"proxy_url_with_secret": {more: object{"proxy_url": "gopher://u:" + secret + "@127.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := acctest.Start(t, "lvrtc")
			for _, f := range c.faults {
				if err := env.Box.AddFault(f); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, "diagnostics/"+name, threePlans(t, with(block(env), c.more), false))
			if got := env.Box.Requests(); len(got) > c.requests {
				t.Errorf("%d requests: %v", len(got), got)
			}
		})
	}
}

// TestBadDirectories has operators whose place only a directory could tell.
func TestBadDirectories(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>Sign in</title>"))
	}))
	t.Cleanup(page.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = discarded
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	const entry = `{"name": "%", "kind": "%", "endpoint": "http://127.0.0.1:1"}`
	for name, content := range map[string]string{
		"no_file": "", "not_json": "operators: []", "other_version": `{"version": 2, "operators": []}`,
		"without_operator": `{"version": 1, "operators": [` + strings.ReplaceAll(entry, "%", "iem-ic") + `]}`,
		"unknown_kind":     `{"version": 1, "operators": [{"name": "lvrtc", "kind": "mainframe", "endpoint": "http://127.0.0.1:1"}]}`,
		"untrusted":        untrusted.URL + "/operators.json?key=" + secret,
		"no_url":           "http://u:" + secret + "@127.0.0.1:nowhere/operators.json?key=" + secret,
		"web_page":         page.URL + "/operators.json?key=" + secret, "not_found": gone.URL + "/operators.json",
	} {
		t.Run(name, func(t *testing.T) {
			location := content
			if !strings.HasPrefix(content, "http") {
				location = filepath.Join(t.TempDir(), "operators.json")
			}
			if location != content && content != "" {
				if err := os.WriteFile(location, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, "diagnostics/directory_"+name, threePlans(t, object{
				"operators":        object{"lvrtc": object{"project": "registry", "client_id": "id", "client_secret": secret}},
				"default_operator": "lvrtc", "directory": location,
			}, false))
		})
	}
}

// TestUntrustedCertificates meets servers whose certificates are signed by nobody, or are too old.
func TestUntrustedCertificates(t *testing.T) {
	for name, ends := range map[string]time.Time{"unknown_ca": time.Now().Add(time.Hour), "expired": time.Now().Add(-time.Hour)} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
			server.Config.ErrorLog = discarded
			certificate, authority := selfSigned(t, ends)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
			server.StartTLS()
			t.Cleanup(server.Close)
			more := entry(server.URL)
			more["client_secret"] = secret
			if name == "expired" {
				more["tls"] = object{"ca_file": authority}
			}
			golden(t, "diagnostics/certificate_"+name, threePlans(t, object{
				"operators": object{"lvrtc": more}, "default_operator": "lvrtc",
			}, false))
			if n := requests.Load(); n > 0 {
				t.Errorf("%d requests were sent to a server that is not trusted", n)
			}
		})
	}
}

// selfSigned makes a certificate for 127.0.0.1 and writes it to a file.
func selfSigned(t *testing.T, ends time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: ends.Add(-24 * time.Hour), NotAfter: ends, IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, file
}

// TestUnreachable plans at a port where nobody listens. The time between the tries passes at once.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It is closed at once.
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	more := entry("http://" + l.Addr().String())
	more["client_secret"] = secret
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		golden(t, "diagnostics/unreachable", threePlans(t, object{"operators": object{"lvrtc": more}, "default_operator": "lvrtc"}, true))
		took := time.Since(started)
		t.Logf("it took %s", took)
		if took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
