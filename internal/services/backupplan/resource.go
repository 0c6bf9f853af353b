// Package backupplan is the service of plans, which back up at another operator what runs at one.
package backupplan

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_backup_plan.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.BackupPlanSpec, cloud.BackupPlan] {
	return lifecycle.Definition[resourceModel, attributes, cloud.BackupPlanSpec, cloud.BackupPlan]{
		Kind: cloud.KindBackupPlan, Plural: "backup_plans", Noun: "backup plan",
		Schema:     planSchema(),
		Omit:       []string{"encryption_key_wo", "encryption_key_wo_version"},
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.BackupPlanSpec, cloud.BackupPlan] { return o.BackupPlans },
		Spec:       spec, Read: read, Complete: complete, Hand: hand,
		Replace: []string{"vault_id"},
		InPlace: []string{
			"name", "description", "labels", "sources", "schedule", "retention", "rpo", "paused", "consistency",
			"encryption_key_wo_version",
		},
		Fields: map[string]string{
			"vault_id": "vault", "retention": "retention_seconds", "rpo": "rpo_seconds",
			"encryption_key_wo": "encryption_key", "encryption_key_wo_version": "encryption_key",
		},
		Forget: func(m *resourceModel) { m.EncryptionKeyWOVersion = types.Int64Null() },
		Plan:   plan,
	}
}
