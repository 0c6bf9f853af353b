package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func networks(s *session) cloud.Collection[cloud.NetworkSpec, cloud.Network] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.NetworkSpec, api.NetworkCreate, api.Network, cloud.Network]{
		body: networkBody, meta: networkMeta, object: network,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListNetworks(ctx, project, p)
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.NetworkCreate) (*http.Response, error) {
			return c.CreateNetwork(ctx, project, p, b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetNetwork(ctx, project, id, p)
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateNetworkWithBody(ctx, project, id, p, mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) { return c.DeleteNetwork(ctx, project, id) },
		claim:  func(ctx context.Context, id string) (*http.Response, error) { return c.ClaimNetwork(ctx, project, id) },
	})
}

func networkBody(spec cloud.NetworkSpec, owner *api.OwnershipRequest) api.NetworkCreate {
	return api.NetworkCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		Cidr: spec.CIDR, DnsServers: list(spec.DNSServers),
	}
}

func networkMeta(r *api.Network) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func network(r *api.Network, m cloud.Meta) cloud.Network {
	return cloud.Network{Meta: m, CIDR: r.Cidr, GatewayAddress: r.GatewayAddress, DNSServers: deref(r.DnsServers)}
}
