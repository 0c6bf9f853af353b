package openstack

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// volumes are Cinder's.
type volumes struct {
	*session
	names *finder[volumeRecord]
}

func newVolumes(s *session) *volumes {
	return &volumes{session: s, names: &finder[volumeRecord]{name: func(r volumeRecord) string { return r.Name }, fetch: s.volumesNamed}}
}

// volumesNamed asks for each name by itself, as Cinder filters by one alone.
func (s *session) volumesNamed(ctx context.Context, names []string) ([]volumeRecord, string, error) {
	return eachNamed(s, names, func(name string) ([]volumeRecord, string, error) {
		var answer struct {
			Volumes []volumeRecord `json:"volumes"`
		}
		requestID, err := s.get(ctx, s.volume, "volumes/detail"+query("name", name), &answer)
		return slices.DeleteFunc(answer.Volumes, volumeRecord.fleeting), requestID, err
	})
}

// Create implements cloud.Collection.
func (v *volumes) Create(ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions) (cloud.StorageVolume, error) {
	var none cloud.StorageVolume
	if err := v.check(spec); err != nil {
		return none, err
	}
	defer v.names.hold(spec.Name)()
	existing, err := v.holder(ctx, spec.Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	if existing != nil {
		found, err := v.Get(ctx, existing.ID)
		found.Replayed = true
		return found, unsure(err)
	}
	if err := v.goOn(opts); err != nil {
		return none, err
	}
	var answer struct {
		Volume volumeRecord `json:"volume"`
	}
	requestID, err := v.post(ctx, v.volume, "volumes", map[string]any{"volume": map[string]any{
		"name": spec.Name, "description": shortDescription(spec.Description), "size": spec.SizeGiB,
		"volume_type": optional(spec.Class), "availability_zone": optional(spec.Zone),
		"metadata": ordered(spec.SpecMeta, opts).protected(spec.DeletionProtection).encode(),
	}}, &answer)
	made := answer.Volume.volume()
	made.RequestID = requestID
	return made, err
}

// check refuses what Cinder would, on the field that it is about.
func (v *volumes) check(spec cloud.StorageVolumeSpec) error {
	has := func(t volumeType) bool { return t.Name == spec.Class || t.ID == spec.Class }
	switch {
	case spec.Class != "" && !slices.ContainsFunc(v.catalogue.volumeTypes, has):
		return v.invalid("/class", fmt.Sprintf("There is no volume type %q.", spec.Class))
	case spec.Zone != "" && !slices.Contains(v.catalogue.volumeZones, spec.Zone):
		return v.invalid("/zone", fmt.Sprintf("Cinder has no zone %q. It has: %s.", spec.Zone, strings.Join(v.catalogue.volumeZones, ", ")))
	case spec.SizeGiB < 1 || spec.SizeGiB > maxVolumeGiB:
		return v.invalid("/size_gib", fmt.Sprintf("A volume cannot have %d GiB.", spec.SizeGiB))
	}
	return v.checkName(spec.SpecMeta)
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func (v *volumes) holder(ctx context.Context, name, key string) (*cloud.Meta, error) {
	return holder(ctx, v.session, v.names, volumeRecord.meta, name, key)
}

func (s *session) oneVolume(ctx context.Context, id string) (r volumeRecord, requestID string, err error) {
	if err := s.checkID(id); err != nil {
		return r, "", err
	}
	var answer struct {
		Volume volumeRecord `json:"volume"`
	}
	requestID, err = s.get(ctx, s.volume, path("volumes", id), &answer)
	if err == nil {
		err = s.ours(answer.Volume.Project, requestID)
	}
	if err == nil && answer.Volume.fleeting() {
		err = &cloud.Error{Reason: cloud.ErrNotFound, Operator: s.operator, RequestID: requestID,
			Text: "It is a copy of a volume that is being read for a backup."}
	}
	return answer.Volume, requestID, err
}

// Get implements cloud.Collection.
func (v *volumes) Get(ctx context.Context, id string) (cloud.StorageVolume, error) {
	r, requestID, err := v.oneVolume(ctx, id)
	if err != nil {
		return cloud.StorageVolume{}, err
	}
	out := r.volume()
	out.RequestID = requestID
	return out, nil
}

// Await implements cloud.Collection.
func (v *volumes) Await(ctx context.Context, id string, _ time.Duration) (cloud.StorageVolume, error) {
	return v.Get(ctx, id)
}

// List implements cloud.Collection.
func (v *volumes) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) {
		for records, err := range v.volumePages(ctx, opts) {
			if err != nil {
				yield(cloud.StorageVolume{}, err)
				return
			}
			for _, r := range records {
				if o := r.volume(); !r.fleeting() && driver.Matches(o.Meta, opts) && !yield(o, nil) {
					return
				}
			}
		}
	}
}

