package openstack

import (
	"context"
	"iter"
	"regexp"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// List implements cloud.Collection. A page of servers costs one list of ports and one of volumes besides, however many
// servers there are.
func (v *servers) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.VirtualMachine, error] {
	return func(yield func(cloud.VirtualMachine, error) bool) {
		for records, err := range pages[serverRecord](ctx, v.session, v.compute, "servers/detail"+v.filters(opts), "servers", opts.OnPage) {
			var kept []serverRecord
			for _, r := range records {
				// Of a server in a part of Nova that is down, there is nothing to be seen.
				if r.Status != "UNKNOWN" && driver.Matches(r.meta(), opts) {
					kept = append(kept, r)
				}
			}
			var machines []cloud.VirtualMachine
			if err == nil && len(kept) > 0 {
				machines, err = v.fill(ctx, kept)
			}
			if err != nil {
				yield(cloud.VirtualMachine{}, err)
				return
			}
			for _, m := range machines {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

func (v *servers) filters(opts cloud.ListOptions) string {
	name, tag := "", ""
	if opts.Name != "" {
		name = "^" + regexp.QuoteMeta(opts.Name) + "$"
	}
	if opts.OwnerKey != "" {
		tag = ownerTag(opts.OwnerKey)
	}
	status := ""
	if opts.State == cloud.StateCreating {
		status = "BUILD"
	}
	return query("name", name, "tags", tag, "status", status)
}

// fill completes a page of servers by one list of ports and one of volumes.
func (v *servers) fill(ctx context.Context, records []serverRecord) ([]cloud.VirtualMachine, error) {
	var ports portIndex
	var volumes map[string]volumeRecord
	asks := []func() error{func() (err error) { ports, err = v.allPorts(ctx); return err }}
	if slices.ContainsFunc(records, func(r serverRecord) bool { return len(r.bootCandidates()) > 0 }) {
		asks = append(asks, func() (err error) { volumes, err = v.allVolumes(ctx); return err })
	}
	if err := v.together(asks...); err != nil {
		return nil, err
	}
	out := make([]cloud.VirtualMachine, len(records))
	for i, r := range records {
		out[i] = r.machine(r.meta(), ports.of(r), volumes)
	}
	return out, nil
}

// portIndex has ports by the server that they are plugged into, and by their descriptions.
type portIndex map[string][]port

// of are the ports of a server: those that are plugged into it, and while it is being built those that wait for it.
func (x portIndex) of(r serverRecord) []port {
	all := slices.Clone(x[r.ID])
	for _, description := range r.portsToCome() {
		all = append(all, x[description]...)
	}
	return all
}

// allPorts are the ports of all servers of the project.
func (v *servers) allPorts(ctx context.Context) (portIndex, error) {
	all, err := collect(pages[port](ctx, v.session, v.network, "ports"+query("project_id", v.project), "ports", nil))
	if err != nil {
		return nil, err
	}
	index := make(portIndex, len(all))
	for _, p := range all {
		if p.DeviceID != "" {
			index[p.DeviceID] = append(index[p.DeviceID], p)
		} else if p.ours() {
			index[p.Description] = append(index[p.Description], p)
		}
	}
	return index, nil
}

// portsToCome are the descriptions of ports that a server is on its way to get, which Nova plugs in while it builds.
func (r serverRecord) portsToCome() []string {
	key := r.properties()[ownerProperty]
	if key == "" || r.Status != "BUILD" && r.Status != "ERROR" {
		return nil
	}
	return []string{portOwner + key, portServer + r.ID}
}

// portsOfServer are the ports of one server, see portIndex.of.
func (v *servers) portsOfServer(ctx context.Context, r serverRecord) ([]port, error) {
	ports, err := v.portsOf(ctx, r.ID)
	descriptions := r.portsToCome()
	if err != nil || len(descriptions) == 0 {
		return ports, err
	}
	waiting, _, err := v.fetchOrderedPorts(ctx, descriptions)
	for _, p := range waiting {
		if p.DeviceID == "" {
			ports = append(ports, p)
		}
	}
	return ports, err
}

func (v *servers) allVolumes(ctx context.Context) (map[string]volumeRecord, error) {
	all, err := collect(v.volumePages(ctx, cloud.ListOptions{}))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]volumeRecord, len(all))
	for _, r := range all {
		byID[r.ID] = r
	}
	return byID, nil
}
