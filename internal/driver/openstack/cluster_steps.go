package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// clusterStep is one request of what takes several: Magnum does one thing to a cluster at a time. The steps to go are
// noted, so that whoever comes next goes on.
type clusterStep struct {
	// Do is upgrade, create, resize or delete.
	Do       string `json:"do"`
	Group    string `json:"group"`
	Template string `json:"template,omitempty"`
	Flavor   string `json:"flavor,omitempty"`
	Nodes    int64  `json:"nodes"`
}

func (n *clusterNote) steps() (todo []clusterStep) {
	if n != nil {
		_ = json.Unmarshal([]byte(n.properties[stepsProperty]), &todo) // Nothing else is written there.
	}
	return todo
}

// noteSteps writes steps down, or takes them out when there are none.
func (p properties) noteSteps(todo []clusterStep) {
	if delete(p, stepsProperty); len(todo) > 0 {
		text, _ := json.Marshal(todo) //nolint:errchkjson // Texts and numbers.
		p[stepsProperty] = string(text)
	}
}

// proceed takes the next of the steps to go. If Magnum refuses one for good, the others are not taken either.
func (c *clusters) proceed(ctx context.Context, r clusterRecord, n *clusterNote) error {
	todo := n.steps()
	err := c.take(ctx, r, todo[0])
	var refused *cloud.Error
	passing := errors.Is(err, cloud.ErrUnknownOutcome) || errors.Is(err, cloud.ErrBusy) || errors.Is(err, cloud.ErrUnavailable)
	if err != nil && (passing || !errors.As(err, &refused)) {
		return err
	}
	p := maps.Clone(n.properties)
	p.noteSteps(todo[1:])
	if refused != nil {
		p.noteSteps(nil)
	}
	if kept := c.write(ctx, n, p); kept != nil {
		return kept
	}
	if refused != nil {
		failed := *refused
		failed.Reason = cloud.ErrFailed
		failed.Text = "Magnum did not " + todo[0].Do + " the node group " + todo[0].Group + ": " + refused.Text
		return &failed
	}
	return c.tidy(ctx, r.ID, c.begun(ctx, r))
}

// take sends the request of a step. One that was sent before, by somebody who could not note it, is taken.
func (c *clusters) take(ctx context.Context, r clusterRecord, step clusterStep) error {
	cluster := path("clusters", r.ID)
	var err error
	switch step.Do {
	case "upgrade":
		_, err = c.post(ctx, c.containers, path(cluster, "actions", "upgrade"), map[string]any{
			"cluster_template": step.Template, "max_batch_size": 1, "nodegroup": step.Group,
		}, nil)
	case "create":
		_, err = c.post(ctx, c.containers, path(cluster, "nodegroups"), map[string]any{
			"name": step.Group, "flavor_id": step.Flavor, "node_count": step.Nodes,
		}, nil)
		if errors.Is(err, cloud.ErrConflict) && strings.Contains(err.Error(), "already exists") {
			err = nil
		}
	case "resize":
		_, err = c.post(ctx, c.containers, path(cluster, "actions", "resize"), map[string]any{
			"node_count": step.Nodes, "nodegroup": step.Group,
		}, nil)
	case "delete":
		err = c.removeIfThere(ctx, c.containers, path(cluster, "nodegroups", escapePath(step.Group)))
	}
	return err
}

// Magnum's API says yes before its conductor has begun: what is asked right after may not know of it yet.
const (
	conductorSettles = 15 * time.Second
	conductorPoll    = 300 * time.Millisecond
)

// begun waits until a cluster shows that Magnum has begun with what it was asked for. If it never does, the cluster is
// as it is.
func (c *clusters) begun(ctx context.Context, was clusterRecord) error {
	return c.until(ctx, func() (bool, error) {
		r, _, err := c.record(ctx, was.ID)
		return r.Status != was.Status || !r.UpdatedAt.Equal(was.UpdatedAt.Time), err
	})
}

// until asks until there is an answer, an error, or no more time.
func (c *clusters) until(ctx context.Context, done func() (bool, error)) error {
	timer, tick := time.NewTimer(conductorSettles), time.NewTicker(conductorPoll)
	defer timer.Stop()
	defer tick.Stop()
	for {
		if is, err := done(); is || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return unsure(&cloud.Error{Reason: cloud.ErrUnavailable, Operator: c.operator, Text: "Interrupted.", Cause: ctx.Err()})
		}
	}
}
