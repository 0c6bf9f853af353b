package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// eventually asks again until there is no error any more.
func eventually(t *testing.T, limit time.Duration, f func() error) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatalf("after %s: %v", limit, err)
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

// becomes waits until an object is in a state; empty means gone.
func (c *client) becomes(path, state string) clusterView {
	c.t.Helper()
	var v clusterView
	eventually(c.t.(*testing.T), 5*time.Minute, func() error {
		a := c.get(path)
		switch {
		case state == "" && a.status == http.StatusNotFound:
			return nil
		case a.status != http.StatusOK:
			return fmt.Errorf("%s answers %d", path, a.status)
		}
		if v = a.cluster(); v.State != state {
			return fmt.Errorf("%s is %s: %s", path, v.State, v.StateMessage)
		}
		return nil
	})
	return v
}

// TestControlPlaneDoesNotStart has programs that end at once.
func TestControlPlaneDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, Kubernetes: deadPrograms(t), Now: time.Now})
	c := at(t, s, "lvrtc")
	id := c.order("container-clusters", clusterOf("k8s", nil)).is(http.StatusCreated).view().ID
	v := c.becomes("container-clusters/"+id, "failed")
	if !strings.Contains(v.StateMessage, "no etcd today") || v.Simulated || v.APIEndpoint != "" {
		t.Errorf("it is %+v", v)
	}
	c.order("container-clusters/"+id+"/credentials", m{"role": "admin", "ttl_seconds": 300}).refused(http.StatusConflict, "conflict")
	c.order("node-pools", poolIn(id, "batch", nil)).refused(http.StatusConflict, "conflict")
	c.remove("container-clusters/" + id).is(http.StatusAccepted)
	c.becomes("container-clusters/"+id, "")

	// A fault that was ordered needs no Kubernetes, and what waits for one when the sandbox has none any more fails.
	if err := s.AddFault(Fault{Method: "POST", Path: "container-clusters$", Times: 1, Stuck: true}); err != nil {
		t.Fatal(err)
	}
	stuck := c.order("container-clusters", clusterOf("stuck", nil)).is(http.StatusCreated).view().ID
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c = at(t, start(t, Options{Dir: dir, Now: time.Now}), "lvrtc")
	if v := c.becomes("container-clusters/"+stuck, "failed"); !strings.Contains(v.StateMessage, "without the Kubernetes") {
		t.Errorf("it failed because %s", v.StateMessage)
	}
}

func TestNoKubernetesInTheFolder(t *testing.T) {
	_, err := Start(t.Context(), Options{Dir: t.TempDir(), Kubernetes: t.TempDir()})
	if !errors.Is(err, controlplane.ErrNotBuilt) {
		t.Errorf("got %v, want %v", err, controlplane.ErrNotBuilt)
	}
}

// asked is somebody with credentials at a cluster's API.
func asked(t *testing.T, c api.ClusterCredentials, method, path string) (status int, body []byte) {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(c.ClientCertificate), []byte(c.ClientKey))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(c.CaCertificate))
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: roots, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, c.Host+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = resp.Body.Close() }()
	var raw json.RawMessage
	_ = json.NewDecoder(resp.Body).Decode(&raw) // Empty if it is no JSON.
	return resp.StatusCode, raw
}

// nodes are the names of the pools of all nodes.
func nodes(t *testing.T, c api.ClusterCredentials) (pools []string) {
	t.Helper()
	status, body := asked(t, c, http.MethodGet, "/api/v1/nodes")
	var list struct {
		Items []struct {
			Metadata struct{ Labels map[string]string }
		}
	}
	if err := json.Unmarshal(body, &list); err != nil || status != http.StatusOK {
		t.Fatalf("listing nodes: %d, %v: %s", status, err, body)
	}
	for _, n := range list.Items {
		pools = append(pools, n.Metadata.Labels[controlplane.PoolLabel])
	}
	slices.Sort(pools)
	return pools
}

func wantNodes(t *testing.T, c api.ClusterCredentials, want ...string) {
	t.Helper()
	if got := nodes(t, c); !slices.Equal(got, want) {
		t.Errorf("the nodes are of %v, want %v", got, want)
	}
}

