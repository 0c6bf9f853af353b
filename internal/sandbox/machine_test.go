package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func nicAt(net, address string) m {
	if address == "" {
		return m{"network_id": net}
	}
	return m{"network_id": net, "ip_address": address}
}

func TestAddresses(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	net := c.made("networks", m{"name": "inner", "cidr": "10.0.0.8/29"})
	if net.GatewayAddress != "10.0.0.9" {
		t.Errorf("gateway %q", net.GatewayAddress)
	}
	order := func(name string, nics ...m) answer {
		return c.order("virtual-machines", machineOf(name, m{"network_interfaces": nics}))
	}
	taken := order("taken", nicAt(net.ID, "10.0.0.12")).is(http.StatusCreated).view()
	for name, nics := range map[string][]m{
		"taken":      {nicAt(net.ID, "10.0.0.12")},
		"gateway":    {nicAt(net.ID, "10.0.0.9")},
		"network":    {nicAt(net.ID, "10.0.0.8")},
		"broadcast":  {nicAt(net.ID, "10.0.0.15")},
		"outside":    {nicAt(net.ID, "10.0.0.16")},
		"not one":    {nicAt(net.ID, "10.0.0")},
		"IPv6":       {nicAt(net.ID, "fd00::5")},
		"mapped":     {nicAt(net.ID, "::ffff:10.0.0.13")},
		"with zone":  {nicAt(net.ID, "fe80::1%eth0")},
		"same twice": {nicAt(net.ID, "10.0.0.13"), nicAt(net.ID, "10.0.0.13")},
	} {
		a := order("refused", nics...)
		want := fmt.Sprintf("/network_interfaces/%d/ip_address", len(nics)-1)
		if got := a.refused(http.StatusUnprocessableEntity, "invalid").pointers(); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: pointers %v, want %s", name, got, want)
		}
	}
	var got []string
	var last view
	for i := range 4 {
		last = order(fmt.Sprintf("vm-%d", i), nicAt(net.ID, "")).is(http.StatusCreated).view()
		got = append(got, last.NetworkInterfaces[0].IPAddress)
	}
	if want := []string{"10.0.0.10", "10.0.0.11", "10.0.0.13", "10.0.0.14"}; !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
	full := order("full", nicAt(net.ID, "")).refused(http.StatusUnprocessableEntity, "invalid")
	if !strings.Contains(full.Errors[0].Detail, "no free address") {
		t.Errorf("%+v", full.Errors)
	}
	c.remove("virtual-machines/" + taken.ID).is(http.StatusAccepted)
	v := order("next", nicAt(net.ID, "")).is(http.StatusCreated).view()
	if got := v.NetworkInterfaces[0].IPAddress; got != "10.0.0.12" {
		t.Errorf("%s, want the address that became free", got)
	}
	v6 := c.made("networks", m{"name": "six", "cidr": "fd00:1::/64"})
	v = order("six", nicAt(v6.ID, ""), nicAt(v6.ID, "fd00:1::ffff")).is(http.StatusCreated).view()
	n := v.NetworkInterfaces
	if v6.GatewayAddress != "fd00:1::1" || n[0].IPAddress != "fd00:1::2" || n[1].IPAddress != "fd00:1::ffff" {
		t.Errorf("gateway %s, interfaces %+v", v6.GatewayAddress, n)
	}
	order("zone", nicAt(v6.ID, "fd00:1::5%eth0")).refused(http.StatusUnprocessableEntity, "invalid")
}

