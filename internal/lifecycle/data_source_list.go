package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ListDataSource reads the objects of a definition at one operator.
type ListDataSource[M, A, S any, O cloud.Object] struct {
	def        Definition[M, A, S, O]
	federation *cloud.Federation
}

// NewListDataSource makes the plural data source of a definition.
func NewListDataSource[M, A, S any, O cloud.Object](def Definition[M, A, S, O]) *ListDataSource[M, A, S, O] {
	return &ListDataSource[M, A, S, O]{def: def}
}

// Metadata names the type.
func (d *ListDataSource[M, A, S, O]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.def.Plural
}

// Schema has the filters and, under the plural, the objects.
func (d *ListDataSource[M, A, S, O]) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"operator": schema.StringAttribute{
			MarkdownDescription: "Name of the operator. Default is `default_operator`.", Optional: true, Computed: true,
		},
		d.def.Plural: schema.ListNestedAttribute{
			MarkdownDescription: "The " + d.def.Noun + "s found, oldest first; empty if there are none.", Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: d.def.computedAttributes(ctx, &resp.Diagnostics)},
		},
	}
	if d.def.Named != nil {
		attributes["labels"] = schema.MapAttribute{
			MarkdownDescription: "Only those that have all these labels.", ElementType: types.StringType, Optional: true,
		}
	}
	resp.Schema = schema.Schema{MarkdownDescription: "Reads the " + d.def.Noun + "s of the project at one operator.", Attributes: attributes}
}

// Configure takes the federation over from the provider.
func (d *ListDataSource[M, A, S, O]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.federation = FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Read lists the objects.
func (d *ListDataSource[M, A, S, O]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer Recovered(ctx, d.def.Noun, &resp.Diagnostics)
	var operator types.String
	var labels map[string]string
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("operator"), &operator)...)
	if d.def.Named != nil {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("labels"), &labels)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	op, ok := OpenOperator(ctx, d.federation, operator, &resp.Diagnostics)
	if !ok {
		return
	}
	found := []A{}
	for obj, err := range d.def.collection(op).List(ctx, cloud.ListOptions{Labels: labels}) {
		if err != nil {
			r := Resource[M, A, S, O]{def: d.def}
			r.refused(lookVerb, op, "", err, &resp.Diagnostics)
			return
		}
		var a A
		resp.Diagnostics.Append(d.def.read(ctx, d.federation, op.Name, obj, &a)...)
		found = append(found, a)
	}
	resp.State.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("operator"), op.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(d.def.Plural), found)...)
}
