// Package clusterrestore is the service of restoring what was in a container cluster, and of proving that it can be.
package clusterrestore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

const (
	defaultLimit = time.Hour
	defaultReady = 10 * time.Minute
	// keptName is how much of a namespace's name is in that of a drill's.
	keptName = 40
	drillOf  = "container cluster restore drill"
)

type drillResource struct{ federation *cloud.Federation }

var (
	_ resource.ResourceWithConfigure  = (*drillResource)(nil)
	_ resource.ResourceWithModifyPlan = (*drillResource)(nil)
)

// NewDrill makes vdam_container_cluster_restore_drill.
func NewDrill() resource.Resource { return &drillResource{} }

// Metadata names the type.
func (r *drillResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_container_cluster_restore_drill"
}

// Configure takes the federation over from the provider.
func (r *drillResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// drill is one on its way.
type drill struct {
	target *cloud.Operator
	plan   cloud.ClusterBackupPlan
	order  cloud.ClusterRestoreOrder
	checks checks
}

// Create has the drill. One that fails is in the state with its evidence, tainted, so that the next apply has another.
func (r *drillResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, drillOf, &resp.Diagnostics)
	var m drillModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	started := time.Now().UTC()
	id, d, ok := r.prepare(ctx, &m, started, &resp.Diagnostics)
	if !ok {
		return
	}
	restored, err := d.target.ClusterRestores.Restore(ctx, d.order)
	left(restored, &resp.Diagnostics)
	if err != nil {
		resp.Diagnostics.Append(lifecycle.RefusedFor(path.Root("cluster_id"),
			fmt.Sprintf("The restore drill of container cluster backup plan %q could not be had at %s", d.plan.Name, d.target.Name),
			d.target.Name, err))
		return
	}
	failures := d.checks.failures(restored)
	resp.Diagnostics.Append(m.record(ctx, d.target.Name, started, restored)...)
	m.ID = types.StringValue(id.String() + "/" + started.Format("20060102T150405Z"))
	m.BackupName, m.Result = types.StringNull(), types.StringValue("passed")
	if restored.Backup != nil {
		m.BackupName = types.StringValue(restored.Backup.Name)
	}
	if len(failures) > 0 {
		m.Result = types.StringValue("failed")
	}
	var diags diag.Diagnostics
	m.Failures, diags = types.ListValueFrom(ctx, types.StringType, append([]string{}, failures...))
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	resp.Diagnostics.Append(d.verdict(failures)...)
}

// left tells of what a restore could not take along.
func left(r cloud.ClusterRestored, diags *diag.Diagnostics) {
	if r.Left != "" {
		diags.AddAttributeWarning(path.Root("cluster_id"), "Something of what the restore has needed is still in the cluster",
			strings.TrimSuffix(r.Left, ".")+". Nobody needs it: the next one from the same backups removes it, or remove it by hand.")
	}
}

// verdict tells what went wrong.
func (d *drill) verdict(failures []string) (diags diag.Diagnostics) {
	if len(failures) > 0 {
		diags.AddAttributeError(path.Root("plan_id"),
			fmt.Sprintf("The restore drill of container cluster backup plan %q failed at %s", d.plan.Name, d.target.Name),
			lifecycle.Paragraphs(joinLines(failures), "Nothing was restored into namespaces that were there before. "+
				"The evidence is in the state. Find out why, make a new backup "+
				"if need be, and apply again: the next apply has another drill."))
	}
	return diags
}

// prepare finds what is to be restored, and where.
func (r *drillResource) prepare(
	ctx context.Context, m *drillModel, started time.Time, diags *diag.Diagnostics,
) (id cloud.ID, d *drill, ok bool) {
	d = &drill{checks: checks{m.MinItems.ValueInt64(), m.WorkloadsReady.ValueBool()}}
	source, id, ok := r.source(ctx, m.PlanID, diags)
	if !ok {
		return id, nil, false
	}
	var err error
	if d.plan, err = source.ClusterBackupPlans.Get(ctx, id.Object); err != nil {
		diags.Append(lifecycle.RefusedFor(path.Root("plan_id"),
			fmt.Sprintf("%s does not show container cluster backup plan %s", source.Name, id), source.Name, err))
		return id, nil, false
	}
	target, ok := targetOf(ctx, r.federation, m.ClusterID, diags)
	if !ok || !atVault(target, d.plan.Vault.Operator, diags) {
		return id, nil, false
	}
	d.target = target
	limit, limitDiags := m.Timeouts.Create(ctx, defaultLimit)
	diags.Append(limitDiags...)
	age := orElse(m.MaximumAge, d.plan.RPO, diags)
	series := r.series(id.String())
	d.order = cloud.ClusterRestoreOrder{
		Name: drillName(series, started), Series: series,
		ClusterID: lifecycle.ObjectID(m.ClusterID), VaultID: d.plan.Vault.ID, Folder: d.plan.Folder,
		Namespace: func(name string) (string, bool) {
			differs := uuid.NewSHA1(uuid.NameSpaceURL, []byte(series+"|"+name)).String()[:8] // Long names may begin alike.
			return "drill-" + name[:min(len(name), keptName)] + "-" + differs, true
		},
		Temporary: true, Cleanup: m.Cleanup.ValueBool(),
		StorageClasses: pairs(ctx, m.StorageClassMapping, diags), Images: pairs(ctx, m.ImageRegistryMapping, diags),
		ReadyWithin: orElse(m.ReadyWithin, defaultReady, diags), Limit: limit, Acceptable: current(d.plan, age, time.Now),
	}
	if !d.checks.ready {
		d.order.ReadyWithin = 0
	}
	return id, d, !diags.HasError()
}

// series is that of all drills of a plan.
func (r *drillResource) series(plan string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(r.federation.DeploymentID+"|"+plan)).String()
}

// drillName is that of one drill.
func drillName(series string, started time.Time) string {
	return "vdam-drill-" + series[:8] + started.UTC().Format("-20060102150405")
}

// orElse is a duration, or another one where there is none.
func orElse(d timetypes.GoDuration, other time.Duration, diags *diag.Diagnostics) time.Duration {
	if d.IsNull() || d.IsUnknown() {
		return other
	}
	value, problems := d.ValueGoDuration()
	diags.Append(problems...)
	return value
}

// pairs are those of a map; nil for none.
func pairs(ctx context.Context, v types.Map, diags *diag.Diagnostics) (out map[string]string) {
	if !v.IsNull() && !v.IsUnknown() {
		diags.Append(v.ElementsAs(ctx, &out, false)...)
	}
	return out
}

// Read keeps what was proven: it stays so.
func (r *drillResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over timeouts, which matter to a next time only.
func (r *drillResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m drillModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

// Delete removes what the drill was to leave.
func (r *drillResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer lifecycle.Recovered(ctx, drillOf, &resp.Diagnostics)
	var m drillModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() || m.Cleanup.ValueBool() {
		return
	}
	target, ok := targetOf(ctx, r.federation, m.ClusterID, &resp.Diagnostics)
	if !ok {
		return
	}
	started, diags := m.StartedAt.ValueRFC3339Time()
	resp.Diagnostics.Append(diags...)
	series := r.series(m.PlanID.ValueString())
	if err := target.ClusterRestores.Tidy(ctx, lifecycle.ObjectID(m.ClusterID), series, drillName(series, started)); err != nil {
		resp.Diagnostics.Append(lifecycle.RefusedFor(path.Root("cluster_id"), "What the drill has restored could not be removed",
			target.Name, err))
	}
}
