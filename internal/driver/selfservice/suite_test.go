package selfservice_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud/cloudtest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// segments are the collections' parts of the path.
var segments = map[cloud.Kind]string{
	cloud.KindNetwork: "networks", cloud.KindSecurityGroup: "security-groups", cloud.KindStorageVolume: "storage-volumes",
	cloud.KindVirtualMachine: "virtual-machines", cloud.KindVolumeAttachment: "volume-attachments",
	cloud.KindContainerCluster: "container-clusters", cloud.KindNodePool: "node-pools",
	cloud.KindBackupVault: "backup-vaults", cloud.KindBackupPlan: "backup-plans", cloud.KindBackup: "backups",
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

// TestBackupSuite has one operator keep what runs at another.
func TestBackupSuite(t *testing.T) {
	cloudtest.RunBackups(t, func(t *testing.T) cloudtest.BackupHarness {
		t.Helper()
		return backupHarness(t, nil)
	})
}

// TestBackupSuiteInARealVault is the same with a real S3 behind the vaults, which has no clock that could be moved.
func TestBackupSuiteInARealVault(t *testing.T) {
	account := s3.Start(t).Account()
	cloudtest.RunBackups(t, func(t *testing.T) cloudtest.BackupHarness {
		t.Helper()
		h := backupHarness(t, &account)
		h.Source.MoveClock, h.Keeper.MoveClock = nil, nil
		return h
	})
}

func backupHarness(t *testing.T, vaults *objectstore.Account) cloudtest.BackupHarness {
	t.Helper()
	box := start(t, sandbox.Options{Operators: []string{"lvrtc", "iem-ic"}, S3: vaults})
	return cloudtest.BackupHarness{
		Source: harnessOf(t, box, "lvrtc", cloudtest.Harness{
			ImageID: "debian-13-20261102", BootDiskGiB: 10, VolumeGiB: 1, LargerGiB: 9, Size: cloudtest.Size{VCPUs: 1, MemoryMiB: 1024},
		}),
		Keeper: harnessOf(t, box, "iem-ic", cloudtest.Harness{
			VolumeGiB: 8, LargerGiB: 16, BootDiskGiB: 16, Size: cloudtest.Size{VCPUs: 2, MemoryMiB: 4096},
			OtherSize: cloudtest.Size{VCPUs: 4, MemoryMiB: 8192}, ImageID: "img-0001",
		}),
		Stranger: "lnb",
		Write: func(t *testing.T, op *cloud.Operator, volumeID string, offset int64, data []byte) {
			t.Helper()
			disk(t, box, http.MethodPut, fmt.Sprintf("%s/volumes/%s/data?offset=%d", op.Name, volumeID, offset), data)
		},
		Checksum: func(t *testing.T, op *cloud.Operator, volumeID string, sizeGiB int64) string {
			t.Helper()
			return disk(t, box, http.MethodGet, fmt.Sprintf("%s/volumes/%s/checksum?length=%d", op.Name, volumeID, sizeGiB<<30), nil)
		},
	}
}

// disk reaches the bytes of a volume of a sandbox, and returns what is answered.
func disk(t *testing.T, box *sandbox.Sandbox, method, path string, data []byte) string {
	t.Helper()
	address := strings.TrimSuffix(box.DirectoryURL(), "/operators.json") + "/_sandbox/operators/" + path
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(data))
	must(t, err)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s of a disk was answered %s: %s", method, resp.Status, body)
	}
	return string(body)
}

// newHarness gives each scenario a sandbox of its own, with programs of Kubernetes behind its clusters or none.
func newHarness(t *testing.T, operator, kubernetes string, h cloudtest.Harness) cloudtest.Harness {
	t.Helper()
	return harnessOf(t, start(t, sandbox.Options{Operators: []string{operator}, Kubernetes: kubernetes}), operator, h)
}

// start runs a sandbox whose answers are checked against the contract.
func start(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	o.Dir, o.Transition, o.ValidateResponses = t.TempDir(), 10*time.Millisecond, true
	box, err := sandbox.Start(t.Context(), o)
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
	return box
}

// harnessOf completes what is known of one operator of a sandbox.
func harnessOf(t *testing.T, box *sandbox.Sandbox, operator string, h cloudtest.Harness) cloudtest.Harness {
	t.Helper()
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
		must(t, box.AddFault(sandbox.Fault{
			Operator: operator, Method: "POST", Path: segments[kind] + "$", Nth: 1, Times: 1, After: true, Reset: true,
		}))
	}
	h.FailNext = func(t *testing.T, kind cloud.Kind, message string) {
		t.Helper()
		must(t, box.AddFault(sandbox.Fault{
			Operator: operator, Method: "POST", Path: segments[kind] + "$", Nth: 1, Times: 1, Fail: message,
		}))
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
