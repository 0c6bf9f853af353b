package backupcoverage

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type model struct {
	Operators   types.Set         `tfsdk:"operators"`
	Protections []protectionModel `tfsdk:"protections"`
	Unprotected []string          `tfsdk:"unprotected"`
	Stale       []string          `tfsdk:"stale"`
	Mutual      [][]string        `tfsdk:"mutual"`
}

type protectionModel struct {
	SourceID      types.String      `tfsdk:"source_id"`
	SourceName    types.String      `tfsdk:"source_name"`
	Kind          types.String      `tfsdk:"kind"`
	PlanID        types.String      `tfsdk:"plan_id"`
	Operator      types.String      `tfsdk:"operator"`
	VaultOperator types.String      `tfsdk:"vault_operator"`
	LastSuccessAt timetypes.RFC3339 `tfsdk:"last_success_at"`
	RPOMet        types.Bool        `tfsdk:"rpo_met"`
	Stale         types.Bool        `tfsdk:"stale"`
}

// Schema has the operators and what was found.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	ids := func(description string) schema.Attribute {
		return schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads what of the operators' projects is backed up at another operator, and what is not. A `check` block makes a " +
			"warning of a gap.",
		Attributes: map[string]schema.Attribute{
			"operators": schema.SetAttribute{
				MarkdownDescription: "Names of the operators to look at. Default is all of the provider block.", ElementType: types.StringType,
				Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
			},
			"protections": schema.ListNestedAttribute{
				MarkdownDescription: "What plans protect, each source of each plan, in the order of `source_id`.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"source_id":      text("The volume or machine, `<operator>/<id>`."),
					"source_name":    text("Its name; null if it is gone."),
					"kind":           text("`storage_volume` or `virtual_machine`; null if it is gone."),
					"plan_id":        text("The plan, `<operator>/<id>`."),
					"operator":       text("Where it runs."),
					"vault_operator": text("Where its backups are. At the same operator they protect from no failure of that."),
					"last_success_at": schema.StringAttribute{
						MarkdownDescription: "What it can be restored to (RFC 3339, UTC); of a machine, that of its volume with the oldest backup. Null " +
							"before all of its volumes have a recovery point.",
						CustomType: timetypes.RFC3339Type{}, Computed: true,
					},
					"rpo_met": schema.BoolAttribute{
						MarkdownDescription: "Whether that is within the plan's `rpo`; null if it has none.", Computed: true,
					},
					"stale": schema.BoolAttribute{
						MarkdownDescription: "Whether there is no recovery point, or one that is older than the plan's `rpo`.", Computed: true,
					},
				}},
			},
			"unprotected": ids("Volumes and machines, `<operator>/<id>`, that no plan with a vault at another operator covers. A volume of a " +
				"machine that is covered is so, too, and a machine whose volumes all are."),
			"stale": ids("Sources, `<operator>/<id>`, that are `stale` in some plan."),
			"mutual": schema.ListAttribute{
				MarkdownDescription: "Pairs of operators that protect each other.", Computed: true,
				ElementType: types.ListType{ElemType: types.StringType},
			},
		},
	}
}

func modelOf(c coverage) model {
	m := model{
		// Lists that have nothing in them are empty, not null.
		Protections: []protectionModel{}, Unprotected: append([]string{}, c.unprotected...),
		Stale: append([]string{}, c.stale...), Mutual: append([][]string{}, c.mutual...),
	}
	for _, p := range c.protections {
		out := protectionModel{
			SourceID: types.StringValue(p.sourceID), SourceName: lifecycle.OptionalString(p.sourceName), Kind: lifecycle.OptionalString(p.kind),
			PlanID: types.StringValue(p.planID), Operator: types.StringValue(p.operator), VaultOperator: types.StringValue(p.vaultOperator),
			LastSuccessAt: lifecycle.Timestamp(p.lastSuccess), Stale: types.BoolValue(p.stale),
		}
		if p.hasRPO {
			out.RPOMet = types.BoolValue(!p.stale)
		}
		m.Protections = append(m.Protections, out)
	}
	return m
}
