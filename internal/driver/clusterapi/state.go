package clusterapi

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// Conditions of a Cluster (cluster.x-k8s.io/v1beta2).
const (
	available          = "Available"
	topologyReconciled = "TopologyReconciled"
	reconcileFailed    = "ReconcileFailed"
)

// patience is how long a topology may fail to be reconciled before that counts: a webhook that is away for a moment makes
// it fail, too.
const patience = time.Minute

func (r record) condition(name string) condition {
	for _, c := range r.Status.Conditions {
		if c.Type == name {
			return c
		}
	}
	return condition{Type: name, Status: "Unknown"}
}

func (c condition) holds() bool { return c.Status == "True" }

// made reports whether the cluster has been available once. Of one that was made elsewhere nobody has noted that.
func (r record) made() bool {
	_, noted := r.Metadata.Annotations[authorityNote]
	return noted || !r.ours() && r.Status.Initialization.ControlPlane
}

// reached reports whether all that is ordered now has once been there as a whole.
func (r record) reached() bool {
	reached, noted := r.Metadata.Annotations[reachedNote]
	return reached == digest(r.ordered()) || !noted && !r.ours() && r.made()
}

// seen reports whether the controllers have seen the last change. They see it one after the other, and each says up to
// which generation it has.
func (r record) seen() bool {
	topology := r.condition(topologyReconciled)
	return r.Status.Observed >= r.Metadata.Generation && topology.holds() && topology.Observed >= r.Metadata.Generation
}

// settling is how long after a change everything may still look as if it had been carried out: the controllers hear of it
// one after the other, and each believes the one before it.
const settling = 5 * time.Second

// complete reports whether all that was ordered is there, by what the controllers say.
func (s *session) complete(r record, deployments []deployment) bool {
	cp := r.Status.ControlPlane
	wanted := cp.All
	if n := r.Spec.Topology.ControlPlane.Replicas; n != nil {
		wanted = *n
	}
	if !r.seen() || cp.All != wanted || cp.UpToDate != wanted || cp.Available < wanted || r.lowestVersion() != r.version() ||
		!r.condition(available).holds() || len(deployments) != len(r.Spec.Topology.Workers.Deployments) {
		return false
	}
	for _, d := range deployments {
		// The nodes of a pool that is an object of its own are nothing to the cluster, but their version is.
		if r.declares(d.pool()) && !d.settled() || d.version() != r.version() {
			return false
		}
	}
	return !s.justWritten(r, deployments)
}

// justWritten reports whether a cluster or one of its pools was changed so lately that what is said of it may be old.
func (s *session) justWritten(r record, deployments []deployment) bool {
	last := r.Metadata.written()
	for _, d := range deployments {
		if at := d.Metadata.written(); at.After(last) {
			last = at
		}
	}
	return s.serverTime().Sub(last) < settling
}

// lowestVersion is what a control plane runs, of several machines the last one that is upgraded. Older releases of Cluster
// API do not say.
func (r record) lowestVersion() string {
	lowest := ""
	for _, v := range r.Status.ControlPlane.Versions {
		if is := strings.TrimPrefix(v.Version, "v"); lowest == "" || cloud.CompareVersions(is, lowest) < 0 {
			lowest = is
		}
	}
	if lowest == "" {
		return r.version()
	}
	return lowest
}

// state decides where a cluster is in its life, and in whose words.
func (s *session) state(r record, deployments []deployment) (state cloud.State, message string) {
	switch {
	case r.Metadata.Deleted != nil:
		return cloud.StateDeleting, r.progress("Deleting")
	case r.reached(), r.made() && s.complete(r, deployments):
		return cloud.StateReady, r.trouble() // Whatever is down of it later on.
	case s.broken(r):
		return cloud.StateFailed, words(r.condition(topologyReconciled))
	case r.made():
		return cloud.StateUpdating, r.progress("RollingOut", "ScalingUp", "ScalingDown")
	}
	return cloud.StateCreating, r.progress()
}

// failures are since when topologies fail to be reconciled, as this run has seen it: a condition only says since when it
// does not hold, which an upgrade makes it, too.
type failures struct {
	mu    sync.Mutex
	since map[failure]time.Time
}

type failure struct {
	uid        string
	generation int64
}

// broken reports whether a topology fails to be reconciled for good.
func (s *session) broken(r record) bool {
	c, key := r.condition(topologyReconciled), failure{r.Metadata.UID, r.Metadata.Generation}
	s.failures.mu.Lock()
	defer s.failures.mu.Unlock()
	if c.Status != "False" || c.Reason != reconcileFailed || c.Observed < r.Metadata.Generation {
		delete(s.failures.since, key)
		return false
	}
	since, ok := s.failures.since[key]
	if !ok {
		s.failures.since[key], since = s.now(), s.now()
	}
	return s.now().Sub(since) > patience
}

// unfinished reports whether the cluster waits for the driver to note that it is there as it was ordered.
func (s *session) unfinished(r record, deployments []deployment) bool {
	return r.Metadata.Deleted == nil && (!r.made() || !r.reached()) && s.complete(r, deployments)
}

// trouble is what Cluster API says is wrong with what is there.
func (r record) trouble() string {
	for _, name := range []string{topologyReconciled, available} {
		if c := r.condition(name); c.Status == "False" && c.Message != "" {
			return words(c)
		}
	}
	return ""
}

// progress is what Cluster API says of what it is doing.
func (r record) progress(doing ...string) string {
	for _, name := range doing {
		if c := r.condition(name); c.holds() && c.Message != "" {
			return words(c)
		}
	}
	return r.trouble()
}

func words(c condition) string {
	return driver.Sentence(fmt.Sprintf("%s: %s", c.Type, c.Message))
}

// runningVersion is what the control plane runs. Where Cluster API does not say, the workers tell: they are upgraded after it.
func (r record) runningVersion(deployments []deployment, state cloud.State) string {
	lowest := r.lowestVersion()
	switch {
	case !r.made():
		return ""
	case state == cloud.StateReady, len(r.Status.ControlPlane.Versions) > 0:
		return lowest
	}
	for _, d := range deployments {
		if v := d.version(); v != "" && cloud.CompareVersions(v, lowest) < 0 {
			lowest = v
		}
	}
	return lowest
}
