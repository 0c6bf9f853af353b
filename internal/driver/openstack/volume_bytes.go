package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// volumeBytes reads and fills volumes through Glance, as Cinder gives no bytes out itself: a snapshot becomes a volume, the
// volume an image, and the image is what can be read; a volume is filled by an image that it is made anew from.
type volumeBytes struct{ *session }

const (
	// purposeProperty says for what a snapshot, a volume or an image was made that is nobody's.
	purposeProperty = prefix + "purpose"
	// markProperty is the text of Mark.
	markProperty = prefix + "mark"
	// fleetingName begins the names of what is made to read or fill a volume. Of an image that Cinder makes, it is all that
	// tells it from others.
	fleetingName = "vdam-backup-"
	// fleetingDescription is for people who find one.
	fleetingDescription = "Made by vdam to read a volume for a backup, and removed when it is read."
)

// snapshotRecord is a snapshot as Cinder answers it.
type snapshotRecord struct {
	ID        string            `json:"id"`
	VolumeID  string            `json:"volume_id"`
	Status    string            `json:"status"`
	SizeGiB   int64             `json:"size"`
	CreatedAt timestamp         `json:"created_at"`
	Metadata  map[string]string `json:"metadata"`
}

// Freeze implements cloud.VolumeBytes.
func (b volumeBytes) Freeze(ctx context.Context, volumeIDs []string, purpose string) (frozen []cloud.FrozenVolume, err error) {
	looks, takes, waits := b.each(volumeIDs), b.each(volumeIDs), b.each(volumeIDs)
	snapshots := make([]snapshotRecord, len(volumeIDs))
	for i, id := range volumeIDs {
		looks[i] = func() error { return b.Readable(ctx, id) }
		takes[i] = func() (err error) { snapshots[i], err = b.take(ctx, id, purpose); return err }
		waits[i] = func() (err error) { snapshots[i], err = b.taken(ctx, snapshots[i].ID); return err }
	}
	if err := b.together(looks...); err != nil {
		return nil, err
	}
	if err = b.together(takes...); err == nil {
		err = b.together(waits...)
	}
	if err != nil {
		ctx, cancel := afterwards(ctx)
		defer cancel()
		return nil, besides(roomFor(err), b.removeSnapshots(ctx, purpose, volumeIDs))
	}
	for _, s := range snapshots {
		frozen = append(frozen, &frozenVolume{volumeBytes: b, purpose: purpose, snapshot: s})
	}
	return frozen, nil
}

// each has room for one thing to do for each volume.
func (volumeBytes) each(volumeIDs []string) []func() error {
	return make([]func() error, len(volumeIDs))
}

// Readable implements cloud.VolumeBytes. It refuses a volume whose bytes would be of no use.
func (b volumeBytes) Readable(ctx context.Context, id string) error {
	r, _, err := b.oneVolume(ctx, id)
	switch {
	case err != nil:
		return err
	case r.Encrypted:
		return b.refused(cloud.ErrUnsupported,
			fmt.Sprintf("The volume %s is encrypted by Cinder, which gives out its bytes as they are stored.", id),
			"Copy the data to a volume of a type without encryption; backups are encrypted by themselves.")
	case r.Status != "available" && r.Status != "in-use":
		return &cloud.Error{Reason: cloud.ErrBusy, Operator: b.operator, Text: fmt.Sprintf("Cinder says that the volume %s is %s.", id, r.Status)}
	}
	return nil
}

// take begins a snapshot, also of a volume in use.
func (b volumeBytes) take(ctx context.Context, volumeID, purpose string) (snapshotRecord, error) {
	var answer struct {
		Snapshot snapshotRecord `json:"snapshot"`
	}
	_, err := b.post(ctx, b.volume, "snapshots", map[string]any{"snapshot": map[string]any{
		"volume_id": volumeID, "force": true, "name": fleetingName + purpose, "description": fleetingDescription,
		"metadata": properties{purposeProperty: purpose}.encode(),
	}}, &answer)
	return answer.Snapshot, err
}

