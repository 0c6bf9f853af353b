package restoredrill

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type drillAction struct{ federation *cloud.Federation }

var (
	_ action.ActionWithConfigure  = (*drillAction)(nil)
	_ action.ActionWithModifyPlan = (*drillAction)(nil)
)

// NewAction makes the action vdam_restore_drill.
func NewAction() action.Action { return &drillAction{} }

// Metadata names the type.
func (a *drillAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restore_drill"
}

// Schema implements action.Action.
func (a *drillAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Proves that what a backup plan protects can be restored, each time it is invoked, as the resource " +
			"`vdam_restore_drill` does: at the operator of the vault, into volumes of their own that go again. It tells what comes of each " +
			"volume, and fails if one of them does not pass. The plan shows what came of it as `last_drill`.",
		Attributes: map[string]schema.Attribute{
			"plan_id": schema.StringAttribute{MarkdownDescription: "The backup plan, `<operator>/<id>`.", Required: true},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "Required: the key that the newest recovery points are encrypted with. The vault's operator gets it to " +
					"restore. Give it an ephemeral value: Terraform writes any other one into the plan.",
				CustomType: lifecycle.HandedOverType{}, Optional: true, WriteOnly: true,
				Validators: []validator.String{lifecycle.BackupKeyValidator(), given{}},
			},
			"maximum_age": schema.StringAttribute{
				MarkdownDescription: "How old the newest recovery points may be, such as `26h`. Default is the plan's `rpo`, if it has one.",
				CustomType:          timetypes.GoDurationType{}, Optional: true,
			},
			"class": schema.StringAttribute{
				MarkdownDescription: "Class of the volumes that are restored into. Default is the operator's.", Optional: true,
			},
			"timeout": lifecycle.ActionTimeout("How long restoring a volume, and removing it again, may take, such as `6h`. Default is `2h`."),
		},
	}
}

type actionModel struct {
	PlanID          types.String         `tfsdk:"plan_id"`
	EncryptionKeyWO lifecycle.HandedOver `tfsdk:"encryption_key_wo"`
	MaximumAge      timetypes.GoDuration `tfsdk:"maximum_age"`
	Class           types.String         `tfsdk:"class"`
	Timeout         timetypes.GoDuration `tfsdk:"timeout"`
}

// given refuses null. The attribute cannot be required: see lifecycle.HandedOverType.
type given struct{}

// Description implements validator.Describer.
func (given) Description(context.Context) string { return "must be there" }

// MarkdownDescription implements validator.Describer.
func (g given) MarkdownDescription(ctx context.Context) string { return g.Description(ctx) }

// ValidateString implements validator.String.
func (given) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path, "A restore drill needs the key",
			"What is in the vault can be restored with the key of the backups alone. Set "+req.Path.String()+" to it.")
	}
}

// Configure takes the federation over from the provider.
func (a *drillAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan refuses what there can be no drill of.
func (a *drillAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, "restore drill", &resp.Diagnostics)
	var m actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); !resp.Diagnostics.HasError() {
		lifecycle.CheckReference(&resp.Diagnostics, path.Root("plan_id"), "", "backup plan", m.PlanID)
		checkAge(m.MaximumAge, &resp.Diagnostics)
		lifecycle.ActionLimit(m.Timeout, defaultLimit, &resp.Diagnostics)
	}
}

// Invoke has the drill.
func (a *drillAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	defer lifecycle.Recovered(ctx, "restore drill", &resp.Diagnostics)
	var m actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	d, ok := prepare(ctx, a.federation, wish{
		planID: m.PlanID, key: lifecycle.BackupKey(m.EncryptionKeyWO.StringValue), class: m.Class, maximumAge: m.MaximumAge,
		limit: lifecycle.ActionLimit(m.Timeout, defaultLimit, &resp.Diagnostics),
	}, &resp.Diagnostics)
	if !ok {
		return
	}
	tell, end := lifecycle.Telling(ctx, resp)
	defer end()
	d.run, d.tell, d.again = uuid.NewString(), tell, "invoke the action again."
	tell("Restoring what backup plan %s protects at %s: %d volumes.", d.plan.Name, d.vaults.Name, len(d.plan.Protected))
	started := time.Now().UTC()
	out := d.do(ctx)
	resp.Diagnostics.Append(d.note(ctx, started, out)...)
	if len(out.failures()) == 0 {
		tell("All of it was restored, in %s.", out.took.Round(time.Second))
	}
	resp.Diagnostics.Append(verdict(d, out)...)
}
