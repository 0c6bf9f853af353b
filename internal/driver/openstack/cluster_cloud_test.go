package openstack

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// cluster is a small one.
func clusterSpec(pools ...string) cloud.ContainerClusterSpec {
	spec := cloud.ContainerClusterSpec{
		SpecMeta: cloud.SpecMeta{Name: unique("k8s")}, KubernetesVersion: "1.34", NodePools: map[string]cloud.NodePoolSize{},
	}
	for _, name := range pools {
		spec.NodePools[name] = cloud.NodePoolSize{VCPUs: 1, MemoryMiB: 2048, Size: 1}
	}
	return spec
}

func (r *tenant) orderCluster(spec cloud.ContainerClusterSpec) (cloud.ContainerCluster, error) {
	r.Helper()
	c, err := r.ContainerClusters.Create(r.Context(), spec, cloud.CreateOptions{OwnerKey: uuid.NewString()})
	if err == nil {
		deleteAtEnd(r, r.ContainerClusters, c.ID)
	}
	return c, err
}

func (r *tenant) cluster(spec cloud.ContainerClusterSpec) cloud.ContainerCluster {
	r.Helper()
	c, err := r.orderCluster(spec)
	must(r.T, err)
	return wait(r, r.ContainerClusters, c.ID, cloud.StateReady)
}

// notesOf are the notes of clusters of a name.
func (r *tenant) notesOf(name string) (found []string) {
	r.Helper()
	notes, err := r.s.notesWhere(r.Context(), query("project_id", r.s.project))
	must(r.T, err)
	for _, n := range notes {
		if n.Name == "vdam-cluster-"+name {
			found = append(found, n.ID)
		}
	}
	return found
}

// TestOpenStackWithoutClusters is a cloud without Magnum: it offers none.
func TestOpenStackWithoutClusters(t *testing.T) {
	r := newTenant(t, "a-acme")
	if r.Capabilities.Offers(cloud.KindContainerCluster) || r.ContainerClusters != nil || r.ClusterAccess != nil ||
		len(r.Catalogue.KubernetesVersions) > 0 {
		t.Error("it offers clusters")
	}
}

// TestOpenStackClusterCredentials are signed by the cluster's own authority, for longer than was asked for.
func TestOpenStackClusterCredentials(t *testing.T) {
	r := newTenant(t, "b-acme")
	c := r.cluster(clusterSpec())
	wish := cloud.AccessWish{Role: "admin", TTL: 15 * time.Minute}
	access, err := r.ClusterAccess.Mint(t.Context(), c.ID, wish)
	must(t, err)
	if access.Host != c.APIEndpoint || access.CACertificate != c.CACertificate || c.CACertificate == "" {
		t.Errorf("the credentials are for %s, the cluster is at %s", access.Host, c.APIEndpoint)
	}
	pair, err := tls.X509KeyPair([]byte(access.ClientCertificate), []byte(access.ClientKey))
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(access.CACertificate)) {
		t.Fatal("the authority is none")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	must(t, err)
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	must(t, err)
	if who := leaf.Subject.String(); who != "CN=admin,O=system:masters" || !access.ExpiresAt.Equal(leaf.NotAfter) {
		t.Errorf("it is for %s until %v", who, access.ExpiresAt)
	}
	if time.Until(access.ExpiresAt) < 365*24*time.Hour {
		t.Errorf("Magnum signs until %v: is the lifetime one that can be chosen by now?", access.ExpiresAt)
	}
	for _, request := range r.tap.Requests() {
		if strings.Contains(request.Body, "PRIVATE KEY") {
			t.Errorf("the key was sent to %s", request.Address)
		}
	}
	_, err = r.ClusterAccess.Mint(t.Context(), c.ID, cloud.AccessWish{Role: "viewer", TTL: wish.TTL})
	_ = want(t, err, cloud.ErrUnsupported) // Nobody looks closer.
	_, err = r.ClusterAccess.Mint(t.Context(), uuid.NewString(), wish)
	_ = want(t, err, cloud.ErrNotFound)
	if block, _ := pem.Decode([]byte(c.CACertificate)); block == nil {
		t.Error("the certificate of the authority is no PEM")
	}
}

