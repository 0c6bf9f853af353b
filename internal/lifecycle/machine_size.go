package lifecycle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// machineSize is one size of a family.
type machineSize struct {
	family           string
	vcpus, memoryMiB int64
}

func (s machineSize) String() string {
	return fmt.Sprintf("%s (%d vCPU, %d MiB)", s.family, s.vcpus, s.memoryMiB)
}

// covers reports whether a machine of this size has all that is wanted.
func (s machineSize) covers(wanted machineSize) bool {
	return s.vcpus >= wanted.vcpus && s.memoryMiB >= wanted.memoryMiB
}

// distance is by proportion: 2 vCPU more matter to a machine of 2 and not to one of 64.
func (s machineSize) distance(wanted machineSize) float64 {
	part := func(has, want int64) float64 { return math.Abs(math.Log(float64(max(has, 1)) / float64(max(want, 1)))) }
	return part(s.vcpus, wanted.vcpus) + part(s.memoryMiB, wanted.memoryMiB)
}

// CheckSize refuses a size that no family has, naming the nearest ones; in is what has the attributes vcpus and memory_mib.
// An operator that lists no sizes decides itself.
func CheckSize(op *cloud.Operator, in path.Path, vcpus, memoryMiB int64, diags *diag.Diagnostics) {
	at := in.AtName("vcpus")
	for _, f := range op.Catalogue.MachineSizes {
		if f.VCPUs.Contains(vcpus) && f.MemoryMiB.Contains(memoryMiB) {
			return
		}
		if f.VCPUs.Contains(vcpus) {
			at = in.AtName("memory_mib") // There are such machines, with other memory.
		}
	}
	nearest := nearestSizes(op.Catalogue.MachineSizes, machineSize{vcpus: vcpus, memoryMiB: memoryMiB})
	if len(nearest) == 0 {
		return
	}
	offers := "sizes in steps"
	if !slices.ContainsFunc(op.Catalogue.MachineSizes, func(f cloud.MachineSize) bool { return !fixed(f) }) {
		offers = "fixed sizes"
	}
	names, which, them := make([]string, len(nearest)), "nearest is", "it"
	for i, s := range nearest {
		names[i] = s.String()
	}
	if len(nearest) > 1 {
		which, them = "nearest are", "one of them"
	}
	diags.AddAttributeError(at,
		fmt.Sprintf("Operator %q has no size for %d vCPU and %d MiB", op.Name, vcpus, memoryMiB),
		fmt.Sprintf("%s offers %s. The %s %s.\nSet vcpus and memory_mib to %s; data.vdam_machine_sizes lists all of them.",
			op.Name, offers, which, strings.Join(names, " and "), them))
}

func fixed(f cloud.MachineSize) bool {
	return f.VCPUs.Min == f.VCPUs.Max && f.MemoryMiB.Min == f.MemoryMiB.Max
}

// nearestSizes are up to two, the smaller first: the nearest of all, and beside it the nearest that suffices, or, if
// that is the same, the nearest of those that do not.
func nearestSizes(families []cloud.MachineSize, wanted machineSize) []machineSize {
	var all []machineSize
	for _, f := range families {
		fewer, more := f.VCPUs.Nearest(wanted.vcpus)
		less, rather := f.MemoryMiB.Nearest(wanted.memoryMiB)
		for _, v := range []int64{fewer, more} {
			for _, m := range []int64{less, rather} {
				if s := (machineSize{f.Name, v, m}); !slices.Contains(all, s) {
					all = append(all, s)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b machineSize) int { return cmp.Compare(a.distance(wanted), b.distance(wanted)) })
	if len(all) < 2 {
		return all
	}
	other := 1 + slices.IndexFunc(all[1:], func(s machineSize) bool { return s.covers(wanted) != all[0].covers(wanted) })
	two := []machineSize{all[0], all[max(other, 1)]}
	slices.SortStableFunc(two, func(a, b machineSize) int {
		return cmp.Or(cmp.Compare(a.vcpus, b.vcpus), cmp.Compare(a.memoryMiB, b.memoryMiB))
	})
	return two
}
