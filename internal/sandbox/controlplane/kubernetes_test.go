package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestKubernetes(t *testing.T) {
	m := open(t, t.TempDir(), require(t))
	clusters := make([]*Cluster, 2)
	var starting sync.WaitGroup
	for i, spec := range []Spec{{"a", "1.34", "10.60.0.0/16", "10.43.0.0/16"}, of("b", "1.35")} {
		starting.Go(func() {
			started := time.Now()
			var err error
			if clusters[i], err = m.Start(context.Background(), spec); err != nil {
				t.Error(err)
			}
			t.Logf("two at once: %s started in %.1f s", spec.ID, time.Since(started).Seconds())
		})
	}
	if starting.Wait(); t.Failed() {
		return
	}
	a, b := clusters[0], clusters[1]
	admin, credentials := mint(t, a, RoleAdmin, time.Hour)
	t.Run("workload", func(t *testing.T) { workload(t, a, admin) })
	logMemory(t, m)
	t.Run("apart", func(t *testing.T) {
		api, err := newAPI(b.Endpoint(), b.CA(), pair{credentials.ClientCertificate, credentials.ClientKey})
		if err != nil {
			t.Fatal(err)
		}
		defer api.close()
		// Not to be trusted is to be nobody.
		err = api.get(t.Context(), "/api/v1/pods", nil, nil)
		if !Refused(err, http.StatusForbidden) || !strings.Contains(err.Error(), `"system:anonymous" cannot list`) {
			t.Errorf("got %v from the other cluster", err)
		}
	})
	t.Run("credentials", func(t *testing.T) { credentialsEnd(t, a) })
	t.Run("viewer", func(t *testing.T) {
		viewer, _ := mint(t, a, RoleViewer, time.Hour)
		if got := viewer.run("get", "nodes,deployments", "-A", "-o", "name"); strings.Count(got, "node/") != 3 {
			t.Errorf("a viewer sees %q", got)
		}
		viewer.refused(http.StatusForbidden, "/api/v1/secrets", nil)
		viewer.refused(http.StatusForbidden, "/api/v1/namespaces", object{"metadata": object{"name": "viewers"}})
		viewer.refused(http.StatusForbidden, bindingsPath, nil)
	})
	t.Run("upgrade", func(t *testing.T) {
		endpoint := a.Endpoint()
		timed(t, "upgrade", func() error { return a.Upgrade(t.Context(), "1.35") })
		if got := admin.run("version", "-o", "json"); !strings.Contains(got, `"gitVersion": "v`+a.Version()+`"`) || a.Endpoint() != endpoint {
			t.Errorf("got %s at %s", got, a.Endpoint())
		}
		wantNodes(t, a, 3)
		admin.wantReady("web", 3)
	})
	t.Run("drain", func(t *testing.T) {
		if err := a.SetNodes(t.Context(), Pool{Name: "std", Size: 1}); err != nil {
			t.Fatal(err)
		}
		wantNodes(t, a, 1)
		nodes, err := a.Nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, soon, func() error {
			got := admin.run("get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}")
			if want := strings.Repeat(nodes[0].Name+" ", 3); got+" " != want {
				return fmt.Errorf("pods are at %s, want %s", got, want)
			}
			return nil
		})
		admin.wantReady("web", 3)
	})
	t.Run("delete", func(t *testing.T) {
		wantKeys(t, m, "a", true)
		timed(t, "delete", func() error { return m.Delete(t.Context(), "a") })
		wantKeys(t, m, "a", false)
		wantKeys(t, m, "b", true)
		timed(t, "start of one beside another", func() error { _, err := m.Start(t.Context(), of("a", "1.34")); return err })
	})
}

