package desk

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("this user has no folder for caches")
	}
	for _, c := range []struct{ asked, dir, want string }{
		{"asked.json", "dir", "asked.json"},
		{"", "dir", filepath.Join("dir", "desk", "desks.json")},
		{"", "", filepath.Join(cache, "vdam-testbed", "desk", "desks.json")},
	} {
		t.Setenv("VDAM_TESTBED_DESK_FILE", c.asked)
		t.Setenv("VDAM_TESTBED_DIR", c.dir)
		if got, err := File(); err != nil || got != c.want {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "desks.json")
	const both = `{"rt": {"endpoint": "http://rt.test", "users": {"agent": {"token": "1-2-3", "password": "secret"}}}}`
	if err := os.WriteFile(file, []byte(both), 0o600); err != nil {
		t.Fatal(err)
	}
	desk, err := read(file, RT)
	if err != nil || desk.Endpoint != "http://rt.test" || desk.Users["agent"] != (User{"1-2-3", "secret"}) {
		t.Errorf("got %+v, %v", desk, err)
	}
	if _, err := read(file, Redmine); err == nil || err.Error() != file+" has no redmine" {
		t.Errorf("got %v of a desk that is not there", err)
	}
	if _, err := read(file+".gone", RT); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v of a file that is not there", err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(file, RT); err == nil || !strings.HasPrefix(err.Error(), file) {
		t.Errorf("got %v of half a file", err)
	}
}

func TestAnswers(t *testing.T) {
	status, asked := http.StatusOK, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path + " " + r.Header.Get("Authorization") + r.Header.Get("X-Redmine-API-Key")
		w.WriteHeader(status)
	}))
	desk := Desk{Endpoint: server.URL, Users: map[string]User{"terraform": {Token: "t"}}}
	for name, want := range map[string]string{RT: "/REST/2.0/rt token t", Redmine: "/users/current.json t"} {
		if err := desk.answers(t.Context(), name); err != nil || asked != want {
			t.Errorf("asked %q, got %v, want %q", asked, err, want)
		}
	}
	status = http.StatusUnauthorized
	refusal := "401 " + http.StatusText(status)
	if err := desk.answers(t.Context(), RT); err == nil || err.Error() != server.URL+"/REST/2.0/rt answers "+refusal {
		t.Errorf("got %v of a token that no longer counts", err)
	}
	if err := desk.answers(t.Context(), "pigeons"); err == nil {
		t.Error("a desk of which nobody has heard answers")
	}
	server.Close()
	if err := desk.answers(t.Context(), RT); err == nil {
		t.Error("a desk that is gone answers")
	}
}

// TestDesk is of the desks themselves: whoever runs them wants to know that each answers to everybody it knows.
func TestDesk(t *testing.T) {
	for _, name := range []string{RT, Redmine} {
		t.Run(name, func(t *testing.T) {
			desk := Require(t, name)
			for _, login := range []string{"terraform", "terraform2", "agent", "outsider"} {
				user := desk.Users[login]
				if user.Password == "" {
					t.Errorf("%s has no password", login)
				}
				as := Desk{Endpoint: desk.Endpoint, Users: map[string]User{"terraform": user}}
				if err := as.answers(t.Context(), name); err != nil {
					t.Errorf("%s: %v", login, err)
				}
			}
		})
	}
}
