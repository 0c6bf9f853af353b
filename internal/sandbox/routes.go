package sandbox

import (
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// All collections follow the same rules: these methods only say which one a request is about.

// ListNetworks implements api.ServerInterface.
func (s *operatorServer) ListNetworks(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListNetworksParams,
) {
	s.list(w, r, &networkKind, project, &params)
}

// CreateNetwork implements api.ServerInterface.
func (s *operatorServer) CreateNetwork(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateNetworkParams,
) {
	s.create(w, r, &networkKind, project, &params)
}

// GetNetwork implements api.ServerInterface.
func (s *operatorServer) GetNetwork(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetNetworkParams,
) {
	s.get(w, r, &networkKind, project, id, &params)
}

// UpdateNetwork implements api.ServerInterface.
func (s *operatorServer) UpdateNetwork(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateNetworkParams,
) {
	s.update(w, r, &networkKind, project, id, &params)
}

// DeleteNetwork implements api.ServerInterface.
func (s *operatorServer) DeleteNetwork(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &networkKind, project, id)
}

// ClaimNetwork implements api.ServerInterface.
func (s *operatorServer) ClaimNetwork(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &networkKind, project, id)
}

// ListSecurityGroups implements api.ServerInterface.
func (s *operatorServer) ListSecurityGroups(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListSecurityGroupsParams,
) {
	s.list(w, r, &securityGroupKind, project, (*api.ListNetworksParams)(&params))
}

// CreateSecurityGroup implements api.ServerInterface.
func (s *operatorServer) CreateSecurityGroup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateSecurityGroupParams,
) {
	s.create(w, r, &securityGroupKind, project, (*api.CreateNetworkParams)(&params))
}

// GetSecurityGroup implements api.ServerInterface.
func (s *operatorServer) GetSecurityGroup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetSecurityGroupParams,
) {
	s.get(w, r, &securityGroupKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateSecurityGroup implements api.ServerInterface.
func (s *operatorServer) UpdateSecurityGroup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateSecurityGroupParams,
) {
	s.update(w, r, &securityGroupKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteSecurityGroup implements api.ServerInterface.
func (s *operatorServer) DeleteSecurityGroup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &securityGroupKind, project, id)
}

// ClaimSecurityGroup implements api.ServerInterface.
func (s *operatorServer) ClaimSecurityGroup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &securityGroupKind, project, id)
}

// ListStorageVolumes implements api.ServerInterface.
func (s *operatorServer) ListStorageVolumes(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListStorageVolumesParams,
) {
	s.list(w, r, &storageVolumeKind, project, (*api.ListNetworksParams)(&params))
}

// CreateStorageVolume implements api.ServerInterface.
func (s *operatorServer) CreateStorageVolume(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateStorageVolumeParams,
) {
	s.create(w, r, &storageVolumeKind, project, (*api.CreateNetworkParams)(&params))
}

// GetStorageVolume implements api.ServerInterface.
func (s *operatorServer) GetStorageVolume(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetStorageVolumeParams,
) {
	s.get(w, r, &storageVolumeKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateStorageVolume implements api.ServerInterface.
func (s *operatorServer) UpdateStorageVolume(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateStorageVolumeParams,
) {
	s.update(w, r, &storageVolumeKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteStorageVolume implements api.ServerInterface.
func (s *operatorServer) DeleteStorageVolume(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &storageVolumeKind, project, id)
}

// ClaimStorageVolume implements api.ServerInterface.
func (s *operatorServer) ClaimStorageVolume(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &storageVolumeKind, project, id)
}

// ListVirtualMachines implements api.ServerInterface.
func (s *operatorServer) ListVirtualMachines(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListVirtualMachinesParams,
) {
	s.list(w, r, &virtualMachineKind, project, (*api.ListNetworksParams)(&params))
}

// CreateVirtualMachine implements api.ServerInterface.
func (s *operatorServer) CreateVirtualMachine(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateVirtualMachineParams,
) {
	s.create(w, r, &virtualMachineKind, project, (*api.CreateNetworkParams)(&params))
}

// GetVirtualMachine implements api.ServerInterface.
func (s *operatorServer) GetVirtualMachine(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetVirtualMachineParams,
) {
	s.get(w, r, &virtualMachineKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateVirtualMachine implements api.ServerInterface.
func (s *operatorServer) UpdateVirtualMachine(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateVirtualMachineParams,
) {
	s.update(w, r, &virtualMachineKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteVirtualMachine implements api.ServerInterface.
func (s *operatorServer) DeleteVirtualMachine(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &virtualMachineKind, project, id)
}

// ClaimVirtualMachine implements api.ServerInterface.
func (s *operatorServer) ClaimVirtualMachine(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &virtualMachineKind, project, id)
}

// ListVolumeAttachments implements api.ServerInterface.
func (s *operatorServer) ListVolumeAttachments(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListVolumeAttachmentsParams,
) {
	s.list(w, r, &volumeAttachmentKind, project, (*api.ListNetworksParams)(&params))
}

// CreateVolumeAttachment implements api.ServerInterface.
func (s *operatorServer) CreateVolumeAttachment(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateVolumeAttachmentParams,
) {
	s.create(w, r, &volumeAttachmentKind, project, (*api.CreateNetworkParams)(&params))
}

// GetVolumeAttachment implements api.ServerInterface.
func (s *operatorServer) GetVolumeAttachment(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetVolumeAttachmentParams,
) {
	s.get(w, r, &volumeAttachmentKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateVolumeAttachment implements api.ServerInterface.
func (s *operatorServer) UpdateVolumeAttachment(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateVolumeAttachmentParams,
) {
	s.update(w, r, &volumeAttachmentKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteVolumeAttachment implements api.ServerInterface.
func (s *operatorServer) DeleteVolumeAttachment(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &volumeAttachmentKind, project, id)
}

// ClaimVolumeAttachment implements api.ServerInterface.
func (s *operatorServer) ClaimVolumeAttachment(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &volumeAttachmentKind, project, id)
}
