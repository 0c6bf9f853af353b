package selfservice

import (
	"context"
	"io"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func nodePools(s *session) cloud.Collection[cloud.NodePoolSpec, cloud.NodePool] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.NodePoolSpec, api.NodePoolCreate, api.NodePool, cloud.NodePool]{
		body: nodePoolBody, meta: nodePoolMeta, object: nodePool, align: alignNodePool,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListNodePools(ctx, project, (*api.ListNodePoolsParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.NodePoolCreate) (*http.Response, error) {
			return c.CreateNodePool(ctx, project, (*api.CreateNodePoolParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetNodePool(ctx, project, id, (*api.GetNodePoolParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateNodePoolWithBody(ctx, project, id, (*api.UpdateNodePoolParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteNodePool(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimNodePool(ctx, project, id)
		},
	})
}

func nodePoolBody(spec cloud.NodePoolSpec, owner *api.OwnershipRequest) api.NodePoolCreate {
	size := poolSize(spec.NodePoolSize)
	return api.NodePoolCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner, ClusterId: spec.ClusterID,
		Vcpus: size.Vcpus, MemoryMib: size.MemoryMib, BootDiskGib: size.BootDiskGib, Zone: size.Zone, Size: size.Size,
		Autoscaling: size.Autoscaling, NodeLabels: size.NodeLabels, Taints: size.Taints,
	}
}

// poolSize leaves out what is not declared: see removable for what that means in a change.
func poolSize(s cloud.NodePoolSize) api.NodePoolSize {
	body := api.NodePoolSize{
		Vcpus: s.VCPUs, MemoryMib: s.MemoryMiB, BootDiskGib: optional(s.BootDiskGiB), Zone: optional(s.Zone),
	}
	if a := s.Autoscaling; a != nil {
		body.Autoscaling = &api.Autoscaling{Min: a.Min, Max: a.Max}
	} else {
		body.Size = &s.Size
	}
	if len(s.NodeLabels) > 0 {
		body.NodeLabels = &s.NodeLabels
	}
	if len(s.Taints) > 0 {
		taints := make([]api.Taint, len(s.Taints))
		for i, t := range s.Taints {
			taints[i] = api.Taint{Key: t.Key, Value: optional(t.Value), Effect: api.TaintEffect(t.Effect)}
		}
		body.Taints = &taints
	}
	return body
}

func nodePoolMeta(r *api.NodePool) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func nodePool(r *api.NodePool, m cloud.Meta) cloud.NodePool {
	return cloud.NodePool{Meta: m, ClusterID: r.ClusterId, NodePoolState: poolState(api.NodePoolState{
		Vcpus: r.Vcpus, MemoryMib: r.MemoryMib, BootDiskGib: r.BootDiskGib, Zone: r.Zone, Size: r.Size, Autoscaling: r.Autoscaling,
		NodeLabels: r.NodeLabels, Taints: r.Taints, CurrentSize: r.CurrentSize,
	})}
}

func poolState(p api.NodePoolState) cloud.NodePoolState {
	state := cloud.NodePoolState{CurrentSize: p.CurrentSize, NodePoolSize: cloud.NodePoolSize{
		VCPUs: p.Vcpus, MemoryMiB: p.MemoryMib, BootDiskGiB: deref(p.BootDiskGib), Zone: deref(p.Zone), Size: deref(p.Size),
		NodeLabels: deref(p.NodeLabels),
	}}
	if a := p.Autoscaling; a != nil {
		state.Autoscaling = &cloud.Autoscaling{Min: a.Min, Max: a.Max}
	}
	for _, t := range deref(p.Taints) {
		state.Taints = append(state.Taints, cloud.Taint{Key: t.Key, Value: deref(t.Value), Effect: string(t.Effect)})
	}
	return state
}

// alignNodePool makes taints look the same that differ in their order alone.
func alignNodePool(from, to cloud.NodePoolSpec) (cloud.NodePoolSpec, cloud.NodePoolSpec) {
	if sameSet(from.Taints, to.Taints) {
		to.Taints = from.Taints
	}
	return from, to
}
