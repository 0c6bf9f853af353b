package sandbox

import (
	"maps"
	"net/http"
	"slices"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// usage counts resources by the names of the contract's Amounts.
type usage map[string]int64

// plus returns a sum; sign is 1 or -1.
func (u usage) plus(v usage, sign int64) usage {
	sum := maps.Clone(u)
	if sum == nil {
		sum = usage{}
	}
	for resource, n := range v {
		sum[resource] += sign * n
	}
	return sum
}

func (u usage) amounts() api.Amounts {
	return api.Amounts{
		Vcpus: u["vcpus"], MemoryMib: u["memory_mib"], StorageGib: u["storage_gib"], VirtualMachines: u["virtual_machines"],
		StorageVolumes: u["storage_volumes"], Networks: u["networks"], SecurityGroups: u["security_groups"],
	}
}

func usageOf(a api.Amounts) usage {
	return usage{
		"vcpus": a.Vcpus, "memory_mib": a.MemoryMib, "storage_gib": a.StorageGib, "virtual_machines": a.VirtualMachines,
		"storage_volumes": a.StorageVolumes, "networks": a.Networks, "security_groups": a.SecurityGroups,
	}
}

// afford refuses what goes beyond the project's quota or the operator's room. Old is nil for orders.
func (w *world) afford(project string, old, wanted usage) *problem {
	i := slices.IndexFunc(w.projects, func(p Project) bool { return p.Name == project })
	quota := usageOf(w.projects[i].Quota)
	more := wanted.plus(old, -1)
	for _, resource := range slices.Sorted(maps.Keys(more)) {
		n := more[resource]
		if n <= 0 {
			continue
		}
		used := w.used[project][resource]
		if limit, ok := quota[resource]; ok && used+n > limit {
			p := newProblem(http.StatusConflict, "quota-exceeded", "Project %s may have %d of %s; %d are used and %d more were asked for.",
				project, limit, resource, used, n)
			p.Quota = &api.QuotaProblem{Resource: resource, Limit: limit, Used: used, Requested: n}
			return p
		}
		var all int64
		for _, u := range w.used {
			all += u[resource]
		}
		if room, ok := w.profile.Capacity[resource]; ok && all+n > room {
			return newProblem(http.StatusConflict, "capacity-exhausted", "There is no room for %d more of %s at present.", n, resource)
		}
	}
	return nil
}
