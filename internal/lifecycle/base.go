package lifecycle

import (
	"context"
	"maps"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Base is what every resource and data source has; embed it in the attributes.
type Base struct {
	ID        types.String      `tfsdk:"id"`
	Operator  types.String      `tfsdk:"operator"`
	Status    types.String      `tfsdk:"status"`
	CreatedAt timetypes.RFC3339 `tfsdk:"created_at"`
}

// Named is what every resource and data source has whose name is the user's choice; embed it beside Base.
type Named struct {
	Name            types.String `tfsdk:"name"`
	Description     types.String `tfsdk:"description"`
	Labels          types.Map    `tfsdk:"labels"`
	EffectiveLabels types.Map    `tfsdk:"effective_labels"`
}

var (
	namePattern     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	labelKeyPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$`)
)

// commonAttributes are the schema of Base and, for kinds with names, of Named.
func (d *Definition[M, A, S, O]) commonAttributes(ctx context.Context) map[string]schema.Attribute {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "`<operator>/<id>`, as used for references and import.",
			Computed:            true, PlanModifiers: keep,
		},
		"operator": schema.StringAttribute{
			MarkdownDescription: "Name of the operator, a key of the provider's `operators`. " + d.defaultOperator() +
				" A change makes a new object.",
			Optional: true, Computed: true, PlanModifiers: keep,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "State at the operator: `creating`, `ready`, `updating`, `deleting` or `failed`. " +
				"What is on its way makes the next apply go on waiting.",
			Computed: true, PlanModifiers: keep,
		},
		"created_at": schema.StringAttribute{
			MarkdownDescription: "When the operator accepted the order (RFC 3339, UTC).",
			CustomType:          timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
		},
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{Create: true, Update: true, Delete: true}),
	}
	if d.Named != nil {
		maps.Copy(attributes, namedAttributes(d.Noun))
	}
	return attributes
}

// defaultOperator says what an operator is that is left out.
func (d *Definition[M, A, S, O]) defaultOperator() string {
	if d.OperatorOf != nil {
		return "Default is the one that the references point to."
	}
	return "Left out, it is `default_operator` for a new object, and stays what it is for one that exists."
}

func namedAttributes(noun string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the " + noun + ", unique in the project: up to 63 of a-z, 0-9 and `-`. Changed in place.",
			Required:            true,
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 63),
				stringvalidator.RegexMatches(namePattern, "must be of a-z, 0-9 and -, with a letter or digit at both ends"),
			},
		},
		"description": schema.StringAttribute{
			MarkdownDescription: "Free text in any language, up to 1000 characters. Changed in place.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 1000)},
		},
		"labels": schema.MapAttribute{
			MarkdownDescription: "Labels of this " + noun + ", merged over the provider's `default_labels`. " +
				"Keys are of a-z, 0-9, `.`, `_`, `/` and `-`; values are free text of up to 255 characters. Changed in place.",
			ElementType: types.StringType, Optional: true,
			Validators: LabelValidators(),
		},
		"effective_labels": schema.MapAttribute{
			MarkdownDescription: "All labels at the operator: `default_labels` with `labels` over them.",
			ElementType:         types.StringType, Computed: true,
		},
	}
}

// LabelValidators are the contract's rules for labels.
func LabelValidators() []validator.Map {
	return []validator.Map{
		mapvalidator.SizeAtMost(64),
		mapvalidator.KeysAre(
			stringvalidator.LengthBetween(1, 63),
			stringvalidator.RegexMatches(labelKeyPattern, "must be of a-z, 0-9, ., _, / and -, with a letter or digit at both ends"),
		),
		mapvalidator.ValueStringsAre(stringvalidator.UTF8LengthAtMost(255)),
	}
}

func (b *Base) read(operator string, meta cloud.Meta) {
	b.ID = types.StringValue(cloud.ID{Operator: operator, Object: meta.ID}.String())
	b.Operator = types.StringValue(operator)
	b.Status = types.StringValue(string(meta.State))
	b.CreatedAt = Timestamp(meta.CreatedAt)
}

// read keeps in labels what the user declared there, so that default labels never show as drift of it.
func (n *Named) read(ctx context.Context, defaults map[string]string, meta cloud.Meta) diag.Diagnostics {
	imported := n.Name.IsNull()
	own := make(map[string]string)
	if imported {
		for k, v := range meta.Labels {
			if d, ok := defaults[k]; !ok || d != v {
				own[k] = v
			}
		}
	} else {
		for k := range n.Labels.Elements() {
			if v, ok := meta.Labels[k]; ok {
				own[k] = v
			}
		}
	}
	n.Name = types.StringValue(meta.Name)
	n.Description = OptionalString(meta.Description)
	var diags diag.Diagnostics
	if imported && len(own) == 0 || !imported && n.Labels.IsNull() {
		n.Labels = types.MapNull(types.StringType)
	} else {
		var d diag.Diagnostics
		n.Labels, d = types.MapValueFrom(ctx, types.StringType, own)
		diags.Append(d...)
	}
	all := meta.Labels
	if all == nil {
		all = map[string]string{}
	}
	var d diag.Diagnostics
	n.EffectiveLabels, d = types.MapValueFrom(ctx, types.StringType, all)
	diags.Append(d...)
	return diags
}

// SpecMeta is the specification of what Named holds.
func (n *Named) SpecMeta(ctx context.Context, diags *diag.Diagnostics) cloud.SpecMeta {
	labels := make(map[string]string)
	if !n.EffectiveLabels.IsNull() && !n.EffectiveLabels.IsUnknown() {
		diags.Append(n.EffectiveLabels.ElementsAs(ctx, &labels, false)...)
	}
	return cloud.SpecMeta{Name: n.Name.ValueString(), Description: n.Description.ValueString(), Labels: labels}
}

// OptionalString is null for the empty string: an operator's "none" is Terraform's null.
func OptionalString(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// Timestamp is null for the zero time.
func Timestamp(t time.Time) timetypes.RFC3339 {
	if t.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(t.UTC())
}
