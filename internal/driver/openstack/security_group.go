package openstack

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type securityGroupRecord struct {
	neutronObject
	Rules []ruleRecord `json:"security_group_rules"`
}

// ruleRecord is a rule of Neutron, which is for one family of addresses. Without a prefix or a group it is for all.
type ruleRecord struct {
	ID          string  `json:"id,omitempty"`
	GroupID     string  `json:"security_group_id"`
	Direction   string  `json:"direction"`
	Ethertype   string  `json:"ethertype"`
	Protocol    *string `json:"protocol"`
	PortMin     *int64  `json:"port_range_min"`
	PortMax     *int64  `json:"port_range_max"`
	Prefix      *string `json:"remote_ip_prefix"`
	RemoteGroup *string `json:"remote_group_id"`
	Description string  `json:"description"`
}

// rule is a rule of the port for one family of addresses.
type rule struct {
	cloud.SecurityRule
	ethertype string
}

// key is what makes two rules the same to Neutron: a prefix of all addresses is as good as none, and the words about a
// rule are not part of it.
func (r rule) key() rule {
	if r.RemoteCIDR == allIPv4 || r.RemoteCIDR == allIPv6 {
		r.RemoteCIDR = ""
	}
	r.Description = ""
	return r
}

const (
	ipv4, ipv6       = "IPv4", "IPv6"
	allIPv4, allIPv6 = "0.0.0.0/0", "::/0"
)

func newSecurityGroups(s *session) cloud.Collection[cloud.SecurityGroupSpec, cloud.SecurityGroup] {
	n := &neutron[cloud.SecurityGroupSpec, securityGroupRecord, cloud.SecurityGroup]{
		session: s, segment: "security-groups", plural: "security_groups", singular: "security_group",
		common: func(spec cloud.SecurityGroupSpec) cloud.SpecMeta { return spec.SpecMeta },
		check:  s.checkSecurityGroup,
		objects: func(_ context.Context, records []securityGroupRecord, metas []cloud.Meta) ([]cloud.SecurityGroup, error) {
			out := make([]cloud.SecurityGroup, len(records))
			for i, r := range records {
				out[i] = cloud.SecurityGroup{Meta: metas[i], Rules: merged(r.Rules)}
			}
			return out, nil
		},
		complete: func(ctx context.Context, r securityGroupRecord, spec cloud.SecurityGroupSpec, _ bool) error {
			// A new group lets everything out, which nobody has asked for.
			return s.changeRules(ctx, r, merged(r.Rules), spec.Rules)
		},
		change: func(ctx context.Context, r securityGroupRecord, change cloud.Change[cloud.SecurityGroupSpec]) error {
			return s.changeRules(ctx, r, change.From.Rules, change.To.Rules)
		},
	}
	return n.ready()
}

// checkSecurityGroup refuses what Neutron takes for something else than it says, or refuses with words that do not help.
func (s *session) checkSecurityGroup(spec cloud.SecurityGroupSpec) error {
	seen := map[rule]bool{}
	for _, r := range split(spec.Rules) {
		switch {
		case r.PortMin == 1 && r.PortMax == maxPort:
			return s.invalid("/rules", "To Neutron, the ports 1 to 65535 are all ports: leave port_min and port_max out.")
		case seen[r.key()]:
			return s.invalid("/rules", fmt.Sprintf("Two rules let the same in or out (%s %s): leave one of them out.", r.Direction, r.Protocol))
		}
		seen[r.key()] = true
	}
	return s.checkName(spec.SpecMeta)
}

const maxPort = 65535

