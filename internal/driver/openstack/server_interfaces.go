package openstack

import (
	"context"
	"errors"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// changeInterfaces gives ports other addresses and groups, and replaces those that are in another network. It can be
// repeated: what is as wanted already is left alone.
func (v *servers) changeInterfaces(ctx context.Context, r serverRecord, change serverChange) error {
	from, to := change.From.NetworkInterfaces, change.To.NetworkInterfaces
	if slices.EqualFunc(from, to, sameInterface) {
		return nil
	}
	ports, err := v.portsOf(ctx, r.ID)
	if err != nil {
		return err
	}
	ports = r.inOrder(ports)
	for i := range max(len(from), len(to)) {
		if err := v.changeInterface(ctx, r, i, ports, from, to); err != nil {
			return err
		}
	}
	return nil
}

// sameInterface leaves an address aside that the new specification leaves to the operator.
func sameInterface(from, to cloud.NetworkInterface) bool {
	return from.NetworkID == to.NetworkID && (to.IPAddress == "" || from.IPAddress == to.IPAddress) && sameGroups(from, to)
}

func sameGroups(from, to cloud.NetworkInterface) bool {
	return slices.Equal(slices.Sorted(slices.Values(from.SecurityGroupIDs)), slices.Sorted(slices.Values(to.SecurityGroupIDs)))
}

// portBehind is the port of an interface that was seen earlier, by its hardware address: others may have added some
// meanwhile. Where that is not known, it is the one in its place.
func portBehind(seen cloud.NetworkInterface, place int, ports []port) (port, bool) {
	if seen.MACAddress != "" {
		i := slices.IndexFunc(ports, func(p port) bool { return p.MACAddress == seen.MACAddress })
		if i < 0 {
			return port{}, false
		}
		return ports[i], true
	}
	if place < len(ports) && ports[place].NetworkID == seen.NetworkID {
		return ports[place], true
	}
	return port{}, false
}

func (v *servers) changeInterface(ctx context.Context, r serverRecord, i int, ports []port, from, to []cloud.NetworkInterface) error {
	var was port
	var there bool
	if i < len(from) {
		was, there = portBehind(from[i], i, ports)
	}
	if i < len(from) && i < len(to) && from[i].NetworkID == to[i].NetworkID && there {
		return v.portRefused(v.adjust(ctx, was, from[i], to[i]), to)
	}
	if there {
		if err := v.unplug(ctx, r.ID, was); err != nil {
			return err
		}
	}
	if i < len(to) {
		return v.plug(ctx, r, i, to[i])
	}
	return nil
}

// adjust gives a port what differs. Its other addresses stay.
func (v *servers) adjust(ctx context.Context, p port, from, to cloud.NetworkInterface) error {
	fields := map[string]any{}
	if !sameGroups(from, to) {
		fields["security_groups"] = orEmpty(to.SecurityGroupIDs)
	}
	if to.IPAddress != "" && to.IPAddress != from.IPAddress {
		addresses := []fixedIP{{IPAddress: to.IPAddress}}
		for _, other := range p.FixedIPs {
			if other.IPAddress != from.IPAddress && other.IPAddress != to.IPAddress {
				addresses = append(addresses, other)
			}
		}
		fields["fixed_ips"] = addresses
	}
	if len(fields) == 0 {
		return nil
	}
	return v.changePort(ctx, p.ID, fields)
}

func (v *servers) unplug(ctx context.Context, server string, p port) error {
	if err := v.removeIfThere(ctx, v.compute, path("servers", server, "os-interface", p.ID)); err != nil {
		return err
	}
	return v.removePorts(ctx, []port{p})
}

// plug makes a port and plugs it in. A port that an earlier try has left is used, or removed if it is not as wanted.
func (v *servers) plug(ctx context.Context, r serverRecord, number int, n cloud.NetworkInterface) error {
	p, plugged, err := v.leftFor(ctx, r, number, n)
	if err != nil || plugged {
		return err
	}
	if p.ID == "" {
		var answer struct {
			Port port `json:"port"`
		}
		body := portBody(r.Name, portServer+r.ID, number, n)
		if _, err := v.post(ctx, v.network, "ports", map[string]any{"port": body}, &answer); err != nil {
			wanted := make([]cloud.NetworkInterface, number+1) // So that the refusal names the interface's place.
			wanted[number] = n
			return v.portRefused(err, wanted)
		}
		p = answer.Port
	}
	_, err = v.post(ctx, v.compute, path("servers", r.ID, "os-interface"),
		map[string]any{"interfaceAttachment": map[string]any{"port_id": p.ID}}, nil)
	if err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) && !errors.Is(err, cloud.ErrBusy) {
		return errors.Join(err, v.removePorts(context.WithoutCancel(ctx), []port{p}))
	}
	return err
}

// leftFor is what earlier tries have left of an interface: the port, and whether it is plugged in.
func (v *servers) leftFor(ctx context.Context, r serverRecord, number int, n cloud.NetworkInterface) (left port, plugged bool, err error) {
	ours, _, err := v.fetchOrderedPorts(ctx, []string{portServer + r.ID})
	if err != nil {
		return left, false, err
	}
	for _, p := range ours {
		place, ok := p.index()
		switch {
		case !ok || place != number:
		case p.serves(n) && p.DeviceID == r.ID:
			return p, true, nil
		case p.serves(n) && p.DeviceID == "" && left.ID == "":
			left = p
		case p.DeviceID == "":
			if err := v.removePorts(ctx, []port{p}); err != nil {
				return left, false, err
			}
		}
	}
	return left, false, nil
}
