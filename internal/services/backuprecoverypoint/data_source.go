// Package backuprecoverypoint shows what a backup plan can restore.
package backuprecoverypoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type model struct {
	PlanID         types.String              `tfsdk:"plan_id"`
	RecoveryPoints []lifecycle.RecoveryPoint `tfsdk:"recovery_points"`
}

type listDataSource struct{ federation *cloud.Federation }

// NewListDataSource makes data.vdam_backup_recovery_points.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// Metadata names the type.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_recovery_points"
}

// Schema has the plan and what it can restore.
func (d *listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes, err := lifecycle.ComputedAttributes(lifecycle.RecoveryPointAttributes())
	if err != nil {
		resp.Diagnostics.AddError("A data source cannot show recovery points", err.Error()+" Please report this.")
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the recovery points of a backup plan. Where the plan's operator is down, restore the newest one by " +
			"`restore_from.source_id` of `vdam_storage_volume`, which asks the vault alone.",
		Attributes: map[string]schema.Attribute{
			"plan_id": schema.StringAttribute{MarkdownDescription: "The plan, `<operator>/<id>`.", Required: true},
			"recovery_points": schema.ListNestedAttribute{
				MarkdownDescription: "What can be restored, of all its volumes, newest first; empty if there is none yet.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

// Configure takes the federation over from the provider.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Read lists the recovery points.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, "list of recovery points", &resp.Diagnostics)
	m := model{RecoveryPoints: []lifecycle.RecoveryPoint{}}
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("plan_id"), &m.PlanID)...)
	if !lifecycle.CheckReference(&resp.Diagnostics, path.Root("plan_id"), "", "backup plan", m.PlanID) {
		return
	}
	op, ok := lifecycle.OpenOperator(ctx, d.federation, lifecycle.OperatorOf(m.PlanID), &resp.Diagnostics)
	if !ok {
		return
	}
	if op.RecoveryPoints == nil {
		resp.Diagnostics.AddAttributeError(path.Root("plan_id"), op.Name+" makes no backups",
			lifecycle.OfferedBy(ctx, d.federation, cloud.KindBackupPlan))
		return
	}
	for p, err := range op.RecoveryPoints.Of(ctx, lifecycle.ObjectID(m.PlanID)) {
		if err != nil {
			resp.Diagnostics.Append(refused(op.Name, m.PlanID.ValueString(), err))
			return
		}
		m.RecoveryPoints = append(m.RecoveryPoints, lifecycle.NewRecoveryPoint(op.Name, p))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func refused(operator, plan string, err error) diag.Diagnostic {
	summary := fmt.Sprintf("%s did not show the recovery points of backup plan %q", operator, plan)
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		return diag.NewAttributeErrorDiagnostic(path.Root("plan_id"), summary, err.Error())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("plan_id"), summary+": "+ce.Reason.Error(),
		lifecycle.Paragraphs(ce.Text, ce.Advice, lifecycle.RequestLine(ce.RequestID)))
}