// TestOpenStackClusterOfOthers is in the same project and shown but for its certificates.
func TestOpenStackClusterOfOthers(t *testing.T) {
	r, admin := newTenant(t, "b-acme"), newTenant(t, "b-globex")
	c := r.cluster(clusterSpec())
	_, err := admin.ContainerClusters.Get(t.Context(), c.ID)
	_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
	refusal := `{"errors": [{"status": 403, "detail": "Policy doesn't allow certificate:get to be performed (HTTP 403)."}]}`
	r.tap.Answer(tap.On(http.MethodGet, "/certificates/"+c.ID), http.StatusForbidden, refusal)
	seen, err := r.ContainerClusters.Get(t.Context(), c.ID)
	must(t, err)
	if seen.CACertificate != "" || seen.APIEndpoint == "" {
		t.Errorf("it is at %q, with the authority %q", seen.APIEndpoint, seen.CACertificate)
	}
	r.tap.Answer(tap.On(http.MethodPost, "/certificates"), http.StatusForbidden, refusal)
	_, err = r.ClusterAccess.Mint(t.Context(), c.ID, cloud.AccessWish{Role: "admin", TTL: time.Hour})
	if e := want(t, err, cloud.ErrForbidden); !strings.Contains(e.Advice, "who has made the cluster") {
		t.Errorf("the advice is %q", e.Advice)
	}
}

// TestOpenStackClusterQuota is told with its figures, and leaves nothing.
func TestOpenStackClusterQuota(t *testing.T) {
	r := newTenant(t, "b-tight")
	r.cluster(clusterSpec())
	spec := clusterSpec()
	_, err := r.orderCluster(spec)
	e := want(t, err, cloud.ErrQuota)
	if q := e.Quota; q == nil || q.Resource != "clusters" || q.Limit != 1 || q.Used != 1 {
		t.Errorf("the figures are %+v", q)
	}
	if e.RequestID == "" {
		t.Error("the refusal has no request id")
	}
	if left := r.notesOf(spec.Name); len(left) > 0 {
		t.Errorf("the notes %v are left", left)
	}
}

// TestOpenStackClusterWithoutTrust fails: since CVE-2026-80184, Keystone lets no application credential make a trust, also
// no unrestricted one, and Magnum needs one.
func TestOpenStackClusterWithoutTrust(t *testing.T) {
	r := newTenant(t, "b-acme-appcred")
	spec := clusterSpec("std")
	spec.DeletionProtection = true // What never came to be is not protected.
	c, err := r.orderCluster(spec)
	must(t, err)
	failed := wait(r, r.ContainerClusters, c.ID, cloud.StateFailed)
	if !strings.Contains(failed.StateMessage, "use a user's name and password") {
		t.Errorf("Magnum's words are %q", failed.StateMessage)
	}
	_, err = r.ContainerClusters.Update(t.Context(), c.ID, clusterChange{From: spec, To: clusterSpec("std", "more")})
	_ = want(t, err, cloud.ErrConflict) // Nobody looks closer.
	must(t, r.ContainerClusters.Delete(t.Context(), c.ID))
	waitUntil(t, func() bool { _, err := r.ContainerClusters.Get(t.Context(), c.ID); return isNotFound(err) })
	if left := r.notesOf(spec.Name); len(left) > 0 {
		t.Errorf("the notes %v are left", left)
	}
}

// TestOpenStackClusterShape has three control planes, a network, and Magnum's own node group for a pool.
func TestOpenStackClusterShape(t *testing.T) {
	r := newTenant(t, "b-acme")
	spec := clusterSpec(defaultWorker)
	spec.KubernetesVersion, spec.HighAvailability, spec.NetworkID = "1.34.2", cloud.HighAvailabilityNode, r.net()
	c := r.cluster(spec)
	if c.HighAvailability != cloud.HighAvailabilityNode || c.NetworkID != spec.NetworkID || c.RunningVersion != "1.34.2" {
		t.Errorf("it is %s, at %s, and runs %s", c.HighAvailability, c.NetworkID, c.RunningVersion)
	}
	if p := c.NodePools[defaultWorker]; p.CurrentSize != 1 || p.VCPUs != 1 || p.MemoryMiB != 2048 || p.BootDiskGiB != 20 {
		t.Errorf("its pools are %+v", c.NodePools)
	}
	to := clusterSpec()
	to.Name, to.KubernetesVersion, to.HighAvailability, to.NetworkID = spec.Name, "1.34.4", spec.HighAvailability, spec.NetworkID
	_, err := r.ContainerClusters.Update(t.Context(), c.ID, clusterChange{From: spec, To: to})
	must(t, err)
	c = wait(r, r.ContainerClusters, c.ID, cloud.StateReady)
	if len(c.NodePools) > 0 || c.RunningVersion != "1.34.4" || c.KubernetesVersion != "1.34.4" {
		t.Errorf("it runs %s, with %+v", c.RunningVersion, c.NodePools)
	}
	for _, g := range r.listGroups() {
		if strings.HasPrefix(g, "vdam-cluster-") {
			t.Errorf("the note %s is shown as a security group", g)
		}
	}
}

func (r *tenant) listGroups() (names []string) {
	r.Helper()
	for g, err := range r.SecurityGroups.List(r.Context(), cloud.ListOptions{}) {
		must(r.T, err)
		names = append(names, g.Name)
	}
	return names
}

