package lifecycle

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ListResource streams the objects of a definition to `terraform query`.
type ListResource[M, A, S any, O cloud.Object] struct {
	Resource[M, A, S, O]
}

// timeoutTypes is the shape of the timeouts that commonAttributes declares.
var timeoutTypes = map[string]attr.Type{
	"create": types.StringType, "update": types.StringType, "delete": types.StringType,
}

// NewListResource makes the list resource of a definition.
func NewListResource[M, A, S any, O cloud.Object](def Definition[M, A, S, O]) *ListResource[M, A, S, O] {
	return &ListResource[M, A, S, O]{Resource[M, A, S, O]{def: def}}
}

// Configure takes the federation over from the provider.
func (l *ListResource[M, A, S, O]) Configure(ctx context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.Resource.Configure(ctx, req, resp)
}

// ListResourceConfigSchema has the filters.
func (l *ListResource[M, A, S, O]) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	attributes := map[string]schema.Attribute{
		"operator": schema.StringAttribute{
			MarkdownDescription: "Name of the operator. Default is `default_operator`.", Optional: true,
		},
	}
	if l.def.Named != nil {
		maps.Copy(attributes, map[string]schema.Attribute{
			"labels": schema.MapAttribute{
				MarkdownDescription: "Only those that have all these labels.", ElementType: types.StringType, Optional: true,
			},
		})
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the " + l.def.Noun + "s of the project at one operator.", Attributes: attributes,
	}
}

// List streams page by page, honouring the limit, and maps objects as Read does.
func (l *ListResource[M, A, S, O]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var operator types.String
	var labels map[string]string
	diags.Append(req.Config.GetAttribute(ctx, path.Root("operator"), &operator)...)
	if l.def.Named != nil {
		diags.Append(req.Config.GetAttribute(ctx, path.Root("labels"), &labels)...)
	}
	op, ok := OpenOperator(ctx, l.federation, operator, &diags)
	if !ok || diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		var stumbled diag.Diagnostics
		defer func() {
			for _, d := range stumbled {
				push(list.ListResult{Diagnostics: diag.Diagnostics{d}})
			}
		}()
		defer Recovered(ctx, l.def.Noun, &stumbled)
		pushed := int64(0)
		for obj, err := range l.def.collection(op).List(ctx, cloud.ListOptions{Labels: labels}) {
			if req.Limit > 0 && pushed >= req.Limit {
				return
			}
			result := req.NewListResult(ctx)
			if err != nil {
				l.refused(lookVerb, op, "", err, &result.Diagnostics)
				push(result)
				return
			}
			l.fill(ctx, op, obj, &req, &result)
			if pushed++; !push(result) {
				return
			}
		}
	}
}

func (l *ListResource[M, A, S, O]) fill(ctx context.Context, op *cloud.Operator, obj O, req *list.ListRequest, result *list.ListResult) {
	meta := obj.Metadata()
	result.DisplayName = meta.Name
	id := cloud.ID{Operator: op.Name, Object: meta.ID}
	setIdentity(ctx, result.Identity, id, &result.Diagnostics)
	if !req.IncludeResource {
		return
	}
	var m M
	l.def.Timeouts(&m).Object = types.ObjectNull(timeoutTypes)
	if l.def.Forget != nil {
		l.def.Forget(&m) // What is nothing still has a type.
	}
	result.Diagnostics.Append(l.def.read(ctx, l.federation, op.Name, obj, l.def.Attributes(&m))...)
	result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
}
