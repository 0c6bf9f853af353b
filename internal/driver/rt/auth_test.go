package rt

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

func TestToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, []byte("1-29-abc\n"), 0o600))
	source := Token(transport.FileToken(file))
	token, err := source.Token(t.Context())
	must(t, err)
	wantEqual(t, "token", token, "token 1-29-abc")
	for secret, want := range map[string]owner{
		"1-29-abc": {id: "29"}, "1-29-a-b-c": {id: "29"}, "abc": {}, "1-x-abc": {}, "1--abc": {}, "": {},
	} {
		wantEqual(t, secret, authorisation{transport.StaticToken(secret)}.owner(t.Context()), want)
	}
	if _, err := Token(transport.StaticToken("")).Token(t.Context()); err == nil {
		t.Error("there is no token, and no error")
	}
	// A file that was written meanwhile is read again.
	must(t, os.WriteFile(file, []byte("1-29-new\n"), 0o600))
	source.Invalidate(token)
	token, err = source.Token(t.Context())
	must(t, err)
	wantEqual(t, "token", token, "token 1-29-new")
}

// door is RT's login page, and REST2 behind it for those with the last session.
type door struct {
	logins atomic.Int32
	page   http.HandlerFunc
}

func (d *door) guard(f *fakeRT) {
	inner := f.Config.Handler
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := fmt.Sprintf("RT_SID_desk.443=%d", d.logins.Load())
		switch {
		case r.URL.Path == "/NoAuth/Login.html":
			d.page(w, r)
		case r.Header.Get("Cookie") != session || d.logins.Load() == 0:
			toLogin(w, r)
		default:
			inner.ServeHTTP(w, r)
		}
	})
}

// let answers like RT: 200 and a session whether the password is right or not.
func (d *door) let(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Set-Cookie", "RT_SID_desk.443=0; path=/; HttpOnly")
	w.Header().Add("Set-Cookie", "other=1")
	if r.PostFormValue("user") == "terraform" && r.PostFormValue("pass") == "ž&=%" && r.Header.Get("Cookie") == "" {
		w.Header().Add("Set-Cookie", fmt.Sprintf("RT_SID_desk.443=%d; path=/; HttpOnly", d.logins.Add(1)))
	}
	_, _ = fmt.Fprint(w, "<html>")
}

func (f *fakeRT) bySession(password string) (servicedesk.Desk, error) {
	f.t.Helper()
	tokens := Session(f.URL+"/", "terraform", password)
	return Open(f.t.Context(), Options{Name: "rt", Endpoint: f.URL, HTTP: f.client(tokens, SessionHeader), Tokens: tokens})
}

func newDoor(t *testing.T) (*door, *fakeRT) {
	t.Helper()
	d, f := &door{}, newFake(t)
	d.page = d.let
	d.guard(f)
	f.on("GET /user/terraform", reply(200, `{"Name":"terraform"}`))
	f.on("GET /tickets", reply(200, emptyPage))
	return d, f
}

// TestSession: one login for all, and another one when RT leads to its login page, for a write as well.
func TestSession(t *testing.T) {
	gate, f := newDoor(t)
	d, err := f.bySession("ž&=%")
	must(t, err)
	wantEqual(t, "account", d.Describe().Account, "terraform")
	wantEqual(t, "logins", gate.logins.Load(), 1)
	gate.logins.Add(1) // RT has forgotten the first.
	f.on("POST /ticket", reply(201, `{"id":"91"}`))
	id, err := d.Create(t.Context(), newTicket())
	must(t, err)
	wantEqual(t, "id", id, "91")
	wantEqual(t, "logins", gate.logins.Load(), 3)
	f.one("POST /ticket")
}

func TestSessionRefused(t *testing.T) {
	_, f := newDoor(t)
	_, err := f.bySession("wrong")
	e := refusal(t, err, cloud.ErrUnauthenticated)
	if !strings.Contains(e.Text, "password") || strings.Contains(e.Text, "wrong") {
		t.Errorf("the text is %q", e.Text)
	}
}

func TestSessionElsewhere(t *testing.T) {
	for name, page := range map[string]http.HandlerFunc{
		"no cookie": reply(200, `<html>`), "no page": reply(404, ``, "Set-Cookie", "RT_SID_desk.443=1"),
		"no connection": broken,
	} {
		t.Run(name, func(t *testing.T) {
			gate, f := newDoor(t)
			gate.page = page
			_, err := f.bySession("ž&=%")
			wantError(t, err, cloud.ErrUnavailable)
		})
	}
	gate, f := newDoor(t)
	f.on("GET /rt", reply(500, ``))
	_, err := f.bySession("ž&=%")
	wantError(t, err, cloud.ErrUnavailable)
	wantEqual(t, "logins", gate.logins.Load(), 1)
	tokens := Session("http://\x7f", "a", "b")
	_, err = Open(t.Context(), Options{Name: "rt", Endpoint: f.URL, HTTP: f.client(tokens, SessionHeader), Tokens: tokens})
	if e := refusal(t, err, cloud.ErrInvalid); strings.Contains(e.Text, url.QueryEscape("\x7f")) {
		t.Errorf("the text is %q", e.Text)
	}
}

// TestNumericLogin: a name of digits would be another user's number in an address.
func TestNumericLogin(t *testing.T) {
	f := newFake(t)
	d := f.open()
	d.people.me = ""
	must(t, d.introduce(t.Context(), owner{name: "4711"}))
	me, err := d.ourselves(t.Context())
	must(t, err)
	wantEqual(t, "requester", me, "")
	d.people.addresses["4711"] = "x@agency.test"
	me, err = d.ourselves(t.Context())
	must(t, err)
	wantEqual(t, "requester", me, "x@agency.test")
	wantEqual(t, "requests", len(f.seen), 0)
}
