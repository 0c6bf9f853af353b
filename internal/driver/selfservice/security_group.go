package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func securityGroups(s *session) cloud.Collection[cloud.SecurityGroupSpec, cloud.SecurityGroup] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.SecurityGroupSpec, api.SecurityGroupCreate, api.SecurityGroup, cloud.SecurityGroup]{
		body: securityGroupBody, meta: securityGroupMeta, object: securityGroup, align: alignSecurityGroup,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListSecurityGroups(ctx, project, (*api.ListSecurityGroupsParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.SecurityGroupCreate) (*http.Response, error) {
			return c.CreateSecurityGroup(ctx, project, (*api.CreateSecurityGroupParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetSecurityGroup(ctx, project, id, (*api.GetSecurityGroupParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateSecurityGroupWithBody(ctx, project, id, (*api.UpdateSecurityGroupParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteSecurityGroup(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimSecurityGroup(ctx, project, id)
		},
	})
}

func securityGroupBody(spec cloud.SecurityGroupSpec, owner *api.OwnershipRequest) api.SecurityGroupCreate {
	rules := make(api.SecurityRules, len(spec.Rules))
	for i, r := range spec.Rules {
		rules[i] = api.SecurityRule{
			Direction: api.SecurityRuleDirection(r.Direction), Protocol: api.SecurityRuleProtocol(r.Protocol),
			PortMin: optional(r.PortMin), PortMax: optional(r.PortMax),
			RemoteCidr: optional(r.RemoteCIDR), RemoteSecurityGroupId: optional(r.RemoteSecurityGroupID),
			Description: optional(r.Description),
		}
	}
	return api.SecurityGroupCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		Rules: &rules,
	}
}

func securityGroupMeta(r *api.SecurityGroup) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func securityGroup(r *api.SecurityGroup, m cloud.Meta) cloud.SecurityGroup {
	rules := make([]cloud.SecurityRule, len(r.Rules))
	for i, rule := range r.Rules {
		rules[i] = cloud.SecurityRule{
			Direction: string(rule.Direction), Protocol: string(rule.Protocol),
			PortMin: deref(rule.PortMin), PortMax: deref(rule.PortMax),
			RemoteCIDR: deref(rule.RemoteCidr), RemoteSecurityGroupID: deref(rule.RemoteSecurityGroupId),
			Description: deref(rule.Description),
		}
	}
	return cloud.SecurityGroup{Meta: m, Rules: rules}
}

// alignSecurityGroup makes rules look the same that differ in their order alone.
func alignSecurityGroup(from, to cloud.SecurityGroupSpec) (cloud.SecurityGroupSpec, cloud.SecurityGroupSpec) {
	if sameSet(from.Rules, to.Rules) {
		to.Rules = from.Rules
	}
	return from, to
}
