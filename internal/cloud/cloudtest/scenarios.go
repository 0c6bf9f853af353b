package cloudtest

import (
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func testImages(t *testing.T, h Harness) {
	var found bool
	for image, err := range h.Operator.Images.List(t.Context()) {
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		found = found || image.ID == h.ImageID
	}
	if !found {
		t.Errorf("the list of images lacks %s", h.ImageID)
	}
	image, err := h.Operator.Images.Get(t.Context(), h.ImageID)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	if image.ID != h.ImageID || image.Name == "" || image.OSFamily == "" || image.CreatedAt.IsZero() {
		t.Errorf("the image is %+v", image)
	}
	if image.MinDiskGiB > h.BootDiskGiB {
		t.Errorf("the image needs %d GiB", image.MinDiskGiB)
	}
	_, err = h.Operator.Images.Get(t.Context(), "no-such-image")
	wantError(t, "get of no image", err, cloud.ErrNotFound)
}

// wantField fails the test unless an order was refused because of one field.
func wantField(t *testing.T, err error, pointer string) {
	t.Helper()
	e := refusal(t, "order with an ill "+pointer, err, cloud.ErrInvalid)
	if !slices.ContainsFunc(e.Fields, func(f cloud.FieldError) bool { return f.Pointer == pointer && f.Text != "" }) {
		t.Errorf("the error is about %+v; want %s", e.Fields, pointer)
	}
}

func testInvalidNetwork(t *testing.T, h Harness) {
	k := networks(t, h)
	spec := k.spec(t)
	spec.CIDR = "10.77.0.1/24"
	_, err := k.create(t, spec, newKey())
	wantField(t, err, "/cidr")
	spec = k.spec(t)
	spec.DNSServers = []string{"192.0.2.53", "not-an-address"}
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/dns_servers/1")
	spec = k.spec(t)
	spec.Name = "Not_A_Name"
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/name")
}

func testInvalidVolume(t *testing.T, h Harness) {
	k := storageVolumes(t, h)
	spec := k.spec(t)
	spec.Class = "no-such-class"
	_, err := k.create(t, spec, newKey())
	wantField(t, err, "/class")
	spec = k.spec(t)
	spec.SizeGiB = 1 << 40
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/size_gib")
	spec = k.spec(t)
	spec.Zone = "no-such-zone"
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/zone")
}

func testInvalidMachine(t *testing.T, h Harness) {
	k := virtualMachines(t, h)
	valid := k.spec(t)
	spec := valid
	spec.VCPUs = 100_000
	_, err := k.create(t, spec, newKey())
	wantField(t, err, "/vcpus")
	spec = valid
	spec.ImageID = "no-such-image"
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/image_id")
	spec = valid
	spec.NetworkInterfaces = []cloud.NetworkInterface{{NetworkID: valid.NetworkInterfaces[0].NetworkID, IPAddress: "192.0.2.1"}}
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/network_interfaces/0/ip_address")
}

func testShrinking(t *testing.T, h Harness) {
	k := storageVolumes(t, h)
	from := k.spec(t)
	from.SizeGiB = h.LargerGiB
	id := k.ready(t, from, newKey()).ID
	to := from
	to.SizeGiB = h.VolumeGiB
	_, err := k.collection.Update(t.Context(), id, cloud.Change[cloud.StorageVolumeSpec]{From: from, To: to})
	wantField(t, err, "/size_gib")
	obj, err := k.collection.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "size after a refused change", obj.SizeGiB, h.LargerGiB)
}

func testQuota(t *testing.T, h Harness) {
	if h.BeyondQuotaGiB == 0 {
		t.Skip("no volume is beyond this operator's quota")
	}
	k := storageVolumes(t, h)
	spec := k.spec(t)
	spec.SizeGiB = h.BeyondQuotaGiB
	_, err := k.create(t, spec, newKey())
	e := refusal(t, "order beyond the quota", err, cloud.ErrQuota)
	if e.Quota == nil || e.Quota.Requested != h.BeyondQuotaGiB || e.Quota.Limit == 0 {
		t.Errorf("the figures are %+v", e.Quota)
	}
}

