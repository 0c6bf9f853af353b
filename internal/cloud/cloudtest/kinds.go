package cloudtest

import (
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v; want %v", what, got, want)
	}
}

// chosen compares what is the operator's choice if none was declared.
func chosen(t *testing.T, what, got, want string) {
	t.Helper()
	if got == "" || want != "" && got != want {
		t.Errorf("%s is %q; want %q", what, got, want)
	}
}

func networks(_ *testing.T, h Harness) *kind[cloud.NetworkSpec, cloud.Network] {
	return &kind[cloud.NetworkSpec, cloud.Network]{
		h: h, kind: cloud.KindNetwork, collection: h.Operator.Networks,
		meta: func(s *cloud.NetworkSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(*testing.T) cloud.NetworkSpec {
			return cloud.NetworkSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("net")}, CIDR: "10.77.0.0/24", DNSServers: []string{"192.0.2.53"},
			}
		},
		change: func(s *cloud.NetworkSpec) { s.DNSServers = []string{"192.0.2.54", "192.0.2.53"} },
		check: func(t *testing.T, s cloud.NetworkSpec, o cloud.Network) {
			t.Helper()
			equal(t, "cidr", o.CIDR, s.CIDR)
			equal(t, "gateway", o.GatewayAddress, "10.77.0.1")
			if !slices.Equal(o.DNSServers, s.DNSServers) {
				t.Errorf("DNS servers are %v; want %v", o.DNSServers, s.DNSServers)
			}
		},
	}
}

func securityGroups(_ *testing.T, h Harness) *kind[cloud.SecurityGroupSpec, cloud.SecurityGroup] {
	return &kind[cloud.SecurityGroupSpec, cloud.SecurityGroup]{
		h: h, kind: cloud.KindSecurityGroup, collection: h.Operator.SecurityGroups,
		meta: func(s *cloud.SecurityGroupSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(*testing.T) cloud.SecurityGroupSpec {
			return cloud.SecurityGroupSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("sg")},
				Rules: []cloud.SecurityRule{
					{Direction: "ingress", Protocol: "tcp", PortMin: 443, PortMax: 443, RemoteCIDR: "10.0.0.0/8", Description: "web"},
					{Direction: "egress", Protocol: "any"},
				},
			}
		},
		change: func(s *cloud.SecurityGroupSpec) {
			s.Rules = append(s.Rules[:1:1], cloud.SecurityRule{Direction: "ingress", Protocol: "icmp"})
		},
		check: func(t *testing.T, s cloud.SecurityGroupSpec, o cloud.SecurityGroup) {
			t.Helper()
			for _, r := range s.Rules {
				if !slices.Contains(o.Rules, r) {
					t.Errorf("rule %+v is missing from %+v", r, o.Rules)
				}
			}
			equal(t, "number of rules", len(o.Rules), len(s.Rules))
		},
	}
}

func storageVolumes(_ *testing.T, h Harness) *kind[cloud.StorageVolumeSpec, cloud.StorageVolume] {
	return &kind[cloud.StorageVolumeSpec, cloud.StorageVolume]{
		h: h, kind: cloud.KindStorageVolume, collection: h.Operator.StorageVolumes,
		meta: func(s *cloud.StorageVolumeSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(*testing.T) cloud.StorageVolumeSpec {
			return cloud.StorageVolumeSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("vol")}, SizeGiB: h.VolumeGiB, Class: h.Class, Zone: h.Zone,
			}
		},
		change: func(s *cloud.StorageVolumeSpec) { s.SizeGiB = h.LargerGiB },
		check: func(t *testing.T, s cloud.StorageVolumeSpec, o cloud.StorageVolume) {
			t.Helper()
			equal(t, "size", o.SizeGiB, s.SizeGiB)
			chosen(t, "class", o.Class, s.Class)
			chosen(t, "zone", o.Zone, s.Zone)
			equal(t, "deletion protection", o.DeletionProtection, s.DeletionProtection)
			equal(t, "machine", o.VirtualMachineID, "")
		},
	}
}

