package clusterbackup

import (
	"github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewListResource makes the list resource vdam_container_cluster_backup.
func NewListResource() list.ListResource { return lifecycle.NewListResource(definition()) }
