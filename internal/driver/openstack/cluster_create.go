package openstack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// Create implements cloud.Collection. The note is made first, under the owner key: it tells an order that was cut off from
// one that never was.
func (c *clusters) Create(ctx context.Context, spec cloud.ContainerClusterSpec, opts cloud.CreateOptions) (cloud.ContainerCluster, error) {
	var none cloud.ContainerCluster
	template, err := c.check(spec)
	if err != nil {
		return none, err
	}
	defer c.names.hold(spec.Name)()
	existing, err := c.holder(ctx, spec.Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	n, err := c.noteOf(ctx, noteMark+opts.OwnerKey)
	if err == nil && existing == nil && n != nil {
		existing, err = c.afterCutOff(ctx, spec.Name, opts, n)
	}
	if err != nil {
		return none, err
	}
	if existing != nil {
		found, err := c.adopt(ctx, existing.ID, n)
		return found, unsure(err)
	}
	body, err := c.orderBody(ctx, spec, opts, template)
	if err == nil {
		err = c.goOn(opts)
	}
	if err == nil && n == nil {
		n, err = c.makeNote(ctx, noteMark+opts.OwnerKey, spec.Name)
	}
	if err == nil {
		err = c.write(ctx, n, c.orderedProperties(spec, opts))
	}
	if err != nil {
		return none, err
	}
	made, err := c.order(ctx, body, n)
	if n.ID != "" && err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) && !errors.Is(err, cloud.ErrBusy) {
		_ = c.removeNote(context.WithoutCancel(ctx), n) // If it stays, the next order of the key takes it.
	}
	return made, err
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func (c *clusters) holder(ctx context.Context, name, key string) (*cloud.Meta, error) {
	found, requestID, err := c.names.find(ctx, name)
	if err != nil {
		return nil, err
	}
	metas := make([]cloud.Meta, len(found))
	for i, r := range found {
		n, err := c.noteOf(ctx, r.noteKey())
		if err != nil {
			return nil, err
		}
		metas[i] = r.meta(n)
	}
	return driver.Claimant(metas, key, c.operator, requestID)
}

// orderForgotten is how long an order that Magnum has taken, and shows nothing of, may still wait for its conductor. A
// second one would make a second cluster when that comes.
const orderForgotten = 10 * time.Minute

// afterCutOff looks once more where a note tells of an order that was cut off: Magnum may have it, and not show it yet.
func (c *clusters) afterCutOff(ctx context.Context, name string, opts cloud.CreateOptions, n *clusterNote) (*cloud.Meta, error) {
	timer := time.NewTimer(orderSettles)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, unsure(&cloud.Error{Reason: cloud.ErrUnavailable, Operator: c.operator, Text: "Interrupted.", Cause: ctx.Err()})
	}
	existing, err := c.holder(ctx, name, opts.OwnerKey)
	taken := n.properties[clusterProperty]
	if err == nil && existing == nil && taken != "" && time.Since(n.UpdatedAt.Time) < orderForgotten {
		err = c.notBegun(taken, "")
	}
	return existing, err
}

// notBegun is an order that Magnum has taken and shows nothing of.
func (c *clusters) notBegun(cluster, requestID string) error {
	return &cloud.Error{Reason: cloud.ErrUnknownOutcome, Operator: c.operator, RequestID: requestID,
		Text:   fmt.Sprintf("Magnum has taken the order of the cluster %s, and does not begin with it.", cluster),
		Advice: "Its conductor may not run: tell the operator. Ten minutes later, an apply orders another."}
}

// adopt takes over what an earlier order made, and binds the note, before which that one may have been cut off.
func (c *clusters) adopt(ctx context.Context, id string, n *clusterNote) (cloud.ContainerCluster, error) {
	if n != nil {
		if err := c.bindNote(ctx, n, id); err != nil {
			return cloud.ContainerCluster{}, err
		}
	}
	found, err := c.Get(ctx, id)
	found.Replayed = true
	return found, err
}

// orderedProperties are what the note of a new cluster has: also its pools, which Magnum makes when the cluster is there.
func (c *clusters) orderedProperties(spec cloud.ContainerClusterSpec, opts cloud.CreateOptions) properties {
	p := ordered(spec.SpecMeta, opts)
	maps.Copy(p, clusterProperties(spec))
	later := maps.Clone(spec.NodePools)
	delete(later, defaultWorker)
	p.noteSteps(c.poolSteps(nil, nil, later, nil))
	return p
}

