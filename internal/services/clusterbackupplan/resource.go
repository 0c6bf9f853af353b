// Package clusterbackupplan is the service of plans that back up at another operator what is in a container cluster.
package clusterbackupplan

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// NewResource makes vdam_container_cluster_backup_plan.
func NewResource() resource.Resource { return lifecycle.NewResource(definition()) }

func definition() lifecycle.Definition[resourceModel, attributes, cloud.ClusterBackupPlanSpec, cloud.ClusterBackupPlan] {
	return lifecycle.Definition[resourceModel, attributes, cloud.ClusterBackupPlanSpec, cloud.ClusterBackupPlan]{
		Kind: cloud.KindClusterBackupPlan, Plural: "container_cluster_backup_plans", Noun: "container cluster backup plan",
		Schema:     planSchema(),
		Attributes: func(m *resourceModel) *attributes { return &m.attributes },
		Base:       func(a *attributes) *lifecycle.Base { return &a.Base },
		Named:      func(a *attributes) *lifecycle.Named { return &a.Named },
		Timeouts:   func(m *resourceModel) *timeouts.Value { return &m.Timeouts },
		Collection: func(o *cloud.Operator) cloud.Collection[cloud.ClusterBackupPlanSpec, cloud.ClusterBackupPlan] {
			return o.ClusterBackupPlans
		},
		Spec: spec, Read: read, Complete: complete, Hand: hand,
		Replace: []string{"cluster_id", "vault_id"},
		InPlace: []string{
			"name", "description", "labels", "schedule", "included_namespaces", "excluded_namespaces", "label_selector", "secrets", "volume_data",
			"hooks", "retention", "rpo", "paused",
		},
		Fields:     map[string]string{"vault_id": "vault"},
		OperatorOf: func(a *attributes) types.String { return lifecycle.OperatorOf(a.ClusterID) },
		Plan:       plan,
	}
}
