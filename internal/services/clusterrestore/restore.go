package clusterrestore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

const restoreOf = "container cluster restore"

type restoreResource struct{ federation *cloud.Federation }

var (
	_ resource.ResourceWithConfigure  = (*restoreResource)(nil)
	_ resource.ResourceWithModifyPlan = (*restoreResource)(nil)
)

// NewResource makes vdam_container_cluster_restore.
func NewResource() resource.Resource { return &restoreResource{} }

// Metadata names the type.
func (r *restoreResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_container_cluster_restore"
}

// Configure takes the federation over from the provider.
func (r *restoreResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan refuses what cannot be restored.
func (r *restoreResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer lifecycle.Recovered(ctx, restoreOf, &resp.Diagnostics)
	if req.Plan.Raw.IsNull() || r.federation == nil || !r.federation.Known() {
		return
	}
	var m restoreModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() || !m.StartedAt.IsUnknown() {
		return
	}
	if m.ClusterID.IsUnknown() {
		return
	}
	target, ok := targetOf(ctx, r.federation, m.ClusterID, &resp.Diagnostics)
	if ok && lifecycle.CheckReference(&resp.Diagnostics, path.Root("vault_id"), "", "backup vault", m.VaultID) {
		vault, _ := cloud.ParseID(m.VaultID.ValueString())
		atVault(target, vault.Operator, &resp.Diagnostics)
	}
}

// Create restores. What came of a restore that failed is in the state, tainted, and in the cluster.
func (r *restoreResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, restoreOf, &resp.Diagnostics)
	var m restoreModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	target, ok := targetOf(ctx, r.federation, m.ClusterID, &resp.Diagnostics)
	vault, _ := cloud.ParseID(m.VaultID.ValueString())
	if !ok || !atVault(target, vault.Operator, &resp.Diagnostics) {
		return
	}
	limit, diags := m.Timeouts.Create(ctx, defaultLimit)
	resp.Diagnostics.Append(diags...)
	mapping := pairs(ctx, m.NamespaceMapping, &resp.Diagnostics)
	var only []string
	if !m.Namespaces.IsNull() {
		resp.Diagnostics.Append(m.Namespaces.ElementsAs(ctx, &only, false)...)
	}
	from := strings.Join([]string{
		"restore", r.federation.DeploymentID, m.ClusterID.ValueString(), vault.String(), m.Folder.ValueString(),
	}, "|")
	order := cloud.ClusterRestoreOrder{
		Name: "vdam-restore-" + uuid.NewString()[:8], Series: uuid.NewSHA1(uuid.NameSpaceURL, []byte(from)).String(),
		ClusterID: lifecycle.ObjectID(m.ClusterID), VaultID: vault.Object,
		Folder: m.Folder.ValueString(), Backup: m.BackupName.ValueString(),
		Namespace: func(name string) (string, bool) {
			if to, ok := mapping[name]; ok {
				return to, len(only) == 0 || slices.Contains(only, name)
			}
			return name, len(only) == 0 || slices.Contains(only, name)
		},
		Named:        slices.AppendSeq(slices.Clone(only), maps.Keys(mapping)),
		IntoExisting: m.IntoExisting.ValueBool(), ClusterObjects: m.ClusterObjects.ValueBool(),
		StorageClasses: pairs(ctx, m.StorageClassMapping, &resp.Diagnostics), Images: pairs(ctx, m.ImageRegistryMapping, &resp.Diagnostics),
		ReadyWithin: orElse(m.ReadyWithin, defaultReady, &resp.Diagnostics), Limit: limit,
	}
	if resp.Diagnostics.HasError() {
		return
	}
	started := time.Now().UTC()
	restored, err := target.ClusterRestores.Restore(ctx, order)
	left(restored, &resp.Diagnostics)
	if err != nil {
		resp.Diagnostics.Append(lifecycle.RefusedFor(path.Root("cluster_id"),
			fmt.Sprintf("%s did not restore into container cluster %s", target.Name, m.ClusterID.ValueString()), target.Name, err))
		return
	}
	r.conclude(ctx, &m, target.Name, order.Name, started, restored, resp)
}

// conclude writes down what came of it.
func (r *restoreResource) conclude(
	ctx context.Context, m *restoreModel, operator, name string, started time.Time, restored cloud.ClusterRestored,
	resp *resource.CreateResponse,
) {
	failures := checks{1, true}.failures(restored)
	if restored.Refusal != "" { // Nothing was begun, so there is nothing to keep.
		resp.Diagnostics.AddAttributeError(path.Root("vault_id"), "Nothing was restored from "+m.VaultID.ValueString(),
			lifecycle.Paragraphs(joinLines(failures), "Nothing was restored. Correct it, and apply again. Namespaces "+
				"that are in the way are left out by only_namespaces, and called otherwise by namespace_mapping; into_existing takes "+
				"those that exist."))
		return
	}
	resp.Diagnostics.Append(m.record(ctx, operator, started, restored)...)
	m.ID = types.StringValue(operator + "/" + name)
	if restored.Backup != nil {
		m.BackupName = types.StringValue(restored.Backup.Name)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	if len(failures) > 0 {
		resp.Diagnostics.AddAttributeError(path.Root("cluster_id"), "Not all that was restored works in "+m.ClusterID.ValueString(),
			lifecycle.Paragraphs(joinLines(failures), "What was restored is in the cluster, and the evidence in the state. Correct what is "+
				"missing there; if it works then, `terraform untaint` takes it as restored. Else remove the namespaces, and apply again."))
	}
}

// Read keeps what came of it.
func (r *restoreResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update takes over timeouts, which matter to a next time only.
func (r *restoreResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m restoreModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

// Delete forgets it: what was restored lives.
func (r *restoreResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
