package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryAfterPausesAll has one answer hold back another request of the client, as long as the answer says.
func TestRetryAfterPausesAll(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header func() []string
		want   time.Duration
	}{
		"429 with seconds": {429, func() []string { return []string{"Retry-After", "30"} }, 30 * time.Second},
		"503 with seconds": {503, func() []string { return []string{"Retry-After", " 7 "} }, 7 * time.Second},
		"503 with a date": {503, func() []string {
			return []string{"Retry-After", time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)}
		}, 20 * time.Second},
		"a date by a clock that is an hour slow": {429, func() []string {
			theirs := time.Now().Add(-time.Hour).UTC()
			return []string{"Retry-After", theirs.Add(40 * time.Second).Format(http.TimeFormat),
				"Date", theirs.Format(http.TimeFormat)}
		}, 40 * time.Second},
		"a date that is past": {429, func() []string {
			return []string{"Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"}
		}, 0},
		"a day is cut to two minutes": {429, func() []string { return []string{"Retry-After", "86400"} }, 2 * time.Minute},
		"no header":                   {429, func() []string { return nil }, 0},
		"not for other answers":       {502, func() []string { return []string{"Retry-After", "30"} }, 0},
		"nor for a conflict":          {409, func() []string { return []string{"Retry-After", "30"} }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tries counter
				start := time.Now()
				var second time.Duration
				c := newClient(Config{TotalTimeout: time.Hour}, fake(func(req *http.Request) (*http.Response, error) {
					switch {
					case req.URL.Path == "/second":
						second = time.Since(start)
					case tries.add() == 1:
						return answer(tc.status, tc.header()...), nil
					case tc.want > 0 && time.Since(start) < tc.want:
						t.Errorf("tried again after %s", time.Since(start))
					}
					return answer(http.StatusOK), nil
				}))
				var first sync.WaitGroup
				first.Go(func() { _, _, _ = do(c, request(t, "GET", "/first", "")) })
				synctest.Wait()
				if _, _, err := do(c, request(t, "GET", "/second", "")); err != nil {
					t.Fatal(err)
				}
				first.Wait()
				if second != tc.want {
					t.Errorf("the other request went out after %s, want %s", second, tc.want)
				}
			})
		})
	}
}

// TestPauseBeyondTotal takes the pauses that the operator orders, which are not the request's own time.
func TestPauseBeyondTotal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := newClient(Config{TotalTimeout: time.Minute}, fake(func(*http.Request) (*http.Response, error) {
			if asked++; asked <= 3 {
				return answer(http.StatusTooManyRequests, "Retry-After", "90"), nil
			}
			return answer(http.StatusOK), nil
		}))
		start := time.Now()
		if status, _, err := do(c, request(t, "GET", "/", "")); status != http.StatusOK || err != nil {
			t.Errorf("got %d, %v", status, err)
		}
		if took := time.Since(start); took < 270*time.Second || took > 280*time.Second {
			t.Errorf("three pauses of 90 s took %s", took)
		}
	})
}

// TestDoubtOutlivesRefusals has an order's first try end in doubt and all others refused.
func TestDoubtOutlivesRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := newClient(Config{}, fake(func(*http.Request) (*http.Response, error) {
			if asked++; asked == 1 {
				return answer(http.StatusGatewayTimeout), nil
			}
			return answer(http.StatusServiceUnavailable), nil
		}))
		_, _, err := do(c, request(t, "POST", "/", "{}", "Idempotency-Key", "k"))
		if e := failed(t, err); e.Kind != UnknownOutcome {
			t.Errorf("error %+v", e)
		}
	})
}

func TestPauseEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(Config{}, fake(func(*http.Request) (*http.Response, error) {
			return answer(http.StatusTooManyRequests, "Retry-After", "90"), nil
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := do(c, request(t, "GET", "/", "").WithContext(ctx))
		if e := failed(t, err); e.Kind != Timeout || !errors.Is(err, context.DeadlineExceeded) || e.Attempts != 1 {
			t.Errorf("error %+v", e)
		}
	})
}

