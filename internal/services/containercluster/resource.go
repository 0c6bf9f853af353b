// Package containercluster is the service of Kubernetes clusters, and of access to them.
package containercluster

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

var (
	versionPattern = regexp.MustCompile(`^1\.\d{1,3}(\.\d{1,4})?$`)
	poolName       = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
)

// NewResource makes vdam_container_cluster.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.ContainerClusterSpec, cloud.ContainerCluster] {
	return lifecycle.Definition[resourceModel, attributes, cloud.ContainerClusterSpec, cloud.ContainerCluster]{
		Kind: cloud.KindContainerCluster, Plural: "container_clusters", Noun: "container cluster",
		Schema:     clusterSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.ContainerClusterSpec, cloud.ContainerCluster] {
			return o.ContainerClusters
		},
		Spec: spec, Read: read,
		Replace: []string{"network_id", "pod_cidr", "service_cidr"},
		InPlace: []string{
			"name", "description", "labels", "kubernetes_version", "high_availability", "api_allowed_cidrs", "oidc", "node_pools",
			"auto_patch", "deletion_protection",
		},
		Protection: func(a *attributes) types.Bool { return a.DeletionProtection },
		Plan:       plan,
	}
}

func clusterSchema() schema.Schema {
	s := schema.Schema{
		MarkdownDescription: "A Kubernetes cluster. It is upgraded in place, one minor version at a time, and never replaced for its version " +
			"or " +
			"its pools. Credentials are not here: `vdam_container_cluster_access` mints them for a run, and they touch no state.",
		Attributes: map[string]schema.Attribute{},
	}
	maps.Copy(s.Attributes, versionAttributes())
	maps.Copy(s.Attributes, networkAttributes())
	maps.Copy(s.Attributes, answeredAttributes())
	s.Attributes["node_pools"] = poolsAttribute()
	s.Attributes["deletion_protection"] = schema.BoolAttribute{
		MarkdownDescription: "Whether destroying or replacing the cluster is refused, here at plan and by the operator. Default is `true`.",
		Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
	}
	return s
}

func versionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"kubernetes_version": schema.StringAttribute{
			MarkdownDescription: "A minor version, `1.34`, of which the operator chooses and keeps the patch, or a patch, `1.34.4`. Upgraded in " +
				"place, " +
				"one minor at a time; never back. `data.vdam_kubernetes_versions` lists them.",
			Required:   true,
			Validators: []validator.String{stringvalidator.RegexMatches(versionPattern, "must be like 1.34 or 1.34.4")},
		},
		"running_version": schema.StringAttribute{
			MarkdownDescription: "What the control plane runs. It moves on with patches by itself, which is no difference.", Computed: true,
		},
		"auto_patch": schema.BoolAttribute{
			MarkdownDescription: "Whether the operator installs patches by itself. Default is `true`, wherever it can.",
			Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
		},
		"high_availability": schema.StringAttribute{
			MarkdownDescription: "What failure the control plane outlives: `none`, of a `node`, of a `zone`. Default is the operator's. Changed " +
				"in " +
				"place where the operator can, and never back to less.",
			Optional: true, Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			Validators: []validator.String{stringvalidator.OneOf("none", "node", "zone")},
		},
	}
}

func networkAttributes() map[string]schema.Attribute {
	keep := []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
	return map[string]schema.Attribute{
		"network_id": schema.StringAttribute{
			MarkdownDescription: "Network of the nodes, `<operator>/<id>`. Default is the operator's. A change makes a new cluster.", Optional: true,
		},
		"pod_cidr": schema.StringAttribute{
			MarkdownDescription: "Addresses of pods, such as `10.42.0.0/16`. Default is the operator's. A change makes a new cluster.",
			Optional:            true, Computed: true, PlanModifiers: keep,
		},
		"service_cidr": schema.StringAttribute{
			MarkdownDescription: "Addresses of services, such as `10.43.0.0/16`. Default is the operator's. A change makes a new cluster.",
			Optional:            true, Computed: true, PlanModifiers: keep,
		},
		"api_allowed_cidrs": schema.SetAttribute{
			MarkdownDescription: "From where the API can be reached. Default is everywhere. Changed in place.", ElementType: types.StringType,
			Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"oidc": schema.SingleNestedAttribute{
			MarkdownDescription: "An issuer of identities that the API trusts (OpenID Connect). Changed in place.", Optional: true,
			Attributes: map[string]schema.Attribute{
				"issuer_url": schema.StringAttribute{MarkdownDescription: "URL of the issuer.", Required: true},
				"client_id":  schema.StringAttribute{MarkdownDescription: "Client that tokens must be for.", Required: true},
				"username_claim": schema.StringAttribute{
					MarkdownDescription: "Claim with the user's name. Default is the operator's.", Optional: true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"groups_claim": schema.StringAttribute{
					MarkdownDescription: "Claim with the user's groups.", Optional: true,
					Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				},
			},
		},
	}
}

func answeredAttributes() map[string]schema.Attribute {
	keep := []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
	return map[string]schema.Attribute{
		"api_endpoint": schema.StringAttribute{MarkdownDescription: "URL of the cluster's API.", Computed: true, PlanModifiers: keep},
		"ca_certificate": schema.StringAttribute{
			MarkdownDescription: "Certificate of the API's authority, PEM. It is public.", Computed: true, PlanModifiers: keep,
		},
		"simulated": schema.BoolAttribute{
			MarkdownDescription: "Whether the operator, a sandbox, only plays the cluster: then there is no Kubernetes behind it.", Computed: true,
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseNonNullStateForUnknown()},
		},
	}
}

func poolsAttribute() schema.Attribute {
	attributes := lifecycle.NodePoolAttributes(true)
	attributes["current_size"] = schema.Int64Attribute{
		MarkdownDescription: "Nodes that there are now. It is no difference when it changes.", Computed: true,
	}
	return schema.MapNestedAttribute{
		MarkdownDescription: "Pools of nodes, by name. Adding, changing and removing one is done in place. Pools that live on their own are " +
			"`vdam_node_pool`; those are not here, and names must differ.",
		Optional: true,
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(
				stringvalidator.LengthBetween(1, 40),
				stringvalidator.RegexMatches(poolName, "must be a DNS label: of a-z, 0-9 and -, beginning with a letter"),
			),
		},
		NestedObject: schema.NestedAttributeObject{
			Attributes: attributes, Validators: []validator.Object{lifecycle.Required("vcpus", "memory_mib")},
		},
	}
}
