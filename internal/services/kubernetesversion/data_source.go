// Package kubernetesversion is the service that tells which versions of Kubernetes an operator offers, and until when.
package kubernetesversion

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type listDataSource struct{ federation *cloud.Federation }

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource makes data.vdam_kubernetes_versions.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

type model struct {
	Operator types.String   `tfsdk:"operator"`
	Default  types.String   `tfsdk:"default_version"`
	Versions []versionModel `tfsdk:"kubernetes_versions"`
}

type versionModel struct {
	Version   types.String `tfsdk:"version"`
	Minor     types.String `tfsdk:"minor"`
	EndOfLife types.String `tfsdk:"end_of_life"`
}

// Metadata names the type.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_kubernetes_versions"
}

// Configure takes the federation over; Read tells if there is none.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Schema has the operator and its versions.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the versions of Kubernetes that an operator offers for container clusters.",
		Attributes: map[string]schema.Attribute{
			"operator": schema.StringAttribute{
				MarkdownDescription: "Name of the operator. Default is `default_operator`.", Optional: true, Computed: true,
			},
			"default_version": schema.StringAttribute{MarkdownDescription: "The one that the operator would choose.", Computed: true},
			"kubernetes_versions": schema.ListNestedAttribute{
				MarkdownDescription: "The versions, newest first; empty if the operator offers no clusters.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"version": schema.StringAttribute{MarkdownDescription: "Version: `1.34.4`.", Computed: true},
					"minor":   schema.StringAttribute{MarkdownDescription: "Its minor: `1.34`.", Computed: true},
					"end_of_life": schema.StringAttribute{
						MarkdownDescription: "Day from which it gets no patches any more; null if the operator does not say.", Computed: true,
					},
				}},
			},
		},
	}
}

// Read shows the catalogue.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	op, ok := lifecycle.OpenOperator(ctx, d.federation, m.Operator, &resp.Diagnostics)
	if !ok {
		return
	}
	m.Operator, m.Versions, m.Default = types.StringValue(op.Name), []versionModel{}, types.StringNull()
	for _, v := range op.Catalogue.KubernetesVersions {
		row := versionModel{Version: types.StringValue(v.Version), Minor: types.StringValue(cloud.Minor(v.Version))}
		if !v.EndOfLife.IsZero() {
			row.EndOfLife = types.StringValue(v.EndOfLife.UTC().Format(time.DateOnly))
		}
		if v.Default {
			m.Default = row.Version
		}
		m.Versions = append(m.Versions, row)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
