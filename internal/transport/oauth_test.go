package transport

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWrongSecretIsRemembered has a wrong secret tried once, whoever asks and whenever.
func TestWrongSecretIsRemembered(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusBadRequest} {
		synctest.Test(t, func(t *testing.T) {
			i := &issuer{takes: time.Second, fail: func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
				return true
			}}
			c := i.client(t)
			_, errs := crowd(t, c, 20)
			_, later := crowd(t, c, 5)
			if errs = append(errs, later...); len(errs) != 25 || i.asked != 1 || i.answered+i.refused != 0 {
				t.Fatalf("%d errors, %d refreshes", len(errs), i.asked)
			}
			ids := map[string]bool{}
			for _, err := range errs {
				e := failed(t, err)
				if ids[e.RequestID] = true; e.Kind != Auth || e.Operator != "riga" {
					t.Errorf("error %+v", e)
				}
			}
			if len(ids) != 25 {
				t.Errorf("%d request ids: the one refusal is not told for each request", len(ids))
			}
		})
	}
}

// TestTokenEndpointTrouble has passing trouble tried again, and not remembered if it stays.
func TestTokenEndpointTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		i := &issuer{fail: func(w http.ResponseWriter, _ *http.Request, asked int) bool {
			switch {
			case !down && asked%3 == 0:
				return false
			case asked%3 == 1:
				w.WriteHeader(http.StatusTooManyRequests)
			case asked%3 == 2:
				hangUp(w)
			default:
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return true
		}}
		c := i.client(t)
		if _, errs := crowd(t, c, 10); len(errs) != 10 || i.asked != maxTokenTries {
			t.Errorf("%d errors after %d tries", len(errs), i.asked)
		}
		down = false
		if oks, errs := crowd(t, c, 10); oks != 10 || i.asked != 6 {
			t.Errorf("%d succeeded after %d tries: %v", oks, i.asked, errs)
		}
	})
}

// TestTokenExchange has the file's token exchanged, and another one tried when the first was refused.
func TestTokenExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "token")
		put := func(subject string) {
			if err := os.WriteFile(file, []byte(subject+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		i := &issuer{fail: func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if got := r.PostFormValue("audience") + r.PostFormValue("client_id"); got != "vdamid" ||
				r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange" ||
				r.PostFormValue("subject_token_type") != "urn:ietf:params:oauth:token-type:jwt" {
				t.Errorf("asked with %v", r.PostForm)
			}
			if r.PostFormValue("subject_token") == "good" {
				return false
			}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"old-token is over"}`))
			return true
		}}
		c := serve(t, i.ServeHTTP).client(Config{Tokens: &TokenExchange{
			TokenURL: address + "/token", SubjectTokenFile: file, Audience: "vdam", ClientID: "id",
		}})
		put("old-token")
		_, errs := crowd(t, c, 5)
		if e := failed(t, errors.Join(errs...)); e.Kind != Auth || i.asked != 1 || strings.Contains(e.Error(), "old-token") {
			t.Errorf("after %d tries: %v", i.asked, e)
		}
		put("good")
		if oks, errs := crowd(t, c, 5); oks != 5 || i.asked != 2 {
			t.Errorf("%d succeeded after %d tries: %v", oks, i.asked, errs)
		}
	})
}

// TestFileToken has the file read again when it changes, and when its token is refused.
func TestFileToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "token")
		modified := time.Unix(1_000_000_000, 0)
		put := func(token string) {
			if err := errors.Join(os.WriteFile(file, []byte(token), 0o600), os.Chtimes(file, modified, modified)); err != nil {
				t.Fatal(err)
			}
		}
		i := &issuer{accepts: 2}
		c := serve(t, i.ServeHTTP).client(Config{Tokens: FileToken(file)})
		for n, tc := range []struct {
			token        string
			newer        bool
			oks, refused int
		}{
			{"t1", true, 0, 1},   // Refused, and the file has no other.
			{"t2\n", true, 1, 1}, // The file is newer.
			{"t3", false, 1, 1},  // It does not look newer, and t2 is still good.
			{"t3", false, 1, 2},  // T2 is refused by now, so that the file is read again.
		} {
			if tc.newer {
				modified = modified.Add(time.Second)
			}
			put(tc.token)
			if n == 3 {
				i.accepts = 3
			}
			if oks, errs := crowd(t, c, 1); oks != tc.oks || i.refused != tc.refused {
				t.Errorf("step %d: %d succeeded, %d refused: %v", n, oks, i.refused, errs)
			}
		}
	})
}
