package clusterapi

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// TestKubernetesAccess mints credentials at a real Kubernetes, by a kubeconfig of the form that Cluster API's contract says.
func TestKubernetesAccess(t *testing.T) {
	testbed.Asked(t, "kubernetes")
	cluster := startKubernetes(t)
	f := startFake(t)
	f.kubeconfig = administrators(t, cluster)
	o := fakeOptions(t, f, "")
	o.Dial = dial
	op, err := Open(t.Context(), o)
	must(t, err)
	id := orderFake(t, op, "registry")

	admin := mint(t, op, id, "admin")
	if left := time.Until(admin.ExpiresAt); left < 9*time.Minute || left > 11*time.Minute {
		t.Errorf("the shortest token that Kubernetes issues ends in %v", left)
	}
	viewer := mint(t, op, id, "viewer")
	for _, c := range []struct {
		who  string
		as   cloud.Access
		path string
		want int
	}{
		{"admin", admin, "/api/v1/nodes", http.StatusOK},
		{"admin", admin, "/api/v1/secrets", http.StatusOK},
		{"viewer", viewer, "/api/v1/nodes", http.StatusOK},
		{"viewer", viewer, "/api/v1/namespaces/kube-system/pods", http.StatusOK},
		{"viewer", viewer, "/api/v1/secrets", http.StatusForbidden},
	} {
		if got := asked(t, c.as, c.path); got != c.want {
			t.Errorf("the %s got %d for %s, want %d", c.who, got, c.path, c.want)
		}
	}
	must(t, op.ClusterAccess.Revoke(t.Context(), id, admin.ID))
	must(t, op.ClusterAccess.Revoke(t.Context(), id, admin.ID)) // Revoking twice is revoking once.
	refusedSoon(t, "what was revoked", admin)
	if got := asked(t, viewer, "/api/v1/nodes"); got != http.StatusOK {
		t.Errorf("what was not revoked got %d", got)
	}

	// What a run that was cut off has left goes once it has expired.
	f.set(func() { f.now = func() time.Time { return time.Now().Add(time.Hour) } })
	last := mint(t, op, id, "viewer")
	refusedSoon(t, "what has expired", viewer)
	must(t, op.ClusterAccess.Revoke(t.Context(), id, last.ID))
	w, err := op.ClusterAccess.(access).workload(t.Context(), id)
	must(t, err)
	if left := bindingsLeft(t, w); len(left) > 0 {
		t.Errorf("the bindings %v are left", left)
	}

	f.set(func() { f.kubeconfig = "no kubeconfig" })
	_, err = op.ClusterAccess.Mint(t.Context(), id, cloud.AccessWish{Role: "admin", TTL: time.Hour})
	if !errors.Is(err, cloud.ErrUnavailable) {
		t.Errorf("a Secret without a kubeconfig led to %v", err)
	}
}

func startKubernetes(t *testing.T) *controlplane.Cluster {
	t.Helper()
	programs, err := controlplane.Find("")
	must(t, err)
	m, err := controlplane.Open(t.TempDir(), programs)
	must(t, err)
	t.Cleanup(func() { _ = m.Close() })
	versions := programs.Versions()
	c, err := m.Start(t.Context(), controlplane.Spec{
		ID: "access", Version: versions[0], PodCIDR: defaultPods, ServiceCIDR: defaultServices,
	})
	must(t, err)
	return c
}

// administrators is a kubeconfig as Cluster API writes it.
func administrators(t *testing.T, c *controlplane.Cluster) string {
	t.Helper()
	minted, err := c.Mint(t.Context(), controlplane.RoleAdmin, time.Hour)
	must(t, err)
	encoded := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`
apiVersion: v1
kind: Config
current-context: registry-admin@registry
contexts: [{name: registry-admin@registry, context: {cluster: registry, user: registry-admin}}]
clusters: [{name: registry, cluster: {server: %q, certificate-authority-data: %s}}]
users: [{name: registry-admin, user: {client-certificate-data: %s, client-key-data: %s}}]
`, c.Endpoint(), encoded(c.CA()), encoded(minted.ClientCertificate), encoded(minted.ClientKey))
}

// dial makes the client as the provider does.
func dial(k Kubeconfig) (*http.Client, error) {
	config := transport.Config{Operator: "capi", TLS: transport.TLSConfig{CA: k.Authority, Cert: k.Certificate, Key: k.Key}}
	if k.Token != "" {
		config.Tokens = transport.StaticToken(k.Token)
	}
	return transport.New(config)
}

// orderFake orders a cluster and waits until it is ready.
func orderFake(t *testing.T, op *cloud.Operator, name string) string {
	t.Helper()
	spec := cloud.ContainerClusterSpec{SpecMeta: cloud.SpecMeta{Name: name}, KubernetesVersion: "1.34"}
	o, err := op.ContainerClusters.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: "4cbd9e47-4a0c-4d5c-8d34-7a3b4ed3e5c8"})
	for err == nil && o.State != cloud.StateReady {
		o, err = op.ContainerClusters.Await(t.Context(), o.ID, 0)
	}
	must(t, err)
	return o.ID
}

func mint(t *testing.T, op *cloud.Operator, id, role string) cloud.Access {
	t.Helper()
	minted, err := op.ClusterAccess.Mint(t.Context(), id, cloud.AccessWish{Role: role, TTL: 5 * time.Minute})
	must(t, err)
	return minted
}

// asked is the status that a cluster answers somebody with.
func asked(t *testing.T, as cloud.Access, path string) int {
	t.Helper()
	client, err := transport.New(transport.Config{Operator: "capi", MaxRetries: -1, TLS: transport.TLSConfig{CA: as.CACertificate}})
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, as.Host+path, nil)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+as.Token)
	resp, err := client.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	return resp.StatusCode
}

// refusedSoon waits until a cluster refuses somebody: it forgets a token by and by, and a binding a moment later.
func refusedSoon(t *testing.T, what string, as cloud.Access) {
	t.Helper()
	tick := time.NewTicker(rightsPoll)
	defer tick.Stop()
	for range 100 {
		if got := asked(t, as, "/api/v1/nodes"); got == http.StatusUnauthorized || got == http.StatusForbidden {
			return
		}
		<-tick.C
	}
	t.Errorf("%s can still be used", what)
}

func bindingsLeft(t *testing.T, w workload) (names []string) {
	t.Helper()
	var list struct {
		Items []struct {
			Metadata metadata `json:"metadata"`
		} `json:"items"`
	}
	_, err := w.send(context.WithoutCancel(t.Context()), w.client, w.kubeconfig.Server,
		request{method: http.MethodGet, path: bindings + "?labelSelector=" + accessLabel, into: &list})
	must(t, err)
	for _, item := range list.Items {
		names = append(names, item.Metadata.Name)
	}
	slices.Sort(names)
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
