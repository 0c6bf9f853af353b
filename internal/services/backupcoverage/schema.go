package backupcoverage

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type model struct {
	Operators      types.Set         `tfsdk:"operators"`
	FailureDomains types.Map         `tfsdk:"failure_domains"`
	Protections    []protectionModel `tfsdk:"protections"`
	Unprotected    []string          `tfsdk:"unprotected"`
	Stale          []string          `tfsdk:"stale"`
	Mutual         [][]string        `tfsdk:"mutual"`
	Cycles         []cycleModel      `tfsdk:"cycles"`
}

type cycleModel struct {
	Operators     []string     `tfsdk:"operators"`
	SharedBy      types.String `tfsdk:"shared_by"`
	FailureDomain types.String `tfsdk:"failure_domain"`
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
	LastDrill     *lifecycle.Drill  `tfsdk:"last_drill"`
	Separation    types.Int64       `tfsdk:"separation_level"`
}

func text(description string) schema.Attribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func ids(description string) schema.Attribute {
	return schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true}
}

// Schema has the operators and what was found.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	drill, err := lifecycle.ComputedAttributes(lifecycle.DrillAttributes())
	if err != nil {
		resp.Diagnostics.AddError("A data source cannot show drills", err.Error()+" Please report this.")
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads what of the operators' projects is backed up at another operator, and what is not: " +
			"volumes and machines. It knows nothing of container clusters, whose `vdam_container_cluster_backup_plan` says by itself " +
			"whether it is `stale`. A `check` block makes a warning of a gap.",
		Attributes: map[string]schema.Attribute{
			"operators": schema.SetAttribute{
				MarkdownDescription: "Names of the operators to look at. Default is all of the provider block.", ElementType: types.StringType,
				Optional: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
			},
			"failure_domains": schema.MapAttribute{
				MarkdownDescription: "Where operators are, by their names: any text, such as a site, of what one event can strike as a whole. The " +
					"same text is the same failure domain; before a `/` stands what is wider, so that `Rīga/A` and `Rīga/B` are two sites that are " +
					"near each other. No operator tells it, so nothing is claimed of those that are left out.",
				ElementType: types.StringType, Optional: true,
				Validators: []validator.Map{mapvalidator.ValueStringsAre(
					stringvalidator.RegexMatches(regexp.MustCompile(`^[^/]*[^/\s]`), "must begin with a text"))},
			},
			"protections": schema.ListNestedAttribute{
				MarkdownDescription: "What plans protect, each source of each plan, in the order of `source_id`.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: protectionAttributes(drill)},
			},
			"unprotected": ids("Volumes and machines, `<operator>/<id>`, that no plan with a vault at another operator covers. A volume of a " +
				"machine that is covered is so, too, and a machine whose volumes all are."),
			"stale": ids("Sources, `<operator>/<id>`, that are `stale` in some plan."),
			"mutual": schema.ListAttribute{
				MarkdownDescription: "Pairs of operators that protect each other.", Computed: true,
				ElementType: types.ListType{ElemType: types.StringType},
			},
			"cycles": schema.ListNestedAttribute{
				MarkdownDescription: "Groups of operators that protect each other within one failure domain, so that one event can take what runs " +
					"and its backups, or all of their backups, at once.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"operators": ids("The operators, in order."),
					"shared_by": text("By what it is known: `failure_domains`, as they say so; `endpoint`, if their APIs are at one host and " +
						"`failure_domains` do not tell them apart; `vault_endpoint`, if their vaults are at one host that is none of theirs."),
					"failure_domain": text("What they share: that text, or that host."),
				}},
			},
		},
	}
}

func protectionAttributes(drill map[string]schema.Attribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
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
		"last_drill": schema.SingleNestedAttribute{
			MarkdownDescription: "What came of the last `vdam_restore_drill` of the plan; null before the first.", Computed: true,
			Attributes: drill,
		},
		"separation_level": schema.Int64Attribute{MarkdownDescription: separationText, Computed: true},
	}
}

// separationText explains the levels.
const separationText = "How far the backup is from what it protects, on the scale of the failsafe levels of the Sovereign Cloud Stack " +
	"(SCS-0118, a draft decision record), as far as it is known. `1`: at the same operator, or at one whose API or vault is at the same " +
	"host; that it outlives more than the loss of the volume is not known. `2`: at another operator, whose machines are others, but maybe " +
	"at the same site. `3`: `failure_domains` name two sites that are near each other. `4`: they name two that have nothing in common, so " +
	"that the destruction of one leaves the other. Whether that is so, only who writes `failure_domains` knows."

func modelOf(c coverage) model {
	m := model{
		// Lists that have nothing in them are empty, not null.
		Protections: []protectionModel{}, Unprotected: append([]string{}, c.unprotected...),
		Stale: append([]string{}, c.stale...), Mutual: append([][]string{}, c.mutual...), Cycles: []cycleModel{},
	}
	for _, ring := range c.cycles {
		m.Cycles = append(m.Cycles, cycleModel{ring.operators, types.StringValue(ring.by), types.StringValue(ring.domain)})
	}
	for _, p := range c.protections {
		out := protectionModel{
			SourceID: types.StringValue(p.sourceID), SourceName: lifecycle.OptionalString(p.sourceName), Kind: lifecycle.OptionalString(p.kind),
			PlanID: types.StringValue(p.planID), Operator: types.StringValue(p.operator), VaultOperator: types.StringValue(p.vaultOperator),
			LastSuccessAt: lifecycle.Timestamp(p.lastSuccess), Stale: types.BoolValue(p.stale),
			LastDrill: lifecycle.NewDrill(p.drill), Separation: types.Int64Value(p.level),
		}
		if p.hasRPO {
			out.RPOMet = types.BoolValue(!p.stale)
		}
		m.Protections = append(m.Protections, out)
	}
	return m
}
