// Package nodepool is the service of pools of nodes that are resources of their own.
package nodepool

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	lifecycle.NodePool
	ClusterID   types.String `tfsdk:"cluster_id"`
	CurrentSize types.Int64  `tfsdk:"current_size"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// NewResource makes vdam_node_pool.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

// NewDataSource makes data.vdam_node_pool.
func NewDataSource() datasource.DataSource { return lifecycle.NewDataSource(definition()) }

// NewListDataSource makes data.vdam_node_pools.
func NewListDataSource() datasource.DataSource { return lifecycle.NewListDataSource(definition()) }

// NewListResource makes the list resource vdam_node_pool.
func NewListResource() list.ListResource { return lifecycle.NewListResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.NodePoolSpec, cloud.NodePool] {
	return lifecycle.Definition[resourceModel, attributes, cloud.NodePoolSpec, cloud.NodePool]{
		Kind: cloud.KindNodePool, Plural: "node_pools", Noun: "node pool",
		Schema:     poolSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.NodePoolSpec, cloud.NodePool] { return o.NodePools },
		Spec:       spec, Read: read,
		Replace: []string{"cluster_id", "zone"},
		InPlace: []string{
			"name", "description", "labels", "vcpus", "memory_mib", "boot_disk_gib", "size", "autoscaling", "node_labels", "taints",
		},
		OperatorOf: func(a *attributes) types.String { return lifecycle.OperatorOf(a.ClusterID) },
		Plan:       plan,
	}
}

func poolSchema() schema.Schema {
	attributes := lifecycle.NodePoolAttributes(false)
	attributes["cluster_id"] = schema.StringAttribute{
		MarkdownDescription: "The cluster, `<operator>/<id>`. A change makes a new pool.", Required: true,
	}
	attributes["current_size"] = schema.Int64Attribute{
		MarkdownDescription: "Nodes that there are now. It is no difference when it changes.", Computed: true,
	}
	return schema.Schema{
		MarkdownDescription: "A pool of nodes that is managed apart from its cluster, by another team or configuration. Pools that belong to " +
			"the " +
			"cluster's own configuration are better declared there, in `node_pools`: then one plan shows all of the cluster. A pool is declared " +
			"in " +
			"one place only; its name must be none of the cluster's `node_pools`.",
		Attributes: attributes,
	}
}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.NodePoolSpec {
	return cloud.NodePoolSpec{
		SpecMeta: m.SpecMeta(ctx, diags), ClusterID: lifecycle.ObjectID(m.ClusterID), NodePoolSize: m.Spec(ctx, diags),
	}
}

func read(ctx context.Context, operator string, p cloud.NodePool, a *attributes, diags *diag.Diagnostics) {
	a.ClusterID = lifecycle.Reference(operator, p.ClusterID)
	a.Read(ctx, p.NodePoolSize, diags)
	a.CurrentSize = types.Int64Value(p.CurrentSize)
}

// plan refuses what can be seen to be impossible, also a name that the cluster uses itself.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	if !p.Plan.Size.IsUnknown() && !p.Plan.Autoscaling.IsUnknown() {
		var was *lifecycle.NodePool
		if p.State != nil {
			was = &p.State.NodePool
		}
		p.Plan.Check(ctx, p.Operator, was, path.Empty(), &p.Diagnostics)
	}
	operator := p.Plan.Operator.ValueString()
	known := lifecycle.CheckReference(&p.Diagnostics, path.Root("cluster_id"), operator, "container cluster", p.Plan.ClusterID)
	if !known || p.Operator == nil || p.Operator.ContainerClusters == nil || p.Plan.Name.IsUnknown() {
		return
	}
	if p.State != nil && p.State.Name.Equal(p.Plan.Name) {
		return
	}
	cluster, err := p.Operator.ContainerClusters.Get(ctx, lifecycle.ObjectID(p.Plan.ClusterID))
	if err != nil {
		return // What is not there now may be by then.
	}
	if _, taken := cluster.NodePools[p.Plan.Name.ValueString()]; taken {
		p.Diagnostics.AddAttributeError(path.Root("name"), "Container cluster \""+cluster.Name+"\" declares a pool of this name itself",
			"Two places would fight over it. Declare it in node_pools of the cluster or here, or choose another name.")
	}
}
