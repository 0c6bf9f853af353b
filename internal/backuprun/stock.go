package backuprun

import (
	"context"
	"fmt"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
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

// has reports whether an id is that of a volume, or of a machine with one.
func (s stock) has(id string) bool {
	return slices.ContainsFunc(s.volumes, func(v cloud.StorageVolume) bool { return v.ID == id || v.VirtualMachineID == id })
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

func indexed(pointer string, i int) string { return fmt.Sprintf("%s/%d", pointer, i) }
