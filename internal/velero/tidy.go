package velero

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// clear removes what Velero needed to restore. Where it has not come to an end, that stays: it would go on all the same.
func (t *attempt) clear(ctx context.Context) {
	if t.runs {
		t.out.Left = "Velero has not ended restore " + t.order.Name + " yet, so that what it needs for it stays in the namespace velero"
		return
	}
	if err := t.tidy(ctx, seriesLabel+"="+t.order.Series, t.order.Cleanup); err != nil {
		t.out.Left = err.Error()
	}
}

// tidy removes what orders have left: what they have needed, and namespaces if they are temporary. It waits for what Velero
// still restores, which would make the namespaces again.
func (a *api) tidy(ctx context.Context, selector string, namespaces bool) error {
	ctx, cancel := context.WithTimeout(ctx, tidyWait)
	defer cancel()
	for {
		all, err := list[restore](ctx, a, path("restores"), selector)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, restore.runs) {
			break
		}
		if !pause(ctx, restorePoll) {
			return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: a.operator,
				Text: "Velero is still at a restore that an earlier run has begun.", Advice: "Wait until it has ended it, and apply again."}
		}
	}
	if err := a.sweep(ctx, selector); err != nil || !namespaces {
		return err
	}
	return a.removeNamespaces(ctx, selector)
}

// sweep removes what restores have needed beside what they have restored. The storage location goes first: with it Velero would
// make the backup again. Then the Restore can go: with its backup known, Velero would want to delete in the vault, which nobody
// here may.
func (a *api) sweep(ctx context.Context, selector string) error {
	locations, err := list[location](ctx, a, path("backupstoragelocations"), selector)
	failures := []error{err, a.removeAll(ctx, path("backupstoragelocations"), selector)}
	for _, l := range locations { // Velero may have brought more of the vault's backups into the cluster than the one.
		failures = append(failures, a.removeAll(ctx, path("backups"), locationLabel+"="+l.Metadata.Name))
	}
	for _, at := range []string{path("backups"), path("restores"), secrets(), within("/api/v1", namespace, "configmaps")} {
		failures = append(failures, a.removeAll(ctx, at, selector))
	}
	return errors.Join(failures...)
}

// removeAll removes all of a sort that have a label.
func (a *api) removeAll(ctx context.Context, at, selector string) error {
	return a.remove(ctx, at+"?"+url.Values{"labelSelector": {selector}}.Encode())
}

// Tidy implements cloud.ClusterRestores.
func (r *restores) Tidy(ctx context.Context, clusterID, series, name string) error {
	done, err := r.turn(ctx, clusterID)
	if err != nil {
		return err
	}
	defer done()
	return r.with(ctx, clusterID, func(a *api) error {
		return a.tidy(ctx, seriesLabel+"="+series+","+orderLabel+"="+name, true)
	})
}

// removeNamespaces removes those that have a label, and waits until they are gone.
func (a *api) removeNamespaces(ctx context.Context, selector string) error {
	for asked := map[string]bool{}; ; {
		left, err := list[struct {
			Metadata metadata `json:"metadata"`
		}](ctx, a, "/api/v1/namespaces", selector)
		if err == nil && len(left) == 0 {
			return nil
		}
		var names []string
		for _, n := range left {
			if names = append(names, n.Metadata.Name); !asked[n.Metadata.Name] {
				asked[n.Metadata.Name] = a.remove(ctx, "/api/v1/namespaces/"+url.PathEscape(n.Metadata.Name)) == nil
			}
		}
		if !pause(ctx, restorePoll) {
			return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: a.operator, Cause: err,
				Text: fmt.Sprintf("The namespaces %s of the cluster have not gone within %s.", strings.Join(names, ", "), tidyWait)}
		}
	}
}
