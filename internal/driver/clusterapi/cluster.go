package clusterapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// objectName is what an object of Kubernetes may be called (RFC 1123, subdomain), in up to longestName letters.
var objectName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

const longestName = 253

// clusters are the Cluster objects of a namespace that have a topology.
type clusters struct{ *session }

// one reads a cluster by its id, which says which of those that have had the name it is.
func (c *clusters) one(ctx context.Context, id string) (r record, requestID string, err error) {
	requestID, err = c.read(ctx, id, &r)
	return r, requestID, err
}

// read reads a cluster into a record, or whole into a map, and refuses another one that has got its name.
func (s *session) read(ctx context.Context, id string, into any) (requestID string, err error) {
	i := parseIdentity(id)
	if len(i.name) > longestName || !objectName.MatchString(i.name) {
		shown := driver.OneLine(id, driver.LineLimit)
		return "", s.refused(cloud.ErrNotFound, fmt.Sprintf("%q cannot be an id: it is not the name of a cluster.", shown), "")
	}
	requestID, err = s.get(ctx, s.path("clusters", i.name), into)
	if err != nil {
		return requestID, err
	}
	uid, topology := shape(into)
	e := &cloud.Error{Operator: s.operator, RequestID: requestID}
	switch {
	case i.uid != "" && uid != i.uid:
		e.Reason, e.Text = cloud.ErrNotFound, fmt.Sprintf("The cluster is gone; another one is called %s now.", i.name)
		return requestID, e
	case !topology:
		e.Reason, e.Text = cloud.ErrUnsupported, fmt.Sprintf("The cluster %s has no topology: it was put together of its parts.", i.name)
		e.Advice = "This provider changes clusters that are made from a ClusterClass."
		return requestID, e
	}
	return requestID, nil
}

// shape tells what was read of a cluster, and whether it has a topology.
func shape(read any) (uid string, topology bool) {
	switch o := read.(type) {
	case *record:
		return o.Metadata.UID, o.Spec.Topology != nil
	case *object:
		uid, _ = o.at("metadata")["uid"].(string)
		return uid, o.at("spec")["topology"] != nil
	}
	return "", false
}

// Get implements cloud.Collection.
func (c *clusters) Get(ctx context.Context, id string) (cloud.ContainerCluster, error) {
	r, requestID, err := c.one(ctx, id)
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	return c.whole(ctx, r, requestID)
}

// whole completes a cluster with what has become of its pools.
func (c *clusters) whole(ctx context.Context, r record, requestID string) (cloud.ContainerCluster, error) {
	all, err := c.deployments(ctx, r.Metadata.Name)
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	o := c.cluster(r, all[r.Metadata.Name])
	o.RequestID = requestID
	return o, nil
}

// deployments are those of the topologies of one cluster, or of all if the name is empty, by cluster.
func (c *clusters) deployments(ctx context.Context, cluster string) (map[string][]deployment, error) {
	selector := deploymentLabel
	if cluster != "" {
		selector = clusterLabel + "=" + cluster + "," + deploymentLabel
	}
	all := make(map[string][]deployment)
	for d, err := range pages[deployment](ctx, c.session, c.path("machinedeployments"), nil, "labelSelector", selector) {
		if err != nil {
			return nil, err
		}
		of := d.Metadata.Labels[clusterLabel]
		all[of] = append(all[of], d)
	}
	return all, nil
}

// cluster is a record in the port's terms.
func (c *clusters) cluster(r record, deployments []deployment) cloud.ContainerCluster {
	m := r.meta()
	m.State, m.StateMessage = c.state(r, deployments)
	m.Unfinished = c.unfinished(r, deployments)
	m.PollAfter = c.pollAfter
	o := cloud.ContainerCluster{
		Meta: m, KubernetesVersion: r.declaredVersion(), RunningVersion: r.runningVersion(deployments, m.State),
		HighAvailability: r.availability(), PodCIDR: r.Spec.Network.Pods.first(), ServiceCIDR: r.Spec.Network.Services.first(),
		NodePools: make(map[string]cloud.NodePoolState), AutoPatch: r.Metadata.Annotations[autoPatchNote] == yes,
		DeletionProtection: r.Metadata.Annotations[protectionNote] == yes, CACertificate: r.Metadata.Annotations[authorityNote],
	}
	if at := r.Spec.Endpoint; at.Host != "" {
		o.APIEndpoint = "https://" + net.JoinHostPort(at.Host, strconv.Itoa(at.Port))
	}
	for _, p := range r.Spec.Topology.Workers.Deployments {
		if !r.declares(p.Name) {
			continue
		}
		state := cloud.NodePoolState{NodePoolSize: c.poolSize(p, r.Spec.Topology.Variables)}
		for _, d := range deployments {
			if d.pool() == p.Name {
				state.CurrentSize = d.Status.All
			}
		}
		o.NodePools[p.Name] = state
	}
	return o
}

