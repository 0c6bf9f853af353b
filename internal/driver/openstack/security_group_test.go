package openstack

import (
	"errors"
	"slices"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestRulesComeBack has Neutron's rules for what is declared come to just that again.
func TestRulesComeBack(t *testing.T) {
	for name, rules := range map[string][]cloud.SecurityRule{
		"from everyone": {{Direction: "ingress", Protocol: "tcp", PortMin: 443, PortMax: 443}},
		"all of IPv4":   {{Direction: "ingress", Protocol: "tcp", PortMin: 443, PortMax: 443, RemoteCIDR: "0.0.0.0/0"}},
		"all of IPv6":   {{Direction: "egress", Protocol: "any", RemoteCIDR: "::/0"}},
		"all of each": {
			{Direction: "egress", Protocol: "any", RemoteCIDR: "0.0.0.0/0"}, {Direction: "egress", Protocol: "any", RemoteCIDR: "::/0"},
		},
		"ping":                {{Direction: "ingress", Protocol: "icmp", Description: "ping"}},
		"from another group":  {{Direction: "ingress", Protocol: "udp", PortMin: 53, PortMax: 53, RemoteSecurityGroupID: "g"}},
		"some and everything": {{Direction: "egress", Protocol: "any"}, {Direction: "egress", Protocol: "udp", RemoteCIDR: "10.0.0.0/8"}},
	} {
		var stored []ruleRecord
		for _, r := range split(rules) {
			stored = append(stored, r.record("group"))
		}
		if got := merged(stored); !slices.Equal(got, rules) {
			t.Errorf("%s: %+v became %+v", name, rules, got)
		}
	}
}

// TestRulesRefused are such as Neutron would take for something else, or for one another.
func TestRulesRefused(t *testing.T) {
	s := &session{operator: "lnb"}
	for name, rules := range map[string][]cloud.SecurityRule{
		"all ports by number": {{Direction: "ingress", Protocol: "tcp", PortMin: 1, PortMax: 65535}},
		"the same twice":      {{Direction: "egress", Protocol: "any"}, {Direction: "egress", Protocol: "any", RemoteCIDR: "0.0.0.0/0"}},
	} {
		err := s.checkSecurityGroup(cloud.SecurityGroupSpec{SpecMeta: cloud.SpecMeta{Name: "web"}, Rules: rules})
		if !errors.Is(err, cloud.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
