package clusterapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// notePrefix begins the annotations of a cluster that are about its node pools which are objects of their own; the pool's
// name follows. They are not with the pool itself: what is there is a change of the cluster, and goes to its machines.
const notePrefix = "node-pool.vdam.lv/"

// poolNote is what the port knows of a node pool and Cluster API does not.
type poolNote struct {
	// ID is one that no later pool of the name gets.
	ID          string            `json:"id"`
	Owner       string            `json:"owner,omitempty"`
	Unclaimed   bool              `json:"unclaimed,omitempty"`
	Deployment  string            `json:"deployment,omitempty"`
	Description string            `json:"description,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Created     time.Time         `json:"created_at"`
	// Reached is the digest of the pool as it has once been there.
	Reached string `json:"reached,omitempty"`
}

// note is that of a pool; ok says that the pool is an object of its own.
func (r record) note(pool string) (n poolNote, ok bool) {
	raw, ok := r.Metadata.Annotations[notePrefix+pool]
	return n, ok && json.Unmarshal([]byte(raw), &n) == nil && n.ID != ""
}

// setNote writes the note of a pool.
func (o object) setNote(pool string, n poolNote) error {
	raw, err := json.Marshal(n)
	if err == nil {
		o.at("metadata", "annotations")[notePrefix+pool] = string(raw)
	}
	return err
}

// meta is what all objects have.
func (n poolNote) meta(cluster, pool string) cloud.Meta {
	return cloud.Meta{
		ID: poolIdentity{cluster, pool, n.ID}.String(), Name: pool, Description: n.Description, Labels: n.Labels,
		CreatedAt: n.Created.UTC(), Ownership: cloud.Ownership{Key: n.Owner, Deployment: n.Deployment, Claimed: !n.Unclaimed},
	}
}

// digest tells whether something is still what it was when it was first there as a whole. What happens to it afterwards, as
// when a node is down or is being replaced, is no matter of whoever ordered it.
func digest(of any) string {
	raw, _ := json.Marshal(of) //nolint:errchkjson // Only what was decoded from JSON is in it.
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// ordered is what the declaration of a cluster has ordered.
func (r record) ordered() any {
	pools := []pool{}
	for _, p := range r.Spec.Topology.Workers.Deployments {
		if r.declares(p.Name) {
			pools = append(pools, p)
		}
	}
	return []any{r.Spec.Topology.Version, r.Spec.Topology.ControlPlane.Replicas, pools}
}
