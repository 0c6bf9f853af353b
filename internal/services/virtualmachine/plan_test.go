package virtualmachine

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type planned = lifecycle.Planning[resourceModel]

// planning is a plan for the test's machine that changes nothing yet.
func planning(t *testing.T, image cloud.Image) *planned {
	t.Helper()
	config := testModel(t)
	config.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{
		nic("lnb/net-1", types.StringNull(), types.StringNull(), "lnb/sg-2", "lnb/sg-1"),
		nic("lnb/net-2", types.StringNull(), types.StringNull()),
	})
	proposed := testModel(t)
	proposed.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{
		nic("lnb/net-1", types.StringUnknown(), types.StringUnknown(), "lnb/sg-2", "lnb/sg-1"),
		nic("lnb/net-2", types.StringUnknown(), types.StringUnknown()),
	})
	proposed.Addresses = types.ListUnknown(types.StringType)
	return &planned{
		Operator: testOperator(&imageSource{image: image}), Plan: proposed, State: testModel(t), Config: config,
	}
}

func TestAddressesAreKept(t *testing.T) {
	p := planning(t, cloud.Image{})
	plan(t.Context(), p)
	if len(p.Diagnostics) > 0 {
		t.Fatal(p.Diagnostics)
	}
	if !p.Plan.NetworkInterfaces.Equal(p.State.NetworkInterfaces) || !p.Plan.Addresses.Equal(p.State.Addresses) {
		t.Errorf("got %s and %s", p.Plan.NetworkInterfaces, p.Plan.Addresses)
	}
}

func TestAddressesOfChangedInterfaces(t *testing.T) {
	unknown := types.StringUnknown()
	for name, c := range map[string]struct {
		config, planned, want types.Object
	}{
		"another network": {
			nic("lnb/net-3", types.StringNull(), types.StringNull()),
			// Terraform proposes the computed values of the element that was at the place.
			nic("lnb/net-3", types.StringValue("10.0.0.5"), types.StringValue("02:00:00:00:00:01")),
			nic("lnb/net-3", unknown, unknown),
		},
		"an address asked for": {
			nic("lnb/net-1", types.StringValue("10.0.0.9"), types.StringNull()),
			nic("lnb/net-1", types.StringValue("10.0.0.9"), unknown),
			nic("lnb/net-1", types.StringValue("10.0.0.9"), unknown),
		},
		"an address not known yet": {
			nic("lnb/net-1", unknown, types.StringNull()),
			nic("lnb/net-1", unknown, unknown),
			nic("lnb/net-1", unknown, unknown),
		},
		"other groups": {
			nic("lnb/net-1", types.StringNull(), types.StringNull(), "lnb/sg-9"),
			nic("lnb/net-1", unknown, unknown, "lnb/sg-9"),
			nic("lnb/net-1", types.StringValue("10.0.0.5"), types.StringValue("02:00:00:00:00:01"), "lnb/sg-9"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := planning(t, cloud.Image{})
			p.Config.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{c.config})
			p.Plan.NetworkInterfaces = types.ListValueMust(interfaceType, []attr.Value{c.planned})
			plan(t.Context(), p)
			if len(p.Diagnostics) > 0 {
				t.Fatal(p.Diagnostics)
			}
			if got := p.Plan.NetworkInterfaces.Elements()[0]; !got.Equal(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if c.want.Attributes()["ip_address"].IsUnknown() != p.Plan.Addresses.IsUnknown() {
				t.Errorf("addresses are %s", p.Plan.Addresses)
			}
		})
	}
}

func TestNewMachineRuns(t *testing.T) {
	p := planning(t, cloud.Image{})
	p.State, p.Plan.PowerState, p.Config.PowerState = nil, types.StringUnknown(), types.StringNull()
	plan(t.Context(), p)
	if len(p.Diagnostics) > 0 || p.Plan.PowerState.ValueString() != "running" || !p.Plan.Addresses.IsUnknown() {
		t.Errorf("%s, %s, %v", p.Plan.PowerState, p.Plan.Addresses, p.Diagnostics)
	}
}

