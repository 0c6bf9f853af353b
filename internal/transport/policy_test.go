package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	errName    = &net.DNSError{Err: "server misbehaving", Name: "api.riga.example", IsTemporary: true}
)

// troubles are what can come of a first try.
var troubles = map[string]fake{
	"refused": func(*http.Request) (*http.Response, error) { return nil, errRefused },
	"dns":     func(*http.Request) (*http.Response, error) { return nil, errName },
	"no such name": func(*http.Request) (*http.Response, error) {
		return nil, &net.DNSError{Name: "api.riga.example", IsNotFound: true}
	},
	"foreign certificate": func(*http.Request) (*http.Response, error) { return nil, x509.UnknownAuthorityError{} },
	"slow dial": func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	},
	"reset": func(req *http.Request) (*http.Response, error) { sent(req); return nil, errReset },
	"timeout": func(req *http.Request) (*http.Response, error) {
		sent(req)
		<-req.Context().Done()
		return nil, req.Context().Err()
	},
}

// TestRetryTable has for every sort of request the first tries after which there is a second.
func TestRetryTable(t *testing.T) {
	for _, status := range []int{200, 400, 401, 404, 408, 409, 412, 422, 429, 500, 501, 502, 503, 504} {
		troubles[fmt.Sprint(status)] = func(req *http.Request) (*http.Response, error) {
			sent(req)
			return answer(status), nil
		}
	}
	unsent := []string{"refused", "dns", "slow dial"}
	idempotent := slices.Concat(unsent, []string{"reset", "timeout", "429", "502", "503", "504"})
	guarded := slices.Concat(unsent, []string{"429", "502", "503", "504"})
	bare := slices.Concat(unsent, []string{"429", "503"})
	for _, tc := range []struct {
		method, path string
		header       []string
		retried      []string
	}{
		{"GET", "/v1/x", nil, append([]string{"500"}, idempotent...)},
		{"HEAD", "/v1/x", nil, idempotent},
		{"OPTIONS", "/v1/x", nil, idempotent},
		{"PUT", "/v1/x", nil, idempotent},
		{"DELETE", "/v1/x", nil, idempotent},
		{"POST", "/v1/x", []string{"Idempotency-Key", "k"}, guarded},
		{"PATCH", "/v1/x", []string{"If-Match", `"1"`}, guarded},
		{"POST", "/v1/x/1/claim", nil, bare},
		{"POST", "/v1/x", []string{"If-Match", `"1"`}, bare},
		{"PATCH", "/v1/x", []string{"Idempotency-Key", "k"}, bare},
	} {
		for trouble, first := range troubles {
			t.Run(fmt.Sprint(tc.method, tc.path, tc.header, trouble), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var tries counter
					c := newClient(Config{}, fake(func(req *http.Request) (*http.Response, error) {
						if tries.add() == 1 {
							return first(req)
						}
						return answer(http.StatusAccepted), nil
					}))
					status, _, err := do(c, request(t, tc.method, tc.path, "", tc.header...))
					if !slices.Contains(tc.retried, trouble) {
						if tries.get() != 1 {
							t.Fatalf("%d tries, want 1", tries.get())
						}
						if (trouble == "reset" || trouble == "timeout") && failed(t, err).Kind != UnknownOutcome {
							t.Errorf("error is %v, want an unknown outcome", err)
						} else if err == nil && fmt.Sprint(status) != trouble {
							t.Errorf("status %d, want the operator's own", status)
						}
						return
					}
					if err != nil || status != http.StatusAccepted || tries.get() != 2 {
						t.Errorf("%d, %v after %d tries; want the second to succeed", status, err, tries.get())
					}
				})
			})
		}
	}
}

// TestExhausted has the last answer returned as it is, after the tries and the time that the policy allows.
func TestExhausted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries counter
		var ids []string
		c := newClient(Config{Operator: "riga", UserAgent: "test/1"}, fake(func(req *http.Request) (*http.Response, error) {
			tries.add()
			ids = append(ids, req.Header.Get("X-Request-Id"))
			if req.UserAgent() != "test/1" {
				t.Errorf("User-Agent is %q", req.UserAgent())
			}
			return answer(http.StatusBadGateway), nil
		}))
		start := time.Now()
		status, body, err := do(c, request(t, "GET", "/v1/x", ""))
		if status != http.StatusBadGateway || body != "answer" || err != nil {
			t.Errorf("got %d %q %v, want the last answer", status, body, err)
		}
		if tries.get() != 9 {
			t.Errorf("%d tries, want 9", tries.get())
		}
		// 0.2 s doubled six times up to the cap of 10 s twice.
		if took := time.Since(start); took > 33*time.Second {
			t.Errorf("it took %s, beyond the backoff's bounds", took)
		}
		if slices.Sort(ids); len(slices.Compact(ids)) != 1 || len(ids[0]) != 36 {
			t.Errorf("request ids %q, want one UUID", ids)
		}
	})
}

func TestUnreachableAfterAllTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Config{Operator: "riga", MaxRetries: 2}, troubles["refused"])
		_, _, err := do(c, request(t, "POST", "/v1/x?secret=1", "{}", "Idempotency-Key", "k"))
		e := failed(t, err)
		if e.Kind != Unreachable || e.Attempts != 3 || e.URL != address+"/v1/x" || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("error %+v", e)
		}
	})
}

// TestDoubtStays has a write that failed without being sent at last, but was sent before.
func TestDoubtStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries counter
		c := newClient(Config{MaxRetries: 3}, fake(func(req *http.Request) (*http.Response, error) {
			if tries.add() == 1 {
				return troubles["reset"](req)
			}
			return nil, errRefused
		}))
		_, _, err := do(c, request(t, "DELETE", "/v1/x/1", ""))
		if e := failed(t, err); e.Kind != UnknownOutcome || tries.get() != 4 {
			t.Errorf("after %d tries: %v", tries.get(), e)
		}
	})
}

// TestBodyRewound has every try send the whole body, also one that can be read only once.
func TestBodyRewound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			raw := make([]byte, r.ContentLength)
			_, _ = r.Body.Read(raw)
			bodies = append(bodies, string(raw))
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		req := request(t, "PUT", "/v1/x", "")
		req.Body, req.ContentLength = io.NopCloser(io.LimitReader(strings.NewReader("answer"), 100)), -1
		if _, _, err := do(o.client(Config{MaxRetries: 2}), req); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(bodies, " "); got != "answer answer answer" {
			t.Errorf("bodies %q", got)
		}
	})
}

func TestBackoffHasFullJitter(t *testing.T) {
	for retry, limit := range map[int]time.Duration{
		0: 200 * time.Millisecond, 3: 1600 * time.Millisecond, 5: 6400 * time.Millisecond,
		6: 10 * time.Second, 99: 10 * time.Second,
	} {
		low, high := time.Hour, time.Duration(0)
		for range 2000 {
			d := backoff(retry)
			low, high = min(low, d), max(high, d)
		}
		if low > limit/10 || high < limit*9/10 || high >= limit {
			t.Errorf("retry %d: from %s to %s, want all of 0 to %s", retry, low, high, limit)
		}
	}
}
