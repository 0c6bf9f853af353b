// Package clusterbackup is the service of backups of container clusters that are asked for beside the schedule.
package clusterbackup

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_container_cluster_backup.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.ClusterBackupSpec, cloud.ClusterBackup] {
	return lifecycle.Definition[resourceModel, attributes, cloud.ClusterBackupSpec, cloud.ClusterBackup]{
		Kind: cloud.KindClusterBackup, Plural: "container_cluster_backups", Noun: "container cluster backup",
		Schema:     backupSchema(),
		Omit:       []string{"keepers"},
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.ClusterBackupSpec, cloud.ClusterBackup] {
			return o.ClusterBackups
		},
		Spec: spec, Read: read,
		Replace: []string{"plan_id"},
		ReplaceIf: map[string]func(context.Context, *resourceModel, *resourceModel) bool{
			// No operator answers keepers: after an import the first ones are written down.
			"keepers": func(_ context.Context, state, _ *resourceModel) bool { return !state.Keepers.IsNull() },
		},
		InPlace:    []string{"name", "description", "labels"},
		Timeout:    func(*resourceModel) time.Duration { return lifecycle.BytesTimeout },
		OperatorOf: func(a *attributes) types.String { return lifecycle.OperatorOf(a.PlanID) },
		Forget:     func(m *resourceModel) { m.Keepers = types.MapNull(types.StringType) },
		Plan:       plan,
	}
}

func backupSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "One run of a `vdam_container_cluster_backup_plan`, beside its schedule, such as before a change. It is ready " +
			"when all is in the vault, and failed if Velero could not back up all of it. Destroying it forgets it: what is in the vault stays " +
			"there as long as that keeps it.",
		Attributes: map[string]schema.Attribute{
			"plan_id": schema.StringAttribute{
				MarkdownDescription: "The plan, `<operator>/<id>`. A change makes a new backup.", Required: true,
			},
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Anything whose change is to make a new backup, such as the version of what is about to be installed. Keepers " +
					"where there were none are only noted.",
				ElementType: types.StringType, Optional: true,
			},
			"backup_name": schema.StringAttribute{
				MarkdownDescription: "What Velero calls it, and `vdam_container_cluster_restore` takes.", Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"taken_at": schema.StringAttribute{
				MarkdownDescription: "When the cluster was so (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()},
			},
			"items": schema.Int64Attribute{
				MarkdownDescription: "How many objects are in it.", Computed: true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
			},
			"warnings": schema.Int64Attribute{
				MarkdownDescription: "How many warnings its log has.", Computed: true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
			},
		},
	}
}

func plan(_ context.Context, p *lifecycle.Planning[resourceModel]) {
	lifecycle.CheckReference(&p.Diagnostics, path.Root("plan_id"), p.Plan.Operator.ValueString(), "container cluster backup plan",
		p.Plan.PlanID)
}
