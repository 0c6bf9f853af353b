package openstack

import (
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestOpenStackAbandoned leaves an order whose run has ended where it is, and the next one of its key goes on from there:
// two that go on with the same would make two.
func TestOpenStackAbandoned(t *testing.T) {
	r := newTenant(t, "b-acme")
	spec := r.spec(r.net())
	network := spec.NetworkInterfaces[0].NetworkID
	opts := cloud.CreateOptions{OwnerKey: uuid.NewString(), Abandoned: func() bool { return len(r.portsIn(network)) > 0 }}
	_, err := r.VirtualMachines.Create(t.Context(), spec, opts)
	_ = want(t, err, cloud.ErrUnknownOutcome) // Nobody looks closer.
	if n := len(r.portsIn(network)); n != 1 {
		t.Fatalf("it was abandoned with %d ports", n)
	}
	vm, err := r.order(spec, opts.OwnerKey)
	must(t, err)
	wait(r, r.VirtualMachines, vm.ID, cloud.StateReady)
	must(t, r.VirtualMachines.Claim(t.Context(), vm.ID))
	if found := r.portsIn(network); len(found) != 1 || found[0].DeviceID != vm.ID {
		t.Errorf("the network has the ports %+v", found)
	}
}
