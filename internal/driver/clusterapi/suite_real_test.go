package clusterapi

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/clusterapi"
)

// TestClusterAPISuite runs the scenarios of all drivers on the real controllers of Cluster API, with the rights that an
// agency has there.
func TestClusterAPISuite(t *testing.T) {
	m := testbed.Start(t)
	agency := m.Agencies[0]
	cloudtest.RunClusters(t, func(t *testing.T) cloudtest.Harness {
		t.Helper()
		t.Parallel() // Machines in memory take time to boot, and next to no processor.
		lossy := &lossyAnswers{}
		op := openReal(t, agency, lossy)
		return cloudtest.Harness{
			Operator: op, Patience: 8 * time.Minute,
			Size: cloudtest.Size{VCPUs: 2, MemoryMiB: 4096}, OtherSize: cloudtest.Size{VCPUs: 4, MemoryMiB: 8192},
			Describe: func(t *testing.T, kind cloud.Kind, id, description string) {
				t.Helper()
				c := op.ContainerClusters.(*clusters)
				if kind == cloud.KindNodePool {
					must(t, nodePools{c}.editPool(t.Context(), id, func(_ object, _ pool, note *poolNote) error {
						note.Description = description
						return nil
					}))
					return
				}
				must(t, c.note(t.Context(), cloud.Meta{ID: id}, map[string]any{"annotations": map[string]any{descriptionNote: description}}))
			},
			Remove: func(t *testing.T, kind cloud.Kind, id string) {
				t.Helper()
				if kind == cloud.KindNodePool {
					removeReal(t, op.NodePools, id)
					return
				}
				removeReal(t, op.ContainerClusters, id)
			},
			LoseCreateAnswer: func(_ *testing.T, kind cloud.Kind) {
				lossy.lose = map[cloud.Kind]string{cloud.KindContainerCluster: http.MethodPost, cloud.KindNodePool: http.MethodPut}[kind]
			},
		}
	})
}

// openReal opens the management cluster as the provider does.
func openReal(t *testing.T, agency testbed.Agency, lossy *lossyAnswers) *cloud.Operator {
	t.Helper()
	raw, err := os.ReadFile(agency.Kubeconfig)
	must(t, err)
	k, err := ParseKubeconfig(raw, "")
	must(t, err)
	client, err := dial(k)
	must(t, err)
	if lossy != nil {
		lossy.next = client.Transport
		client.Transport = lossy
	}
	op, err := Open(t.Context(), Options{
		Name: "capi", Endpoint: k.Server, Namespace: k.Namespace, HTTP: client, Dial: dial, Sizes: testSizes,
		SizeVariable: "workerFlavor", LabelDomains: []string{"example.org"}, Taints: true,
	})
	must(t, err)
	return op
}

// removeReal deletes an object and waits until it is gone.
func removeReal[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], id string) {
	t.Helper()
	must(t, c.Delete(t.Context(), id))
	waitUntil(t, func() bool {
		_, err := c.Get(t.Context(), id)
		return isNotFound(err)
	})
}

// lossyAnswers loses the answer to the next request of a method, which has been carried out.
type lossyAnswers struct {
	next http.RoundTripper
	lose string
}

func (l *lossyAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil && l.lose == r.Method {
		l.lose = ""
		return nil, errors.Join(fmt.Errorf("the answer %s was lost", resp.Status), resp.Body.Close())
	}
	return resp, err
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	end := time.After(5 * time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("what was waited for did not come")
		}
	}
}
