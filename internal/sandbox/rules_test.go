package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// small is a project with room for little.
var small = []Project{{Name: "registry", Quota: api.Amounts{
	Vcpus: 4, MemoryMib: 8192, StorageGib: 100, VirtualMachines: 2, StorageVolumes: 3, Networks: 1, SecurityGroups: 1,
}}}

func TestQuota(t *testing.T) {
	c := at(t, start(t, Options{Projects: small}), "lvrtc")
	volume := c.made("storage-volumes", m{"name": "data", "size_gib": 30})
	c.made("virtual-machines", machineOf("web", nil))
	c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	c.made("security-groups", m{"name": "web"})
	before := c.used()
	full := map[string]int64{
		"vcpus": 2, "memory_mib": 4096, "storage_gib": 50, "virtual_machines": 1, "storage_volumes": 2, "networks": 1, "security_groups": 1,
	}
	for _, tc := range []struct {
		name                   string
		ask                    func() answer
		resource               string
		limit, used, requested int64
	}{
		{"network", func() answer { return c.order("networks", m{"name": "outer", "cidr": "10.1.0.0/24"}) }, "networks", 1, 1, 1},
		{"security group", func() answer { return c.order("security-groups", m{"name": "db"}) }, "security_groups", 1, 1, 1},
		{"large volume", func() answer { return c.order("storage-volumes", m{"name": "b", "size_gib": 51}) }, "storage_gib", 100, 50, 51},
		{"growth", func() answer {
			return c.patch("storage-volumes/"+volume.ID, volume.Etag, `{"size_gib":81}`)
		}, "storage_gib", 100, 50, 51},
		{"vcpus", func() answer { return c.order("virtual-machines", machineOf("b", m{"vcpus": 3})) }, "vcpus", 4, 2, 3},
		{"memory", func() answer {
			return c.order("virtual-machines", machineOf("b", m{"memory_mib": 5120}))
		}, "memory_mib", 8192, 4096, 5120},
		{"boot disk", func() answer {
			return c.order("virtual-machines", machineOf("b", m{"boot_disk": m{"size_gib": 60, "on_destroy": "delete"}}))
		}, "storage_gib", 100, 50, 60},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := tc.ask().refused(http.StatusConflict, "quota-exceeded")
			if q := r.Quota; q == nil || q.Resource != tc.resource || q.Limit != tc.limit || q.Used != tc.used || q.Requested != tc.requested {
				t.Errorf("figures %+v, want %s: limit %d, used %d, requested %d", q, tc.resource, tc.limit, tc.used, tc.requested)
			}
			if got := c.used(); fmt.Sprint(got) != fmt.Sprint(before) || fmt.Sprint(got) != fmt.Sprint(full) {
				t.Errorf("used %v, want %v", got, full)
			}
		})
	}
	c.made("virtual-machines", machineOf("db", nil)) // What is left is enough for exactly this one.
	c.order("storage-volumes", m{"name": "c", "size_gib": 1}).refused(http.StatusConflict, "quota-exceeded")
	c.patch("storage-volumes/"+volume.ID, volume.Etag, `{"size_gib":60}`).is(http.StatusOK)
}

func TestCapacity(t *testing.T) {
	s := start(t, Options{})
	w := s.operator("lvrtc").world
	w.mu.Lock()
	w.profile.Capacity = map[string]int64{"vcpus": 4, "storage_gib": 100}
	w.mu.Unlock()
	c := at(t, s, "lvrtc")
	c.order("/v1/projects/cadastre/virtual-machines", machineOf("theirs", nil)).is(http.StatusCreated)
	ours := c.made("virtual-machines", machineOf("ours", nil))
	c.order("virtual-machines", machineOf("more", m{"vcpus": 1})).refused(http.StatusConflict, "capacity-exhausted")
	c.patch("virtual-machines/"+ours.ID, ours.Etag, `{"vcpus":3}`).refused(http.StatusConflict, "capacity-exhausted")
	c.order("storage-volumes", m{"name": "data", "size_gib": 61}).refused(http.StatusConflict, "capacity-exhausted")
	c.made("storage-volumes", m{"name": "data", "size_gib": 60})
	if got := c.used()["virtual_machines"]; got != 1 {
		t.Errorf("%d machines, want 1", got)
	}
	at(t, s, "lnb").made("virtual-machines", machineOf("elsewhere", m{"image_id": "deb13"}))
}