// workload runs a deployment on three nodes, with addresses from the cluster's network.
func workload(t *testing.T, c *Cluster, admin user) {
	taint := Taint{"dedicated", "gpu", "NoSchedule"}
	for _, pool := range []Pool{{Name: "std", Size: 2}, {Name: "gpu", Size: 1, Taints: []Taint{taint}, VCPUs: 16, MemoryMiB: 65536}} {
		if err := c.SetNodes(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
	timed(t, "until three nodes are ready", func() error { wantNodes(t, c, 3); return nil })
	if got := admin.run("get", "nodes", "-o", "name"); strings.Count(got, "node/") != 3 {
		t.Errorf("kubectl lists %q", got)
	}
	admin.run("create", "deployment", "web", "--image=none", "--replicas=3")
	timed(t, "until a deployment is ready", func() error { admin.wantReady("web", 3); return nil })
	network := netip.MustParsePrefix("10.60.0.0/16")
	for line := range strings.Lines(admin.run("get", "pods", "-o", `jsonpath={range .items[*]}{.status.podIP} {.spec.nodeName}{"\n"}{end}`)) {
		address, node, _ := strings.Cut(strings.TrimSpace(line), " ")
		if ip, err := netip.ParseAddr(address); err != nil || !network.Contains(ip) || strings.HasPrefix(node, "gpu-") {
			t.Errorf("a pod has %s at %s, %v", address, node, err)
		}
	}
	if err := c.SetNodes(t.Context(), Pool{Name: "gpu", Size: 0}); err != nil {
		t.Fatal(err)
	}
	if err := c.SetNodes(t.Context(), Pool{Name: "std", Size: 3}); err != nil {
		t.Fatal(err)
	}
	wantNodes(t, c, 3)
}

func credentialsEnd(t *testing.T, c *Cluster) {
	short, credentials := mint(t, c, RoleAdmin, 5*time.Second)
	if err := short.api.get(t.Context(), "/api/v1/nodes", nil, nil); err != nil && time.Now().Before(credentials.ExpiresAt) {
		t.Error(err)
	}
	revoked, credentials := mint(t, c, RoleAdmin, time.Hour)
	if err := revoked.api.get(t.Context(), "/api/v1/nodes", nil, nil); err != nil {
		t.Error(err)
	}
	if err := c.Revoke(t.Context(), credentials.User); err != nil {
		t.Fatal(err)
	}
	revoked.refused(http.StatusForbidden, "/api/v1/nodes", nil)
	eventually(t, soon, func() error {
		if err := short.api.get(t.Context(), "/api/v1/nodes", nil, nil); !Refused(err, http.StatusUnauthorized) {
			return fmt.Errorf("got %w of who has expired", err)
		}
		return nil
	})
}

func TestKubernetesOutlivesItsManager(t *testing.T) {
	dir, b := t.TempDir(), require(t)
	killManager(t, dir, filepath.Dir(b.newest()))
	m := open(t, dir, b)
	var c *Cluster
	timed(t, "start again", func() (err error) { c, err = m.Start(t.Context(), of("a", "1.34")); return err })
	admin, _ := mint(t, c, RoleAdmin, time.Hour)
	admin.run("create", "configmap", "kept", "--from-literal=is=there")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = open(t, dir, b)
	timed(t, "start again", func() error { _, err := m.Start(t.Context(), of("a", "1.34")); return err })
	if got := admin.run("get", "configmap", "kept", "-o", "jsonpath={.data.is}"); got != "there" {
		t.Errorf("got %q", got)
	}
}

// TestKubernetesSaysWhy quotes what the part says that does not want to start.
func TestKubernetesSaysWhy(t *testing.T) {
	dir, b := t.TempDir(), require(t)
	m := open(t, dir, b)
	spec := of("a", "1.34")
	c := start(t, m, spec)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = open(t, dir, b)
	if err := os.WriteFile(filepath.Join(c.dir, "sa.pub"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := m.Start(t.Context(), spec)
	for _, want := range []string{"cluster a: kube-apiserver has ended (exit status 1)", "the end of its log:",
		"error reading public key file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	wantKeys(t, m, "a", true) // It was not new, so it is not undone.
}
