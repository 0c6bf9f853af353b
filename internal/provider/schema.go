package provider

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

var operatorName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "One cloud from several operators. What an operator's arguments name as \"also\" may come from the environment, " +
			"in variables named after it: `VDAM_<OPERATOR>_CLIENT_SECRET` and so on, in capitals and with `_` for `-`. " +
			"What the block says goes before the environment.",
		Attributes: map[string]schema.Attribute{
			"operators": schema.MapNestedAttribute{
				MarkdownDescription: "The operators, by the names that resources use.",
				Optional:            true,
				Validators: []validator.Map{mapvalidator.KeysAre(
					stringvalidator.LengthBetween(1, 63),
					stringvalidator.RegexMatches(operatorName, "must be of a-z, 0-9 and -, with a letter or digit at both ends"),
				)},
				NestedObject: schema.NestedAttributeObject{Attributes: operatorAttributes()},
			},
			"directory": schema.StringAttribute{
				MarkdownDescription: "Path or URL of the directory document, from which the operators' endpoints and kinds come. " +
					"Also `VDAM_DIRECTORY`.",
				Optional: true,
			},
			"default_operator": schema.StringAttribute{
				MarkdownDescription: "The operator of resources that name none. Also `VDAM_DEFAULT_OPERATOR`.",
				Optional:            true,
			},
			"default_labels": schema.MapAttribute{
				MarkdownDescription: "Labels of every object; a resource's own `labels` go before them.",
				ElementType:         types.StringType, Optional: true, Validators: lifecycle.LabelValidators(),
			},
			"deployment_id": schema.StringAttribute{
				MarkdownDescription: "Distinguishes this configuration's objects from all others of the project, in the key by which a " +
					"cut-off apply finds its objects again. Set it if several configurations or workspaces share a project. Also `VDAM_DEPLOYMENT_ID`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.UTF8LengthAtMost(200)},
			},
			"service_desks": deskAttribute(),
			"default_service_desk": schema.StringAttribute{
				MarkdownDescription: "The service desk of tickets that name none. Default is the only one. Also `VDAM_DEFAULT_SERVICE_DESK`.",
				Optional:            true,
			},
			"separate_reads": schema.BoolAttribute{
				MarkdownDescription: "Reads each object by itself. Default is false: from the third object of a kind on, a refresh shares " +
					"one list, as long as that takes fewer requests.",
				Optional: true,
			},
			"max_parallel_requests": schema.Int64Attribute{
				MarkdownDescription: "How many requests may be under way at one operator. Default is 32.",
				Optional:            true, Validators: []validator.Int64{int64validator.Between(1, 100)},
			},
		},
	}
}

func operatorAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"kind": schema.StringAttribute{
			MarkdownDescription: "API family: `selfservice`, `openstack` or `clusterapi`. Default is `openstack` if `cloud` is set, " +
				"`clusterapi` if `cluster_api` is, else the directory's entry, else `selfservice`. Also `VDAM_<OPERATOR>_KIND`.",
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(kindSelfservice, kindOpenstack, kindClusterAPI)},
		},
		"endpoint": schema.StringAttribute{
			MarkdownDescription: "URL of the operator's API, for OpenStack that of Keystone, for Cluster API that of the management cluster. " +
				"Default is what `cloud` or the kubeconfig says, else the directory's entry. Also `VDAM_<OPERATOR>_ENDPOINT`.",
			Optional: true,
		},
		"project": schema.StringAttribute{
			MarkdownDescription: "The agency's project at the operator, for OpenStack its name, for Cluster API its namespace. " +
				"Also `VDAM_<OPERATOR>_PROJECT`.",
			Optional: true,
		},
	}
	attributes["service_desk"] = schema.StringAttribute{
		MarkdownDescription: "The service desk of tickets about this operator, a key of `service_desks`.", Optional: true,
	}
	maps.Copy(attributes, credentialAttributes())
	maps.Copy(attributes, openstackAttributes())
	attributes["cluster_api"] = clusterAPIAttribute()
	attributes["backup_buckets"] = bucketsAttribute()
	maps.Copy(attributes, connectionAttributes("VDAM_<OPERATOR>", "the provider's", "30, for OpenStack 120"))
	return attributes
}

