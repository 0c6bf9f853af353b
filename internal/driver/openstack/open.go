package openstack

import (
	"context"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// DriverName is what an operator's kind says in the configuration and in the directory.
const DriverName = "openstack"

// RequestTimeout is how long one try of one request may take unless the user says otherwise: Neutron answers orders of
// ports one after the other, and a busy one takes its time.
const RequestTimeout = 2 * time.Minute

// Options is what opening an operator needs.
type Options struct {
	// Name is the operator's key in the provider's configuration.
	Name string
	// Identity gives the tokens that HTTP puts into the requests.
	Identity *Identity
	// HTTP authenticates and retries.
	HTTP *http.Client
	// Endpoints has the region and which of a service's endpoints to use; public ones if that is empty.
	Endpoints gophercloud.EndpointOpts
}

// Open makes an operator's client. It authenticates, agrees on versions and reads the catalogue at once, so that wrong
// credentials are told here, once, and not by every object.
func Open(ctx context.Context, o Options) (*cloud.Operator, error) {
	granted, err := o.Identity.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	if o.Endpoints.Availability == "" {
		o.Endpoints.Availability = gophercloud.AvailabilityPublic
	}
	s := &session{operator: o.Name, project: granted.Project.ID}
	s.orderedPorts = &finder[port]{name: func(p port) string { return p.Description }, fetch: s.fetchOrderedPorts}
	provider := &gophercloud.ProviderClient{HTTPClient: *o.HTTP}
	if err := s.connect(ctx, provider, granted.Catalogue, o.Endpoints); err != nil {
		return nil, err
	}
	if err := s.learn(ctx); err != nil {
		return nil, err
	}
	op := &cloud.Operator{
		Name: o.Name, Driver: DriverName,
		// Objects of two regions of one Keystone are two sets. Which region it is does not depend on whether it is named.
		Endpoint: o.Identity.address() + "#" + regionOf(granted.Catalogue, o.Endpoints),
		Project:  granted.Project.Name, ProjectID: granted.Project.ID + "@" + regionOf(granted.Catalogue, o.Endpoints),
		Capabilities: s.capabilities(), Catalogue: s.offers(),
	}
	s.fill(op)
	return op, nil
}

// capabilities follow from which services there are.
func (s *session) capabilities() cloud.Capabilities {
	kinds := make(map[cloud.Kind]cloud.KindCapabilities)
	if s.network != nil {
		kinds[cloud.KindNetwork] = cloud.KindCapabilities{UpdatesInPlace: []string{"name", "description", "labels", "dns_servers"}}
		kinds[cloud.KindSecurityGroup] = cloud.KindCapabilities{UpdatesInPlace: []string{"name", "description", "labels", "rules"}}
	}
	if s.volume != nil {
		kinds[cloud.KindStorageVolume] = cloud.KindCapabilities{
			UpdatesInPlace: []string{"name", "description", "labels", "size_gib", "deletion_protection"},
		}
	}
	if s.compute != nil && s.network != nil && s.image != nil {
		kinds[cloud.KindVirtualMachine] = cloud.KindCapabilities{UpdatesInPlace: []string{
			"name", "description", "labels", "vcpus", "memory_mib", "boot_disk", "network_interfaces", "power_state", "deletion_protection",
		}}
	}
	if s.volume != nil && s.compute != nil {
		kinds[cloud.KindVolumeAttachment] = cloud.KindCapabilities{}
	}
	// Where zones have to be the same, Nova says so itself: their names in Nova and in Cinder need not mean the same.
	out := cloud.Capabilities{Kinds: kinds, AttachesAcrossZones: true}
	if s.containers != nil {
		kinds[cloud.KindContainerCluster] = cloud.KindCapabilities{UpdatesInPlace: []string{
			"description", "labels", "kubernetes_version", "node_pools", "auto_patch", "deletion_protection",
		}}
		out.Clusters = clusterCapabilities()
	}
	return out
}

// fill makes the collections of those kinds that the cloud offers.
func (s *session) fill(op *cloud.Operator) {
	op.Images = images{s}
	if s.network != nil {
		op.Networks, op.SecurityGroups = newNetworks(s), newSecurityGroups(s)
	}
	if s.volume != nil {
		op.StorageVolumes, op.VolumeAttachments = newVolumes(s), newAttachments(s)
	}
	if s.volume != nil && s.image != nil {
		op.VolumeBytes, op.Records = volumeBytes{s}, records{s}
	}
	op.VirtualMachines = newServers(s)
	if s.containers != nil {
		op.ContainerClusters, op.ClusterAccess = newClusters(s), clusterAccess{s}
	}
}
