package backupvault

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// attributes are what an operator answers; resource and data sources share them.
type attributes struct {
	lifecycle.Base
	lifecycle.Named
	Immutability       types.Object `tfsdk:"immutability"`
	RetentionDays      types.Int64  `tfsdk:"retention_days"`
	QuotaGiB           types.Int64  `tfsdk:"quota_gib"`
	Beneficiary        types.String `tfsdk:"beneficiary"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
	URL                types.String `tfsdk:"url"`
	UsedBytes          types.Int64  `tfsdk:"used_bytes"`
	Simulated          types.Bool   `tfsdk:"simulated"`
}

type resourceModel struct {
	attributes
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

type immutabilityModel struct {
	Mode types.String `tfsdk:"mode"`
	Days types.Int64  `tfsdk:"days"`
}

var immutabilityTypes = map[string]attr.Type{"mode": types.StringType, "days": types.Int64Type}

// immutability decodes the lock; what is not known yet is unknown in it.
func immutability(ctx context.Context, o types.Object, diags *diag.Diagnostics) immutabilityModel {
	m := immutabilityModel{types.StringUnknown(), types.Int64Unknown()}
	if !o.IsNull() && !o.IsUnknown() {
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
	}
	return m
}

func spec(ctx context.Context, m, _ *resourceModel, diags *diag.Diagnostics) cloud.BackupVaultSpec {
	lock := immutability(ctx, m.Immutability, diags)
	return cloud.BackupVaultSpec{
		SpecMeta:           m.SpecMeta(ctx, diags),
		Immutability:       cloud.Immutability{Mode: cloud.ImmutabilityMode(lock.Mode.ValueString()), Days: lock.Days.ValueInt64()},
		RetentionDays:      m.RetentionDays.ValueInt64(),
		QuotaGiB:           m.QuotaGiB.ValueInt64(),
		Beneficiary:        m.Beneficiary.ValueString(),
		DeletionProtection: m.DeletionProtection.ValueBool(),
	}
}

func read(ctx context.Context, _ string, v cloud.BackupVault, a *attributes, diags *diag.Diagnostics) {
	var d diag.Diagnostics
	a.Immutability, d = types.ObjectValueFrom(ctx, immutabilityTypes, immutabilityModel{
		types.StringValue(string(v.Immutability.Mode)), types.Int64Value(v.Immutability.Days),
	})
	diags.Append(d...)
	a.RetentionDays = types.Int64Value(v.RetentionDays)
	a.QuotaGiB = types.Int64Null()
	if v.QuotaGiB > 0 {
		a.QuotaGiB = types.Int64Value(v.QuotaGiB)
	}
	a.Beneficiary = lifecycle.OptionalString(v.Beneficiary)
	a.DeletionProtection = types.BoolValue(v.DeletionProtection)
	a.URL = lifecycle.OptionalString(v.URL)
	a.UsedBytes, a.Simulated = types.Int64Value(v.UsedBytes), types.BoolValue(v.Simulated)
	if v.Bucket {
		a.UsedBytes = types.Int64Null()
	}
}
