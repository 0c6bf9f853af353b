package virtualmachine

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// plan completes what the machine's state tells, and refuses what that and the catalogue show to be impossible. What
// stays as it is was accepted once and is not held against a catalogue that may have changed since.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	if p.State == nil && p.Plan.PowerState.IsUnknown() && p.Config.PowerState.IsNull() {
		p.Plan.PowerState = types.StringValue(string(cloud.PowerRunning))
	}
	switch meters := p.Operator == nil || p.Operator.Capabilities.MeteringResolution > 0; {
	case !meters && !known(p.Plan.MeteredSince):
		p.Plan.MeteredSince = timetypes.NewRFC3339Null()
	case meters && p.Plan.MeteredSince.IsNull():
		p.Plan.MeteredSince = timetypes.NewRFC3339Unknown() // The state was written before the machine was ready.
	}
	planInterfaces(p)
	checkReferences(p)
	disk, ok := bootDisk(ctx, p.Plan.BootDisk, &p.Diagnostics)
	planRestore(ctx, p, disk)
	if ok {
		checkChangedDisk(ctx, p, disk)
	}
	if p.Diagnostics.HasError() || p.Operator == nil {
		return
	}
	s, fresh := p.State, replaces(ctx, p)
	if known(p.Plan.VCPUs) && known(p.Plan.MemoryMiB) &&
		(fresh || !p.Plan.VCPUs.Equal(s.VCPUs) || !p.Plan.MemoryMiB.Equal(s.MemoryMiB)) {
		checkSize(p.Operator, p.Plan.VCPUs.ValueInt64(), p.Plan.MemoryMiB.ValueInt64(), &p.Diagnostics)
		quotas := p.Operator.Catalogue.Quotas
		lifecycle.CheckQuota(&p.Diagnostics, path.Root("vcpus"), p.Operator.Name, "vCPU", p.Plan.VCPUs, quotas.VCPUs)
		lifecycle.CheckQuota(&p.Diagnostics, path.Root("memory_mib"), p.Operator.Name, "MiB of memory", p.Plan.MemoryMiB, quotas.MemoryMiB)
	}
	if fresh {
		checkZone(p)
	}
	if fresh || !p.Plan.NetworkInterfaces.Equal(s.NetworkInterfaces) {
		checkAddresses(ctx, p)
	}
	if ok && (fresh || !p.Plan.BootDisk.Equal(s.BootDisk)) {
		checkDisk(p, disk)
		checkImage(ctx, p, disk)
	}
	if ok && !p.Diagnostics.HasError() {
		checkLocalDisk(p, disk)
	}
}

// replaces reports whether the plan leads to a new machine.
func replaces(ctx context.Context, p *lifecycle.Planning[resourceModel]) bool {
	s := p.State
	return s == nil || !p.Plan.Operator.Equal(s.Operator) || !p.Plan.Zone.Equal(s.Zone) ||
		!p.Plan.Image.Equal(s.Image) || !p.Plan.BootVolumeID.Equal(s.BootVolumeID) ||
		!p.Plan.RestoreFrom.Equal(s.RestoreFrom) && lifecycle.RestoresAnother(ctx, s.Restored, p.Plan.RestoreFrom)
}

func checkReferences(p *lifecycle.Planning[resourceModel]) {
	operator, diags := p.Plan.Operator.ValueString(), &p.Diagnostics
	lifecycle.CheckReference(diags, path.Root("image"), operator, "image", p.Plan.Image)
	lifecycle.CheckReference(diags, path.Root("boot_volume_id"), operator, "storage volume", p.Plan.BootVolumeID)
	for i, v := range p.Plan.NetworkInterfaces.Elements() {
		o, ok := v.(types.Object)
		if !ok || o.IsUnknown() {
			continue
		}
		at := path.Root("network_interfaces").AtListIndex(i)
		if network, ok := o.Attributes()["network_id"].(types.String); ok {
			lifecycle.CheckReference(diags, at.AtName("network_id"), operator, "network", network)
		}
		if address, ok := o.Attributes()["ip_address"].(types.String); ok {
			checkAddress(p, at.AtName("ip_address"), address)
		}
		groups, ok := o.Attributes()["security_group_ids"].(types.Set)
		if !ok {
			continue
		}
		for _, g := range groups.Elements() {
			if group, ok := g.(types.String); ok {
				lifecycle.CheckReference(diags, at.AtName("security_group_ids").AtSetValue(g), operator, "security group", group)
			}
		}
	}
}

// checkAddress refuses also other writings of an address: the operator would answer with the usual one, and Terraform
// take that for another address.
func checkAddress(p *lifecycle.Planning[resourceModel], at path.Path, address types.String) {
	if !known(address) {
		return
	}
	text := address.ValueString()
	switch a, err := netip.ParseAddr(text); {
	case err != nil || a.Zone() != "":
		p.Diagnostics.AddAttributeError(at, "Not an IP address: "+text, "Write an IPv4 or IPv6 address, as in 10.20.0.7.")
	case a.String() != text:
		p.Diagnostics.AddAttributeError(at, "Not the usual writing of an IP address: "+text, "Write it as "+a.String()+".")
	}
}

