package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const address = "http://api.riga.example"

// operator is an HTTP server without a network, so that it can live in a bubble of testing/synctest.
type operator struct {
	http.Handler
	conns chan net.Conn
	done  chan struct{}
	base  *http.Transport
}

// serve starts an operator; all of its hosts are this one.
func serve(t *testing.T, h http.HandlerFunc) *operator {
	t.Helper()
	o := &operator{conns: make(chan net.Conn), done: make(chan struct{})}
	base, err := newBase(Config{})
	if err != nil {
		t.Fatal(err)
	}
	o.base = base
	base.Proxy = nil
	base.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case o.conns <- theirs:
			return ours, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(o) }()
	t.Cleanup(func() {
		base.CloseIdleConnections()
		_ = srv.Close()
	})
	return o
}

func (o *operator) client(cfg Config) *http.Client {
	cfg.Operator = "riga"
	return newClient(cfg, o.base)
}

func (o *operator) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.done:
		return nil, net.ErrClosed
	}
}

func (o *operator) Close() error {
	close(o.done)
	return nil
}

func (o *operator) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// fake is a base that gives what a function says.
type fake func(*http.Request) (*http.Response, error)

func (f fake) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	return f(req)
}

// sent tells who listens that the request went out.
func sent(req *http.Request) { httptrace.ContextClientTrace(req.Context()).WroteHeaders() }

func answer(status int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("answer"))}
	for pair := range slices.Chunk(header, 2) {
		resp.Header.Set(pair[0], pair[1])
	}
	return resp
}

func request(t *testing.T, method, path, body string, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
	if body == "" {
		req, err = http.NewRequestWithContext(t.Context(), method, address+path, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	return req
}

// do sends a request and reads the answer to its end.
func do(c *http.Client, req *http.Request) (status int, body string, err error) {
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw), err
}

// failed gives the transport's error within err.
func failed(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an *Error", err)
	}
	return e
}

// counter counts from many goroutines.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (c *counter) get() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
