package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// silent is the log of servers whose handshakes are meant to fail.
var silent = log.New(io.Discard, "", 0)

// TestErrorNoun tells what has failed, if that is no operator.
func TestErrorNoun(t *testing.T) {
	_, err := New(Config{Operator: "varam", Noun: "service desk", ProxyURL: "ftp://proxy.example"})
	if err == nil || !strings.HasPrefix(err.Error(), `The connection to service desk "varam" is not configured correctly`) {
		t.Errorf("got %v", err)
	}
	c, err := New(Config{Operator: "varam", Noun: "service desk", MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get("http://127.0.0.1:1/") //nolint:noctx,bodyclose // Nobody answers there.
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), `Service desk "varam" could not be reached`) ||
		!strings.Contains(e.Advice, "the service desk's endpoint") {
		t.Errorf("got %v", err)
	}
}

// TestErrorTexts has the text of every failure as a user sees it, in testdata/errors.golden.
func TestErrorTexts(t *testing.T) {
	var texts []string
	for name, fail := range causes {
		texts = append(texts, name+"\n\t"+fail(t))
	}
	slices.Sort(texts)
	got := strings.Join(texts, "\n\n") + "\n"
	for _, secret := range []string{"s3cret", "PRIVATE", "Bearer", "?"} {
		if strings.Contains(got, secret) {
			t.Errorf("a text has %q:\n%s", secret, got)
		}
	}
	const path = "testdata/errors.golden"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("texts differ from %s (go test -update writes them anew):\n%s", path, got)
	}
}

// causes are failures, each with what makes its text.
var causes = map[string]func(*testing.T) string{
	"address that is no host":    base(&net.DNSError{Name: "api.riga.example", IsNotFound: true}),
	"name server failing":        base(errName),
	"connection refused":         base(errRefused),
	"connection reset":           base(errReset),
	"no route":                   base(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}),
	"dial in vain":               base(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}),
	"no answer in time":          base(errTryTimeout),
	"caller's time is over":      base(context.DeadlineExceeded),
	"interrupted":                base(context.Canceled),
	"unknown":                    base(&url.Error{Op: "Get", URL: "http://s3cret@h", Err: errors.New("a\x1b[1m\nb")}),
	"not HTTP":                   base(errors.New(`connection broken: malformed HTTP response "SSH"`)),
	"client certificate refused": base(&net.OpError{Op: "remote error", Err: tls.AlertError(48)}),
	"handshake broken off":       base(&net.OpError{Op: "remote error", Err: tls.AlertError(40)}),
	"proxy not there":            base(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: errRefused}),
	"outcome unknown":            func(t *testing.T) string { return text(t, "POST", address, Config{}, errReset) },
	"outcome unknown, timeout":   func(t *testing.T) string { return text(t, "PATCH", address, Config{}, errTryTimeout) },
	"unknown authority":          func(t *testing.T) string { return overTLS(t, secure(t, nil), Config{}) },
	"client certificate required": func(t *testing.T) string {
		s := mutual(t)
		return overTLS(t, s, Config{TLS: TLSConfig{CAFile: caFile(t, s)}})
	},
	"expired certificate":         certified(time.Now().Add(-time.Hour), "localhost"),
	"certificate of another name": certified(time.Now().Add(time.Hour), "127.0.0.1"),
	"plain HTTP where TLS should be": func(t *testing.T) string {
		srv := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(srv.Close)
		return overTLS(t, srv, Config{})
	},
	"proxy wants credentials": proxied(http.StatusProxyAuthRequired),
	"proxy forbids":           proxied(http.StatusForbidden),

	"client secret refused": refused(401, `{"error":"invalid_client","error_description":"s3cret is\u001b wrong"}`),
	"client of no grant":    refused(400, `{"error":"unsupported_grant_type"}`),
	"token endpoint gone":   refused(404, `<html>`),
	"token endpoint moved":  refused(302, ``),
	"token of another type": refused(200, `{"access_token":"s3cret","token_type":"mac"}`),

	"config: proxy not a URL":   config(Config{ProxyURL: "http://u:s3cret"}),
	"config: proxy of no kind":  config(Config{ProxyURL: "ftp://s3cret@h"}),
	"config: no CA file":        config(Config{TLS: TLSConfig{CAFile: "none.pem"}}),
	"config: CA file empty":     config(Config{TLS: TLSConfig{CAFile: os.DevNull}}),
	"config: key without cert":  config(Config{TLS: TLSConfig{KeyFile: "key.pem"}}),
	"config: no cert file":      config(Config{TLS: TLSConfig{CertFile: "none.pem", KeyFile: "key.pem"}}),
	"config: cert file empty":   config(Config{TLS: TLSConfig{CertFile: os.DevNull, KeyFile: os.DevNull}}),
	"config: token empty":       tokens(StaticToken(" ")),
	"config: no token file":     tokens(FileToken("none")),
	"config: token file empty":  tokens(FileToken(os.DevNull)),
	"config: no workload token": tokens(&TokenExchange{TokenURL: address, SubjectTokenFile: "none"}),
	"config: token URL":         tokens(&ClientCredentials{TokenURL: ":", ID: "id", Secret: "s3cret"}),
}

