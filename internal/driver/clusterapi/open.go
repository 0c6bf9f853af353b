package clusterapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// DriverName is what an operator's kind says in the configuration and in the directory.
const DriverName = "clusterapi"

// Options is what opening an operator needs.
type Options struct {
	// Name is the operator's key in the provider's configuration.
	Name string
	// Endpoint is the URL of the management cluster's API, Namespace the agency's in it.
	Endpoint, Namespace string
	// HTTP authenticates and retries.
	HTTP *http.Client
	// Dial makes the client of another cluster's API, to mint credentials there.
	Dial func(k Kubeconfig) (*http.Client, error)
	// Class is the ClusterClass of new clusters. If it is empty, all classes of the namespace that list versions are used,
	// each for its versions.
	Class string
	// Versions are those that Class can be used with, if it does not list them itself.
	Versions []string
	Sizes    []Size
	// SizeVariable is the variable of the class that a size's name is the value of; empty where sizes are worker classes.
	SizeVariable string
	// Autoscaler says that pools with bounds are scaled, by the Cluster Autoscaler.
	Autoscaler bool
	// LabelDomains are those, besides Cluster API's own, whose labels the operator lets reach the nodes.
	LabelDomains []string
	// Taints says that the operator lets Cluster API manage taints of nodes (feature gate MachineTaintPropagation).
	Taints bool
}

// Size is a size of nodes.
type Size struct {
	Name             string
	VCPUs, MemoryMiB int64
	// WorkerClass is the class of machine deployments of this size; empty for the only one that there is.
	WorkerClass string
}

// Open makes an operator's client. It reads the classes at once, so that wrong credentials are told here, once.
func Open(ctx context.Context, o Options) (*cloud.Operator, error) {
	s := &session{
		operator: o.Name, endpoint: strings.TrimSuffix(o.Endpoint, "/"), namespace: o.Namespace, http: o.HTTP, options: o,
		now: time.Now, pollAfter: pollAfter, failures: failures{since: make(map[failure]time.Time)},
	}
	unclear := func(text string) error {
		return s.refused(cloud.ErrInvalid, text, "Correct machine_sizes in cluster_api of its entry in the provider block.")
	}
	if err := o.checkSizes(unclear); err != nil {
		return nil, err
	}
	if err := s.learn(ctx); err != nil {
		return nil, err
	}
	op := &cloud.Operator{
		Name: o.Name, Driver: DriverName, Endpoint: s.endpoint, Project: o.Namespace,
		// Namespaces of one name are many: a kubeconfig's context is soon another.
		ProjectID:    o.Namespace + "@" + strings.TrimPrefix(s.endpoint, "https://"),
		Capabilities: s.capabilities(), Catalogue: s.offers(),
		ContainerClusters: &clusters{s}, NodePools: nodePools{&clusters{s}}, ClusterAccess: access{s},
	}
	return op, nil
}

func (s *session) capabilities() cloud.Capabilities {
	pool := []string{"description", "labels", "size", "autoscaling", "node_labels", "taints"}
	if s.options.SizeVariable != "" {
		pool = append(pool, "vcpus", "memory_mib")
	}
	return cloud.Capabilities{
		Kinds: map[cloud.Kind]cloud.KindCapabilities{
			cloud.KindContainerCluster: {ChangesInFlight: true, UpdatesInPlace: []string{
				"description", "labels", "kubernetes_version", "high_availability", "node_pools", "auto_patch", "deletion_protection",
			}},
			cloud.KindNodePool: {ChangesInFlight: true, UpdatesInPlace: pool},
		},
		Clusters: s.clusters(),
	}
}

