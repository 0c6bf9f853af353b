package selfservice_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// segments are the collections' parts of the path.
var segments = map[cloud.Kind]string{
	cloud.KindNetwork: "networks", cloud.KindSecurityGroup: "security-groups", cloud.KindStorageVolume: "storage-volumes",
	cloud.KindVirtualMachine: "virtual-machines", cloud.KindVolumeAttachment: "volume-attachments",
	cloud.KindContainerCluster: "container-clusters", cloud.KindNodePool: "node-pools",
}

func TestSuite(t *testing.T) {
	for _, c := range []struct {
		operator string
		harness  cloudtest.Harness
	}{
		{"lvrtc", cloudtest.Harness{
			Zone: "riga-2", Class: "fast", ImageID: "debian-13-20261102", BootDiskGiB: 20, VolumeGiB: 10, LargerGiB: 30,
			Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 1024}, OtherSize: cloudtest.Size{VCPUs: 3, MemoryMiB: 5120},
			BeyondQuotaGiB: 4000,
		}},
		{"lnb", cloudtest.Harness{ // Fixed flavours, one zone, no long polls.
			ImageID: "deb13", BootDiskGiB: 8, VolumeGiB: 1, LargerGiB: 2,
			Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 2048}, OtherSize: cloudtest.Size{VCPUs: 4, MemoryMiB: 8192},
		}},
	} {
		t.Run(c.operator, func(t *testing.T) {
			cloudtest.Run(t, func(t *testing.T) cloudtest.Harness {
				t.Helper()
				return newHarness(t, c.operator, "", c.harness)
			})
		})
	}
}

// TestKubernetesSuite runs what is about clusters on sandboxes whose clusters are real.
func TestKubernetesSuite(t *testing.T) {
	testbed.Asked(t, "kubernetes")
	programs, err := controlplane.DefaultBinDir()
	must(t, err)
	cloudtest.RunClusters(t, func(t *testing.T) cloudtest.Harness {
		t.Helper()
		h := newHarness(t, "lvrtc", programs, cloudtest.Harness{
			Zone: "riga-2", Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 1024}, OtherSize: cloudtest.Size{VCPUs: 3, MemoryMiB: 5120},
			Patience: 5 * time.Minute,
		})
		h.Hold, h.FailNext = nil, nil // They are of what is played.
		return h
	})
}

// newHarness gives each scenario a sandbox of its own, with programs of Kubernetes behind its clusters or none, whose answers
// are checked against the contract.
func newHarness(t *testing.T, operator, kubernetes string, h cloudtest.Harness) cloudtest.Harness {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{
		Dir: t.TempDir(), Operators: []string{operator}, Transition: 10 * time.Millisecond, ValidateResponses: true, Kubernetes: kubernetes,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range box.Violations() {
			t.Errorf("an answer was not as the contract says: %s", v)
		}
	})
	h.Operator = open(t, box, operator, "cadastre")
	h.Hold = func(*testing.T) func() { return box.Hold() }
	h.MoveClock = func(_ *testing.T, d time.Duration) { box.MoveClock(d) }
	h.Describe = func(t *testing.T, _ cloud.Kind, id, description string) {
		t.Helper()
		must(t, box.Change(t.Context(), operator, id, fmt.Sprintf(`{"description":%q}`, description)))
	}
	h.Remove = func(t *testing.T, _ cloud.Kind, id string) {
		t.Helper()
		must(t, box.Remove(t.Context(), operator, id))
	}
	h.LoseCreateAnswer = func(t *testing.T, kind cloud.Kind) {
		t.Helper()
		must(t, box.AddFault(sandbox.Fault{Method: "POST", Path: segments[kind] + "$", Nth: 1, Times: 1, After: true, Reset: true}))
	}
	h.FailNext = func(t *testing.T, kind cloud.Kind, message string) {
		t.Helper()
		must(t, box.AddFault(sandbox.Fault{Method: "POST", Path: segments[kind] + "$", Nth: 1, Times: 1, Fail: message}))
	}
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open makes an operator as the provider does.
func open(t *testing.T, box *sandbox.Sandbox, operator, project string) *cloud.Operator {
	t.Helper()
	endpoint := box.Endpoint(operator)
	config := transport.Config{Operator: operator, UserAgent: "cloudtest", Limits: transport.Limits{MaxParallel: 8}}
	anonymous, err := transport.New(config)
	must(t, err)
	found, err := selfservice.Discover(t.Context(), anonymous, operator, endpoint)
	must(t, err)
	config.Tokens = &transport.ClientCredentials{
		TokenURL: found.TokenEndpoint, ID: sandbox.ClientID, Secret: sandbox.ClientSecret,
	}
	client, err := transport.New(config)
	must(t, err)
	op, err := selfservice.Open(t.Context(), selfservice.Options{Name: operator, Project: project, HTTP: client, Discovery: found})
	must(t, err)
	return op
}
