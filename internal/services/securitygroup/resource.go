// Package securitygroup is the service of stateful packet filters.
package securitygroup

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_security_group.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.SecurityGroupSpec, cloud.SecurityGroup] {
	return lifecycle.Definition[resourceModel, attributes, cloud.SecurityGroupSpec, cloud.SecurityGroup]{
		Kind: cloud.KindSecurityGroup, Plural: "security_groups", Noun: "security group",
		Schema:     groupSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.SecurityGroupSpec, cloud.SecurityGroup] {
			return o.SecurityGroups
		},
		Spec: spec, Read: read,
		InPlace: []string{"name", "description", "labels", "rules"},
		Plan:    plan,
		Moves:   []lifecycle.Move{{Driver: "openstack", Type: "openstack_networking_secgroup_v2"}},
	}
}

func groupSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A stateful packet filter for machines' network interfaces. What no rule allows is dropped.",
		Attributes: map[string]schema.Attribute{
			"rules": schema.SetNestedAttribute{
				MarkdownDescription: "What is allowed. Changed in place.",
				Optional:            true,
				Validators:          []validator.Set{setvalidator.SizeBetween(1, 200)},
				NestedObject: schema.NestedAttributeObject{
					Attributes: ruleAttributes(), Validators: []validator.Object{lifecycle.Required("direction", "protocol")},
				},
			},
		},
	}
}

func ruleAttributes() map[string]schema.Attribute {
	sibling := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	return map[string]schema.Attribute{
		"direction": schema.StringAttribute{
			MarkdownDescription: "Required. `ingress` or `egress`.", Optional: true,
			Validators: []validator.String{stringvalidator.OneOf("ingress", "egress")},
		},
		"protocol": schema.StringAttribute{
			MarkdownDescription: "Required. `tcp`, `udp`, `icmp` or `any`.", Optional: true,
			Validators: []validator.String{stringvalidator.OneOf("tcp", "udp", "icmp", "any")},
		},
		"port_min": schema.Int64Attribute{
			MarkdownDescription: "First port; only with tcp and udp, and together with `port_max`. Without, all ports.", Optional: true,
			Validators: []validator.Int64{int64validator.Between(1, 65535), int64validator.AlsoRequires(sibling("port_max"))},
		},
		"port_max": schema.Int64Attribute{
			MarkdownDescription: "Last port.", Optional: true,
			Validators: []validator.Int64{
				int64validator.Between(1, 65535), int64validator.AlsoRequires(sibling("port_min")),
				int64validator.AtLeastSumOf(sibling("port_min")),
			},
		},
		"remote_cidr": schema.StringAttribute{
			MarkdownDescription: "Only from or to these addresses. Without it and `remote_security_group_id`, everyone.", Optional: true,
			Validators: []validator.String{stringvalidator.ConflictsWith(sibling("remote_security_group_id"))},
		},
		"remote_security_group_id": schema.StringAttribute{
			MarkdownDescription: "Only from or to machines with this group, `<operator>/<id>`.", Optional: true,
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "Free text, up to 255 characters.", Optional: true,
			Validators: []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
		},
	}
}
