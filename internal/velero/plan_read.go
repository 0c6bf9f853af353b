package velero

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// declared is the specification of a schedule that this package has made.
func (s schedule) declared() (spec cloud.ClusterBackupPlanSpec, err error) {
	text := s.Metadata.Annotations[planNote]
	if text == "" {
		return spec, errNotOurs
	}
	return spec, json.Unmarshal([]byte(text), &spec)
}

// meta is what all objects have.
func (s schedule) meta(cluster string) cloud.Meta {
	spec, _ := s.declared() // Who needs more of it than its name asks again.
	m := metaOf(s.Metadata, identity{cluster, s.Metadata.Name})
	m.Name, m.Description, m.Labels = cmp.Or(spec.Name, s.Metadata.Name), spec.Description, spec.Labels
	return m
}

func metaOf(m metadata, id identity) cloud.Meta {
	_, unclaimed := m.Labels[unclaimedLabel]
	return cloud.Meta{
		ID: id.String(), State: cloud.StateReady, CreatedAt: m.Created.UTC(),
		Ownership: cloud.Ownership{Key: m.Labels[ownerLabel], Deployment: m.Annotations[deploymentNote], Claimed: !unclaimed},
	}
}

// keyEnd is when Velero's key ends; zero if it does not.
func (s schedule) keyEnd() time.Time {
	end, _ := time.Parse(time.RFC3339, s.Metadata.Annotations[keyEndNote])
	return end
}

// read reads a plan with what came of it.
func (p *plans) read(ctx context.Context, a *api, id identity) (cloud.ClusterBackupPlan, error) {
	var s schedule
	if err := a.get(ctx, path("schedules", id.name), &s); err != nil {
		return cloud.ClusterBackupPlan{}, err
	}
	return p.complete(ctx, a, id, s)
}

func (p *plans) complete(ctx context.Context, a *api, id identity, s schedule) (plan cloud.ClusterBackupPlan, err error) {
	spec, err := s.declared()
	if err != nil {
		return plan, &cloud.Error{Reason: cloud.ErrNotFound, Operator: p.operator.Name,
			Text: fmt.Sprintf("The schedule %s of Velero cannot be used as a plan: %v.", id.name, err)}
	}
	var l location
	if err := a.get(ctx, path("backupstoragelocations", id.name), &l); err != nil && !isNotFound(err) {
		return plan, err
	}
	backups, err := list[backup](ctx, a, path("backups"), scheduleLabel+"="+id.name)
	if err != nil {
		return plan, err
	}
	plan = cloud.ClusterBackupPlan{
		Meta: s.meta(id.cluster), ClusterID: id.cluster, Vault: spec.Vault, Schedule: s.cron(spec),
		IncludedNamespaces: spec.IncludedNamespaces, ExcludedNamespaces: spec.ExcludedNamespaces, Selector: spec.Selector,
		ClusterObjects: spec.ClusterObjects, Secrets: spec.Secrets, VolumeData: spec.VolumeData,
		Hooks: spec.Hooks, Retention: spec.Retention, RPO: spec.RPO,
		Paused: s.Spec.Paused && (spec.Paused || spec.Schedule != ""),
		Folder: folders + id.name, KeyExpiresAt: s.keyEnd(), AgentVersion: s.Metadata.Annotations[agentNote],
	}
	plan.Newest, plan.LastError = newest(backups)
	p.settle(&plan, s, l)
	now := p.options.Now()
	plan.Stale = plan.Newest == nil || plan.RPO > 0 && now.Sub(plan.Newest.TakenAt) > plan.RPO
	if parsed, err := cron.ParseStandard(timeZone + plan.Schedule); err == nil && plan.Schedule != "" && !plan.Paused {
		plan.NextRunAt = parsed.Next(now.UTC())
	}
	return plan, nil
}

// cron is when the schedule runs, as it is now.
func (s schedule) cron(spec cloud.ClusterBackupPlanSpec) string {
	if spec.Schedule == "" && s.Spec.Paused {
		return ""
	}
	return strings.TrimPrefix(s.Spec.Schedule, timeZone)
}

