package sandbox

import (
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// ListContainerClusters implements api.ServerInterface.
func (s *operatorServer) ListContainerClusters(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListContainerClustersParams,
) {
	s.list(w, r, &containerClusterKind, project, (*api.ListNetworksParams)(&params))
}

// CreateContainerCluster implements api.ServerInterface.
func (s *operatorServer) CreateContainerCluster(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateContainerClusterParams,
) {
	s.create(w, r, &containerClusterKind, project, (*api.CreateNetworkParams)(&params))
}

// GetContainerCluster implements api.ServerInterface.
func (s *operatorServer) GetContainerCluster(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetContainerClusterParams,
) {
	s.get(w, r, &containerClusterKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateContainerCluster implements api.ServerInterface.
func (s *operatorServer) UpdateContainerCluster(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateContainerClusterParams,
) {
	s.update(w, r, &containerClusterKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteContainerCluster implements api.ServerInterface.
func (s *operatorServer) DeleteContainerCluster(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &containerClusterKind, project, id)
}

// ClaimContainerCluster implements api.ServerInterface.
func (s *operatorServer) ClaimContainerCluster(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &containerClusterKind, project, id)
}

// ListNodePools implements api.ServerInterface.
func (s *operatorServer) ListNodePools(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListNodePoolsParams,
) {
	s.list(w, r, &nodePoolKind, project, (*api.ListNetworksParams)(&params))
}

// CreateNodePool implements api.ServerInterface.
func (s *operatorServer) CreateNodePool(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateNodePoolParams,
) {
	s.create(w, r, &nodePoolKind, project, (*api.CreateNetworkParams)(&params))
}

// GetNodePool implements api.ServerInterface.
func (s *operatorServer) GetNodePool(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetNodePoolParams,
) {
	s.get(w, r, &nodePoolKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateNodePool implements api.ServerInterface.
func (s *operatorServer) UpdateNodePool(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateNodePoolParams,
) {
	s.update(w, r, &nodePoolKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteNodePool implements api.ServerInterface.
func (s *operatorServer) DeleteNodePool(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &nodePoolKind, project, id)
}

// ClaimNodePool implements api.ServerInterface.
func (s *operatorServer) ClaimNodePool(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &nodePoolKind, project, id)
}
