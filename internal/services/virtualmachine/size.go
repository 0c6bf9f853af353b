package virtualmachine

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// checkSize refuses a size that no family has.
func checkSize(op *cloud.Operator, vcpus, memoryMiB int64, diags *diag.Diagnostics) {
	lifecycle.CheckSize(op, path.Empty(), vcpus, memoryMiB, diags)
}