// taken waits until a snapshot is there.
func (b volumeBytes) taken(ctx context.Context, id string) (snapshotRecord, error) {
	var answer struct {
		Snapshot snapshotRecord `json:"snapshot"`
	}
	err := b.follow(ctx, func() (bool, error) {
		_, err := b.get(ctx, b.volume, path("snapshots", id), &answer)
		if err == nil && answer.Snapshot.Status == "error" {
			err = b.gaveUp(ctx, "make a snapshot of the volume "+answer.Snapshot.VolumeID, id)
		}
		return answer.Snapshot.Status == "available", err
	})
	return answer.Snapshot, err
}

// Mark implements cloud.VolumeBytes.
func (b volumeBytes) Mark(ctx context.Context, volumeID, text string) error {
	r, _, err := b.oneVolume(ctx, volumeID)
	if err != nil {
		return err
	}
	from, to := properties{}, properties{}
	if was := r.volume().Mark; was != "" {
		from[markProperty] = was
	}
	if text != "" {
		to[markProperty] = text
	}
	return b.changeMetadata(ctx, b.volume, path("volumes", volumeID), from, to)
}

// Tidy implements cloud.VolumeBytes. What is made of another goes first: Cinder keeps a snapshot that a volume still needs, and
// a volume of which an image is being made.
func (b volumeBytes) Tidy(ctx context.Context, purpose string) error {
	images, err := b.imagesFor(ctx, purpose)
	for _, i := range images {
		err = besides(err, b.removeImage(ctx, i.ID))
	}
	if err != nil {
		return err
	}
	if err := b.removeVolumes(ctx, purpose); err != nil {
		return err
	}
	return b.removeSnapshots(ctx, purpose, nil)
}

// removeVolumes removes those that were made for a purpose.
func (b volumeBytes) removeVolumes(ctx context.Context, purpose string) error {
	volumes, err := collect(pages[volumeRecord](ctx, b.session, b.volume, "volumes/detail"+purposeQuery(purpose), "volumes", nil))
	if err != nil {
		return err
	}
	var removals []func() error
	for _, r := range volumes {
		if decode(r.Metadata)[purposeProperty] == purpose && b.ours(r.Project, "") == nil {
			removals = append(removals, func() error { return b.discard(ctx, "volumes", r.ID) })
		}
	}
	return b.together(removals...)
}

// removeSnapshots removes those that were made for a purpose, of some volumes or, without any, of all.
func (b volumeBytes) removeSnapshots(ctx context.Context, purpose string, volumeIDs []string) error {
	snapshots, err := collect(pages[snapshotRecord](ctx, b.session, b.volume, "snapshots/detail"+purposeQuery(purpose), "snapshots", nil))
	if err != nil {
		return err
	}
	var removals []func() error
	for _, r := range snapshots {
		if decode(r.Metadata)[purposeProperty] == purpose && (len(volumeIDs) == 0 || slices.Contains(volumeIDs, r.VolumeID)) {
			removals = append(removals, func() error { return b.discard(ctx, "snapshots", r.ID) })
		}
	}
	return b.together(removals...)
}

func purposeQuery(purpose string) string {
	return query("metadata", fmt.Sprintf("{%q: %q}", purposeProperty, purpose))
}

// roomFor says why a backup needs so much of a quota.
func roomFor(err error) error {
	var e *cloud.Error
	if !errors.As(err, &e) || !errors.Is(e, cloud.ErrQuota) || e.Advice != "" {
		return err
	}
	told := *e
	told.Advice = "While a volume is read for a backup, its size counts two times more: as a snapshot and as a copy of that. " +
		"Ask the operator for a larger quota, or back fewer volumes up at once."
	return &told
}

// cleanUpTimeout is what clean-up gets when nobody waits for the rest any more.
const cleanUpTimeout = 5 * time.Minute

// afterwards is the context of what has to be removed however it ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
}
