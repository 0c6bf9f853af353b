package containercluster

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
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
	defaultTTL = 15 * time.Minute
	// shortestTTL is what the clocks of a cluster and of whoever uses the credentials may be apart, and then some.
	shortestTTL = 5 * time.Minute
	accessOf    = "access to a container cluster"
)

// access mints credentials for one run. They are in no state, no plan and no log.
type access struct{ federation *cloud.Federation }

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*access)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*access)(nil)
)

// NewAccess makes the ephemeral resource vdam_container_cluster_access.
func NewAccess() ephemeral.EphemeralResource { return &access{} }

type accessModel struct {
	ClusterID            types.String         `tfsdk:"cluster_id"`
	Role                 types.String         `tfsdk:"role"`
	TTL                  timetypes.GoDuration `tfsdk:"ttl"`
	Host                 types.String         `tfsdk:"host"`
	ClusterCACertificate types.String         `tfsdk:"cluster_ca_certificate"`
	ClientCertificate    types.String         `tfsdk:"client_certificate"`
	ClientKey            types.String         `tfsdk:"client_key"`
	Token                types.String         `tfsdk:"token"`
	Kubeconfig           types.String         `tfsdk:"kubeconfig"`
	ExpiresAt            timetypes.RFC3339    `tfsdk:"expires_at"`
}

// Metadata names the type.
func (a *access) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_container_cluster_access"
}

// Configure takes the federation over from the provider.
func (a *access) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	a.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Schema implements ephemeral.EphemeralResource.
func (a *access) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	secret := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, Sensitive: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Mints credentials of a cluster for this run. They live as long as `ttl` says, are revoked when the run is over " +
			"where " +
			"the operator can do that, and are in no state, no plan and no log.",
		Attributes: map[string]schema.Attribute{
			"cluster_id": schema.StringAttribute{MarkdownDescription: "The cluster, `<operator>/<id>`.", Required: true},
			"role": schema.StringAttribute{
				MarkdownDescription: "`admin`, or `viewer`: Kubernetes' `view`, which shows no secrets, plus nodes, volumes and storage " +
					"classes. Default is `admin`.", Optional: true, Computed: true,
				Validators: []validator.String{stringvalidator.OneOf("admin", "viewer")},
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long they live, such as `1h`: longer than the run may take. Default is `15m`, the least `5m`.",
				CustomType:          timetypes.GoDurationType{}, Optional: true,
			},
			"host":                   text("URL of the cluster's API."),
			"cluster_ca_certificate": text("Certificate of its authority, PEM."),
			"client_certificate":     text("Client certificate, PEM; null if there is a token instead."),
			"client_key":             secret("Key of the client certificate, PEM."),
			"token":                  secret("Bearer token; null if there is a client certificate instead."),
			"kubeconfig":             secret("All of it as a kubeconfig file."),
			"expires_at": schema.StringAttribute{
				MarkdownDescription: "When they end (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
			},
		},
	}
}

