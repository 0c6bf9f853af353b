package velero

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// restores restores from vaults of the operator itself.
type restores struct {
	*clusters
	turns sync.Map
}

const (
	restorePoll = 500 * time.Millisecond
	// locationWait is how long Velero may take to look at a storage location.
	locationWait = 3 * time.Minute
	// tidyWait is how long namespaces may take to go.
	tidyWait = 5 * time.Minute
)

// attempt is one restore on its way.
type attempt struct {
	*api
	order  cloud.ClusterRestoreOrder
	key    cloud.VaultKey
	shelf  *shelf
	out    *cloud.ClusterRestored
	labels object
	// runs says that Velero has not come to an end with it.
	runs bool
}

// Restore implements cloud.ClusterRestores.
func (r *restores) Restore(ctx context.Context, order cloud.ClusterRestoreOrder) (out cloud.ClusterRestored, err error) {
	if r.operator.VaultAccess == nil {
		return out, r.badVault(r.operator.Name + " keeps no backup vaults.")
	}
	done, err := r.turn(ctx, order.ClusterID)
	if err != nil {
		return out, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, order.Limit)
	defer cancel()
	err = r.with(ctx, order.ClusterID, func(a *api) error {
		if _, err := a.agent(ctx); err != nil {
			return err
		}
		if err := a.tidy(ctx, seriesLabel+"="+order.Series, order.Temporary); err != nil {
			return err
		}
		started := r.options.Now()
		key, err := r.reader(ctx, order)
		if err != nil {
			return err
		}
		defer func() { _ = r.operator.VaultAccess.Revoke(context.WithoutCancel(ctx), order.VaultID, key.ID) }() // Else it ends by itself.
		t := &attempt{api: a, order: order, key: key, out: &out, labels: object{seriesLabel: order.Series, orderLabel: order.Name}}
		if t.shelf, err = openShelf(key, order.Folder); err != nil {
			return err
		}
		defer t.clear(context.WithoutCancel(ctx))
		err = t.run(ctx)
		out.Took = r.options.Now().Sub(started)
		return err
	})
	return out, err
}

// turn waits until nothing else of this process restores into a cluster or tidies up: what Velero is told for one restore it
// reads for all of them.
func (r *restores) turn(ctx context.Context, cluster string) (done func(), err error) {
	kept, _ := r.turns.LoadOrStore(cluster, make(chan struct{}, 1))
	turn, _ := kept.(chan struct{})
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: r.operator.Name, Cause: ctx.Err(),
			Text: "Another restore runs in the cluster, and the wait for it was ended."}
	}
}

// reader mints a key to restore by.
func (r *restores) reader(ctx context.Context, order cloud.ClusterRestoreOrder) (cloud.VaultKey, error) {
	key, err := r.operator.VaultAccess.Mint(ctx, order.VaultID, cloud.VaultWish{
		Role: cloud.VaultReader, TTL: min(max(order.Limit, accessTTL)+accessTTL, longestReader),
	})
	if errors.Is(err, cloud.ErrUnsupported) {
		return key, r.badVault("There are no keys of this vault, as " + r.operator.Name + " only plays it: nothing can be restored from it.")
	}
	return key, err
}

// longestReader is how long the contract lets readers live.
const longestReader = 7 * 24 * time.Hour

// run goes as far as it makes sense; why it has not gone on is in the outcome.
func (t *attempt) run(ctx context.Context) error {
	chosen, err := t.choose(ctx)
	if err != nil || t.out.Refusal != "" {
		return err
	}
	contents, err := t.shelf.contents(ctx, chosen.name())
	if err != nil {
		t.out.Refusal = fmt.Sprintf("what is in backup %s cannot be read: %v", chosen.name(), err)
		return nil
	}
	if err := t.mapNamespaces(ctx, contents); err != nil || t.out.Refusal != "" {
		return err
	}
	if err := t.prepare(ctx, chosen); err != nil || t.out.Refusal != "" {
		return err
	}
	if err := t.restore(ctx, chosen.name()); err != nil {
		return err
	}
	return t.judge(ctx, contents)
}

// choose finds the backup that is wanted, by what is in the vault now.
func (t *attempt) choose(ctx context.Context) (chosen stored, err error) {
	all, err := t.candidates(ctx)
	var bad damage
	if errors.As(err, &bad) {
		t.out.Refusal = bad.Error()
		return nil, nil
	}
	if err != nil {
		return nil, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: t.operator, Cause: err,
			Text: driver.Sentence("The vault cannot be read: " + err.Error())}
	}
	for _, b := range all {
		point, good := b.point()
		if t.order.Backup == "" && !good {
			continue
		}
		t.out.Backup = &point
		if t.out.Refusal = ""; !good {
			t.out.Refusal = fmt.Sprintf("backup %s did not end well: Velero calls it %s", b.name(), b.phase())
		} else if t.order.Acceptable != nil {
			t.out.Refusal = t.order.Acceptable(point)
		}
		return b, nil
	}
	switch {
	case t.order.Backup != "":
		t.out.Refusal = fmt.Sprintf("there is no backup %s in the vault", t.order.Backup)
	case len(all) > 0:
		t.out.Refusal = fmt.Sprintf("none of the %d backups in the vault has ended well", len(all))
	default:
		t.out.Refusal = "there is no backup in the vault"
	}
	if t.order.Backup == "" && t.order.Acceptable != nil {
		if why := t.order.Acceptable(cloud.ClusterRecoveryPoint{}); why != "" {
			t.out.Refusal += ": " + why
		}
	}
	return nil, nil
}

// candidates are the backup that is asked for, or all, the newest first.
func (t *attempt) candidates(ctx context.Context) (all []stored, err error) {
	if t.order.Backup == "" {
		all, t.out.Notes, err = t.shelf.backups(ctx)
		return all, err
	}
	one, err := t.shelf.backup(ctx, t.order.Backup)
	if one != nil {
		all = append(all, one)
	}
	return all, err
}

// restore has Velero restore, and waits until it has ended, however.
func (t *attempt) restore(ctx context.Context, backup string) error {
	mapping := map[string]string{}
	for from, to := range t.out.Namespaces {
		if from != to {
			mapping[from] = to
		}
	}
	spec := object{ // Velero leaves out what is in no namespace unless it is told, as namespaces are named.
		"backupName": backup, "includedNamespaces": slices.Sorted(maps.Keys(t.out.Namespaces)), "namespaceMapping": mapping,
		"includeClusterResources": t.order.ClusterObjects,
	}
	err := t.create(ctx, path("restores"), object{
		"apiVersion": "velero.io/v1", "kind": "Restore", "metadata": object{"name": t.order.Name, "labels": t.labels}, "spec": spec,
	})
	if err != nil {
		return err
	}
	for {
		var r restore
		err := t.get(ctx, path("restores", t.order.Name), &r)
		if err == nil && over(r.Status.Phase) {
			t.out.Phase, t.out.Warnings, t.out.Errors = r.Status.Phase, r.Status.Warnings, r.Status.Errors
			t.out.Reason = driver.OneLine(strings.Join(append(r.Status.Problems, r.Status.Reason), " "), driver.DetailLimit)
			return nil
		}
		if isNotFound(err) {
			return &cloud.Error{Reason: cloud.ErrFailed, Operator: t.operator, Text: "Somebody has deleted the restore while it ran."}
		}
		if !pause(ctx, restorePoll) {
			t.out.Reason, t.runs = "it had not ended when the time was over", true
			return nil
		}
	}
}