// orderBody is the order. The default node group is empty unless a pool has its name: it could never be removed.
func (c *clusters) orderBody(
	ctx context.Context, spec cloud.ContainerClusterSpec, opts cloud.CreateOptions, template clusterTemplate,
) (map[string]any, error) {
	body := map[string]any{
		"name": spec.Name, "cluster_template_id": template.ID, "node_count": 0, "master_count": 1,
		"labels": map[string]string{ownerLabel: opts.OwnerKey}, "merge_labels": true,
	}
	if spec.HighAvailability == cloud.HighAvailabilityNode {
		// Magnum refuses several control planes without a load balancer before them.
		body["master_count"], body["master_lb_enabled"] = mastersOfNode, true
	}
	if p, ok := spec.NodePools[defaultWorker]; ok {
		f, _ := c.flavorFor(p.VCPUs, p.MemoryMiB, p.BootDiskGiB)
		body["node_count"], body["flavor_id"] = p.Size, f.ID
	}
	if spec.NetworkID == "" {
		return body, nil
	}
	sub, there, err := c.subnetOf(ctx, spec.NetworkID)
	if err == nil && !there {
		err = c.invalid("/network_id", fmt.Sprintf("There is no network %q with a subnet.", spec.NetworkID))
	}
	body["fixed_network"], body["fixed_subnet"] = spec.NetworkID, sub.ID
	return body, err
}

// order asks Magnum for the cluster, and waits until it is shown: right after the answer, Magnum may say "not found".
func (c *clusters) order(ctx context.Context, body map[string]any, n *clusterNote) (cloud.ContainerCluster, error) {
	var none cloud.ContainerCluster
	var answer struct {
		ID string `json:"uuid"`
	}
	requestID, err := c.post(ctx, c.containers, "clusters", body, &answer)
	if isNotFound(err) { // The template went in between.
		err = c.invalid("/kubernetes_version", err.Error())
	}
	if err != nil {
		return none, err
	}
	// From now on, the next order of the key knows of it.
	if err := c.bindNote(ctx, n, answer.ID); err != nil {
		return none, unsure(err)
	}
	var r clusterRecord
	there, err := c.until(ctx, func() (bool, error) {
		shown, _, err := c.record(ctx, answer.ID)
		if isNotFound(err) {
			return false, nil
		}
		r = shown
		return true, err
	})
	if err == nil && !there {
		err = c.notBegun(answer.ID, requestID)
	}
	return c.cluster(r, n, nil, ""), unsure(err)
}

// clusterName is what Magnum takes for a name, beside the port's own rules.
var clusterName = regexp.MustCompile(`^[a-z]`)

// check refuses what Magnum would, and what it would leave unread, on the field that it is about.
func (c *clusters) check(spec cloud.ContainerClusterSpec) (template clusterTemplate, err error) {
	if err := c.checkName(spec.SpecMeta); err != nil {
		return template, err
	}
	degrees := clusterCapabilities().HighAvailability
	switch {
	case !clusterName.MatchString(spec.Name):
		return template, c.invalid("/name", "Magnum takes names alone that begin with a letter.")
	case spec.HighAvailability != "" && !slices.Contains(degrees, spec.HighAvailability):
		return template, c.invalid("/high_availability", "Magnum has control planes of one node, or of three for \"node\".")
	case spec.NetworkID != "" && !validID(spec.NetworkID):
		return template, c.invalid("/network_id", fmt.Sprintf("There is no network %q.", spec.NetworkID))
	}
	if err := c.checkLacks(spec); err != nil {
		return template, err
	}
	if err := c.checkPools(nil, spec.NodePools); err != nil {
		return template, err
	}
	return c.templateFor(spec.KubernetesVersion)
}

// checkLacks refuses what Magnum's API has no place for.
func (c *clusters) checkLacks(spec cloud.ContainerClusterSpec) error {
	for _, l := range []struct {
		pointer  string
		declared bool
	}{
		{"/pod_cidr", spec.PodCIDR != "" && spec.ServiceCIDR == ""}, {"/service_cidr", spec.ServiceCIDR != ""},
		{"/oidc", spec.OIDC != nil}, {"/api_allowed_cidrs", len(spec.APIAllowedCIDRs) > 0},
	} {
		if l.declared {
			return c.invalid(l.pointer, "Magnum has no place for it: what there is, its drivers take from labels of their own.")
		}
	}
	return nil
}
