package controlplane

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// soon is how long what a cluster does by itself may take on a busy machine.
const soon = 2 * time.Minute

// require returns the real programs. It skips the test if nobody asked for them; if somebody did, they have to be there.
func require(t *testing.T) Binaries {
	t.Helper()
	testbed.Asked(t, "kubernetes")
	b, err := Find("")
	if err != nil {
		t.Fatalf("VDAM_TESTBED_KUBERNETES is set, but %v", err)
	}
	for _, version := range []string{"1.34", "1.35"} {
		if _, err := b.Resolve(version); err != nil {
			t.Fatalf("VDAM_TESTBED_KUBERNETES is set, but %v", err)
		}
	}
	return b
}

// user is somebody with credentials.
type user struct {
	*testing.T
	cluster *Cluster
	api     *api
	// kubectl is the command line of theirs, which knows them.
	kubectl []string
}

func mint(t *testing.T, c *Cluster, role string, ttl time.Duration) (user, Credentials) {
	t.Helper()
	credentials, err := c.Mint(t.Context(), role, ttl)
	if err != nil {
		t.Fatal(err)
	}
	api, err := newAPI(c.Endpoint(), c.CA(), pair{credentials.ClientCertificate, credentials.ClientKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.close)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	who := pair{credentials.ClientCertificate, credentials.ClientKey}
	if err := os.WriteFile(file, kubeconfig(c.id, c.Endpoint(), c.ca.pem, credentials.User, who), 0o600); err != nil {
		t.Fatal(err)
	}
	kubectl, err := c.manager.binaries.Kubectl(c.Version())
	if err != nil {
		t.Fatal(err)
	}
	return user{t, c, api, append(kubectl, "--kubeconfig="+file)}, credentials
}

// run runs kubectl.
func (u user) run(args ...string) string {
	u.Helper()
	args = append(u.kubectl[1:len(u.kubectl):len(u.kubectl)], args...)
	cmd := exec.CommandContext(u.Context(), u.kubectl[0], args...)
	cmd.Env = []string{"HOME=" + u.TempDir()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		u.Fatalf("kubectl %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// refused fails unless the API answers this to who lists or makes a namespace, in which case body is not nil.
func (u user) refused(status int, path string, body object) {
	u.Helper()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	if err := u.api.do(u.Context(), method, path, plainJSON, body, nil); !Refused(err, status) {
		u.Errorf("%s %s: got %v, want %d", method, path, err, status)
	}
}

func (u user) wantReady(deployment string, replicas int) {
	u.Helper()
	eventually(u.T, soon, func() error {
		got := u.run("get", "deployment", deployment, "-o", "jsonpath={.status.readyReplicas}/{.status.replicas}")
		if want := fmt.Sprintf("%d/%d", replicas, replicas); got != want {
			return fmt.Errorf("deployment %s is %s, want %s", deployment, got, want)
		}
		return nil
	})
}

// wantNodes waits for nodes that are ready and of the cluster's version.
func wantNodes(t *testing.T, c *Cluster, size int) {
	t.Helper()
	eventually(t, soon, func() error {
		nodes, err := c.Nodes(t.Context())
		if err != nil || len(nodes) != size {
			return fmt.Errorf("there are %d nodes, want %d, %w", len(nodes), size, err)
		}
		for _, n := range nodes {
			if !n.Ready || n.Version != c.Version() {
				return fmt.Errorf("node %s is of %s, ready: %t", n.Name, n.Version, n.Ready)
			}
		}
		return nil
	})
}

// timed logs how long something took.
func timed(t *testing.T, what string, do func() error) {
	t.Helper()
	started := time.Now()
	if err := do(); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	t.Logf("%s took %.1f s", what, time.Since(started).Seconds())
}

// logMemory logs what each process takes, a page that several share counted once.
func logMemory(t *testing.T, m *Manager) {
	t.Helper()
	processes := map[string]*process{"etcd": m.etcd.process}
	for _, c := range m.Clusters() {
		for _, p := range c.processes {
			processes[c.id+"/"+p.part] = p
		}
	}
	for name, p := range processes {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
		if err != nil {
			t.Log(err) // Not every kernel has it.
			continue
		}
		for line := range strings.Lines(string(raw)) {
			if fields := strings.Fields(line); fields[0] == "Rss:" || fields[0] == "Pss:" || fields[0] == "Private_Dirty:" {
				kib, _ := strconv.Atoi(fields[1])
				t.Logf("%-26s %-14s %4d MiB", name, fields[0], kib/1024)
			}
		}
	}
}
