package openstack

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// TestOpenStackQuotas has each service refuse what is too much, in its own way: nothing is left, and there are figures.
func TestOpenStackQuotas(t *testing.T) {
	r := newTenant(t, "a-tight")
	network := r.net()
	volume := cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: unique("vol")}, SizeGiB: 11}
	_, err := r.StorageVolumes.Create(t.Context(), volume, cloud.CreateOptions{OwnerKey: uuid.NewString()})
	if q := want(t, err, cloud.ErrQuota).Quota; q == nil || q.Limit != 10 || q.Requested != 11 {
		t.Errorf("Cinder's figures are %+v", q)
	}
	large := r.spec(network)
	large.VCPUs, large.MemoryMiB = 4, 8192
	_, err = r.order(large, uuid.NewString())
	if q := want(t, err, cloud.ErrQuota).Quota; q == nil || q.Limit != 2 || q.Requested != 4 {
		t.Errorf("Nova's figures are %+v", q)
	}
	wide := r.spec(network)
	for range 4 {
		wide.NetworkInterfaces = append(wide.NetworkInterfaces, wide.NetworkInterfaces[0])
	}
	_, err = r.order(wide, uuid.NewString())
	if q := want(t, err, cloud.ErrQuota).Quota; q == nil || q.Resource != "port" || q.Limit != 3 {
		t.Errorf("Neutron's figures are %+v", q)
	}
	if loose := r.loosePorts(network); len(loose) > 0 {
		t.Errorf("the ports %v are left", loose)
	}
}

// huge makes a flavor that no host has room for.
func (r *tenant) huge(cloudName string) (id string) {
	r.Helper()
	admin := newTenant(r.T, cloudName+"-admin")
	var answer struct {
		Flavor flavor `json:"flavor"`
	}
	_, err := admin.s.post(r.Context(), admin.s.compute, "flavors", map[string]any{"flavor": map[string]any{
		"name": unique("huge"), "vcpus": 1500, "ram": 2048, "disk": 0,
	}}, &answer)
	must(r.T, err)
	r.Cleanup(func() { _ = admin.s.remove(context.Background(), admin.s.compute, path("flavors", answer.Flavor.ID)) })
	return answer.Flavor.ID
}

// TestOpenStackNoHost orders a machine that no host has room for, and makes another one that large: Nova accepts both.
func TestOpenStackNoHost(t *testing.T) {
	r := newTenant(t, "a-acme")
	r.huge("a")
	must(t, r.s.learn(t.Context()))
	network := r.net()
	spec := r.spec(network)
	spec.VCPUs, spec.MemoryMiB = 1500, 2048
	vm, err := r.order(spec, uuid.NewString())
	must(t, err)
	failed := wait(r, r.VirtualMachines, vm.ID, cloud.StateFailed)
	if !strings.Contains(failed.StateMessage, "No valid host") {
		t.Errorf("Nova's words are %q", failed.StateMessage)
	}
	must(t, r.VirtualMachines.Delete(t.Context(), vm.ID))
	waitUntil(t, func() bool { _, err := r.VirtualMachines.Get(t.Context(), vm.ID); return isNotFound(err) })
	if loose := r.loosePorts(network); len(loose) > 0 {
		t.Errorf("the ports %v are left", loose)
	}

	from := r.spec(network)
	small := r.machine(from)
	to := from
	to.VCPUs, to.MemoryMiB = 1500, 2048
	_, err = r.VirtualMachines.Update(t.Context(), small.ID, serverChange{From: from, To: to})
	waitUntil(t, func() bool {
		if err == nil {
			_, err = r.VirtualMachines.Await(t.Context(), small.ID, 0)
		}
		return err != nil
	})
	if e := want(t, err, cloud.ErrFailed); !strings.Contains(e.Text, "old size") {
		t.Errorf("the failure is told as %q", e.Text)
	}
	after := wait(r, r.VirtualMachines, small.ID, cloud.StateReady)
	if after.VCPUs != 1 || after.PowerState != cloud.PowerRunning {
		t.Errorf("after the failed resize it has %d vCPU and is %s", after.VCPUs, after.PowerState)
	}
}

