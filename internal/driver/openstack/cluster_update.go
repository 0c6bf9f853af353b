package openstack

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type clusterChange = cloud.Change[cloud.ContainerClusterSpec]

// Update implements cloud.Collection. What takes Magnum several requests is noted, and the first of them sent.
func (c *clusters) Update(ctx context.Context, id string, change clusterChange) (cloud.ContainerCluster, error) {
	var none cloud.ContainerCluster
	r, n, requestID, err := c.one(ctx, id)
	if err == nil {
		err = c.checkChange(r, n, change)
	}
	if err != nil {
		return none, err
	}
	todo, err := c.stepsFor(ctx, r, change)
	if err != nil {
		return none, err
	}
	set, gone := difference(clusterProperties(change.From), clusterProperties(change.To))
	if len(set) == 0 && len(gone) == 0 && len(todo) == 0 {
		return c.whole(ctx, r, n, requestID)
	}
	if n == nil { // Of a cluster that was made elsewhere.
		if n, err = c.makeNote(ctx, r.noteKey(), r.Name); err != nil {
			return none, err
		}
	}
	p := maps.Clone(n.properties)
	maps.Copy(p, set)
	for _, k := range gone {
		delete(p, k)
	}
	p[clusterProperty] = r.ID
	p.noteSteps(todo)
	if err := c.write(ctx, n, p); err != nil {
		return none, err
	}
	if len(todo) > 0 {
		if err := c.proceed(ctx, r, n); err != nil && !passes(err) { // Else Await sends it again.
			return none, err
		}
	}
	return c.Get(ctx, id)
}

// checkChange refuses what cannot be changed, or not now.
func (c *clusters) checkChange(r clusterRecord, n *clusterNote, change clusterChange) error {
	from, to := change.From, change.To
	switch m := r.meta(n); {
	case m.State == cloud.StateDeleting, r.Status == "CREATE_FAILED", r.Status == "DELETE_FAILED":
		return c.refused(cloud.ErrConflict, "The cluster is in "+r.Status+". "+m.StateMessage, "Delete it, and order another.")
	case !m.State.Settled():
		return &cloud.Error{Reason: cloud.ErrBusy, Operator: c.operator, Text: "The cluster is in " + r.Status + "."}
	case from.Name != to.Name:
		return c.invalid("/name", "Magnum cannot rename a cluster.")
	case from.HighAvailability != to.HighAvailability:
		return c.invalid("/high_availability", "Magnum cannot change the control plane of a cluster that exists.")
	case from.NetworkID != to.NetworkID:
		return c.invalid("/network_id", "Magnum cannot move a cluster to another network.")
	}
	if err := c.checkLacks(to); err != nil {
		return err
	}
	return c.checkPools(from.NodePools, to.NodePools)
}

// stepsFor are the steps of a change: to another version first, so that new node groups have it from the beginning.
func (c *clusters) stepsFor(ctx context.Context, r clusterRecord, change clusterChange) ([]clusterStep, error) {
	samePools := maps.EqualFunc(change.From.NodePools, change.To.NodePools, samePool)
	if samePools && change.From.KubernetesVersion == change.To.KubernetesVersion {
		return nil, nil
	}
	list, err := c.nodeGroups(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	groups := make(map[string]nodeGroup, len(list))
	for _, g := range list {
		groups[g.Name] = g
	}
	var todo []clusterStep
	if change.From.KubernetesVersion != change.To.KubernetesVersion {
		if todo, err = c.upgradeSteps(r, change.To, groups); err != nil {
			return nil, err
		}
	}
	return c.poolSteps(todo, change.From.NodePools, change.To.NodePools, groups), nil
}

// upgradeSteps lead to another version: first the control plane with the default node group, then the others, which
// Magnum lets follow to the version of the cluster alone. It takes any version itself, also one that is older.
func (c *clusters) upgradeSteps(r clusterRecord, to cloud.ContainerClusterSpec, groups map[string]nodeGroup) ([]clusterStep, error) {
	wanted, running := to.KubernetesVersion, r.version()
	if wanted == running || wanted == cloud.Minor(running) {
		return nil, nil
	}
	template, err := c.templateFor(wanted)
	if err != nil {
		return nil, err
	}
	reached := cloud.Minor(template.version())
	if cloud.CompareVersions(template.version(), running) < 0 || reached != cloud.Minor(running) && reached != cloud.NextMinor(running) {
		return nil, c.invalid("/kubernetes_version",
			fmt.Sprintf("A cluster that runs %s cannot go to %s: Kubernetes goes up one minor at a time.", running, wanted))
	}
	if r.failed() {
		return nil, c.refused(cloud.ErrConflict, "The cluster is in "+r.Status+", in which Magnum upgrades none.",
			"Change the size of a pool first: when Magnum has done that, it upgrades again.")
	}
	todo := []clusterStep{{Do: "upgrade", Group: defaultWorker, Template: template.ID}}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if _, stays := to.NodePools[name]; stays && !groups[name].Default {
			todo = append(todo, clusterStep{Do: "upgrade", Group: name, Template: template.ID})
		}
	}
	return todo, nil
}

