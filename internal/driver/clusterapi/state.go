package clusterapi

import (
	"fmt"
	"strings"
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

// made reports whether the cluster has been available once.
func (r record) made() bool {
	_, ok := r.Metadata.Annotations[authorityNote]
	return ok
}

// settling is how long after a change everything may still look as if it had been carried out: the controllers hear of it
// one after the other, and each believes the one before it.
const settling = 5 * time.Second

// rolledOut reports whether all that was ordered has been carried out, by what the controllers say.
func (r record) rolledOut(deployments []deployment) bool {
	cp := r.Status.ControlPlane
	wanted := cp.All
	if n := r.Spec.Topology.ControlPlane.Replicas; n != nil {
		wanted = *n
	}
	pools := r.Spec.Topology.Workers.Deployments
	if !r.seen() || cp.All != wanted || cp.UpToDate != wanted || r.lowestVersion() != r.version() || len(deployments) != len(pools) {
		return false
	}
	for _, d := range deployments {
		own := d.Metadata.Annotations[poolNote] != "" // Its nodes are nothing to the cluster, but its version is.
		if !own && !d.settled() || d.version() != r.version() {
			return false
		}
	}
	return true
}

// seen reports whether the controllers have seen the last change. They see it one after the other, and each says up to
// which generation it has.
func (r record) seen() bool {
	topology := r.condition(topologyReconciled)
	return r.Status.Observed >= r.Metadata.Generation && topology.holds() && topology.Observed >= r.Metadata.Generation
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
	topology := r.condition(topologyReconciled)
	switch {
	case r.Metadata.Deleted != nil:
		return cloud.StateDeleting, r.progress("Deleting")
	case s.brokenFor(topology) > patience:
		return cloud.StateFailed, words(topology)
	case r.made() && r.rolledOut(deployments) && !s.justWritten(r, deployments):
		if c := r.condition(available); !c.holds() {
			message = words(c) // It runs as it was ordered, and something of it is down.
		}
		return cloud.StateReady, message
	case r.made():
		return cloud.StateUpdating, r.progress("RollingOut", "ScalingUp", "ScalingDown")
	}
	return cloud.StateCreating, r.progress()
}

// brokenFor is how long a topology has failed to be reconciled.
func (s *session) brokenFor(topology condition) time.Duration {
	if topology.Status != "False" || topology.Reason != reconcileFailed {
		return 0
	}
	return s.serverTime().Sub(topology.Since)
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

// unfinished reports whether the cluster waits for the driver to note that it is made.
func (r record) unfinished(deployments []deployment) bool {
	return r.Metadata.Deleted == nil && !r.made() && r.rolledOut(deployments) && r.condition(available).holds()
}

// progress is what Cluster API says of what it is doing.
func (r record) progress(doing ...string) string {
	for _, name := range doing {
		if c := r.condition(name); c.holds() && c.Message != "" {
			return words(c)
		}
	}
	for _, name := range []string{topologyReconciled, available} {
		if c := r.condition(name); !c.holds() && c.Message != "" {
			return words(c)
		}
	}
	return ""
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
