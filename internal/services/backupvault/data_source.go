package backupvault

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewDataSource makes data.vdam_backup_vault.
func NewDataSource() datasource.DataSource { return lifecycle.NewDataSource(definition()) }

// NewListDataSource makes data.vdam_backup_vaults.
func NewListDataSource() datasource.DataSource { return lifecycle.NewListDataSource(definition()) }
