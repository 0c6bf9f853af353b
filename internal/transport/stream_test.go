package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowly gives its parts one after the other, with a pause before each.
type slowly struct {
	parts []string
	pause time.Duration
}

func (s *slowly) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	<-time.After(s.pause) // The bubble's.
	n := copy(p, s.parts[0])
	s.parts = s.parts[1:]
	return n, nil
}

// TestStreamTakesItsTime has caller and operator each take longer for their bytes than one request may.
func TestStreamTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				body, err := io.ReadAll(r.Body)
				if err != nil || string(body) != "onetwothree" || r.ContentLength != 11 {
					t.Errorf("it got %q (%v), said to be %d bytes", body, err, r.ContentLength)
				}
				return
			}
			for _, part := range []string{"one", "two", "three"} {
				_, _ = io.WriteString(w, part)
				_ = http.NewResponseController(w).Flush()
				<-time.After(20 * time.Second) // The bubble's.
			}
		})
		c := o.client(Config{})
		put, err := http.NewRequestWithContext(Streaming(t.Context(), 11), http.MethodPut, address+"/x",
			&slowly{[]string{"one", "two", "three"}, time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if status, _, err := do(c, put); status != http.StatusOK || err != nil {
			t.Errorf("sending came to %d, %v", status, err)
		}
		get := request(t, "GET", "/x", "")
		resp, err := c.Do(get.WithContext(Streaming(t.Context(), 0)))
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour) // Nor is it the operator's fault if nobody reads.
		got, err := io.ReadAll(resp.Body)
		if string(got) != "onetwothree" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		_ = resp.Body.Close()
	})
}

// TestStreamSilence gives an operator up that falls silent, before its answer and within it.
func TestStreamSilence(t *testing.T) {
	for _, path := range []string{"/", "/within"} {
		synctest.Test(t, func(t *testing.T) {
			o := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/within" {
					_, _ = io.WriteString(w, "one")
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			})
			start := time.Now()
			req := request(t, "GET", path, "")
			_, body, err := do(o.client(Config{MaxRetries: -1}), req.WithContext(Streaming(t.Context(), 0)))
			if e := failed(t, err); e.Kind != Timeout || time.Since(start) != defaultPerTryTimeout || path == "/within" && body != "one" {
				t.Errorf("%s: after %s: %q, %v", path, time.Since(start), body, err)
			}
		})
	}
}

// serial gives a fresh token whenever one is not accepted.
type serial struct{ refused atomic.Int64 }

func (s *serial) Token(context.Context) (string, error) {
	return fmt.Sprint("t", s.refused.Load()), nil
}
func (s *serial) Invalidate(string) { s.refused.Add(1) }

// TestStreamIsSentOnce has nothing of a stream's body sent again, whatever the answer is, and no other request wait for it.
func TestStreamIsSentOnce(t *testing.T) {
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusOK} {
		synctest.Test(t, func(t *testing.T) {
			var puts counter
			began, goOn := make(chan bool, 1), make(chan bool)
			c := newClient(Config{Limits: Limits{MaxParallel: 1}, Tokens: &serial{}}, fake(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPut {
					return answer(http.StatusOK), nil
				}
				puts.add()
				began <- true
				<-goOn
				_, err := io.ReadAll(r.Body)
				return answer(status), err
			}))
			body := strings.NewReader("bytes")
			put, err := http.NewRequestWithContext(Streaming(t.Context(), 5), http.MethodPut, address, io.NopCloser(body))
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan int)
			go func() {
				got, _, err := do(c, put)
				if err != nil {
					t.Error(err)
				}
				done <- got
			}()
			<-began
			if _, _, err := do(c, request(t, "GET", "/", "")); err != nil {
				t.Error(err)
			}
			close(goOn)
			if got := <-done; got != status || puts.get() != 1 {
				t.Errorf("sent %d times, with %d at last", puts.get(), got)
			}
		})
	}
}
