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

// NoVault tells why the vault's operator does not say where it is.
func NoVault(operator, id string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s did not show backup vault %q", operator, cloud.ID{Operator: operator, Object: id})
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		return diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), summary, err.Error())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), summary+": "+ce.Reason.Error(),
		Paragraphs(ce.Text, "A plan needs the vault's URL from there. Nothing was made.", ce.Advice,
			RequestLine(ce.RequestID)))
}

// AtVault puts what is wrong with an operator onto the attribute that names it here.
func AtVault(diags diag.Diagnostics) diag.Diagnostics {
	out := make(diag.Diagnostics, len(diags))
	for i, d := range diags {
		out[i] = diag.NewAttributeErrorDiagnostic(path.Root("vault_id"), d.Summary(), d.Detail())
	}
	return out
}