// TestOpenStackForeignCluster was made elsewhere: it is shown, and its description kept from the first change on.
func TestOpenStackForeignCluster(t *testing.T) {
	r := newTenant(t, "b-acme")
	template, err := r.s.templateFor("1.34.4")
	must(t, err)
	var answer struct {
		ID string `json:"uuid"`
	}
	name := unique("foreign")
	_, err = r.s.post(t.Context(), r.s.containers, "clusters", map[string]any{
		"name": name, "cluster_template_id": template.ID, "node_count": 2, "flavor_id": "m1.small",
	}, &answer)
	must(t, err)
	deleteAtEnd(r, r.ContainerClusters, answer.ID)
	waitUntil(t, func() bool {
		c, err := r.ContainerClusters.Get(t.Context(), answer.ID)
		return err == nil && c.State == cloud.StateReady
	})
	c, err := r.ContainerClusters.Get(t.Context(), answer.ID)
	must(t, err)
	if c.Ownership.Key != "" || !c.Ownership.Claimed || c.NodePools[defaultWorker].Size != 2 || c.KubernetesVersion != "1.34.4" {
		t.Errorf("it is %+v", c)
	}
	must(t, r.ContainerClusters.Claim(t.Context(), answer.ID))
	from := clusterSpec()
	from.Name, from.KubernetesVersion = name, "1.34.4"
	from.NodePools[defaultWorker] = c.NodePools[defaultWorker].NodePoolSize
	to := from
	to.Description, to.DeletionProtection = "Kept from now on", true
	c, err = r.ContainerClusters.Update(t.Context(), answer.ID, clusterChange{From: from, To: to})
	must(t, err)
	if c.Description != to.Description || !c.DeletionProtection {
		t.Errorf("it is %+v", c)
	}
	_ = want(t, r.ContainerClusters.Delete(t.Context(), answer.ID), cloud.ErrConflict) // Nobody looks closer.
	_, err = r.ContainerClusters.Update(t.Context(), answer.ID, clusterChange{From: to, To: from})
	must(t, err)
}

// TestOpenStackClusterStepRefused has Magnum refuse what was begun: the cluster is as it was, and nothing is left to do.
func TestOpenStackClusterStepRefused(t *testing.T) {
	r := newTenant(t, "b-acme")
	from := clusterSpec()
	c := r.cluster(from)
	to := from
	to.NodePools = clusterSpec("one", "two").NodePools
	r.tap.Answer(tap.On(http.MethodPost, "/nodegroups"), http.StatusBadRequest,
		`{"errors": [{"status": 400, "code": "client", "detail": "Unable to find flavor 2."}]}`)
	_, err := r.ContainerClusters.Update(t.Context(), c.ID, clusterChange{From: from, To: to})
	if e := want(t, err, cloud.ErrFailed); !strings.Contains(e.Text, "did not create the node group one") {
		t.Errorf("it says %q", e.Text)
	}
	after, err := r.ContainerClusters.Await(t.Context(), c.ID, 0)
	must(t, err)
	if after.State != cloud.StateReady || len(after.NodePools) > 0 {
		t.Errorf("it is %s, with %+v", after.State, after.NodePools)
	}
}

// TestOpenStackClusterStepsWithinASecond looks for what each step leaves behind, where the cluster itself shows no more
// that anything was done: Magnum's times are whole seconds.
func TestOpenStackClusterStepsWithinASecond(t *testing.T) {
	r := newTenant(t, "b-acme")
	c := newClusters(r.s)
	from := clusterSpec("old", "std")
	id := r.cluster(from).ID
	to := from
	to.NodePools = maps.Clone(from.NodePools)
	std := to.NodePools["std"]
	std.Size = 2
	to.NodePools["std"], to.NodePools["new"] = std, std
	to.KubernetesVersion = "1.35"
	delete(to.NodePools, "old")
	was, _, err := c.record(t.Context(), id)
	must(t, err)
	steps, err := c.stepsFor(t.Context(), was, clusterChange{From: from, To: to})
	must(t, err)
	if got := len(steps); got != 5 {
		t.Fatalf("there are %d steps: %+v", got, steps)
	}
	for _, step := range steps {
		if done, err := c.done(t.Context(), was, step); done || err != nil {
			t.Errorf("%s of %s: done before it was begun, %v", step.Do, step.Group, err)
		}
	}
	_, err = r.ContainerClusters.Update(t.Context(), id, clusterChange{From: from, To: to})
	must(t, err)
	wait(r, r.ContainerClusters, id, cloud.StateReady)
	now, _, err := c.record(t.Context(), id)
	must(t, err)
	for _, step := range steps {
		must(t, c.begun(t.Context(), now, &step))
	}
}