// TestParallelLimit has no more requests in flight than allowed, where in flight is until the body has been read.
func TestParallelLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries counter
		c := newClient(Config{Limits: Limits{MaxParallel: 2}}, fake(func(*http.Request) (*http.Response, error) {
			tries.add()
			return answer(http.StatusOK), nil
		}))
		var open []io.ReadCloser
		for range 2 {
			resp, err := c.Do(request(t, "GET", "/", "")) //nolint:bodyclose // It is closed below; that it is open is the test.
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, resp.Body)
		}
		var third sync.WaitGroup
		third.Go(func() { _, _, _ = do(c, request(t, "GET", "/", "")) })
		synctest.Wait()
		if tries.get() != 2 {
			t.Fatalf("%d requests in flight, want 2", tries.get())
		}
		_, _ = io.ReadAll(open[0]) // Read to its end is enough.
		third.Wait()
		if tries.get() != 3 {
			t.Error("the third request was never sent")
		}
		for _, body := range open {
			_ = body.Close()
		}
		// Neither the end nor Close counted twice: two slots are free, no more and no less.
		if _, _, err := do(c, request(t, "GET", "/", "")); err != nil {
			t.Error(err)
		}
	})
}

// TestLongPoll has a request that waits at the operator take no slot, and be given its time.
func TestLongPoll(t *testing.T) {
	for _, header := range []string{"wait=60", `respond-async, Wait="60"`} {
		t.Run(header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := serve(t, func(_ http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Prefer") != "" {
						<-time.After(65 * time.Second) // The bubble's time.
					}
				})
				c := o.client(Config{
					Limits: Limits{MaxParallel: 1, PerTryTimeout: 10 * time.Second}, TotalTimeout: 20 * time.Second,
				})
				start := time.Now()
				var polls sync.WaitGroup
				for range 3 {
					polls.Go(func() {
						if status, _, err := do(c, request(t, "GET", "/poll", "", "Prefer", header)); status != 200 || err != nil {
							t.Errorf("long poll: %d, %v", status, err)
						}
					})
				}
				synctest.Wait()
				if _, _, err := do(c, request(t, "GET", "/", "")); err != nil || time.Since(start) > 0 {
					t.Errorf("the other request: %v after %s", err, time.Since(start))
				}
				polls.Wait()
				if took := time.Since(start); took != 65*time.Second {
					t.Errorf("the long polls took %s", took)
				}
			})
		})
	}
}

// TestTryTimeoutCoversBody has an answer whose body does not come end when the try's time is over.
func TestTryTimeoutCoversBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "the first part")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		c := o.client(Config{Limits: Limits{PerTryTimeout: 5 * time.Second, MaxParallel: 1}})
		start := time.Now()
		for range 2 { // The second shows that the slot of the first is free.
			status, body, err := do(c, request(t, "GET", "/v1/x", ""))
			if e := failed(t, err); status != 200 || e.Kind != Timeout || !strings.HasPrefix(body, "the first part") {
				t.Errorf("got %d %q %v", status, body, err)
			}
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("it took %s, want two tries of 5 s", took)
		}
	})
}

// TestCancelled has the caller's interruption told apart from an operator's fault, and a sent write stay in doubt.
func TestCancelled(t *testing.T) {
	for method, want := range map[string]Kind{"GET": Canceled, "POST": UnknownOutcome} {
		synctest.Test(t, func(t *testing.T) {
			o := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, _, err := do(o.client(Config{}), request(t, method, "/", "").WithContext(ctx))
			if e := failed(t, err); e.Kind != want || !errors.Is(err, context.Canceled) || e.Attempts != 1 {
				t.Errorf("%s: error %+v", method, e)
			}
		})
	}
}
