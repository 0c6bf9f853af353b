package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// CheckOtherOperator refuses a vault at the operator of what it is to protect, unless that is allowed. It reports false if
// there is nothing more to be said of the vault.
func CheckOtherOperator(
	ctx context.Context, f *cloud.Federation, diags *diag.Diagnostics, operator string, vault cloud.ID, allowed types.Bool,
) bool {
	if operator != vault.Operator || allowed.IsUnknown() || allowed.ValueBool() {
		return true
	}
	diags.AddAttributeError(path.Root("vault_id"), fmt.Sprintf("The vault is at %s, as is what it is to protect", operator),
		Paragraphs("A failure of "+operator+" as a whole would take the backups along. "+
			OfferedBy(ctx, f, cloud.KindBackupVault, operator),
			"If the backups are to stay at the same operator nevertheless, set allow_same_operator = true."))
	return false
}

// OpenVault reads the vault that a plan names from its own operator, before anything is made; ok is false if it cannot be had.
func OpenVault(
	ctx context.Context, f *cloud.Federation, named cloud.VaultReference, diags *diag.Diagnostics,
) (op *cloud.Operator, vault cloud.BackupVault, ok bool) {
	var opening diag.Diagnostics
	op, ok = OpenOperator(ctx, f, types.StringValue(named.Operator), &opening)
	if diags.Append(atVault(opening)...); !ok {
		return nil, vault, false
	}
	if op.BackupVaults == nil {
		diags.AddAttributeError(path.Root("vault_id"), op.Name+" keeps no backup vaults",
			Paragraphs("Nothing was made.", OfferedBy(ctx, f, cloud.KindBackupVault)))
		return nil, vault, false
	}
	vault, err := op.BackupVaults.Get(ctx, named.ID)
	if err != nil {
		diags.Append(noVault(op.Name, named.ID, err))
		return nil, vault, false
	}
	return op, vault, true
}

// GlanceVault shows a plan of an operator the vault that it names, as far as that can be seen, and refuses one that no apply can
// mend.
func GlanceVault(
	ctx context.Context, f *cloud.Federation, diags *diag.Diagnostics, operator string, id cloud.ID, look func(cloud.BackupVault),
) {
	if !f.Has(id.Operator) {
		var opening diag.Diagnostics
		OpenOperator(ctx, f, types.StringValue(id.Operator), &opening)
		diags.Append(atVault(opening)...)
		return
	}
	Glance(ctx, f, id.Operator, func(ctx context.Context, op *cloud.Operator) {
		if op.BackupVaults == nil {
			diags.AddAttributeError(path.Root("vault_id"), op.Name+" keeps no backup vaults",
				OfferedBy(ctx, f, cloud.KindBackupVault, operator))
			return
		}
		vault, err := op.BackupVaults.Get(ctx, id.Object)
		switch {
		case UnfitVault(op, err):
			diags.Append(UnusableVault(id, err, ""))
		case err == nil:
			look(vault)
		}
	})
}

// UnfitVault reports whether an apply cannot mend why a vault is not shown: it is a bucket that is wrong, or that nobody has
// configured.
func UnfitVault(op *cloud.Operator, err error) bool {
	alone := op.Capabilities.Kinds[cloud.KindBackupVault].Configured
	return errors.Is(err, cloud.ErrInvalid) || alone && errors.Is(err, cloud.ErrNotFound)
}

// UnusableVault tells what is wrong with a bucket.
func UnusableVault(id cloud.ID, err error, made string) diag.Diagnostic {
	text, advice := err.Error(), ""
	var ce *cloud.Error
	if errors.As(err, &ce) {
		text, advice = ce.Text, ce.Advice
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), fmt.Sprintf("Backup vault %q cannot be used as it is", id),
		Paragraphs(text, made, advice))
}

// noVault tells why the vault's operator does not say where it is.
func noVault(operator, id string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s did not show backup vault %q", operator, cloud.ID{Operator: operator, Object: id})
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		return diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), summary, err.Error())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), summary+": "+ce.Reason.Error(),
		Paragraphs(ce.Text, "A plan needs the vault's URL from there. Nothing was made.", ce.Advice,
			RequestLine(ce.RequestID)))
}

// atVault puts what is wrong with an operator onto the attribute that names it here.
func atVault(diags diag.Diagnostics) diag.Diagnostics {
	out := make(diag.Diagnostics, len(diags))
	for i, d := range diags {
		out[i] = diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), d.Summary(), d.Detail())
	}
	return out
}
