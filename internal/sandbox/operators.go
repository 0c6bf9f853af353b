package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

//go:embed operators.json
var operatorsJSON []byte

// meteringResolution is the length of one metered interval.
const meteringResolution = time.Minute

// Project is what an agency may use at each operator.
type Project struct {
	Name, Title string
	Quota       api.Amounts
}

// profile is one operator as data.
type profile struct {
	Name            string            `json:"name"`
	LegalName       string            `json:"legal_name"`
	Description     string            `json:"description"`
	Qualification   api.Qualification `json:"qualification"`
	Zones           []api.Zone        `json:"zones"`
	MachineSizes    []api.MachineSize `json:"machine_sizes"`
	VolumeClasses   []api.VolumeClass `json:"volume_classes"`
	Prices          []api.Price       `json:"prices"`
	Images          []api.Image       `json:"images"`
	LongPollSeconds int               `json:"long_poll_seconds"`
	// ServiceDesk is nil at an operator that has none.
	ServiceDesk *deskProfile `json:"service_desk"`
	// Clusters is nil at an operator without container clusters. KubernetesVersions are newest first.
	Clusters           *api.ClusterCapabilities `json:"container_clusters"`
	KubernetesVersions []api.KubernetesVersion  `json:"kubernetes_versions"`
	// Backups says that the operator keeps backups of others, and makes its own.
	Backups bool `json:"backups"`
	// Capacity is what all projects together can have of each resource that it names.
	Capacity map[string]int64 `json:"capacity"`
}

// deskProfile is a service desk as data.
type deskProfile struct {
	api.ServiceDesk
	// ClosedQueue is one of which clients see nothing.
	ClosedQueue string `json:"closed_queue"`
}

// profiles returns the operators of these names in the data's order; all if there are no names.
func profiles(names []string) ([]profile, error) {
	var all []profile
	if err := json.Unmarshal(operatorsJSON, &all); err != nil {
		return nil, fmt.Errorf("operators.json: %w", err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(p profile) bool { return p.Name == name }) {
			return nil, fmt.Errorf("there is no sandbox operator %q", name)
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	return slices.DeleteFunc(all, func(p profile) bool { return !slices.Contains(names, p.Name) }), nil
}

// DefaultProjects are an agency of usual size, a small one, and one without limits for measurements.
func DefaultProjects() []Project {
	quota := func(n int64) api.Amounts {
		return api.Amounts{
			Vcpus: 8 * n, MemoryMib: 32768 * n, StorageGib: 200 * n, VirtualMachines: n, StorageVolumes: 3 * n,
			Networks: max(n/4, 8), SecurityGroups: max(n/2, 16),
		}
	}
	return []Project{
		{Name: "registry", Title: "Reģistrs", Quota: quota(50)},
		{Name: "cadastre", Title: "Kadastrs", Quota: quota(10)},
		{Name: "load", Title: "Slodzes tests", Quota: quota(40_000)},
	}
}

func (p *profile) image(id string) (api.Image, bool) {
	i := slices.IndexFunc(p.Images, func(im api.Image) bool { return im.Id == id })
	if i < 0 {
		return api.Image{}, false
	}
	return p.Images[i], true
}

func (p *profile) volumeClass(name string) (api.VolumeClass, bool) {
	i := slices.IndexFunc(p.VolumeClasses, func(c api.VolumeClass) bool { return c.Name == name })
	if i < 0 {
		return api.VolumeClass{}, false
	}
	return p.VolumeClasses[i], true
}

func (p *profile) hasZone(name string) bool {
	return slices.ContainsFunc(p.Zones, func(z api.Zone) bool { return z.Name == name })
}

func (p *profile) hasSize(vcpus, memoryMiB int64) bool {
	return slices.ContainsFunc(p.MachineSizes, func(s api.MachineSize) bool {
		return inRange(s.Vcpus, vcpus) && inRange(s.MemoryMib, memoryMiB)
	})
}

func inRange(r api.Range, v int64) bool { return v >= r.Min && v <= r.Max && (v-r.Min)%r.Step == 0 }

// catalogue is what the operator offers.
func (p *profile) catalogue() api.Catalogue {
	c := api.Catalogue{
		Zones: p.Zones, DefaultZone: p.Zones[0].Name, MachineSizes: p.MachineSizes, VolumeClasses: p.VolumeClasses,
		DefaultVolumeClass: p.VolumeClasses[0].Name, Prices: p.Prices,
	}
	if len(p.KubernetesVersions) > 0 {
		c.KubernetesVersions = &p.KubernetesVersions
	}
	return c
}

// document is the operator document.
func (p *profile) document(tokenEndpoint string) api.Operator {
	d := api.Operator{
		Name: p.Name, LegalName: p.LegalName, Description: &p.Description, ApiVersions: []string{"1.0"},
		Qualification: p.Qualification, TokenEndpoint: tokenEndpoint,
		Capabilities: api.Capabilities{
			LongPollSeconds: &p.LongPollSeconds, MeteringResolutionSeconds: int(meteringResolution / time.Second),
		},
	}
	d.Capabilities.ContainerClusters = p.Clusters
	for _, k := range kinds {
		if k.offered != nil && !k.offered(p) {
			continue
		}
		d.Capabilities.Kinds = append(d.Capabilities.Kinds, api.KindCapabilities{Kind: k.segment, UpdatesInPlace: k.mutable})
	}
	if p.ServiceDesk != nil {
		d.Capabilities.ServiceDesk = &p.ServiceDesk.ServiceDesk
	}
	return d
}