// checkChangedDisk refuses what no operator does to a disk that exists.
func checkChangedDisk(ctx context.Context, p *lifecycle.Planning[resourceModel], disk bootDiskModel) {
	if replaces(ctx, p) {
		return
	}
	was, ok := bootDisk(ctx, p.State.BootDisk, &p.Diagnostics)
	if !ok {
		return
	}
	name := p.State.Name.ValueString()
	if known(disk.SizeGiB) && disk.SizeGiB.ValueInt64() < was.SizeGiB.ValueInt64() {
		p.Diagnostics.AddAttributeError(path.Root("boot_disk").AtName("size_gib"),
			fmt.Sprintf("The boot disk of virtual machine %q cannot shrink from %d to %d GiB",
				name, was.SizeGiB.ValueInt64(), disk.SizeGiB.ValueInt64()),
			"Shrinking would cut data off. Leave the size, or make a machine with a smaller disk beside this one and move over.")
	}
	if known(disk.Class) && known(was.Class) && !disk.Class.Equal(was.Class) {
		p.Diagnostics.AddAttributeError(path.Root("boot_disk").AtName("class"),
			fmt.Sprintf("The boot disk of virtual machine %q cannot change from class %q to %q",
				name, was.Class.ValueString(), disk.Class.ValueString()),
			"A disk keeps its class. Set it back, or make a machine with such a disk beside this one and move over.")
	}
}

func checkZone(p *lifecycle.Planning[resourceModel]) {
	var zones []string
	for _, z := range p.Operator.Catalogue.Zones {
		zones = append(zones, z.Name)
	}
	lifecycle.CheckOneOf(&p.Diagnostics, path.Root("zone"), p.Operator.Name, "zone", p.Plan.Zone, zones)
}

// checkDisk holds the boot disk's class and size against the catalogue.
func checkDisk(p *lifecycle.Planning[resourceModel], disk bootDiskModel) {
	op, at := p.Operator, path.Root("boot_disk")
	var classes []string
	for _, c := range op.Catalogue.VolumeClasses {
		classes = append(classes, c.Name)
	}
	if !lifecycle.CheckOneOf(&p.Diagnostics, at.AtName("class"), op.Name, "volume class", disk.Class, classes) {
		return
	}
	name := disk.Class.ValueString()
	if name == "" {
		name = op.Catalogue.DefaultVolumeClass
	}
	c, ok := op.Catalogue.VolumeClass(name)
	if !ok || !known(disk.SizeGiB) || c.SizeGiB.Contains(disk.SizeGiB.ValueInt64()) {
		return
	}
	below, above := c.SizeGiB.Nearest(disk.SizeGiB.ValueInt64())
	nearest := fmt.Sprintf("The nearest are %d and %d GiB.", below, above)
	if below == above {
		nearest = fmt.Sprintf("The nearest is %d GiB.", below)
	}
	p.Diagnostics.AddAttributeError(at.AtName("size_gib"),
		fmt.Sprintf("%s has no %s volume of %d GiB", op.Name, name, disk.SizeGiB.ValueInt64()),
		fmt.Sprintf("It offers %d to %d GiB in steps of %d. %s", c.SizeGiB.Min, c.SizeGiB.Max, c.SizeGiB.Step, nearest))
}

// checkImage refuses an image that the operator has not, or that the disk has no room for.
func checkImage(ctx context.Context, p *lifecycle.Planning[resourceModel], disk bootDiskModel) {
	id := lifecycle.ObjectID(p.Plan.Image)
	if id == "" {
		return
	}
	image, err := lookUp(ctx, p.Operator, "image", id, p.Operator.Images.Get)
	switch {
	case errors.Is(err, cloud.ErrNotFound) && replaces(ctx, p):
		p.Diagnostics.AddAttributeError(path.Root("image"),
			fmt.Sprintf("%s has no image %q", p.Operator.Name, p.Plan.Image.ValueString()),
			"Images come and go; data.vdam_images lists those that there are, and data.vdam_image finds the newest of a kind.")
	case err != nil:
		// Whatever else stands in the way is left to apply: it may have passed by then.
	case known(disk.SizeGiB) && disk.SizeGiB.ValueInt64() < image.MinDiskGiB:
		p.Diagnostics.AddAttributeError(path.Root("boot_disk").AtName("size_gib"),
			fmt.Sprintf("Image %q needs a boot disk of at least %d GiB, not %d",
				image.Name, image.MinDiskGiB, disk.SizeGiB.ValueInt64()),
			fmt.Sprintf("Set boot_disk.size_gib to %d or more, or choose a smaller image.", image.MinDiskGiB))
	}
}
