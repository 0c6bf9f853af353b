package velero

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// plans are the schedules of Velero that this package has made, each with a storage location and a Secret of the same name.
type plans struct{ *clusters }

// never is the schedule of a plan that does not run by itself: it is paused, and Velero wants one.
const never = "0 0 1 1 *"

// shortKey is how much of an owner key is in names: it keeps the backups of two clusters apart that are in one vault, or come
// to one cluster.
const shortKey = 8

// folders is where in a vault the backups of clusters are. The contract lets readers write below restores/ of each folder
// in it.
const folders = "clusters/"

// Create implements cloud.Collection. Kubernetes itself sees to it that there is one schedule of a name.
func (p *plans) Create(
	ctx context.Context, spec cloud.ClusterBackupPlanSpec, o cloud.CreateOptions,
) (plan cloud.ClusterBackupPlan, err error) {
	name := spec.Name + "-" + strings.ToLower(o.OwnerKey[:min(shortKey, len(o.OwnerKey))])
	id := identity{spec.ClusterID, name}
	err = p.with(ctx, spec.ClusterID, func(a *api) error {
		version, err := a.agent(ctx)
		if err != nil {
			return err
		}
		if plan, err = p.adopt(ctx, a, id, spec.Name, o.OwnerKey); err != nil || plan.ID != "" {
			return err
		}
		body, err := newSchedule(name, spec, o)
		if err != nil {
			return err
		}
		made := false
		err = p.supply(ctx, a, name, spec.Vault, func(key string) error {
			notes := annotationsOf(body)
			notes[agentNote], notes[keyNote] = version, key
			err := a.create(ctx, path("schedules"), body)
			made = err == nil
			return err
		})
		if made && err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) {
			return errors.Join(err, p.discard(context.WithoutCancel(ctx), a, name, spec.Vault, ""))
		}
		if err != nil {
			return err
		}
		plan, err = p.read(ctx, a, id)
		return err
	})
	return plan, err
}

// adopt answers an order of a name that is taken; the plan is empty if it is free.
func (p *plans) adopt(ctx context.Context, a *api, id identity, name, key string) (plan cloud.ClusterBackupPlan, err error) {
	all, err := list[schedule](ctx, a, path("schedules"), ownerLabel)
	if err != nil {
		return plan, err
	}
	var metas []cloud.Meta
	for _, s := range all {
		if meta := s.meta(id.cluster); meta.Name == name {
			metas = append(metas, meta)
		}
	}
	adopted, err := driver.Claimant(metas, key, p.operator.Name, "")
	if err != nil || adopted == nil {
		return plan, err
	}
	was, _ := parseIdentity(adopted.ID)
	plan, err = p.read(ctx, a, was)
	plan.Replayed = true
	return plan, err
}

// supply has Velero write into a vault by a new key. The key is noted before Velero gets it, so that it can be ended, and its end
// afterwards: until then, an update of the plan begins again. A key that Velero does not get is ended.
func (p *plans) supply(ctx context.Context, a *api, name string, vault cloud.VaultReference, note func(key string) error) error {
	key, err := p.writer(ctx, vault, folders+name)
	if err != nil {
		return err
	}
	if err = note(key.ID); err == nil {
		if err = p.give(ctx, a, name, key); err == nil {
			err = a.note(ctx, name, keyEndNote, ending(key))
		}
		if errors.Is(err, cloud.ErrUnknownOutcome) {
			return err // Velero may have it.
		}
	}
	if err != nil {
		p.endKey(ctx, vault, key.ID)
	}
	return err
}

// note writes something down at a schedule.
func (a *api) note(ctx context.Context, name, note, text string) error {
	return a.merge(ctx, path("schedules", name), object{"metadata": object{"annotations": object{note: text}}})
}

// give gives Velero the key of a vault.
func (p *plans) give(ctx context.Context, a *api, name string, key cloud.VaultKey) error {
	if err := a.apply(ctx, secrets(name), keySecret(name, nil, key)); err != nil {
		return err
	}
	return a.apply(ctx, path("backupstoragelocations", name), storageLocation(name, nil, key, folders+name, false))
}

// ending is when a key ends; empty if it does not.
func ending(key cloud.VaultKey) string {
	if key.ExpiresAt.IsZero() {
		return ""
	}
	return key.ExpiresAt.UTC().Format(time.RFC3339)
}

