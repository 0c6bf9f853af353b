package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// drainLimit bounds what is read of an answer that is not wanted, to keep its connection: beyond it a new connection
// is cheaper.
const drainLimit = 64 << 10

// client is the stack of one operator, below net/http's own client.
type client struct {
	cfg  Config
	base http.RoundTripper
	gate *gate
}

// exchange is one logical request with all its tries.
type exchange struct {
	*client
	req   *http.Request
	class class
	wait  time.Duration
	// stream means that bytes may take as long as they do, once that the body cannot be sent a second time.
	stream, once bool

	tries    int
	started  time.Time
	replayed bool
	// ordered is how long the operator has told the request to pause, which its total time limit does not count.
	ordered time.Duration
	// doubt means that one of the tries may have done what the request asks for.
	doubt bool
}

// RoundTrip sends a request as often as the policy has it.
func (c *client) RoundTrip(req *http.Request) (*http.Response, error) {
	x, err := c.newExchange(req)
	if err != nil {
		return nil, err
	}
	resp, err := x.run(tflog.NewSubsystem(req.Context(), subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER")))
	if err != nil && x.once {
		_ = req.Body.Close() // Nobody may have come to it.
	}
	return resp, err
}

// CloseIdleConnections closes the kept connections, for [http.Client.CloseIdleConnections].
func (c *client) CloseIdleConnections() {
	(&http.Client{Transport: c.base}).CloseIdleConnections()
}

// newExchange takes the request over: a round tripper must not change the caller's, and must close its body.
func (c *client) newExchange(req *http.Request) (*exchange, error) {
	x := &exchange{client: c, req: req.Clone(req.Context()), class: classOf(req), wait: longPoll(req.Header)}
	if x.req.Header.Get("X-Request-Id") == "" {
		x.req.Header.Set("X-Request-Id", uuid.NewString())
	}
	if x.req.Header.Get("User-Agent") == "" && c.cfg.UserAgent != "" {
		x.req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	// Net/http sends a request with this header a second time on its own if a kept connection breaks, but only if it
	// finds it under its canonical name. When to send again is decided here alone; to the operator the case is nothing.
	if key := x.req.Header.Values("Idempotency-Key"); len(key) > 0 {
		x.req.Header.Del("Idempotency-Key")
		x.req.Header["idempotency-key"] = key
	}
	var length int64
	length, x.stream = req.Context().Value(streamKey{}).(int64)
	if req.Body == nil || req.Body == http.NoBody {
		return x, nil
	}
	if x.stream {
		x.once, x.req.ContentLength, x.req.GetBody = true, length, nil
		return x, nil
	}
	defer func() { _ = req.Body.Close() }() // Every try has a body of its own.
	if req.GetBody == nil {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, x.failure(err)
		}
		x.req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
		x.req.ContentLength = int64(len(raw))
	}
	return x, nil
}

// run tries until the policy is content, or until there is no time or no try left. Of an answer it returns the last.
func (x *exchange) run(ctx context.Context) (*http.Response, error) {
	for retry := 0; ; retry++ {
		resp, result, err := x.authorised(ctx)
		if x.class.writes() && result&doubtful != 0 {
			x.doubt = true
		}
		delay := backoff(retry)
		refused := result == tooManyRequests || result == unavailable
		if refused {
			ordered := retryAfter(resp)
			delay = max(delay, ordered)
			x.ordered += ordered
		}
		again := x.class.retries(result) && !x.once && retry < x.cfg.MaxRetries &&
			time.Since(x.started)+delay < x.cfg.TotalTimeout+x.wait+x.ordered
		switch {
		case !again && err != nil:
			return nil, x.failure(err)
		case !again && refused && x.doubt:
			discard(resp) // It says that it did nothing, but an earlier try may have.
			return nil, x.failure(fmt.Errorf("the last answer was %s", resp.Status))
		case !again:
			return resp, nil
		case resp != nil:
			discard(resp)
		}
		if err := sleep(ctx, delay); err != nil {
			return nil, x.failure(err)
		}
	}
}

// authorised tries with a token, and once in a request's life again with a fresh one if the first is not accepted.
func (x *exchange) authorised(ctx context.Context) (*http.Response, outcome, error) {
	if x.cfg.Tokens == nil {
		return x.try(ctx, "")
	}
	token, err := x.cfg.Tokens.Token(ctx)
	if err != nil {
		return nil, hopeless, err
	}
	resp, result, err := x.try(ctx, token)
	if err != nil || !x.refused(resp) || x.replayed {
		return resp, result, err
	}
	x.replayed = true
	x.cfg.Tokens.Invalidate(token)
	if x.once {
		return resp, result, nil
	}
	fresh, err := x.cfg.Tokens.Token(ctx)
	if err != nil {
		discard(resp)
		return nil, hopeless, err
	}
	if fresh == token {
		return resp, result, nil // The same again would get the same answer, which says why.
	}
	discard(resp)
	return x.try(ctx, fresh)
}

// refused reports whether an answer says that the token is not accepted.
func (x *exchange) refused(resp *http.Response) bool {
	s, ok := x.cfg.Tokens.(interface{ over(*http.Response) bool })
	return resp.StatusCode == http.StatusUnauthorized || ok && s.over(resp)
}

// discard reads an answer that is not wanted, so that its connection can be used again.
func discard(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit)
	_ = resp.Body.Close()
}
