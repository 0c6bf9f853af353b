// Package backup is the service of backups that are asked for beside the schedule.
package backup

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_backup.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.BackupSpec, cloud.Backup] {
	return lifecycle.Definition[resourceModel, attributes, cloud.BackupSpec, cloud.Backup]{
		Kind: cloud.KindBackup, Plural: "backups", Noun: "backup",
		Schema:     backupSchema(),
		Omit:       []string{"keepers", "encryption_key_wo"},
		Fields:     map[string]string{"encryption_key_wo": "encryption_key"},
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.BackupSpec, cloud.Backup] { return o.Backups },
		Spec:       spec, Read: read,
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
		MarkdownDescription: "One run of a `vdam_backup_plan`, beside its schedule, such as before a change. It is ready when there is a " +
			"recovery point of each volume; it is waited for as long as 6 hours, unless `timeouts` say otherwise. Where the operator makes no " +
			"backups itself (OpenStack), the machine that runs Terraform does, which needs `encryption_key_wo`, and the next apply goes on with a " +
			"run that was cut off. Destroying it forgets it: its recovery points stay in the vault as long as that keeps them.",
		Attributes: map[string]schema.Attribute{
			"plan_id": schema.StringAttribute{
				MarkdownDescription: "The plan, `<operator>/<id>`. A change makes a new backup.", Required: true,
			},
			"keepers": schema.MapAttribute{
				MarkdownDescription: "Anything whose change is to make a new backup, such as the version of what is about to be installed. Keepers " +
					"where there were none are only noted.",
				ElementType: types.StringType, Optional: true,
			},
			"encryption_key_wo": schema.StringAttribute{
				MarkdownDescription: "The plan's key, needed where backups are made by the machine that runs Terraform, and used nowhere else; never " +
					"stored in plan or state (Terraform 1.11 or later). Another key makes no new backup.",
				Optional: true, Sensitive: true, WriteOnly: true, Validators: []validator.String{lifecycle.BackupKeyValidator()},
			},
			"recovery_points": schema.ListNestedAttribute{
				MarkdownDescription: "What the run has made, a recovery point of each volume.", Computed: true,
				PlanModifiers: []planmodifier.List{listplanmodifier.UseNonNullStateForUnknown()},
				NestedObject:  schema.NestedAttributeObject{Attributes: lifecycle.RecoveryPointAttributes()},
			},
		},
	}
}

func plan(_ context.Context, p *lifecycle.Planning[resourceModel]) {
	lifecycle.CheckReference(&p.Diagnostics, path.Root("plan_id"), p.Plan.Operator.ValueString(), "backup plan", p.Plan.PlanID)
	made := p.State != nil && p.State.Status.ValueString() != string(cloud.StateCreating)
	if op := p.Operator; op != nil && op.Capabilities.BackupsRunHere && !made && p.Config.EncryptionKeyWO.IsNull() {
		p.Diagnostics.AddAttributeError(path.Root("encryption_key_wo"), "Backups of "+op.Name+" are made by the machine that runs Terraform",
			"It needs the plan's key for that, which nobody keeps. Set encryption_key_wo to the same value as in the plan.")
	}
}
