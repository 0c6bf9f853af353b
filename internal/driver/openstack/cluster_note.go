package openstack

import (
	"cmp"
	"context"
	"maps"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// A cluster's note is a security group that holds nothing but tags. Of a cluster, Magnum lets only the number of nodes
// and its state of health be changed, and its drivers overwrite the latter. So what can change lives here: that the
// cluster is not claimed yet, its labels, description and protection, the version declared, and the steps to go.
type clusterNote struct {
	neutronObject
	properties properties
}

const (
	// noteMark begins the description of a note; the owner key follows, or the id of a cluster that was made elsewhere.
	noteMark = prefix + "cluster "
	// clusterProperty is the cluster, by which its note is found when the cluster is gone.
	clusterProperty = prefix + "cluster"
	// versionProperty is the version as it was declared.
	versionProperty = prefix + "version"
	// autoPatchProperty is that patches were to come by themselves. Nothing makes them, and the port says that it lacks it.
	autoPatchProperty = prefix + "auto-patch"
)

// notes reports whether a security group is a cluster's note, and so none of the port's security groups.
func (o neutronObject) notes() bool { return strings.HasPrefix(o.Description, noteMark) }

// noteKey is what the note of a cluster is found by.
func (r clusterRecord) noteKey() string { return noteMark + cmp.Or(r.Labels[ownerLabel], r.ID) }

func noteFrom(o neutronObject) *clusterNote { return &clusterNote{o, untag(o.Tags)} }

// notesWhere are the notes that a query finds, by what they are found by.
func (s *session) notesWhere(ctx context.Context, query string) (map[string]*clusterNote, error) {
	all, err := collect(pages[neutronObject](ctx, s, s.network, "security-groups"+query, "security_groups", nil))
	found := make(map[string]*clusterNote)
	for _, o := range all {
		if o.notes() {
			found[o.Description] = noteFrom(o)
		}
	}
	return found, err
}

// noteOf is the note of a key; nil if there is none.
func (s *session) noteOf(ctx context.Context, key string) (*clusterNote, error) {
	found, err := s.notesWhere(ctx, query("project_id", s.project, "description", key))
	return found[key], err
}

// makeNote makes an empty note, for people called after its cluster.
func (s *session) makeNote(ctx context.Context, key, name string) (*clusterNote, error) {
	var answer struct {
		Group neutronObject `json:"security_group"`
	}
	_, err := s.post(ctx, s.network, "security-groups", map[string]any{"security_group": map[string]any{
		"name": "vdam-cluster-" + name, "description": key,
	}}, &answer)
	return noteFrom(answer.Group), err
}

// write replaces what is in a note.
func (s *session) write(ctx context.Context, n *clusterNote, p properties) error {
	if maps.Equal(n.properties, p) {
		return nil
	}
	if err := s.setTags(ctx, path("security-groups", n.ID), n.Tags, p); err != nil {
		return err
	}
	n.properties = p
	return nil
}

// bindNote notes which cluster the note is of.
func (s *session) bindNote(ctx context.Context, n *clusterNote, cluster string) error {
	p := maps.Clone(n.properties)
	p[clusterProperty] = cluster
	return s.write(ctx, n, p)
}

// removeNoteOf removes what a cluster that is gone has left.
func (s *session) removeNoteOf(ctx context.Context, cluster string) error {
	left, err := s.notesWhere(ctx, query("project_id", s.project, "tags", clusterProperty+"="+cluster))
	for _, n := range left {
		if err == nil {
			err = s.removeNote(ctx, n)
		}
	}
	return err
}

func (s *session) removeNote(ctx context.Context, n *clusterNote) error {
	return s.removeIfThere(ctx, s.network, path("security-groups", n.ID))
}

// clusterProperties are what a specification keeps in a note.
func clusterProperties(spec cloud.ContainerClusterSpec) properties {
	p := declared(spec.SpecMeta).protected(spec.DeletionProtection)
	if spec.Description != "" {
		p[descriptionProperty] = spec.Description
	}
	p[versionProperty] = spec.KubernetesVersion
	if spec.AutoPatch {
		p[autoPatchProperty] = yes
	}
	return p
}
