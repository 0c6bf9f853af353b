package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backup"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backupcoverage"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backupplan"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backuprecoverypoint"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/backupvault"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/clusterbackup"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/clusterbackupplan"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/clusterrestore"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/containercluster"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/image"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/kubernetesversion"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/machinesize"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/network"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/nodepool"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/operator"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/restoredrill"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/securitygroup"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/servicelevelreport"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/serviceticket"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/serviceticketaction"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/serviceticketattachment"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/serviceticketmessage"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/serviceticketwait"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/storagevolume"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/virtualmachine"
	"github.com/vdam-lv/terraform-provider-vdam/internal/services/volumeattachment"
)

// What the provider offers; a service is added here and nowhere else.
var (
	resources = []func() resource.Resource{
		backup.NewResource,
		backupplan.NewResource,
		backupvault.NewResource,
		clusterbackup.NewResource,
		clusterbackupplan.NewResource,
		clusterrestore.NewDrill,
		clusterrestore.NewResource,
		containercluster.NewResource,
		network.NewResource,
		nodepool.NewResource,
		restoredrill.NewResource,
		securitygroup.NewResource,
		serviceticket.NewResource,
		serviceticketattachment.NewResource,
		serviceticketmessage.NewResource,
		serviceticketwait.NewResource,
		storagevolume.NewResource,
		virtualmachine.NewResource,
		volumeattachment.NewResource,
	}
	dataSources = []func() datasource.DataSource{
		backup.NewDataSource, backup.NewListDataSource,
		backupcoverage.NewDataSource,
		backupplan.NewDataSource, backupplan.NewListDataSource,
		backuprecoverypoint.NewListDataSource,
		backupvault.NewDataSource, backupvault.NewListDataSource,
		clusterbackup.NewDataSource, clusterbackup.NewListDataSource,
		clusterbackupplan.NewDataSource, clusterbackupplan.NewListDataSource,
		containercluster.NewDataSource, containercluster.NewListDataSource,
		image.NewDataSource, image.NewListDataSource,
		kubernetesversion.NewListDataSource,
		machinesize.NewListDataSource,
		network.NewDataSource, network.NewListDataSource,
		nodepool.NewDataSource, nodepool.NewListDataSource,
		operator.NewDataSource, operator.NewListDataSource,
		securitygroup.NewDataSource, securitygroup.NewListDataSource,
		servicedesk.NewDataSource,
		servicelevelreport.NewDataSource,
		serviceticket.NewDataSource, serviceticket.NewListDataSource,
		serviceticketmessage.NewListDataSource,
		storagevolume.NewDataSource, storagevolume.NewListDataSource,
		virtualmachine.NewDataSource, virtualmachine.NewListDataSource,
		volumeattachment.NewDataSource, volumeattachment.NewListDataSource,
	}
	listResources = []func() list.ListResource{
		backup.NewListResource,
		backupplan.NewListResource,
		backupvault.NewListResource,
		clusterbackup.NewListResource,
		clusterbackupplan.NewListResource,
		containercluster.NewListResource,
		network.NewListResource,
		nodepool.NewListResource,
		securitygroup.NewListResource,
		serviceticket.NewListResource,
		storagevolume.NewListResource,
		virtualmachine.NewListResource,
		volumeattachment.NewListResource,
	}
	ephemeralResources = []func() ephemeral.EphemeralResource{
		backupvault.NewCredentials,
		containercluster.NewAccess,
	}
	actions = []func() action.Action{
		backup.NewAction,
		restoredrill.NewAction,
		serviceticketaction.NewClose,
		serviceticketaction.NewComment,
	}
)
