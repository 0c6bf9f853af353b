package backupplan

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// bucketOf is what lets another operator write into a bucket.
func bucketOf(ctx context.Context, op *cloud.Operator, vault cloud.BackupVault) (*cloud.VaultBucket, error) {
	key, err := op.VaultAccess.Mint(ctx, vault.ID, cloud.VaultWish{Role: cloud.VaultWriter})
	if err != nil {
		return nil, err
	}
	return &cloud.VaultBucket{VaultKey: key, RetentionDays: vault.RetentionDays}, nil
}

// hand gives the plan's operator the keys of a bucket that the provider block has now. Where they do not work, or the
// vault's operator is away, those that it has stay.
func hand(ctx context.Context, f *cloud.Federation, change *cloud.Change[cloud.BackupPlanSpec], diags *diag.Diagnostics) {
	s := &change.To
	lifecycle.Glance(ctx, f, s.Vault.Operator, func(ctx context.Context, op *cloud.Operator) {
		if op.BackupVaults == nil || op.VaultAccess == nil {
			return
		}
		vault, err := op.BackupVaults.Get(ctx, s.Vault.ID)
		if err == nil && vault.Bucket {
			s.Vault.Bucket, err = bucketOf(ctx, op, vault)
		}
		var ce *cloud.Error
		if (vault.Bucket && err != nil || lifecycle.UnfitVault(op, err)) && errors.As(err, &ce) {
			diags.AddAttributeWarning(path.Root("vault_id"),
				fmt.Sprintf("The plan keeps the keys that it has of %s", cloud.ID{Operator: op.Name, Object: s.Vault.ID}),
				lifecycle.Paragraphs(ce.Text, "All else is changed. Runs may fail until the plan gets keys that work.", ce.Advice))
		}
	})
}
