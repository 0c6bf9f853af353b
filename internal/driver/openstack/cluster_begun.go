package openstack

import (
	"context"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Magnum's API says yes before its conductor has begun: what is asked right after may not know of it yet.
const (
	conductorSettles = 15 * time.Second
	conductorPoll    = 300 * time.Millisecond
)

// begun waits until a cluster shows that Magnum has begun with a step, or with its deletion, which is none. What Magnum's
// conductor does not like it drops without a word to anybody.
func (c *clusters) begun(ctx context.Context, was clusterRecord, step *clusterStep) error {
	has, err := c.until(ctx, func() (bool, error) {
		r, _, err := c.record(ctx, was.ID)
		if err != nil || r.Status != was.Status || !r.UpdatedAt.Equal(was.UpdatedAt.Time) {
			return err == nil, err
		}
		if step == nil {
			return false, nil
		}
		return c.done(ctx, r, *step)
	})
	if err == nil && !has {
		err = c.refused(cloud.ErrUnavailable, "Magnum has taken a request, and does not begin with it.",
			"If it stays so, its conductor does not run: tell the operator.")
	}
	return err
}

// done reports whether the node groups are as a step is to leave them. Magnum's times are whole seconds: a step that ends
// within the second in which the one before it has ended shows in nothing else.
func (c *clusters) done(ctx context.Context, r clusterRecord, step clusterStep) (bool, error) {
	if step.Do == "upgrade" {
		return c.upgraded(ctx, r, step)
	}
	groups, err := c.nodeGroups(ctx, r.ID)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(groups, func(g nodeGroup) bool { return g.Name == step.Group })
	if step.Do == "delete" {
		return at < 0, nil
	}
	return at >= 0 && groups[at].Nodes == step.Nodes, nil
}

// upgraded reports whether the cluster, or one of the node groups that follow it, has a template.
func (c *clusters) upgraded(ctx context.Context, r clusterRecord, step clusterStep) (bool, error) {
	if step.Group == defaultWorker {
		return r.TemplateID == step.Template, nil
	}
	var group struct {
		Labels magnumLabels `json:"labels"` // They are in no list.
	}
	_, err := c.get(ctx, c.containers, path("clusters", r.ID, "nodegroups", escapePath(step.Group)), &group)
	is := func(t clusterTemplate) bool {
		return t.ID == step.Template && t.version() == versionOf(group.Labels["kube_tag"])
	}
	return err == nil && slices.ContainsFunc(c.catalogue.templates, is), err
}

// until asks until there is an answer, an error, or no more time.
func (c *clusters) until(ctx context.Context, done func() (bool, error)) (bool, error) {
	timer, tick := time.NewTimer(conductorSettles), time.NewTicker(conductorPoll)
	defer timer.Stop()
	defer tick.Stop()
	for {
		if is, err := done(); is || err != nil {
			return is, err
		}
		select {
		case <-tick.C:
		case <-timer.C:
			return false, nil
		case <-ctx.Done():
			return false, unsure(&cloud.Error{Reason: cloud.ErrUnavailable, Operator: c.operator, Text: "Interrupted.", Cause: ctx.Err()})
		}
	}
}