func TestInterfacesKeepWhatTheyHave(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	a := c.made("networks", m{"name": "a", "cidr": "10.0.0.0/24"})
	b := c.made("networks", m{"name": "b", "cidr": "10.1.0.0/24"})
	v := c.made("virtual-machines", machineOf("vm", m{"network_interfaces": []m{nicAt(a.ID, "10.0.0.77"), nicAt(b.ID, "")}}))
	path := "virtual-machines/" + v.ID
	same := c.patch(path, v.Etag, fmt.Sprintf(`{"network_interfaces":[{"network_id":%q},{"network_id":%q}],"vcpus":4}`, a.ID, b.ID)).
		is(http.StatusOK).view()
	if !slices.Equal(same.NetworkInterfaces, v.NetworkInterfaces) {
		t.Errorf("%+v, was %+v", same.NetworkInterfaces, v.NetworkInterfaces)
	}
	etag := c.get(path).view().Etag
	other := c.patch(path, etag, fmt.Sprintf(`{"network_interfaces":[{"network_id":%q,"ip_address":"10.0.0.78"}]}`, a.ID)).
		is(http.StatusOK).view()
	if n := other.NetworkInterfaces; len(n) != 1 || n[0].IPAddress != "10.0.0.78" || n[0].MACAddress != v.NetworkInterfaces[0].MACAddress {
		t.Errorf("%+v, was %+v", n, v.NetworkInterfaces)
	}
	full := c.made("networks", m{"name": "full", "cidr": "10.2.0.0/29"})
	for i := range 5 {
		last := c.made("virtual-machines", machineOf(fmt.Sprintf("full-%d", i), m{"network_interfaces": []m{nicAt(full.ID, "")}}))
		if i < 4 {
			continue
		}
		moved := c.patch("virtual-machines/"+last.ID, last.Etag,
			fmt.Sprintf(`{"network_interfaces":[{"network_id":%q},{"network_id":%q}]}`, a.ID, full.ID)).is(http.StatusOK).view()
		if got := moved.NetworkInterfaces[1].IPAddress; got != "10.2.0.6" {
			t.Errorf("the interface that moved to another place has %s, and only 10.2.0.6 can be had", got)
		}
	}
	c.remove("networks/" + b.ID).is(http.StatusAccepted) // Nobody is in it any more.
}

