package velero

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// judge looks at what there is in the cluster after a restore, whatever Velero says of it.
func (t *attempt) judge(ctx context.Context, c contents) error {
	look := context.WithoutCancel(ctx) // Who has interrupted is told what there is, too.
	wanted := c.within(t.out.Namespaces, t.order.ClusterObjects)
	resources, err := t.resources(look, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(wanted)) {
		there, err := t.there(look, kind, resources[kind], restoreLabel+"="+t.order.Name)
		if err != nil {
			return err
		}
		t.out.Kinds = append(t.out.Kinds, cloud.ClusterKind{Kind: kind, InBackup: int64(len(wanted[kind])), Restored: int64(len(there))})
		if len(there) < len(wanted[kind]) {
			if err := t.miss(look, kind, resources[kind], wanted[kind]); err != nil {
				return err
			}
		}
	}
	if err := t.awaitReady(ctx); err != nil {
		return err
	}
	return t.explain(look)
}

// explain finds out why Velero's word is not what came of it.
func (t *attempt) explain(ctx context.Context) error {
	if t.out.Items() > 0 {
		if t.out.Phase != completed {
			t.out.Notes = append(t.out.Notes, fmt.Sprintf("Velero calls the restore %s, with %d errors and %d warnings, and there are %d objects "+
				"of it in the cluster: an error may be an object that is not there, and also that Velero may not write down below restores/ in "+
				"the vault how it went. What there is of each kind has been counted; what has become of each object only Velero's own log has.",
				t.out.Phase, t.out.Errors, t.out.Warnings, t.out.Items()))
		}
		return nil
	}
	there, err := t.hasDeployment(ctx)
	if err == nil && !there {
		t.out.Reason = strings.TrimSpace(t.out.Reason + " there is no Deployment velero in the namespace velero of the cluster, in which " +
			"Velero looks up its own image, and without which it restores nothing")
	}
	return err
}

// resources are the paths of kinds, as the cluster serves them. A kind that it does not know has none.
func (a *api) resources(ctx context.Context, kinds []string) (map[string]string, error) {
	paths, known := map[string]string{}, map[string]map[string]string{}
	for _, kind := range kinds {
		at := strings.LastIndex(kind, "/")
		if at < 0 {
			continue
		}
		version, name := kind[:at], kind[at+1:]
		base := "/apis/" + version
		if !strings.Contains(version, "/") {
			base = "/api/" + version
		}
		if known[base] == nil {
			served, err := a.served(ctx, base)
			if err != nil && !absent(err) {
				return nil, err
			}
			known[base] = served
		}
		if plural := known[base][name]; plural != "" {
			paths[kind] = base + "/" + plural
		}
	}
	return paths, nil
}

// served are the plural names of the kinds of one version of an API.
func (a *api) served(ctx context.Context, base string) (map[string]string, error) {
	var found struct {
		Resources []struct {
			Name  string   `json:"name"`
			Kind  string   `json:"kind"`
			Verbs []string `json:"verbs"`
		} `json:"resources"`
	}
	plurals := map[string]string{}
	err := a.get(ctx, base, &found)
	for _, r := range found.Resources {
		if !strings.Contains(r.Name, "/") && slices.Contains(r.Verbs, "list") {
			plurals[r.Kind] = r.Name
		}
	}
	return plurals, err
}

// awaitReady waits until all that works in the namespaces is ready.
func (t *attempt) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.order.ReadyWithin)
	defer cancel()
	for {
		waiting, err := t.notReady(context.WithoutCancel(ctx))
		if err == nil && len(waiting) == 0 {
			t.out.NotReady = nil
			return nil
		}
		if !pause(ctx, restorePoll) {
			t.out.NotReady = waiting
			return err
		}
	}
}

// workload is what Kubernetes keeps running.
type workload struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Replicas *int64 `json:"replicas"`
	} `json:"spec"`
	Status struct {
		Observed int64 `json:"observedGeneration"`
		Ready    int64 `json:"readyReplicas"`
		// Those of a daemon set.
		Wanted      int64 `json:"desiredNumberScheduled"`
		DaemonReady int64 `json:"numberReady"`
		// That of a pod.
		Phase string `json:"phase"`
	} `json:"status"`
}

// notReady are the workloads that do not work, each with what is missing.
func (t *attempt) notReady(ctx context.Context) (waiting []string, err error) {
	for _, to := range slices.Sorted(maps.Values(t.out.Namespaces)) {
		for _, kind := range []struct{ group, resource, noun string }{
			{"/apis/apps/v1", "deployments", "Deployment"}, {"/apis/apps/v1", "statefulsets", "StatefulSet"},
			{"/apis/apps/v1", "daemonsets", "DaemonSet"}, {"/api/v1", "pods", "Pod"},
		} {
			all, err := list[workload](ctx, t.api, within(kind.group, to, kind.resource), restoreLabel+"="+t.order.Name)
			if err != nil {
				return nil, err
			}
			for _, w := range all {
				if lacks := w.lacks(kind.noun); lacks != "" {
					waiting = append(waiting, fmt.Sprintf("%s %s/%s: %s", kind.noun, to, w.Metadata.Name, lacks))
				}
			}
		}
	}
	return waiting, nil
}

// lacks says what a workload has not; empty if it works. What keeps a pod running speaks for it.
func (w workload) lacks(noun string) string {
	wanted, ready := int64(1), w.Status.Ready
	switch noun {
	case "Pod":
		if len(w.Metadata.Owners) > 0 || w.Status.Phase == "Running" || w.Status.Phase == "Succeeded" {
			return ""
		}
		return "it is " + w.Status.Phase
	case "DaemonSet":
		wanted, ready = w.Status.Wanted, w.Status.DaemonReady
	default:
		if w.Spec.Replicas != nil {
			wanted = *w.Spec.Replicas
		}
	}
	if w.Status.Observed >= w.Metadata.Generation && ready >= wanted {
		return ""
	}
	return fmt.Sprintf("%d of %d are ready", ready, wanted)
}