func TestEverythingUnknown(t *testing.T) {
	p := planning(t, cloud.Image{MinDiskGiB: 100})
	p.State = nil
	p.Plan.Zone, p.Plan.VCPUs, p.Plan.MemoryMiB = types.StringUnknown(), types.Int64Unknown(), types.Int64Unknown()
	p.Plan.Image, p.Plan.BootVolumeID = types.StringUnknown(), types.StringUnknown()
	p.Plan.BootDisk, p.Plan.NetworkInterfaces = types.ObjectUnknown(bootDiskTypes), types.ListUnknown(interfaceType)
	p.Config.NetworkInterfaces = types.ListUnknown(interfaceType)
	plan(t.Context(), p)
	if len(p.Diagnostics) > 0 {
		t.Error(p.Diagnostics)
	}
	element := []attr.Value{types.ObjectUnknown(interfaceType.AttrTypes)}
	p.Plan.NetworkInterfaces = types.ListValueMust(interfaceType, element)
	p.Config.NetworkInterfaces = p.Plan.NetworkInterfaces
	plan(t.Context(), p)
	if len(p.Diagnostics) > 0 || !p.Plan.Addresses.IsUnknown() {
		t.Errorf("%s, %v", p.Plan.Addresses, p.Diagnostics)
	}
}

func TestRefusals(t *testing.T) {
	const image = "img-1"
	for _, c := range []struct {
		name                string
		change              func(*planned)
		at, summary, detail string
	}{
		{"shrink", func(p *planned) { p.Plan.BootDisk = disk(20, "fast") },
			"boot_disk.size_gib", `The boot disk of virtual machine "db-1" cannot shrink from 40 to 20 GiB`,
			"Shrinking would cut data off. Leave the size, or make a machine with a smaller disk beside this one and move " +
				"over."},
		{"another class", func(p *planned) { p.Plan.BootDisk = disk(40, "standard") },
			"boot_disk.class", `The boot disk of virtual machine "db-1" cannot change from class "fast" to "standard"`,
			"A disk keeps its class. Set it back, or make a machine with such a disk beside this one and move over."},
		{"no such class", func(p *planned) { p.State, p.Plan.BootDisk = nil, disk(40, "golden") },
			"boot_disk.class", `lnb has no volume class "golden"`, "It has: standard, fast."},
		{"off a step", func(p *planned) { p.Plan.BootDisk = disk(45, "fast") },
			"boot_disk.size_gib", "lnb has no fast volume of 45 GiB",
			"It offers 10 to 500 GiB in steps of 10. The nearest are 40 and 50 GiB."},
		{"too small for the image", func(p *planned) { p.State, p.Plan.BootDisk = nil, disk(20, "fast") },
			"boot_disk.size_gib", `Image "debian-13" needs a boot disk of at least 30 GiB, not 20`,
			"Set boot_disk.size_gib to 30 or more, or choose a smaller image."},
		{"no such zone", func(p *planned) { p.Plan.Zone = types.StringValue("c") },
			"zone", `lnb has no zone "c"`, "It has: a, b."},
		{"another operator's image", func(p *planned) { p.Plan.Image = types.StringValue("lvrtc/" + image) },
			"image", "This image is at lvrtc, not at lnb", "Both have to be at the same operator."},
		{"an address of its own writing", func(p *planned) {
			written := nic("lnb/net-1", types.StringValue("2001:DB8::1"), types.StringUnknown())
			one := types.ListValueMust(interfaceType, []attr.Value{written})
			p.Plan.NetworkInterfaces, p.Config.NetworkInterfaces = one, one
		}, "network_interfaces[0].ip_address", "Not the usual writing of an IP address: 2001:DB8::1",
			"Write it as 2001:db8::1."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planning(t, cloud.Image{ID: image, Name: "debian-13", MinDiskGiB: 30})
			c.change(p)
			plan(t.Context(), p)
			wantOne(t, p.Diagnostics, c.at, c.summary, c.detail)
		})
	}
}

func TestMissingImage(t *testing.T) {
	p := planning(t, cloud.Image{})
	p.State = nil
	p.Operator.Images = &imageSource{err: &cloud.Error{Reason: cloud.ErrNotFound, Operator: "lnb"}}
	plan(t.Context(), p)
	wantOne(t, p.Diagnostics, "image", `lnb has no image "lnb/img-1"`,
		"Images come and go; data.vdam_images lists those that there are, and data.vdam_image finds the newest of a kind.")
}

func TestWhatStaysIsNotHeldAgainstTheCatalogue(t *testing.T) {
	p := planning(t, cloud.Image{MinDiskGiB: 100})
	p.Operator.Catalogue = cloud.Catalogue{
		Zones: []cloud.Zone{{Name: "z"}}, MachineSizes: []cloud.MachineSize{fixedSize("new", 8, 16384)},
	}
	p.Plan.Description = types.StringValue("changed")
	if plan(t.Context(), p); len(p.Diagnostics) > 0 {
		t.Error(p.Diagnostics)
	}
}
