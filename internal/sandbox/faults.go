package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// Fault is something that goes wrong on order. Zero values mean "any" in the part that selects requests, and "no" in
// the part that says what happens.
type Fault struct {
	// Operator, Method and Path (a regular expression on the URL's path) select requests.
	Operator string `json:"operator,omitempty"`
	Method   string `json:"method,omitempty"`
	Path     string `json:"path,omitempty"`
	// Nth is the first selected request that the fault concerns, counted from 1. Times is how many it concerns from
	// there, 0 for all.
	Nth   int `json:"nth,omitempty"`
	Times int `json:"times,omitempty"`

	// LatencyMS is how long the answer takes longer, before the request is carried out or, with After, afterwards.
	LatencyMS int `json:"latency_ms,omitempty"`
	// After carries the request out before anything goes wrong with its answer.
	After bool `json:"after,omitempty"`
	// Status answers with a problem, or Body if that is set, and Headers.
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	// Reset closes the connection without an answer.
	Reset bool `json:"reset,omitempty"`
	// Truncate cuts the real answer in the middle.
	Truncate bool `json:"truncate,omitempty"`
	// HTML answers with a web page instead, as a captive portal or a proxy does.
	HTML bool `json:"html,omitempty"`
	// Stuck lets what the request begins never end; Fail lets it end in failure, with this message.
	Stuck bool   `json:"stuck,omitempty"`
	Fail  string `json:"fail,omitempty"`
}

// faultList holds the faults on order.
type faultList struct {
	mu     sync.Mutex
	faults []*orderedFault
}

type orderedFault struct {
	Fault
	path *regexp.Regexp
	seen int
}

func (l *faultList) add(f Fault) error {
	path, err := regexp.Compile(f.Path)
	if err != nil {
		return fmt.Errorf("the fault's path is not a regular expression: %w", err)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("the fault's status %d is not one from 200 to 599", f.Status)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, &orderedFault{Fault: f, path: path})
	return nil
}

func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = nil
}

// next counts a request and returns the fault that concerns it, nil if none does.
func (l *faultList) next(operator, method, path string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	var hit *Fault
	for _, f := range l.faults {
		if f.Operator != "" && f.Operator != operator || f.Method != "" && f.Method != method || !f.path.MatchString(path) {
			continue
		}
		f.seen++
		nth := max(f.Nth, 1)
		if hit == nil && f.seen >= nth && (f.Times == 0 || f.seen < nth+f.Times) {
			hit = &f.Fault
		}
	}
	return hit
}

// faulty lets the faults happen that concern requests as such; what concerns transitions it leaves to the handlers.
func (s *operatorServer) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := s.box.faults.next(s.world.profile.Name, r.Method, r.URL.Path)
		if f == nil {
			next.ServeHTTP(w, r)
			return
		}
		latency := time.Duration(f.LatencyMS) * time.Millisecond
		r = r.WithContext(withFault(r.Context(), f))
		if !f.After && !pause(r, latency) {
			return
		}
		answered := f.Status != 0 || f.Reset || f.HTML
		if !answered && !f.Truncate && !f.After {
			next.ServeHTTP(w, r)
			return
		}
		carried := &recorder{header: w.Header().Clone(), status: http.StatusOK}
		if f.After || f.Truncate {
			next.ServeHTTP(carried, r)
		}
		switch {
		case f.After && !pause(r, latency):
		case answered || f.Truncate:
			f.answer(w, carried)
		default:
			carried.copyTo(w, carried.body.Len())
		}
	})
}

// answer replaces the real answer.
func (f *Fault) answer(w http.ResponseWriter, carried *recorder) {
	for name, text := range f.Headers {
		w.Header().Set(name, text)
	}
	switch {
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Truncate:
		carried.copyTo(w, carried.body.Len()/2)
		_ = http.NewResponseController(w).Flush() // Else the half would be lost with the connection.
		panic(http.ErrAbortHandler)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if f.Status != 0 {
			w.WriteHeader(f.Status)
		}
		_, _ = w.Write([]byte("<!doctype html><title>Sign in</title><p>Please sign in to use the network.</p>"))
	case f.Body != "":
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
	default:
		newProblem(f.Status, codeOf(f.Status), "A fault on order.").write(w)
	}
}

// codeOf is the contract's code that goes with a status.
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusUnauthorized:
		return "unauthenticated"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusNotFound:
		return "not-found"
	case http.StatusConflict:
		return "conflict"
	case http.StatusTooManyRequests:
		return "rate-limited"
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return "unavailable"
	}
	return "internal"
}

// pause waits, and reports whether the client is still there.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
