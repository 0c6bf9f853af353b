package selfservice

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

func virtualMachines(s *session) cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine] {
	c, project := s.client, s.project
	return newCollection(s, kind[cloud.VirtualMachineSpec, api.VirtualMachineCreate, api.VirtualMachine, cloud.VirtualMachine]{
		body: virtualMachineBody, meta: virtualMachineMeta, object: virtualMachine, align: alignVirtualMachine,
		list: func(ctx context.Context, p *api.ListNetworksParams) (*http.Response, error) {
			return c.ListVirtualMachines(ctx, project, (*api.ListVirtualMachinesParams)(p))
		},
		post: func(ctx context.Context, p *api.CreateNetworkParams, b api.VirtualMachineCreate) (*http.Response, error) {
			return c.CreateVirtualMachine(ctx, project, (*api.CreateVirtualMachineParams)(p), b)
		},
		get: func(ctx context.Context, id string, p *api.GetNetworkParams) (*http.Response, error) {
			return c.GetVirtualMachine(ctx, project, id, (*api.GetVirtualMachineParams)(p))
		},
		patch: func(ctx context.Context, id string, p *api.UpdateNetworkParams, b io.Reader) (*http.Response, error) {
			return c.UpdateVirtualMachineWithBody(ctx, project, id, (*api.UpdateVirtualMachineParams)(p), mergePatchType, b)
		},
		remove: func(ctx context.Context, id string) (*http.Response, error) {
			return c.DeleteVirtualMachine(ctx, project, id)
		},
		claim: func(ctx context.Context, id string) (*http.Response, error) {
			return c.ClaimVirtualMachine(ctx, project, id)
		},
	})
}

func virtualMachineBody(spec cloud.VirtualMachineSpec, owner *api.OwnershipRequest) api.VirtualMachineCreate {
	body := api.VirtualMachineCreate{
		Name: spec.Name, Description: optional(spec.Description), Labels: labels(spec.Labels), Ownership: owner,
		Zone: optional(spec.Zone), Vcpus: spec.VCPUs, MemoryMib: spec.MemoryMiB,
		ImageId: optional(spec.ImageID), BootVolumeId: optional(spec.BootVolumeID), RestoreFrom: restoreBody(spec.RestoreFrom),
		NetworkInterfaces: interfaceBodies(spec.NetworkInterfaces), SshAuthorizedKeys: list(spec.SSHAuthorizedKeys),
		PowerState: optional(api.PowerState(spec.PowerState)), DeletionProtection: &spec.DeletionProtection,
	}
	if d := spec.BootDisk; d != nil {
		body.BootDisk = &api.BootDisk{SizeGib: d.SizeGiB, Class: optional(d.Class), OnDestroy: api.BootDiskOnDestroyDelete}
		if d.RetainOnDestroy {
			body.BootDisk.OnDestroy = api.BootDiskOnDestroyRetain
		}
	}
	if spec.UserData != nil {
		body.UserData = &spec.UserData.Value
	}
	return body
}

func interfaceBodies(nics []cloud.NetworkInterface) *[]api.NetworkInterfaceCreate {
	bodies := make([]api.NetworkInterfaceCreate, len(nics))
	for i, n := range nics {
		bodies[i] = api.NetworkInterfaceCreate{
			NetworkId: n.NetworkID, IpAddress: optional(n.IPAddress), SecurityGroupIds: list(n.SecurityGroupIDs),
		}
	}
	return &bodies
}

func virtualMachineMeta(r *api.VirtualMachine) api.Meta {
	return api.Meta{
		Id: r.Id, Name: r.Name, Description: r.Description, Labels: r.Labels, State: r.State, StateMessage: r.StateMessage,
		Ownership: r.Ownership, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag,
	}
}

func virtualMachine(r *api.VirtualMachine, m cloud.Meta) cloud.VirtualMachine {
	vm := cloud.VirtualMachine{
		Meta: m, Zone: r.Zone, VCPUs: r.Vcpus, MemoryMiB: r.MemoryMib, ImageID: deref(r.ImageId),
		BootVolumeID: r.BootVolumeId, NetworkInterfaces: make([]cloud.NetworkInterface, len(r.NetworkInterfaces)),
		SSHAuthorizedKeys: r.SshAuthorizedKeys, PowerState: cloud.PowerState(r.PowerState),
		DeletionProtection: r.DeletionProtection, MeteredSince: utc(r.MeteredSince), Restored: restored(r.Restored),
	}
	if d := r.BootDisk; d != nil {
		vm.BootDisk = &cloud.BootDisk{
			SizeGiB: d.SizeGib, Class: deref(d.Class), RetainOnDestroy: d.OnDestroy == api.BootDiskOnDestroyRetain,
		}
	}
	for i, n := range r.NetworkInterfaces {
		vm.NetworkInterfaces[i] = cloud.NetworkInterface{
			NetworkID: n.NetworkId, IPAddress: n.IpAddress, MACAddress: n.MacAddress, SecurityGroupIDs: n.SecurityGroupIds,
		}
	}
	return vm
}

// alignVirtualMachine makes look the same what is no change: user data of one revision, interfaces whose address the new
// specification leaves to the operator, which keeps it (see the contract's VirtualMachinePatch), and what the boot volume was
// filled with when it was made, which is past.
func alignVirtualMachine(from, to cloud.VirtualMachineSpec) (cloud.VirtualMachineSpec, cloud.VirtualMachineSpec) {
	from.RestoreFrom, to.RestoreFrom = nil, nil
	switch {
	case from.UserData == nil || to.UserData == nil:
	case from.UserData.Revision == to.UserData.Revision:
		from.UserData, to.UserData = nil, nil
	default:
		from.UserData = nil // The value itself may be the same, or not known any more.
	}
	from.NetworkInterfaces = slices.Clone(from.NetworkInterfaces)
	to.NetworkInterfaces = slices.Clone(to.NetworkInterfaces)
	for i := range min(len(from.NetworkInterfaces), len(to.NetworkInterfaces)) {
		was, is := &from.NetworkInterfaces[i], &to.NetworkInterfaces[i]
		if is.IPAddress == "" && is.NetworkID == was.NetworkID {
			was.IPAddress = ""
		}
		if sameSet(was.SecurityGroupIDs, is.SecurityGroupIDs) {
			is.SecurityGroupIDs = was.SecurityGroupIDs
		}
	}
	return from, to
}
