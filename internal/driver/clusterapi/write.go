package clusterapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// namePattern is what new clusters are called, as machines and hosts are called after them (RFC 1123, label).
var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// writes is how often a change is begun anew because a controller has written meanwhile, each time a little later.
const (
	writes     = 10
	writePause = 50 * time.Millisecond
)

// Create implements cloud.Collection. Kubernetes itself sees to it that there is one cluster of a name.
func (c *clusters) Create(ctx context.Context, spec cloud.ContainerClusterSpec, o cloud.CreateOptions) (cloud.ContainerCluster, error) {
	body, err := c.newCluster(spec, o)
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	var r record
	requestID, err := c.do(ctx, request{method: http.MethodPost, path: c.path("clusters") + manager, body: body, into: &r})
	if errors.Is(err, cloud.ErrConflict) {
		return c.adopt(ctx, spec.Name, o.OwnerKey, err)
	}
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	made := c.cluster(r, nil)
	made.RequestID = requestID
	return made, nil
}

// adopt answers an order of a name that is taken: with what the same key has ordered and nobody has claimed, or with an
// error that says what has the name.
func (c *clusters) adopt(ctx context.Context, name, key string, taken error) (cloud.ContainerCluster, error) {
	o, err := c.Get(ctx, name)
	if isNotFound(err) { // It was being deleted, and is gone by now.
		return o, c.refused(cloud.ErrBusy, "The name was still taken a moment ago.", "")
	}
	if err != nil {
		return o, err
	}
	var e *cloud.Error
	errors.As(taken, &e)
	adopted, err := driver.Claimant([]cloud.Meta{o.Meta}, key, c.operator, e.RequestID)
	o.Replayed = adopted != nil
	return o, err
}

// newCluster is the body of an order.
func (c *clusters) newCluster(spec cloud.ContainerClusterSpec, opts cloud.CreateOptions) (object, error) {
	if err := c.check(spec); err != nil {
		return nil, err
	}
	o := object{"apiVersion": apiVersion, "kind": "Cluster"}
	metadata := o.at("metadata")
	metadata["name"], metadata["namespace"] = spec.Name, c.namespace
	metadata["labels"] = map[string]any{ownerLabel: strings.ToLower(opts.OwnerKey), unclaimedLabel: yes}
	metadata.at("annotations").set(deploymentNote, opts.Deployment)
	network := o.at("spec", "clusterNetwork")
	network["pods"] = map[string]any{"cidrBlocks": []any{cmp.Or(spec.PodCIDR, defaultPods)}}
	network["services"] = map[string]any{"cidrBlocks": []any{cmp.Or(spec.ServiceCIDR, defaultServices)}}
	from := cloud.ContainerClusterSpec{HighAvailability: "unset"} // Written also where it is left to the operator.
	return o, c.change(o, record{}, from, spec)
}

// check refuses what Cluster API would not, or later and in other words.
func (c *clusters) check(spec cloud.ContainerClusterSpec) error {
	if !namePattern.MatchString(spec.Name) {
		return c.invalid("/name", fmt.Sprintf("%q is not a name of up to 63 of a-z, 0-9 and -.",
			driver.OneLine(spec.Name, driver.LineLimit)))
	}
	if err := c.checkOffered(spec); err != nil {
		return err
	}
	return c.checkRanges(spec)
}

// checkOffered refuses what only the class of a cluster says.
func (c *clusters) checkOffered(spec cloud.ContainerClusterSpec) error {
	switch {
	case spec.NetworkID != "":
		return c.invalid("/network_id", "The class of the clusters says in which network their nodes are.")
	case spec.OIDC != nil:
		return c.invalid("/oidc", "The class of the clusters says which issuers their APIs trust.")
	case len(spec.APIAllowedCIDRs) > 0:
		return c.invalid("/api_allowed_cidrs", "The class of the clusters says from where their APIs are reached.")
	}
	return nil
}

func (c *clusters) checkRanges(spec cloud.ContainerClusterSpec) error {
	pods, err := netip.ParsePrefix(cmp.Or(spec.PodCIDR, defaultPods))
	if err != nil {
		return c.invalid("/pod_cidr", fmt.Sprintf("%q is not a range of addresses.", spec.PodCIDR))
	}
	services, err := netip.ParsePrefix(cmp.Or(spec.ServiceCIDR, defaultServices))
	if err != nil {
		return c.invalid("/service_cidr", fmt.Sprintf("%q is not a range of addresses.", spec.ServiceCIDR))
	}
	if pods.Overlaps(services) {
		return c.invalid("/service_cidr", fmt.Sprintf("%s overlaps with the range of the pods, %s.", services, pods))
	}
	return nil
}

