package selfservice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// driverName is what an operator's kind says in the configuration and in the directory.
const driverName = "selfservice"

// Options is what opening an operator needs.
type Options struct {
	// Name is the operator's key in the provider's configuration.
	Name    string
	Project string
	// HTTP authenticates and retries.
	HTTP *http.Client
	// Discovery is what Discover answered.
	Discovery *Discovery
}

// Open makes an operator's client. It reads the catalogue and the project at once, so that wrong credentials and a
// wrong project are told apart here, once, and not by every object.
func Open(ctx context.Context, o Options) (*cloud.Operator, error) {
	s, err := newSession(o.Name, o.Project, o.Discovery.endpoint, o.HTTP)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	var catalogue cloud.Catalogue
	var catalogueErr, projectErr error
	wg.Go(func() { catalogue, catalogueErr = s.catalogue(ctx) })
	wg.Go(func() { projectErr = s.checkProject(ctx) })
	wg.Wait()
	if err := cmp.Or(projectErr, catalogueErr); err != nil {
		return nil, err
	}
	return s.open(o.Discovery, catalogue), nil
}

// open puts the operator together.
func (s *session) open(d *Discovery, catalogue cloud.Catalogue) *cloud.Operator {
	doc := d.document
	capabilities := capabilitiesOf(doc.Capabilities)
	s.longPoll = capabilities.LongPoll
	op := &cloud.Operator{
		Name:        s.operator,
		LegalName:   doc.LegalName,
		Description: deref(doc.Description),
		Driver:      driverName,
		Endpoint:    d.endpoint,
		Project:     s.project,
		Qualification: cloud.Qualification{
			Tier: int64(doc.Qualification.Tier), RackUnits: int64(doc.Qualification.RackUnits),
			VirsisID: deref(doc.Qualification.VirsisId),
		},
		Capabilities:      capabilities,
		Catalogue:         catalogue,
		Images:            images{s},
		Networks:          networks(s),
		SecurityGroups:    securityGroups(s),
		StorageVolumes:    storageVolumes(s),
		VirtualMachines:   virtualMachines(s),
		VolumeAttachments: volumeAttachments(s),
	}
	if capabilities.Offers(cloud.KindContainerCluster) {
		op.ContainerClusters, op.NodePools, op.ClusterAccess = containerClusters(s), nodePools(s), clusterAccess{s}
	}
	if capabilities.Offers(cloud.KindBackupVault) {
		op.BackupVaults, op.VaultAccess = backupVaults(s), vaultAccess{s}
	}
	if capabilities.Offers(cloud.KindBackupPlan) {
		op.BackupPlans, op.RecoveryPoints, op.DrillLog = backupPlans(s), recoveryPoints{s}, drillLog{s}
	}
	if capabilities.Offers(cloud.KindBackup) {
		op.Backups = backups(s)
	}
	return op
}

// checkProject asks whether the project is there. A misspelt one would make every object look deleted, and a refresh
// would empty the state. Credentials that may not read the project itself are good enough.
func (s *session) checkProject(ctx context.Context) error {
	_, err := s.readProject(ctx)
	return err
}

// readProject asks for the project, which is empty for credentials that may not read it.
func (s *session) readProject(ctx context.Context) (p api.Project, err error) {
	err = s.read(func() (*http.Response, error) { return s.client.GetProject(ctx, s.project) }, func(a answer) error {
		p = api.Project{}
		return a.Decode(&p)
	})
	var e *cloud.Error
	switch {
	case errors.Is(err, cloud.ErrForbidden):
		return api.Project{}, nil
	case errors.Is(err, cloud.ErrNotFound) && errors.As(err, &e):
		e.Reason = cloud.ErrInvalid
		e.Text = fmt.Sprintf("There is no project %q that these credentials may use.", s.project)
		e.Advice = "Correct the operator's project, or ask the operator for access to it."
	}
	return p, err
}
