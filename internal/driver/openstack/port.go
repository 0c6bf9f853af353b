package openstack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// port is a server's place in a network. Those that an order makes have the machine's owner key in the description until
// the server is there, and then the server's id: by that they are found when the server is gone, whoever deleted it. Their
// number is at the end of the name.
type port struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	NetworkID   string    `json:"network_id"`
	DeviceID    string    `json:"device_id"`
	MACAddress  string    `json:"mac_address"`
	Groups      []string  `json:"security_groups"`
	FixedIPs    []fixedIP `json:"fixed_ips"`
}

type fixedIP struct {
	SubnetID  string `json:"subnet_id,omitempty"`
	IPAddress string `json:"ip_address,omitempty"`
}

// These begin the description of a port that an order made.
const (
	portOwner  = prefix + "owner "
	portServer = prefix + "server "
)

var portNumber = regexp.MustCompile(`-nic([0-9]{1,2})$`)

// ours reports whether an order of this driver made the port, which is then removed with its server.
func (p port) ours() bool {
	return strings.HasPrefix(p.Description, portOwner) || strings.HasPrefix(p.Description, portServer)
}

// index is the port's place among its machine's.
func (p port) index() (int, bool) {
	m := portNumber.FindStringSubmatch(p.Name)
	if m == nil || !p.ours() {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

func (p port) networkInterface() cloud.NetworkInterface {
	n := cloud.NetworkInterface{NetworkID: p.NetworkID, MACAddress: p.MACAddress, SecurityGroupIDs: orEmpty(p.Groups)}
	if len(p.FixedIPs) > 0 {
		n.IPAddress = p.FixedIPs[0].IPAddress
	}
	return n
}

// portBody is an order of a port; the description says whose it is.
func portBody(machine, description string, number int, n cloud.NetworkInterface) map[string]any {
	body := map[string]any{
		"network_id": n.NetworkID, "name": fmt.Sprintf("%s-nic%d", machine, number), "description": description,
		"security_groups": orEmpty(n.SecurityGroupIDs),
	}
	if n.IPAddress != "" {
		body["fixed_ips"] = []fixedIP{{IPAddress: n.IPAddress}}
	}
	return body
}

// portsOf are the ports of one server.
func (s *session) portsOf(ctx context.Context, server string) ([]port, error) {
	return collect(pages[port](ctx, s, s.network, "ports"+query("device_id", server), "ports", nil))
}

// portsFor has the ports that an order has made for an owner key, in their order, and makes those that are missing, all
// by one request. Earlier ones that are not as declared now are removed.
func (s *session) portsFor(ctx context.Context, machine, key string, wanted []cloud.NetworkInterface) ([]port, error) {
	have, _, err := s.orderedPorts.find(ctx, portOwner+key)
	if err != nil {
		return nil, err
	}
	ports := make([]port, len(wanted))
	for _, p := range have {
		i, ok := p.index()
		if ok && p.DeviceID == "" && i < len(wanted) && ports[i].ID == "" && p.serves(wanted[i]) {
			ports[i] = p
			continue
		}
		if p.DeviceID == "" {
			if err := s.removeIfThere(ctx, s.network, path("ports", p.ID)); err != nil {
				return nil, err
			}
		}
	}
	var missing []map[string]any
	for i, n := range wanted {
		if ports[i].ID == "" {
			missing = append(missing, portBody(machine, portOwner+key, i, n))
		}
	}
	if len(missing) == 0 {
		return ports, nil
	}
	var answer struct {
		Ports []port `json:"ports"`
	}
	if _, err := s.post(ctx, s.network, "ports", map[string]any{"ports": missing}, &answer); err != nil {
		if !errors.Is(err, cloud.ErrUnknownOutcome) && !errors.Is(err, cloud.ErrBusy) {
			// Those of an earlier order will not be used either. If they stay, the next order finds them.
			_ = s.removePorts(context.WithoutCancel(ctx), ports)
		}
		return nil, s.portRefused(err, wanted)
	}
	if len(answer.Ports) != len(missing) {
		return nil, &cloud.Error{Reason: cloud.ErrUnknownOutcome, Operator: s.operator,
			Text: fmt.Sprintf("Neutron was asked for %d ports and answered with %d.", len(missing), len(answer.Ports))}
	}
	for _, p := range answer.Ports {
		if i, ok := p.index(); ok && i < len(ports) {
			ports[i] = p
		}
	}
	return ports, nil
}

// serves reports whether a port that is there already is what is wanted.
func (p port) serves(n cloud.NetworkInterface) bool {
	groups := func(ids []string) []string { return slices.Sorted(slices.Values(ids)) }
	return p.NetworkID == n.NetworkID && (n.IPAddress == "" || p.networkInterface().IPAddress == n.IPAddress) &&
		slices.Equal(groups(p.Groups), groups(n.SecurityGroupIDs))
}

func (s *session) fetchOrderedPorts(ctx context.Context, descriptions []string) ([]port, string, error) {
	var answer struct {
		Ports []port `json:"ports"`
	}
	requestID, err := s.get(ctx, s.network, "ports"+s.filtered("description", descriptions), &answer)
	return answer.Ports, requestID, err
}

// bindPorts notes with the ports of orders which server they are of.
func (s *session) bindPorts(ctx context.Context, server string, ports []port) error {
	for _, p := range ports {
		if !strings.HasPrefix(p.Description, portOwner) {
			continue
		}
		if err := s.changePort(ctx, p.ID, map[string]any{"description": portServer + server}); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// removePortsOf removes what a server that is gone has left. Nova deletes the ports that it made itself, and no others.
func (s *session) removePortsOf(ctx context.Context, server string) error {
	left, _, err := s.fetchOrderedPorts(ctx, []string{portServer + server})
	if err != nil {
		return err
	}
	// Nova unplugs before a server is gone: what is plugged belongs to one that is there, whatever it was that answered.
	return s.removePorts(ctx, slices.DeleteFunc(left, func(p port) bool { return p.DeviceID != "" }))
}

// removePorts removes those ports that an order made.
func (s *session) removePorts(ctx context.Context, ports []port) error {
	for _, p := range ports {
		if !p.ours() || p.ID == "" {
			continue
		}
		if err := s.removeIfThere(ctx, s.network, path("ports", p.ID)); err != nil {
			return err
		}
	}
	return nil
}

// changePort gives a port another address or other groups.
func (s *session) changePort(ctx context.Context, id string, fields map[string]any) error {
	_, err := s.do(ctx, s.network, request{method: http.MethodPut, path: path("ports", id), body: map[string]any{"port": fields}})
	return err
}
