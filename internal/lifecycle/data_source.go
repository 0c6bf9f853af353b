package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// DataSource reads one object of a definition, by id or by name.
type DataSource[M, A, S any, O cloud.Object] struct {
	def        Definition[M, A, S, O]
	federation *cloud.Federation
}

// NewDataSource makes the singular data source of a definition.
func NewDataSource[M, A, S any, O cloud.Object](def Definition[M, A, S, O]) *DataSource[M, A, S, O] {
	return &DataSource[M, A, S, O]{def: def}
}

// Metadata names the type.
func (d *DataSource[M, A, S, O]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.def.typeName()
}

// Schema is the resource's, computed, with id, operator and name to choose by.
func (d *DataSource[M, A, S, O]) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := d.def.computedAttributes(ctx, &resp.Diagnostics)
	choose := []validator.String{}
	if d.def.Named != nil {
		choose = append(choose, stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")))
		attributes["name"] = schema.StringAttribute{
			MarkdownDescription: "Name of the " + d.def.Noun + ". Either this or `id`.", Optional: true, Computed: true,
		}
	}
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "`<operator>/<id>`.", Optional: true, Computed: true, Validators: choose,
	}
	if d.def.Named == nil {
		attributes["id"] = schema.StringAttribute{MarkdownDescription: "`<operator>/<id>`.", Required: true}
	}
	attributes["operator"] = schema.StringAttribute{
		MarkdownDescription: "Name of the operator. Default is the one in `id`, else `default_operator`.", Optional: true, Computed: true,
	}
	resp.Schema = schema.Schema{MarkdownDescription: "Reads one " + d.def.Noun + ".", Attributes: attributes}
}

// Configure takes the federation over from the provider.
func (d *DataSource[M, A, S, O]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.federation = FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Read finds the object.
func (d *DataSource[M, A, S, O]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer Recovered(ctx, d.def.Noun, &resp.Diagnostics)
	var a A
	if resp.Diagnostics.Append(req.Config.Get(ctx, &a)...); resp.Diagnostics.HasError() {
		return
	}
	b := d.def.Base(&a)
	id, byID := cloud.ParseID(b.ID.ValueString())
	switch {
	case !b.ID.IsNull() && !byID:
		resp.Diagnostics.AddAttributeError(path.Root("id"), fmt.Sprintf("%q is not the id of %s", b.ID.ValueString(), indefinite(d.def.Noun)),
			"Write <operator>/<id>, as in lvrtc/7c1f0c2e.")
		return
	case byID && !b.Operator.IsNull() && b.Operator.ValueString() != id.Operator:
		resp.Diagnostics.AddAttributeError(path.Root("operator"), fmt.Sprintf("The id names operator %q", id.Operator),
			"Leave operator out, or correct one of the two.")
		return
	case byID:
		b.Operator = types.StringValue(id.Operator)
	}
	op, ok := OpenOperator(ctx, d.federation, b.Operator, &resp.Diagnostics)
	if !ok {
		return
	}
	obj, err := d.find(ctx, op, id, &a)
	if err != nil {
		r := Resource[M, A, S, O]{def: d.def}
		r.refused(lookVerb, op, d.wanted(&a), err, &resp.Diagnostics)
		return
	}
	if d.def.Named != nil {
		// A null name makes the mapping show all labels but the defaults, as for an import.
		d.def.Named(&a).Name = types.StringNull()
	}
	resp.Diagnostics.Append(d.def.read(ctx, d.federation, op.Name, obj, &a)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &a)...)
}

func (d *DataSource[M, A, S, O]) wanted(a *A) string {
	if d.def.Named != nil && !d.def.Named(a).Name.IsNull() {
		return d.def.Named(a).Name.ValueString()
	}
	return d.def.Base(a).ID.ValueString()
}

func (d *DataSource[M, A, S, O]) find(ctx context.Context, op *cloud.Operator, id cloud.ID, a *A) (O, error) {
	collection := d.def.collection(op)
	if id.Object != "" {
		return collection.Get(ctx, id.Object)
	}
	name := d.def.Named(a).Name.ValueString()
	var none O
	for obj, err := range collection.List(ctx, cloud.ListOptions{Name: name}) {
		if err != nil {
			return none, err
		}
		if obj.Metadata().Name == name {
			return obj, nil
		}
	}
	return none, &cloud.Error{Reason: cloud.ErrNotFound, Operator: op.Name,
		Text: fmt.Sprintf("Project %q has no %s of this name.", op.Project, d.def.Noun)}
}

// OpenOperator opens the operator named, or the default one if none is.
func OpenOperator(ctx context.Context, f *cloud.Federation, name types.String, diags *diag.Diagnostics) (*cloud.Operator, bool) {
	if f == nil {
		diags.AddError("The provider is not configured", "Terraform asked for data before it configured the provider. Please report this.")
		return nil, false
	}
	operator := name.ValueString()
	if operator == "" {
		operator = f.DefaultOperator
	}
	if operator == "" && f.DefaultOperatorUnknown {
		diags.AddAttributeError(path.Root("operator"), "The operator to look at is not known yet",
			"default_operator of the provider block comes from a resource that does not exist yet. Set operator here.")
		return nil, false
	}
	if operator == "" {
		diags.AddAttributeError(path.Root("operator"), "No operator says where to look",
			"Set operator, or default_operator in the provider block.")
		return nil, false
	}
	if !f.Has(operator) {
		diags.Append(unknownOperator(f, operator))
		return nil, false
	}
	op, err := f.Operator(ctx, operator)
	if err != nil {
		diags.Append(describeOpening(operator, err))
		return nil, false
	}
	return op, true
}
