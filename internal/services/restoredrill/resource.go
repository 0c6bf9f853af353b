// Package restoredrill is the service of proving that backups can be restored.
package restoredrill

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

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
	limit, diags := plan.Timeouts.Create(ctx, defaultLimit)
	resp.Diagnostics.Append(diags...)
	d, ok := prepare(ctx, r.federation, wish{
		planID: plan.PlanID, key: lifecycle.BackupKey(config.EncryptionKeyWO), class: plan.Class, maximumAge: plan.MaximumAge, limit: limit,
	}, &resp.Diagnostics)
	if !ok {
		return
	}
	d.run = strings.Join([]string{
		d.series, plan.Keepers.String(), plan.EncryptionKeyWOVersion.ValueString(), d.class, plan.MaximumAge.String(),
	}, "|")
	d.again = "apply again: the next apply has another drill."
	started := time.Now().UTC()
	out := d.do(ctx)
	resp.Diagnostics.Append(d.note(ctx, started, out)...)
	resp.Diagnostics.Append(plan.record(cloud.ID{Operator: d.source.Name, Object: d.plan.ID}, d.vaults.Name, started, out)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(verdict(d, out)...)
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
