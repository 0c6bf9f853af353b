package velero

import (
	"context"
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
		key, err := p.writer(ctx, spec.Vault, folders+name)
		if err != nil {
			return err
		}
		if err := p.give(ctx, a, name, key); err != nil {
			return err
		}
		body, err := newSchedule(name, spec, o)
		if err != nil {
			return err
		}
		notes := annotationsOf(body)
		notes[agentNote], notes[keyNote], notes[keyEndNote] = version, key.ID, ending(key)
		if err := a.create(ctx, path("schedules"), body); err != nil {
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
// changes. The old one is left to end by itself: a run may be using it.
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
		notes := annotationsOf(body)
		notes[agentNote] = version
		if end := s.keyEnd(); !end.IsZero() && p.options.Now().After(end.Add(-cloud.ClusterKeyRenewal)) {
			key, err := p.writer(ctx, change.To.Vault, folders+i.name)
			if err != nil {
				return err
			}
			if err := p.give(ctx, a, i.name, key); err != nil {
				return err
			}
			notes[keyNote], notes[keyEndNote] = key.ID, ending(key)
		}
		if err := a.merge(ctx, path("schedules", i.name), body); err != nil {
			return err
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
		if err := a.remove(ctx, path("backupstoragelocations", i.name)); err != nil {
			return err
		}
		// Velero would remove them in time, by itself.
		selector := url.Values{"labelSelector": {scheduleLabel + "=" + i.name}}
		if err := a.remove(ctx, path("backups")+"?"+selector.Encode()); err != nil {
			return err
		}
		if err := a.remove(ctx, secrets(i.name)); err != nil {
			return err
		}
		p.endKey(ctx, s)
		return a.remove(ctx, path("schedules", i.name)) // Last, as it is what makes another try find the rest.
	})
}

// endKey ends the key of a plan that is going. Where the vault's operator does not answer, it ends by itself.
func (p *plans) endKey(ctx context.Context, s schedule) {
	spec, err := s.declared()
	id := s.Metadata.Annotations[keyNote]
	if err != nil || id == "" {
		return
	}
	if op, err := p.vaultOf(ctx, spec.Vault); err == nil {
		_ = op.VaultAccess.Revoke(ctx, spec.Vault.ID, id)
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