func TestDeletionProtection(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	for kind, order := range map[string]m{
		"storage-volumes":  {"name": "data", "size_gib": 1, "deletion_protection": true},
		"virtual-machines": machineOf("web", m{"deletion_protection": true}),
	} {
		v := c.made(kind, order)
		path := kind + "/" + v.ID
		c.remove(path).refused(http.StatusConflict, "protected")
		if got := c.get(path).is(http.StatusOK).view(); got.State != "ready" || got.Etag != v.Etag {
			t.Errorf("%s: state %s, ETag %s after the refusal, %s before", kind, got.State, got.Etag, v.Etag)
		}
		c.patch(path, v.Etag, `{"deletion_protection":false}`).is(http.StatusOK)
		c.remove(path).is(http.StatusAccepted)
		c.get(path).is(http.StatusNotFound)
	}
}

func TestInUse(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	net := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	web := c.made("security-groups", m{"name": "web"})
	self := []m{{"direction": "ingress", "protocol": "tcp", "remote_security_group_id": web.ID}}
	db := c.made("security-groups", m{"name": "db", "rules": self})
	nic := []m{{"network_id": net.ID, "security_group_ids": []string{db.ID}}}
	machine := c.made("virtual-machines", machineOf("vm", m{"network_interfaces": nic}))
	volume := c.made("storage-volumes", m{"name": "data", "size_gib": 1})
	attachment := c.made("volume-attachments", m{"name": "vm-data", "volume_id": volume.ID, "virtual_machine_id": machine.ID})
	if attachment.Device != "/dev/vdb" {
		t.Errorf("device %q", attachment.Device)
	}
	held := []string{
		"networks/" + net.ID, "security-groups/" + web.ID, "security-groups/" + db.ID,
		"storage-volumes/" + volume.ID, "storage-volumes/" + machine.BootVolumeID,
	}
	for _, path := range held {
		c.remove(path).refused(http.StatusConflict, "in-use")
		if got := c.get(path).is(http.StatusOK).view().State; got != "ready" {
			t.Errorf("%s is %s", path, got)
		}
	}
	other := c.made("virtual-machines", machineOf("vm-2", nil))
	for name, order := range map[string]m{
		"attached":        {"name": "x", "volume_id": volume.ID, "virtual_machine_id": other.ID},
		"attached here":   {"name": "x", "volume_id": volume.ID, "virtual_machine_id": machine.ID},
		"a boot volume":   {"name": "x", "volume_id": machine.BootVolumeID, "virtual_machine_id": other.ID},
		"its boot volume": {"name": "x", "volume_id": other.BootVolumeID, "virtual_machine_id": other.ID},
	} {
		if a := c.order("volume-attachments", order); a.status != http.StatusConflict {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		} else {
			a.refused(http.StatusConflict, "in-use")
		}
	}
	c.order("virtual-machines", machineOf("vm-3", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": volume.ID})).
		refused(http.StatusConflict, "in-use")
	c.remove("volume-attachments/" + attachment.ID).is(http.StatusAccepted)
	c.remove("virtual-machines/" + machine.ID).is(http.StatusAccepted)
	for _, path := range []string{held[0], held[2], held[1], held[3]} {
		c.remove(path).is(http.StatusAccepted)
		c.get(path).is(http.StatusNotFound)
	}
}

func TestNothingStandsOnWhatIsBeingDeleted(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	newOne := func(kind string, order m) view {
		v := c.order(kind, order).is(http.StatusCreated).view()
		s.MoveClock(tick)
		return v
	}
	net := newOne("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	inner := newOne("networks", m{"name": "stays", "cidr": "10.1.0.0/24"})
	group := newOne("security-groups", m{"name": "web"})
	volume := newOne("storage-volumes", m{"name": "data", "size_gib": 20})
	machine := newOne("virtual-machines", machineOf("vm", nil))
	for _, path := range []string{"networks/" + net.ID, "security-groups/" + group.ID, "storage-volumes/" + volume.ID} {
		c.remove(path).is(http.StatusAccepted)
	}
	for name, tc := range map[string]struct {
		kind    string
		order   m
		status  int
		code    string
		pointer string
	}{
		"network": {"virtual-machines", machineOf("b", m{"network_interfaces": []m{{"network_id": net.ID}}}),
			422, "invalid", "/network_interfaces/0/network_id"},
		"security group": {"virtual-machines", machineOf("b", m{"network_interfaces": []m{
			{"network_id": inner.ID, "security_group_ids": []string{group.ID}}}}), 422, "invalid", "/network_interfaces/0/security_group_ids/0"},
		"rule": {"security-groups", m{"name": "b", "rules": []m{
			{"direction": "ingress", "protocol": "tcp", "remote_security_group_id": group.ID},
		}}, 422, "invalid", "/rules/0/remote_security_group_id"},
		"volume": {"volume-attachments", m{"name": "b", "volume_id": volume.ID, "virtual_machine_id": machine.ID}, 409, "conflict", ""},
		"boot volume": {"virtual-machines", machineOf("b", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": volume.ID}),
			409, "conflict", ""},
	} {
		a := c.order(tc.kind, tc.order)
		if a.status != tc.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
			continue
		}
		if got := strings.Join(a.refused(tc.status, tc.code).pointers(), " "); got != tc.pointer {
			t.Errorf("%s: pointers %q, want %q", name, got, tc.pointer)
		}
	}
}

func TestMachineDeletionFreesVolumes(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	data := c.made("storage-volumes", m{"name": "data", "size_gib": 1, "deletion_protection": true})
	for _, fate := range []string{"delete", "retain"} {
		t.Run(fate, func(t *testing.T) {
			machine := c.made("virtual-machines", machineOf("vm", m{"power_state": "stopped", "boot_disk": m{"size_gib": 20, "on_destroy": fate}}))
			attachment := c.made("volume-attachments", m{"name": "vm-data", "volume_id": data.ID, "virtual_machine_id": machine.ID})
			if got := c.get("storage-volumes/" + data.ID).view().VirtualMachineID; got != machine.ID {
				t.Errorf("the volume is at %q", got)
			}
			boot := c.get("storage-volumes/" + machine.BootVolumeID).is(http.StatusOK).view()
			if boot.Name != "vm-boot" || boot.VirtualMachineID != machine.ID || boot.ImageID == "" || !boot.Ownership.Claimed {
				t.Errorf("boot volume %+v", boot)
			}
			c.remove("virtual-machines/" + machine.ID).is(http.StatusAccepted)
			c.get("virtual-machines/" + machine.ID).is(http.StatusNotFound)
			c.get("volume-attachments/" + attachment.ID).is(http.StatusNotFound)
			free := c.get("storage-volumes/" + data.ID).is(http.StatusOK).view()
			if free.VirtualMachineID != "" || free.State != "ready" || free.SizeGiB != 1 {
				t.Errorf("the attached volume afterwards: %+v", free)
			}
			a := c.get("storage-volumes/" + boot.ID)
			if fate == "delete" {
				a.is(http.StatusNotFound)
				return
			}
			if v := a.is(http.StatusOK).view(); v.VirtualMachineID != "" || v.State != "ready" {
				t.Errorf("the retained boot volume: %+v", v)
			}
			again := machineOf("again", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": boot.ID})
			next := c.made("virtual-machines", again)
			c.remove("virtual-machines/" + next.ID).is(http.StatusAccepted)
			c.remove("storage-volumes/" + boot.ID).is(http.StatusAccepted)
		})
	}
	items, _ := c.list("storage-volumes")
	if got := names(items); !slices.Equal(got, []string{"data"}) {
		t.Errorf("left over: %v", got)
	}
}
