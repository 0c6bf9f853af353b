package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusedOpenstack plans at an OpenStack that cannot be used, and compares what is said. URL in the block is the cloud's.
func refusedOpenstack(t *testing.T, name string, cloud *openstackCloud, more object, tokens int) {
	t.Helper()
	lvrtc := object{}
	for k, v := range more {
		if s, ok := v.(string); ok {
			v = strings.ReplaceAll(s, "URL", cloud.URL)
		}
		lvrtc[k] = v
	}
	golden(t, "diagnostics/openstack_"+name, threePlans(t, object{"operators": object{"lvrtc": lvrtc}, "default_operator": "lvrtc"}, false))
	if len(cloud.asked) > tokens {
		t.Errorf("%d tokens were asked for", len(cloud.asked))
	}
}

// TestBadOpenStackOperators plans three resources at an OpenStack that cannot be used. They are told the same.
func TestBadOpenStackOperators(t *testing.T) {
	type test struct {
		more object
		// damage changes the cloud before anything is asked.
		damage func(*openstackCloud)
		// tokens is how many there may be asked for.
		tokens int
	}
	dir := t.TempDir()
	manual := func(more object) object {
		o := object{"kind": "openstack", "endpoint": "URL/v3"}
		maps.Copy(o, more)
		return o
	}
	good := object{"client_id": "id", "client_secret": "secret"}
	credential := func(more object) object {
		o := manual(good)
		maps.Copy(o, more)
		return o
	}
	for name, c := range map[string]test{
		"wrong_secret":   {more: manual(object{"client_id": "id", "client_secret": secret}), tokens: 1},
		"wrong_password": {more: manual(object{"username": "terraform", "password": secret, "project": "cadastre"}), tokens: 1},
		"wrong_token":    {more: manual(object{"token": secret, "project": "cadastre"}), tokens: 1},
		"wrong_token_in_file": {
			more: manual(object{"token_file": write(t, filepath.Join(dir, "wrong.token"), secret), "project": "cadastre"}), tokens: 1},
		"no_token_file":     {more: manual(object{"token_file": filepath.Join(dir, "no-such.token"), "project": "cadastre"})},
		"another_project":   {more: credential(object{"project": "land-register"}), tokens: 1},
		"no_project":        {more: manual(object{"username": "terraform", "password": secret})},
		"no_credentials":    {more: manual(object{"project": "cadastre"})},
		"username_alone":    {more: manual(object{"project": "cadastre", "username": "terraform"})},
		"password_alone":    {more: manual(object{"project": "cadastre", "password": secret})},
		"client_id_alone":   {more: manual(object{"client_id": "id"})},
		"secret_alone":      {more: manual(object{"client_secret": secret})},
		"two_credentials":   {more: manual(object{"client_secret": secret, "password": secret})},
		"workload_identity": {more: manual(object{"workload_identity": object{"token_file": "token"}})},
		"no_endpoint":       {more: object{"kind": "openstack", "client_id": "id", "client_secret": secret}},
		"http_elsewhere":    {more: credential(object{"endpoint": "http://keystone.example/v3"})},
		"url_with_secret":   {more: credential(object{"endpoint": "URL/v3?key=" + secret})},
		"not_keystone":      {more: credential(object{"endpoint": "URL/identity"})},
		"other_region":      {more: credential(object{"region": "Liepaja"}), tokens: 1},
		"two_regions": {more: credential(nil), tokens: 1,
			damage: func(c *openstackCloud) { c.regions = []string{"Ventspils", "Riga"} }},
		"no_services":       {more: credential(nil), damage: func(c *openstackCloud) { c.services = nil }, tokens: 1},
		"glance_alone":      {more: credential(nil), damage: func(c *openstackCloud) { c.services = []string{"image"} }, tokens: 1},
		"old_nova":          {more: credential(nil), damage: func(c *openstackCloud) { c.nova = "2.79" }, tokens: 1},
		"selfservice_cloud": {more: object{"kind": "selfservice", "cloud": "lnb"}},
		"selfservice":       {more: object{"endpoint": "URL", "region": "Riga", "username": "terraform", "password": secret}},
		"file_without_cloud": {
			more: object{"clouds_file": filepath.Join(dir, "clouds.yaml"), "client_id": "id", "client_secret": secret}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newOpenstackCloud(t)
			if c.damage != nil {
				c.damage(cloud)
			}
			refusedOpenstack(t, name, cloud.started(), c.more, c.tokens)
		})
	}
}

// TestOpenStackKind has a kind in the environment that nobody knows.
func TestOpenStackKind(t *testing.T) {
	t.Setenv("VDAM_LVRTC_KIND", "mainframe")
	refusedOpenstack(t, "kind_in_environment", newOpenstackCloud(t).started(), object{"endpoint": "URL"}, 0)
}

