package clusterapi

import (
	"net/http"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

const testKubeconfig = `
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://192.0.2.7:6443", certificate-authority-data: aG9uZXN0}}]
users: [{name: u, user: {token: t}}]
`

var testSizes = []Size{{Name: "small", VCPUs: 2, MemoryMiB: 4096}, {Name: "large", VCPUs: 4, MemoryMiB: 8192}}

// TestSuite runs the scenarios of all drivers on a management cluster that is played.
func TestSuite(t *testing.T) {
	cloudtest.Run(t, func(t *testing.T) cloudtest.Harness {
		t.Helper()
		f, p := startFake(t), tap.Start(t)
		f.kubeconfig = testKubeconfig
		return cloudtest.Harness{
			Operator: openFake(t, f, p.URL()),
			Size:     cloudtest.Size{VCPUs: 2, MemoryMiB: 4096}, OtherSize: cloudtest.Size{VCPUs: 4, MemoryMiB: 8192},
			Hold: func(*testing.T) func() {
				f.set(func() { f.held = true })
				return func() { f.set(func() { f.held = false }) }
			},
			Describe: func(_ *testing.T, _ cloud.Kind, id, description string) {
				f.set(func() {
					f.clusters[parseIdentity(id).name].at("metadata", "annotations")[descriptionNote] = description
				})
			},
			Remove: func(_ *testing.T, _ cloud.Kind, id string) {
				f.set(func() { delete(f.clusters, parseIdentity(id).name) })
			},
			LoseCreateAnswer: func(*testing.T, cloud.Kind) { p.LoseAnswer(tap.On(http.MethodPost, "/clusters")) },
		}
	})
}

// set changes something of the fake between two requests.
func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// openFake opens the fake as the provider does, through a proxy if one is given.
func openFake(t *testing.T, f *fake, proxy string) *cloud.Operator {
	t.Helper()
	op, err := Open(t.Context(), fakeOptions(t, f, proxy))
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func fakeOptions(t *testing.T, f *fake, proxy string) Options {
	t.Helper()
	client, err := transport.New(transport.Config{Operator: "capi", UserAgent: "cloudtest", ProxyURL: proxy, MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Name: "capi", Endpoint: f.URL, Namespace: testNamespace, HTTP: client, Sizes: testSizes,
		SizeVariable: "workerFlavor", Autoscaler: true, LabelDomains: []string{"example.org"}}
}
