// Package backupvault is the service of vaults, in which operators keep the backups of what runs at others.
package backupvault

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// maxDays is what the contract allows.
const maxDays = 3650

// NewResource makes vdam_backup_vault.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.BackupVaultSpec, cloud.BackupVault] {
	return lifecycle.Definition[resourceModel, attributes, cloud.BackupVaultSpec, cloud.BackupVault]{
		Kind: cloud.KindBackupVault, Plural: "backup_vaults", Noun: "backup vault",
		Schema:     vaultSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault] {
			return o.BackupVaults
		},
		Spec: spec, Read: read,
		Replace: []string{"beneficiary"},
		InPlace: []string{
			"name", "description", "labels", "immutability", "retention_days", "quota_gib", "deletion_protection",
		},
		Protection: func(a *attributes) types.Bool { return a.DeletionProtection },
		Plan:       plan,
	}
}

func vaultSchema() schema.Schema {
	keep := []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "Where an operator keeps the backups of what runs at others. What was written cannot be deleted by anybody for " +
			"`immutability.days`, and expires after `retention_days`. Other operators write into it under an agreement with this one: no key of " +
			"the vault passes through Terraform. A bucket that the agency already has is a vault, too: see `backup_buckets` of the provider.",
		Attributes: map[string]schema.Attribute{
			"immutability": schema.SingleNestedAttribute{
				MarkdownDescription: "The lock of what is written (Object Lock of S3). It gets longer and stricter in place, never shorter or weaker.",
				Required:            true,
				Attributes: map[string]schema.Attribute{
					"mode": schema.StringAttribute{
						MarkdownDescription: "Who may end a lock: `governance`, those whom the operator trusts with it; `compliance`, nobody.",
						Required:            true,
						Validators: []validator.String{
							stringvalidator.OneOf(string(cloud.ImmutabilityGovernance), string(cloud.ImmutabilityCompliance)),
						},
					},
					"days": schema.Int64Attribute{
						MarkdownDescription: "For how many days from when it was written nothing can be deleted.",
						Required:            true, Validators: []validator.Int64{int64validator.Between(1, maxDays)},
					},
				},
			},
			"retention_days": schema.Int64Attribute{
				MarkdownDescription: "After how many days what was written expires; `immutability.days` at least. Plans need it to be longer than " +
					"their own `retention` by a day. Changed in place.",
				Required: true, Validators: []validator.Int64{int64validator.Between(1, maxDays)},
			},
			"quota_gib": schema.Int64Attribute{
				MarkdownDescription: "How much may be in it, in GiB. Default is no limit. Changed in place.",
				Optional:            true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"beneficiary": schema.StringAttribute{
				MarkdownDescription: "The operator that alone may write, by the name under which the vault's operator knows it. Default is any that " +
					"has an agreement. A change makes a new vault.",
				Optional: true, Validators: []validator.String{stringvalidator.LengthBetween(1, 63)},
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether destroying or replacing the vault is refused, here at plan and by the operator. Default is `true`. " +
					"Changed in place.",
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"url": schema.StringAttribute{
				MarkdownDescription: "The vault, for other operators. It is no secret: it opens nothing without their agreement.", Computed: true,
				PlanModifiers: keep,
			},
			"used_bytes": schema.Int64Attribute{
				MarkdownDescription: "How much is in it, in bytes; null for a bucket of `backup_buckets`, which is not counted. It is no " +
					"difference when it changes.", Computed: true,
			},
			"simulated": schema.BoolAttribute{
				MarkdownDescription: "Whether the operator, a sandbox, only plays the vault: then nothing locks what is in it.", Computed: true,
				PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseNonNullStateForUnknown()},
			},
		},
	}
}
