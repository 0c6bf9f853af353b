// Package machinesize shows the sizes that an operator's machines can have.
package machinesize

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type listDataSource struct{ federation *cloud.Federation }

// NewListDataSource makes data.vdam_machine_sizes.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata names the type.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_machine_sizes"
}

// Schema has the filters and the families.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the sizes that an operator's machines can have. A family has all sizes that its ranges " +
			"span together; a fixed size is a family whose ranges have one value each.",
		Attributes: map[string]schema.Attribute{
			"operator": schema.StringAttribute{
				MarkdownDescription: "Name of the operator. Default is `default_operator`.", Optional: true, Computed: true,
			},
			"vcpus": schema.Int64Attribute{
				MarkdownDescription: "Only families that have machines of so many virtual processors.", Optional: true,
			},
			"memory_mib": schema.Int64Attribute{
				MarkdownDescription: "Only families that have machines of so much memory, in MiB.", Optional: true,
			},
			"machine_sizes": schema.ListNestedAttribute{
				MarkdownDescription: "The families found, in the operator's order; empty if there are none.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":       schema.StringAttribute{MarkdownDescription: "Name of the family.", Computed: true},
					"title":      schema.StringAttribute{MarkdownDescription: "Name for people.", Computed: true},
					"vcpus":      rangeAttribute("Numbers of virtual processors."),
					"memory_mib": rangeAttribute("Amounts of memory in MiB."),
					"local_disk_gib": schema.Int64Attribute{
						MarkdownDescription: "The disk on the host that machines of this size come with, in GiB, for a `boot_disk` of class `local`; " +
							"null for sizes without one.", Computed: true,
					},
				}},
			},
		},
	}
}

func rangeAttribute(text string) schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: text + " They are `min`, `min + step`, … up to `max`.", Computed: true,
		Attributes: map[string]schema.Attribute{
			"min":  schema.Int64Attribute{MarkdownDescription: "Smallest value.", Computed: true},
			"max":  schema.Int64Attribute{MarkdownDescription: "Largest value.", Computed: true},
			"step": schema.Int64Attribute{MarkdownDescription: "Distance of the values.", Computed: true},
		},
	}
}

// Configure takes the federation over; Read tells if there is none.
func (d *listDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Read filters the operator's catalogue.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	op, ok := lifecycle.OpenOperator(ctx, d.federation, m.Operator, &resp.Diagnostics)
	if !ok {
		return
	}
	m.read(op)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
