package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// clusterAPIAttribute is what an operator's entry says that means something for Cluster API alone.
func clusterAPIAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Cluster API: where the management cluster is, and what its classes of clusters offer.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"kubeconfig": schema.StringAttribute{
				MarkdownDescription: "Path of the kubeconfig of the management cluster, from which endpoint, namespace, credentials and certificates " +
					"come; what else is said here goes before it. Inside of a cluster, its service account is the default. " +
					"Also `VDAM_<OPERATOR>_KUBECONFIG`.",
				Optional: true,
			},
			"context": schema.StringAttribute{
				MarkdownDescription: "Context of the kubeconfig. Default is its current one.", Optional: true,
			},
			"cluster_class": schema.StringAttribute{
				MarkdownDescription: "ClusterClass of clusters. Default is, for each version, the class of the namespace that lists " +
					"it.", Optional: true,
			},
			"kubernetes_versions": schema.ListAttribute{
				MarkdownDescription: "Versions that `cluster_class` can be used with, such as `1.34.4`, if it lists none itself.",
				ElementType:         types.StringType, Optional: true, Validators: []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"machine_sizes": schema.MapNestedAttribute{
				MarkdownDescription: "Sizes of nodes, by the name that the operator gives them: Cluster API has no common one. " +
					"`vcpus` and `memory_mib` of a pool must be those of one of them.",
				Optional: true, Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{
					Attributes: nodeSizeAttributes(), Validators: []validator.Object{lifecycle.Required("vcpus", "memory_mib")},
				},
			},
			"machine_size_variable": schema.StringAttribute{
				MarkdownDescription: "Variable of the ClusterClass that gets the name of the size, such as `workerFlavor`. Leave it out where each " +
					"size is a worker class.",
				Optional: true,
			},
			"autoscaler": schema.BoolAttribute{
				MarkdownDescription: "Whether the operator runs the Cluster Autoscaler, so that pools may have `autoscaling`. Default is `false`.",
				Optional:            true,
			},
			"node_taints": schema.BoolAttribute{
				MarkdownDescription: "Whether the operator lets Cluster API manage taints of nodes, so that pools may have `taints` (version 1.13 " +
					"or later, feature gate MachineTaintPropagation). Default is `false`.",
				Optional: true,
			},
			"node_label_domains": schema.ListAttribute{
				MarkdownDescription: "Domains whose labels the operator lets reach the nodes, besides those that Cluster API lets through by itself.",
				ElementType:         types.StringType, Optional: true,
			},
		},
	}
}

func nodeSizeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"vcpus": schema.Int64Attribute{
			MarkdownDescription: "Required. Virtual processors.", Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"memory_mib": schema.Int64Attribute{
			MarkdownDescription: "Required. Memory, MiB.", Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"worker_class": schema.StringAttribute{
			MarkdownDescription: "Class of machine deployments of this size. Default is the only one of the ClusterClass.", Optional: true,
		},
	}
}
