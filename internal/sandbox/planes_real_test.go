package sandbox

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// renamed is a folder of the real programs, in which one version is called another.
func renamed(t *testing.T, from, to string) string {
	t.Helper()
	bin, err := controlplane.DefaultBinDir()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob(filepath.Join(bin, "vdam-*"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, program := range programs {
		name := strings.Replace(filepath.Base(program), "-"+from, "-"+to, 1)
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestKubernetesMovesOn has a later patch take the place of the one that a cluster runs, and a cluster upgraded while its
// pool is being scaled.
func TestKubernetesMovesOn(t *testing.T) {
	testbed.Asked(t, "kubernetes")
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, Kubernetes: renamed(t, "1.34.4", "1.34.4"), Now: time.Now})
	c := at(t, s, "lvrtc")
	id := c.order("container-clusters", clusterOf("k8s", scaledCluster)).is(http.StatusCreated).view().ID
	path := "container-clusters/" + id
	c.becomes(path, "ready")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = start(t, Options{Dir: dir, Kubernetes: renamed(t, "1.34.4", "1.34.5"), Now: time.Now})
	c = at(t, s, "lvrtc")
	eventually(t, 5*time.Minute, func() error {
		if v := c.get(path).cluster(); v.RunningVersion != "1.34.5" || v.State != "ready" {
			return fmt.Errorf("it is %s and runs %s: %s", v.State, v.RunningVersion, v.StateMessage)
		}
		return nil
	})

	if err := s.Autoscale(t.Context(), "lvrtc", id, "std", 3); err != nil {
		t.Fatal(err)
	}
	c.patch(path, c.get(path).view().Etag, `{"kubernetes_version":"1.35"}`).is(http.StatusOK)
	if v := c.becomes(path, "ready"); v.RunningVersion != "1.35.4" || v.NodePools["std"].CurrentSize != 3 {
		t.Errorf("it is %+v", v)
	}
	var admin api.ClusterCredentials
	c.order(path+"/credentials", m{"role": "admin", "ttl_seconds": 600}).is(http.StatusCreated).into(&admin)
	wantNodes(t, admin, "std", "std", "std")
	if _, body := asked(t, admin, http.MethodGet, "/version"); !strings.Contains(string(body), `"v1.35.4"`) {
		t.Errorf("its API says %s", body)
	}
}
