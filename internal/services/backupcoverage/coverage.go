package backupcoverage

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// stock is what there is at an operator.
type stock struct {
	operator string
	// host is that of its API.
	host     string
	volumes  []cloud.StorageVolume
	machines []cloud.VirtualMachine
	plans    []cloud.BackupPlan
}

// protection is a source of a plan.
type protection struct {
	sourceID, sourceName, kind, planID, operator, vaultOperator string
	// lastSuccess is zero before the first recovery point of all of its volumes.
	lastSuccess time.Time
	hasRPO      bool
	stale       bool
	// drill is nil before the first.
	drill *cloud.Drill
	level int64
}

// coverage is who protects what.
type coverage struct {
	protections        []protection
	unprotected, stale []string
	mutual             [][]string
	cycles             []cycle
}

// survey holds the plans of operators against what they have. Declared are the failure domains of operators.
func survey(all []stock, declared map[string]string, now time.Time) coverage {
	var c coverage
	var edges []protects
	where := places{declared: declared, hosts: make(map[string]string)}
	for _, s := range all {
		where.hosts[s.operator] = s.host
	}
	for _, s := range all {
		for _, p := range s.plans {
			edge := protects{s.operator, p.Vault.Operator, hostOf(p.Vault.URL)}
			for _, source := range slices.Sorted(slices.Values(p.Sources)) {
				protection := s.protection(p, source, now)
				protection.drill, protection.level = p.LastDrill, where.level(edge)
				c.protections = append(c.protections, protection)
			}
			edges = append(edges, edge)
		}
		c.unprotected = append(c.unprotected, s.unprotected()...)
	}
	c.mutual, c.cycles = mutual(edges), where.cycles(edges)
	stale := make(map[string]bool)
	for _, p := range c.protections {
		if p.stale {
			stale[p.sourceID] = true
		}
	}
	c.stale = slices.Sorted(maps.Keys(stale))
	slices.Sort(c.unprotected)
	slices.SortStableFunc(c.protections, func(a, b protection) int { return cmp.Compare(a.sourceID, b.sourceID) })
	return c
}

// mutual are the pairs of operators that protect each other.
func mutual(edges []protects) (pairs [][]string) {
	all := make(map[[2]string]bool)
	for _, e := range edges {
		all[[2]string{e.source, e.keeper}] = true
	}
	for pair := range all {
		if pair[0] < pair[1] && all[[2]string{pair[1], pair[0]}] {
			pairs = append(pairs, pair[:])
		}
	}
	slices.SortFunc(pairs, slices.Compare)
	return pairs
}

func (s stock) id(object string) string {
	return cloud.ID{Operator: s.operator, Object: object}.String()
}

// protection is what a plan does for one of its sources.
func (s stock) protection(p cloud.BackupPlan, source string, now time.Time) protection {
	out := protection{
		sourceID: s.id(source), planID: s.id(p.ID), operator: s.operator, vaultOperator: p.Vault.Operator, hasRPO: p.RPO > 0,
	}
	out.sourceName, out.kind = s.named(source)
	complete, volumes := true, 0
	for _, v := range p.Protected {
		if v.VolumeID != source && v.VirtualMachineID != source {
			continue
		}
		volumes++
		if v.Newest == nil {
			complete = false
		} else if out.lastSuccess.IsZero() || v.Newest.TakenAt.Before(out.lastSuccess) {
			out.lastSuccess = v.Newest.TakenAt // The oldest tells how old the source's backup is.
		}
	}
	if !complete || volumes == 0 {
		out.lastSuccess = time.Time{}
	}
	out.stale = out.lastSuccess.IsZero() || p.RPO > 0 && now.Sub(out.lastSuccess) > p.RPO
	return out
}

// named is what a source is called, and its kind; both empty for what is gone.
func (s stock) named(source string) (name, kind string) {
	for _, v := range s.volumes {
		if v.ID == source {
			return v.Name, string(cloud.KindStorageVolume)
		}
	}
	for _, m := range s.machines {
		if m.ID == source {
			return m.Name, string(cloud.KindVirtualMachine)
		}
	}
	return "", ""
}

// unprotected are the volumes and machines that no plan with a vault elsewhere covers.
func (s stock) unprotected() (ids []string) {
	covered := make(map[string]bool)
	for _, p := range s.plans {
		if p.Vault.Operator == s.operator {
			continue
		}
		for _, source := range p.Sources {
			covered[source] = true
		}
	}
	booted := make(map[string]string)
	for _, m := range s.machines {
		booted[m.BootVolumeID] = m.ID
	}
	// whole is false for machines with a volume that is not covered, and lacks those that have none.
	whole := make(map[string]bool)
	for _, v := range s.volumes {
		machine := cmp.Or(v.VirtualMachineID, booted[v.ID])
		safe := covered[v.ID] || machine != "" && covered[machine]
		if !safe {
			ids = append(ids, s.id(v.ID))
		}
		if so, seen := whole[machine]; machine != "" {
			whole[machine] = safe && (so || !seen)
		}
	}
	for _, m := range s.machines {
		if !covered[m.ID] && !whole[m.ID] {
			ids = append(ids, s.id(m.ID))
		}
	}
	return ids
}
