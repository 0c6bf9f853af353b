package openstack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

const containerService = "container-infrastructure-management"

// magnumRoot is the end of an endpoint that its root lacks, where Magnum says what versions it has.
var magnumRoot = regexp.MustCompile(`/v1/$`)

// negotiateMagnum leaves a Magnum out that is too old: it is no reason to have no machines either.
func (s *session) negotiateMagnum(ctx context.Context) error {
	err := s.negotiate(ctx, s.containers, magnumVersions)
	if errors.Is(err, cloud.ErrUnsupported) {
		s.containers, err = nil, nil
	}
	return err
}

// deletionPasses is how often a read is repeated that a deletion may have been in the way of.
const deletionPasses = 10

// getAfterDeletion repeats a read that Magnum has called invalid. It removes the node groups of a cluster before the cluster
// itself, and stumbles over what it shows in between: a cluster without a control plane, alone or in a list.
func (s *session) getAfterDeletion(ctx context.Context, path string, into any) (id string, err error) {
	tick := time.NewTicker(conductorPoll)
	defer tick.Stop()
	for range deletionPasses {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return id, driver.Lost(s.operator, ctx.Err(), false)
		}
		id, err = s.do(ctx, s.containers, request{method: http.MethodGet, path: path, into: into})
		if !errors.Is(err, cloud.ErrInvalid) {
			break
		}
	}
	return id, err
}

// clusterCapabilities are what Magnum's API promises. What only some of its drivers do, by labels that others leave unread,
// is not promised.
func clusterCapabilities() cloud.ClusterCapabilities {
	return cloud.ClusterCapabilities{
		HighAvailability: []cloud.HighAvailability{cloud.HighAvailabilityNone, cloud.HighAvailabilityNode},
		InPlaceUpgrade:   true, FixedNodes: true,
		Lacks: []string{"auto_patch", "pod_cidr", "service_cidr", "node_pools.zone", "node_pools.node_labels", "node_pools.taints"},
	}
}

// magnumLabels are the labels of Magnum's objects, whose values may be numbers and truth values as well.
type magnumLabels map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (l *magnumLabels) UnmarshalJSON(raw []byte) error {
	var values map[string]any
	if err := json.Unmarshal(raw, &values); err != nil {
		return err
	}
	*l = make(magnumLabels, len(values))
	for k, v := range values {
		(*l)[k] = fmt.Sprint(v)
	}
	return nil
}

// versionTag is a version of Kubernetes as labels have it: v1.34.4, or v1.21.11-rancher1.
var versionTag = regexp.MustCompile(`^v?(1\.[0-9]+\.[0-9]+)`)

// versionOf is the version that the first of the tags says which says one; empty if none does.
func versionOf(tags ...string) string {
	for _, tag := range tags {
		if m := versionTag.FindStringSubmatch(tag); m != nil {
			return m[1]
		}
	}
	return ""
}

// clusterTemplate is one of Magnum's templates, without which it makes no cluster, and which decide the version.
type clusterTemplate struct {
	ID           string       `json:"uuid"`
	Name         string       `json:"name"`
	COE          string       `json:"coe"`
	Hidden       bool         `json:"hidden"`
	Labels       magnumLabels `json:"labels"`
	FixedNetwork string       `json:"fixed_network"`
}

func (t clusterTemplate) version() string {
	return versionOf(t.Labels["kube_tag"], t.Labels["coe_version"])
}

// clusterTemplates are those of the project and the public ones that say which Kubernetes they make.
func (s *session) clusterTemplates(ctx context.Context) ([]clusterTemplate, error) {
	all, err := collect(pages[clusterTemplate](ctx, s, s.containers, "clustertemplates", "clustertemplates", nil))
	return slices.DeleteFunc(all, func(t clusterTemplate) bool {
		return t.COE != "kubernetes" || t.Hidden || t.version() == ""
	}), err
}

// kubernetesVersions are the versions of templates. Magnum has no default, and knows no end of life.
func kubernetesVersions(templates []clusterTemplate) (out []cloud.KubernetesVersion) {
	for _, t := range templates {
		v := cloud.KubernetesVersion{Version: t.version()}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b cloud.KubernetesVersion) int { return cloud.CompareVersions(b.Version, a.Version) })
	return out
}

// templateFor is the template of a version: of a minor the newest patch, of several the first by name.
func (s *session) templateFor(version string) (clusterTemplate, error) {
	var found []clusterTemplate
	for _, t := range s.catalogue.templates {
		if v := t.version(); v == version || cloud.Minor(v) == version {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return clusterTemplate{}, s.invalid("/kubernetes_version",
			fmt.Sprintf("There is no cluster template whose label kube_tag is %s.", version))
	}
	return slices.MinFunc(found, func(a, b clusterTemplate) int {
		return cmp.Or(cloud.CompareVersions(b.version(), a.version()), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}), nil
}
