// Package tap is a forward proxy for tests: it stands between a client and a real API on this machine, counts what goes
// through, and loses answers when it is told to. Unlike a fake, it lets the API do what it was asked.
package tap

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Request is one that went through.
type Request struct {
	Method string
	// Address is host, path and query.
	Address string
	// Body is what was sent.
	Body   string
	Status int
}

// Tap is a forward proxy on loopback, for plain HTTP.
type Tap struct {
	server *httptest.Server
	client *http.Transport

	mu       sync.Mutex
	requests []Request
	lose     []func(method, path string) bool
	answers  []answer
}

// answer is one that the tap gives by itself.
type answer struct {
	match  func(method, path string) bool
	status int
	body   string
}

// Start starts a tap that ends with the test.
func Start(t testing.TB) *Tap {
	t.Helper()
	p := New()
	t.Cleanup(p.Close)
	return p
}

// New starts a tap that ends by Close.
func New() *Tap {
	p := &Tap{client: &http.Transport{MaxIdleConnsPerHost: 32}}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	return p
}

// Close ends the tap.
func (p *Tap) Close() {
	p.server.Close()
	p.client.CloseIdleConnections()
}

// URL is where the tap is, as a proxy.
func (p *Tap) URL() string { return p.server.URL }

// LoseAnswer lets the next request that matches through, and breaks the connection instead of answering.
func (p *Tap) LoseAnswer(match func(method, path string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = append(p.lose, match)
}

// Answer answers the next request that matches, without letting it through.
func (p *Tap) Answer(match func(method, path string) bool, status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = append(p.answers, answer{match, status, body})
}

// Requests are those that went through since the last Reset.
func (p *Tap) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// Reset forgets the requests so far.
func (p *Tap) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = nil
}

// On matches a method and the end of a path.
func On(method, end string) func(string, string) bool {
	return func(m, path string) bool { return m == method && strings.HasSuffix(path, end) }
}

func (p *Tap) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The client has gone.
	}
	lost, own := p.faults(r)
	record := Request{Method: r.Method, Address: r.URL.Host + r.URL.RequestURI(), Body: string(body)}
	if own != nil {
		record.Status = own.status
		p.note(record)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(own.status)
		_, _ = io.WriteString(w, own.body)
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI, out.Body = "", io.NopCloser(bytes.NewReader(body))
	out.ContentLength = int64(len(body))
	resp, err := p.client.RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	record.Status = resp.StatusCode
	p.note(record)
	if lost {
		_, _ = io.Copy(io.Discard, resp.Body)
		panic(http.ErrAbortHandler) // Breaks the connection.
	}
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body) // A client that has gone needs nothing.
}

func (p *Tap) note(r Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, r)
}

// faults are those that wait for a request like this one; they are used up.
func (p *Tap) faults(r *http.Request) (lost bool, own *answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, match := range p.lose {
		if match(r.Method, r.URL.Path) {
			p.lose = append(p.lose[:i], p.lose[i+1:]...)
			return true, nil
		}
	}
	for i, a := range p.answers {
		if a.match(r.Method, r.URL.Path) {
			p.answers = append(p.answers[:i], p.answers[i+1:]...)
			return false, &a
		}
	}
	return false, nil
}