func TestMachineOrderRefused(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	away := c.made("storage-volumes", m{"name": "away", "size_gib": 20, "zone": "riga-2"})
	for _, tc := range []struct {
		name     string
		more     m
		pointers []string
	}{
		{"vcpus off the range", m{"vcpus": 33}, []string{"/vcpus"}},
		{"memory off the step", m{"memory_mib": 4097}, []string{"/vcpus"}},
		{"sizes of two families", m{"vcpus": 33, "memory_mib": 1024}, []string{"/vcpus"}},
		{"neither image nor volume", m{"image_id": nil, "boot_disk": nil}, []string{"/image_id"}},
		{"both", m{"boot_volume_id": away.ID}, []string{"/image_id"}},
		{"image without a disk", m{"boot_disk": nil}, []string{"/boot_disk"}},
		{"volume with a disk", m{"image_id": nil, "boot_volume_id": away.ID}, []string{"/boot_disk"}},
		{"unknown image", m{"image_id": "beos"}, []string{"/image_id"}},
		{"unknown volume", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": "vol-0"}, []string{"/boot_volume_id"}},
		{"unknown zone", m{"zone": "nowhere"}, []string{"/zone"}},
		{"volume in another zone", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": away.ID, "zone": "riga-1"}, []string{"/zone"}},
		{"disk too small for the image", m{"boot_disk": m{"size_gib": 9, "on_destroy": "delete"}}, []string{"/boot_disk/size_gib"}},
		{"disk off the step", m{"boot_disk": m{"size_gib": 25, "class": "fast", "on_destroy": "delete"}}, []string{"/boot_disk/size_gib"}},
		{"unknown class", m{"boot_disk": m{"size_gib": 25, "class": "tape", "on_destroy": "delete"}}, []string{"/boot_disk/class"}},
		{"unknown network", m{"network_interfaces": []m{nicAt("net-0", "")}}, []string{"/network_interfaces/0/network_id"}},
		{"all at once", m{"vcpus": 33, "zone": "nowhere", "image_id": "beos", "network_interfaces": []m{nicAt("net-0", "")}},
			[]string{"/image_id", "/network_interfaces/0/network_id", "/vcpus", "/zone"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := c.order("virtual-machines", machineOf("vm", tc.more)).refused(http.StatusUnprocessableEntity, "invalid").pointers()
			if !slices.Equal(got, tc.pointers) {
				t.Errorf("pointers %v, want %v", got, tc.pointers)
			}
		})
	}
	if items, _ := c.list("virtual-machines"); len(items) != 0 {
		t.Errorf("there are %v", names(items))
	}
}

func TestBootVolumeIsNamedAfterItsMachine(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	c.made("storage-volumes", m{"name": "app-boot", "size_gib": 20})
	for machine, want := range map[string]string{
		"db": "db-boot", "app": "app-boot-2", strings.Repeat("n", 63): strings.Repeat("n", 58) + "-boot",
	} {
		got := c.get("storage-volumes/" + c.made("virtual-machines", machineOf(machine, nil)).BootVolumeID).view().Name
		if got != want {
			t.Errorf("the boot volume of %s is called %s, want %s", machine, got, want)
		}
	}
}

func TestMachineChanges(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	v := c.order("virtual-machines", machineOf("vm", nil)).is(http.StatusCreated).view()
	path, boot := "virtual-machines/"+v.ID, "storage-volumes/"+v.BootVolumeID
	s.MoveClock(tick)
	refuse := func(body, pointer string) {
		t.Helper()
		got := c.patch(path, c.get(path).view().Etag, body).refused(http.StatusUnprocessableEntity, "invalid").pointers()
		if !slices.Equal(got, []string{pointer}) {
			t.Errorf("%s: pointers %v, want %s", body, got, pointer)
		}
	}
	refuse(`{"vcpus":33}`, "/vcpus")
	refuse(`{"boot_disk":{"size_gib":19}}`, "/boot_disk/size_gib")
	refuse(`{"boot_disk":{"class":"fast"}}`, "/boot_disk/class")
	refuse(`{"image_id":"debian-12-20251110"}`, "/image_id")
	refuse(`{"zone":"riga-2"}`, "/zone")
	a := c.patch(path, c.get(path).view().Etag, `{"power_state":"stopped","boot_disk":{"size_gib":40},"user_data":"secret"}`).is(http.StatusOK)
	if v := a.view(); v.State != "updating" || v.PowerState != "stopped" || strings.Contains(string(a.body), "secret") {
		t.Errorf("%s", a.body)
	}
	if got := c.get(boot).view().SizeGiB; got != 40 {
		t.Errorf("the boot volume has %d GiB", got)
	}
	s.MoveClock(tick)
	c.patch(boot, c.get(boot).view().Etag, `{"size_gib":50}`).is(http.StatusOK)
	var got struct {
		BootDisk struct {
			SizeGiB int64 `json:"size_gib"`
		} `json:"boot_disk"`
		State string
	}
	if c.get(path).into(&got); got.BootDisk.SizeGiB != 50 || got.State != "ready" {
		t.Errorf("the machine says of its boot disk: %+v", got)
	}
}

func TestNetworkAndGroupOrderRefused(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	rule := func(more m) m {
		r := m{"direction": "ingress", "protocol": "tcp"}
		for k, v := range more {
			r[k] = v
		}
		return m{"name": "x", "rules": []m{{"direction": "egress", "protocol": "any"}, r}}
	}
	for _, tc := range []struct {
		kind    string
		order   m
		pointer string
	}{
		{"networks", m{"name": "x", "cidr": "10.0.0.1/24"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "10.0.0.0"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "10.0.0.0/30"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "10.0.0.0/7"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "fd00::/65"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "fd00::/47"}, "/cidr"},
		{"networks", m{"name": "x", "cidr": "10.0.0.0/24", "dns_servers": []string{"10.0.0.2", "dns"}}, "/dns_servers/1"},
		{"security-groups", rule(m{"port_min": 1}), "/rules/1/port_min"},
		{"security-groups", rule(m{"port_min": 2, "port_max": 1}), "/rules/1/port_min"},
		{"security-groups", rule(m{"protocol": "icmp", "port_min": 1, "port_max": 1}), "/rules/1/port_min"},
		{"security-groups", rule(m{"remote_cidr": "10.0.0.1/8"}), "/rules/1/remote_cidr"},
		{"security-groups", rule(m{"remote_cidr": "all"}), "/rules/1/remote_cidr"},
		{"security-groups", rule(m{"remote_security_group_id": "sg-0"}), "/rules/1/remote_security_group_id"},
		{"storage-volumes", m{"name": "x", "size_gib": 25, "class": "fast"}, "/size_gib"},
		{"storage-volumes", m{"name": "x", "size_gib": 25, "class": "tape"}, "/class"},
		{"storage-volumes", m{"name": "x", "size_gib": 25, "zone": "a"}, "/zone"},
		{"volume-attachments", m{"name": "x", "volume_id": "vol-0", "virtual_machine_id": "vm-0"}, "/virtual_machine_id /volume_id"},
	} {
		a := c.order(tc.kind, tc.order)
		if got := strings.Join(a.refused(http.StatusUnprocessableEntity, "invalid").pointers(), " "); got != tc.pointer {
			t.Errorf("%v: pointers %q, want %q", tc.order, got, tc.pointer)
		}
	}
}