func testDeletionProtection(t *testing.T, h Harness) {
	k := storageVolumes(t, h)
	from := k.spec(t)
	from.DeletionProtection = true
	id := k.ready(t, from, newKey()).ID
	to := from
	to.DeletionProtection = false
	err := k.collection.Delete(t.Context(), id)
	stillThere := k.update(t, id, from, to) // First of all, so that it can be deleted at the end.
	wantError(t, "deletion of a protected volume", err, cloud.ErrConflict)
	k.verify(t, to, stillThere)
}

func testNetworkInUse(t *testing.T, h Harness) {
	machines, nets := virtualMachines(t, h), networks(t, h)
	machine := machines.ready(t, machines.spec(t), newKey())
	e := refusal(t, "deletion of a network in use",
		nets.collection.Delete(t.Context(), machine.NetworkInterfaces[0].NetworkID), cloud.ErrConflict)
	if e.Text == "" {
		t.Error("the operator gives no reason")
	}
}

func testVolumeInUse(t *testing.T, h Harness) {
	attachments, volumes, machines := volumeAttachments(t, h), storageVolumes(t, h), virtualMachines(t, h)
	spec := attachments.spec(t)
	obj := attachments.ready(t, spec, newKey())
	volume := volumes.becomes(t, spec.VolumeID, cloud.StateReady)
	equal(t, "the volume's machine", volume.VirtualMachineID, spec.VirtualMachineID)
	wantError(t, "deletion of an attached volume", volumes.collection.Delete(t.Context(), spec.VolumeID), cloud.ErrConflict)
	machine := machines.becomes(t, spec.VirtualMachineID, cloud.StateReady)
	wantError(t, "deletion of a boot volume", volumes.collection.Delete(t.Context(), machine.BootVolumeID), cloud.ErrConflict)

	second := attachments.spec(t)
	second.VolumeID = spec.VolumeID
	_, err := attachments.create(t, second, newKey())
	wantError(t, "second attachment of a volume", err, cloud.ErrConflict)

	attachments.delete(t, obj.ID)
	volume = volumes.becomes(t, spec.VolumeID, cloud.StateReady)
	equal(t, "the detached volume's machine", volume.VirtualMachineID, "")
}

// testBusy asks for a change while another goes on.
func testBusy(t *testing.T, h Harness) {
	if h.Hold == nil {
		t.Skip("this operator cannot be made to hold objects")
	}
	k := storageVolumes(t, h)
	from := k.spec(t)
	id := k.ready(t, from, newKey()).ID
	release := h.Hold(t)
	to := from
	to.SizeGiB = h.LargerGiB
	obj, err := k.collection.Update(t.Context(), id, cloud.Change[cloud.StorageVolumeSpec]{From: from, To: to})
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	equal(t, "state while it is being changed", obj.State, cloud.StateUpdating)
	again := to
	again.Description = "another change"
	_, err = k.collection.Update(t.Context(), id, cloud.Change[cloud.StorageVolumeSpec]{From: to, To: again})
	wantError(t, "change of what is being changed", err, cloud.ErrBusy)
	wantError(t, "deletion of what is being changed", k.collection.Delete(t.Context(), id), cloud.ErrBusy)
	release()
	k.becomes(t, id, cloud.StateReady)
	k.verify(t, again, k.update(t, id, to, again))
}

func testRulesAreASet(t *testing.T, h Harness) {
	k := securityGroups(t, h)
	from := k.spec(t)
	id := k.ready(t, from, newKey()).ID
	to := from
	to.Rules = slices.Clone(from.Rules)
	slices.Reverse(to.Rules)
	obj, err := k.collection.Update(t.Context(), id, cloud.Change[cloud.SecurityGroupSpec]{From: from, To: to})
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	equal(t, "state after rules in another order", obj.State, cloud.StateReady)
	k.verify(t, to, obj)
}

func testResize(t *testing.T, h Harness) {
	k := virtualMachines(t, h)
	from := k.spec(t)
	before := k.ready(t, from, newKey())
	to := from
	to.VCPUs, to.MemoryMiB = h.OtherSize.VCPUs, h.OtherSize.MemoryMiB
	after := k.update(t, before.ID, from, to)
	k.verify(t, to, after)
	equal(t, "boot volume", after.BootVolumeID, before.BootVolumeID)
	equal(t, "address", after.NetworkInterfaces[0].IPAddress, before.NetworkInterfaces[0].IPAddress)
}

