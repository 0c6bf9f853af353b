package backuprun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// stock is the volumes that there are in the project.
type stock struct{ volumes []cloud.StorageVolume }

func (r *runner) stock(ctx context.Context) (s stock, err error) {
	for v, err := range r.volumes.List(ctx, cloud.ListOptions{}) {
		if err != nil {
			return s, err
		}
		s.volumes = append(s.volumes, v)
	}
	return s, nil
}

func (s stock) volume(id string) *cloud.StorageVolume {
	i := slices.IndexFunc(s.volumes, func(v cloud.StorageVolume) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &s.volumes[i]
}

// protected are the volumes that sources come to. What is there no more is shown as long as it is among the sources.
func (s stock) protected(sources []string, newest map[string]point) (all []cloud.ProtectedVolume) {
	add := func(id, name, machine string) {
		if slices.ContainsFunc(all, func(p cloud.ProtectedVolume) bool { return p.VolumeID == id }) {
			return
		}
		p := cloud.ProtectedVolume{VolumeID: id, Name: name, VirtualMachineID: machine}
		if made, ok := newest[id]; ok {
			is := made.recoveryPoint()
			p.Newest = &is
			if p.Name == "" {
				p.Name = is.VolumeName
			}
		}
		all = append(all, p)
	}
	for _, source := range sources {
		if v := s.volume(source); v != nil {
			add(v.ID, v.Name, "")
			continue
		}
		found := false
		for _, v := range s.volumes {
			if v.VirtualMachineID == source {
				add(v.ID, v.Name, source)
				found = true
			}
		}
		if !found {
			add(source, "", "")
		}
	}
	return all
}

// bootsFromHost refuses a machine that would look protected, and is not.
const bootsFromHost = "The virtual machine boots from a disk on its host, and not from a storage volume, so that disk cannot be backed " +
	"up. Name the machine's other volumes by their own ids instead of it, and keep what matters on them."

// onHosts are the machines among the sources whose own disks cannot be backed up, as the run says.
func (n *run) onHosts(ctx context.Context, there stock, sources []string) (all []string, err error) {
	for _, id := range sources {
		if there.volume(id) != nil {
			continue
		}
		machine, err := n.op.VirtualMachines.Get(ctx, id)
		switch {
		case errors.Is(err, cloud.ErrNotFound):
		case err != nil:
			return nil, err
		case machine.BootVolumeID == "":
			n.fail("Virtual machine "+cmp.Or(machine.Name, id), bootsFromHost)
			all = append(all, id)
		}
	}
	return all, nil
}

// fits refuses more volumes than there is room for in what is kept of a backup, before anything is stopped for it.
func (n *run) fits(ctx context.Context, volumes []cloud.ProtectedVolume) error {
	const idBytes, treeBytes, messageBytes = 42, 64, 8000
	k, err := n.backups.get(ctx, n.id)
	if err != nil {
		return err
	}
	k.is.Message = strings.Repeat(".", messageBytes)
	k.is.Points = make([]point, len(volumes))
	for i, v := range volumes {
		k.is.Points[i] = point{
			ID: strings.Repeat(".", idBytes), VolumeID: v.VolumeID, VolumeName: v.Name, TakenAt: n.now(), Size: mover.MaxSize,
			Uploaded: mover.MaxSize, TreeSHA256: strings.Repeat(".", treeBytes),
		}
	}
	if _, err := n.backups.text(k.is); err != nil {
		return n.refused(cloud.ErrInvalid, fmt.Sprintf("The sources of the plan come to %d volumes, which is more than one backup has room for.",
			len(volumes)), "Nothing was stopped or read for it. Split the plan into several.")
	}
	return nil
}

func indexed(pointer string, i int) string { return fmt.Sprintf("%s/%d", pointer, i) }
