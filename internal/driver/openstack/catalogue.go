package openstack

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// maxVolumeGiB is more than any volume that Cinder makes; what is really too large, it says itself.
const maxVolumeGiB = 1 << 20

// anySize is what Cinder does not bound: quotas do.
var anySize = cloud.Range{Min: 1, Max: maxVolumeGiB, Step: 1}

// catalogue is what the cloud offers this project.
type catalogue struct {
	flavors     []flavor
	volumeTypes []volumeType
	defaultType string
	// zones are those of servers, volumeZones those of volumes; often they are the same.
	zones, volumeZones []string
	quotas             cloud.Quotas
	// templates are Magnum's, of clusters of Kubernetes.
	templates []clusterTemplate
}

type flavor struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	VCPUs    int64  `json:"vcpus"`
	RAMMiB   int64  `json:"ram"`
	DiskGiB  int64  `json:"disk"`
	Disabled bool   `json:"OS-FLV-DISABLED:disabled"`
}

type volumeType struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	ExtraSpecs map[string]string `json:"extra_specs"`
}

// learn reads the catalogue.
func (s *session) learn(ctx context.Context) error {
	c := &catalogue{}
	var nova, cinder, magnum []func() error
	if s.compute != nil {
		nova = []func() error{
			func() (err error) {
				c.flavors, err = collect(pages[flavor](ctx, s, s.compute, "flavors/detail", "flavors", nil))
				return err
			},
			func() (err error) { c.zones, err = s.zones(ctx, s.compute); return err },
			func() (err error) {
				c.quotas.VCPUs, c.quotas.MemoryMiB, err = s.limits(ctx, s.compute, "maxTotalCores", "maxTotalRAMSize")
				return err
			},
		}
	}
	if s.volume != nil {
		cinder = []func() error{
			func() (err error) {
				c.volumeTypes, err = collect(pages[volumeType](ctx, s, s.volume, "types", "volume_types", nil))
				return err
			},
			func() (err error) { c.volumeZones, err = s.zones(ctx, s.volume); return err },
			func() (err error) { c.defaultType, err = s.defaultVolumeType(ctx); return err },
			func() (err error) {
				c.quotas.VolumeGiB, _, err = s.limits(ctx, s.volume, "maxTotalVolumeGigabytes", "")
				return err
			},
		}
	}
	if s.containers != nil {
		magnum = []func() error{func() (err error) { c.templates, err = s.clusterTemplates(ctx); return err }}
	}
	s.catalogue = c
	return s.together(slices.Concat(nova, cinder, magnum)...)
}

// zones are the available zones of a service.
func (s *session) zones(ctx context.Context, service *gophercloud.ServiceClient) ([]string, error) {
	var answer struct {
		Zones []struct {
			Name  string `json:"zoneName"`
			State struct {
				Available bool `json:"available"`
			} `json:"zoneState"`
		} `json:"availabilityZoneInfo"`
	}
	if _, err := s.get(ctx, service, "os-availability-zone", &answer); err != nil {
		return nil, err
	}
	var zones []string
	for _, z := range answer.Zones {
		if z.State.Available {
			zones = append(zones, z.Name)
		}
	}
	slices.Sort(zones)
	return zones, nil
}

// limits are two of a service's limits for the project; zero for what is not limited.
func (s *session) limits(ctx context.Context, service *gophercloud.ServiceClient, first, second string) (a, b int64, err error) {
	var answer struct {
		Limits struct {
			Absolute map[string]int64 `json:"absolute"`
		} `json:"limits"`
	}
	_, err = s.get(ctx, service, "limits", &answer)
	if errors.Is(err, cloud.ErrForbidden) {
		return 0, 0, nil // Nothing needs them.
	}
	return max(answer.Limits.Absolute[first], 0), max(answer.Limits.Absolute[second], 0), err
}

// defaultVolumeType is the project's own or the cloud's; empty if there is none.
func (s *session) defaultVolumeType(ctx context.Context) (string, error) {
	var answer struct {
		Type volumeType `json:"volume_type"`
	}
	_, err := s.get(ctx, s.volume, "types/default", &answer)
	if errors.Is(err, cloud.ErrNotFound) {
		return "", nil
	}
	return answer.Type.Name, err
}

// offers is the catalogue in the port's terms.
func (s *session) offers() cloud.Catalogue {
	out := cloud.Catalogue{Quotas: s.catalogue.quotas, KubernetesVersions: kubernetesVersions(s.catalogue.templates)}
	// Nova's come first: the default is one of them where there are any.
	names := slices.Clone(s.catalogue.zones)
	for _, z := range s.catalogue.volumeZones {
		if !slices.Contains(names, z) {
			names = append(names, z)
		}
	}
	for _, z := range names {
		out.Zones = append(out.Zones, cloud.Zone{Name: z})
	}
	if len(names) > 0 {
		out.DefaultZone = names[0]
	}
	local := false
	for _, f := range s.catalogue.flavors {
		if f.Disabled {
			continue
		}
		local = local || f.DiskGiB > 0
		out.MachineSizes = append(out.MachineSizes, cloud.MachineSize{
			Name: f.Name, VCPUs: exactly(f.VCPUs), MemoryMiB: exactly(f.RAMMiB), LocalDiskGiB: f.DiskGiB,
		})
	}
	slices.SortStableFunc(out.MachineSizes, func(a, b cloud.MachineSize) int {
		return cmp.Or(cmp.Compare(a.VCPUs.Min, b.VCPUs.Min), cmp.Compare(a.MemoryMiB.Min, b.MemoryMiB.Min), cmp.Compare(a.Name, b.Name))
	})
	for _, t := range s.catalogue.volumeTypes {
		if t.Name == "__DEFAULT__" && len(s.catalogue.volumeTypes) > 1 && s.catalogue.defaultType != t.Name {
			continue // Cinder's own stop-gap.
		}
		out.VolumeClasses = append(out.VolumeClasses, cloud.VolumeClass{Name: t.Name, SizeGiB: anySize})
	}
	out.DefaultVolumeClass = s.catalogue.defaultType
	if local {
		out.VolumeClasses = append(out.VolumeClasses, cloud.VolumeClass{
			Name: cloud.LocalDisk, Title: "the disk of the machine's size, on its host", SizeGiB: anySize,
		})
		if s.volume == nil {
			out.DefaultVolumeClass = cloud.LocalDisk
		}
	}
	return out
}

func exactly(v int64) cloud.Range { return cloud.Range{Min: v, Max: v, Step: 1} }

// flavorFor finds the flavor of a size. Several differ in their disk alone, or in what only the operator knows: with a
// local disk it is the one of that disk, otherwise the one with the least, as the machine boots a volume.
func (s *session) flavorFor(vcpus, memoryMiB, localDiskGiB int64) (flavor, bool) {
	var found []flavor
	for _, f := range s.catalogue.flavors {
		if f.VCPUs == vcpus && f.RAMMiB == memoryMiB && !f.Disabled && (localDiskGiB == 0 || f.DiskGiB == localDiskGiB) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return flavor{}, false
	}
	return slices.MinFunc(found, func(a, b flavor) int {
		return cmp.Or(cmp.Compare(a.DiskGiB, b.DiskGiB), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), true
}
