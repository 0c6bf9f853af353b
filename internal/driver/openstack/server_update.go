package openstack

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type serverChange = cloud.Change[cloud.VirtualMachineSpec]

// Update implements cloud.Collection. What is done at once is done first; size and power take several requests, and are
// noted with the server to be gone on with by Await.
func (v *servers) Update(ctx context.Context, id string, change serverChange) (cloud.VirtualMachine, error) {
	var none cloud.VirtualMachine
	r, _, err := v.one(ctx, id)
	if err != nil {
		return none, err
	}
	t, err := v.checkChange(r, change)
	if err != nil {
		return none, err
	}
	for _, step := range []func(context.Context, serverRecord, serverChange) error{
		v.rename, v.changeServerMetadata, v.changeInterfaces, v.changeDisk,
	} {
		if err := step(ctx, r, change); err != nil {
			return none, err
		}
	}
	if !t.done() {
		if err := v.keep(ctx, r, t); err != nil {
			return none, err
		}
		p := r.properties()
		t.note(p)
		r.Metadata = p.encode()
		if err := v.proceed(ctx, r); err != nil {
			return none, err
		}
	}
	return v.Get(ctx, id)
}

// checkChange refuses what OpenStack cannot do to a server that exists, and says what takes several steps.
func (v *servers) checkChange(r serverRecord, change serverChange) (t steps, err error) {
	from, to := change.From, change.To
	m := r.meta()
	switch {
	case m.State == cloud.StateCreating, m.State == cloud.StateUpdating && !m.Unfinished:
		return t, &cloud.Error{Reason: cloud.ErrBusy, Operator: v.operator, Text: m.StateMessage}
	case differ(from.ImageID, to.ImageID) || differ(from.BootVolumeID, to.BootVolumeID) || differ(from.Zone, to.Zone):
		return t, v.refused(cloud.ErrUnsupported, "Image, boot volume and zone of a server cannot be changed.", "Make another machine.")
	case !slices.Equal(orEmpty(from.SSHAuthorizedKeys), orEmpty(to.SSHAuthorizedKeys)):
		return t, v.refused(cloud.ErrUnsupported, "Nova hands SSH keys to a guest when it is made, and never again.",
			"Change them in the guest, or make another machine.")
	case userDataDiffers(r, from.UserData, to.UserData):
		return t, v.refused(cloud.ErrUnsupported, "Nova hands user data to a guest when it is made, and never again.",
			"Make another machine.")
	}
	if from.VCPUs != to.VCPUs || from.MemoryMiB != to.MemoryMiB || localDisk(from.BootDisk) != localDisk(to.BootDisk) {
		size, err := v.checkServer(to)
		if err != nil {
			return t, err
		}
		if !v.hasFlavor(r, size.ID) {
			t.flavor = size.ID
		}
	}
	if from.PowerState != to.PowerState && to.PowerState != "" && (r.power() != to.PowerState || t.flavor != "") {
		t.power = to.PowerState
	}
	if r.Status == "VERIFY_RESIZE" && !t.done() {
		return t, v.refused(cloud.ErrConflict, "Somebody else has begun a resize of this server, which waits to be confirmed or reverted.",
			fmt.Sprintf("Nothing was changed. Look at the server, then run: openstack server resize confirm %s (or revert), and apply again.", r.ID))
	}
	return t, nil
}

// differ compares what the operator chooses if it is left out.
func differ(from, to string) bool { return to != "" && from != to }

// localDisk is the size of a disk that comes with the flavor; zero for others.
func localDisk(d *cloud.BootDisk) int64 {
	if d == nil || d.Class != cloud.LocalDisk {
		return 0
	}
	return d.SizeGiB
}

// userDataDiffers compares by revision: what an adopted server was made with is not known otherwise.
func userDataDiffers(r serverRecord, from, to *cloud.UserData) bool {
	switch {
	case to == nil:
		return from != nil
	case from != nil:
		return from.Revision != to.Revision
	}
	return r.properties()[userDataProperty] != to.Revision
}

func (v *servers) rename(ctx context.Context, r serverRecord, change serverChange) error {
	from, to := change.From, change.To
	if from.Name != to.Name {
		if err := v.checkName(to.SpecMeta); err != nil {
			return err
		}
		if _, err := v.holder(ctx, to.Name, ""); err != nil {
			return err
		}
	}
	fields := map[string]any{}
	if from.Name != to.Name {
		fields["name"] = to.Name
	}
	if from.Description != to.Description {
		fields["description"] = shortDescription(to.Description)
	}
	if len(fields) == 0 {
		return nil
	}
	_, err := v.do(ctx, v.compute, request{
		method: http.MethodPut, path: path("servers", r.ID), body: map[string]any{"server": fields},
	})
	return err
}

func (v *servers) changeServerMetadata(ctx context.Context, r serverRecord, change serverChange) error {
	was := declared(change.From.SpecMeta).protected(change.From.DeletionProtection)
	is := declared(change.To.SpecMeta).protected(change.To.DeletionProtection)
	if maps.Equal(was, is) {
		return nil
	}
	return v.changeMetadata(ctx, v.compute, path("servers", r.ID), was, is)
}

// changeDisk makes the boot volume larger, and says what becomes of it with the server.
func (v *servers) changeDisk(ctx context.Context, r serverRecord, change serverChange) error {
	from, to := change.From.BootDisk, change.To.BootDisk
	if from == nil || to == nil || *from == *to {
		return nil
	}
	if r.Image != "" {
		return nil // It changes with the flavor.
	}
	now, err := v.whole(ctx, r, "")
	if err != nil {
		return err
	}
	if to.SizeGiB < from.SizeGiB {
		return v.invalid("/boot_disk/size_gib", fmt.Sprintf("A disk of %d GiB cannot shrink to %d GiB.", from.SizeGiB, to.SizeGiB))
	}
	if to.SizeGiB > from.SizeGiB && now.BootDisk != nil && to.SizeGiB > now.BootDisk.SizeGiB {
		if err := v.extend(ctx, now.BootVolumeID, to.SizeGiB); err != nil {
			return err
		}
	}
	if to.RetainOnDestroy == from.RetainOnDestroy {
		return nil
	}
	err = v.put(ctx, v.compute, path("servers", r.ID, "os-volume_attachments", now.BootVolumeID), map[string]any{
		"volumeAttachment": map[string]any{"volumeId": now.BootVolumeID, "delete_on_termination": !to.RetainOnDestroy},
	})
	return err
}