// TestKubernetesBehindTheSandbox has real control planes.
func TestKubernetesBehindTheSandbox(t *testing.T) {
	testbed.Asked(t, "kubernetes")
	bin, err := controlplane.DefaultBinDir()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: t.TempDir(), Kubernetes: bin, Now: time.Now}
	s := start(t, o)
	c := at(t, s, "lvrtc")
	mint := func(id, role string) (minted api.ClusterCredentials) {
		t.Helper()
		a := c.order("container-clusters/"+id+"/credentials", m{"role": role, "ttl_seconds": 600}).is(http.StatusCreated)
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("credentials may be kept: %q", a.header.Get("Cache-Control"))
		}
		a.into(&minted)
		return minted
	}
	began := time.Now()
	id := c.order("container-clusters", clusterOf("k8s", nil)).is(http.StatusCreated).view().ID
	path := "container-clusters/" + id
	c.order(path+"/credentials", m{"role": "admin", "ttl_seconds": 600}).refused(http.StatusConflict, "conflict") // Not yet.
	v := c.becomes(path, "ready")
	t.Logf("created in %.1f s", time.Since(began).Seconds())
	if v.Simulated || v.RunningVersion != "1.34.4" || !strings.HasPrefix(v.APIEndpoint, "https://127.0.0.1:") {
		t.Errorf("it is %+v", v)
	}
	admin, viewer := mint(id, "admin"), mint(id, "viewer")
	wantNodes(t, admin, "std", "std")
	wantNodes(t, viewer, "std", "std")
	if status, _ := asked(t, viewer, http.MethodGet, "/api/v1/secrets"); status != http.StatusForbidden {
		t.Errorf("a viewer reads secrets with %d", status)
	}
	c.order(path+"/credentials", m{"role": "admin", "ttl_seconds": 90_000}).refused(http.StatusUnprocessableEntity, "invalid")

	pool := c.order("node-pools", poolIn(id, "batch", nil)).is(http.StatusCreated).view()
	etag := c.becomes("node-pools/"+pool.ID, "ready").Etag
	wantNodes(t, admin, "batch", "std", "std")
	c.patch("node-pools/"+pool.ID, etag, `{"name":"night"}`).is(http.StatusOK)
	c.becomes("node-pools/"+pool.ID, "ready")
	wantNodes(t, admin, "night", "std", "std")

	began = time.Now()
	c.patch(path, c.get(path).view().Etag, `{"kubernetes_version":"1.35","node_pools":{"std":{"size":1}}}`).is(http.StatusOK)
	if v = c.becomes(path, "ready"); v.RunningVersion != "1.35.4" {
		t.Errorf("it runs %s", v.RunningVersion)
	}
	t.Logf("upgraded in %.1f s", time.Since(began).Seconds())
	wantNodes(t, admin, "night", "std")

	for _, id := range []string{viewer.Id, viewer.Id, "cluster-admin", "x"} { // Twice, and what was never minted.
		c.order(path+"/credentials/revoke", m{"id": id}).is(http.StatusNoContent)
	}
	if status, body := asked(t, viewer, http.MethodGet, "/api/v1/nodes"); status != http.StatusForbidden {
		t.Errorf("revoked credentials are answered %d: %s", status, body)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if status, _ := asked(t, admin, http.MethodGet, "/api/v1/nodes"); status != 0 {
		t.Errorf("the control plane outlives the sandbox: %d", status)
	}
	began = time.Now()
	s = start(t, o)
	c = at(t, s, "lvrtc")
	eventually(t, 5*time.Minute, func() error {
		if a := c.order(path+"/credentials", m{"role": "admin", "ttl_seconds": 600}); a.status != http.StatusCreated {
			return fmt.Errorf("%d: %s", a.status, a.body)
		}
		return nil
	})
	t.Logf("resumed in %.1f s", time.Since(began).Seconds())
	admin = mint(id, "admin")
	wantNodes(t, admin, "night", "std")

	c.remove("node-pools/" + pool.ID).is(http.StatusAccepted)
	c.becomes("node-pools/"+pool.ID, "")
	wantNodes(t, admin, "std")
	began = time.Now()
	c.remove(path).is(http.StatusAccepted)
	c.becomes(path, "")
	t.Logf("deleted in %.1f s", time.Since(began).Seconds())
	if status, _ := asked(t, admin, http.MethodGet, "/api/v1/nodes"); status != 0 {
		t.Errorf("credentials of a deleted cluster are answered %d", status)
	}
	if n, err := s.planes.manager.Keys(t.Context(), id); err != nil || n != 0 {
		t.Errorf("etcd has %d keys of it, %v", n, err)
	}
}
