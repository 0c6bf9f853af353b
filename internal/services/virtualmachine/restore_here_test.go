package virtualmachine

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestRestoreIntoAVolume says how a machine is restored where this machine would have to fill its boot disk.
func TestRestoreIntoAVolume(t *testing.T) {
	op := &cloud.Operator{Name: "lnb", Capabilities: cloud.Capabilities{
		BackupsRunHere: true, Kinds: map[cloud.Kind]cloud.KindCapabilities{cloud.KindBackupVault: {}},
	}}
	from := map[string]attr.Value{
		"vault_id": types.StringValue("lnb/vault-1"), "encryption_key_wo": types.StringNull(),
		"recovery_point_id": types.StringValue("point-1"), "source_id": types.StringNull(),
	}
	fields := map[string]attr.Type{}
	for name := range from {
		fields[name] = types.StringType
	}
	p := &planned{Operator: op, Plan: &resourceModel{RestoreFrom: types.ObjectValueMust(fields, from)}, Config: &resourceModel{}}
	p.Config.RestoreFrom = p.Plan.RestoreFrom
	planRestore(t.Context(), p, bootDiskModel{SizeGiB: types.Int64Value(8)})
	if len(p.Diagnostics) != 1 || p.Diagnostics[0].(diag.DiagnosticWithPath).Path().String() != "restore_from" ||
		!strings.Contains(p.Diagnostics[0].Detail(), "set boot_volume_id to its id") {
		t.Errorf("got %v; want the advice to restore a volume and boot that", p.Diagnostics)
	}
}