// settle says whether Velero has taken a plan on.
func (p *plans) settle(plan *cloud.ClusterBackupPlan, s schedule, l location) {
	problem := driver.Sentence(l.Status.Message)
	switch {
	case s.Metadata.Deleted != nil:
		plan.State = cloud.StateDeleting
	case s.Status.Phase == failedValidation:
		plan.State, plan.StateMessage = cloud.StateFailed, "Velero refuses the schedule: "+driver.Sentence(strings.Join(s.Status.Errors, ", "))
	case l.Metadata.Name == "":
		plan.LastError = "The storage location of the plan is not there any more, so that Velero knows of no vault."
	case l.Status.Phase == available:
	case l.Status.Phase == unavailable && plan.Ownership.Claimed:
		plan.LastError = "Velero cannot use the vault: " + problem
	case l.Status.Phase == unavailable:
		plan.State, plan.StateMessage = cloud.StateFailed, "Velero cannot use the vault from the cluster: "+problem
	default:
		plan.State, plan.PollAfter = cloud.StateCreating, 2*time.Second
	}
}

// newest is the newest backup that went well, and what is wrong with one after it.
func newest(all []backup) (point *cloud.ClusterRecoveryPoint, problem string) {
	slices.SortFunc(all, func(a, b backup) int { return b.Status.Started.Compare(a.Status.Started) })
	for _, b := range all {
		switch phase := b.Status.ended(); {
		case phase == completed:
			return &cloud.ClusterRecoveryPoint{Name: b.Metadata.Name, TakenAt: b.Status.Started.UTC(), Items: b.Status.Progress.Items}, problem
		case over(phase) && problem == "":
			problem = b.problem()
		}
	}
	return nil, problem
}

// problem is why a backup did not go well.
func (b backup) problem() string {
	if why := strings.Join(append(b.Status.Problems, b.Status.Reason), " "); strings.TrimSpace(why) != "" {
		return fmt.Sprintf("Backup %s: %s", b.Metadata.Name, driver.Sentence(why))
	}
	return fmt.Sprintf("Backup %s ended as %s with %d errors, which its log has: `velero backup logs %s`.",
		b.Metadata.Name, b.Status.ended(), b.Status.Errors, b.Metadata.Name)
}

// List implements cloud.Collection: the plans of all clusters. One that cannot be reached fails it, as a list without its plans
// would look like all of them.
func (p *plans) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.ClusterBackupPlan, error] {
	return each(ctx, p.clusters, o, func(ctx context.Context, a *api, cluster string) ([]cloud.ClusterBackupPlan, error) {
		all, err := list[schedule](ctx, a, path("schedules"), ownerLabel)
		var out []cloud.ClusterBackupPlan
		for _, s := range all {
			if _, notOurs := s.declared(); err == nil && notOurs == nil {
				var plan cloud.ClusterBackupPlan
				plan, err = p.complete(ctx, a, identity{cluster, s.Metadata.Name}, s)
				out = append(out, plan)
			}
		}
		return out, err
	})
}

// each streams what there is in all clusters of the operator. Those without a Velero, and those that are only played, have
// nothing.
func each[O cloud.Object](
	ctx context.Context, c *clusters, o cloud.ListOptions, of func(ctx context.Context, a *api, cluster string) ([]O, error),
) iter.Seq2[O, error] {
	return func(yield func(O, error) bool) {
		var none O
		for cluster, err := range c.operator.ContainerClusters.List(ctx, cloud.ListOptions{OnPage: o.OnPage}) {
			if err != nil {
				yield(none, err)
				return
			}
			if cluster.Simulated || cluster.APIEndpoint == "" || cluster.State == cloud.StateDeleting {
				continue
			}
			var found []O
			err := c.with(ctx, cluster.ID, func(a *api) (err error) {
				found, err = of(ctx, a, cluster.ID)
				return err
			})
			if err != nil && !absent(err) {
				yield(none, err)
				return
			}
			for _, obj := range found {
				if driver.Matches(obj.Metadata(), o) && !yield(obj, nil) {
					return
				}
			}
		}
	}
}
