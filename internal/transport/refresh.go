package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// maxLead and its tenth of the lifetime are how long before its end a token is replaced.
	maxLead = 30 * time.Second
	// refreshTimeout bounds a refresh with all its tries.
	refreshTimeout = time.Minute
)

// grant is a token with its lifetime.
type grant struct {
	token string
	// renew and expiry are zero if the token endpoint did not say how long the token lives.
	renew, expiry time.Time
}

// grantFor starts the lifetime before the request for the token, so that it never ends too late. Times are compared
// by the monotonic clock, which nobody sets.
func grantFor(token string, asked time.Time, lifetime time.Duration) grant {
	if lifetime <= 0 {
		return grant{token: token}
	}
	return grant{token: token, expiry: asked.Add(lifetime), renew: asked.Add(lifetime - min(lifetime/10, maxLead))}
}

// flight is a refresh that is under way.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

// refresher keeps a token fresh, with one refresh at a time for all who need it.
type refresher struct {
	mu      sync.Mutex
	bound   *http.Client
	current grant
	flight  *flight
	// refused is what the token endpoint said of a credential that it will never accept.
	refused    error
	credential string
}

// bind sets the client to ask with where the configuration names none.
func (r *refresher) bind(c *http.Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bound = c
}

// Invalidate drops the token, unless it has been replaced already.
func (r *refresher) Invalidate(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current.token == token {
		r.current = grant{}
	}
}

// get returns the present token, or that of a refresh with the credential; for a credential that was refused, it is
// the refusal.
func (r *refresher) get(ctx context.Context, credential string, refresh refreshFunc) (string, error) {
	r.mu.Lock()
	now := time.Now()
	if r.current.token != "" && (r.current.renew.IsZero() || now.Before(r.current.renew)) {
		defer r.mu.Unlock()
		return r.current.token, nil
	}
	if r.refused != nil && r.credential == credential {
		defer r.mu.Unlock()
		return "", r.refused
	}
	f := r.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		r.flight = f
		// The refresh is for all who wait: it outlives the one who came first.
		go r.fly(context.WithoutCancel(ctx), f, credential, refresh)
	}
	r.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Ask gets a token of an identity service and how long it lives, zero if that is not said. Refused means that the same
// credentials will never get one.
type Ask func(ctx context.Context) (token string, lifetime time.Duration, refused bool, err error)

// Refreshed is a source of tokens that live for a while and are asked for by one request at a time.
func Refreshed(ask Ask) TokenSource { return &refreshed{ask: ask} }

type refreshed struct {
	ask Ask

	refresher
}

// Token returns the present token, or a new one.
func (s *refreshed) Token(ctx context.Context) (string, error) {
	return s.get(ctx, "", func(ctx context.Context, _ *http.Client, _ string) (grant, bool, error) {
		asked := time.Now()
		token, lifetime, refused, err := s.ask(ctx)
		return grantFor(token, asked, lifetime), refused, err
	})
}

// Sessions logs in for what an API takes as a token that is no token: the cookie of a session, for instance.
type Sessions struct {
	// Login is an Ask over the connection of the client that uses the sessions.
	Login func(ctx context.Context, c *http.Client) (session string, lifetime time.Duration, refused bool, err error)
	// Over reports whether an answer says that the session is over; one with status 401 always does.
	Over func(*http.Response) bool

	refresher
}

// Token returns the present session, or a new one.
func (s *Sessions) Token(ctx context.Context) (string, error) {
	return s.get(ctx, "", func(ctx context.Context, c *http.Client, _ string) (grant, bool, error) {
		asked := time.Now()
		session, lifetime, refused, err := s.Login(ctx, c)
		return grantFor(session, asked, lifetime), refused, err
	})
}

// over tells an answer to somebody unknown.
func (s *Sessions) over(resp *http.Response) bool { return s.Over != nil && s.Over(resp) }

// refreshFunc asks for a token. Refused means that the same credential will never get one.
type refreshFunc func(ctx context.Context, c *http.Client, credential string) (g grant, refused bool, err error)

func (r *refresher) fly(ctx context.Context, f *flight, credential string, refresh refreshFunc) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	r.mu.Lock()
	c := r.bound
	r.mu.Unlock()
	g, refused, err := refresh(ctx, c, credential)

	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.current, f.token = g, g.token
		r.refused, r.credential = nil, ""
	case refused:
		r.refused, r.credential, f.err = err, credential, err
	case time.Now().Before(r.current.expiry):
		f.token = r.current.token // It was to be replaced early, and can serve until the endpoint is back.
	default:
		f.err = err
	}
	r.flight = nil
	close(f.done)
}
