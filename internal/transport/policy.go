package transport

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	backoffBase = 200 * time.Millisecond
	backoffCap  = 10 * time.Second
	// maxRetryAfter bounds a pause that the operator asks for: a mistaken header must not stop a run for a day.
	maxRetryAfter = 2 * time.Minute
)

// class groups requests by what a second one would do.
type class int

const (
	// reads change nothing.
	reads class = iota
	// probes change nothing either, but are not worth a retry of a 500: nobody reads their answer's body.
	probes
	// repeatable requests change something, and twice is as good as once.
	repeatable
	// guarded requests have a key or a precondition by which the operator recognises a second one.
	guarded
	// bare requests have nothing of the kind.
	bare
)

// outcome is what came of one try; a bit, so that a set of them is a number.
type outcome int

const (
	// answered is every answer that is nobody's passing trouble.
	answered outcome = 0
	// hopeless is a failure that the next try would only repeat.
	hopeless outcome = 1 << iota
	// unsent is a failure before any of the request was sent.
	unsent
	// broken is a connection lost with the request already sent.
	broken
	// overdue is a request that was sent and got no answer in time.
	overdue
	tooManyRequests
	serverError
	badGateway
	unavailable
	gatewayTimeout
)

// retried has the outcomes after which a request of a class is sent again.
var retried = map[class]outcome{
	reads:      unsent | broken | overdue | tooManyRequests | badGateway | unavailable | gatewayTimeout | serverError,
	probes:     unsent | broken | overdue | tooManyRequests | badGateway | unavailable | gatewayTimeout,
	repeatable: unsent | broken | overdue | tooManyRequests | badGateway | unavailable | gatewayTimeout,
	guarded:    unsent | tooManyRequests | badGateway | unavailable | gatewayTimeout,
	bare:       unsent | tooManyRequests | unavailable,
}

// doubtful are the outcomes after which a request that changes something may have done so.
const doubtful = broken | overdue | badGateway | gatewayTimeout | serverError

// statuses has the outcomes of answers; all others are answered.
var statuses = map[int]outcome{
	http.StatusTooManyRequests:     tooManyRequests,
	http.StatusInternalServerError: serverError,
	http.StatusBadGateway:          badGateway,
	http.StatusServiceUnavailable:  unavailable,
	http.StatusGatewayTimeout:      gatewayTimeout,
}

// words name outcomes in the log.
var words = map[outcome]string{
	answered: "answered", hopeless: "hopeless", unsent: "not sent", broken: "broken", overdue: "overdue",
	tooManyRequests: "too many requests", serverError: "server error", badGateway: "bad gateway",
	unavailable: "unavailable", gatewayTimeout: "gateway timeout",
}

func classOf(req *http.Request) class {
	switch req.Method {
	case http.MethodGet, "":
		return reads
	case http.MethodHead, http.MethodOptions:
		return probes
	case http.MethodPut, http.MethodDelete:
		return repeatable
	case http.MethodPost:
		if req.Header.Get("Idempotency-Key") != "" {
			return guarded
		}
	case http.MethodPatch:
		if req.Header.Get("If-Match") != "" {
			return guarded
		}
	}
	return bare
}

func (c class) writes() bool { return c != reads && c != probes }

// retries reports whether the table has the outcome for the class.
func (c class) retries(o outcome) bool { return retried[c]&o != 0 }

// backoff is the delay before a retry, counted from 0: exponential with full jitter, so that requests that failed
// together do not come back together.
func backoff(retry int) time.Duration {
	limit := backoffCap
	if retry < 6 { // 0.2 s × 2⁶ is beyond the cap, and a shift must not overflow.
		limit = min(backoffBase<<retry, backoffCap)
	}
	return rand.N(limit) //nolint:gosec // Jitter need not be unpredictable.
}

// retryAfter is the pause that an answer asks for (RFC 9110, section 10.2.3); zero without one.
func retryAfter(resp *http.Response) time.Duration {
	v := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	// The operator's own clock made the date; where the answer tells that clock's time, ours need not be right.
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// longPoll is the time that a request asks the operator to wait before it answers (RFC 7240, section 4.3).
func longPoll(h http.Header) time.Duration {
	for _, line := range h.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
			seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 16)
			if strings.EqualFold(name, "wait") && err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return 0
}