// Get implements cloud.Collection.
func (p *plans) Get(ctx context.Context, id string) (plan cloud.ClusterBackupPlan, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return plan, p.notFound(id)
	}
	err = p.with(ctx, i.cluster, func(a *api) error {
		plan, err = p.read(ctx, a, i)
		return err
	})
	return plan, err
}

// Await implements cloud.Collection. Velero looks at a new storage location within some seconds.
func (p *plans) Await(ctx context.Context, id string, limit time.Duration) (plan cloud.ClusterBackupPlan, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return plan, p.notFound(id)
	}
	until, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = p.with(ctx, i.cluster, func(a *api) error {
		for {
			if plan, err = p.read(ctx, a, i); err != nil || plan.State.Settled() || !pause(until, agentPoll) {
				return err
			}
		}
	})
	return plan, err
}

// Update implements cloud.Collection. A key most of whose time is over makes place for another one, also where nothing else
// changes. The old one is left to end by itself: a run may be using it. What an order that was cut off has not finished is
// finished.
func (p *plans) Update(
	ctx context.Context, id string, change cloud.Change[cloud.ClusterBackupPlanSpec],
) (plan cloud.ClusterBackupPlan, err error) {
	i, ok := parseIdentity(id)
	if !ok {
		return plan, p.notFound(id)
	}
	err = p.with(ctx, i.cluster, func(a *api) error {
		version, err := a.agent(ctx)
		if err != nil {
			return err
		}
		var s schedule
		if err := a.get(ctx, path("schedules", i.name), &s); err != nil {
			return err
		}
		body, err := fields(i.name, change.To)
		if err != nil {
			return err
		}
		annotationsOf(body)[agentNote] = version
		if err := a.merge(ctx, path("schedules", i.name), body); err != nil {
			return err
		}
		_, supplied := s.Metadata.Annotations[keyEndNote]
		if end := s.keyEnd(); !supplied || !end.IsZero() && p.options.Now().After(end.Add(-cloud.ClusterKeyRenewal)) {
			err := p.supply(ctx, a, i.name, change.To.Vault, func(key string) error { return a.note(ctx, i.name, keyNote, key) })
			if err != nil {
				return err
			}
		}
		if !supplied {
			p.endKey(ctx, change.To.Vault, s.Metadata.Annotations[keyNote])
		}
		plan, err = p.read(ctx, a, i)
		return err
	})
	return plan, err
}

// Delete implements cloud.Collection. What is in the vault stays there.
func (p *plans) Delete(ctx context.Context, id string) error {
	i, ok := parseIdentity(id)
	if !ok {
		return p.notFound(id)
	}
	return p.with(ctx, i.cluster, func(a *api) error {
		var s schedule
		if err := a.get(ctx, path("schedules", i.name), &s); err != nil {
			return err
		}
		spec, _ := s.declared() // Where there is none, the key ends by itself.
		return p.discard(ctx, a, i.name, spec.Vault, s.Metadata.Annotations[keyNote])
	})
}

// discard removes all of a plan that is in the cluster, and ends its key, which may be ended already.
func (p *plans) discard(ctx context.Context, a *api, name string, vault cloud.VaultReference, key string) error {
	selector := url.Values{"labelSelector": {scheduleLabel + "=" + name}}
	for _, at := range []string{
		path("backupstoragelocations", name),
		path("backups") + "?" + selector.Encode(), // Velero would remove them in time, by itself.
		secrets(name),
	} {
		if err := a.remove(ctx, at); err != nil {
			return err
		}
	}
	p.endKey(ctx, vault, key)
	return a.remove(ctx, path("schedules", name)) // Last, as it is what makes another try find the rest.
}

// endKey ends a key that nobody needs any more. Where the vault's operator does not answer, it ends by itself.
func (p *plans) endKey(ctx context.Context, vault cloud.VaultReference, id string) {
	ctx = context.WithoutCancel(ctx)
	if op, err := p.vaultOf(ctx, vault); err == nil && id != "" {
		_ = op.VaultAccess.Revoke(ctx, vault.ID, id)
	}
}

// Claim implements cloud.Collection.
func (p *plans) Claim(ctx context.Context, id string) error {
	i, ok := parseIdentity(id)
	if !ok {
		return p.notFound(id)
	}
	return p.with(ctx, i.cluster, func(a *api) error {
		return a.merge(ctx, path("schedules", i.name), object{"metadata": object{"labels": object{unclaimedLabel: nil}}})
	})
}