// Open mints.
func (a *access) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	defer lifecycle.Recovered(ctx, accessOf, &resp.Diagnostics)
	var m accessModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	at, kind := path.Root("cluster_id"), cloud.KindContainerCluster
	op, id, ok := lifecycle.OpenReferred(ctx, a.federation, at, m.ClusterID, kind, "container cluster", &resp.Diagnostics)
	if !ok {
		return
	}
	if op.ClusterAccess == nil {
		resp.Diagnostics.AddAttributeError(at, op.Name+" offers no container clusters",
			"Choose a cluster of another operator.")
		return
	}
	ttl := ttlOf(op, m.TTL, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.Role.IsNull() {
		m.Role = types.StringValue("admin")
	}
	minted, err := op.ClusterAccess.Mint(ctx, id.Object, cloud.AccessWish{Role: m.Role.ValueString(), TTL: ttl})
	if err != nil {
		resp.Diagnostics.Append(lifecycle.RefusedFor(at,
			fmt.Sprintf("%s minted no credentials for container cluster %s", op.Name, id), op.Name, err))
		return
	}
	warnOfLasting(op, id, minted, &resp.Diagnostics)
	m.fill(id, minted)
	kept := lifecycle.Issued{Operator: op.Name, Object: id.Object, Credential: minted.ID}
	resp.Diagnostics.Append(kept.Keep(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// warnOfLasting tells of credentials that do not end when they are to.
func warnOfLasting(op *cloud.Operator, id cloud.ID, minted cloud.Access, diags *diag.Diagnostics) {
	if op.Capabilities.Clusters.ShortLivedCredentials {
		return
	}
	diags.AddWarning(op.Name+" chooses itself how long credentials live",
		fmt.Sprintf("Those of container cluster %s end on %s, whatever ttl says. Treat them as lasting.",
			id, minted.ExpiresAt.Format(time.RFC3339)))
}

func ttlOf(op *cloud.Operator, wanted timetypes.GoDuration, diags *diag.Diagnostics) time.Duration {
	ttl := defaultTTL
	if !wanted.IsNull() {
		var d diag.Diagnostics
		ttl, d = wanted.ValueGoDuration()
		diags.Append(d...)
	}
	longest := op.Capabilities.Clusters.MaxAccessTTL
	switch {
	case ttl < shortestTTL:
		diags.AddAttributeError(path.Root("ttl"), fmt.Sprintf("Credentials that live %s are of no use", ttl),
			fmt.Sprintf("Clocks are not all the same. Write at least %s.", shortestTTL))
	case longest > 0 && ttl > longest:
		diags.AddAttributeError(path.Root("ttl"), fmt.Sprintf("%s issues credentials for %s at most", op.Name, longest),
			"Write less, and run again for more.")
	}
	return ttl
}

func (m *accessModel) fill(id cloud.ID, c cloud.Access) {
	m.Host, m.ClusterCACertificate = types.StringValue(c.Host), types.StringValue(c.CACertificate)
	m.ClientCertificate, m.ClientKey = lifecycle.OptionalString(c.ClientCertificate), lifecycle.OptionalString(c.ClientKey)
	m.Token, m.ExpiresAt = lifecycle.OptionalString(c.Token), lifecycle.Timestamp(c.ExpiresAt)
	m.Kubeconfig = types.StringValue(kubeconfig(strings.ReplaceAll(id.String(), "/", "-"), c))
}

// kubeconfig is the file that kubectl reads. All values in it are quoted, so that none is taken for something else.
func kubeconfig(name string, c cloud.Access) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	encoded := func(pem string) string { return base64.StdEncoding.EncodeToString([]byte(pem)) }
	line("apiVersion: v1\nkind: Config\ncurrent-context: %q", name)
	line("clusters:\n- name: %q\n  cluster:\n    server: %q\n    certificate-authority-data: %q", name, c.Host, encoded(c.CACertificate))
	line("contexts:\n- name: %q\n  context:\n    cluster: %q\n    user: %q", name, name, name)
	line("users:\n- name: %q\n  user:", name)
	if c.Token != "" {
		line("    token: %q", c.Token)
	} else {
		line("    client-certificate-data: %q\n    client-key-data: %q", encoded(c.ClientCertificate), encoded(c.ClientKey))
	}
	return b.String()
}

// Close revokes what Open has minted.
func (a *access) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	defer lifecycle.Recovered(ctx, accessOf, &resp.Diagnostics)
	op, i := lifecycle.IssuedOf(ctx, a.federation, req.Private, &resp.Diagnostics)
	if op == nil || op.ClusterAccess == nil {
		return
	}
	err := op.ClusterAccess.Revoke(ctx, i.Object, i.Credential)
	if err != nil && !errors.Is(err, cloud.ErrUnsupported) && !errors.Is(err, cloud.ErrNotFound) {
		resp.Diagnostics.AddWarning(fmt.Sprintf("%s did not revoke the credentials of container cluster %s", op.Name, i.Object),
			"They end by themselves, at the time that ttl has set.")
	}
}
