package sandbox

import (
	"fmt"
	"net/netip"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

var networkKind = kind{
	segment: "networks", noun: "network", prefix: "net", schema: "NetworkCreate", mutable: []string{"dns_servers"},
	fresh:  func() any { return &api.NetworkCreate{} },
	admit:  admitNetwork,
	held:   heldNetwork,
	usage:  func(*object) usage { return usage{"networks": 1} },
	render: renderNetwork,
}

func admitNetwork(_ *world, o, _ *object) *problem {
	spec := o.spec.(*api.NetworkCreate) //nolint:forcetypeassert // Made by fresh.
	var faults []api.FieldError
	prefix, text := parseNetwork(spec.Cidr)
	if text != "" {
		faults = append(faults, fieldError("/cidr", "%s", text))
	}
	for i, server := range value(spec.DnsServers) {
		if _, err := netip.ParseAddr(server); err != nil {
			faults = append(faults, fieldError(fmt.Sprintf("/dns_servers/%d", i), "%q is not an IP address.", server))
		}
	}
	if len(faults) > 0 {
		return refused(faults)
	}
	o.Derived.Gateway = prefix.Addr().Next().String()
	return nil
}

// parseNetwork reads the prefix of a network; text says what is wrong with it.
func parseNetwork(cidr string) (prefix netip.Prefix, text string) {
	prefix, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		return prefix, fmt.Sprintf("%q is not a network in CIDR notation.", cidr)
	case prefix != prefix.Masked():
		return prefix, fmt.Sprintf("%s has host bits set; the network is %s.", cidr, prefix.Masked())
	case prefix.Addr().Is4() && (prefix.Bits() < 8 || prefix.Bits() > 29):
		return prefix, fmt.Sprintf("An IPv4 network is between /8 and /29 large, and %s is not.", cidr)
	case prefix.Addr().Is6() && (prefix.Bits() < 48 || prefix.Bits() > 64):
		return prefix, fmt.Sprintf("An IPv6 network is between /48 and /64 large, and %s is not.", cidr)
	}
	return prefix, ""
}

func heldNetwork(w *world, o *object) *problem {
	for _, machine := range w.addresses[o.ID] {
		return inUse("The network %s has interfaces: the machine %s is in it.", o.common.Name, w.objects[machine].common.Name)
	}
	for _, cluster := range w.ordered[collectionKey{clusterSegment, o.Project}] {
		if value(clusterSpec(cluster).NetworkId) == o.ID {
			return inUse("The network %s has nodes: the container cluster %s is in it.", o.common.Name, cluster.common.Name)
		}
	}
	return nil
}

func renderNetwork(o *object, m api.Meta) any {
	spec := o.spec.(*api.NetworkCreate) //nolint:forcetypeassert // Made by fresh.
	return api.Network{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		Cidr: spec.Cidr, GatewayAddress: o.Derived.Gateway, DnsServers: spec.DnsServers,
	}
}

// hostAddresses are the first and last address that a machine may have.
func hostAddresses(prefix netip.Prefix) (first, last netip.Addr) {
	raw := prefix.Masked().Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(raw)*8; bit++ {
		raw[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ = netip.AddrFromSlice(raw)
	return prefix.Addr().Next().Next(), last.Prev()
}
