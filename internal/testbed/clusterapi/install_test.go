package clusterapi

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const manifests = `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clusters.example.org}
spec: {versions: [{name: v1}, {name: v2}]}
status: {}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: machines.example.org}
spec: {versions: [{name: v1, served: true}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: validating}
webhooks:
- name: a
  clientConfig: {service: {name: nowhere, namespace: system, path: /validate}}
---
`

func TestManifests(t *testing.T) {
	objects, err := decode([]byte(manifests))
	if err != nil || len(objects) != 3 {
		t.Fatalf("got %v, %v", objects, err)
	}
	w := webhooks{"core", 9441, []byte("ca")}
	w.convert(objects[0])
	w.convert(objects[1])
	w.admit(objects[2])
	const labels = `"labels":{"cluster.x-k8s.io/v1beta1":"v1beta1","cluster.x-k8s.io/v1beta2":"v1beta2"}`
	for i, want := range []string{
		`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{` + labels +
			`,"name":"clusters.example.org"},"spec":{"conversion":{"strategy":"Webhook","webhook":{"clientConfig":` +
			`{"caBundle":"Y2E=","url":"https://127.0.0.1:9441/convert"},"conversionReviewVersions":["v1"]}},` +
			`"versions":[{"name":"v1"},{"name":"v2"}]}}`,
		`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{` + labels +
			`,"name":"machines.example.org"},"spec":{"versions":[{"name":"v1","served":true}]}}`,
		`{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"core-validating"},` +
			`"webhooks":[{"clientConfig":{"caBundle":"Y2E=","url":"https://127.0.0.1:9441/validate"},"name":"a"}]}`,
	} {
		if got, err := json.Marshal(objects[i]); err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
	if _, err := decode([]byte("a: [")); err == nil {
		t.Error("what is no YAML is read")
	}
}

func TestPaths(t *testing.T) {
	objects, err := decode(class)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		object(o, "metadata")["namespace"] = "acme"
	}
	var got []string
	for _, o := range append(objects, access("acme")...) {
		got = append(got, pathOf(o))
	}
	const acme = "/namespaces/acme/"
	want := []string{
		"/apis/infrastructure.cluster.x-k8s.io/v1beta2" + acme + "devclustertemplates/in-memory",
		"/apis/controlplane.cluster.x-k8s.io/v1beta2" + acme + "kubeadmcontrolplanetemplates/in-memory",
		"/apis/infrastructure.cluster.x-k8s.io/v1beta2" + acme + "devmachinetemplates/in-memory-control-plane",
		"/apis/infrastructure.cluster.x-k8s.io/v1beta2" + acme + "devmachinetemplates/in-memory-worker",
		"/apis/bootstrap.cluster.x-k8s.io/v1beta2" + acme + "kubeadmconfigtemplates/in-memory-worker",
		"/apis/cluster.x-k8s.io/v1beta2" + acme + "clusterclasses/in-memory",
		"/api/v1/namespaces/acme",
		"/api/v1" + acme + "serviceaccounts/terraform",
		"/apis/rbac.authorization.k8s.io/v1" + acme + "roles/terraform",
		"/apis/rbac.authorization.k8s.io/v1" + acme + "rolebindings/terraform",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestPrograms takes the newest version that is there as a whole.
func TestPrograms(t *testing.T) {
	t.Setenv("VDAM_TESTBED_DIR", t.TempDir())
	if _, err := findPrograms(); err == nil || !strings.Contains(err.Error(), "testbed-kubernetes-build") {
		t.Errorf("got %v of nothing", err)
	}
	dir := filepath.Join(os.Getenv("VDAM_TESTBED_DIR"), "kubernetes", "bin")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"1.9.3", "1.14.2", "1.15.0"} {
		for _, part := range parts {
			for _, end := range []string{"", ".yaml"} {
				if version == "1.15.0" && part.name == "kcp" {
					continue // It is being built.
				}
				if err := os.WriteFile(filepath.Join(dir, prefix+part.name+"-"+version+end), nil, 0o700); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	p, err := findPrograms()
	if want := filepath.Join(dir, "vdam-capi-dev-infra-1.14.2"); err != nil || p.program("dev-infra") != want {
		t.Errorf("got %s, %v, want %s", p.program("dev-infra"), err, want)
	}
}
