package controlplane

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// PoolLabel is the label of every node that says in which pool it is.
	PoolLabel = "vdam.lv/pool"
	// poolAnnotation remembers what a node has of its pool, so that it loses what the pool loses, and nothing else.
	poolAnnotation = "vdam.lv/from-pool"
	// conflicts is how often a change is tried that others' changes are in the way of.
	conflicts = 10
	// What a node has whose pool does not say.
	defaultVCPUs, defaultMemoryMiB = 4, 16384

	nodesPath = "/api/v1/nodes"
)

// Pool is a number of nodes that are the same.
type Pool struct {
	// Name is that of the pool, a label as in DNS of up to 57 characters.
	Name   string
	Size   int
	Labels map[string]string
	Taints []Taint
	// VCPUs and MemoryMiB are of each node; 4 and 16384 if they are zero. Where they change, nodes are replaced.
	VCPUs, MemoryMiB int64
}

// Taint keeps pods off nodes that do not tolerate it.
type Taint struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Effect string `json:"effect"`
}

// Node is a node as it is.
type Node struct {
	Name, Pool string
	// Ready says that pods can run there.
	Ready bool
	// Version is that of its kubelet, 1.34.4; empty before it is ready.
	Version          string
	Labels           map[string]string
	Taints           []Taint
	VCPUs, MemoryMiB int64
}

// node is what the API has of one.
type node struct {
	Metadata struct {
		Name              string            `json:"name"`
		Labels            map[string]string `json:"labels"`
		Annotations       map[string]string `json:"annotations"`
		ResourceVersion   string            `json:"resourceVersion"`
		CreationTimestamp time.Time         `json:"creationTimestamp"`
	} `json:"metadata"`
	Spec struct {
		Taints []Taint `json:"taints"`
	} `json:"spec"`
	Status struct {
		Capacity   map[string]string `json:"capacity"`
		Conditions []struct{ Type, Status string }
		NodeInfo   struct{ KubeletVersion string }
	} `json:"status"`
}

// fromPool is what a node has of its pool.
type fromPool struct {
	Labels map[string]string `json:"labels"`
	Taints []Taint           `json:"taints"`
}

