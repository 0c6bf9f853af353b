// Package velero backs up what is in container clusters, by the Velero that runs in them: an operator of which nothing more is
// known than how to get into its clusters gets plans, backups and restores. It speaks to the clusters' own APIs, with
// credentials that it mints for each call and ends again, and knows no Terraform.
//
// Velero's own words for how something went are not relied on: it calls a restore of nothing partially failed, as one that
// restored all and could not write a log.
package velero

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Options are what Attach needs besides the operator.
type Options struct {
	// Operator opens another operator by its name, or the same: that of a vault.
	Operator func(ctx context.Context, name string) (*cloud.Operator, error)
	// Dial makes the client of a cluster's API.
	Dial func(a cloud.Access) (*http.Client, error)
	// Now is the time.
	Now func() time.Time
}

// Attach gives an operator with ClusterAccess plans, backups and restores of its clusters.
func Attach(op *cloud.Operator, o Options) {
	if op.ClusterAccess == nil {
		return
	}
	c := &clusters{operator: op, options: o, open: map[string]*lease{}}
	kinds := maps.Clone(op.Capabilities.Kinds)
	if kinds == nil {
		kinds = map[cloud.Kind]cloud.KindCapabilities{}
	}
	kinds[cloud.KindClusterBackupPlan] = cloud.KindCapabilities{UpdatesInPlace: []string{
		"name", "description", "labels", "schedule", "included_namespaces", "excluded_namespaces", "label_selector", "cluster_objects", "secrets",
		"volume_data", "hooks", "retention", "rpo", "paused",
	}}
	kinds[cloud.KindClusterBackup] = cloud.KindCapabilities{UpdatesInPlace: []string{"name", "description", "labels"}}
	op.Capabilities.Kinds = kinds
	op.ClusterBackupPlans, op.ClusterBackups, op.ClusterRestores = &plans{c}, &backups{c}, &restores{clusters: c}
}