// TestBadOpenStackClouds has operators in a clouds.yaml that cannot be used. Nothing of the file is told but what its entries are
// called.
func TestBadOpenStackClouds(t *testing.T) {
	const auth = "auth:\n      auth_url: URL/v3\n      project_name: cadastre"
	const password = auth + "\n      username: terraform\n      password: " + secret
	for name, content := range map[string]string{
		"no_clouds":           "# Nothing yet.\n",
		"no_entry":            "clouds: {vzd: {}, lnb-test: {}, blank: }\n",
		"no_yaml":             "clouds:\n  lnb:\n    auth:\n      password: " + secret + ": x\n",
		"no_anchor":           "clouds:\n  lnb:\n    auth:\n      password: *" + strings.ReplaceAll(secret, "ē", "e") + "\n",
		"another_form":        entryText("auth: " + secret),
		"list_of_clouds":      "clouds:\n- " + secret + "\n",
		"not_yaml_at_all":     "\x00\x01" + secret,
		"no_auth":             entryText("region_name: Riga"),
		"no_auth_url":         entryText("auth:", "  username: terraform", "  password: "+secret, "region_name: Riga"),
		"profile":             entryText("profile: vexxhost", "auth:", "  username: terraform", "  password: "+secret),
		"http_elsewhere":      entryText(strings.ReplaceAll(password, "URL", "http://keystone.example")),
		"address_with_secret": entryText(strings.ReplaceAll(password, "URL", "http://u:"+secret+"@keystone.example")),
		"no_password":         entryText(auth, "  username: terraform"),
		"not_verified":        entryText(password, "verify: false"),
		"insecure":            entryText(password, "insecure: true"),
		"no_cacert":           entryText(password, "cacert: DIR/no-such.pem"),
		"no_certificate":      entryText(password, "cert: DIR/no-such.pem"),
		"no_credentials":      entryText(auth),
		"other_type":          entryText(password, "auth_type: v3oidcpassword"),
		"nothing_of_type":     entryText(password, "auth_type: v3applicationcredential"),
		"no_username":         entryText(auth, "  password: "+secret),
		"no_credential":       entryText(auth, "  application_credential_secret: "+secret),
		"nobodys_credential": entryText(auth, "  application_credential_name: terraform",
			"  application_credential_secret: "+secret),
		"no_project":     entryText(strings.Replace(password, "project_name: cadastre", "project_domain_name: agencies", 1)),
		"wrong_password": entryText(password),
	} {
		t.Run(name, func(t *testing.T) {
			cloud, dir := newOpenstackCloud(t).started(), t.TempDir()
			file := write(t, filepath.Join(dir, "clouds.yaml"), strings.NewReplacer("URL", cloud.URL, "DIR", dir).Replace(content))
			refusedOpenstack(t, "clouds_"+name, cloud, object{"cloud": "lnb", "clouds_file": file}, 1)
		})
	}
}

// TestNoOpenStackClouds has no clouds.yaml where it is to be, however that is said.
func TestNoOpenStackClouds(t *testing.T) {
	cloud, dir := newOpenstackCloud(t).started(), t.TempDir()
	none := filepath.Join(dir, "no-such.yaml")
	t.Run("block", func(t *testing.T) {
		refusedOpenstack(t, "clouds_none_in_block", cloud, object{"cloud": "lnb", "clouds_file": none}, 0)
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("VDAM_LVRTC_CLOUDS_FILE", none)
		t.Setenv("OS_CLIENT_CONFIG_FILE", "/dev/null")
		refusedOpenstack(t, "clouds_none_in_environment", cloud, object{"cloud": "lnb"}, 0)
	})
	t.Run("everyone's environment", func(t *testing.T) {
		t.Setenv("OS_CLIENT_CONFIG_FILE", none)
		refusedOpenstack(t, "clouds_none_in_everyones", cloud, object{"cloud": "lnb"}, 0)
	})
	t.Run("secure.yaml", func(t *testing.T) {
		file := write(t, filepath.Join(dir, "clouds.yaml"), entryText("auth: {}"))
		write(t, filepath.Join(dir, "secure.yaml"), "clouds: ["+secret)
		refusedOpenstack(t, "clouds_secure", cloud, object{"cloud": "lnb", "clouds_file": file}, 0)
	})
	t.Run("usual places", func(t *testing.T) {
		if _, err := os.Stat("/etc/openstack/clouds.yaml"); err == nil {
			t.Skip("this machine has an /etc/openstack/clouds.yaml")
		}
		var said string
		t.Run("elsewhere", func(t *testing.T) { // Golden files are found from here.
			t.Setenv("OS_CLIENT_CONFIG_FILE", "")
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			t.Chdir(t.TempDir())
			said = threePlans(t, object{"operators": object{"lvrtc": object{"cloud": "lnb"}}, "default_operator": "lvrtc"}, false)
		})
		golden(t, "diagnostics/openstack_clouds_none_anywhere", said)
	})
}

// TestOpenStackCloudsInTheUsualPlaces has a clouds.yaml where OpenStack's own client looks.
func TestOpenStackCloudsInTheUsualPlaces(t *testing.T) {
	cloud, home := newOpenstackCloud(t).started(), t.TempDir()
	t.Setenv("OS_CLIENT_CONFIG_FILE", "")
	t.Setenv("XDG_CONFIG_HOME", "")
	t.Setenv("HOME", home)
	config := filepath.Join(home, ".config", "openstack")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	plans := func(t *testing.T) {
		t.Helper()
		clean(t, "the plan", start(t, object{"operators": object{"lvrtc": object{"cloud": "lnb"}}, "default_operator": "lvrtc"}).
			plan(t, "vdam_network", state{}, minimal["vdam_network"]).diags)
	}
	text := func(id string) string {
		return entryText("auth: {auth_url: " + cloud.URL + ", application_credential_id: " + id + ", application_credential_secret: secret}")
	}
	write(t, filepath.Join(config, "clouds.yaml"), text("at-home"))
	plans(t)
	work := t.TempDir()
	write(t, filepath.Join(work, "clouds.yaml"), text("at-work"))
	t.Chdir(work)
	plans(t)
	for i, id := range []string{"at-home", "at-work"} {
		if !strings.Contains(cloud.asked[i], id) {
			t.Errorf("Keystone was asked %s instead of with the credential %s", cloud.asked[i], id)
		}
	}
}
