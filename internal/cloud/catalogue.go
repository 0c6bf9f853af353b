package cloud

import (
	"slices"
	"time"
)

// Catalogue is what an operator offers.
type Catalogue struct {
	Zones              []Zone
	DefaultZone        string
	MachineSizes       []MachineSize
	VolumeClasses      []VolumeClass
	DefaultVolumeClass string
	Prices             []Price
	// Quotas are what the project may have in all, as far as the operator says so in advance.
	Quotas Quotas
	// KubernetesVersions are what container clusters can be made with, newest first.
	KubernetesVersions []KubernetesVersion
}

// Quotas bound what a project may have in all; what is zero is not bounded.
type Quotas struct {
	VCPUs, MemoryMiB, VolumeGiB int64
}

// Zone is a place whose failure leaves other zones running.
type Zone struct {
	Name, Title string
}

// MachineSize is a family of sizes; a fixed flavour is a family whose ranges have one value each.
type MachineSize struct {
	Name, Title string
	VCPUs       Range
	MemoryMiB   Range
	// LocalDiskGiB is the disk that comes with machines of this size, on the host that they run on; zero without one.
	LocalDiskGiB int64
}

// LocalDisk is the volume class of boot disks that are on the machine's host and of the size that its MachineSize has.
// It is in the catalogue of those operators that have such.
const LocalDisk = "local"

// VolumeClass is a sort of storage.
type VolumeClass struct {
	Name, Title string
	SizeGiB     Range
}

// Price is what one unit of a component costs, without VAT.
type Price struct {
	Component, Class, Unit, Per string
	// Amount is an exact decimal.
	Amount, Currency string
	ValidFrom        time.Time
}

// Range is the set Min, Min+Step, … up to Max.
type Range struct {
	Min, Max, Step int64
}

// Contains reports whether v is in the range and on a step.
func (r Range) Contains(v int64) bool {
	return v >= r.Min && v <= r.Max && (v-r.Min)%max(r.Step, 1) == 0
}

// Nearest returns the values of the range next to v, below and above; they are equal when v is outside or on a step.
func (r Range) Nearest(v int64) (below, above int64) {
	step := max(r.Step, 1)
	last := r.Min + (r.Max-r.Min)/step*step
	switch {
	case v <= r.Min:
		return r.Min, r.Min
	case v >= last:
		return last, last
	}
	below = r.Min + (v-r.Min)/step*step
	if below == v {
		return v, v
	}
	return below, below + step
}

// VolumeClass returns the class of a name.
func (c Catalogue) VolumeClass(name string) (VolumeClass, bool) {
	i := slices.IndexFunc(c.VolumeClasses, func(v VolumeClass) bool { return v.Name == name })
	if i < 0 {
		return VolumeClass{}, false
	}
	return c.VolumeClasses[i], true
}

// HasZone reports whether the operator has a zone of that name.
func (c Catalogue) HasZone(name string) bool {
	return slices.ContainsFunc(c.Zones, func(z Zone) bool { return z.Name == name })
}

// Image is a disk image that machines boot from.
type Image struct {
	ID, Name, Title                   string
	OSFamily, OSVersion, Architecture string
	MinDiskGiB                        int64
	CreatedAt                         time.Time
}
