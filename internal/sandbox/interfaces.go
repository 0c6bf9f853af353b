package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/netip"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// connect checks a machine's interfaces and gives them addresses. An interface that stays in its place and network
// keeps its addresses unless another is asked for.
func (w *world) connect(o, old *object) (faults []api.FieldError) {
	var before []api.NetworkInterface
	if old != nil {
		before = old.Derived.Interfaces
	}
	taken := map[string]bool{} // By this machine's interfaces so far, as network and address.
	o.Derived.Interfaces = nil
	for i, wanted := range value(machineSpec(o).NetworkInterfaces) {
		at := fmt.Sprintf("/network_interfaces/%d", i)
		nic := api.NetworkInterface{NetworkId: wanted.NetworkId, SecurityGroupIds: value(wanted.SecurityGroupIds)}
		if nic.SecurityGroupIds == nil {
			nic.SecurityGroupIds = []api.ID{}
		}
		for n, id := range nic.SecurityGroupIds {
			if w.lasting("security-groups", o.Project, id) == nil {
				faults = append(faults, fieldError(fmt.Sprintf("%s/security_group_ids/%d", at, n),
					"There is no security group %s in this project.", id))
			}
		}
		network := w.lasting("networks", o.Project, wanted.NetworkId)
		if network == nil {
			faults = append(faults, fieldError(at+"/network_id", "There is no network %s in this project.", wanted.NetworkId))
			continue
		}
		var kept *api.NetworkInterface
		if i < len(before) && before[i].NetworkId == wanted.NetworkId {
			kept = &before[i]
		}
		address, text := w.address(network, o.ID, value(wanted.IpAddress), kept, taken)
		if text != "" {
			faults = append(faults, fieldError(at+"/ip_address", "%s", text))
			continue
		}
		nic.IpAddress = address
		if nic.MacAddress = newMAC(); kept != nil {
			nic.MacAddress = kept.MacAddress
		}
		taken[network.ID+" "+address] = true
		o.Derived.Interfaces = append(o.Derived.Interfaces, nic)
	}
	return faults
}

// address is the wanted one, the kept one or a free one; text says why there is none.
func (w *world) address(
	network *object, machineID, wanted string, kept *api.NetworkInterface, taken map[string]bool,
) (address, text string) {
	prefix, _ := parseNetwork(network.spec.(*api.NetworkCreate).Cidr) //nolint:forcetypeassert // Made by fresh.
	first, last := hostAddresses(prefix)
	free := func(a netip.Addr) bool {
		holder := w.addresses[network.ID][a.String()]
		return (holder == "" || holder == machineID) && !taken[network.ID+" "+a.String()]
	}
	switch {
	case wanted != "":
		a, err := netip.ParseAddr(wanted)
		switch {
		case err != nil || a.Zone() != "":
			return "", fmt.Sprintf("%q is not an IP address.", wanted)
		case a.Compare(first) < 0 || a.Compare(last) > 0:
			return "", fmt.Sprintf("%s is not an address for machines in %s, which has %s to %s.", a, prefix, first, last)
		case !free(a):
			return "", fmt.Sprintf("%s is taken.", a)
		}
		return a.String(), ""
	case kept != nil:
		return kept.IpAddress, ""
	}
	for a := w.freeFrom(network, first); a.Compare(last) <= 0; a = a.Next() {
		if free(a) {
			return a.String(), ""
		}
	}
	for a, holder := range w.addresses[network.ID] {
		if holder == machineID && !taken[network.ID+" "+a] {
			return a, "" // It had this one at another place.
		}
	}
	return "", fmt.Sprintf("The network %s has no free address.", network.common.Name)
}

// freeFrom is the lowest address of a network that nobody has.
func (w *world) freeFrom(network *object, first netip.Addr) netip.Addr {
	a, known := w.lowest[network.ID]
	if !known {
		a = first
	}
	for w.addresses[network.ID][a.String()] != "" {
		a = a.Next()
	}
	w.lowest[network.ID] = a
	return a
}

// freed notes which addresses of an object nobody has any more.
func (w *world) freed(o *object) {
	for _, nic := range o.Derived.Interfaces {
		a, err := netip.ParseAddr(nic.IpAddress)
		lowest, known := w.lowest[nic.NetworkId]
		if err == nil && known && a.Less(lowest) && w.addresses[nic.NetworkId][nic.IpAddress] == "" {
			w.lowest[nic.NetworkId] = a
		}
	}
}

// newMAC is a locally administered address.
func newMAC() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // Never fails (crypto/rand).
	return fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4])
}
