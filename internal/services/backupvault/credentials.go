// Package backupvault is the service of where operators keep the backups of what runs at others.
package backupvault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

const (
	defaultTTL = time.Hour
	// shortestTTL is what the clocks of a vault and of whoever uses the key may be apart, and then some.
	shortestTTL = 5 * time.Minute
	// longestTTL is the contract's.
	longestTTL = 7 * 24 * time.Hour
	keyOf      = "a key of a backup vault"
)

// credentials mints a key for one run. It is in no state, no plan and no log.
type credentials struct{ federation *cloud.Federation }

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*credentials)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*credentials)(nil)
)

// NewCredentials makes the ephemeral resource vdam_backup_vault_credentials.
func NewCredentials() ephemeral.EphemeralResource { return &credentials{} }

type credentialsModel struct {
	VaultID         types.String         `tfsdk:"vault_id"`
	Role            types.String         `tfsdk:"role"`
	TTL             timetypes.GoDuration `tfsdk:"ttl"`
	Endpoint        types.String         `tfsdk:"endpoint"`
	Region          types.String         `tfsdk:"region"`
	Bucket          types.String         `tfsdk:"bucket"`
	Prefix          types.String         `tfsdk:"prefix"`
	CACertificate   types.String         `tfsdk:"ca_certificate"`
	AccessKeyID     types.String         `tfsdk:"access_key_id"`
	SecretAccessKey types.String         `tfsdk:"secret_access_key"`
	ExpiresAt       timetypes.RFC3339    `tfsdk:"expires_at"`
}

// Metadata names the type.
func (c *credentials) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_vault_credentials"
}

// Configure takes the federation over from the provider.
func (c *credentials) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	c.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Schema implements ephemeral.EphemeralResource.
func (c *credentials) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Mints a key of a backup vault for this run. It lives as long as `ttl` says, is revoked when the run is over, " +
			"and is in no state, no plan and no log. Backup plans need none: operators write under an agreement of their own. It is for other " +
			"tools that speak S3, such as `vdam-restore` or Velero.",
		Attributes: map[string]schema.Attribute{
			"vault_id": schema.StringAttribute{MarkdownDescription: "The vault, `<operator>/<id>`.", Required: true},
			"role": schema.StringAttribute{
				MarkdownDescription: "`writer`, which puts, gets and lists, or `reader`, which gets and lists, and puts below `restores/` only. " +
					"Neither deletes.", Required: true,
				Validators: []validator.String{stringvalidator.OneOf(string(cloud.VaultWriter), string(cloud.VaultReader))},
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long it lives: longer than the run may take. From `5m` to `168h`, default is `1h`.",
				CustomType:          timetypes.GoDurationType{}, Optional: true,
			},
			"endpoint":       text("URL of the S3."),
			"region":         text("Region that requests are signed for."),
			"bucket":         text("The bucket."),
			"prefix":         text("What the names of objects begin with; null if it is the whole bucket."),
			"ca_certificate": text("Certificate of its authority, PEM; null if a public one has signed."),
			"access_key_id":  text("Access key."),
			"secret_access_key": schema.StringAttribute{
				MarkdownDescription: "Secret key.", Computed: true, Sensitive: true,
			},
			"expires_at": schema.StringAttribute{
				MarkdownDescription: "When it ends (RFC 3339, UTC); null for a bucket of `backup_buckets`, whose keys are those of the " +
					"provider block and end when whoever made them says so.", CustomType: timetypes.RFC3339Type{}, Computed: true,
			},
		},
	}
}

// Open mints.
func (c *credentials) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	defer lifecycle.Recovered(ctx, keyOf, &resp.Diagnostics)
	var m credentialsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	op, id := c.vault(ctx, m.VaultID, &resp.Diagnostics)
	ttl := ttlOf(m.TTL, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	minted, err := op.VaultAccess.Mint(ctx, id.Object, cloud.VaultWish{Role: cloud.VaultRole(m.Role.ValueString()), TTL: ttl})
	if err != nil {
		resp.Diagnostics.Append(lifecycle.RefusedFor(path.Root("vault_id"),
			fmt.Sprintf("%s minted no key of backup vault %s", op.Name, id), op.Name, err))
		return
	}
	m.fill(minted)
	kept := lifecycle.Issued{Operator: op.Name, Object: id.Object, Credential: minted.ID}
	resp.Diagnostics.Append(kept.Keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// vault finds the operator of a vault.
func (c *credentials) vault(ctx context.Context, reference types.String, diags *diag.Diagnostics) (*cloud.Operator, cloud.ID) {
	at := path.Root("vault_id")
	op, id, ok := lifecycle.OpenReferred(ctx, c.federation, at, reference, cloud.KindBackupVault, "backup vault", diags)
	if ok && op.VaultAccess == nil {
		diags.AddAttributeError(at, op.Name+" keeps no backups of others", "Choose a vault of another operator.")
	}
	return op, id
}

func ttlOf(wanted timetypes.GoDuration, diags *diag.Diagnostics) time.Duration {
	if wanted.IsNull() {
		return defaultTTL
	}
	ttl, d := wanted.ValueGoDuration()
	diags.Append(d...)
	if ttl < shortestTTL || ttl > longestTTL {
		diags.AddAttributeError(path.Root("ttl"), fmt.Sprintf("A key of a vault lives from %s to %s, not %s", shortestTTL, longestTTL, ttl),
			"Write a time between, and run again for more.")
	}
	return ttl
}

func (m *credentialsModel) fill(k cloud.VaultKey) {
	m.Endpoint, m.Region, m.Bucket = types.StringValue(k.Endpoint), types.StringValue(k.Region), types.StringValue(k.Bucket)
	m.Prefix, m.CACertificate = lifecycle.OptionalString(k.Prefix), lifecycle.OptionalString(k.CACertificate)
	m.AccessKeyID, m.SecretAccessKey = types.StringValue(k.AccessKeyID), types.StringValue(k.SecretKey)
	m.ExpiresAt = lifecycle.Timestamp(k.ExpiresAt)
}

// Close revokes what Open has minted.
func (c *credentials) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	defer lifecycle.Recovered(ctx, keyOf, &resp.Diagnostics)
	op, i := lifecycle.IssuedOf(ctx, c.federation, req.Private, &resp.Diagnostics)
	if op == nil || op.VaultAccess == nil {
		return
	}
	if err := op.VaultAccess.Revoke(ctx, i.Object, i.Credential); err != nil && !errors.Is(err, cloud.ErrNotFound) {
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s did not revoke a key of the backup vault %s", op.Name, i.Object),
			"It ends by itself, at the time that ttl has set.")
	}
}