// Nodes are all nodes, by their names.
func (c *Cluster) Nodes(ctx context.Context) ([]Node, error) {
	api, err := c.connected()
	if err != nil {
		return nil, err
	}
	items, err := listNodes(ctx, api, nil)
	if err != nil {
		return nil, err
	}
	var all []Node
	for _, item := range items {
		all = append(all, item.view())
	}
	slices.SortFunc(all, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func listNodes(ctx context.Context, api *api, query url.Values) ([]node, error) {
	var list struct{ Items []node }
	err := api.get(ctx, nodesPath, query, &list)
	return list.Items, err
}

func (n node) view() Node {
	v := Node{
		Name: n.Metadata.Name, Pool: n.Metadata.Labels[PoolLabel], Labels: n.Metadata.Labels, Taints: n.Spec.Taints,
		Version: strings.TrimPrefix(n.Status.NodeInfo.KubeletVersion, "v"),
	}
	for _, condition := range n.Status.Conditions {
		v.Ready = v.Ready || condition.Type == "Ready" && condition.Status == "True"
	}
	// Of nodes that others made these may say something else, such as 500m, and are none then.
	v.VCPUs, _ = strconv.ParseInt(n.Status.Capacity["cpu"], 10, 64)
	v.MemoryMiB, _ = strconv.ParseInt(strings.TrimSuffix(n.Status.Capacity["memory"], "Mi"), 10, 64)
	return v
}

// SetNodes makes, changes and removes nodes until a pool is as described. A pool of size zero has none. It does not wait
// for new nodes to be ready, see Nodes. With a node its pods go, and what made them makes them anew elsewhere.
func (c *Cluster) SetNodes(ctx context.Context, pool Pool) error {
	api, err := c.connected()
	if err != nil {
		return err
	}
	if !idPattern.MatchString(pool.Name) || len(pool.Name) > 57 || pool.Size < 0 {
		return fmt.Errorf("cluster %s: there can be no pool %q of %d nodes", c.id, pool.Name, pool.Size)
	}
	pool.VCPUs, pool.MemoryMiB = cmp.Or(pool.VCPUs, defaultVCPUs), cmp.Or(pool.MemoryMiB, defaultMemoryMiB)
	there, err := listNodes(ctx, api, url.Values{"labelSelector": {PoolLabel + "=" + pool.Name}})
	if err != nil {
		return err
	}
	keep, surplus := pool.divide(there)
	for _, n := range keep {
		if err := pool.adjust(ctx, api, n); err != nil {
			return fmt.Errorf("node %s: %w", n.Metadata.Name, err)
		}
	}
	for range pool.Size - len(keep) { // First the new ones, so that pods have where to go.
		if err := api.do(ctx, http.MethodPost, nodesPath, plainJSON, pool.node(), nil); err != nil {
			return err
		}
	}
	for _, n := range surplus {
		if err := removeNode(ctx, api, n.Metadata.Name); err != nil {
			return fmt.Errorf("node %s: %w", n.Metadata.Name, err)
		}
	}
	return nil
}

// divide tells which nodes a pool keeps: those of its kind, the oldest first.
func (p Pool) divide(there []node) (keep, surplus []node) {
	slices.SortFunc(there, func(a, b node) int {
		return cmp.Or(a.Metadata.CreationTimestamp.Compare(b.Metadata.CreationTimestamp), strings.Compare(a.Metadata.Name, b.Metadata.Name))
	})
	for _, n := range there {
		if v := n.view(); len(keep) < p.Size && v.VCPUs == p.VCPUs && v.MemoryMiB == p.MemoryMiB {
			keep = append(keep, n)
		} else {
			surplus = append(surplus, n)
		}
	}
	return keep, surplus
}

// mark is what poolAnnotation says of a node of the pool.
func (p Pool) mark() string {
	raw, err := json.Marshal(fromPool{Labels: p.Labels, Taints: p.Taints})
	if err != nil {
		panic(err) // There is nothing in it that JSON cannot say.
	}
	return string(raw)
}

// node is a new one, as a kubelet would announce itself.
func (p Pool) node() object {
	name := p.Name + "-" + strings.ToLower(rand.Text()[:5])
	labels := map[string]string{"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
	maps.Copy(labels, p.Labels)
	labels[PoolLabel], labels["kubernetes.io/hostname"] = p.Name, name
	capacity := map[string]string{
		"cpu": strconv.FormatInt(p.VCPUs, 10), "memory": strconv.FormatInt(p.MemoryMiB, 10) + "Mi", "pods": "110",
	}
	return object{
		"apiVersion": "v1", "kind": "Node",
		"metadata": object{
			"name": name, "labels": labels, "annotations": map[string]string{fakeNodeKey: fakeNodeValue, poolAnnotation: p.mark()},
		},
		"spec": object{"taints": p.Taints},
		"status": object{
			"capacity": capacity, "allocatable": capacity,
			"addresses": []object{{"type": "InternalIP", "address": nodeAddress}, {"type": "Hostname", "address": name}},
		},
	}
}

// adjust gives a node the labels and taints that the pool has by now.
func (p Pool) adjust(ctx context.Context, api *api, n node) error {
	for range conflicts {
		if n.Metadata.Annotations[poolAnnotation] == p.mark() {
			return nil
		}
		err := api.do(ctx, http.MethodPatch, nodesPath+path(n.Metadata.Name), mergePatch, p.patch(n), nil)
		if !Refused(err, http.StatusConflict) {
			return err
		}
		if err := api.get(ctx, nodesPath+path(n.Metadata.Name), nil, &n); err != nil {
			return err
		}
	}
	return fmt.Errorf("others changed it %d times in a row", conflicts)
}

// patch takes from a node what its pool had, and gives it what the pool has. What others gave it stays.
func (p Pool) patch(n node) object {
	var had fromPool
	_ = json.Unmarshal([]byte(n.Metadata.Annotations[poolAnnotation]), &had) // If a user has broken it, nothing is taken.
	labels := object{}
	for key := range had.Labels {
		labels[key] = nil
	}
	for key, value := range p.Labels {
		labels[key] = value
	}
	labels[PoolLabel] = p.Name
	taints := slices.DeleteFunc(slices.Clone(n.Spec.Taints), func(t Taint) bool { return slices.Contains(had.Taints, t) })
	for _, t := range p.Taints {
		if !slices.Contains(taints, t) {
			taints = append(taints, t)
		}
	}
	return object{
		"metadata": object{
			"resourceVersion": n.Metadata.ResourceVersion, "labels": labels, "annotations": object{poolAnnotation: p.mark()},
		},
		"spec": object{"taints": taints},
	}
}

// removeNode deletes a node and then its pods: the other way round, they would be made anew on it.
func removeNode(ctx context.Context, api *api, name string) error {
	if err := api.delete(ctx, nodesPath+path(name), nil); err != nil {
		return err
	}
	var pods struct {
		Items []struct {
			Metadata struct{ Name, Namespace string }
		}
	}
	if err := api.get(ctx, "/api/v1/pods", url.Values{"fieldSelector": {"spec.nodeName=" + name}}, &pods); err != nil {
		return err
	}
	for _, pod := range pods.Items { // Without a period of grace, which somebody on the node would have to observe.
		where := "/api/v1" + path("namespaces", pod.Metadata.Namespace, "pods", pod.Metadata.Name)
		if err := api.delete(ctx, where, url.Values{"gracePeriodSeconds": {"0"}}); err != nil {
			return err
		}
	}
	return nil
}
