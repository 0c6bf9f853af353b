package velero

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// backups are those that somebody has asked for beside the schedule of a plan.
type backups struct{ *clusters }

// Create implements cloud.Collection. Each has a name of its own, as the vault keeps those that are forgotten, and Velero makes
// no second one of a name there. A cut-off order is found again by its owner key.
func (b *backups) Create(ctx context.Context, spec cloud.ClusterBackupSpec, o cloud.CreateOptions) (made cloud.ClusterBackup, err error) {
	plan, ok := parseIdentity(spec.PlanID)
	if !ok {
		return made, b.notFound(spec.PlanID)
	}
	key := strings.ToLower(o.OwnerKey)
	err = b.with(ctx, plan.cluster, func(a *api) error {
		all, err := list[backup](ctx, a, path("backups"), ownerLabel+"="+key)
		if err != nil {
			return err
		}
		for _, found := range all {
			earlier, ok := found.asked(plan.cluster)
			if ok && earlier.Ownership.Key == key && !earlier.Ownership.Claimed && !found.remembered() {
				made, made.Replayed = earlier, true
				return nil
			}
		}
		var s schedule
		if err := a.get(ctx, path("schedules", plan.name), &s); err != nil {
			return err
		}
		note, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		id := identity{plan.cluster, plan.name + "-" + strings.ToLower(rand.Text()[:10])}
		err = a.create(ctx, path("backups"), object{
			"apiVersion": "velero.io/v1", "kind": "Backup", "spec": s.Spec.Template,
			"metadata": object{
				"name":        id.name,
				"labels":      object{ownerLabel: key, unclaimedLabel: yes, planLabel: plan.name, scheduleLabel: plan.name},
				"annotations": object{backupNote: string(note), deploymentNote: o.Deployment},
			},
		})
		if err != nil {
			return err
		}
		made, err = b.read(ctx, a, id)
		return err
	})
	return made, err
}

// remembered reports whether Velero has found a backup in the vault, with the labels that it had there when it ended, and it is
// no order.
func (b backup) remembered() bool {
	ended := b.Status.Ended
	return !ended.IsZero() && b.Metadata.Created.After(ended)
}

func (b *backups) read(ctx context.Context, a *api, id identity) (cloud.ClusterBackup, error) {
	var found backup
	if err := a.get(ctx, path("backups", id.name), &found); err != nil {
		return cloud.ClusterBackup{}, err
	}
	made, ok := found.asked(id.cluster)
	if !ok {
		return made, b.notFound(id.String())
	}
	return made, nil
}

// asked is a backup that somebody has asked for; ok is false for all others.
func (b backup) asked(cluster string) (made cloud.ClusterBackup, ok bool) {
	var spec cloud.ClusterBackupSpec
	_, forgotten := b.Metadata.Labels[forgottenLabel]
	if forgotten || json.Unmarshal([]byte(b.Metadata.Annotations[backupNote]), &spec) != nil {
		return made, false
	}
	made = cloud.ClusterBackup{
		Meta: metaOf(b.Metadata, identity{cluster, b.Metadata.Name}), PlanID: spec.PlanID, Warnings: b.Status.Warnings,
	}
	made.Name, made.Description, made.Labels = spec.Name, spec.Description, spec.Labels
	switch b.Status.ended() {
	case completed:
		made.RecoveryPoint, _ = newest([]backup{b})
	case partiallyFailed, failed, failedValidation:
		made.State, made.StateMessage = cloud.StateFailed, b.problem()
	default:
		made.State, made.PollAfter = cloud.StateCreating, time.Second
	}
	return made, true
}

// Get implements cloud.Collection.
func (b *backups) Get(ctx context.Context, id string) (made cloud.ClusterBackup, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return made, b.notFound(id)
	}
	err = b.with(ctx, i.cluster, func(a *api) error {
		made, err = b.read(ctx, a, i)
		return err
	})
	return made, err
}

// Await implements cloud.Collection.
func (b *backups) Await(ctx context.Context, id string, limit time.Duration) (made cloud.ClusterBackup, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return made, b.notFound(id)
	}
	until, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = b.with(ctx, i.cluster, func(a *api) error {
		for {
			if made, err = b.read(ctx, a, i); err != nil || made.State.Settled() || !pause(until, agentPoll) {
				return err
			}
		}
	})
	return made, err
}

// List implements cloud.Collection.
func (b *backups) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.ClusterBackup, error] {
	return each(ctx, b.clusters, o, func(ctx context.Context, a *api, cluster string) (out []cloud.ClusterBackup, err error) {
		all, err := list[backup](ctx, a, path("backups"), ownerLabel)
		for _, found := range all {
			if made, ok := found.asked(cluster); ok {
				out = append(out, made)
			}
		}
		return out, err
	})
}

// Update implements cloud.Collection: what people call it.
func (b *backups) Update(
	ctx context.Context, id string, change cloud.Change[cloud.ClusterBackupSpec],
) (made cloud.ClusterBackup, err error) {
	note, err := json.Marshal(change.To)
	if err != nil {
		return made, err
	}
	return b.change(ctx, id, object{"annotations": object{backupNote: string(note)}})
}

// Delete implements cloud.Collection: the backup is forgotten and stays in the vault. Its object stays as well, as Velero would
// make it again.
func (b *backups) Delete(ctx context.Context, id string) error {
	_, err := b.change(ctx, id, object{"labels": object{forgottenLabel: yes, ownerLabel: nil, unclaimedLabel: nil}})
	return err
}

// Claim implements cloud.Collection.
func (b *backups) Claim(ctx context.Context, id string) error {
	_, err := b.change(ctx, id, object{"labels": object{unclaimedLabel: nil}})
	return err
}

// change changes the metadata of a backup.
func (b *backups) change(ctx context.Context, id string, metadata object) (made cloud.ClusterBackup, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return made, b.notFound(id)
	}
	err = b.with(ctx, i.cluster, func(a *api) error {
		if made, err = b.read(ctx, a, i); err != nil {
			return err
		}
		if err := a.merge(ctx, path("backups", i.name), object{"metadata": metadata}); err != nil {
			return err
		}
		if again, err := b.read(ctx, a, i); err == nil { // Else it has just been forgotten.
			made = again
		}
		return nil
	})
	return made, err
}
