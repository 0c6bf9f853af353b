package sandbox

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// operatorServer serves one operator's API.
type operatorServer struct {
	box      *Sandbox
	world    *world
	endpoint string
	tokens   *tokens
	limiter  *limiter
}

// handler is the API with everything around it, outermost first: request id and log, panics, rate limit, faults,
// tokens, and the contract.
func (s *operatorServer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /oauth/token", s.tokens)
	mux.HandleFunc("GET "+deskPath+"{id}", s.deskPage)
	middlewares := []api.MiddlewareFunc{s.validated}
	if s.box.options.ValidateResponses {
		middlewares = append(middlewares, s.verified)
	}
	api.HandlerWithOptions(s, api.StdHTTPServerOptions{
		BaseRouter: mux, Middlewares: middlewares,
		ErrorHandlerFunc: s.illParameter,
	})
	return s.logged(s.limited(s.faulty(s.authenticated(routed(mux)))))
}

// routed answers problems where the mux would answer plain text.
func routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path { // The mux would redirect.
			newProblem(http.StatusNotFound, "not-found", "There is nothing at %s.", r.URL.Path).write(w)
			return
		}
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			newProblem(http.StatusMethodNotAllowed, "unsupported", "%s is not possible here.", r.Method).write(w)
			return
		}
		newProblem(http.StatusNotFound, "not-found", "There is nothing at %s.", r.URL.Path).write(w)
	})
}

// authenticated asks for a token below /v1/projects, and finds out whose it is.
func (s *operatorServer) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		client, valid := s.tokens.client(token)
		if strings.HasPrefix(r.URL.Path, "/v1/projects") && (!strings.EqualFold(scheme, "Bearer") || !valid) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="vdam"`)
			newProblem(http.StatusUnauthorized, "unauthenticated", "There is no token, or it has expired.").write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(withClient(r.Context(), client)))
	})
}

// logged gives each request an id, keeps a record of it, and turns a panic into a 500.
func (s *operatorServer) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id := r.Header.Get("X-Request-Id")
		if uuid.Validate(id) != nil {
			id = uuid.NewString()
		}
		w.Header().Set("X-Request-Id", id)
		answer := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			failure := recover()
			if failure != nil && failure != http.ErrAbortHandler { //nolint:errorlint // It is compared as net/http does.
				s.box.logger.Error("panic", "operator", s.world.profile.Name, "path", r.URL.Path, "panic", fmt.Sprint(failure))
				newProblem(http.StatusInternalServerError, "internal", "The sandbox has a fault of its own.").write(answer)
			}
			s.box.record(Request{
				Operator: s.world.profile.Name, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
				Status: answer.status, ID: id, Duration: time.Since(started),
			})
			if failure == http.ErrAbortHandler { //nolint:errorlint // As above.
				panic(failure)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

// limited counts requests against the operator's rate, and tells clients where they stand.
func (s *operatorServer) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		left, ok := s.limiter.take()
		w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=1`, s.limiter.perSecond))
		w.Header().Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=1`, left))
		if !ok {
			w.Header().Set("Retry-After", strconv.Itoa(1))
			newProblem(http.StatusTooManyRequests, "rate-limited", "More than %d requests in a second.", s.limiter.perSecond).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// limiter counts the requests of the running second.
type limiter struct {
	perSecond int
	now       func() time.Time

	mu     sync.Mutex
	second int64
	used   int
}

func (l *limiter) take() (left int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if second := l.now().Unix(); second != l.second {
		l.second, l.used = second, 0
	}
	l.used++
	return max(l.perSecond-l.used, 0), l.used <= l.perSecond
}

// newestImages are the images of a name, or all, newest first.
func (p *profile) newestImages(name string) []api.Image {
	images := slices.DeleteFunc(slices.Clone(p.Images), func(im api.Image) bool { return name != "" && im.Name != name })
	slices.SortStableFunc(images, func(a, b api.Image) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return images
}
