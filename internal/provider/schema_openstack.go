package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// openstackAttributes are those of an operator's entry that mean something for OpenStack alone.
func openstackAttributes() map[string]schema.Attribute {
	sibling := func(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }
	return map[string]schema.Attribute{
		"cloud": schema.StringAttribute{
			MarkdownDescription: "OpenStack: an entry of `clouds.yaml`, from which endpoint, region, project, domain, credentials and TLS files " +
				"come; what else is said here or in the environment goes before it. Also `VDAM_<OPERATOR>_CLOUD`.",
			Optional: true,
		},
		"clouds_file": schema.StringAttribute{
			MarkdownDescription: "OpenStack: path of the `clouds.yaml`. Default is the first of `./`, `~/.config/openstack/` and " +
				"`/etc/openstack/` that has one. Also `VDAM_<OPERATOR>_CLOUDS_FILE`, else `OS_CLIENT_CONFIG_FILE`.",
			Optional: true,
		},
		"region": schema.StringAttribute{
			MarkdownDescription: "OpenStack: the region. Default is what `cloud` says, else the first that the catalogue has. " +
				"Also `VDAM_<OPERATOR>_REGION`.",
			Optional: true,
		},
		"domain": schema.StringAttribute{
			MarkdownDescription: "OpenStack: name of the domain of user and project. Default is what `cloud` says, else `Default`. " +
				"Also `VDAM_<OPERATOR>_DOMAIN`.",
			Optional: true,
		},
		"username": schema.StringAttribute{
			MarkdownDescription: "OpenStack: name of the user. Also `VDAM_<OPERATOR>_USERNAME`.",
			Optional:            true,
		},
		"password": schema.StringAttribute{
			MarkdownDescription: "OpenStack: password of `username`. Also `VDAM_<OPERATOR>_PASSWORD`.",
			Optional:            true, Sensitive: true,
			Validators: []validator.String{stringvalidator.ConflictsWith(
				sibling("client_secret"), sibling("token"), sibling("token_file"), sibling("workload_identity"),
			)},
		},
	}
}
