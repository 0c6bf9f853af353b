package clusterapi

import (
	"net/http"
	"slices"
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
	cloudtest.RunClusters(t, func(t *testing.T) cloudtest.Harness {
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
			Describe: func(t *testing.T, kind cloud.Kind, id, description string) {
				t.Helper()
				f.change(t, kind, id, func(o object, note *poolNote) {
					if note.Description = description; kind == cloud.KindContainerCluster {
						o.at("metadata", "annotations")[descriptionNote] = description
					}
				})
			},
			Remove: func(t *testing.T, kind cloud.Kind, id string) {
				t.Helper()
				f.change(t, kind, id, func(o object, _ *poolNote) { clear(o) })
			},
			LoseCreateAnswer: func(_ *testing.T, kind cloud.Kind) {
				p.LoseAnswer(func(method, _ string) bool {
					return method == map[cloud.Kind]string{cloud.KindContainerCluster: http.MethodPost, cloud.KindNodePool: http.MethodPut}[kind]
				})
			},
		}
	})
}

// change changes a cluster or a pool in it behind the driver's back, or removes it, if it is cleared.
func (f *fake) change(t *testing.T, kind cloud.Kind, id string, change func(object, *poolNote)) {
	t.Helper()
	f.set(func() {
		i := parsePoolIdentity(id)
		o := f.clusters[i.cluster]
		if kind == cloud.KindContainerCluster {
			if change(o, &poolNote{}); len(o) == 0 {
				delete(f.clusters, i.cluster)
			}
			return
		}
		workers := o.at("spec", "topology", "workers")
		p, ok := named(workers.list("machineDeployments"), i.name)
		if !ok {
			t.Fatalf("there is no pool %s", id)
		}
		r, err := o.record()
		must(t, err)
		note, _ := r.note(i.name)
		change(p, &note)
		must(t, o.setNote(i.name, note))
		workers["machineDeployments"] = slices.DeleteFunc(workers.list("machineDeployments"), func(v any) bool {
			return len(v.(map[string]any)) == 0
		})
		f.store(i.cluster, o)
		f.settle(i.cluster, o)
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
	op.ContainerClusters.(*clusters).pollAfter = 0 // Its controllers take requests, and no time.
	return op
}

func fakeOptions(t *testing.T, f *fake, proxy string) Options {
	t.Helper()
	client, err := transport.New(transport.Config{Operator: "capi", UserAgent: "cloudtest", ProxyURL: proxy, MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Name: "capi", Endpoint: f.URL, Namespace: testNamespace, HTTP: client, Sizes: testSizes,
		SizeVariable: "workerFlavor", Autoscaler: true, LabelDomains: []string{"example.org"}, Taints: true}
}
