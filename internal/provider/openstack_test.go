package provider_test

import (
	"cmp"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// entryText is a clouds.yaml with one entry, "lnb", whose lines are given, URL being the cloud's.
func entryText(lines ...string) string {
	return "clouds:\n  lnb:\n    " + strings.Join(lines, "\n    ") + "\n  another:\n    auth: [of no use]\n"
}

// TestOpenStackConfiguration has what block, environment and clouds.yaml say together, what Keystone is asked with, and
// which endpoints are used.
func TestOpenStackConfiguration(t *testing.T) {
	const (
		auth = "auth:\n      auth_url: URL/v3"
		user = auth + "\n      username: terraform\n      password: pass\n      project_name: cadastre"

		project    = `"scope": {"project": {"name": "cadastre", "domain": {"name": "Default"}}}`
		byPassword = `{"auth": {"identity": {"methods": ["password"], "password": {"user": ` +
			`{"name": "terraform", "password": "pass", "domain": {"name": "Default"}}}}, ` + project + `}}`
		byToken      = `{"auth": {"identity": {"methods": ["token"], "token": {"id": "token"}}, ` + project + `}}`
		byCredential = `{"auth": {"identity": {"methods": ["application_credential"], ` +
			`"application_credential": {"id": "id", "secret": "secret"}}}}`
	)
	tokenFile := write(t, filepath.Join(t.TempDir(), "token"), "token\n")
	named := object{"cloud": "lnb"}
	manual := func(more object) object {
		o := object{"kind": "openstack", "endpoint": "URL/v3"}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	for name, c := range map[string]struct {
		block object
		env   map[string]string
		// entry is that of clouds.yaml, secure that of secure.yaml.
		entry, secure string
		// asked is the request for the token, served where the services were found; Riga/public if empty.
		asked, served string
	}{
		"application credential": {block: manual(object{"client_id": "id", "client_secret": "secret"}), asked: byCredential},
		"application credential and its project": {
			block: manual(object{"client_id": "id", "client_secret": "secret", "project": "cadastre"}), asked: byCredential},
		"password": {block: manual(object{"username": "terraform", "password": "pass", "project": "cadastre"}), asked: byPassword},
		"password and domain": {
			block: manual(object{"username": "terraform", "password": "pass", "project": "cadastre", "domain": "agencies"}),
			asked: strings.ReplaceAll(byPassword, "Default", "agencies")},
		"token":      {block: manual(object{"token": "token", "project": "cadastre"}), asked: byToken},
		"token file": {block: manual(object{"token_file": tokenFile, "project": "cadastre"}), asked: byToken},
		"address without a version": {
			block: object{"kind": "openstack", "endpoint": "URL/", "token": "token", "project": "cadastre"}, asked: byToken},
		"region": {
			block: manual(object{"client_id": "id", "client_secret": "secret", "region": "Ventspils"}), asked: byCredential,
			served: "Ventspils/public"},
		"environment": {env: map[string]string{
			"VDAM_LVRTC_KIND": "openstack", "VDAM_LVRTC_ENDPOINT": "URL", "VDAM_LVRTC_USERNAME": "terraform", "VDAM_LVRTC_PASSWORD": "pass",
			"VDAM_LVRTC_PROJECT": "cadastre", "VDAM_LVRTC_DOMAIN": "agencies", "VDAM_LVRTC_REGION": "Ventspils",
		}, asked: strings.ReplaceAll(byPassword, "Default", "agencies"), served: "Ventspils/public"},
		"block before the environment": {
			block: manual(object{"client_id": "id", "client_secret": "secret", "region": "Riga"}),
			env:   map[string]string{"VDAM_LVRTC_TOKEN": "token", "VDAM_LVRTC_CLIENT_ID": "another", "VDAM_LVRTC_REGION": "Ventspils"},
			asked: byCredential},

		"entry with a password": {block: named, entry: entryText(user), asked: byPassword},
		"entry from the environment": {
			env: map[string]string{"VDAM_LVRTC_CLOUD": "lnb"}, entry: entryText(user), asked: byPassword},
		"entry with a credential and a project": {
			block: named, entry: entryText(auth, "  application_credential_id: id", "  application_credential_secret: secret",
				"  project_name: cadastre"),
			asked: byCredential},
		"entry with a named credential": {
			block: named, entry: entryText(user, "  application_credential_name: tf", "  application_credential_secret: secret",
				"auth_type: v3applicationcredential"),
			asked: strings.Replace(byCredential, `"id": "id"`, `"name": "tf", "user": {"name": "terraform", "domain": {"name": "Default"}}`, 1)},
		"entry with several, by its type": {
			block: named, entry: entryText(user, "  token: token", "  application_credential_secret: unused", "auth_type: v3token"), asked: byToken},
		"entry with a password, by its type": {
			block: named, entry: entryText(user, "  application_credential_id: unused", "  application_credential_secret: unused",
				"auth_type: password"), asked: byPassword},
		"entry with ids": {
			block: named, entry: entryText(auth, "  user_id: u", "  password: pass", "  project_id: p"),
			asked: `{"auth": {"identity": {"methods": ["password"], "password": {"user": {"id": "u", "password": "pass"}}},
				"scope": {"project": {"id": "p"}}}}`},
		"entry with domains": {
			block: named, entry: entryText(user, "  user_domain_id: du", "  project_domain_name: dp", "  domain_name: unused"),
			asked: strings.Replace(strings.Replace(byPassword, `{"name": "Default"}`, `{"id": "du"}`, 1), "Default", "dp", 1)},
		"entry with a common domain": {
			block: named, entry: entryText(user, "  domain_id: d"), asked: strings.ReplaceAll(byPassword, `{"name": "Default"}`, `{"id": "d"}`)},
		"entry with a trust": {
			block: named, entry: entryText(user, "  trust_id: t"),
			asked: strings.Replace(byPassword, project, `"scope": {"OS-TRUST:trust": {"id": "t"}}`, 1)},
		"entry with region and interface": {
			block: named, entry: entryText(user, "region_name: Ventspils", "interface: internal"), asked: byPassword, served: "Ventspils/internal"},
		"entry with regions": {
			block: named, entry: entryText(user, "regions: [Ventspils, Riga]"), asked: byPassword, served: "Ventspils/public"},
		"password in secure.yaml": {
			block: named, entry: entryText(strings.Replace(user, "password: pass", "password: wrong", 1)),
			secure: "clouds: {lnb: {auth: {password: pass}}}", asked: byPassword},

		"block before the entry": {
			block: object{"cloud": "lnb", "project": "cadastre", "domain": "agencies", "region": "Riga",
				"username": "terraform", "password": "pass"},
			entry: entryText(auth, "  username: another", "  password: wrong", "  project_id: another", "  project_domain_id: another",
				"  user_domain_id: another", "region_name: Ventspils"),
			asked: strings.ReplaceAll(byPassword, "Default", "agencies")},
		"credential before the entry's password": {
			block: object{"cloud": "lnb", "client_id": "id"}, env: map[string]string{"VDAM_LVRTC_CLIENT_SECRET": "secret"},
			entry: entryText(user), asked: byCredential},
		"token before the entry's password": {block: object{"cloud": "lnb", "token": "token"}, entry: entryText(user), asked: byToken},
		"endpoint before the entry": {
			block: object{"cloud": "lnb", "endpoint": "URL"},
			entry: entryText(strings.Replace(user, "URL", "http://keystone.example", 1)), asked: byPassword},
		"secret of the entry's credential from the environment": {
			block: named, env: map[string]string{"VDAM_LVRTC_CLIENT_SECRET": "secret"},
			entry: entryText(auth, "  application_credential_id: id"), asked: byCredential},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newOpenstackCloud(t).started()
			if strings.Contains(fmt.Sprint(c.block, c.env, c.entry), "Ventspils") {
				cloud.regions = append(cloud.regions, "Ventspils")
			}
			at := func(s string) string { return strings.ReplaceAll(s, "URL", cloud.URL) }
			dir := t.TempDir()
			t.Setenv("OS_CLIENT_CONFIG_FILE", write(t, filepath.Join(dir, "clouds.yaml"), at(c.entry)))
			t.Setenv("OS_REGION_NAME", "of another cloud")
			if c.secure != "" {
				write(t, filepath.Join(dir, "secure.yaml"), c.secure)
			}
			for k, v := range c.env {
				t.Setenv(k, at(v))
			}
			lvrtc := object{}
			for k, v := range c.block {
				lvrtc[k] = at(v.(string))
			}
			clean(t, "the plan", start(t, object{"operators": object{"lvrtc": lvrtc}, "default_operator": "lvrtc"}).
				plan(t, "vdam_network", state{}, minimal["vdam_network"]).diags)
			if len(cloud.asked) != 1 || !reflect.DeepEqual(parsed(t, cloud.asked[0]), parsed(t, c.asked)) {
				t.Errorf("Keystone was asked\n%s\ninstead of\n%s", strings.Join(cloud.asked, "\n"), c.asked)
			}
			if want := cmp.Or(c.served, "Riga/public"); !slices.Equal(cloud.served, []string{want}) {
				t.Errorf("the endpoints of %v were used instead of %s", cloud.served, want)
			}
		})
	}
}

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOpenStackInTheDirectory has kind and endpoint from the directory document.
func TestOpenStackInTheDirectory(t *testing.T) {
	cloud := newOpenstackCloud(t).started()
	directory := write(t, filepath.Join(t.TempDir(), "operators.json"),
		`{"version": 1, "operators": [{"name": "lvrtc", "kind": "openstack", "endpoint": "`+cloud.URL+`/v3"}]}`)
	clean(t, "the plan", start(t, object{
		"operators":        object{"lvrtc": object{"client_id": "id", "client_secret": "secret"}},
		"default_operator": "lvrtc", "directory": directory,
	}).plan(t, "vdam_network", state{}, minimal["vdam_network"]).diags)
}