// changeRules brings a group from one set of rules to another. Rules that are in neither stay. Neutron does not change
// rules, so that other words about one take another one, and the old one goes first: it would be in the way.
func (s *session) changeRules(ctx context.Context, r securityGroupRecord, from, to []cloud.SecurityRule) error {
	there := map[rule]ruleRecord{}
	for _, have := range r.Rules {
		there[have.rule().key()] = have
	}
	before, after := split(from), split(to)
	wanted := map[rule]bool{}
	var missing []ruleRecord
	for _, want := range after {
		wanted[want.key()] = true
		have, ok := there[want.key()]
		if slices.Contains(before, want) || ok && have.Description == want.Description {
			continue // Nobody asked for a change, or it is made.
		}
		if ok {
			if err := s.removeIfThere(ctx, s.network, path("security-group-rules", have.ID)); err != nil {
				return err
			}
		}
		missing = append(missing, want.record(r.ID))
	}
	if len(missing) > 0 {
		if _, err := s.post(ctx, s.network, "security-group-rules", map[string]any{"security_group_rules": missing}, nil); err != nil {
			return err
		}
	}
	for _, old := range before {
		if have, ok := there[old.key()]; ok && !wanted[old.key()] {
			if err := s.removeIfThere(ctx, s.network, path("security-group-rules", have.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// split makes of each rule of the port those of Neutron that it takes: two where it is for all addresses.
func split(rules []cloud.SecurityRule) []rule {
	var out []rule
	for _, r := range rules {
		families := []string{ipv4, ipv6}
		if prefix, err := netip.ParsePrefix(r.RemoteCIDR); err == nil {
			families = []string{ipv4}
			if prefix.Addr().Is6() {
				families = []string{ipv6}
			}
		}
		for _, f := range families {
			out = append(out, rule{SecurityRule: r, ethertype: f})
		}
	}
	return out
}

// merged are the port's rules that a group's rules come to.
func merged(records []ruleRecord) []cloud.SecurityRule {
	families := map[cloud.SecurityRule][]string{}
	var order []cloud.SecurityRule
	for _, r := range records {
		k := r.rule()
		if len(families[k.SecurityRule]) == 0 {
			order = append(order, k.SecurityRule)
		}
		families[k.SecurityRule] = append(families[k.SecurityRule], k.ethertype)
	}
	out := []cloud.SecurityRule{}
	for _, r := range order {
		both := slices.Contains(families[r], ipv4) && slices.Contains(families[r], ipv6)
		switch {
		case both, r.RemoteCIDR != "", r.RemoteSecurityGroupID != "":
		case slices.Contains(families[r], ipv4):
			r.RemoteCIDR = allIPv4
		default:
			r.RemoteCIDR = allIPv6
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b cloud.SecurityRule) int {
		return cmp.Or(cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.PortMin, b.PortMin))
	})
	return out
}

// rule is the record without its id.
func (r ruleRecord) rule() rule {
	out := rule{ethertype: r.Ethertype, SecurityRule: cloud.SecurityRule{
		Direction: r.Direction, Protocol: "any", PortMin: deref(r.PortMin), PortMax: deref(r.PortMax),
		RemoteCIDR: deref(r.Prefix), RemoteSecurityGroupID: deref(r.RemoteGroup), Description: r.Description,
	}}
	if r.Protocol != nil {
		out.Protocol = *r.Protocol
	}
	switch out.Protocol {
	case "ipv6-icmp", "icmpv6", "58", "1":
		out.Protocol = "icmp"
	case "6":
		out.Protocol = "tcp"
	case "17":
		out.Protocol = "udp"
	}
	if out.Protocol == "icmp" {
		out.PortMin, out.PortMax = 0, 0 // Type and code, which the port does not have.
	}
	return out
}

// record is what Neutron is asked to make.
func (r rule) record(group string) ruleRecord {
	out := ruleRecord{
		GroupID: group, Direction: r.Direction, Ethertype: r.ethertype, Description: r.Description,
		PortMin: optional(r.PortMin), PortMax: optional(r.PortMax),
		Prefix: optional(r.RemoteCIDR), RemoteGroup: optional(r.RemoteSecurityGroupID),
	}
	switch {
	case r.Protocol == "icmp" && r.ethertype == ipv6:
		out.Protocol = optional("ipv6-icmp")
	case r.Protocol != "any":
		out.Protocol = optional(r.Protocol)
	}
	return out
}

// optional is nil for the zero value, which stands for "none".
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// deref is the pointed-to value, or zero.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