// text is that of a GET (or what else) whose tries all fail with err; with nil, those of the network.
func text(t *testing.T, method, to string, cfg Config, cause error) string {
	t.Helper()
	cfg.Operator, cfg.MaxRetries = "riga", -1
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if cause != nil {
		c = newClient(cfg, fake(func(req *http.Request) (*http.Response, error) {
			sent(req)
			return nil, cause
		}))
	}
	req := request(t, method, "", "", "X-Request-Id", "r-1")
	u, err := url.Parse(to + "/v1/x?s3cret")
	if err != nil {
		t.Fatal(err)
	}
	req.URL = u
	_, _, err = do(c, req)
	if u.Port() == "" {
		return failed(t, err).Error()
	}
	return strings.ReplaceAll(failed(t, err).Error(), u.Host, "HOST:PORT")
}

func base(err error) func(*testing.T) string {
	return func(t *testing.T) string { return text(t, "GET", "http://u:s3cret@api.riga.example", Config{}, err) }
}

func tokens(s TokenSource) func(*testing.T) string {
	return func(t *testing.T) string { return text(t, "GET", address, Config{Tokens: s}, errReset) }
}

// refused has the token endpoint give an answer.
func refused(status int, body string) func(*testing.T) string {
	c := &http.Client{Transport: fake(func(*http.Request) (*http.Response, error) {
		resp := answer(status, "Location", "https://login.example/s3cret")
		resp.Body = io.NopCloser(strings.NewReader(body))
		return resp, nil
	})}
	at := "https://s3cret@id.example/token?s3cret"
	return tokens(&ClientCredentials{TokenURL: at, ID: "id", Secret: "s3cret", HTTP: c})
}

func config(cfg Config) func(*testing.T) string {
	return func(t *testing.T) string {
		cfg.Operator = "riga"
		_, err := New(cfg)
		return failed(t, err).Error()
	}
}

func secure(t *testing.T, cfg *tls.Config) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog, srv.TLS = silent, cfg
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func overTLS(t *testing.T, srv *httptest.Server, cfg Config) string {
	t.Helper()
	return text(t, "GET", "https://"+srv.Listener.Addr().String(), cfg, nil)
}

// certified asks a server with a certificate for localhost that ends at a time under a name.
func certified(end time.Time, name string) func(*testing.T) string {
	return func(t *testing.T) string {
		cert, key := issue(t, end)
		file := write(t, "CERTIFICATE", cert)
		pair, err := tls.LoadX509KeyPair(file, write(t, "PRIVATE KEY", key))
		if err != nil {
			t.Fatal(err)
		}
		srv := secure(t, &tls.Config{Certificates: []tls.Certificate{pair}})
		_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
		return text(t, "GET", fmt.Sprintf("https://%s:%s", name, port), Config{TLS: TLSConfig{CAFile: file}}, nil)
	}
}

func proxied(status int) func(*testing.T) string {
	return func(t *testing.T) string {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(proxy.Close)
		host := proxy.Listener.Addr().String()
		got := text(t, "GET", "https://api.riga.example", Config{ProxyURL: "http://u:s3cret@" + host}, nil)
		return strings.ReplaceAll(got, host, "PROXY")
	}
}
