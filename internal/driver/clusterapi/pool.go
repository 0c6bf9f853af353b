package clusterapi

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// pool is a machine deployment of a cluster's topology.
type pool struct {
	Name     string `json:"name"`
	Class    string `json:"class"`
	Replicas *int64 `json:"replicas"`
	Metadata struct {
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	FailureDomain string `json:"failureDomain"`
	Taints        []struct {
		Key    string `json:"key"`
		Value  string `json:"value"`
		Effect string `json:"effect"`
	} `json:"taints"`
	Variables struct {
		Overrides []variable `json:"overrides"`
	} `json:"variables"`
}

// variable is one of a ClusterClass, with its value in a cluster or in one of its pools.
type variable struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// poolSize is a pool in the port's terms, with the variables of its cluster. A size that the configuration does not know
// has neither vCPUs nor memory.
func (s *session) poolSize(p pool, common []variable) cloud.NodePoolSize {
	out := cloud.NodePoolSize{Zone: p.FailureDomain, NodeLabels: p.Metadata.Labels}
	if len(out.NodeLabels) == 0 {
		out.NodeLabels = nil
	}
	if size, ok := s.sizeOf(p, common); ok {
		out.VCPUs, out.MemoryMiB = size.VCPUs, size.MemoryMiB
	}
	for _, t := range p.Taints {
		out.Taints = append(out.Taints, cloud.Taint{Key: t.Key, Value: t.Value, Effect: t.Effect})
	}
	if least, err := strconv.ParseInt(p.Metadata.Annotations[minSizeNote], 10, 64); err == nil {
		if most, err := strconv.ParseInt(p.Metadata.Annotations[maxSizeNote], 10, 64); err == nil {
			out.Autoscaling = &cloud.Autoscaling{Min: least, Max: most}
			return out
		}
	}
	if out.Size = 1; p.Replicas != nil { // The topology's own default.
		out.Size = *p.Replicas
	}
	return out
}

// sizeOf finds the size that a pool has by its class, or by the variable that says it: the pool's own, else the cluster's.
func (s *session) sizeOf(p pool, common []variable) (Size, bool) {
	var named string
	for _, v := range slices.Concat(common, p.Variables.Overrides) {
		if v.Name == s.options.SizeVariable && json.Unmarshal(v.Value, &named) != nil {
			named = ""
		}
	}
	for _, size := range s.options.Sizes {
		sameClass := size.WorkerClass == "" || size.WorkerClass == p.Class
		if sameClass && (s.options.SizeVariable == "" || size.Name == named) {
			return size, true
		}
	}
	return Size{}, false
}

// sizeFor finds the size that is declared.
func (s *session) sizeFor(p cloud.NodePoolSize) (Size, bool) {
	for _, size := range s.options.Sizes {
		if size.VCPUs == p.VCPUs && size.MemoryMiB == p.MemoryMiB {
			return size, true
		}
	}
	return Size{}, false
}
