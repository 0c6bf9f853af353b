package lifecycle_test

import (
	"bytes"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// hook answers a request in the place of the operator, or has the operator answer it.
type hook func(w http.ResponseWriter, r *http.Request, operator http.Handler)

// front stands before an operator as a gateway does, and spoils what the sandbox cannot: connections and bodies.
type front struct {
	*httptest.Server
	behind string
	// opened counts the connections that were made to it, also those that came to nothing.
	opened atomic.Int64
}

// newFront starts a front that is to be configured in the operator's place; the operator document says so too.
func newFront(t *testing.T, env *acctest.Env, start func(*httptest.Server), answer hook) *front {
	t.Helper()
	f := &front{behind: env.Box.Endpoint(env.Operators()[0])}
	to, err := url.Parse(f.behind)
	if err != nil {
		t.Fatal(err)
	}
	silent := log.New(io.Discard, "", 0)
	operator := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: f.announce, ErrorLog: silent,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, operator) }))
	f.Config.ErrorLog = silent
	f.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			f.opened.Add(1)
		}
	}
	start(f.Server)
	t.Cleanup(f.Close)
	return f
}

// announce has the operator document name the front's token endpoint.
func (f *front) announce(resp *http.Response) error {
	if resp.Request.URL.Path != "/v1/operator" {
		return nil
	}
	raw, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	raw = bytes.ReplaceAll(raw, []byte(f.behind), []byte(f.URL))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp.Header.Del("Content-Length")
	return err
}

// config is a configuration with the front in the operator's place, and more in the operator's entry.
func (f *front) config(cfg, more string) string {
	return strings.Replace(cfg, `"`+f.behind+`"`, `"`+f.URL+`"`+more, 1)
}

// impatient is more in an operator's entry: no request may take longer than a second.
const impatient = `, limits = { request_timeout_seconds = 1 }`

// spoiler spoils the next request of a method about volumes; of reads, the next of a single one.
type spoiler struct {
	mu   sync.Mutex
	next map[string]hook
}

func (s *spoiler) spoil(method string, how hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = map[string]hook{}
	}
	s.next[method] = how
}

func (s *spoiler) answer(w http.ResponseWriter, r *http.Request, operator http.Handler) {
	_, id, volumes := strings.Cut(r.URL.Path, "/storage-volumes")
	if !volumes || strings.HasSuffix(id, "/claim") || r.Method == http.MethodGet && id == "" {
		operator.ServeHTTP(w, r)
		return
	}
	s.mu.Lock()
	how := s.next[r.Method]
	delete(s.next, r.Method)
	s.mu.Unlock()
	if how == nil {
		operator.ServeHTTP(w, r)
		return
	}
	how(w, r, operator)
}

// unspoilt are the methods that were to be spoilt, and were not asked for.
func (s *spoiler) unspoilt() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var methods []string
	for method := range maps.Keys(s.next) {
		methods = append(methods, method)
	}
	return methods
}

// carriedOut has the operator carry a request out, and keeps its answer.
func carriedOut(r *http.Request, operator http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	operator.ServeHTTP(answer, r)
	return answer
}

// halfOf sends half of an answer, as if it were the length that its head says.
func halfOf(w http.ResponseWriter, answer *httptest.ResponseRecorder, length string) {
	maps.Copy(w.Header(), answer.Header())
	if w.Header().Del("Content-Length"); length != "" {
		w.Header().Set("Content-Length", length)
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2]) // The client may be gone.
	_ = http.NewResponseController(w).Flush()
}

// reset ends a connection by a TCP reset instead of an answer, as a crashed balancer does.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.(*net.TCPConn).SetLinger(0) // What is lost with it is the aim.
		_ = conn.Close()
	}
}

// page answers as a proxy does that wants somebody to sign in: with 200, and a secret of its own.
func page(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title><p>session="+planted) // The client may be gone.
}

// planted is in what foreign servers answer, and must be in nothing that the user sees.
const planted = "pl4nted-s3ss10n"

// stall answers nothing until the client gives up.
func stall(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // Only then does the server notice that the client is gone.
	<-r.Context().Done()
}
