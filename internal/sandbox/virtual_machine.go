package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// machineSegment is the kind's part of the path.
const machineSegment = "virtual-machines"

var virtualMachineKind = kind{
	segment: machineSegment, noun: "virtual machine", prefix: "vm", schema: "VirtualMachineCreate",
	mutable: []string{
		"vcpus", "memory_mib", "boot_disk", "network_interfaces", "ssh_authorized_keys",
		"user_data", "power_state", "deletion_protection",
	},
	fresh:    func() any { return &api.VirtualMachineCreate{} },
	admit:    admitVirtualMachine,
	accepted: acceptedVirtualMachine,
	held: func(_ *world, o *object) *problem {
		if value(machineSpec(o).DeletionProtection) && !o.MeteredSince.IsZero() {
			return protected(o)
		}
		return nil
	},
	removed: removedVirtualMachine,
	usage: func(o *object) usage {
		return usage{"virtual_machines": 1, "vcpus": machineSpec(o).Vcpus, "memory_mib": machineSpec(o).MemoryMib}
	},
	render: renderVirtualMachine,
}

func machineSpec(o *object) *api.VirtualMachineCreate {
	return o.spec.(*api.VirtualMachineCreate) //nolint:forcetypeassert // Made by fresh.
}

func protected(o *object) *problem {
	return newProblem(http.StatusConflict, "protected", "The %s %s is protected from deletion.", kindOf(o.Kind).noun, o.common.Name)
}

func admitVirtualMachine(w *world, o, old *object) *problem {
	spec := machineSpec(o)
	if spec.PowerState == nil {
		spec.PowerState = optional(api.PowerStateRunning)
	}
	var faults []api.FieldError
	if !w.profile.hasSize(spec.Vcpus, spec.MemoryMib) {
		faults = append(faults, fieldError("/vcpus", "No machine size has %d vCPUs with %d MiB.", spec.Vcpus, spec.MemoryMib))
	}
	faults = append(faults, w.connect(o, old)...)
	var refusal *problem
	var bootFaults []api.FieldError
	switch {
	case old != nil:
		bootFaults = w.faultsOfBootChange(o, old)
	case count(spec.ImageId != nil, spec.BootVolumeId != nil, spec.RestoreFrom != nil) != 1:
		bootFaults = []api.FieldError{fieldError("/image_id", "A machine boots from either image_id or boot_volume_id, or from restore_from.")}
	case spec.ImageId != nil:
		bootFaults = w.bootFromImage(o)
	case spec.RestoreFrom != nil:
		bootFaults, refusal = w.bootFromPoint(o)
	default:
		bootFaults, refusal = w.bootFromVolume(o)
	}
	if faults = append(faults, bootFaults...); len(faults) > 0 {
		return refused(faults)
	}
	return refusal
}

// nameLimit is the length of a DNS label.
const nameLimit = 63

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

// planBootDisk plans a boot volume.
func (w *world) planBootDisk(o *object, of string) (faults []api.FieldError) {
	spec, catalogue := machineSpec(o), w.profile.catalogue()
	if spec.Zone == nil {
		spec.Zone = &catalogue.DefaultZone
	}
	if !w.profile.hasZone(*spec.Zone) {
		faults = append(faults, fieldError("/zone", "There is no zone %q.", *spec.Zone))
	}
	if spec.BootDisk == nil {
		return append(faults, fieldError("/boot_disk", "A machine from %s needs a boot_disk.", of))
	}
	if spec.BootDisk.Class == nil {
		spec.BootDisk.Class = &catalogue.DefaultVolumeClass
	}
	o.Derived.BootVolume = newID("vol")
	return append(faults, w.faultsOfVolume(spec.BootDisk.SizeGib, *spec.BootDisk.Class, "/boot_disk")...)
}

func (w *world) bootFromImage(o *object) []api.FieldError {
	spec := machineSpec(o)
	faults := w.planBootDisk(o, "an image")
	image, ok := w.profile.image(*spec.ImageId)
	if !ok {
		faults = append(faults, fieldError("/image_id", "There is no image %q.", *spec.ImageId))
	}
	if spec.BootDisk != nil && spec.BootDisk.SizeGib < image.MinDiskGib {
		faults = append(faults, fieldError("/boot_disk/size_gib", "The image %s needs at least %d GiB.", image.Name, image.MinDiskGib))
	}
	o.Derived.ImageID = image.Id
	return faults
}

// bootVolumeName is called after the machine, with a number where that name is taken, and cut where it is too long.
func (w *world) bootVolumeName(project, machine string) string {
	for n := 1; ; n++ {
		suffix := "-boot"
		if n > 1 {
			suffix = fmt.Sprintf("-boot-%d", n)
		}
		name := strings.TrimRight(machine[:min(len(machine), nameLimit-len(suffix))], "-") + suffix
		if w.names[nameKey{"storage-volumes", project, name}] == nil {
			return name
		}
	}
}

