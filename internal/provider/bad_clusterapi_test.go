package provider_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// kubeconfigText is a kubeconfig whose user and cluster have more in them.
func kubeconfigText(cluster, user string) string {
	return "current-context: lnb\ncontexts: [{name: lnb, context: {cluster: lnb, user: u, namespace: cadastre}}]\n" +
		"clusters: [{name: lnb, cluster: {" + cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n"
}

// TestBadClusterAPIOperators plans three resources at a Cluster API that cannot be used. They are told the same, and
// nothing of a kubeconfig but the names in it.
func TestBadClusterAPIOperators(t *testing.T) {
	dir := t.TempDir()
	const server = `server: "URL"`
	valid := kubeconfigText(server, "token: t")
	refuses := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Audit-Id", "audit-1")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	status := func(code int, reason, message, details string) http.HandlerFunc {
		return refuses(code, `{"kind":"Status","reason":"`+reason+`","message":"`+message+`","details":{`+details+`}}`)
	}
	for name, c := range map[string]struct {
		// kubeconfig is what is in the file; more is what else the entry has.
		kubeconfig string
		more       object
		answers    http.HandlerFunc
	}{
		"nothing":              {more: object{"cluster_api": object{}}},
		"no_kubeconfig":        {more: object{"cluster_api": object{"kubeconfig": filepath.Join(dir, "no-such-file")}}},
		"no_yaml":              {kubeconfig: "token: " + secret + ": x"},
		"no_context":           {kubeconfig: "users: []"},
		"other_context":        {kubeconfig: strings.ReplaceAll(valid, "current-context: lnb", "current-context: lvrtc")},
		"not_verified":         {kubeconfig: kubeconfigText(server+", insecure-skip-tls-verify: true", "token: "+secret)},
		"program":              {kubeconfig: kubeconfigText(server, "exec: {command: kubelogin, args: ["+secret+"]}")},
		"not_base64":           {kubeconfig: kubeconfigText(server, "client-key-data: "+secret)},
		"not_a_pair":           {kubeconfig: kubeconfigText(server, "client-certificate-data: aaaa, client-key-data: bbbb")},
		"no_credentials":       {kubeconfig: kubeconfigText(server, "")},
		"http_elsewhere":       {kubeconfig: kubeconfigText(`server: "http://kubernetes.example"`, "token: "+secret)},
		"no_namespace":         {more: object{"endpoint": "URL", "token": secret, "kind": "clusterapi"}},
		"client_id":            {kubeconfig: valid, more: object{"client_id": "id", "client_secret": secret}},
		"another_kind":         {more: object{"kind": "openstack", "cloud": "lnb", "cluster_api": object{}}},
		"wrong_token":          {kubeconfig: kubeconfigText(server, "token: "+secret), answers: status(401, "Expired", "Not known here", "")},
		"not_allowed":          {kubeconfig: valid, answers: status(403, "Forbidden", "clusterclasses is forbidden", "")},
		"not_kubernetes":       {kubeconfig: valid, answers: refuses(404, "<h1>Not here</h1>")},
		"not_cluster_api":      {kubeconfig: valid, answers: status(404, "NotFound", "the server could not find it", "")},
		"no_classes":           {kubeconfig: valid, answers: refuses(200, `{"items":[]}`)},
		"class_without_a_list": {kubeconfig: valid, answers: refuses(200, `{"items":[{"metadata":{"name":"scs"}}]}`)},
		"other_class": {
			kubeconfig: valid, more: object{"cluster_api": object{"cluster_class": "scs"}},
			answers: status(404, "NotFound", "not found", `"name":"scs","kind":"clusterclasses"`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answers == nil {
				c.answers = refuses(500, "")
			}
			api := httptest.NewServer(c.answers)
			t.Cleanup(api.Close)
			filled := func(s string) string { return strings.ReplaceAll(s, "URL", api.URL) }
			lvrtc, said := object{"kind": "clusterapi"}, object{}
			for k, v := range c.more {
				switch v := v.(type) {
				case string:
					lvrtc[k] = filled(v)
				case object:
					said = v
				}
			}
			if c.kubeconfig != "" {
				said["kubeconfig"] = write(t, filepath.Join(dir, name), filled(c.kubeconfig))
			}
			if lvrtc["endpoint"] == nil {
				lvrtc["cluster_api"] = said
			}
			golden(t, "diagnostics/clusterapi_"+name, threePlans(t, object{"operators": object{"lvrtc": lvrtc}, "default_operator": "lvrtc"}, false))
		})
	}
}