// poolSteps add to steps what brings the pools that differ from what they were to what they are to be.
func (c *clusters) poolSteps(
	todo []clusterStep, from, to map[string]cloud.NodePoolSize, groups map[string]nodeGroup,
) []clusterStep {
	for _, name := range slices.Sorted(maps.Keys(to)) {
		p, g := to[name], groups[name]
		_, there := groups[name]
		was, known := from[name]
		switch {
		case known && samePool(was, p), there && g.Nodes == p.Size:
		case there:
			todo = append(todo, clusterStep{Do: "resize", Group: name, Nodes: p.Size})
		default:
			f, _ := c.flavorFor(p.VCPUs, p.MemoryMiB, p.BootDiskGiB)
			todo = append(todo, clusterStep{Do: "create", Group: name, Flavor: f.ID, Nodes: p.Size})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		_, stays := to[name]
		switch g, there := groups[name]; {
		case stays || !there:
		case g.Default:
			todo = append(todo, clusterStep{Do: "resize", Group: name})
		default:
			todo = append(todo, clusterStep{Do: "delete", Group: name})
		}
	}
	return todo
}

// samePool reports whether two pools are the same to Magnum.
func samePool(a, b cloud.NodePoolSize) bool {
	return a.Size == b.Size && a.VCPUs == b.VCPUs && a.MemoryMiB == b.MemoryMiB && a.BootDiskGiB == b.BootDiskGiB
}

// checkPools refuses pools that cannot be, and those that cannot become what they are to be.
func (c *clusters) checkPools(from, to map[string]cloud.NodePoolSize) error {
	for _, name := range slices.Sorted(maps.Keys(to)) {
		p := to[name]
		was, known := from[name]
		at := "/node_pools/" + name
		resized := p.VCPUs != was.VCPUs || p.MemoryMiB != was.MemoryMiB || p.BootDiskGiB != was.BootDiskGiB && p.BootDiskGiB > 0
		_, ok := c.flavorFor(p.VCPUs, p.MemoryMiB, p.BootDiskGiB)
		switch {
		case p.Zone != "":
			return c.invalid(at+"/zone", "Magnum has no place for the zone of a node group.")
		case len(p.NodeLabels) > 0:
			return c.invalid(at+"/node_labels", "Magnum gives nodes no labels.")
		case len(p.Taints) > 0:
			return c.invalid(at+"/taints", "Magnum gives nodes no taints.")
		case p.Autoscaling != nil:
			return c.invalid(at+"/autoscaling", "Magnum itself scales no node groups.")
		case known && resized:
			return c.invalid(at+"/vcpus", "Magnum keeps the size of a group's nodes: add another pool, and remove this one.")
		case !known && !ok:
			return c.invalid(at+"/vcpus", fmt.Sprintf("No flavor has %d vCPU, %d MiB%s.", p.VCPUs, p.MemoryMiB, diskWords(p.BootDiskGiB)))
		case name == "default-master":
			return c.invalid(at, "default-master is the name of Magnum's own node group of the control plane.")
		case name == defaultWorker && p.Size == 0:
			return c.invalid(at+"/size", "A pool of this name has nodes: it is Magnum's own, and empty for those who have no such pool.")
		}
	}
	return nil
}

func diskWords(sizeGiB int64) string {
	if sizeGiB == 0 {
		return ""
	}
	return fmt.Sprintf(" and a disk of %d GiB", sizeGiB)
}
