package sandbox

import (
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// ListBackupVaults implements api.ServerInterface.
func (s *operatorServer) ListBackupVaults(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListBackupVaultsParams,
) {
	s.list(w, r, &backupVaultKind, project, (*api.ListNetworksParams)(&params))
}

// CreateBackupVault implements api.ServerInterface.
func (s *operatorServer) CreateBackupVault(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateBackupVaultParams,
) {
	s.create(w, r, &backupVaultKind, project, (*api.CreateNetworkParams)(&params))
}

// GetBackupVault implements api.ServerInterface.
func (s *operatorServer) GetBackupVault(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetBackupVaultParams,
) {
	s.get(w, r, &backupVaultKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateBackupVault implements api.ServerInterface.
func (s *operatorServer) UpdateBackupVault(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateBackupVaultParams,
) {
	s.update(w, r, &backupVaultKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteBackupVault implements api.ServerInterface.
func (s *operatorServer) DeleteBackupVault(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &backupVaultKind, project, id)
}

// ClaimBackupVault implements api.ServerInterface.
func (s *operatorServer) ClaimBackupVault(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &backupVaultKind, project, id)
}

// ListBackupPlans implements api.ServerInterface.
func (s *operatorServer) ListBackupPlans(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListBackupPlansParams,
) {
	s.list(w, r, &backupPlanKind, project, (*api.ListNetworksParams)(&params))
}

// CreateBackupPlan implements api.ServerInterface.
func (s *operatorServer) CreateBackupPlan(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateBackupPlanParams,
) {
	s.create(w, r, &backupPlanKind, project, (*api.CreateNetworkParams)(&params))
}

// GetBackupPlan implements api.ServerInterface.
func (s *operatorServer) GetBackupPlan(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetBackupPlanParams,
) {
	s.get(w, r, &backupPlanKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateBackupPlan implements api.ServerInterface.
func (s *operatorServer) UpdateBackupPlan(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateBackupPlanParams,
) {
	s.update(w, r, &backupPlanKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteBackupPlan implements api.ServerInterface.
func (s *operatorServer) DeleteBackupPlan(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &backupPlanKind, project, id)
}

// ClaimBackupPlan implements api.ServerInterface.
func (s *operatorServer) ClaimBackupPlan(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &backupPlanKind, project, id)
}

// ListBackups implements api.ServerInterface.
func (s *operatorServer) ListBackups(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.ListBackupsParams,
) {
	s.list(w, r, &backupKind, project, (*api.ListNetworksParams)(&params))
}

// CreateBackup implements api.ServerInterface.
func (s *operatorServer) CreateBackup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, params api.CreateBackupParams,
) {
	s.create(w, r, &backupKind, project, (*api.CreateNetworkParams)(&params))
}

// GetBackup implements api.ServerInterface.
func (s *operatorServer) GetBackup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.GetBackupParams,
) {
	s.get(w, r, &backupKind, project, id, (*api.GetNetworkParams)(&params))
}

// UpdateBackup implements api.ServerInterface.
func (s *operatorServer) UpdateBackup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.UpdateBackupParams,
) {
	s.update(w, r, &backupKind, project, id, (*api.UpdateNetworkParams)(&params))
}

// DeleteBackup implements api.ServerInterface.
func (s *operatorServer) DeleteBackup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.remove(w, r, &backupKind, project, id)
}

// ClaimBackup implements api.ServerInterface.
func (s *operatorServer) ClaimBackup(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID,
) {
	s.claim(w, r, &backupKind, project, id)
}

// ListRecoveryPoints implements api.ServerInterface.
func (s *operatorServer) ListRecoveryPoints(
	w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID, params api.ListRecoveryPointsParams,
) {
	var plan *object
	if !s.do(w, r, func(world *world) (p *problem) {
		plan, p = world.known(&backupPlanKind, project, id)
		return p
	}) {
		return
	}
	all, p := s.box.vaults.points(r.Context(), s.world.profile.Name, plan)
	if p != nil {
		p.write(w)
		return
	}
	items, next, p := pageOf(all, params.Limit, params.Cursor)
	if p != nil {
		p.write(w)
		return
	}
	writeJSON(w, http.StatusOK, mustJSON(api.RecoveryPointList{Items: items, NextCursor: next}))
}
