package backup

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type backupAction struct{ federation *cloud.Federation }

var (
	_ action.ActionWithConfigure  = (*backupAction)(nil)
	_ action.ActionWithModifyPlan = (*backupAction)(nil)
)

// NewAction makes the action vdam_backup.
func NewAction() action.Action { return &backupAction{} }

// Metadata names the type.
func (a *backupAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup"
}

// Schema implements action.Action.
func (a *backupAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Backs up now what a `vdam_backup_plan` protects, each time it is invoked, and tells how that goes on. It is over " +
			"when there is a recovery point of each volume, and fails with what the operator says. Nothing of it stays but the recovery points: " +
			"use the resource `vdam_backup` for a backup that others refer to.",
		Attributes: map[string]schema.Attribute{
			"plan_id": schema.StringAttribute{MarkdownDescription: "The plan, `<operator>/<id>`.", Required: true},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "The plan's key, where this machine makes the backups of the plan's operator; no other needs it. Give it an " +
					"ephemeral value: Terraform writes any other one into the plan.",
				CustomType: lifecycle.HandedOverType{}, Optional: true, WriteOnly: true,
				Validators: []validator.String{lifecycle.BackupKeyValidator()},
			},
			"timeout": lifecycle.ActionTimeout("How long it is waited for, such as `30m`. Default is `6h`."),
		},
	}
}

type actionModel struct {
	PlanID          types.String         `tfsdk:"plan_id"`
	EncryptionKeyWO lifecycle.HandedOver `tfsdk:"encryption_key_wo"`
	Timeout         timetypes.GoDuration `tfsdk:"timeout"`
}

// Configure takes the federation over from the provider.
func (a *backupAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan refuses what is no plan.
func (a *backupAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, "backup", &resp.Diagnostics)
	var m actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); !resp.Diagnostics.HasError() {
		lifecycle.CheckReference(&resp.Diagnostics, path.Root("plan_id"), "", "backup plan", m.PlanID)
		lifecycle.ActionLimit(m.Timeout, lifecycle.BytesTimeout, &resp.Diagnostics)
	}
}

// Invoke backs up, and waits for it.
func (a *backupAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer lifecycle.Recovered(ctx, "backup", &resp.Diagnostics)
	var m actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	r, ok := a.prepare(ctx, &m, &resp.Diagnostics)
	if !ok {
		return
	}
	tell, end := lifecycle.Telling(ctx, resp)
	defer end()
	resp.Diagnostics.Append(r.do(ctx, tell)...)
}

// prepare finds what is to be backed up.
func (a *backupAction) prepare(ctx context.Context, m *actionModel, diags *diag.Diagnostics) (r *run, ok bool) {
	at := path.Root("plan_id")
	op, id, ok := lifecycle.OpenReferred(ctx, a.federation, at, m.PlanID, cloud.KindBackupPlan, "backup plan", diags)
	if !ok {
		return nil, false
	}
	if op.Backups == nil || op.BackupPlans == nil {
		diags.AddAttributeError(at, op.Name+" makes no backups", lifecycle.OfferedBy(ctx, a.federation, cloud.KindBackup))
		return nil, false
	}
	r = &run{op: op, limit: lifecycle.ActionLimit(m.Timeout, lifecycle.BytesTimeout, diags)}
	if op.Capabilities.BackupsRunHere {
		if r.key = lifecycle.BackupKey(m.EncryptionKeyWO.StringValue); r.key.Value == "" {
			diags.AddAttributeError(path.Root("encryption_key_wo"), "The key is needed to back up at "+op.Name,
				"This machine makes the backups there, and has kept no key. Nothing was done. Set it to the plan's key.")
		}
	}
	if diags.HasError() {
		return nil, false
	}
	var err error
	if r.plan, err = op.BackupPlans.Get(ctx, id.Object); err != nil {
		diags.Append(lifecycle.RefusedFor(at, fmt.Sprintf("%s does not show backup plan %s", op.Name, id), op.Name, err))
		return nil, false
	}
	r.series = uuid.NewSHA1(uuid.NameSpaceURL, []byte(a.federation.DeploymentID+"|"+id.String())).String()
	return r, true
}
