package sandbox

import (
	"fmt"
	"net/http"
	"slices"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

var volumeAttachmentKind = kind{
	segment: "volume-attachments", noun: "volume attachment", prefix: "att", schema: "VolumeAttachmentCreate",
	fresh:    func() any { return &api.VolumeAttachmentCreate{} },
	admit:    admitVolumeAttachment,
	accepted: acceptedVolumeAttachment,
	removed:  func(w *world, o *object) { w.unplug(attachmentSpec(o).VolumeId) },
	usage:    func(*object) usage { return nil },
	render:   renderVolumeAttachment,
}

func attachmentSpec(o *object) *api.VolumeAttachmentCreate {
	return o.spec.(*api.VolumeAttachmentCreate) //nolint:forcetypeassert // Made by fresh.
}

func admitVolumeAttachment(w *world, o, old *object) *problem {
	if old != nil {
		return nil // Neither end can be changed.
	}
	spec := attachmentSpec(o)
	volume := w.find("storage-volumes", o.Project, spec.VolumeId)
	machine := w.find("virtual-machines", o.Project, spec.VirtualMachineId)
	var faults []api.FieldError
	if volume == nil {
		faults = append(faults, fieldError("/volume_id", "There is no storage volume %s in this project.", spec.VolumeId))
	}
	if machine == nil {
		faults = append(faults, fieldError("/virtual_machine_id", "There is no virtual machine %s in this project.", spec.VirtualMachineId))
	}
	if len(faults) > 0 {
		return refused(faults)
	}
	if a, b := *volumeSpec(volume).Zone, *machineSpec(machine).Zone; a != b {
		return refused([]api.FieldError{fieldError("/volume_id", "The volume is in zone %s, the machine in zone %s.", a, b)})
	}
	for _, end := range []*object{volume, machine} {
		switch end.State {
		case api.StateReady, api.StateUpdating:
		case api.StateFailed:
			return newProblem(http.StatusConflict, "conflict", "The %s %s has failed.", kindOf(end.Kind).noun, end.common.Name)
		case api.StateCreating, api.StateDeleting:
			return w.busy(end)
		}
	}
	if volume.Derived.MachineID != "" {
		return inUse("The volume %s is at the machine %s already.", volume.common.Name, volume.Derived.MachineID)
	}
	o.Derived.Device = w.freeDevice(o.Project, machine.ID)
	return nil
}

// freeDevice is the first name after the boot disk's that the machine does not have yet.
func (w *world) freeDevice(project, machineID string) string {
	var taken []string
	for _, a := range w.attachments(project, machineID) {
		taken = append(taken, a.Derived.Device)
	}
	for n := 1; ; n++ {
		device := fmt.Sprintf("/dev/vd%c", 'a'+n%26)
		if n >= 26 {
			device = fmt.Sprintf("/dev/vd%c%c", 'a'+n/26-1, 'a'+n%26)
		}
		if !slices.Contains(taken, device) {
			return device
		}
	}
}

// attachments are those of a machine.
func (w *world) attachments(project, machineID string) (found []*object) {
	for _, a := range w.ordered[collectionKey{"volume-attachments", project}] {
		if attachmentSpec(a).VirtualMachineId == machineID {
			found = append(found, a)
		}
	}
	return found
}

func acceptedVolumeAttachment(w *world, o *object) {
	volume := w.objects[attachmentSpec(o).VolumeId]
	if volume != nil && volume.Derived.MachineID == "" {
		next := volume.copy()
		next.Derived.MachineID = attachmentSpec(o).VirtualMachineId
		w.put(next)
	}
}

// unplug frees a volume from its machine, if it is still there.
func (w *world) unplug(volumeID string) {
	if volume := w.objects[volumeID]; volume != nil {
		next := volume.copy()
		next.Derived.MachineID, next.Derived.Boots = "", false
		w.put(next)
	}
}

func renderVolumeAttachment(o *object, m api.Meta) any {
	spec := attachmentSpec(o)
	return api.VolumeAttachment{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		VolumeId: spec.VolumeId, VirtualMachineId: spec.VirtualMachineId, Device: optional(o.Derived.Device),
	}
}