// TestOpenStackForeignResize finds a resize that somebody else has begun: it is left to them, and explained.
func TestOpenStackForeignResize(t *testing.T) {
	r := newTenant(t, "a-acme")
	from := r.spec(r.net())
	vm := r.machine(from)
	size, _ := r.s.flavorFor(1, 2048, 0)
	servers := r.VirtualMachines.(*servers)
	must(t, servers.act(t.Context(), vm.ID, "resize", map[string]any{"flavorRef": size.ID}))
	waitUntil(t, func() bool {
		one, _, err := servers.one(t.Context(), vm.ID)
		return err == nil && one.Status == "VERIFY_RESIZE"
	})
	seen, err := r.VirtualMachines.Await(t.Context(), vm.ID, 0)
	must(t, err)
	if seen.State != cloud.StateReady {
		t.Errorf("it is %s", seen.State)
	}
	to := from
	to.VCPUs, to.MemoryMiB = 2, 4096
	_, err = r.VirtualMachines.Update(t.Context(), vm.ID, serverChange{From: from, To: to})
	if e := want(t, err, cloud.ErrConflict); !strings.Contains(e.Advice, "openstack server resize confirm "+vm.ID) {
		t.Errorf("the advice is %q", e.Advice)
	}
	must(t, servers.act(t.Context(), vm.ID, "revertResize", nil))
	waitUntil(t, func() bool {
		one, _, err := servers.one(t.Context(), vm.ID)
		return err == nil && one.Status == "ACTIVE"
	})
}

// TestOpenStackAddressTaken is refused on the interface, and leaves nothing.
func TestOpenStackAddressTaken(t *testing.T) {
	r := newTenant(t, "b-acme")
	network := r.net()
	first := r.spec(network)
	first.NetworkInterfaces[0].IPAddress = "10.99.0.50"
	r.machine(first)
	second := first
	second.Name = unique("vm")
	_, err := r.order(second, uuid.NewString())
	e := want(t, err, cloud.ErrInvalid)
	if len(e.Fields) != 1 || e.Fields[0].Pointer != "/network_interfaces/0/ip_address" {
		t.Errorf("it is about %+v", e.Fields)
	}
	if loose := r.loosePorts(network); len(loose) > 0 {
		t.Errorf("the ports %v are left", loose)
	}
}

// TestOpenStackTwoAgencies has two projects of one name in two domains order the same under the same key.
func TestOpenStackTwoAgencies(t *testing.T) {
	one, other := newTenant(t, "a-acme"), newTenant(t, "a-acme-partners")
	if one.Project != other.Project || one.ProjectKey() == other.ProjectKey() {
		t.Fatalf("the projects are %s and %s", one.ProjectKey(), other.ProjectKey())
	}
	name, key := unique("same"), uuid.NewString()
	var ids []string
	for _, r := range []*tenant{one, other} {
		spec := cloud.NetworkSpec{SpecMeta: cloud.SpecMeta{Name: name}, CIDR: "10.98.0.0/24"}
		n, err := r.Networks.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: key})
		must(t, err)
		deleteAtEnd(r, r.Networks, n.ID)
		volume := cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: name}, SizeGiB: 1}
		v, err := r.StorageVolumes.Create(t.Context(), volume, cloud.CreateOptions{OwnerKey: key})
		must(t, err)
		deleteAtEnd(r, r.StorageVolumes, v.ID)
		spec2 := r.spec(n.ID)
		spec2.Name = name
		vm, err := r.order(spec2, key)
		must(t, err)
		if n.Replayed || v.Replayed || vm.Replayed {
			t.Errorf("an object of the other agency was adopted: network %t, volume %t, machine %t", n.Replayed, v.Replayed, vm.Replayed)
		}
		ids = append(ids, n.ID, v.ID, vm.ID)
	}
	for o, err := range other.VirtualMachines.List(t.Context(), cloud.ListOptions{OwnerKey: key}) {
		must(t, err)
		if o.ID == ids[2] {
			t.Error("the list shows the other agency's machine")
		}
	}
	_, err := other.Networks.Get(t.Context(), ids[0])
	_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
}

// TestOpenStackTokenNotAccepted gets another token when a service does not accept the one in use any more.
func TestOpenStackTokenNotAccepted(t *testing.T) {
	r := newTenant(t, "b-acme-appcred")
	for range 2 {
		r.tap.Answer(tap.On(http.MethodGet, "/images"), http.StatusUnauthorized,
			`{"error": {"code": 401, "message": "The request you have made requires authentication."}}`)
		_ = imageNamed(t, r.Operator, "testbed-linux")
	}
	if n := count(r.tap.Requests(), http.MethodPost, "/v3/auth/tokens"); n != 3 {
		t.Errorf("it authenticated %d times; want once, and once for each token that was not accepted", n)
	}
}

func count(all []tap.Request, method, part string) (n int) {
	for _, r := range all {
		if r.Method == method && strings.Contains(r.Address, part) {
			n++
		}
	}
	return n
}

// TestOpenStackWrongPassword is told once, and without the password.
func TestOpenStackWrongPassword(t *testing.T) {
	_, _, err := tryOpen(t, testbed.Require(t, "a-acme"), "a-wrong", "")
	e := want(t, err, cloud.ErrUnauthenticated)
	text := fmt.Sprint(e.Text, e.Advice, e)
	if strings.Contains(text, "wrong-password") || !strings.Contains(text, "Keystone refused the credentials (401)") {
		t.Errorf("it says %s", text)
	}
}
