package clusterbackupplan

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// vault is one that keeps what was written for ten days.
type vault struct {
	cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault]
}

func (vault) Get(context.Context, string) (cloud.BackupVault, error) {
	return cloud.BackupVault{Meta: cloud.Meta{Name: "registry"}, RetentionDays: 10}, nil
}

// TestRetentionIsNotRaised beyond that of the vault by a change, and keeps nothing else from being changed.
func TestRetentionIsNotRaised(t *testing.T) {
	f := cloud.NewFederation(true, map[string]cloud.Opener{"y": func(context.Context) (*cloud.Operator, error) {
		return &cloud.Operator{Name: "y", BackupVaults: vault{}}, nil
	}})
	for _, c := range []struct {
		from, to time.Duration
		refused  bool
	}{{day, 10 * day, false}, {day, 11 * day, true}, {12 * day, 12 * day, false}} {
		at := cloud.VaultReference{Operator: "y", ID: "v"}
		var diags diag.Diagnostics
		hand(t.Context(), f, &cloud.Change[cloud.ClusterBackupPlanSpec]{
			From: cloud.ClusterBackupPlanSpec{Vault: at, Retention: c.from}, To: cloud.ClusterBackupPlanSpec{Vault: at, Retention: c.to},
		}, &diags)
		if diags.HasError() != c.refused {
			t.Errorf("a change of retention from %s to %s: %v", c.from, c.to, diags)
		}
	}
}
