package backupplan

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

const day = 24 * time.Hour

// plan refuses what would not protect, as far as it can be seen.
func plan(ctx context.Context, p *lifecycle.Planning[resourceModel]) {
	// Runs come and go while the plan is looked at.
	p.Plan.LastSuccessAt, p.Plan.NextRunAt = timetypes.NewRFC3339Unknown(), timetypes.NewRFC3339Unknown()
	p.Plan.LastError, p.Plan.Stale = types.StringUnknown(), types.BoolUnknown()
	p.Plan.Protected, p.Plan.LastDrill = types.ListUnknown(protectedType), types.ObjectUnknown(lifecycle.DrillType.AttrTypes)
	if p.State == nil || !p.Plan.EncryptionKeyWOVersion.Equal(p.State.EncryptionKeyWOVersion) {
		p.Plan.KeyFingerprint = types.StringUnknown()
	}
	operator := p.Plan.Operator.ValueString()
	for _, v := range p.Plan.Sources.Elements() {
		if source, ok := v.(types.String); ok {
			lifecycle.CheckReference(&p.Diagnostics, path.Root("sources"), operator, "storage volume or virtual machine", source)
		}
	}
	lifecycle.CheckRPO(&p.Diagnostics, p.Plan.RPO, p.Plan.Schedule)
	checkAttended(p)
	if !lifecycle.CheckReference(&p.Diagnostics, path.Root("vault_id"), "", "backup vault", p.Plan.VaultID) {
		return
	}
	vault, _ := cloud.ParseID(p.Plan.VaultID.ValueString())
	if !lifecycle.CheckOtherOperator(ctx, p.Federation, &p.Diagnostics, operator, vault, p.Plan.AllowSameOperator) {
		return
	}
	checkVault(ctx, p, vault)
}

// checkAttended refuses what nobody is there to do where backups are made by the machine that runs Terraform.
func checkAttended(p *lifecycle.Planning[resourceModel]) {
	op := p.Operator
	if op == nil || !op.Capabilities.BackupsRunHere {
		return
	}
	refuse := func(attribute string) {
		p.Diagnostics.AddAttributeError(path.Root(attribute), "Backups of "+op.Name+" are made by the machine that runs Terraform",
			"Nobody would be there to begin a scheduled run. Leave out schedule and paused, and run Terraform by the schedule of a pipeline, "+
				"with a vdam_backup whose keepers change.")
	}
	if !p.Plan.Schedule.IsNull() {
		refuse("schedule")
	}
	if p.Plan.Paused.ValueBool() {
		refuse("paused")
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
		refusal := tooLong(vault, lifecycle.Duration(p.Plan.Retention, &p.Diagnostics))
		switch {
		case refusal == nil:
		case vault.Bucket:
			p.Diagnostics.Append(refusal)
		default:
			// The vault may be about to keep it longer: nobody sees here what else the apply is to do.
			p.Diagnostics.AddAttributeWarning(path.Root("retention"), refusal.Summary(),
				"That is how the vault is now: the apply is refused unless it raises retention_days, too. "+refusal.Detail())
		}
	}
	lifecycle.GlanceVault(ctx, p.Federation, &p.Diagnostics, p.Plan.Operator.ValueString(), id, look)
}

// tooLong tells of a promise that the vault does not let anybody keep; nil for one that it does.
func tooLong(vault cloud.BackupVault, retention time.Duration) diag.Diagnostic {
	longest := time.Duration(vault.RetentionDays-1) * day
	if retention <= longest {
		return nil
	}
	needed := int64((retention+day-1)/day) + 1
	advice := fmt.Sprintf("Set retention_days of vault %q to %d or more.", vault.Name, needed)
	if longest >= leastRetention {
		advice = fmt.Sprintf("Set retention to %s or less, or retention_days of vault %q to %d or more.",
			lifecycle.ShortDuration(longest), vault.Name, needed)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("retention"),
		fmt.Sprintf("A retention of %s is too long for a vault that keeps what was written for %d days",
			lifecycle.ShortDuration(retention), vault.RetentionDays),
		"A recovery point relies on what earlier runs have written, so it is certain for a day less at most than that is kept. "+advice)
}

// complete gets the vault's URL from its own operator, and tells there what the plan could not see yet.
func complete(ctx context.Context, f *cloud.Federation, s *cloud.BackupPlanSpec, diags *diag.Diagnostics) {
	op, vault, ok := lifecycle.OpenVault(ctx, f, s.Vault, diags)
	if !ok {
		return
	}
	if refusal := tooLong(vault, s.Retention); refusal != nil {
		diags.Append(refusal)
	}
	s.Vault.URL = vault.URL
	if vault.Bucket && !diags.HasError() {
		var err error
		if s.Vault.Bucket, err = bucketOf(ctx, op, vault); err != nil {
			diags.Append(lifecycle.UnusableVault(cloud.ID{Operator: op.Name, Object: vault.ID}, err, "Nothing was made."))
		}
	}
}