func (s *session) clusters() cloud.ClusterCapabilities {
	c := cloud.ClusterCapabilities{
		HighAvailability: []cloud.HighAvailability{cloud.HighAvailabilityNone, cloud.HighAvailabilityNode},
		InPlaceUpgrade:   true, Autoscaling: s.options.Autoscaler, ShortLivedCredentials: true, Revocation: true, MaxAccessTTL: longestToken,
		Lacks:            []string{"auto_patch", "network_id", "node_pools.zone", "node_pools.boot_disk_gib"},
		NodeLabelDomains: slices.Concat(labelDomains, s.options.LabelDomains),
		PodCIDR:          defaultPods, ServiceCIDR: defaultServices,
		FixedNodes: s.options.SizeVariable == "",
	}
	if len(s.options.Sizes) == 0 {
		c.Lacks = append(c.Lacks, "node_pools")
	}
	if !s.options.Taints {
		c.Lacks = append(c.Lacks, "node_pools.taints")
	}
	return c
}

// offers is the catalogue: versions of the classes, and the sizes that the configuration knows.
func (s *session) offers() (c cloud.Catalogue) {
	versions := slices.SortedFunc(maps.Keys(s.classes), func(a, b string) int { return cloud.CompareVersions(b, a) })
	for _, v := range versions {
		c.KubernetesVersions = append(c.KubernetesVersions, cloud.KubernetesVersion{Version: v})
	}
	for _, size := range s.options.Sizes {
		c.MachineSizes = append(c.MachineSizes, cloud.MachineSize{
			Name:      size.Name,
			VCPUs:     cloud.Range{Min: size.VCPUs, Max: size.VCPUs},
			MemoryMiB: cloud.Range{Min: size.MemoryMiB, Max: size.MemoryMiB},
		})
	}
	return c
}

// class is a ClusterClass.
type class struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Versions []string `json:"kubernetesVersions"`
		Workers  struct {
			Deployments []struct {
				Class string `json:"class"`
			} `json:"machineDeployments"`
		} `json:"workers"`
	} `json:"spec"`
}

// learn reads the classes, and which version is made with which of them.
func (s *session) learn(ctx context.Context) error {
	var found []class
	if name := s.options.Class; name != "" {
		var one class
		_, err := s.get(ctx, s.path("clusterclasses", name), &one)
		if errors.Is(err, cloud.ErrNotFound) {
			return s.refused(cloud.ErrInvalid, fmt.Sprintf("There is no ClusterClass %q in the namespace %q.", name, s.namespace),
				"Correct cluster_class, or ask the operator for its classes.")
		}
		if err != nil {
			return err
		}
		found = append(found, one)
	} else {
		for c, err := range pages[class](ctx, s, s.path("clusterclasses"), nil) {
			if err != nil {
				return err
			}
			found = append(found, c)
		}
	}
	return s.sort(found)
}

// sort notes the class of each version. Of several that have one, the last by name is taken, as newer ones are commonly
// called: v10 comes after v2.
func (s *session) sort(found []class) error {
	s.classes = make(map[string]class)
	slices.SortFunc(found, func(a, b class) int { return naturally(a.Metadata.Name, b.Metadata.Name) })
	for _, c := range found {
		versions := c.Spec.Versions
		if len(versions) == 0 && s.options.Class != "" {
			versions = s.options.Versions
		}
		for _, v := range versions {
			s.classes[strings.TrimPrefix(v, "v")] = c
		}
	}
	if len(s.classes) > 0 {
		return nil
	}
	return s.refused(cloud.ErrInvalid, fmt.Sprintf("No ClusterClass in the namespace %q says for which versions of Kubernetes it "+
		"is.", s.namespace),
		"Set cluster_class and kubernetes_versions, or ask the operator for the versions of its classes.")
}

// workerClass is the class of the machine deployments of a size.
func (c class) workerClass(s Size) (string, bool) {
	all := c.Spec.Workers.Deployments
	for _, d := range all {
		if d.Class == s.WorkerClass || s.WorkerClass == "" && len(all) == 1 {
			return d.Class, true
		}
	}
	return "", false
}

var digits = regexp.MustCompile(`[0-9]+`)

// naturally orders names by the numbers in them.
func naturally(a, b string) int {
	padded := func(name string) string {
		return digits.ReplaceAllStringFunc(name, func(n string) string { return fmt.Sprintf("%020s", n) })
	}
	return strings.Compare(padded(a), padded(b))
}
