package backupcoverage

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// The levels of SCS-0118, as far as they tell places of backups apart. A level is claimed only if it is known.
const (
	// levelCopy helps against what strikes the volume alone: more than that there is another copy is not known.
	levelCopy = 1
	// levelMachines is for backups on machines of somebody else, maybe at the same site.
	levelMachines = 2
	// levelSite outlives a site that is down, but is near it.
	levelSite = 3
	// levelRegion outlives the destruction of the site.
	levelRegion = 4
)

// What makes a failure domain of the operators of a cycle one.
const (
	sharedByDeclaration   = "failure_domains"
	sharedByEndpoint      = "endpoint"
	sharedByVaultEndpoint = "vault_endpoint"
)

// places are where operators are, as far as it is known.
type places struct {
	// declared are the failure domains of operators, hosts those of their APIs.
	declared, hosts map[string]string
}

// protects is an operator that keeps its backups at another one, in a vault at a host.
type protects struct{ source, keeper, vaultHost string }

// shared is what two or more operators have in common.
type shared struct{ by, domain string }

// cycle is a group of operators each of which has backups at another one of it, though one failure can strike them all.
type cycle struct {
	shared

	operators []string
}

// hostOf is the host of a URL, without its port: programs of one host fail together.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// domain is what was declared of an operator, in a form that can be compared.
func (p places) domain(operator string) string {
	parts := strings.Split(p.declared[operator], "/")
	for i, part := range parts {
		parts[i] = strings.ToLower(strings.TrimSpace(part))
	}
	return strings.Join(parts, "/")
}

// elsewhere is the vault's host, if that is not a part of its operator: a bucket somewhere else.
func (p places) elsewhere(e protects) string {
	if own := p.hosts[e.keeper]; own == "" || own == e.vaultHost {
		return ""
	}
	return e.vaultHost
}

// common is what source and keeper share; ok is false if that is not known of anything. What was declared of both counts
// more than where their APIs are: one gateway may stand before operators far apart.
func (p places) common(e protects) (s shared, ok bool) {
	source, keeper := p.domain(e.source), p.domain(e.keeper)
	if source != "" && keeper != "" {
		return shared{sharedByDeclaration, source}, source == keeper
	}
	host := p.hosts[e.source]
	return shared{sharedByEndpoint, host}, host != "" && host == p.hosts[e.keeper]
}

// level is how far a backup is from what it protects.
func (p places) level(e protects) int64 {
	host := p.hosts[e.source]
	if e.source == e.keeper || host != "" && host == p.elsewhere(e) {
		return levelCopy
	}
	source, keeper := p.domain(e.source), p.domain(e.keeper)
	what, one := p.common(e)
	switch {
	case one && what.by == sharedByEndpoint:
		return levelCopy
	case one, source == "", keeper == "":
		return levelMachines
	}
	region, _, _ := strings.Cut(source, "/")
	if other, _, _ := strings.Cut(keeper, "/"); region == other {
		return levelSite
	}
	return levelRegion
}

// cycles are the groups of operators that protect each other within one failure domain.
func (p places) cycles(all []protects) (found []cycle) {
	within := make(map[shared]map[string][]string)
	add := func(s shared, e protects) {
		if within[s] == nil {
			within[s] = make(map[string][]string)
		}
		within[s][e.source] = append(within[s][e.source], e.keeper)
	}
	for _, e := range all {
		if s, one := p.common(e); one {
			add(s, e)
		}
		if host := p.elsewhere(e); host != "" {
			add(shared{sharedByVaultEndpoint, host}, e)
		}
	}
	for s, keepers := range within {
		for _, operators := range rings(keepers) {
			c := cycle{s, operators}
			if c.by == sharedByDeclaration { // As it was written.
				c.domain = p.declared[operators[0]]
			}
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b cycle) int {
		if c := slices.Compare(a.operators, b.operators); c != 0 {
			return c
		}
		return strings.Compare(a.by+a.domain, b.by+b.domain)
	})
	return found
}

// rings are the groups in which each operator reaches each other one by way of who keeps whose backups.
func rings(keepers map[string][]string) (groups [][]string) {
	reached := make(map[string]map[string]bool, len(keepers))
	for from := range keepers {
		seen := make(map[string]bool)
		for next := slices.Clone(keepers[from]); len(next) > 0; {
			at := next[0]
			if next = next[1:]; !seen[at] {
				seen[at] = true
				next = append(next, keepers[at]...)
			}
		}
		reached[from] = seen
	}
	grouped := make(map[string]bool)
	for _, from := range slices.Sorted(maps.Keys(reached)) {
		var group []string
		for to := range reached[from] {
			if reached[to][from] && !grouped[to] {
				group = append(group, to)
			}
		}
		if len(group) > 1 {
			slices.Sort(group)
			groups = append(groups, group)
		}
		for _, member := range group {
			grouped[member] = true
		}
	}
	return groups
}
