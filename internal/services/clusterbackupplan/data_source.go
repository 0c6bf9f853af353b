package clusterbackupplan

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewDataSource makes data.vdam_container_cluster_backup_plan.
func NewDataSource() datasource.DataSource { return lifecycle.NewDataSource(definition()) }

// NewListDataSource makes data.vdam_container_cluster_backup_plans.
func NewListDataSource() datasource.DataSource { return lifecycle.NewListDataSource(definition()) }