// Await implements cloud.Collection. When what was ordered is there as a whole, it notes that with the cluster.
func (c *clusters) Await(ctx context.Context, id string, _ time.Duration) (cloud.ContainerCluster, error) {
	o, err := c.Get(ctx, id)
	if err != nil || !o.Unfinished {
		return o, err
	}
	authority := o.CACertificate
	if authority == "" {
		authority, err = c.authority(ctx, o.Name)
		if err != nil && !errors.Is(err, cloud.ErrForbidden) && !isNotFound(err) { // Who may not see it does without.
			return o, err
		}
	}
	_, err = c.edit(ctx, id, func(body object, r record) error {
		notes := body.at("metadata", "annotations")
		notes[authorityNote], notes[reachedNote] = authority, digest(r.ordered())
		return nil
	})
	if err != nil {
		return o, err
	}
	return c.Get(ctx, id)
}

// Resolve implements cloud.Resolver: a cluster is known by its name.
func (c *clusters) Resolve(ctx context.Context, name string) (string, error) {
	r, _, err := c.one(ctx, name)
	return r.meta().ID, err
}

// note merges something into the metadata of the very cluster that was read.
func (c *clusters) note(ctx context.Context, m cloud.Meta, fields map[string]any) error {
	i := parseIdentity(m.ID)
	fields["uid"] = i.uid
	_, err := c.do(ctx, request{method: http.MethodPatch, path: c.path("clusters", i.name) + manager, mediaType: mergeType,
		body: map[string]any{"metadata": fields}})
	return err
}

// manager is how Kubernetes is told who changes something.
// What it does not know is refused, and not dropped without a word.
const manager = "?fieldManager=terraform-provider-vdam&fieldValidation=Strict"

// List implements cloud.Collection.
func (c *clusters) List(ctx context.Context, o cloud.ListOptions) iter.Seq2[cloud.ContainerCluster, error] {
	return func(yield func(cloud.ContainerCluster, error) bool) {
		var selectors []string
		if o.Name != "" {
			selectors = append(selectors, "fieldSelector", "metadata.name="+o.Name)
		}
		if o.OwnerKey != "" {
			selectors = append(selectors, "labelSelector", ownerLabel+"="+strings.ToLower(o.OwnerKey))
		}
		var all map[string][]deployment
		for r, err := range pages[record](ctx, c.session, c.path("clusters"), o.OnPage, selectors...) {
			if err == nil && all == nil {
				all, err = c.deployments(ctx, o.Name)
			}
			if err != nil {
				yield(cloud.ContainerCluster{}, err)
				return
			}
			if r.Spec.Topology == nil {
				continue
			}
			if found := c.cluster(r, all[r.Metadata.Name]); driver.Matches(found.Meta, o) && !yield(found, nil) {
				return
			}
		}
	}
}

// Delete implements cloud.Collection.
func (c *clusters) Delete(ctx context.Context, id string) error {
	r, _, err := c.one(ctx, id)
	switch {
	case err != nil:
		return err
	case r.Metadata.Deleted != nil:
		return nil
	case r.Metadata.Annotations[protectionNote] == yes:
		return c.refused(cloud.ErrConflict, "The cluster is protected from deletion.", "Take deletion_protection off first.")
	case slices.ContainsFunc(r.Spec.Topology.Workers.Deployments, func(p pool) bool { _, own := r.note(p.Name); return own }):
		return c.refused(cloud.ErrConflict, "The cluster has node pools that are declared by themselves.", "Destroy these first.")
	}
	_, err = c.do(ctx, request{method: http.MethodDelete, path: c.path("clusters", r.Metadata.Name),
		body: map[string]any{"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": map[string]any{"uid": r.Metadata.UID}}})
	return err
}

// Claim implements cloud.Collection.
func (c *clusters) Claim(ctx context.Context, id string) error {
	r, _, err := c.one(ctx, id)
	if err != nil || r.meta().Ownership.Claimed {
		return err
	}
	return c.note(ctx, r.meta(), map[string]any{"labels": map[string]any{unclaimedLabel: nil}})
}
