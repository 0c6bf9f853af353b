package openstack

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// tenant is a project of a real cloud, seen through a tap.
type tenant struct {
	*testing.T
	*cloud.Operator
	s        *session
	identity *Identity
	tap      *tap.Tap
}

func newTenant(t *testing.T, entry string) *tenant {
	t.Helper()
	p := tap.Start(t)
	op, identity, err := tryOpen(t, testbed.Require(t, entry), entry, p.URL())
	must(t, err)
	return &tenant{t, op, sessionOf(op), identity, p}
}

func unique(what string) string { return "os-" + what + "-" + strings.ToLower(rand.Text()[:8]) }

// wait follows an object until it is in a state, as the engine does.
func wait[S any, O cloud.Object](r *tenant, c cloud.Collection[S, O], id string, state cloud.State) O {
	r.Helper()
	var last O
	waitUntil(r.T, func() bool {
		o, err := c.Await(r.Context(), id, 0)
		if err != nil {
			r.Fatalf("await %s: %v", id, err)
		}
		last = o
		if m := o.Metadata(); m.State != state && m.State.Settled() {
			r.Fatalf("%s is %s (%s); want %s", id, m.State, m.StateMessage, state)
		}
		return o.Metadata().State == state
	})
	return last
}

// deleteAtEnd deletes an object at the end of the test, and waits until it is gone.
func deleteAtEnd[S any, O cloud.Object](r *tenant, c cloud.Collection[S, O], id string) {
	r.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
		defer cancel()
		for tick := time.NewTicker(time.Second); ; <-tick.C {
			err := c.Delete(ctx, id)
			if err == nil {
				_, err = c.Get(ctx, id)
			}
			if isNotFound(err) {
				return
			}
			if ctx.Err() != nil {
				r.Errorf("clean up %s: %v", id, err)
				return
			}
		}
	})
}

// net makes a network for machines.
func (r *tenant) net() string {
	r.Helper()
	spec := cloud.NetworkSpec{SpecMeta: cloud.SpecMeta{Name: unique("net")}, CIDR: "10.99.0.0/24"}
	n, err := r.Networks.Create(r.Context(), spec, cloud.CreateOptions{OwnerKey: uuid.NewString()})
	must(r.T, err)
	deleteAtEnd(r, r.Networks, n.ID)
	return n.ID
}

// spec is a small machine with one interface.
func (r *tenant) spec(network string) cloud.VirtualMachineSpec {
	r.Helper()
	return cloud.VirtualMachineSpec{
		SpecMeta: cloud.SpecMeta{Name: unique("vm")}, VCPUs: 1, MemoryMiB: 512, ImageID: imageNamed(r.T, r.Operator, "testbed-linux"),
		BootDisk: &cloud.BootDisk{SizeGiB: 1}, NetworkInterfaces: []cloud.NetworkInterface{{NetworkID: network}},
		PowerState: cloud.PowerRunning,
	}
}

func (r *tenant) order(spec cloud.VirtualMachineSpec, key string) (cloud.VirtualMachine, error) {
	r.Helper()
	vm, err := r.VirtualMachines.Create(r.Context(), spec, cloud.CreateOptions{OwnerKey: key})
	if err == nil {
		deleteAtEnd(r, r.VirtualMachines, vm.ID)
	}
	return vm, err
}

// machine makes a machine and waits for it.
func (r *tenant) machine(spec cloud.VirtualMachineSpec) cloud.VirtualMachine {
	r.Helper()
	vm, err := r.order(spec, uuid.NewString())
	must(r.T, err)
	return wait(r, r.VirtualMachines, vm.ID, cloud.StateReady)
}

// loosePorts are those of a network that orders have made and that belong to no server.
func (r *tenant) loosePorts(network string) (loose []string) {
	r.Helper()
	all, err := collect(pages[port](r.Context(), r.s, r.s.network, "ports"+query("network_id", network), "ports", nil))
	must(r.T, err)
	for _, p := range all {
		if p.ours() && p.DeviceID == "" {
			loose = append(loose, p.Name)
		}
	}
	return loose
}

// want checks that an error has a reason, and returns it.
func want(t *testing.T, err, reason error) *cloud.Error {
	t.Helper()
	var e *cloud.Error
	if !errors.Is(err, reason) || !errors.As(err, &e) {
		t.Fatalf("got %v; want %q", err, reason)
	}
	return e
}
