package transport

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// subsystem is the name of the transport's log.
const subsystem = "transport"

// errTryTimeout is the end of a try's time, as told from the end of the caller's.
var errTryTimeout = errors.New("no answer in time")

// try sends the request once. The answer's body still belongs to the try: its time and its place in flight end with the body.
func (x *exchange) try(ctx context.Context, token string) (*http.Response, outcome, error) {
	kind := x.kind()
	number, err := x.gate.enter(ctx, kind, x.tries > 0)
	if err != nil {
		return nil, hopeless, err
	}
	tryCtx, cancel, silence := x.limited(ctx)
	// However the try ends, also when nobody closes the body.
	context.AfterFunc(tryCtx, func() { x.gate.leave(number, kind) })
	start := time.Now()
	if x.started.IsZero() {
		x.started = start // Waiting at the gate is no fault of the request.
	}
	x.tries++
	var sent atomic.Bool
	req, err := x.request(httptrace.WithClientTrace(tryCtx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	}), token)
	if err != nil {
		cancel()
		return nil, hopeless, err
	}
	if x.once {
		req.Body = sending{req.Body, silence}
	}
	// What an interrupted connection says depends on where it was interrupted; by whom is what counts.
	interrupted := func(err error) error {
		if tryCtx.Err() != nil {
			return cmp.Or(ctx.Err(), errTryTimeout)
		}
		return err
	}
	resp, err := x.base.RoundTrip(req)
	if err != nil {
		err = interrupted(err)
	}
	result := x.outcome(ctx, resp, err, sent.Load())
	x.log(ctx, resp, result, time.Since(start))
	if resp != nil {
		x.gate.learn(number, kind, lesson{resp.Header, result, retryAfter(resp)})
	}
	if err != nil {
		cancel()
		return nil, result, err
	}
	resp.Request = x.req // Not the one with the token in it.
	if silence != nil {
		silence.off()
		resp.Body = receiving{resp.Body, silence}
	}
	resp.Body = &body{ReadCloser: resp.Body, end: cancel, explain: func(err error) error {
		return x.explained(interrupted(err))
	}}
	return resp, result, nil
}

// limited bounds the time of one try: of all of it, or of the operator's silence in a stream.
func (x *exchange) limited(ctx context.Context) (context.Context, context.CancelFunc, *watch) {
	if x.stream {
		return watched(ctx, x.cfg.Limits.PerTryTimeout)
	}
	ctx, cancel := context.WithTimeout(ctx, x.cfg.Limits.PerTryTimeout+x.wait)
	return ctx, cancel, nil
}

// request makes the request of one try.
func (x *exchange) request(ctx context.Context, token string) (*http.Request, error) {
	req := x.req.Clone(ctx)
	switch {
	case token == "":
	case x.cfg.TokenHeader != "":
		req.Header.Set(x.cfg.TokenHeader, token)
	default:
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if req.GetBody != nil {
		var err error
		if req.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return req, nil
}

// outcome says what came of a try.
func (x *exchange) outcome(ctx context.Context, resp *http.Response, err error, sent bool) outcome {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return statuses[resp.StatusCode]
	case ctx.Err() != nil:
		// The caller gave up, which nothing can change; but a write that was sent may have been done.
		x.doubt = x.doubt || sent && x.class.writes()
		return hopeless
	case permanent(err):
		return hopeless
	case !sent:
		return unsent
	case errors.Is(err, errTryTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return overdue
	default:
		return broken
	}
}

// log writes one line per try. The fields are a fixed list: neither a header, a query nor a body gets into a log.
func (x *exchange) log(ctx context.Context, resp *http.Response, result outcome, took time.Duration) {
	status := 0
	if resp != nil {
		status = resp.StatusCode
	}
	tflog.SubsystemDebug(ctx, subsystem, "HTTP request", map[string]any{
		"method":      x.req.Method,
		"path":        x.req.URL.EscapedPath(),
		"status":      status,
		"duration_ms": took.Milliseconds(),
		"attempt":     x.tries,
		"request_id":  x.req.Header.Get("X-Request-Id"),
		"outcome":     words[result],
	})
}

// body ends its try when it has been read, fails or is closed.
type body struct {
	io.ReadCloser
	end     context.CancelFunc
	explain func(error) error
}

// Read reads of the body and explains why it breaks off.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.explain(err)
	}
	if err != nil {
		b.end()
	}
	return n, err
}

// Close closes the body.
func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.end()
	return err
}
