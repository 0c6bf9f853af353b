package velero

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// workloads are the kinds of which each object has to be there.
var workloads = []string{"apps/v1/Deployment", "apps/v1/StatefulSet", "apps/v1/DaemonSet", "batch/v1/CronJob"}

// transient are kinds in namespaces of which a restore may leave nothing, and be complete: Velero restores them never or only
// where they are not over, or what they belong to makes others.
var transient = map[string]bool{
	"v1/Event": true, "events.k8s.io/v1/Event": true, "v1/Endpoints": true, "discovery.k8s.io/v1/EndpointSlice": true, "v1/Pod": true,
	"apps/v1/ReplicaSet": true, "apps/v1/ControllerRevision": true, "batch/v1/Job": true, "coordination.k8s.io/v1/Lease": true,
	"storage.k8s.io/v1/CSIStorageCapacity": true, "velero.io/v1/Backup": true, "velero.io/v1/Restore": true,
	"velero.io/v1/BackupRepository": true,
}

// definitions are the one kind in no namespace that others need. Of all else there, each cluster has its own.
const definitions = "apiextensions.k8s.io/v1/CustomResourceDefinition"

// own reports whether Kubernetes itself makes an object in each namespace. Velero has its labels put on some of them, so that
// they seem to be restored where nothing is.
func own(kind, name string) bool {
	return kind == "v1/ServiceAccount" && name == "default" || kind == "v1/ConfigMap" && name == "kube-root-ca.crt"
}

// there are the objects of a kind with a label, as namespace/name or name alone, but those that Kubernetes makes itself.
func (t *attempt) there(ctx context.Context, kind, at, selector string) (names []string, err error) {
	if at == "" {
		return nil, nil
	}
	all, err := list[struct {
		Metadata metadata `json:"metadata"`
	}](ctx, t.api, at, selector)
	for _, o := range all {
		if !own(kind, o.Metadata.Name) {
			names = append(names, strings.TrimPrefix(o.Metadata.Namespace+"/"+o.Metadata.Name, "/"))
		}
	}
	return names, err
}

// miss tells of a kind that is not there, and of a workload. What is there and not of the restore was there before it.
func (t *attempt) miss(ctx context.Context, kind, at string, wanted []string) error {
	namespaced := strings.Contains(wanted[0], "/")
	if transient[kind] || !namespaced && kind != definitions {
		return nil
	}
	there, err := t.there(ctx, kind, at, "")
	if err != nil {
		return err
	}
	var missing []string
	for _, name := range wanted {
		if !slices.Contains(there, name) {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == 0:
	case at == "":
		t.out.Missing = append(t.out.Missing, fmt.Sprintf("of %s there are %d in the backup, and the cluster does not know the kind: it needs "+
			"its custom resource definition", kind, len(wanted)))
	case len(missing) == len(wanted) || slices.Contains(workloads, kind):
		t.out.Missing = append(t.out.Missing, fmt.Sprintf("of %s there are %d in the backup, and %d of them are not in the cluster: %s",
			kind, len(wanted), len(missing), driver.OneLine(strings.Join(missing, ", "), driver.DetailLimit)))
	}
	return nil
}
