package openstack

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type networkRecord struct {
	neutronObject
	Status string `json:"status"`
}

// subnet is the one address range that a network of the port has.
type subnet struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	NetworkID  string    `json:"network_id"`
	CIDR       string    `json:"cidr"`
	Gateway    string    `json:"gateway_ip"`
	DNSServers []string  `json:"dns_nameservers"`
	CreatedAt  timestamp `json:"created_at"`
}

func newNetworks(s *session) cloud.Collection[cloud.NetworkSpec, cloud.Network] {
	n := &neutron[cloud.NetworkSpec, networkRecord, cloud.Network]{
		session: s, segment: "networks", plural: "networks", singular: "network",
		common:  func(spec cloud.NetworkSpec) cloud.SpecMeta { return spec.SpecMeta },
		check:   s.checkNetwork,
		objects: s.networkObjects, complete: s.completeNetwork, change: s.changeNetwork,
	}
	return n.ready()
}

// checkNetwork refuses what Neutron would, on the field that it is about.
func (s *session) checkNetwork(spec cloud.NetworkSpec) error {
	prefix, err := netip.ParsePrefix(spec.CIDR)
	if err != nil || prefix.Masked() != prefix {
		return s.invalid("/cidr", fmt.Sprintf("%q is not an address range with its host bits zero.", spec.CIDR))
	}
	for i, server := range spec.DNSServers {
		if _, err := netip.ParseAddr(server); err != nil {
			return s.invalid(fmt.Sprintf("/dns_servers/%d", i), fmt.Sprintf("%q is not an IP address.", server))
		}
	}
	return s.checkName(spec.SpecMeta)
}

// networkObjects maps networks with their subnets, which are asked for once.
func (s *session) networkObjects(ctx context.Context, records []networkRecord, metas []cloud.Meta) ([]cloud.Network, error) {
	filter := "" // Also those that others have added to a network of the project.
	if len(records) == 1 {
		filter = query("network_id", records[0].ID)
	}
	all, err := collect(pages[subnet](ctx, s, s.network, "subnets"+filter, "subnets", nil))
	if err != nil {
		return nil, err
	}
	byNetwork := map[string][]subnet{}
	for _, sub := range all {
		byNetwork[sub.NetworkID] = append(byNetwork[sub.NetworkID], sub)
	}
	out := make([]cloud.Network, len(records))
	for i, r := range records {
		out[i] = cloud.Network{Meta: metas[i], DNSServers: []string{}}
		switch r.Status {
		case "BUILD":
			out[i].State = cloud.StateCreating
		case "ERROR":
			out[i].State, out[i].StateMessage = cloud.StateFailed, "Neutron says ERROR, and not why."
		}
		if sub, ok := mainSubnet(byNetwork[r.ID]); ok {
			out[i].CIDR, out[i].GatewayAddress, out[i].DNSServers = sub.CIDR, sub.Gateway, sub.DNSServers
		}
	}
	return out, nil
}

// mainSubnet is the one that stands for a network that somebody has given several: the oldest.
func mainSubnet(subnets []subnet) (subnet, bool) {
	if len(subnets) == 0 {
		return subnet{}, false
	}
	return slices.MinFunc(subnets, func(a, b subnet) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.CIDR, b.CIDR))
	}), true
}

func (s *session) subnetOf(ctx context.Context, network string) (subnet, bool, error) {
	found, err := collect(pages[subnet](ctx, s, s.network, "subnets"+query("network_id", network), "subnets", nil))
	if err != nil {
		return subnet{}, false, err
	}
	sub, ok := mainSubnet(found)
	return sub, ok, nil
}

func (s *session) completeNetwork(ctx context.Context, r networkRecord, spec cloud.NetworkSpec, resumed bool) error {
	if resumed {
		if _, there, err := s.subnetOf(ctx, r.ID); err != nil || there {
			return err
		}
	}
	version := 4
	if prefix, err := netip.ParsePrefix(spec.CIDR); err == nil && prefix.Addr().Is6() {
		version = 6
	}
	_, err := s.post(ctx, s.network, "subnets", map[string]any{"subnet": map[string]any{
		"network_id": r.ID, "name": spec.Name, "cidr": spec.CIDR, "ip_version": version,
		"dns_nameservers": orEmpty(spec.DNSServers),
	}}, nil)
	return err
}

func (s *session) changeNetwork(ctx context.Context, r networkRecord, change cloud.Change[cloud.NetworkSpec]) error {
	if change.From.CIDR != change.To.CIDR {
		return s.invalid("/cidr", "Neutron cannot change the address range of a network that exists.")
	}
	renames, serves := change.From.Name != change.To.Name, !slices.Equal(change.From.DNSServers, change.To.DNSServers)
	if !renames && !serves {
		return nil
	}
	sub, there, err := s.subnetOf(ctx, r.ID)
	fields := map[string]any{}
	switch {
	case err != nil:
		return err
	case !there && serves:
		return s.refused(cloud.ErrConflict, "The network has lost its subnet, which has the DNS servers.",
			"Give it a subnet of its address range again, or make another network.")
	}
	if renames && sub.Name == change.From.Name {
		fields["name"] = change.To.Name
	}
	if serves {
		fields["dns_nameservers"] = orEmpty(change.To.DNSServers)
	}
	if len(fields) == 0 {
		return nil
	}
	_, err = s.do(ctx, s.network, request{
		method: http.MethodPut, path: path("subnets", sub.ID), body: map[string]any{"subnet": fields},
	})
	return err
}

// orEmpty is never nil: null and an empty list are not the same to OpenStack.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
