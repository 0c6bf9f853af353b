package openstack

import (
	"context"
	"errors"
	"iter"
	"maps"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// clusters are Magnum's, each with a note at Neutron.
type clusters struct {
	*session
	names *finder[clusterRecord]
}

func newClusters(s *session) *clusters {
	c := &clusters{session: s}
	c.names = &finder[clusterRecord]{name: func(r clusterRecord) string { return r.Name }, fetch: c.fetchNamed}
	return c
}

// fetchNamed asks for all clusters: Magnum filters by nothing, and of a name that two have it says neither.
func (c *clusters) fetchNamed(ctx context.Context, _ []string) (own []clusterRecord, requestID string, err error) {
	var answer struct {
		Clusters []clusterRecord `json:"clusters"`
		Next     string          `json:"next"`
	}
	// The first page is nearly always all there is, and its request is named in a refusal.
	requestID, err = c.get(ctx, c.containers, "clusters/detail", &answer)
	if err != nil || answer.Next == "" {
		return c.own(answer.Clusters), requestID, err
	}
	all, err := collect(pages[clusterRecord](ctx, c.session, c.containers, "clusters/detail", "clusters", nil))
	return c.own(all), requestID, err
}

// own are those of the project: administrators are shown all.
func (c *clusters) own(all []clusterRecord) (own []clusterRecord) {
	for _, r := range all {
		if r.Project == c.project {
			own = append(own, r)
		}
	}
	return own
}

// record reads a cluster by itself.
func (c *clusters) record(ctx context.Context, id string) (r clusterRecord, requestID string, err error) {
	if err := c.checkID(id); err != nil {
		return r, "", err
	}
	requestID, err = c.get(ctx, c.containers, path("clusters", id), &r)
	if err == nil {
		err = c.ours(r.Project, requestID)
	}
	return r, requestID, err
}

// one reads a cluster and its note. Whoever finds a cluster gone removes its note, as nobody may ask again.
func (c *clusters) one(ctx context.Context, id string) (r clusterRecord, n *clusterNote, requestID string, err error) {
	r, requestID, err = c.record(ctx, id)
	if err == nil {
		n, err = c.noteOf(ctx, r.noteKey())
		return r, n, requestID, err
	}
	return r, nil, requestID, c.tidy(ctx, id, err)
}

// tidy removes the note of a cluster that an error says is gone. Who may only read can do nothing about it.
func (c *clusters) tidy(ctx context.Context, id string, err error) error {
	if !isNotFound(err) || !validID(id) {
		return err
	}
	if leftover := c.removeNoteOf(ctx, id); leftover != nil && !errors.Is(leftover, cloud.ErrForbidden) {
		return leftover
	}
	return err
}

// whole completes a cluster.
func (c *clusters) whole(ctx context.Context, r clusterRecord, n *clusterNote, requestID string) (cloud.ContainerCluster, error) {
	var groups []nodeGroup
	var authority string
	err := c.together(
		func() (err error) { groups, err = c.nodeGroups(ctx, r.ID); return err },
		func() (err error) { authority, err = c.authorityOf(ctx, r); return err },
	)
	out := c.cluster(r, n, groups, authority)
	out.RequestID = requestID
	return out, c.tidy(ctx, r.ID, err)
}

func (c *clusters) nodeGroups(ctx context.Context, cluster string) ([]nodeGroup, error) {
	return collect(pages[nodeGroup](ctx, c.session, c.containers, path("clusters", cluster, "nodegroups?role=worker"), "nodegroups", nil))
}

// authorityOf is the certificate of a cluster's authority; empty before there is one, and for those whom Magnum does not
// show it: by its own rules it does so to the user alone who has made the cluster.
func (c *clusters) authorityOf(ctx context.Context, r clusterRecord) (string, error) {
	if r.APIAddress == "" {
		return "", nil
	}
	authority, err := c.authority(ctx, r.ID)
	if errors.Is(err, cloud.ErrForbidden) {
		return "", nil
	}
	return authority, err
}

// Get implements cloud.Collection.
func (c *clusters) Get(ctx context.Context, id string) (cloud.ContainerCluster, error) {
	r, n, requestID, err := c.one(ctx, id)
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	return c.whole(ctx, r, n, requestID)
}

// Await implements cloud.Collection: it sends the next request of what takes several.
func (c *clusters) Await(ctx context.Context, id string, _ time.Duration) (cloud.ContainerCluster, error) {
	r, n, requestID, err := c.one(ctx, id)
	switch {
	case err == nil && r.meta(n).Unfinished:
		if err = c.proceed(ctx, r, n); err == nil {
			r, n, requestID, err = c.one(ctx, id)
		}
	case err == nil && r.failed():
		err = c.forget(ctx, n)
	}
	if err != nil {
		return cloud.ContainerCluster{}, err
	}
	return c.whole(ctx, r, n, requestID)
}

// List implements cloud.Collection. A page of clusters costs one list of notes, and what each cluster costs by itself.
func (c *clusters) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.ContainerCluster, error] {
	return func(yield func(cloud.ContainerCluster, error) bool) {
		for records, err := range pages[clusterRecord](ctx, c.session, c.containers, "clusters/detail", "clusters", opts.OnPage) {
			var page []cloud.ContainerCluster
			if err == nil {
				page, err = c.matching(ctx, c.own(records), opts)
			}
			if err != nil {
				yield(cloud.ContainerCluster{}, err)
				return
			}
			for _, o := range page {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// matching are the clusters of a page that a list is to have.
func (c *clusters) matching(ctx context.Context, records []clusterRecord, opts cloud.ListOptions) ([]cloud.ContainerCluster, error) {
	if len(records) == 0 {
		return nil, nil
	}
	notes, err := c.notesWhere(ctx, query("project_id", c.project))
	if err != nil {
		return nil, err
	}
	var kept []clusterRecord
	for _, r := range records {
		if driver.Matches(r.meta(notes[r.noteKey()]), opts) {
			kept = append(kept, r)
		}
	}
	out, asks := make([]cloud.ContainerCluster, len(kept)), make([]func() error, len(kept))
	for i, r := range kept {
		asks[i] = func() (err error) { out[i], err = c.whole(ctx, r, notes[r.noteKey()], ""); return err }
	}
	return out, c.together(asks...)
}

// Delete implements cloud.Collection. The note stays until somebody finds the cluster gone.
func (c *clusters) Delete(ctx context.Context, id string) error {
	r, n, _, err := c.one(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case r.Status == "DELETE_IN_PROGRESS":
		return nil
	case n != nil && n.properties[protectedProperty] != "" && r.Status != "CREATE_FAILED":
		return c.refused(cloud.ErrConflict, "The cluster is protected from deletion.", "Take deletion_protection off first.")
	}
	if err := c.forget(ctx, n); err != nil {
		return err
	}
	if err := c.removeIfThere(ctx, c.containers, path("clusters", id)); err != nil {
		return err
	}
	if err := c.tidy(ctx, id, c.begun(ctx, r, nil)); !isNotFound(err) {
		return err
	}
	return nil // It is gone already.
}

// forget takes out the steps to go of what is not gone on with.
func (c *clusters) forget(ctx context.Context, n *clusterNote) error {
	if len(n.steps()) == 0 {
		return nil
	}
	p := maps.Clone(n.properties)
	p.noteSteps(nil)
	return c.write(ctx, n, p)
}

// Claim implements cloud.Collection. What has no note was made elsewhere, or by hand, and is nobody's to adopt.
func (c *clusters) Claim(ctx context.Context, id string) error {
	_, n, _, err := c.one(ctx, id)
	if err != nil || n == nil {
		return err
	}
	return c.claimTag(ctx, path("security-groups", n.ID))
}