func (s *session) volumePages(ctx context.Context, opts cloud.ListOptions) iter.Seq2[[]volumeRecord, error] {
	owner := ""
	if opts.OwnerKey != "" {
		owner = fmt.Sprintf("{%q: %q}", ownerProperty, opts.OwnerKey)
	}
	status := map[cloud.State]string{cloud.StateCreating: "creating", cloud.StateDeleting: "deleting"}[opts.State]
	address := "volumes/detail" + query("name", opts.Name, "metadata", owner, "status", status)
	return pages[volumeRecord](ctx, s, s.volume, address, "volumes", opts.OnPage)
}

// Update implements cloud.Collection.
func (v *volumes) Update(
	ctx context.Context, id string, change cloud.Change[cloud.StorageVolumeSpec],
) (cloud.StorageVolume, error) {
	var none cloud.StorageVolume
	from, to := change.From, change.To
	now, _, err := v.oneVolume(ctx, id)
	if err != nil {
		return none, err
	}
	switch m := now.meta(); {
	case from.SizeGiB > to.SizeGiB:
		return none, v.invalid("/size_gib", fmt.Sprintf("A volume of %d GiB cannot shrink to %d GiB.", from.SizeGiB, to.SizeGiB))
	case m.State == cloud.StateUpdating || m.State == cloud.StateCreating:
		return none, &cloud.Error{Reason: cloud.ErrBusy, Operator: v.operator, Text: m.StateMessage}
	}
	if from.Name != to.Name {
		if _, err := v.holder(ctx, to.Name, ""); err != nil {
			return none, err
		}
	}
	if from.Name != to.Name || from.Description != to.Description {
		fields := map[string]any{}
		if from.Name != to.Name {
			fields["name"] = to.Name
		}
		if from.Description != to.Description {
			fields["description"] = shortDescription(to.Description)
		}
		if err := v.put(ctx, v.volume, path("volumes", id), map[string]any{"volume": fields}); err != nil {
			return none, err
		}
	}
	was := declared(from.SpecMeta).protected(from.DeletionProtection)
	is := declared(to.SpecMeta).protected(to.DeletionProtection)
	if err := v.changeMetadata(ctx, v.volume, path("volumes", id), was, is); err != nil {
		return none, err
	}
	if to.SizeGiB > from.SizeGiB && to.SizeGiB > now.SizeGiB {
		if err := v.extend(ctx, id, to.SizeGiB); err != nil {
			return none, err
		}
	}
	return v.Get(ctx, id)
}

// extend makes a volume larger, also one that is in use.
func (s *session) extend(ctx context.Context, id string, sizeGiB int64) error {
	_, err := s.post(ctx, s.volume, path("volumes", id, "action"), map[string]any{"os-extend": map[string]any{"new_size": sizeGiB}}, nil)
	return err
}

// Delete implements cloud.Collection.
func (v *volumes) Delete(ctx context.Context, id string) error {
	now, _, err := v.oneVolume(ctx, id)
	if err != nil {
		return err
	}
	o := now.volume()
	switch {
	case o.State == cloud.StateDeleting:
		return nil
	case o.DeletionProtection && now.Status != "error": // What failed later has data.
		return v.refused(cloud.ErrConflict, "The volume is protected from deletion.", "Take deletion_protection off first.")
	case len(now.Attachments) > 0:
		return v.refused(cloud.ErrConflict,
			fmt.Sprintf("The volume is in use by the server %s.", o.VirtualMachineID), "Detach it, or delete the server, first.")
	case o.State == cloud.StateUpdating || o.State == cloud.StateCreating:
		return &cloud.Error{Reason: cloud.ErrBusy, Operator: v.operator, Text: o.StateMessage}
	}
	_, err = v.do(ctx, v.volume, request{method: http.MethodDelete, path: path("volumes", id)})
	return err
}

// Claim implements cloud.Collection.
func (v *volumes) Claim(ctx context.Context, id string) error {
	if err := v.checkID(id); err != nil {
		return err
	}
	return v.claimVolume(ctx, id, unclaimedProperty)
}

// claimVolume takes a mark of what no state knows away. Cinder says "not found" of a mark that is not there as of a
// volume, so that only then it is asked which of them it is.
func (s *session) claimVolume(ctx context.Context, id, mark string) error {
	object := path("volumes", id)
	err := s.remove(ctx, s.volume, path(object, "metadata", escapePath(mark)))
	if isNotFound(err) {
		_, _, err = s.oneVolume(ctx, id)
	}
	return err
}