// credentialAttributes are the ways to get a token.
func credentialAttributes() map[string]schema.Attribute {
	sibling := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	return map[string]schema.Attribute{
		"client_id": schema.StringAttribute{
			MarkdownDescription: "OAuth 2.0 client (RFC 6749, client credentials); for OpenStack the id of an application credential. " +
				"Also `VDAM_<OPERATOR>_CLIENT_ID`.",
			Optional: true,
		},
		"client_secret": schema.StringAttribute{
			MarkdownDescription: "Secret of `client_id`; for OpenStack that of the application credential. Also `VDAM_<OPERATOR>_CLIENT_SECRET`.",
			Optional:            true, Sensitive: true,
		},
		"token": schema.StringAttribute{
			MarkdownDescription: "A bearer token, used as it is; for OpenStack a token of Keystone. Also `VDAM_<OPERATOR>_TOKEN`.",
			Optional:            true, Sensitive: true,
			Validators: []validator.String{
				stringvalidator.ConflictsWith(sibling("client_secret"), sibling("token_file"), sibling("workload_identity")),
			},
		},
		"token_file": schema.StringAttribute{
			MarkdownDescription: "A file with a bearer token, read again when it changes; for OpenStack with a token of Keystone, read once. " +
				"Also `VDAM_<OPERATOR>_TOKEN_FILE`.",
			Optional:   true,
			Validators: []validator.String{stringvalidator.ConflictsWith(sibling("client_secret"), sibling("workload_identity"))},
		},
		"workload_identity": schema.SingleNestedAttribute{
			MarkdownDescription: "Exchanges a token of the place where Terraform runs for one of the operator (RFC 8693). For `selfservice` alone.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"token_file": schema.StringAttribute{
					MarkdownDescription: "File with the token to exchange. Also `VDAM_<OPERATOR>_WORKLOAD_TOKEN_FILE`.", Optional: true,
				},
				"audience": schema.StringAttribute{MarkdownDescription: "Audience to ask for.", Optional: true},
			},
		},
	}
}

// connectionAttributes are how an operator or a service desk is reached, whose variables begin alike; what is left out is as
// said.
func connectionAttributes(variable, parallel, seconds string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tls": schema.SingleNestedAttribute{
			MarkdownDescription: "A private certificate authority, a client certificate.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"ca_file": schema.StringAttribute{
					MarkdownDescription: "PEM file with the authorities to trust besides the system's. Also `" + variable + "_CA_FILE`.", Optional: true,
				},
				"certificate_file": schema.StringAttribute{
					MarkdownDescription: "PEM file with the client certificate. Also `" + variable + "_CERTIFICATE_FILE`.", Optional: true,
				},
				"key_file": schema.StringAttribute{
					MarkdownDescription: "PEM file with its key. Also `" + variable + "_KEY_FILE`.", Optional: true,
				},
			},
		},
		"proxy_url": schema.StringAttribute{
			MarkdownDescription: "Proxy for it. Default is what `HTTPS_PROXY` and `NO_PROXY` say.", Optional: true,
		},
		"limits": schema.SingleNestedAttribute{
			MarkdownDescription: "How hard it may be pressed.",
			Optional:            true,
			Attributes: map[string]schema.Attribute{
				"max_parallel_requests": schema.Int64Attribute{
					MarkdownDescription: "Requests under way at a time. Default is " + parallel + ".",
					Optional:            true, Validators: []validator.Int64{int64validator.Between(1, 100)},
				},
				"request_timeout_seconds": schema.Int64Attribute{
					MarkdownDescription: "Time for one try of one request. Default is " + seconds + ".",
					Optional:            true, Validators: []validator.Int64{int64validator.Between(1, 3600)},
				},
			},
		},
	}
}
