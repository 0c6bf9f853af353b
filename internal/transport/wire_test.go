package transport

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// hangUp breaks the connection instead of an answer.
func hangUp(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = c.Close()
	}
}

// TestAmbiguousPostIsSentOnce has a connection that was used before break under a POST with a key, which net/http on
// its own would send again.
func TestAmbiguousPostIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var posts counter
		o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				posts.add()
				if r.Header.Get("Idempotency-Key") != "k" {
					t.Error("the key did not arrive")
				}
				hangUp(w)
			}
		})
		c := o.client(Config{})
		if _, _, err := do(c, request(t, "GET", "/", "")); err != nil {
			t.Fatal(err)
		}
		_, _, err := do(c, request(t, "POST", "/v1/x", `{"name":"x"}`, "Idempotency-Key", "k"))
		if e := failed(t, err); e.Kind != UnknownOutcome || e.Attempts != 1 || posts.get() != 1 {
			t.Errorf("sent %d times: %v", posts.get(), err)
		}
	})
}

func TestBrokenReadIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries counter
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if tries.add() < 3 {
				hangUp(w)
			}
		})
		if status, _, err := do(o.client(Config{}), request(t, "GET", "/", "")); status != http.StatusOK || err != nil {
			t.Errorf("got %d, %v", status, err)
		}
	})
}

// TestTruncatedBody has an answer that breaks off explained where it is read.
func TestTruncatedBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "the first part")
			_ = http.NewResponseController(w).Flush()
			hangUp(w)
		})
		status, body, err := do(o.client(Config{}), request(t, "POST", "/", "{}"))
		if e := failed(t, err); status != http.StatusOK || body != "the first part" || e.Kind != Unreachable {
			t.Errorf("got %d %q %v", status, body, err)
		}
	})
}

// TestRedirect has no redirect followed but of a GET within the operator, and nothing of it told to anyone else.
func TestRedirect(t *testing.T) {
	for name, tc := range map[string]struct {
		method, target string
		status         int
		followed       bool
		text           string
	}{
		"same host":            {"GET", "/new", 302, true, ""},
		"same host, permanent": {"GET", address + "/new", 308, true, ""},
		"another host": {"GET", "http://user:pw@login.example/new?state=s", 302, false,
			"redirects to another address, http://login.example/new,"},
		"another port":        {"GET", address + ":8080/new", 307, false, "redirects to another address"},
		"another scheme":      {"GET", "https://api.riga.example/new", 301, false, "redirects to another address"},
		"a write":             {"POST", "/new", 307, false, "followed for GET alone"},
		"a write made a read": {"POST", "/new", 303, false, "followed for GET alone"},
		"for ever":            {"GET", "/old", 302, false, "again and again"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Host != "api.riga.example" {
						t.Errorf("%s was asked, Authorization %q", r.Host, r.Header.Get("Authorization"))
					}
					if r.Header.Get("Authorization") != "Bearer t0ken" {
						t.Error("the operator got no token")
					}
					if r.URL.Path == "/old" {
						w.Header().Set("Location", tc.target)
						w.WriteHeader(tc.status)
					}
				})
				c := o.client(Config{Tokens: StaticToken("t0ken")})
				req := request(t, tc.method, "/old", "")
				resp, err := c.Do(req)
				if resp != nil {
					_ = resp.Body.Close()
				}
				if tc.followed {
					if err != nil || resp.Request.URL.Path != "/new" || resp.Request.Header.Get("Authorization") != "" {
						t.Errorf("not followed, or with the token in the answer's request: %v", err)
					}
					return
				}
				e := failed(t, err)
				if e.Kind != NotAnAPI || !strings.Contains(e.Error(), tc.text) || strings.Contains(e.Error(), "state") {
					t.Errorf("error %v", e)
				}
			})
		})
	}
}

// TestLog has one line per try, of which every field is on a list.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries counter
		o := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Set-Cookie", "s3cret")
			if tries.add() == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_, _ = io.WriteString(w, "s3cret")
		})
		var out bytes.Buffer
		c := o.client(Config{Tokens: StaticToken("s3cret")})
		req := request(t, "PUT", "/v1/x?key=s3cret", "s3cret", "X-Request-Id", "r-1", "X-Key", "s3cret")
		if _, _, err := do(c, req.WithContext(tflogtest.RootLogger(t.Context(), &out))); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "s3cret") {
			t.Fatal("the log has a secret: ", out.String())
		}
		lines, err := tflogtest.MultilineJSONDecode(&out)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		want := map[string]any{"@level": "debug", "@module": "provider.transport", "method": "PUT", "path": "/v1/x",
			"status": 503.0, "attempt": 1.0, "request_id": "r-1", "outcome": "unavailable", "duration_ms": 0.0}
		for i, line := range lines {
			for field, value := range want {
				if line[field] != value {
					t.Errorf("line %d has %s %v, want %v", i, field, line[field], value)
				}
			}
			for field := range line {
				if _, ok := want[field]; !ok && field != "@message" && field != "@caller" && field != "@timestamp" {
					t.Errorf("line %d has a field %s", i, field)
				}
			}
			want["attempt"], want["status"], want["outcome"] = 2.0, 200.0, "answered"
		}
	})
}

// TestHTTP2 has the connection of an operator that speaks HTTP/2 speak it, and be used again.
func TestHTTP2(t *testing.T) {
	var addresses []string
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		addresses = append(addresses, r.RemoteAddr)
		w.Header().Set("Proto", r.Proto)
		w.Header().Set("Key", r.Header.Get("Idempotency-Key"))
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c, err := New(Config{Operator: "riga", TLS: TLSConfig{CAFile: caFile(t, srv)}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		req := request(t, "POST", "", "{}", "Idempotency-Key", "k")
		req.URL.Scheme, req.URL.Host = "https", srv.Listener.Addr().String()
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.Header.Get("Proto") != "HTTP/2.0" || resp.Header.Get("Key") != "k" {
			t.Errorf("got %v", resp.Header)
		}
	}
	if addresses[0] != addresses[1] {
		t.Error("the connection was not used again")
	}
}
