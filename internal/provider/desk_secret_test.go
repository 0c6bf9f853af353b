package provider_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestDeskCredentials has what the block and the environment say together of a desk's credentials, and whether that is
// accepted.
func TestDeskCredentials(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	endpoint, dir := env.Box.Endpoint("lvrtc"), t.TempDir()
	token := accessToken(t, endpoint)
	tokenFile := write(t, filepath.Join(dir, "token"), token+"\n")
	place := object{"kind": "selfservice", "endpoint": endpoint, "project": acctest.Project}
	ours := object{"client_id": sandbox.ClientID, "client_secret": sandbox.ClientSecret}
	for name, c := range map[string]struct {
		desk object
		env  map[string]string
		// refused is in the text; empty if the credentials are accepted.
		refused string
	}{
		"secret in the block": {more(place, ours), map[string]string{"CLIENT_SECRET": "wrong", "TOKEN": "wrong"}, ""},
		"token in the block": {more(place, object{"token": token}), map[string]string{"CLIENT_ID": "wrong", "CLIENT_SECRET": "wrong"},
			""},
		"token file in the block":       {more(place, object{"token_file": tokenFile}), map[string]string{"TOKEN": "wrong"}, ""},
		"wrong block, good environment": {more(place, object{"token": "wrong"}), map[string]string{"TOKEN": token}, "not accepted"},
		"all in the environment": {object{}, map[string]string{
			"KIND": "selfservice", "ENDPOINT": endpoint, "PROJECT": acctest.Project, "CLIENT_ID": sandbox.ClientID,
			"CLIENT_SECRET": sandbox.ClientSecret,
		}, ""},
		"token in the environment":      {place, map[string]string{"TOKEN": token}, ""},
		"token file in the environment": {place, map[string]string{"TOKEN_FILE": tokenFile}, ""},
		"the operator's in place of " +
			"these": {object{"operator": "lvrtc"}, map[string]string{"TOKEN": "wrong", "ENDPOINT": "http://a.example"}, ""},
		"another kind in the environment": {more(place, object{"kind": nil}), map[string]string{"KIND": "jira"}, `"jira"`},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, v := range c.env {
				t.Setenv("VDAM_DESK_HELP_DESK_"+variable, v)
			}
			b := more(block(env), object{"service_desks": object{"help-desk": c.desk}})
			p := start(t, b).plan(t, ticketType, state{}, ticket("Jauda", nil))
			switch said := show(p.diags); {
			case c.refused == "":
				clean(t, "the plan", p.diags)
			case !strings.Contains(said, c.refused):
				t.Errorf("it is said: %s", said)
			}
		})
	}
}

// TestDeskSecrets gives desks of all kinds secrets, and looks for these in what is said and logged when the desk takes
// them ill in several ways.
func TestDeskSecrets(t *testing.T) {
	for what, answer := range map[string]http.HandlerFunc{
		"refused":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "No.", http.StatusUnauthorized) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "No.", http.StatusForbidden) },
		"not found": http.NotFound,
		"web page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!doctype html><title>Sign in</title>")
		},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example/", http.StatusFound)
		},
		"other JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"message": "No."}`) },
		"a list":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[]`) },
	} {
		var mu sync.Mutex
		var seen []string
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, password, _ := r.BasicAuth()
			mu.Lock()
			seen = append(seen, string(body), password, r.URL.RawQuery)
			seen = append(seen, r.Header.Values("Authorization")...)
			seen = append(seen, r.Header.Values("X-Redmine-Api-Key")...)
			mu.Unlock()
			answer(w, r)
		}))
		server.Config.ErrorLog = discarded
		server.Start()
		t.Cleanup(server.Close)
		at := object{"endpoint": server.URL, "limits": object{"request_timeout_seconds": 1}}
		for kind, desk := range map[string]object{
			"rt with a token":      {"kind": "rt", "token": asciiSecret},
			"rt with a password":   {"kind": "rt", "username": "terraform", "password": asciiSecret},
			"redmine":              {"kind": "redmine", "project": "helpdesk", "token": asciiSecret},
			"tmf621 with a token":  {"kind": "tmf621", "token": asciiSecret},
			"tmf621 with a secret": {"kind": "tmf621", "client_id": "id", "client_secret": asciiSecret, "token_url": server.URL + "/token"},
			"selfservice":          {"kind": "selfservice", "project": "registry", "client_id": "id", "client_secret": asciiSecret},
		} {
			t.Run(what+"/"+kind, func(t *testing.T) {
				l := &logs{}
				tf := connect(t)
				tf.ctx = l.catch(tf.ctx)
				clean(t, "the configuration", tf.configure(t, object{"service_desks": object{"varam": more(at, desk)}}))
				said := show(tf.plan(t, ticketType, state{}, ticket("Jauda", nil)).diags)
				for where, text := range map[string]string{"the diagnostics": said, "the log": l.String()} {
					if strings.Contains(text, asciiSecret) {
						t.Errorf("the secret is in %s:\n%s", where, text)
					}
				}
			})
		}
		mu.Lock()
		if what != "not found" && !slices.ContainsFunc(seen, func(s string) bool { return strings.Contains(s, asciiSecret) }) {
			t.Errorf("%s: the server saw no secret, so nothing is shown: %q", what, seen)
		}
		mu.Unlock()
	}
}

// asciiSecret is a secret that a header can carry.
const asciiSecret = "s3cr3t-of-the-desk"

// TestDeskSecretsOfALife looks for secrets in the log and the states of what goes well.
func TestDeskSecretsOfALife(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	token := accessToken(t, env.Box.Endpoint("lvrtc"))
	for secret, desk := range map[string]object{
		token:                more(entry(env.Box.Endpoint("lvrtc")), object{"client_id": nil, "client_secret": nil, "token": token}),
		sandbox.ClientSecret: entry(env.Box.Endpoint("lvrtc")),
	} {
		l := &logs{}
		tf := connect(t)
		tf.ctx = l.catch(tf.ctx)
		clean(t, "the configuration", tf.configure(t, object{"service_desks": object{"lvrtc": more(desk, object{"kind": "selfservice"})}}))
		s := tf.create(t, ticketType, ticket("Jauda "+secret[:3], nil))
		id := text(s.value, "id")
		all := []string{s.value.String(), string(s.private)}
		for name, config := range map[string]object{
			"vdam_service_ticket_message":    {"ticket_id": id, "body": "Darīts."},
			"vdam_service_ticket_attachment": {"ticket_id": id, "filename": "a.txt", "content_base64": "YQ=="},
			"vdam_service_ticket_wait":       {"ticket_id": id, "for": "acknowledged"},
		} {
			made := tf.create(t, name, config)
			all = append(all, made.value.String(), string(made.private))
		}
		clean(t, "the destruction", tf.applied(t, ticketType, s, nil))
		for _, text := range append(all, l.String()) {
			if strings.Contains(text, secret) {
				t.Errorf("the secret is in:\n%s", text)
			}
		}
	}
}