// TestOpenStackCertificates has a cloud whose certificate nobody knows but the entry's cacert.
func TestOpenStackCertificates(t *testing.T) {
	cloud := newOpenstackCloud(t)
	cloud.StartTLS()
	dir := t.TempDir()
	authority := write(t, filepath.Join(dir, "ca.pem"),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cloud.Certificate().Raw})))
	t.Setenv("HOME", dir)
	const auth = "auth: {auth_url: URL, application_credential_id: id, application_credential_secret: secret}"
	for name, c := range map[string]struct {
		lines string
		more  object
	}{
		"cacert":             {lines: "cacert: " + authority},
		"cacert at home":     {lines: "cacert: ~/ca.pem"},
		"block":              {lines: "cacert: /no/such.pem", more: object{"tls": object{"ca_file": authority}}},
		"block, not checked": {lines: "verify: false", more: object{"tls": object{"ca_file": authority}}},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, filepath.Join(t.TempDir(), "clouds.yaml"), strings.ReplaceAll(entryText(auth, c.lines), "URL", cloud.URL))
			lvrtc := object{"cloud": "lnb", "clouds_file": file}
			for k, v := range c.more {
				lvrtc[k] = v
			}
			clean(t, "the plan", start(t, object{"operators": object{"lvrtc": lvrtc}, "default_operator": "lvrtc"}).
				plan(t, "vdam_network", state{}, minimal["vdam_network"]).diags)
		})
	}
}
