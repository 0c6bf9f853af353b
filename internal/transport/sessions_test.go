package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// desk takes the sessions from one generation on, and sends who has none to its login page.
type desk struct {
	logins, carried counter
	accepts         int
	refuses         bool
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n int
	_, err := fmt.Sscanf(r.Header.Get("Cookie"), "SID=%d", &n)
	switch {
	case r.URL.Path == "/login":
		http.SetCookie(w, &http.Cookie{Name: "SID", Value: fmt.Sprint(d.logins.add())})
	case err != nil || n < d.accepts:
		http.Redirect(w, r, "/", http.StatusFound)
	default:
		d.carried.add()
	}
}

func (d *desk) client(t *testing.T) *http.Client {
	sessions := &Sessions{
		Over: func(resp *http.Response) bool { return resp.StatusCode == http.StatusFound },
		Login: func(ctx context.Context, c *http.Client) (string, time.Duration, bool, error) {
			if d.refuses {
				d.logins.add()
				return "", 0, true, &Error{Kind: Auth, Detail: "wrong password"}
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/login", nil)
			if err != nil {
				return "", 0, false, err
			}
			resp, err := c.Do(req)
			if err != nil {
				return "", 0, false, err
			}
			defer func() { _ = resp.Body.Close() }()
			return resp.Header.Get("Set-Cookie"), 0, false, nil
		},
	}
	return serve(t, d.ServeHTTP).client(Config{Tokens: sessions, TokenHeader: "Cookie"})
}

// A session that is over is no answer: a write is sent again with the next one, as nothing was done.
func TestSessionOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		c := d.client(t)
		if ok, errs := crowd(t, c, 10); ok != 10 || d.logins.get() != 1 {
			t.Fatalf("%d of 10 requests were carried out, after %d logins: %v", ok, d.logins.get(), errs)
		}
		d.accepts = 2
		if ok, errs := crowd(t, c, 10); ok != 10 || d.logins.get() != 2 || d.carried.get() != 20 {
			t.Errorf("after the session's end, %d of 10 requests were carried out, after %d logins: %v", ok, d.logins.get(), errs)
		}
	})
}

// Who is sent to the login page with a new session gets no third one.
func TestSessionNeverTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{accepts: 100}
		_, _, err := do(d.client(t), request(t, http.MethodPost, "/v1/x", "{}"))
		if e := failed(t, err); e.Kind != NotAnAPI || d.logins.get() != 2 {
			t.Errorf("after %d logins: %v", d.logins.get(), err)
		}
	})
}

func TestSessionRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{refuses: true}
		c := d.client(t)
		for range 3 {
			_, _, err := do(c, request(t, http.MethodGet, "/v1/x", ""))
			if e := failed(t, err); e.Kind != Auth || errors.Is(err, context.Canceled) {
				t.Errorf("the refusal of a password is %v", err)
			}
		}
		if d.logins.get() != 1 {
			t.Errorf("a password that was refused was tried %d times", d.logins.get())
		}
	})
}
