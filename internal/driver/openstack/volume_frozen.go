package openstack

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// frozenVolume is a snapshot, and what reading it has made.
type frozenVolume struct {
	volumeBytes
	purpose  string
	snapshot snapshotRecord
	// copied and imageID are the volume and the image that were made of it; empty if there are none.
	copied, imageID string
}

// VolumeID implements cloud.FrozenVolume.
func (f *frozenVolume) VolumeID() string { return f.snapshot.VolumeID }

// TakenAt implements cloud.FrozenVolume.
func (f *frozenVolume) TakenAt() time.Time { return f.snapshot.CreatedAt.Time }

// SizeBytes implements cloud.FrozenVolume.
func (f *frozenVolume) SizeBytes() int64 { return f.snapshot.SizeGiB << 30 }

// Open implements cloud.FrozenVolume.
func (f *frozenVolume) Open(ctx context.Context) (io.ReadCloser, error) {
	err := f.copy(ctx)
	if err == nil {
		err = f.export(ctx)
	}
	if err != nil {
		return nil, besides(roomFor(err), f.removeCopies(ctx))
	}
	// The image has the bytes: the volume need not use the quota any longer. Cinder may still say "uploading", and keep it; Close
	// waits for its end.
	_ = f.removeIfThere(ctx, f.volume, path("volumes", f.copied))
	return &imageReader{ctx: ctx, session: f.session, id: f.imageID, size: f.SizeBytes()}, nil
}

// copy makes a volume of the snapshot.
func (f *frozenVolume) copy(ctx context.Context) error {
	var answer struct {
		Volume volumeRecord `json:"volume"`
	}
	_, err := f.post(ctx, f.volume, "volumes", map[string]any{"volume": map[string]any{
		"snapshot_id": f.snapshot.ID, "size": f.snapshot.SizeGiB, "name": fleetingName + f.purpose, "description": fleetingDescription,
		"metadata": properties{purposeProperty: f.purpose}.encode(),
	}}, &answer)
	if err != nil {
		return err
	}
	f.copied = answer.Volume.ID
	return f.follow(ctx, func() (bool, error) {
		status, err := f.statusOf(ctx, "volumes", f.copied)
		if err == nil && status == "error" {
			err = f.gaveUp(ctx, "copy a snapshot of the volume "+f.VolumeID(), f.copied)
		}
		return status == "available", err
	})
}

// export makes an image of the copy.
func (f *frozenVolume) export(ctx context.Context) error {
	var answer struct {
		Upload struct {
			ImageID string `json:"image_id"`
		} `json:"os-volume_upload_image"`
	}
	_, err := f.post(ctx, f.volume, path("volumes", f.copied, "action"), map[string]any{"os-volume_upload_image": map[string]any{
		"image_name": fleetingName + f.purpose, "disk_format": "raw", "container_format": "bare", "visibility": "private", "protected": false,
	}}, &answer)
	if err != nil {
		return err
	}
	f.imageID = answer.Upload.ImageID
	err = f.follow(ctx, func() (bool, error) {
		i, err := f.oneImage(ctx, f.imageID)
		if isNotFound(err) || err == nil && (i.Status == "killed" || i.Status == "deleted") {
			err = f.gaveUp(ctx, "make an image of a copy of the volume "+f.VolumeID(), f.copied)
		}
		if err == nil && i.Status == "active" && i.Size != nil && *i.Size != f.SizeBytes() {
			err = f.refused(cloud.ErrFailed, fmt.Sprintf("The image of a volume of %d bytes has %d bytes.", f.SizeBytes(), *i.Size), "")
		}
		return i.Status == "active", err
	})
	if err == nil {
		// Only now: while the bytes come, Glance overwrites such changes. Its name hides it from this provider, so that
		// a cloud which does not let images be hidden is none the worse.
		_ = f.hide(ctx, f.imageID, f.purpose)
	}
	return err
}

// removeCopies removes what Open has made, also if the context is over.
func (f *frozenVolume) removeCopies(ctx context.Context) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	var image, volume error
	if f.imageID != "" {
		image = f.removeImage(ctx, f.imageID)
	}
	if f.copied != "" {
		volume = f.discard(ctx, "volumes", f.copied)
	}
	return besides(image, volume)
}

// Close implements cloud.FrozenVolume.
func (f *frozenVolume) Close(ctx context.Context) error {
	if err := f.removeCopies(ctx); err != nil {
		return err
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return f.discard(ctx, "snapshots", f.snapshot.ID)
}
