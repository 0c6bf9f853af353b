// Package restoredrill is the service of proving that backups can be restored.
package restoredrill

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// defaultLimit is for volumes of some hundred GiB.
const defaultLimit = 2 * time.Hour

type drillResource struct{ federation *cloud.Federation }

var (
	_ resource.ResourceWithConfigure  = (*drillResource)(nil)
	_ resource.ResourceWithModifyPlan = (*drillResource)(nil)
)

// NewResource makes vdam_restore_drill.
func NewResource() resource.Resource { return &drillResource{} }

// Metadata names the type.
func (r *drillResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restore_drill"
}

// Configure takes the federation over from the provider.
func (r *drillResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Create has the drill. One that fails is in the state with its evidence, tainted, so that the next apply has another.
func (r *drillResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, "restore drill", &resp.Diagnostics)
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	id, d, ok := r.prepare(ctx, &plan, &config, &resp.Diagnostics)
	if !ok {
		return
	}
	started := time.Now().UTC()
	out := d.do(ctx)
	resp.Diagnostics.Append(d.note(ctx, started, out)...)
	resp.Diagnostics.Append(plan.record(id, d.vaults.Name, started, out)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(verdict(d, out)...)
}

// prepare finds what is to be restored, and where.
func (r *drillResource) prepare(ctx context.Context, plan, config *model, diags *diag.Diagnostics) (id cloud.ID, d *drill, ok bool) {
	source, id, ok := r.source(ctx, plan.PlanID, diags)
	if !ok {
		return id, nil, false
	}
	d = &drill{source: source, key: lifecycle.BackupKey(config.EncryptionKeyWO).Value, class: plan.Class.ValueString()}
	var err error
	if d.plan, err = source.BackupPlans.Get(ctx, id.Object); err != nil {
		diags.Append(lifecycle.RefusedFor(path.Root("plan_id"),
			fmt.Sprintf("%s does not show backup plan %s", source.Name, id), source.Name, err))
		return id, nil, false
	}
	if d.vaults, ok = lifecycle.OpenOperator(ctx, r.federation, types.StringValue(d.plan.Vault.Operator), diags); !ok {
		return id, nil, false
	}
	var limitDiags diag.Diagnostics
	d.limit, limitDiags = plan.Timeouts.Create(ctx, defaultLimit)
	diags.Append(limitDiags...)
	d.maximumAge = d.plan.RPO
	if !plan.MaximumAge.IsNull() {
		var ageDiags diag.Diagnostics
		d.maximumAge, ageDiags = plan.MaximumAge.ValueGoDuration()
		diags.Append(ageDiags...)
	}
	d.series = uuid.NewSHA1(uuid.NameSpaceURL, []byte(r.federation.DeploymentID+"|"+id.String())).String()
	d.run = strings.Join([]string{
		d.series, plan.Keepers.String(), plan.EncryptionKeyWOVersion.ValueString(), d.class, plan.MaximumAge.String(),
	}, "|")
	return id, d, !diags.HasError()
}

// Read keeps what was proven: it stays so.
func (r *drillResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over timeouts, which matter to a next time only.
func (r *drillResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete has nothing to do.
func (r *drillResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// verdict tells what went wrong, and what a drill has left behind.
func verdict(d *drill, out outcome) (diags diag.Diagnostics) {
	gone := "what the drill had restored is gone again. "
	for _, v := range out.volumes {
		if v.leftover != "" {
			gone = "something of what the drill had restored is still there: see the warning. "
			diags.AddWarning(fmt.Sprintf("The drill's storage volume %s is still there", v.leftover),
				"It was to go again, and the operator did not remove it. Nobody needs it: delete it by the operator's own means.")
		}
	}
	if failures := out.failures(); len(failures) > 0 {
		diags.AddAttributeError(path.Root("plan_id"),
			fmt.Sprintf("The restore drill of backup plan %q failed at %s", d.plan.Name, d.vaults.Name),
			lifecycle.Paragraphs(strings.Join(failures, "\n"),
				"What lives was not touched, and "+gone+"Find out why, make a new backup if need be, and apply again: the next apply has another "+
					"drill."))
	}
	return diags
}
