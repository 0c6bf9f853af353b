package velero

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// clear removes what Velero needed to restore. The storage location goes first: with it Velero would make the backup again.
// Then the Restore can go: with its backup known, Velero would want to delete in the vault, which nobody here may.
func (t *attempt) clear(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tidyWait)
	defer cancel()
	_ = t.sweep(ctx, seriesLabel+"="+t.order.Series) // The next one of the series does it again.
}

// sweep removes what restores have needed beside what they have restored.
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
func (r *restores) Tidy(ctx context.Context, clusterID, series string) error {
	selector := seriesLabel + "=" + series
	return r.with(ctx, clusterID, func(a *api) error {
		if err := a.sweep(ctx, selector); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, tidyWait)
		defer cancel()
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
	})
}
