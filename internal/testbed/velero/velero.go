// Package velero gives tests a real Velero with its plugin for S3. It runs outside of its cluster, as no container runs in
// those of package controlplane, and ends with the cluster.
package velero

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// Namespace is where Velero is, and keeps its objects.
const Namespace = "velero"

const (
	startTimeout = 3 * time.Minute
	prefix       = "vdam-velero-"
	awsPrefix    = "vdam-velero-aws-"
	logName      = "velero"
)

// Cluster is a real cluster that Velero runs beside.
type Cluster interface {
	Kubeconfig() string
	Version() string
	Accompany(ctx context.Context, companions ...controlplane.Companion) error
}

// Server is a Velero that runs.
type Server struct {
	// Version is such as v1.18.3.
	Version string

	kubectl    []string
	kubeconfig string
}

// Start starts Velero beside a cluster, which has some objects before: Velero looks for new kinds every five minutes only. It
// skips a test that nobody asked for. What Velero logs is in t.ArtifactDir() if the test fails.
func Start(t testing.TB, c Cluster, has ...string) *Server {
	t.Helper()
	testbed.Asked(t, "kubernetes")
	found, err := findPrograms()
	if err != nil {
		t.Fatal(err)
	}
	binaries, err := controlplane.Find("")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Version: "v" + found.version.String(), kubeconfig: c.Kubeconfig()}
	if s.kubectl, err = binaries.Kubectl(c.Version()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	t.Cleanup(func() { s.keepLog(t) })
	for _, manifest := range has {
		if _, err := s.Kubectl(ctx, manifest, "apply", "-f", "-"); err != nil {
			t.Fatal(err)
		}
	}
	if err = s.install(ctx, found); err == nil {
		err = s.run(ctx, c, found, t.TempDir())
	}
	if err != nil {
		t.Fatalf("starting Velero: %v", err)
	}
	return s
}

// keepLog keeps what Velero has logged of a test that failed.
func (s *Server) keepLog(t testing.TB) {
	if !t.Failed() {
		return
	}
	name := logName + ".log"
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(s.kubeconfig), name))
	if err == nil {
		cluster := filepath.Base(filepath.Dir(s.kubeconfig))
		//nolint:gosec // The cluster's folder is the test's own.
		err = os.WriteFile(filepath.Join(t.ArtifactDir(), cluster+"-"+name), raw, 0o600)
	}
	if err != nil {
		t.Logf("the log of Velero is not kept: %v", err)
	}
}

// Kubectl runs kubectl at the cluster as its administrator, and returns what it says. The input may be empty.
func (s *Server) Kubectl(ctx context.Context, input string, args ...string) (string, error) {
	all := append(append(s.kubectl[1:len(s.kubectl):len(s.kubectl)], "--kubeconfig="+s.kubeconfig), args...)
	cmd := exec.CommandContext(ctx, s.kubectl[0], all...) //nolint:gosec // It is the testbed's own.
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = []string{"HOME=" + filepath.Dir(s.kubeconfig)}
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, problems.String())
	}
	return out.String(), nil
}

// Deployment is what Velero looks its own image up in. Where Velero runs outside of its cluster, somebody has to put it there:
// without it restores restore nothing.
const Deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: velero, namespace: velero}
spec:
  replicas: 0
  selector: {matchLabels: {component: velero}}
  template:
    metadata: {labels: {component: velero}}
    spec: {containers: [{name: velero, image: velero/velero}]}
`

// install brings the custom resources into the cluster, and what Velero has in its namespace.
func (s *Server) install(ctx context.Context, found programs) error {
	if _, err := s.Kubectl(ctx, "", "apply", "--server-side", "-f", found.resources()); err != nil {
		return err
	}
	if _, err := s.Kubectl(ctx, "", "wait", "--for=condition=Established", "--timeout=60s", "-f", found.resources()); err != nil {
		return err
	}
	_, err := s.Kubectl(ctx, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+Namespace+"}\n---"+Deployment, "apply", "-f", "-")
	return err
}

// run starts the server, and returns when it answers. Its folder has the plugins.
func (s *Server) run(ctx context.Context, c Cluster, found programs, dir string) error {
	if err := os.Symlink(found.plugin, filepath.Join(dir, "velero-plugin-for-aws")); err != nil {
		return err
	}
	metrics, err := testbed.FreeAddress()
	if err != nil {
		return err
	}
	profiler, err := testbed.FreeAddress()
	if err != nil {
		return err
	}
	return c.Accompany(ctx, controlplane.Companion{
		Name: logName, Program: found.server(),
		Args: []string{
			"server", "--kubeconfig=" + s.kubeconfig, "--namespace=" + Namespace, "--plugin-dir=" + dir,
			"--metrics-address=" + metrics, "--profiler-address=" + profiler,
		},
		Env: []string{"VELERO_NAMESPACE=" + Namespace},
		Answers: func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metrics+"/metrics", nil)
			if err != nil {
				return err
			}
			return testbed.Answers(req)
		},
	})
}

// programs are a Velero, and the newest plugin.
type programs struct {
	dir     string
	version controlplane.Release
	plugin  string
}

// findPrograms finds the newest of each.
func findPrograms() (programs, error) {
	dir, err := controlplane.DefaultBinDir()
	if err != nil {
		return programs{}, err
	}
	p := programs{dir: dir}
	if p.version, _, err = newest(dir, prefix); err == nil {
		_, p.plugin, err = newest(dir, awsPrefix)
	}
	if err != nil {
		return p, fmt.Errorf("%w in %s: `make testbed-kubernetes-build` builds it", err, dir)
	}
	if _, err := os.Stat(p.resources()); err != nil {
		return p, err
	}
	return p, nil
}

func newest(dir, prefix string) (version controlplane.Release, file string, err error) {
	found, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	for _, f := range found {
		r, bad := controlplane.ParseRelease(strings.TrimPrefix(filepath.Base(f), prefix))
		if bad == nil && r.Patch >= 0 && r.Compare(version) > 0 {
			version, file = r, f
		}
	}
	if err == nil && file == "" {
		err = errors.New("there is no " + prefix + "*")
	}
	return version, file, err
}

func (p programs) server() string { return filepath.Join(p.dir, prefix+p.version.String()) }

// resources is a file with Velero's custom resources.
func (p programs) resources() string { return p.server() + ".yaml" }
