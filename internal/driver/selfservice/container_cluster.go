package selfservice

import (
	"context"
	"io"
	"maps"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func containerClusters(s *session) cloud.Collection[cloud.ContainerClusterSpec, cloud.ContainerCluster] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.ContainerClusterSpec, api.ContainerClusterCreate, api.ContainerCluster, cloud.ContainerCluster]{
		body: containerClusterBody, meta: containerClusterMeta, object: containerCluster, align: alignContainerCluster,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListContainerClusters(ctx, project, (*api.ListContainerClustersParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.ContainerClusterCreate) (*http.Response, error) {
			return c.CreateContainerCluster(ctx, project, (*api.CreateContainerClusterParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetContainerCluster(ctx, project, id, (*api.GetContainerClusterParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateContainerClusterWithBody(ctx, project, id, (*api.UpdateContainerClusterParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteContainerCluster(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimContainerCluster(ctx, project, id)
		},
	})
}

func containerClusterBody(spec cloud.ContainerClusterSpec, owner *api.OwnershipRequest) api.ContainerClusterCreate {
	pools := make(api.NodePoolMap, len(spec.NodePools)) // Never nil, so that pools can be compared one by one.
	for name, p := range spec.NodePools {
		pools[name] = poolSize(p)
	}
	body := api.ContainerClusterCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		KubernetesVersion: spec.KubernetesVersion, HighAvailability: optional(api.HighAvailability(spec.HighAvailability)),
		NetworkId: optional(spec.NetworkID), PodCidr: optional(spec.PodCIDR), ServiceCidr: optional(spec.ServiceCIDR),
		NodePools: &pools, AutoPatch: &spec.AutoPatch, DeletionProtection: &spec.DeletionProtection,
	}
	if len(spec.APIAllowedCIDRs) > 0 {
		body.ApiAllowedCidrs = &spec.APIAllowedCIDRs
	}
	if o := spec.OIDC; o != nil {
		body.Oidc = &api.OIDC{
			IssuerUrl: o.IssuerURL, ClientId: o.ClientID, UsernameClaim: optional(o.UsernameClaim), GroupsClaim: optional(o.GroupsClaim),
		}
	}
	return body
}

func containerClusterMeta(r *api.ContainerCluster) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func containerCluster(r *api.ContainerCluster, m cloud.Meta) cloud.ContainerCluster {
	c := cloud.ContainerCluster{
		Meta: m, KubernetesVersion: r.KubernetesVersion, RunningVersion: deref(r.RunningVersion),
		HighAvailability: cloud.HighAvailability(r.HighAvailability), APIAllowedCIDRs: deref(r.ApiAllowedCidrs),
		NetworkID: deref(r.NetworkId), PodCIDR: deref(r.PodCidr), ServiceCIDR: deref(r.ServiceCidr),
		NodePools: make(map[string]cloud.NodePoolState, len(r.NodePools)), AutoPatch: r.AutoPatch,
		DeletionProtection: r.DeletionProtection, APIEndpoint: deref(r.ApiEndpoint), CACertificate: deref(r.CaCertificate),
		Simulated: deref(r.Simulated),
	}
	for name, p := range r.NodePools {
		c.NodePools[name] = poolState(p)
	}
	if o := r.Oidc; o != nil {
		c.OIDC = &cloud.OIDC{
			IssuerURL: o.IssuerUrl, ClientID: o.ClientId, UsernameClaim: deref(o.UsernameClaim), GroupsClaim: deref(o.GroupsClaim),
		}
	}
	return c
}

// alignContainerCluster makes lists look the same that differ in their order alone.
func alignContainerCluster(from, to cloud.ContainerClusterSpec) (cloud.ContainerClusterSpec, cloud.ContainerClusterSpec) {
	if sameSet(from.APIAllowedCIDRs, to.APIAllowedCIDRs) {
		to.APIAllowedCIDRs = from.APIAllowedCIDRs
	}
	to.NodePools = maps.Clone(to.NodePools)
	for name, pool := range to.NodePools {
		if was, ok := from.NodePools[name]; ok && sameSet(was.Taints, pool.Taints) {
			pool.Taints = was.Taints
			to.NodePools[name] = pool
		}
	}
	return from, to
}
