package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// issuer is a token endpoint and an API that accepts the tokens of one generation.
type issuer struct {
	mu       sync.Mutex
	asked    int // Of the token endpoint.
	answered int // Of the API, with 200.
	refused  int // Of the API, with 401.
	accepts  int // The oldest token that is accepted.
	takes    time.Duration
	expires  int
	fail     func(w http.ResponseWriter, r *http.Request, asked int) bool
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	<-time.After(i.takes)
	i.mu.Lock()
	defer i.mu.Unlock()
	if r.URL.Path == "/token" {
		i.asked++
		if i.fail == nil || !i.fail(w, r, i.asked) {
			_ = json.NewEncoder(w).Encode(map[string]any{
				"access_token": fmt.Sprint("t", i.asked), "token_type": "Bearer", "expires_in": i.expires,
			})
		}
		return
	}
	var n int
	if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer t%d", &n); err != nil || n < i.accepts {
		i.refused++
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	i.answered++
}

func (i *issuer) client(t *testing.T) *http.Client {
	return serve(t, i.ServeHTTP).client(Config{
		Tokens: &ClientCredentials{TokenURL: address + "/token", ID: "a b", Secret: "s3:cret"},
	})
}

// crowd sends requests at the same time and returns what became of them.
func crowd(t *testing.T, c *http.Client, n int) (oks int, errs []error) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			status, _, err := do(c, request(t, "POST", "/v1/x", "{}"))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else if status == http.StatusOK {
				oks++
			}
		})
	}
	all.Wait()
	return oks, errs
}

func TestOneRefreshForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second, expires: 3600, fail: func(_ http.ResponseWriter, r *http.Request, _ int) bool {
			id, secret, _ := r.BasicAuth()
			if id != "a+b" || secret != "s3%3Acret" || r.PostFormValue("grant_type") != "client_credentials" {
				t.Errorf("asked with %q %q %v", id, secret, r.PostForm)
			}
			return false
		}}
		if oks, errs := crowd(t, i.client(t), 20); oks != 20 || i.asked != 1 {
			t.Errorf("%d of 20 succeeded with %d refreshes: %v", oks, i.asked, errs)
		}
	})
}

// TestRefreshOutlivesItsCaller has the caller who came first give up, and the others get the token all the same.
func TestRefreshOutlivesItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second}
		c := i.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		req := request(t, "POST", "/v1/x", "").WithContext(ctx)
		var first sync.WaitGroup
		first.Go(func() {
			_, _, err := do(c, req)
			if e := failed(t, err); e.Kind != Canceled || e.Attempts != 0 {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		time.AfterFunc(500*time.Millisecond, cancel)
		if oks, errs := crowd(t, c, 3); oks != 3 || i.asked != 1 {
			t.Errorf("%d of 3 succeeded with %d refreshes: %v", oks, i.asked, errs)
		}
		first.Wait()
	})
}

// TestExpiry has tokens replaced a tenth of their life before its end, and 30 seconds at most.
func TestExpiry(t *testing.T) {
	for expires, lead := range map[int]time.Duration{100: 10 * time.Second, 3600: 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{expires: expires}
			c := i.client(t)
			start := time.Now()
			life := time.Duration(expires)*time.Second - lead
			for at, want := range []int{1, 1, 2} {
				<-time.After(time.Until(start.Add([]time.Duration{0, life - 1, life}[at])))
				if oks, errs := crowd(t, c, 1); oks != 1 || i.asked != want {
					t.Errorf("after %s: %d refreshes, want %d: %v", time.Since(start), i.asked, want, errs)
				}
			}
		})
	}
}

// TestEarlyRefreshMayFail has a token that still lives serve while the endpoint is away.
func TestEarlyRefreshMayFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{expires: 3600, fail: func(w http.ResponseWriter, _ *http.Request, asked int) bool {
			if asked > 1 {
				w.WriteHeader(http.StatusBadGateway)
			}
			return asked > 1
		}}
		c := i.client(t)
		crowd(t, c, 1)
		<-time.After(time.Hour - 20*time.Second)
		if oks, errs := crowd(t, c, 1); oks != 1 {
			t.Error(errs)
		}
		<-time.After(20 * time.Second)
		_, errs := crowd(t, c, 1)
		if e := failed(t, errors.Join(errs...)); e.Kind != Unreachable || !strings.Contains(e.Detail, "502 Bad Gateway") {
			t.Errorf("error %v", e)
		}
	})
}

// TestReplayAfter401 has all requests whose token was revoked sent once more, with one refresh between them.
func TestReplayAfter401(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{takes: time.Second, accepts: 2}
		if oks, errs := crowd(t, i.client(t), 10); oks != 10 || i.asked != 2 || i.refused != 10 {
			t.Errorf("%d of 10 succeeded, %d refused, %d refreshes: %v", oks, i.refused, i.asked, errs)
		}
	})
}

// Test401IsReplayedOnce has an operator that accepts no token: its own answer comes back.
func Test401IsReplayedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{accepts: 99}
		status, _, err := do(i.client(t), request(t, "POST", "/v1/x", "{}"))
		if status != http.StatusUnauthorized || err != nil || i.refused != 2 || i.asked != 2 {
			t.Errorf("got %d, %v after %d tries and %d refreshes", status, err, i.refused, i.asked)
		}
		static := serve(t, i.ServeHTTP).client(Config{Tokens: StaticToken("t1\n")})
		if status, _, err = do(static, request(t, "GET", "/v1/x", "")); status != http.StatusUnauthorized || i.refused != 3 {
			t.Errorf("static token: got %d, %v after %d tries", status, err, i.refused)
		}
	})
}
