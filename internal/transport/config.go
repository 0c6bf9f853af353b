package transport

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultMaxParallel   = 32
	defaultPerTryTimeout = 30 * time.Second
	defaultTotalTimeout  = 2 * time.Minute
	defaultMaxRetries    = 8

	// maxLongPolls bounds the requests that wait at the operator; they cost next to nothing, but not nothing.
	maxLongPolls = 256

	connectTimeout = 10 * time.Second
	// idleTimeout is below what servers and load balancers commonly keep a connection for: a request that meets the
	// server's closing of an idle connection is one whose outcome is unknown.
	idleTimeout = 30 * time.Second
	// pingAfter is how long an HTTP/2 connection may be silent before it is tried whether it still lives.
	pingAfter = 15 * time.Second
)

// Config is what the client of one operator is made of. The zero value of every field but Operator is usable.
type Config struct {
	// Operator is its name in the configuration, for error texts, and Noun what it is: "operator" if empty.
	Operator, Noun string

	UserAgent string
	// ProxyURL is the proxy for everything; without it the environment decides (HTTPS_PROXY, NO_PROXY).
	ProxyURL string
	TLS      TLSConfig
	Limits   Limits
	// TotalTimeout bounds the time, from the first try, in which the next one may be planned; 2 minutes if zero. The
	// time that a long poll asks for is added.
	TotalTimeout time.Duration
	// MaxRetries bounds the tries after the first; 8 if zero, none if negative.
	MaxRetries int
	// Tokens gives the access tokens; without it requests are anonymous.
	Tokens TokenSource
	// TokenHeader carries the token as it is, as in X-Auth-Token; if empty, it is an RFC 6750 bearer token.
	TokenHeader string
}

// TLSConfig names PEM files, or has what would be in them; each may be empty.
type TLSConfig struct {
	// CA has the only authorities that are trusted; Cert and Key are the client certificate. All are PEM, and a file goes
	// before what is here.
	CA, Cert, Key string
	// ServerName is the name in the server's certificate, if that is another than the address has.
	ServerName string
	// CAFile has certificate authorities that are trusted besides those of the system.
	CAFile string
	// CertFile and KeyFile are the client certificate; the one needs the other.
	CertFile, KeyFile string
}

// Limits keeps one client from being too much for its operator.
type Limits struct {
	// MaxParallel bounds the requests in flight, long polls apart; 32 if zero. Refusals lower the bound for a while.
	MaxParallel int
	// PerTryTimeout bounds a try from its sending to the end of the answer's body; 30 seconds if zero.
	PerTryTimeout time.Duration
}

// told is an advice that speaks of what the client is of.
func (c Config) told(advice string) string {
	return strings.ReplaceAll(advice, "operator", cmp.Or(c.Noun, "operator"))
}

// New makes the client of an operator. Its errors are, as New's own, an [*Error]: with the client below the
// [*url.Error] that net/http wraps around every error, with an answer's body as they are.
func New(cfg Config) (*http.Client, error) {
	base, err := newBase(cfg)
	if err != nil {
		return nil, err
	}
	return newClient(cfg, base), nil
}

// newClient puts the stack on top of a base.
func newClient(cfg Config, base http.RoundTripper) *http.Client {
	cfg.Limits = cfg.Limits.orDefault()
	cfg.TotalTimeout = cmp.Or(cfg.TotalTimeout, defaultTotalTimeout)
	cfg.MaxRetries = cmp.Or(cfg.MaxRetries, defaultMaxRetries)
	if s, ok := cfg.Tokens.(interface{ bind(*http.Client) }); ok {
		s.bind(&http.Client{Transport: base})
	}
	c := &client{cfg: cfg, base: base, gate: newGate(cfg.Limits.MaxParallel)}
	return &http.Client{Transport: c, CheckRedirect: c.checkRedirect}
}

func (l Limits) orDefault() Limits {
	l.MaxParallel = cmp.Or(max(l.MaxParallel, 0), defaultMaxParallel)
	l.PerTryTimeout = cmp.Or(max(l.PerTryTimeout, 0), defaultPerTryTimeout)
	return l
}

// newBase makes what sends one request. It has no timeout for an answer: that of a try, which is longer for a long
// poll, covers it.
func newBase(cfg Config) (*http.Transport, error) {
	proxy, err := proxyOf(cfg)
	if err != nil {
		return nil, err
	}
	tlsConfig, err := cfg.TLS.load(cfg)
	if err != nil {
		return nil, err
	}
	parallel := cfg.Limits.orDefault().MaxParallel
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: connectTimeout, KeepAlive: pingAfter}).DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true, // A TLSClientConfig of one's own switches it off.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: connectTimeout},
		MaxIdleConns:           parallel,
		MaxIdleConnsPerHost:    parallel,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  time.Second,
	}, nil
}

// proxyOf chooses the proxy. The text does not repeat the URL, which may have a password anywhere if it is wrong.
func proxyOf(cfg Config) (func(*http.Request) (*url.URL, error), error) {
	if cfg.ProxyURL == "" {
		return http.ProxyFromEnvironment, nil
	}
	u, err := url.Parse(cfg.ProxyURL)
	if err != nil || u.Hostname() == "" {
		return nil, &Error{
			Kind: Misconfigured, Operator: cfg.Operator, Noun: cfg.Noun, Detail: "proxy_url is not a URL",
			Advice: "Write http://host:port, with user:password@ before the host if the proxy wants it.",
		}
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return http.ProxyURL(u), nil
	}
	return nil, &Error{
		Kind: Misconfigured, Operator: cfg.Operator, Noun: cfg.Noun, Detail: fmt.Sprintf("proxy_url has the scheme %q", u.Scheme),
		Advice: "Use a proxy with http, https or socks5.",
	}
}

// proxyRefusal is a proxy's answer to CONNECT other than 200.
type proxyRefusal struct {
	proxy  string
	status int
}

func (e *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy %s answered %d %s", e.proxy, e.status, http.StatusText(e.status))
}

func checkProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{proxy: shown(proxy), status: resp.StatusCode}
}