// bootFromVolume checks a boot volume that exists.
func (w *world) bootFromVolume(o *object) ([]api.FieldError, *problem) {
	spec := machineSpec(o)
	if spec.BootDisk != nil {
		return []api.FieldError{fieldError("/boot_disk", "With boot_volume_id there is no boot_disk.")}, nil
	}
	volume := w.find("storage-volumes", o.Project, *spec.BootVolumeId)
	if volume == nil {
		return []api.FieldError{fieldError("/boot_volume_id", "There is no storage volume %s in this project.", *spec.BootVolumeId)}, nil
	}
	zone := *volumeSpec(volume).Zone
	switch {
	case spec.Zone != nil && *spec.Zone != zone:
		return []api.FieldError{fieldError("/zone", "The boot volume is in zone %s.", zone)}, nil
	case volume.Derived.MachineID != "":
		return nil, inUse("The volume %s is at the machine %s already.", volume.common.Name, volume.Derived.MachineID)
	case volume.State == api.StateFailed:
		return nil, newProblem(http.StatusConflict, "conflict", "The storage volume %s has failed.", volume.common.Name)
	case !volume.settled():
		return nil, w.busy(volume)
	}
	spec.Zone, o.Derived.BootVolume, o.Derived.ImageID = &zone, volume.ID, volume.Derived.ImageID
	return nil, nil
}

func (w *world) faultsOfBootChange(o, old *object) []api.FieldError {
	is, was := machineSpec(o).BootDisk, machineSpec(old).BootDisk
	switch {
	case is == nil:
		return nil
	case was == nil:
		return []api.FieldError{fieldError("/boot_disk", "The machine boots from a volume of its own.")}
	case is.SizeGib < was.SizeGib:
		return []api.FieldError{fieldError("/boot_disk/size_gib", "A volume does not shrink: it has %d GiB.", was.SizeGib)}
	}
	return w.faultsOfVolume(is.SizeGib, *is.Class, "/boot_disk")
}

// acceptedVirtualMachine makes, takes or grows the boot volume.
func acceptedVirtualMachine(w *world, o *object) {
	spec := machineSpec(o)
	volume := w.objects[o.Derived.BootVolume]
	switch {
	case volume == nil && spec.BootDisk != nil:
		w.makeBootVolume(o)
	case volume != nil && volume.Derived.MachineID == "":
		next := volume.copy()
		next.Derived.MachineID, next.Derived.Boots = o.ID, true
		w.put(next)
	case volume != nil && spec.BootDisk != nil && volumeSpec(volume).SizeGib != spec.BootDisk.SizeGib:
		next := volume.copy()
		volumeSpec(next).SizeGib = spec.BootDisk.SizeGib
		next.restate()
		w.put(next)
		w.disks.resize(next.ID, spec.BootDisk.SizeGib)
	}
}

func (w *world) makeBootVolume(o *object) {
	disk := machineSpec(o).BootDisk
	volume := w.newObject("storage-volumes", o.Project, o.Derived.BootVolume)
	volume.Claimed, volume.Deployment = true, o.Deployment // Nobody orders it, so nobody will claim it.
	volume.Derived = derived{ImageID: o.Derived.ImageID, MachineID: o.ID, Boots: true}
	volume.Derived.RestorePoint = o.Derived.RestorePoint
	order := api.StorageVolumeCreate{
		Name: w.bootVolumeName(o.Project, o.common.Name), SizeGib: disk.SizeGib, Class: disk.Class, Zone: machineSpec(o).Zone,
		RestoreFrom: machineSpec(o).RestoreFrom,
	}
	if err := volume.declare(mustJSON(order)); err != nil {
		panic(err) // It was written the line before.
	}
	w.begin(volume, api.StateCreating, api.StateReady, nil)
	w.put(volume)
	if order.RestoreFrom != nil {
		w.restoreBoot(o, volume)
		return
	}
	w.disks.resize(volume.ID, disk.SizeGib)
}

// removedVirtualMachine frees the machine's volumes; the boot volume goes with it if its order says so.
func removedVirtualMachine(w *world, o *object) {
	for _, a := range w.attachments(o.Project, o.ID) {
		w.remove(a)
	}
	disk := machineSpec(o).BootDisk
	volume := w.objects[o.Derived.BootVolume]
	// In one that was never ready there is nothing to retain.
	if volume != nil && disk != nil && (disk.OnDestroy == api.BootDiskOnDestroyDelete || volume.MeteredSince.IsZero()) {
		w.remove(volume)
		return
	}
	w.unplug(o.Derived.BootVolume)
}

func renderVirtualMachine(o *object, m api.Meta) any {
	spec := machineSpec(o)
	nics := o.Derived.Interfaces
	if nics == nil {
		nics = []api.NetworkInterface{}
	}
	keys := value(spec.SshAuthorizedKeys)
	if keys == nil {
		keys = api.SSHKeys{}
	}
	return api.VirtualMachine{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		Zone: *spec.Zone, Vcpus: spec.Vcpus, MemoryMib: spec.MemoryMib, ImageId: spec.ImageId, BootDisk: spec.BootDisk,
		BootVolumeId: o.Derived.BootVolume, NetworkInterfaces: nics, SshAuthorizedKeys: keys, PowerState: *spec.PowerState,
		DeletionProtection: value(spec.DeletionProtection), MeteredSince: o.meteredSince(),
		Restored: o.Derived.Restored,
	}
}