func virtualMachines(_ *testing.T, h Harness) *kind[cloud.VirtualMachineSpec, cloud.VirtualMachine] {
	return &kind[cloud.VirtualMachineSpec, cloud.VirtualMachine]{
		h: h, kind: cloud.KindVirtualMachine, collection: h.Operator.VirtualMachines,
		meta: func(s *cloud.VirtualMachineSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.VirtualMachineSpec {
			t.Helper()
			nets, groups := networks(t, h), securityGroups(t, h)
			net := nets.ready(t, nets.spec(t), newKey())
			group := groups.ready(t, groups.spec(t), newKey())
			return cloud.VirtualMachineSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("vm")}, Zone: h.Zone,
				VCPUs: h.Size.VCPUs, MemoryMiB: h.Size.MemoryMiB,
				ImageID: h.ImageID, BootDisk: &cloud.BootDisk{SizeGiB: h.BootDiskGiB, Class: h.Class},
				NetworkInterfaces: []cloud.NetworkInterface{{NetworkID: net.ID, SecurityGroupIDs: []string{group.ID}}},
				SSHAuthorizedKeys: []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEn7t9tk2w7vRw1Fyz0ZJcJrkQ1yvWc0bNf3n1pGq2aT test"},
				UserData:          &cloud.UserData{Value: "#cloud-config\n", Revision: "1"},
				PowerState:        cloud.PowerRunning,
			}
		},
		change: func(s *cloud.VirtualMachineSpec) { s.VCPUs, s.MemoryMiB = h.OtherSize.VCPUs, h.OtherSize.MemoryMiB },
		check:  checkMachine,
	}
}

func checkMachine(t *testing.T, s cloud.VirtualMachineSpec, o cloud.VirtualMachine) {
	t.Helper()
	chosen(t, "zone", o.Zone, s.Zone)
	chosen(t, "boot volume", o.BootVolumeID, s.BootVolumeID)
	equal(t, "size", Size{o.VCPUs, o.MemoryMiB}, Size{s.VCPUs, s.MemoryMiB})
	equal(t, "image", o.ImageID, s.ImageID)
	equal(t, "power state", o.PowerState, s.PowerState)
	equal(t, "deletion protection", o.DeletionProtection, s.DeletionProtection)
	if s.BootDisk != nil && o.BootDisk != nil {
		equal(t, "boot disk size", o.BootDisk.SizeGiB, s.BootDisk.SizeGiB)
		equal(t, "boot disk retained", o.BootDisk.RetainOnDestroy, s.BootDisk.RetainOnDestroy)
		chosen(t, "boot disk class", o.BootDisk.Class, s.BootDisk.Class)
	} else {
		equal(t, "has a boot disk", o.BootDisk != nil, s.BootDisk != nil)
	}
	if !slices.Equal(o.SSHAuthorizedKeys, s.SSHAuthorizedKeys) {
		t.Errorf("SSH keys are %v; want %v", o.SSHAuthorizedKeys, s.SSHAuthorizedKeys)
	}
	if len(o.NetworkInterfaces) != len(s.NetworkInterfaces) {
		t.Fatalf("there are %d network interfaces; want %d", len(o.NetworkInterfaces), len(s.NetworkInterfaces))
	}
	for i, n := range o.NetworkInterfaces {
		want := s.NetworkInterfaces[i]
		equal(t, "network", n.NetworkID, want.NetworkID)
		chosen(t, "IP address", n.IPAddress, want.IPAddress)
		chosen(t, "MAC address", n.MACAddress, "")
		if !slices.Equal(slices.Sorted(slices.Values(n.SecurityGroupIDs)), slices.Sorted(slices.Values(want.SecurityGroupIDs))) {
			t.Errorf("security groups are %v; want %v", n.SecurityGroupIDs, want.SecurityGroupIDs)
		}
	}
}

func volumeAttachments(_ *testing.T, h Harness) *kind[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment] {
	return &kind[cloud.VolumeAttachmentSpec, cloud.VolumeAttachment]{
		h: h, kind: cloud.KindVolumeAttachment, collection: h.Operator.VolumeAttachments, pair: true,
		meta: func(s *cloud.VolumeAttachmentSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.VolumeAttachmentSpec {
			t.Helper()
			volumes, machines := storageVolumes(t, h), virtualMachines(t, h)
			volume := volumes.ready(t, volumes.spec(t), newKey())
			machine := machines.ready(t, machines.spec(t), newKey())
			return cloud.VolumeAttachmentSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("att")}, VolumeID: volume.ID, VirtualMachineID: machine.ID,
			}
		},
		check: func(t *testing.T, s cloud.VolumeAttachmentSpec, o cloud.VolumeAttachment) {
			t.Helper()
			equal(t, "volume", o.VolumeID, s.VolumeID)
			equal(t, "machine", o.VirtualMachineID, s.VirtualMachineID)
		},
	}
}
