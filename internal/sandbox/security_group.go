package sandbox

import (
	"fmt"
	"net/netip"
	"slices"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

var securityGroupKind = kind{
	segment: "security-groups", noun: "security group", prefix: "sg", schema: "SecurityGroupCreate",
	mutable: []string{"rules"},
	fresh:   func() any { return &api.SecurityGroupCreate{} },
	admit:   admitSecurityGroup,
	held:    heldSecurityGroup,
	usage:   func(*object) usage { return usage{"security_groups": 1} },
	render:  renderSecurityGroup,
}

func admitSecurityGroup(w *world, o, _ *object) *problem {
	spec := o.spec.(*api.SecurityGroupCreate) //nolint:forcetypeassert // Made by fresh.
	var faults []api.FieldError
	for i, rule := range value(spec.Rules) {
		faults = append(faults, faultsOfRule(w, o, rule, fmt.Sprintf("/rules/%d", i))...)
	}
	return refused(faults)
}

func faultsOfRule(w *world, o *object, r api.SecurityRule, at string) (faults []api.FieldError) {
	add := func(field, format string, args ...any) {
		faults = append(faults, fieldError(at+field, format, args...))
	}
	ports := r.PortMin != nil || r.PortMax != nil
	switch {
	case ports && r.Protocol != "tcp" && r.Protocol != "udp":
		add("/port_min", "Only tcp and udp have ports.")
	case ports && (r.PortMin == nil || r.PortMax == nil):
		add("/port_min", "port_min and port_max come together.")
	case ports && *r.PortMin > *r.PortMax:
		add("/port_min", "port_min %d is above port_max %d.", *r.PortMin, *r.PortMax)
	}
	if r.RemoteCidr != nil && r.RemoteSecurityGroupId != nil {
		add("/remote_cidr", "A rule has either remote_cidr or remote_security_group_id.")
	}
	if r.RemoteCidr != nil {
		if p, err := netip.ParsePrefix(*r.RemoteCidr); err != nil {
			add("/remote_cidr", "%q is not a network in CIDR notation.", *r.RemoteCidr)
		} else if p != p.Masked() {
			add("/remote_cidr", "%s has host bits set; the network is %s.", p, p.Masked())
		}
	}
	if id := value(r.RemoteSecurityGroupId); id != "" && id != o.ID && w.lasting("security-groups", o.Project, id) == nil {
		add("/remote_security_group_id", "There is no security group %s in this project.", id)
	}
	return faults
}

func heldSecurityGroup(w *world, o *object) *problem {
	for _, machine := range w.ordered[collectionKey{"virtual-machines", o.Project}] {
		for _, nic := range machine.Derived.Interfaces {
			if slices.Contains(nic.SecurityGroupIds, o.ID) {
				return inUse("The machine %s has the security group %s.", machine.common.Name, o.common.Name)
			}
		}
	}
	for _, other := range w.ordered[collectionKey{"security-groups", o.Project}] {
		spec := other.spec.(*api.SecurityGroupCreate) //nolint:forcetypeassert // Made by fresh.
		for _, rule := range value(spec.Rules) {
			if other != o && value(rule.RemoteSecurityGroupId) == o.ID {
				return inUse("A rule of the security group %s names %s.", other.common.Name, o.common.Name)
			}
		}
	}
	return nil
}

func renderSecurityGroup(o *object, m api.Meta) any {
	spec := o.spec.(*api.SecurityGroupCreate) //nolint:forcetypeassert // Made by fresh.
	rules := value(spec.Rules)
	if rules == nil {
		rules = api.SecurityRules{}
	}
	return api.SecurityGroup{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag, Rules: rules,
	}
}
