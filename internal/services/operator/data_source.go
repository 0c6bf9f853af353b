// Package operator shows the operators of the provider block.
package operator

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// source is what both data sources of operators have.
type source struct{ federation *cloud.Federation }

// Configure takes the federation over; Read tells if there is none.
func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	s.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

type dataSource struct{ source }

// NewDataSource makes data.vdam_operator.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_operator"
}

// Schema is the operator's.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := operatorAttributes()
	attributes["name"] = schema.StringAttribute{
		MarkdownDescription: "Name of the operator, a key of the provider's `operators`.", Required: true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads what one operator of the provider block is and offers.", Attributes: attributes,
	}
}

// Read opens the operator.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var diags diag.Diagnostics
	op, ok := lifecycle.OpenOperator(ctx, d.federation, name, &diags)
	resp.Diagnostics.Append(atName(diags)...)
	if !ok {
		return
	}
	m := modelOf(op)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// atName puts what is wrong with an operator onto the attribute that names it here.
func atName(diags diag.Diagnostics) diag.Diagnostics {
	out := make(diag.Diagnostics, 0, len(diags))
	for _, d := range diags {
		if p, ok := d.(diag.DiagnosticWithPath); ok && p.Path().Equal(path.Root("operator")) {
			d = diag.NewAttributeErrorDiagnostic(path.Root("name"), d.Summary(), d.Detail())
		}
		out = append(out, d)
	}
	return out
}

type listDataSource struct{ source }

// NewListDataSource makes data.vdam_operators.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata names the type.
func (d *listDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_operators"
}

// Schema has the operators.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads what the operators of the provider block are and offer.",
		Attributes: map[string]schema.Attribute{
			"operators": schema.ListNestedAttribute{
				MarkdownDescription: "The operators, in the order of their names.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: operatorAttributes()},
			},
		},
	}
}

// Read opens all operators at once: the slowest decides, and one that is down is told together with the others.
func (d *listDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if d.federation == nil || !d.federation.Known() {
		resp.Diagnostics.AddError("The operators are not known yet",
			"The keys of operators in the provider block come from resources that do not exist yet. Apply those first, with "+
				"-target, or give the values as variables.")
		return
	}
	names := d.federation.Names()
	operators, diags := make([]model, len(names)), make([]diag.Diagnostics, len(names))
	var opening sync.WaitGroup
	for i, name := range names {
		opening.Go(func() {
			if op, ok := lifecycle.OpenOperator(ctx, d.federation, types.StringValue(name), &diags[i]); ok {
				operators[i] = modelOf(op)
			}
		})
	}
	opening.Wait()
	for _, d := range diags {
		resp.Diagnostics.Append(d...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &listModel{Operators: operators})...)
}
