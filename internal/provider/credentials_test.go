package provider_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// accessToken gets a token as something else than the provider would.
func accessToken(t *testing.T, endpoint string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/oauth/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(sandbox.ClientID, sandbox.ClientSecret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.AccessToken
}

func write(t *testing.T, file, content string) string {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCredentials has what a configuration and the environment say together, and whether that is accepted.
func TestCredentials(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	endpoint, dir := env.Box.Endpoint("lvrtc"), t.TempDir()
	token := accessToken(t, endpoint)
	tokenFile := write(t, filepath.Join(dir, "token"), token+"\n")
	workload := write(t, filepath.Join(dir, "workload"), sandbox.WorkloadToken+"\n")
	wrong := write(t, filepath.Join(dir, "wrong"), "wrong")
	ours := object{"client_id": sandbox.ClientID, "client_secret": sandbox.ClientSecret}
	for name, c := range map[string]struct {
		block object
		env   map[string]string
		// refused is in the text; empty if the credentials are accepted.
		refused string
	}{
		"block":                          {block: ours},
		"block before the environment":   {ours, map[string]string{"CLIENT_ID": "wrong", "CLIENT_SECRET": "wrong"}, ""},
		"wrong block, good environment":  {object{"token": "wrong"}, map[string]string{"TOKEN": token}, "not accepted"},
		"environment":                    {nil, map[string]string{"CLIENT_ID": sandbox.ClientID, "CLIENT_SECRET": sandbox.ClientSecret}, ""},
		"wrong environment":              {nil, map[string]string{"CLIENT_ID": sandbox.ClientID, "CLIENT_SECRET": "wrong"}, "not accepted"},
		"secret from the environment":    {object{"client_id": sandbox.ClientID}, map[string]string{"CLIENT_SECRET": sandbox.ClientSecret}, ""},
		"id from the environment":        {object{"client_secret": sandbox.ClientSecret}, map[string]string{"CLIENT_ID": sandbox.ClientID}, ""},
		"token":                          {object{"token": token}, map[string]string{"CLIENT_ID": "wrong", "CLIENT_SECRET": "wrong"}, ""},
		"token from the environment":     {nil, map[string]string{"TOKEN": token, "TOKEN_FILE": wrong}, ""},
		"token file":                     {object{"token_file": tokenFile}, map[string]string{"TOKEN": "wrong"}, ""},
		"token file, environment":        {nil, map[string]string{"TOKEN_FILE": tokenFile, "CLIENT_ID": "wrong", "CLIENT_SECRET": "wrong"}, ""},
		"workload identity":              {object{"workload_identity": object{"token_file": workload}}, map[string]string{"TOKEN": "wrong"}, ""},
		"workload identity, environment": {nil, map[string]string{"WORKLOAD_TOKEN_FILE": workload}, ""},
		"audience, file from the environment": {
			object{"workload_identity": object{"audience": "vdam"}}, map[string]string{"WORKLOAD_TOKEN_FILE": workload}, ""},
		"wrong workload identity":          {object{"workload_identity": object{"token_file": wrong}}, nil, "invalid_grant"},
		"CA file from the environment":     {ours, map[string]string{"CA_FILE": wrong}, "tls.ca_file"},
		"certificate from the environment": {ours, map[string]string{"CERTIFICATE_FILE": wrong, "KEY_FILE": wrong}, "tls.certificate_file"},
		"project from the environment":     {object{"project": nil, "token": token}, map[string]string{"PROJECT": "no-such"}, `"no-such"`},
		"project before the environment":   {ours, map[string]string{"PROJECT": "no-such"}, ""},
		"endpoint before the environment":  {ours, map[string]string{"ENDPOINT": "http://cloud.example"}, ""},
		"endpoint from the environment":    {object{"endpoint": nil}, map[string]string{"ENDPOINT": "http://a.example"}, "a.example"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, v := range c.env {
				t.Setenv("VDAM_LVRTC_"+variable, v)
			}
			lvrtc := object{"endpoint": endpoint, "project": acctest.Project}
			for k, v := range c.block {
				lvrtc[k] = v
			}
			p := start(t, object{"operators": object{"lvrtc": lvrtc}}).plan(t, "vdam_network", state{},
				object{"operator": "lvrtc", "name": "front", "cidr": "10.20.0.0/24"})
			switch said := show(p.diags); {
			case c.refused == "":
				clean(t, "the plan", p.diags)
			case !strings.Contains(said, c.refused):
				t.Errorf("it is said: %s", said)
			}
		})
	}
}

// TestTheEnvironmentAlone has nothing in the provider block but the operator's name, which has a hyphen.
func TestTheEnvironmentAlone(t *testing.T) {
	env := acctest.Start(t, "iem-ic")
	for k, v := range map[string]string{
		"VDAM_IEM_IC_PROJECT": acctest.Project, "VDAM_IEM_IC_CLIENT_ID": sandbox.ClientID,
		"VDAM_IEM_IC_CLIENT_SECRET": sandbox.ClientSecret, "VDAM_DIRECTORY": env.Box.DirectoryURL(),
		"VDAM_DEFAULT_OPERATOR": "iem-ic", "VDAM_DEPLOYMENT_ID": "from the environment",
	} {
		t.Setenv(k, v)
	}
	s := start(t, object{"operators": object{"iem-ic": object{}}}).create(t, "vdam_network", minimal["vdam_network"])
	if got := text(s.value, "operator"); got != "iem-ic" {
		t.Errorf("the operator is %q", got)
	}
	made := string(env.Objects(t, "iem-ic")["networks/front"].Body)
	if !strings.Contains(made, `"from the environment"`) {
		t.Errorf("the deployment is not in %s", made)
	}
	t.Setenv("VDAM_DEPLOYMENT_ID", "another")
	t.Setenv("VDAM_DEFAULT_OPERATOR", "nowhere")
	golden(t, "diagnostics/default_operator", show(connect(t).configure(t, object{"operators": object{"iem-ic": object{}}})))
}

// TestTokenFileChanges lets a token expire while the provider runs, and puts another into its file.
func TestTokenFileChanges(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	endpoint := env.Box.Endpoint("lvrtc")
	file := write(t, filepath.Join(t.TempDir(), "token"), accessToken(t, endpoint))
	b := with(block(env), object{"client_id": nil, "client_secret": nil, "token_file": file})
	tf := start(t, b)
	s := tf.create(t, "vdam_network", minimal["vdam_network"])
	env.Box.MoveClock(20 * time.Minute)
	_, diags := tf.read(t, "vdam_network", s)
	golden(t, "refusals/token_expired", show(diags))
	write(t, file, accessToken(t, endpoint))
	s, diags = tf.read(t, "vdam_network", s)
	clean(t, "reading with the new token", diags)
	kept(t, s, true)
}

// TestClientCredentialsExpire lets tokens expire that the provider gets itself: nobody notices.
func TestClientCredentialsExpire(t *testing.T) {
	env := acctest.Start(t, "lvrtc")
	file := write(t, filepath.Join(t.TempDir(), "workload"), sandbox.WorkloadToken)
	for name, more := range map[string]object{
		"secret":   {},
		"workload": {"client_id": nil, "client_secret": nil, "workload_identity": object{"token_file": file}},
	} {
		t.Run(name, func(t *testing.T) {
			tf := start(t, with(block(env), more))
			s := tf.create(t, "vdam_security_group", object{"name": name})
			env.Box.MoveClock(20 * time.Minute)
			_, diags := tf.read(t, "vdam_security_group", s)
			clean(t, "reading after the token's end", diags)
		})
	}
}

// TestTwoProviders runs two instances with blocks of their own at the same time.
func TestTwoProviders(t *testing.T) {
	env := acctest.Start(t, "lvrtc", "iem-ic")
	names := env.Operators()
	var applying sync.WaitGroup
	for i, name := range names {
		tf := start(t, object{
			"operators": object{name: entry(env.Box.Endpoint(name))}, "default_operator": name, "deployment_id": name,
			"default_labels": object{"at": name},
		})
		applying.Go(func() {
			p := tf.plan(t, "vdam_network", state{}, minimal["vdam_network"])
			s, diags := tf.apply(t, "vdam_network", state{}, p, minimal["vdam_network"])
			if len(diags) > 0 || text(fields(s.value)["effective_labels"], "at") != name {
				t.Errorf("%s: %s\n%s", name, s.value, show(diags))
			}
			other := set(minimal["vdam_network"], "operator", names[1-i])
			if diags := tf.plan(t, "vdam_network", state{}, other).diags; !hasError(diags) {
				t.Errorf("%s can be used by the provider of %s", names[1-i], name)
			}
		})
	}
	applying.Wait()
	for _, name := range names {
		if all := env.Objects(t, name); len(all) != 1 {
			t.Errorf("at %s are %v", name, all)
		}
	}
}
