package clusterbackupplan

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

const (
	day = 24 * time.Hour
	// longestName leaves room for what makes the names of backups differ, in the 63 letters that Kubernetes has for labels.
	longestName = 36
)

// plan refuses what would not protect, as far as it can be seen.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	// Runs come and go while the plan is looked at.
	p.Plan.LastSuccessAt, p.Plan.NextRunAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	p.Plan.LastBackupName, p.Plan.LastBackupItems = types.StringUnknown(), types.Int64Unknown()
	p.Plan.LastError, p.Plan.Stale, p.Plan.AgentVersion = types.StringUnknown(), types.BoolUnknown(), types.StringUnknown()
	operator := p.Plan.Operator.ValueString()
	if n := len(p.Plan.Name.ValueString()); n > longestName {
		p.Diagnostics.AddAttributeError(path.Root("name"), fmt.Sprintf("A name of %d letters is too long for this", n),
			fmt.Sprintf("The backups are called after it, with the time and more behind it. Choose one of up to %d.", longestName))
	}
	if p.Plan.VolumeData.ValueString() == string(cloud.VolumeDataFileSystem) {
		p.Diagnostics.AddAttributeWarning(path.Root("volume_data"), "The backup of files in volumes was not tried by this provider's project",
			"It is Velero's own, needs its node agent on every node, and reads files while they are in use. Restore such a volume once, and look "+
				"at what is in it: a vdam_container_cluster_restore_drill does not.")
	}
	lifecycle.CheckReference(&p.Diagnostics, path.Root("cluster_id"), operator, "container cluster", p.Plan.ClusterID)
	lifecycle.CheckRPO(&p.Diagnostics, p.Plan.RPO, p.Plan.Schedule)
	if !lifecycle.CheckReference(&p.Diagnostics, path.Root("vault_id"), "", "backup vault", p.Plan.VaultID) {
		return
	}
	vault, _ := cloud.ParseID(p.Plan.VaultID.ValueString())
	if lifecycle.CheckOtherOperator(ctx, p.Federation, &p.Diagnostics, operator, vault, p.Plan.AllowSameOperator) {
		checkVault(ctx, p, vault)
	}
}

// checkVault holds the plan against the vault. What cannot be seen there now the apply tells.
func checkVault(ctx context.Context, p *lifecycle.Planning[resourceModel], id cloud.ID) {
	if s := p.State; s != nil && p.Federation.Has(id.Operator) && s.VaultID.Equal(p.Plan.VaultID) && s.Retention.Equal(p.Plan.Retention) {
		return
	}
	look := func(vault cloud.BackupVault) {
		if p.Plan.Retention.IsUnknown() {
			return
		}
		if refusal := tooLong(vault, lifecycle.Duration(p.Plan.Retention, &p.Diagnostics)); refusal != nil {
			// The vault may be about to keep it longer: nobody sees here what else the apply is to do.
			p.Diagnostics.AddAttributeWarning(path.Root("retention"), refusal.Summary(),
				"That is how the vault is now: the apply is refused unless it raises retention_days, too. "+refusal.Detail())
		}
	}
	lifecycle.GlanceVault(ctx, p.Federation, &p.Diagnostics, p.Plan.Operator.ValueString(), id, look)
}

// tooLong tells of a promise that the vault does not let anybody keep; nil for one that it does.
func tooLong(vault cloud.BackupVault, retention time.Duration) diag.Diagnostic {
	if retention <= time.Duration(vault.RetentionDays)*day {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("retention"),
		fmt.Sprintf("A retention of %s is too long for a vault that keeps what was written for %d days",
			lifecycle.ShortDuration(retention), vault.RetentionDays),
		fmt.Sprintf("Set retention to %dh or less, or retention_days of vault %q to %d or more.",
			vault.RetentionDays*24, vault.Name, int64((retention+day-1)/day)))
}

// complete gets the vault's URL from its own operator, and tells there what the plan could not see yet.
func complete(ctx context.Context, f *cloud.Federation, s *cloud.ClusterBackupPlanSpec, diags *diag.Diagnostics) {
	_, vault, ok := lifecycle.OpenVault(ctx, f, s.Vault, diags)
	if !ok {
		return
	}
	if refusal := tooLong(vault, s.Retention); refusal != nil {
		diags.Append(refusal)
	}
	s.Vault.URL = vault.URL
}

// hand refuses a change to what the vault does not let anybody keep, as complete does at first.
func hand(
	ctx context.Context, f *cloud.Federation, change *cloud.Change[cloud.ClusterBackupPlanSpec], diags *diag.Diagnostics,
) {
	if change.From.Retention == change.To.Retention {
		return // The vault may have been changed since: all else has to go on.
	}
	lifecycle.Glance(ctx, f, change.To.Vault.Operator, func(ctx context.Context, op *cloud.Operator) {
		if op.BackupVaults == nil {
			return
		}
		vault, err := op.BackupVaults.Get(ctx, change.To.Vault.ID)
		if err != nil {
			return
		}
		if refusal := tooLong(vault, change.To.Retention); refusal != nil {
			diags.Append(refusal)
		}
	})
}