// Update implements cloud.Collection.
func (c *clusters) Update(
	ctx context.Context, id string, change cloud.Change[cloud.ContainerClusterSpec],
) (cloud.ContainerCluster, error) {
	if reflect.DeepEqual(change.From, change.To) {
		return c.Get(ctx, id)
	}
	if err := c.checkOffered(change.To); err != nil {
		return cloud.ContainerCluster{}, err
	}
	for pointer, changed := range map[string]bool{
		"/name": change.From.Name != change.To.Name, "/pod_cidr": change.From.PodCIDR != change.To.PodCIDR,
		"/service_cidr": change.From.ServiceCIDR != change.To.ServiceCIDR,
	} {
		if changed {
			return cloud.ContainerCluster{}, c.invalid(pointer, "It cannot be changed.")
		}
	}
	r, err := c.edit(ctx, id, func(o object, r record) error {
		if err := c.checkStep(r.version(), change); err != nil {
			return err
		}
		o.at("metadata", "annotations")[reachedNote] = "" // Until all of it is there.
		return c.change(o, r, change.From, change.To)
	})
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	return c.whole(ctx, r, r.requestID)
}

// errNothingToDo is what an edit returns that has found everything as it is to be.
var errNothingToDo = errors.New("nothing to do")

// edit reads a cluster, changes it, and writes it back unless it has changed meanwhile: then it begins anew. It returns what
// the cluster is then. Edits of one run go one after the other.
func (s *session) edit(ctx context.Context, id string, change func(o object, r record) error) (r record, err error) {
	lock, _ := s.locks.LoadOrStore(parseIdentity(id).name, &sync.Mutex{})
	if mu, ok := lock.(*sync.Mutex); ok {
		mu.Lock()
		defer mu.Unlock()
	}
	for attempt := 1; ; attempt++ {
		r, err = s.editOnce(ctx, id, change)
		if !errors.Is(err, errWritten) {
			return r, err
		}
		if attempt == writes {
			return r, s.refused(cloud.ErrBusy, "Somebody else keeps changing the cluster.", "")
		}
		//nolint:gosec // It only keeps two from meeting again.
		timer := time.NewTimer(writePause + rand.N(time.Duration(attempt)*writePause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return r, s.refused(cloud.ErrBusy, "The cluster was changed by somebody else, and there was no time to begin anew.", "")
		}
	}
}

// errWritten says that somebody has written between a read and the write after it.
var errWritten = errors.New("written meanwhile")

func (s *session) editOnce(ctx context.Context, id string, change func(o object, r record) error) (r record, err error) {
	var o object
	requestID, err := s.read(ctx, id, &o)
	if err != nil {
		return r, err
	}
	if r, err = o.record(); err != nil {
		return r, s.garbled(err, false, requestID)
	}
	r.requestID = requestID
	if r.Metadata.Deleted != nil {
		return r, s.refused(cloud.ErrBusy, "The cluster is being deleted.", "")
	}
	if err := change(o, r); errors.Is(err, errNothingToDo) {
		return r, nil
	} else if err != nil {
		return r, err
	}
	var now record
	now.requestID, err = s.do(ctx, request{method: http.MethodPut, path: s.path("clusters", r.Metadata.Name) + manager, body: o, into: &now})
	if errors.Is(err, cloud.ErrConflict) {
		return now, errWritten
	}
	return now, err
}

// checkStep refuses versions that one upgrade does not lead to.
func (c *clusters) checkStep(runs string, change cloud.Change[cloud.ContainerClusterSpec]) error {
	wanted := change.To.KubernetesVersion
	if wanted == change.From.KubernetesVersion {
		return nil
	}
	minor := cloud.Minor(wanted)
	back := minor == cloud.Minor(runs) && wanted != minor && cloud.CompareVersions(wanted, runs) < 0
	if back || minor != cloud.Minor(runs) && minor != cloud.NextMinor(runs) {
		return c.invalid("/kubernetes_version",
			fmt.Sprintf("The cluster is at %s: Kubernetes goes up one minor at a time, and never back.", runs))
	}
	return nil
}
