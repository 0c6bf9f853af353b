package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"

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

// proceed takes the next of the steps to go, and takes it out when Magnum has begun with it: one that it forgets is sent
// again. If Magnum refuses one for good, the others are not taken either.
func (c *clusters) proceed(ctx context.Context, r clusterRecord, n *clusterNote) error {
	todo := n.steps()
	sent, err := c.take(ctx, r, todo[0])
	if sent && err == nil {
		err = c.tidy(ctx, r.ID, c.begun(ctx, r, &todo[0]))
	}
	var refused *cloud.Error
	if err != nil && (passes(err) || isNotFound(err) || !errors.As(err, &refused)) {
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
	return nil
}

// passes reports whether an error may be gone when the same is asked again.
func passes(err error) bool {
	return errors.Is(err, cloud.ErrUnknownOutcome) || errors.Is(err, cloud.ErrBusy) || errors.Is(err, cloud.ErrUnavailable)
}

// take sends the request of a step. There is nothing to send where somebody has sent it before who could not note it.
func (c *clusters) take(ctx context.Context, r clusterRecord, step clusterStep) (sent bool, err error) {
	cluster := path("clusters", r.ID)
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
			return false, nil
		}
	case "resize":
		_, err = c.post(ctx, c.containers, path(cluster, "actions", "resize"), map[string]any{
			"node_count": step.Nodes, "nodegroup": step.Group,
		}, nil)
	case "delete":
		err = c.remove(ctx, c.containers, path(cluster, "nodegroups", escapePath(step.Group)))
		if isNotFound(err) {
			return false, nil
		}
	}
	return true, err
}