func testPower(t *testing.T, h Harness) {
	k := virtualMachines(t, h)
	from := k.spec(t)
	id := k.ready(t, from, newKey()).ID
	to := from
	to.PowerState = cloud.PowerStopped
	k.verify(t, to, k.update(t, id, from, to))
	k.verify(t, from, k.update(t, id, to, from))
}

// testAddresses moves security groups and adds an interface; the first keeps its addresses.
func testAddresses(t *testing.T, h Harness) {
	k, groups := virtualMachines(t, h), securityGroups(t, h)
	other := groups.ready(t, groups.spec(t), newKey())
	from := k.spec(t)
	before := k.ready(t, from, newKey())
	to := from
	first := from.NetworkInterfaces[0]
	first.SecurityGroupIDs = []string{other.ID}
	to.NetworkInterfaces = []cloud.NetworkInterface{first, {NetworkID: first.NetworkID, IPAddress: "10.77.0.200"}}
	after := k.update(t, before.ID, from, to)
	k.verify(t, to, after)
	equal(t, "address", after.NetworkInterfaces[0].IPAddress, before.NetworkInterfaces[0].IPAddress)
	equal(t, "MAC address", after.NetworkInterfaces[0].MACAddress, before.NetworkInterfaces[0].MACAddress)
}

func testRetainedBootVolume(t *testing.T, h Harness) {
	k, volumes := virtualMachines(t, h), storageVolumes(t, h)
	for _, retain := range []bool{true, false} {
		spec := k.spec(t)
		spec.BootDisk.RetainOnDestroy = retain
		machine := k.ready(t, spec, newKey())
		boot := volumes.becomes(t, machine.BootVolumeID, cloud.StateReady)
		equal(t, "boot volume's machine", boot.VirtualMachineID, machine.ID)
		equal(t, "boot volume's image", boot.ImageID, h.ImageID)
		equal(t, "boot volume's size", boot.SizeGiB, h.BootDiskGiB)
		k.delete(t, machine.ID)
		if retain {
			volumes.deleteAtEnd(t, boot.ID)
			boot = volumes.becomes(t, boot.ID, cloud.StateReady)
			equal(t, "retained volume's machine", boot.VirtualMachineID, "")
			continue
		}
		volumes.goes(t, boot.ID)
	}
}

func testBootFromVolume(t *testing.T, h Harness) {
	k, volumes := virtualMachines(t, h), storageVolumes(t, h)
	first := k.spec(t)
	first.BootDisk.RetainOnDestroy = true
	machine := k.ready(t, first, newKey())
	volumes.deleteAtEnd(t, machine.BootVolumeID)
	k.delete(t, machine.ID)

	spec := k.spec(t)
	spec.ImageID, spec.BootDisk, spec.BootVolumeID = "", nil, machine.BootVolumeID
	second := k.ready(t, spec, newKey())
	k.verify(t, spec, second)
	k.delete(t, second.ID)
	volumes.becomes(t, machine.BootVolumeID, cloud.StateReady) // It stays.
}

// testMetering starts with the minute in which an object became ready.
func testMetering(t *testing.T, h Harness) {
	if h.Operator.Capabilities.MeteringResolution == 0 {
		t.Skip("this operator meters nothing")
	}
	volumes, machines := storageVolumes(t, h), virtualMachines(t, h)
	check := func(what string, since, created time.Time) {
		t.Helper()
		resolution := h.Operator.Capabilities.MeteringResolution
		if since.IsZero() || since.Before(created.Add(-resolution)) || since != since.Truncate(resolution) {
			t.Errorf("%s is metered since %v; it was created at %v", what, since, created)
		}
	}
	volume := volumes.ready(t, volumes.spec(t), newKey())
	check("the volume", volume.MeteredSince, volume.CreatedAt)
	machine := machines.ready(t, machines.spec(t), newKey())
	check("the machine", machine.MeteredSince, machine.CreatedAt)
	if h.MoveClock != nil {
		h.MoveClock(t, time.Hour)
		again, err := volumes.collection.Get(t.Context(), volume.ID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "start of metering an hour later", again.MeteredSince, volume.MeteredSince)
	}
}
