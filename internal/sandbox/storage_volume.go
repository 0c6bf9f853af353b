package sandbox

import (
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// volumeSegment is the kind's part of the path.
const volumeSegment = "storage-volumes"

var storageVolumeKind = kind{
	segment: volumeSegment, noun: "storage volume", prefix: "vol", schema: "StorageVolumeCreate",
	mutable:  []string{"size_gib", "deletion_protection"},
	fresh:    func() any { return &api.StorageVolumeCreate{} },
	admit:    admitStorageVolume,
	accepted: acceptedStorageVolume,
	held:     heldStorageVolume,
	removed:  func(w *world, o *object) { w.disks.remove(o.ID) },
	usage: func(o *object) usage {
		return usage{"storage_volumes": 1, "storage_gib": volumeSpec(o).SizeGib}
	},
	render: renderStorageVolume,
}

func volumeSpec(o *object) *api.StorageVolumeCreate {
	return o.spec.(*api.StorageVolumeCreate) //nolint:forcetypeassert // Made by fresh.
}

func admitStorageVolume(w *world, o, old *object) *problem {
	spec := volumeSpec(o)
	catalogue := w.profile.catalogue()
	if spec.Class == nil {
		spec.Class = &catalogue.DefaultVolumeClass
	}
	if spec.Zone == nil {
		spec.Zone = &catalogue.DefaultZone
	}
	faults := w.faultsOfVolume(spec.SizeGib, *spec.Class, "")
	if !w.profile.hasZone(*spec.Zone) {
		faults = append(faults, fieldError("/zone", "There is no zone %q.", *spec.Zone))
	}
	if old != nil && spec.SizeGib < volumeSpec(old).SizeGib {
		faults = append(faults, fieldError("/size_gib", "A volume does not shrink: it has %d GiB.", volumeSpec(old).SizeGib))
	}
	if old != nil && o.Derived.Boots && w.objects[o.Derived.MachineID] != nil && !w.objects[o.Derived.MachineID].settled() {
		return w.busy(w.objects[o.Derived.MachineID])
	}
	if old == nil && spec.RestoreFrom != nil {
		more, p := w.admitRestore(o, spec.RestoreFrom, spec.SizeGib, "/size_gib")
		if p != nil {
			return p
		}
		faults = append(faults, more...)
	}
	return refused(faults)
}

// faultsOfVolume checks size and class; at is where they are in the request.
func (w *world) faultsOfVolume(sizeGiB int64, className, at string) []api.FieldError {
	class, ok := w.profile.volumeClass(className)
	switch {
	case !ok:
		return []api.FieldError{fieldError(at+"/class", "There is no volume class %q.", className)}
	case !inRange(class.SizeGib, sizeGiB):
		return []api.FieldError{fieldError(at+"/size_gib", "A volume of class %s has %d to %d GiB in steps of %d, not %d.",
			className, class.SizeGib.Min, class.SizeGib.Max, class.SizeGib.Step, sizeGiB)}
	}
	return nil
}

// acceptedStorageVolume gives the volume its bytes, and tells the machine that boots it about its size.
func acceptedStorageVolume(w *world, o *object) {
	if w.fill(o) {
		return
	}
	w.disks.resize(o.ID, volumeSpec(o).SizeGib)
	machine := w.objects[o.Derived.MachineID]
	if !o.Derived.Boots || machine == nil {
		return
	}
	if disk := machineSpec(machine).BootDisk; disk != nil && disk.SizeGib != volumeSpec(o).SizeGib {
		next := machine.copy()
		machineSpec(next).BootDisk.SizeGib = volumeSpec(o).SizeGib
		next.restate()
		w.put(next)
	}
}

func heldStorageVolume(w *world, o *object) *problem {
	if value(volumeSpec(o).DeletionProtection) && !o.MeteredSince.IsZero() {
		return protected(o)
	}
	machine := w.objects[o.Derived.MachineID]
	switch {
	case machine == nil:
		return nil
	case o.Derived.Boots:
		return inUse("The machine %s boots from the volume %s.", machine.common.Name, o.common.Name)
	default:
		return inUse("The volume %s is attached to the machine %s.", o.common.Name, machine.common.Name)
	}
}

func renderStorageVolume(o *object, m api.Meta) any {
	spec := volumeSpec(o)
	return api.StorageVolume{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		SizeGib: spec.SizeGib, Class: *spec.Class, Zone: *spec.Zone, DeletionProtection: value(spec.DeletionProtection),
		ImageId: optional(o.Derived.ImageID), VirtualMachineId: optional(o.Derived.MachineID), MeteredSince: o.meteredSince(),
		Restored: o.Derived.Restored,
	}
}
